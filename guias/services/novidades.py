"""The free question that comes before the paid ones: of which empresas a system of the Receita has something new.

Up to 1,000 empresas go in one Operacao; SERPRO takes 1,000 of them a day of each system, for CNPJ and for CPF.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import Case, CharField, F, FilteredRelation, Q, QuerySet, Value, When
from django.db.models.functions import TruncDate
from django.utils import timezone

from comum.listas import Filtro
from comum.models import Usuario
from credentials.models import Credencial, Servico
from empresas.models import Empresa
from guias.models import Novidade
from guias.providers import eventos
from guias.providers.eventos import Evento
from guias.services.acesso import Acessos, Codigo, Fora, acesso_ou_motivo, segurar
from operacoes.models import ABERTAS, Operacao, Processamento
from operacoes.motor import NovaOperacao, submeter
from operacoes.processamentos.criacao import DeFora, criar

TIPO = "guias.novidades.consultar"
POR_DIA = 1000
SERVICO_DO_EVENTO = {
    Evento.PAGAMENTOS: Servico.PAGAMENTOS,
    Evento.CAIXA_POSTAL: Servico.CAIXA_POSTAL,
    Evento.DCTFWEB: Servico.DCTFWEB,
}
_DO_DIA = "O limite de 1.000 consultas de novidades por dia foi alcançado. Consulte amanhã."
_EM_CURSO = "Já há uma consulta de novidades em andamento. Espere que termine."


class Impedida(Exception):
    """Nothing can be asked; the text (pt-BR) says why and what next."""


@dataclass
class Plano:
    """What would be asked, and of whom nothing can be."""

    novas: list[NovaOperacao] = field(default_factory=list)
    fora: list[Fora] = field(default_factory=list)


def consultar(usuario: Usuario, empresas: Iterable[Empresa], sistemas: Sequence[Evento]) -> Processamento:
    """Ask about all of these, in as few requests as they fit in. Raises Impedida."""
    todas = list(empresas)
    with transaction.atomic():
        segurar(empresa.pk for empresa in todas)
        plano = planejar(todas, sistemas)
        if not plano.novas:
            motivo = plano.fora[0].motivo if plano.fora else "Não há empresa a consultar."
            raise Impedida(motivo)
        nomes = ", ".join(Novidade.Evento(sistema.value).label for sistema in sistemas)
        fora = [DeFora(f.empresa.pk, f.codigo.value, f.motivo, str(f.codigo.label)) for f in plano.fora]
        eventos_ditos = {"eventos": [sistema.value for sistema in sistemas]}
        return criar(TIPO, f"Consultar novidades: {nomes}", usuario, None, plano.novas, fora, eventos_ditos)


def consultar_todas(sistemas: Sequence[Evento]) -> int:
    """What the daily task asks: every active empresa in a credencial; returns how many requests."""
    ativas = Empresa.objects.filter(ativa=True, vinculo__isnull=False)
    with transaction.atomic():
        novas = planejar(list(ativas.order_by("pk")), sistemas).novas
        return len(submeter(novas, usuario=None).criadas)


def planejar(empresas: Sequence[Empresa], sistemas: Sequence[Evento]) -> Plano:
    plano, contexto = Plano(), Acessos(empresas, timezone.localdate().replace(day=1))
    for sistema in sistemas:
        por_credencial: dict[Credencial, list[Empresa]] = defaultdict(list)
        for empresa in empresas:
            # Whether the procuração is there is answered too, and costs nothing.
            vinculo = acesso_ou_motivo(SERVICO_DO_EVENTO[sistema], empresa, contexto, frozenset())
            if isinstance(vinculo, Fora):
                plano.fora.append(vinculo)
            else:
                por_credencial[vinculo.credencial].append(empresa)
        for credencial, suas in por_credencial.items():
            _da_credencial(plano, credencial, suas, sistema, contexto.hoje)
    return plano


def _da_credencial(
    plano: Plano, credencial: Credencial, empresas: Sequence[Empresa], sistema: Evento, hoje: date
) -> None:
    prefixo = f"{TIPO}:{sistema}:{credencial.contratante}:{hoje:%Y%m%d}:"
    feitas = list(Operacao.objects.filter(tipo=TIPO, chave__startswith=prefixo).values_list("situacao", flat=True))
    if any(situacao in ABERTAS for situacao in feitas):
        plano.fora += [Fora(empresa, Codigo.ANDAMENTO, _EM_CURSO) for empresa in empresas]
        return
    for numero, lote in enumerate(_lotes(empresas), len(feitas) + 1):
        if numero > POR_DIA:
            plano.fora += [Fora(empresa, Codigo.JA_CONSULTADA, _DO_DIA) for empresa in lote]
            continue
        contratante = credencial.contratante
        documentos = ",".join(empresa.documento for empresa in lote)
        partes = {"contratante": contratante, "autor": contratante, "contribuinte": documentos}
        plano.novas.append(
            NovaOperacao(
                tipo=TIPO,
                chave=f"{prefixo}{numero}",
                pedido={"partes": partes, "evento": sistema.value},
                acesso=credencial.acesso,
                empresas=tuple(empresa.pk for empresa in lote),
            )
        )


def _lotes(empresas: Sequence[Empresa]) -> Iterator[Sequence[Empresa]]:
    """CNPJ and CPF apart, 1,000 at most; a document that two empresas of the register share goes once."""
    unicas = {empresa.documento: empresa for empresa in empresas}
    for tamanho in (14, 11):
        yield from batched(
            [empresa for documento, empresa in unicas.items() if len(documento) == tamanho],
            eventos.MAXIMO,
            strict=False,
        )


def registrar(operacao: Operacao, lidas: Iterable[eventos.Novidade]) -> dict[str, int]:
    """Keep what was told of the Operacao's empresas, in the transaction that records it."""
    ditas = {lida.documento: lida for lida in lidas}
    empresas = Empresa.objects.filter(pk__in=operacao.empresas).values_list("pk", "documento")
    agora = timezone.now()
    linhas = [
        Novidade(
            empresa_id=pk,
            evento=operacao.pedido["evento"],
            dia=ditas[documento].dia,
            sem_procuracao=ditas[documento].sem_procuracao,
            perguntada_em=agora,
        )
        for pk, documento in empresas
        if documento in ditas
    ]
    Novidade.objects.bulk_create(
        linhas,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["empresa", "evento"],
        update_fields=["dia", "sem_procuracao", "perguntada_em"],
    )
    return {
        "empresas": len(linhas),
        "com_novidade": sum(linha.dia is not None for linha in linhas),
        "sem_procuracao": sum(linha.sem_procuracao for linha in linhas),
    }


# -- the lists ----------------------------------------------------------------------------------------------------

# Value, label, tone of the chip.
ESTADOS: dict[str, tuple[str, str]] = {
    "com": ("Com novidade", "atencao"),
    "sem": ("Nada novo", "neutro"),
    "negada": ("Sem procuração", "erro"),
    "nunca": ("Não consultada", "neutro"),
}


def com_novidade(empresas: QuerySet[Any], evento: Evento, vista: str) -> QuerySet[Any]:
    """Annotated with `novidade` (of ESTADOS), `novidade_dia` and `novidade_em`. `vista` is the annotation with the
    instant of our last look: what happened on that same day may have come after it."""
    desde_que_vimos = Q(nova__dia__isnull=False) & (
        Q(**{f"{vista}__isnull": True}) | Q(nova__dia__gte=TruncDate(F(vista)))
    )
    anotada: QuerySet[Any] = (
        empresas.alias(nova=FilteredRelation("novidades", condition=Q(novidades__evento=evento.value)))
        .annotate(novidade_dia=F("nova__dia"), novidade_em=F("nova__perguntada_em"))
        .annotate(
            novidade=Case(
                When(nova__perguntada_em__isnull=True, then=Value("nunca")),
                When(nova__sem_procuracao=True, then=Value("negada")),
                When(desde_que_vimos, then=Value("com")),
                default=Value("sem"),
                output_field=CharField(),
            )
        )
    )
    return anotada


def filtro() -> Filtro:
    """For a list of com_novidade()."""
    return Filtro(
        "novidade",
        "Novidade",
        lambda consulta, valor: consulta.filter(novidade=valor),
        [(valor, rotulo) for valor, (rotulo, _) in ESTADOS.items()],
    )
