"""Another date for a rule of channel: a new row with its act, and the old one switched off and kept."""

from datetime import date

from django.db import transaction

from comum import auditoria
from comum.formatos import format_competencia
from comum.models import Usuario
from nfse.models import RegraCanal

_DE_QUEM = ("empresa", "municipio", "uf", "regime")


class RegraErro(Exception):
    """Not possible; the text is pt-BR. `campo` is the form field it belongs to, or empty."""

    def __init__(self, mensagem: str, campo: str = "") -> None:
        super().__init__(mensagem)
        self.campo = campo


def igual_ativa(regra: RegraCanal, desde: date, *, menos: int | None) -> RegraCanal | None:
    """Another active rule of the same cases that begins on the same competência: neither would beat the other."""
    casos = {f"{campo}_id" if campo in ("empresa", "municipio") else campo for campo in _DE_QUEM}
    mesmas = RegraCanal.objects.filter(ativa=True, desde=desde, **{campo: getattr(regra, campo) for campo in casos})
    return (mesmas if menos is None else mesmas.exclude(pk=menos)).first()


@transaction.atomic
def mudar_data(regra: RegraCanal, *, desde: date, ate: date | None, fundamento: str, usuario: Usuario) -> RegraCanal:
    """The rule that stands in its place, audited. Notes already sent stay where they went. Raises RegraErro."""
    atual = RegraCanal.objects.select_for_update().get(pk=regra.pk)
    if not atual.ativa:
        raise RegraErro(f"A regra {atual} não está mais ativa: alguém já mudou a data, ou a desativou.")
    if (nova_dela := RegraCanal.objects.filter(substitui=atual).first()) is not None:
        raise RegraErro(f"No lugar desta regra já entrou outra: {nova_dela}. Mude a data daquela, ou desative esta.")
    if (desde, ate) == (atual.desde, atual.ate):
        raise RegraErro("As datas são as que a regra já tem. Nada foi gravado.", "desde")
    if (igual := igual_ativa(atual, desde, menos=atual.pk)) is not None:
        raise RegraErro(f"Já há uma regra ativa para os mesmos casos e competência: {igual}.", "desde")
    atual.ativa = False
    atual.save(update_fields=["ativa"])
    nova = RegraCanal.objects.create(
        **{campo: getattr(atual, campo) for campo in (*_DE_QUEM, "canal")},
        desde=desde,
        ate=ate,
        fundamento=fundamento,
        substitui=atual,
    )
    auditoria.registrar(
        usuario=usuario,
        acao="regra_canal.mudar_data",
        objeto=nova,
        resumo=f"Regra de canal de {nova.alcance}: {nova.get_canal_display()} passa a valer "
        f"{_periodo(nova)}, e não {_periodo(atual)}",
        dados={"substitui": atual.pk, "fundamento": fundamento, "de": _periodo(atual), "para": _periodo(nova)},
    )
    return nova


def _periodo(regra: RegraCanal) -> str:
    fim = f" até {format_competencia(regra.ate)}" if regra.ate else ""
    return f"desde {format_competencia(regra.desde)}{fim}"
