"""From titles to batches: pré-voo (what would go, why the rest would not, at zero cost), submission, and what becomes
of the items of a refused batch."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from comum.formatos import contar, format_dinheiro
from comum.models import Usuario
from guias.models import Guia
from operacoes.handlers import Repeticao
from operacoes.models import Operacao, Processamento
from operacoes.motor import NovaOperacao, submeter
from operacoes.processamentos.criacao import DeFora, criar
from pagar.models import Lote, Titulo
from pagar.providers import regras
from pagar.providers.barras import falta_do_codigo
from pagar.providers.campos import Problema
from pagar.providers.interface import Antecipacao, LoteTitulos
from pagar.providers.interface import Titulo as TituloDoLote
from pagar.providers.pedidos import guardar, reler
from pagar.services import acesso, registro
from pagar.services.chaves import Movimento, referencia
from pagar.services.colunas import gravar_colunas
from pagar.services.ditos import itens_ditos
from pagar.services.referencias import reservar, reservar_varias

IMPLANTAR, ANTECIPAR = "pagar.titulo.implantar", "pagar.antecipacao.criar"
EM_BRANCO = LoteTitulos()
_PASSO = 10  # of the sequence inside a batch, as integrators number it
_NO_LOTE = re.compile(r"^titulos\.0\.|^titulos\.0$")
_NA_FRASE = re.compile(r"^Título 1(?:, |: )")


@dataclass(frozen=True)
class Fora:
    """A title that would not go, and everything that keeps it."""

    titulo: Titulo
    problemas: Sequence[Problema]

    @property
    def motivo(self) -> str:
        return " ".join(problema.mensagem for problema in self.problemas)


@dataclass
class Prevoo:
    prontos: list[Titulo] = field(default_factory=list)
    fora: list[Fora] = field(default_factory=list)

    @property
    def valor(self) -> Decimal:
        return sum((titulo.valor for titulo in self.prontos), Decimal(0))

    @property
    def lotes(self) -> int:
        """How many calls the batches are; a prepayment is one by itself."""
        return len(_em_lotes(self.prontos)) + sum(titulo.antecipacao for titulo in self.prontos)

    @property
    def titulo(self) -> str:
        return f"Implantar {contar(len(self.prontos), 'título', 'títulos')}"

    @property
    def rotulo(self) -> str:
        """The words of the button."""
        return f"{self.titulo} · {format_dinheiro(self.valor)}"

    @property
    def marca(self) -> str:
        """Changes when what would be sent does; the confirmation carries it."""
        partes = sorted(f"{titulo.pk}:{titulo.versao}:{titulo.situacao}:{titulo.valor}" for titulo in self.prontos)
        return hashlib.sha256("\n".join(partes).encode()).hexdigest()[:24]

    @property
    def grupos(self) -> list[tuple[str, list[Fora]]]:
        """Left out, by what is wrong with them first, the most frequent first: (said of all, those)."""
        por_motivo: dict[str, list[Fora]] = defaultdict(list)
        for item in self.fora:
            por_motivo[item.problemas[0].mensagem].append(item)
        return sorted(por_motivo.items(), key=lambda par: -len(par[1]))


class Mudou(Exception):
    """Between the pré-voo that was shown and the confirmation, what would be sent changed. Carries the new one."""

    def __init__(self, prevoo: Prevoo) -> None:
        super().__init__("changed")
        self.prevoo = prevoo


def com_tudo(pks: Iterable[int]) -> list[Titulo]:
    consulta = Titulo.objects.select_related("conta", "empresa", "fornecedor", "guia", "nota")
    return list(
        consulta.filter(pk__in=list(pks)).order_by("conta", "empresa_erp", "estabelecimento", "vencimento", "pk")
    )


def prevoo(titulos: Sequence[Titulo], data: date | None = None, *, cabecalho: LoteTitulos = EM_BRANCO) -> Prevoo:
    """What would happen, without asking anyone outside. `titulos` as com_tudo() gives them; `cabecalho` has the fields
    of the batch that a person fills."""
    resultado = Prevoo()
    impedimentos: dict[Any, str] = {}
    novas = _guias_novas(titulos)
    for titulo in titulos:
        if titulo.conta_id not in impedimentos:
            impedimentos[titulo.conta_id] = acesso.impedimento_de(titulo.conta)
        if achados := problemas(titulo, data, impedimentos[titulo.conta_id], cabecalho, novas):
            resultado.fora.append(Fora(titulo, achados))
        else:
            resultado.prontos.append(titulo)
    return resultado


def problemas(
    titulo: Titulo,
    data: date | None = None,
    impedimento: str | None = None,
    cabecalho: LoteTitulos = EM_BRANCO,
    guias_novas: Mapping[int | None, Guia] | None = None,
) -> list[Problema]:
    """Everything that keeps a title from going on `data` (today). Paths as in its own body. `impedimento` and
    `guias_novas`: of the account and of the guia, where they were read for many titles."""
    if not titulo.editavel:
        return [
            Problema("", f"O título está “{titulo.get_situacao_display()}”: só se envia o que ainda não está no ERP.")
        ]
    conta = titulo.conta
    achados = (
        [Problema("", texto)] if (texto := acesso.impedimento_de(conta) if impedimento is None else impedimento) else []
    )
    if not titulo.fornecedor.ativo:
        achados.append(Problema("fornecedor", f"O fornecedor {titulo.fornecedor} está inativo. Escolha outro."))
    if titulo.nota is not None and titulo.nota.situacao == titulo.nota.Situacao.CANCELADA:
        achados.append(Problema("", "A nota deste título foi cancelada: não há o que pagar. Abandone o título."))
    if (nova := (_guias_novas([titulo]) if guias_novas is None else guias_novas).get(titulo.guia_id)) is not None:
        texto = f"A guia deste título foi emitida de novo depois (via {nova.via}, {format_dinheiro(nova.total)}):"
        achados.append(Problema("", f"{texto} abandone este título e gere o da guia nova."))
    if titulo.barras == Titulo.Barras.PENDENTE and (falta := falta_do_codigo(titulo.codigo_barras)):
        achados.append(Problema("codigo_barras", f"Código de barras: {falta}"))
    return achados + problemas_do_corpo(titulo, registro.corpo_de(titulo), data, cabecalho)


def _guias_novas(titulos: Iterable[Titulo]) -> dict[int | None, Guia]:
    """Of the guias of these titles that were drawn again: its pk -> the last one of the same dívida."""
    suas = {titulo.guia for titulo in titulos if titulo.guia is not None}
    if not suas:
        return {}
    vigentes = Guia.objects.filter(divida__in={guia.divida for guia in suas}).vigentes()
    ultimas = {nova.divida: nova for nova in vigentes.only("divida", "via", "total")}
    return {guia.pk: nova for guia in suas if (nova := ultimas[guia.divida]).pk != guia.pk}


def problemas_do_corpo(
    titulo: Titulo,
    corpo: TituloDoLote | Antecipacao,
    data: date | None = None,
    cabecalho: LoteTitulos = EM_BRANCO,
) -> list[Problema]:
    """What the ERP's fields and rules say of a body, as if it were sent alone on `data` (today)."""
    dia, formato = data or timezone.localdate(), acesso.formato_de(titulo.conta)
    if isinstance(corpo, Antecipacao):
        if not corpo.referencia:  # given when it is sent
            corpo = replace(corpo, referencia=referencia(dia, Movimento.ANTECIPACAO, "-"))
        return regras.problemas(corpo, formato)
    itens = (replace(corpo, sequencia=_PASSO),)
    lote = _completo(cabecalho, titulo, dia, referencia(dia, Movimento.IMPLANTACAO, "-"), itens)
    return [
        Problema(_NO_LOTE.sub("", problema.campo), _maiuscula(_NA_FRASE.sub("", problema.mensagem)))
        for problema in regras.problemas(lote, formato)
    ]


def _maiuscula(texto: str) -> str:
    return texto[:1].upper() + texto[1:]


# -- submission --------------------------------------------------------------------------------------------------------


def enviar(
    pks: Iterable[int],
    usuario: Usuario,
    *,
    marca: str,
    titulo: str = "",
    competencia: date | None = None,
    cabecalho: LoteTitulos = EM_BRANCO,
) -> Processamento:
    """Submit what the pré-voo showed, in batches, as one run. Raises Mudou when it is no longer the same, or nothing
    would go: a second click finds the titles on their way."""
    with transaction.atomic():
        travados = {titulo_.pk for titulo_ in registro.travados(pks)}
        atual = prevoo(com_tudo(travados), cabecalho=cabecalho)
        if not atual.prontos or atual.marca != marca:
            raise Mudou(atual)
        novas = novas_operacoes(atual.prontos, usuario, cabecalho)
        competencias = {titulo_.competencia for titulo_ in atual.prontos}
        return criar(
            tipo=IMPLANTAR,
            titulo=titulo or atual.titulo,
            usuario=usuario,
            competencia=competencia or (competencias.pop() if len(competencias) == 1 else None),
            novas=novas,
            fora=[
                DeFora(
                    item.titulo.empresa_id,
                    item.problemas[0].mensagem,
                    f"{item.titulo.nome}: {item.motivo}",
                    item.problemas[0].mensagem,
                )
                for item in atual.fora
            ],
            parametros={"titulos": [titulo_.pk for titulo_ in atual.prontos], "marca": marca},
        )


def novas_operacoes(
    titulos: Sequence[Titulo], usuario: Usuario | None, cabecalho: LoteTitulos = EM_BRANCO
) -> list[NovaOperacao]:
    """The batches and prepayments of titles, inside the transaction that submits them; the titles are locked."""
    grupos = _em_lotes(titulos)
    lotes = zip(_novos_lotes(grupos, usuario, cabecalho), grupos, strict=True) if grupos else ()
    novas = [_do_lote(lote, pedido, seus) for (lote, pedido), seus in lotes]
    return novas + [_da_antecipacao(titulo) for titulo in titulos if titulo.antecipacao]


def _em_lotes(titulos: Iterable[Titulo]) -> list[list[Titulo]]:
    """By account and establishment, no more in each than the account takes."""
    grupos: dict[tuple[Any, str, str], list[Titulo]] = defaultdict(list)
    for titulo in titulos:
        if not titulo.antecipacao:
            grupos[titulo.conta_id, titulo.empresa_erp, titulo.estabelecimento].append(titulo)
    return [
        grupo[inicio : inicio + grupo[0].conta.titulos_por_lote]
        for grupo in grupos.values()
        for inicio in range(0, len(grupo), grupo[0].conta.titulos_por_lote)
    ]


def novo_lote(
    titulos: Sequence[Titulo], usuario: Usuario | None, cabecalho: LoteTitulos = EM_BRANCO
) -> tuple[Lote, dict[str, Any]]:
    """A batch with its reference taken and its items pinned: the row, and what is sent."""
    return _novos_lotes([titulos], usuario, cabecalho)[0]


def _novos_lotes(
    grupos: Sequence[Sequence[Titulo]], usuario: Usuario | None, cabecalho: LoteTitulos
) -> list[tuple[Lote, dict[str, Any]]]:
    """A batch of each group, which is of one account and establishment."""
    hoje = timezone.localdate()
    por_lugar: dict[tuple[Any, str, str], list[Sequence[Titulo]]] = defaultdict(list)
    for grupo in grupos:
        por_lugar[grupo[0].conta_id, grupo[0].empresa_erp, grupo[0].estabelecimento].append(grupo)
    feitos: dict[int, Lote] = {}
    for seus in por_lugar.values():
        conta, empresa_erp, estabelecimento = seus[0][0].conta, seus[0][0].empresa_erp, seus[0][0].estabelecimento
        intencoes = [[str(conta.pk), *(f"{titulo.chave}:{titulo.versao}" for titulo in grupo)] for grupo in seus]
        tomadas = reservar_varias(conta, empresa_erp, estabelecimento, hoje, Movimento.IMPLANTACAO, intencoes)
        for grupo, tomada in zip(seus, tomadas, strict=True):
            feitos[id(grupo)] = Lote(
                conta=conta,
                empresa_erp=empresa_erp,
                estabelecimento=estabelecimento,
                referencia=tomada,
                data=hoje,
                quantidade=len(grupo),
                total=sum((titulo.valor for titulo in grupo), Decimal(0)),
                criado_por=usuario,
            )
    lotes = Lote.objects.bulk_create([feitos[id(grupo)] for grupo in grupos], batch_size=500)
    for lote, grupo in zip(lotes, grupos, strict=True):
        for titulo in grupo:
            titulo.lote = lote
    gravar_colunas([titulo for grupo in grupos for titulo in grupo], ["lote"])
    return [(lote, _pedido_do_lote(lote, grupo, cabecalho)) for lote, grupo in zip(lotes, grupos, strict=True)]


def _pedido_do_lote(lote: Lote, titulos: Sequence[Titulo], cabecalho: LoteTitulos) -> dict[str, Any]:
    itens = []
    for ordem, titulo in enumerate(titulos, start=1):
        corpo = registro.corpo_de(titulo)
        assert isinstance(corpo, TituloDoLote)  # noqa: S101 - _em_lotes leaves prepayments out
        itens.append(replace(corpo, sequencia=min(ordem * _PASSO, 9999) if len(titulos) <= 999 else ordem))
    corpo_do_lote = _completo(cabecalho, titulos[0], lote.data, lote.referencia, tuple(itens))
    return {"lote": lote.pk, "titulos": [titulo.pk for titulo in titulos], "corpo": guardar(corpo_do_lote)}


def _completo(
    cabecalho: LoteTitulos, titulo: Titulo, dia: date, referencia_: str, itens: tuple[TituloDoLote, ...]
) -> LoteTitulos:
    return replace(
        cabecalho,
        empresa=titulo.empresa_erp,
        estabelecimento=titulo.estabelecimento,
        referencia=referencia_,
        data=dia,
        total=sum((item.valor or Decimal(0) for item in itens), Decimal(0)),
        matriz=titulo.conta.matriz,
        titulos=itens,
    )


def _do_lote(lote: Lote, pedido: dict[str, Any], titulos: Sequence[Titulo]) -> NovaOperacao:
    empresas = sorted({titulo.empresa_id for titulo in titulos})
    competencias = {titulo.competencia for titulo in titulos}
    return NovaOperacao(
        tipo=IMPLANTAR,
        chave=f"pagar:lote:{lote.pk}",
        pedido=pedido,
        acesso=lote.conta.acesso,
        empresa_id=empresas[0] if len(empresas) == 1 else None,
        empresas=tuple(empresas) if len(empresas) > 1 else (),
        competencia=competencias.pop() if len(competencias) == 1 else None,
        prazo=min(titulo.vencimento for titulo in titulos),
    )


def _da_antecipacao(titulo: Titulo) -> NovaOperacao:
    anterior = titulo.operacao
    revisao = anterior.revisao + 1 if anterior else 1
    return NovaOperacao(
        tipo=ANTECIPAR,
        chave=f"pagar:antecipacao:{titulo.pk}" + (f":r{revisao}" if anterior else ""),
        pedido=_pedido_da_antecipacao(titulo),
        acesso=titulo.conta.acesso,
        empresa_id=titulo.empresa_id,
        competencia=titulo.competencia,
        prazo=titulo.vencimento,
        revisao=revisao,
        anterior_id=anterior.pk if anterior else None,
    )


def _pedido_da_antecipacao(titulo: Titulo) -> dict[str, Any]:
    corpo = registro.corpo_de(titulo)
    assert isinstance(corpo, Antecipacao)  # noqa: S101 - the kind of title says so
    dia = corpo.emissao or timezone.localdate()
    onde = (titulo.empresa_erp, titulo.estabelecimento)
    intencao = (titulo.chave, str(titulo.versao))
    tomada = reservar(titulo.conta, *onde, dia, Movimento.ANTECIPACAO, *intencao)
    return {"titulo": titulo.pk, "corpo": guardar(replace(corpo, referencia=tomada))}


# -- after a refusal ---------------------------------------------------------------------------------------------------


def culpados(operacao: Operacao) -> Mapping[int, str]:
    """Which items of a refused batch its messages name: position in the batch -> what was said of it."""
    return itens_ditos(operacao.palavras_do_servico)


def reagrupar(operacao: Operacao, titulos: Sequence[Titulo]) -> None:
    """What a batch was not refused for goes again in a batch of its own, in the same run. `titulos` are locked."""
    lote, pedido = novo_lote(titulos, operacao.usuario, corpo_do_pedido(operacao.pedido))
    nova = _do_lote(lote, pedido | {"resto_de": operacao.pk}, titulos)
    submeter([nova], usuario=operacao.usuario, processamento=operacao.processamento)


def repeticoes(operacoes: Sequence[Operacao]) -> dict[int, Repeticao | str]:
    """How each refused batch, or prepayment, is tried again: what of it is still refused, checked as in the pré-voo, in
    a new batch. Inside the transaction that submits them."""
    resultado: dict[int, Repeticao | str] = {}
    dos = {op.pk: op.pedido["titulos"] if op.tipo == IMPLANTAR else [op.pedido["titulo"]] for op in operacoes}
    registro.travados(pk for pks in dos.values() for pk in pks)
    for operacao in operacoes:
        pks = dos[operacao.pk]
        cabecalho = corpo_do_pedido(operacao.pedido) if operacao.tipo == IMPLANTAR else EM_BRANCO
        atual = prevoo(com_tudo(pks), cabecalho=cabecalho)
        seus = [titulo for titulo in atual.prontos if titulo.operacao_id in (None, operacao.pk)]
        if not seus:
            motivo = atual.fora[0].motivo if atual.fora else ""
            resultado[operacao.pk] = motivo or "Os títulos já foram enviados de novo depois desta recusa."
        elif operacao.tipo == IMPLANTAR:
            resultado[operacao.pk] = Repeticao(novo_lote(seus, operacao.usuario, cabecalho)[1], seus[0].conta.acesso)
        else:
            resultado[operacao.pk] = Repeticao(_pedido_da_antecipacao(seus[0]), seus[0].conta.acesso)
    return resultado


def corpo_do_pedido(pedido: Mapping[str, Any]) -> LoteTitulos:
    return reler(LoteTitulos, pedido["corpo"])
