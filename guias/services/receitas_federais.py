"""The federal revenue codes: the official names, and what each asks for as SICALC tells it, kept with its age."""

from collections.abc import Iterable
from dataclasses import asdict, fields, replace
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from comum.formatos import normalizar
from credentials.models import Servico, Vinculo
from credentials.services.acesso import acesso_de_nome
from empresas.models import Empresa, ReceitaFederal
from guias.models import ReceitaSicalc
from guias.providers import sicalc
from guias.providers.cliente import IntegraContador
from guias.providers.sicalc import Extensao, Receita
from guias.services.acesso import Acessos, Fora, acesso_ou_motivo, partes_de
from operacoes import avulsas
from operacoes.errors import ProviderError
from operacoes.handlers import Limite, handler_de

VALE = timedelta(days=30)  # older answers are asked for again when somebody looks: it is free
NAO_RESPONDEU = "As exigências da receita {codigo} não puderam ser consultadas: {motivo}"


class SemResposta(Exception):
    """The characteristics of a receita are not known and could not be asked for; the text (pt-BR) says why."""


def procurar(texto: str, limite: int = 20) -> list[ReceitaFederal]:
    """By code, or by words of the name, of the official table."""
    palavras = normalizar(texto).split()
    receitas = list(ReceitaFederal.objects.all())
    achadas = [
        receita
        for receita in receitas
        if all(
            palavra in normalizar(f"{receita.codigo_receita} {receita.denominacao} {receita.tributo}")
            for palavra in palavras
        )
    ]
    achadas.sort(key=lambda r: (not (palavras and r.codigo_receita.startswith(palavras[0])), r.codigo_receita))
    return achadas[:limite]


def nome(codigo: str) -> str:
    """The official name of a code, or what SICALC called it; empty when nobody knows."""
    oficial = ReceitaFederal.objects.filter(codigo_receita=codigo).first()
    if oficial is not None:
        return oficial.denominacao
    return ReceitaSicalc.objects.filter(pk=codigo).values_list("denominacao", flat=True).first() or ""


def tributos(codigos: Iterable[str]) -> dict[str, str]:
    return dict(ReceitaFederal.objects.filter(codigo_receita__in=set(codigos)).values_list("codigo_receita", "tributo"))


def conhecidas(codigos: Iterable[str]) -> dict[str, Receita]:
    """What is kept of these codes, whatever its age."""
    return {linha.pk: de_linha(linha) for linha in ReceitaSicalc.objects.filter(pk__in=set(codigos))}


def caracteristicas(codigo: str, empresa: Empresa) -> ReceitaSicalc:
    """What a receita asks for, asked of SICALC (free) when nothing recent is kept. Raises SemResposta.

    An older answer serves when the service does not answer now.
    """
    guardada = ReceitaSicalc.objects.filter(pk=codigo).first()
    if guardada is not None and guardada.consultada_em > timezone.now() - VALE:
        return guardada
    try:
        return consultar(codigo, empresa)
    except SemResposta:
        if guardada is not None:
            return guardada
        raise


def consultar(codigo: str, empresa: Empresa) -> ReceitaSicalc:
    """Ask now, through the credencial of `empresa`. Not inside a transaction. Raises SemResposta."""
    contexto = Acessos([empresa], timezone.localdate().replace(day=1))
    vinculo = acesso_ou_motivo(Servico.DARF, empresa, contexto, frozenset(), do_contratante=True)
    if isinstance(vinculo, Fora):
        raise SemResposta(NAO_RESPONDEU.format(codigo=codigo, motivo=vinculo.motivo))
    return _consultar(codigo, empresa, vinculo)


def _consultar(codigo: str, empresa: Empresa, vinculo: Vinculo) -> ReceitaSicalc:
    acesso = vinculo.credencial.acesso
    partes = partes_de(vinculo, empresa)
    partes = replace(partes, autor=partes.contratante)  # SICALC asks for no power, and so for no termo of another autor
    try:
        cliente = IntegraContador(acesso_de_nome(acesso))
        lida = avulsas.ler(
            lambda chamadas: sicalc.receita(cliente, partes, codigo, chamadas=chamadas), _limites(acesso)
        )
    except ProviderError as erro:
        raise SemResposta(NAO_RESPONDEU.format(codigo=codigo, motivo=erro.mensagem)) from erro
    linha, _ = ReceitaSicalc.objects.update_or_create(
        pk=codigo,
        defaults={
            "denominacao": lida.descricao[:300],
            "extensoes": [para_json(extensao) for extensao in lida.extensoes],
            "consultada_em": timezone.now(),
        },
    )
    return linha


def _limites(acesso: str) -> tuple[Limite, ...]:
    return handler_de("guias.darf.emitir").limites(acesso)


def para_json(extensao: Extensao) -> dict[str, Any]:
    return {
        campo: sorted(valor)
        if isinstance(valor, frozenset)
        else valor.isoformat()
        if isinstance(valor, date)
        else valor
        for campo, valor in asdict(extensao).items()
    }


def de_json(dados: dict[str, Any]) -> Extensao:
    lidos = dict(dados)
    for campo in ("obrigatorios", "opcionais"):
        lidos[campo] = frozenset(lidos[campo])
    for campo in ("criacao", "extincao"):
        lidos[campo] = date.fromisoformat(lidos[campo]) if lidos[campo] else None
    return Extensao(**{campo.name: lidos[campo.name] for campo in fields(Extensao)})


def de_linha(linha: ReceitaSicalc) -> Receita:
    return Receita(linha.pk, linha.denominacao, tuple(de_json(item) for item in linha.extensoes))


def extensao_de(receita: Receita, codigo: str) -> Extensao | None:
    """The extension of this code; the only one when none is said."""
    if not codigo and len(receita.extensoes) == 1:
        return receita.extensoes[0]
    return next((extensao for extensao in receita.extensoes if extensao.codigo == codigo), None)


def guardada(codigo: str) -> ReceitaSicalc | None:
    return ReceitaSicalc.objects.filter(pk=codigo).first() if codigo else None


def rotulo(codigo: str, extensao: str) -> str:
    """How a look-up shows a chosen receita."""
    if not codigo:
        return ""
    oficial = ReceitaFederal.objects.filter(codigo_receita=codigo)
    exata = oficial.filter(extensao=extensao).first() or oficial.first()
    denominacao = exata.denominacao if exata else nome(codigo)
    return f"{codigo}{f'-{extensao}' if extensao else ''} {denominacao}".strip()
