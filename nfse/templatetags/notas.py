"""How a nota is drawn: its state in a word, a sign and a colour, and figures that may be missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django import template

from arquivo.models import Documento
from comum.formatos import format_numero, format_quantidade
from nfse.forms.contratos import rotulo_do_tomador
from nfse.models import CanalNfse, Nota, TipoCanal, Tomador
from operacoes.models import Situacao as SituacaoDaOperacao

register = template.Library()

Situacao = Nota.Situacao
_TONS = {
    Situacao.RASCUNHO: "neutro",
    Situacao.EMITINDO: "info",
    Situacao.RECUSADA: "erro",
    Situacao.AUTORIZADA: "ok",
    Situacao.CANCELANDO: "atencao",
    Situacao.CANCELADA: "erro",
    Situacao.SUBSTITUIDA: "neutro",
    Situacao.ABANDONADA: "neutro",
}


@dataclass(frozen=True)
class Estado:
    """`tom` as the chips'; `detalhe` says why it stands there. `morta`: it counts for nothing any more."""

    tom: str
    rotulo: str
    detalhe: str = ""
    morta: bool = False


@register.filter
def estado_da_nota(nota: Nota) -> Estado:
    """The state of a note, read with its operação: one in doubt, or waiting for a person, says so."""
    situacao = Situacao(nota.situacao)
    tom, rotulo, detalhe = _TONS[situacao], str(situacao.label), ""
    operacao = nota.operacao
    if situacao is Situacao.EMITINDO and operacao is not None:
        if operacao.situacao in (SituacaoDaOperacao.INCERTA, SituacaoDaOperacao.AGUARDA_PESSOA):
            tom, rotulo = "duvida", operacao.get_situacao_display()
        detalhe = operacao.mensagem or (operacao.get_situacao_display() if tom == "info" else "")
    elif situacao is Situacao.RECUSADA and operacao is not None:
        detalhe = operacao.mensagem
    morta = situacao in (Situacao.CANCELADA, Situacao.SUBSTITUIDA, Situacao.ABANDONADA)
    return Estado(tom, rotulo, detalhe, morta)


@register.filter
def iss_na_lista(nota: Nota) -> str:
    """The ISS in reais; nothing for a note whose rate the município has still to decide."""
    return format_numero(nota.valor_iss, 2) if nota.valor_iss else ""


@register.filter
def quem_deve_o_iss(nota: Nota, sem_iss: str) -> str:
    """Under the ISS of a note; `sem_iss`: why it has none (services.iss)."""
    if sem_iss:
        return sem_iss
    if nota.iss_retido:
        return "retido pelo tomador"
    return "devido pelo prestador" if nota.valor_iss else "do município, ou sem ISS"


@register.filter
def aliquota_ausente(canal: CanalNfse | None, sem_iss: str) -> str:
    """In the place of a rate that the note does not say."""
    if canal is not None and canal.tipo == TipoCanal.INTEGRANOTAS:
        return "não informada"
    return sem_iss or "do município"


@register.simple_tag
def nome_do_papel(documento: Documento, nota: Nota) -> str:
    """A national note that ended has its DANFSe drawn again, with the mark of how it ended: it is no cancellation's
    own paper."""
    nome = str(documento.get_tipo_display())
    nacional = nota.canal is not None and nota.canal.tipo == TipoCanal.NACIONAL
    if not nacional or documento.tipo not in (Documento.Tipo.NFSE_PDF, Documento.Tipo.CANCELAMENTO_PDF):
        return nome
    if documento.tipo == Documento.Tipo.CANCELAMENTO_PDF:
        return f"DANFSe com a marca de {nota.get_situacao_display().lower()}"
    return "DANFSe, como foi autorizado" if nota.situacao in (Situacao.CANCELADA, Situacao.SUBSTITUIDA) else "DANFSe"


@register.filter
def quantidade(valor: Decimal | None) -> str:
    """1, 2,5, 1.000; nothing for None."""
    return "" if valor is None else format_quantidade(valor)


@register.filter
def item(lista: Sequence[object], posicao: int) -> object:
    """The one at this position; None beyond the end."""
    return lista[posicao] if posicao < len(lista) else None


@register.filter
def escolhido(tomador: Tomador | None) -> str:
    """How the field of the look-up shows who was chosen."""
    return rotulo_do_tomador(tomador) if tomador else ""
