"""A note that was cancelled takes its titles back with it."""

from collections.abc import Iterable

from comum.models import Usuario
from nfse.models import NotaRecebida
from pagar.models import Movimento, Titulo
from pagar.providers.interface import Estorno
from pagar.services import atos, registro

_HISTORICO = "Nota cancelada"
_A_VER = "A nota deste título foi cancelada, e o título não pode ser desfeito sozinho: {} Resolva e estorne o título."


def cancelada(nota: NotaRecebida) -> None:
    """Inside the transaction that records the cancellation."""
    for titulo in registro.travados(Titulo.objects.vivos().filter(nota=nota).values_list("pk", flat=True)):
        acompanhar(titulo)


def acompanhar(titulo: Titulo) -> None:
    """Undo a (locked) title whose note is cancelled: what did not reach the ERP is given up, what did is reversed
    there; what cannot be (paid, in a borderô) is left for a person, told why. What is on its way is looked at when it
    arrives."""
    if titulo.nota is None or titulo.situacao in (*Titulo.MORTOS, Titulo.Situacao.ENVIANDO):
        return
    if titulo.em_curso_id is not None or titulo.nota.situacao != NotaRecebida.Situacao.CANCELADA:
        return
    if titulo.editavel:
        abandonar([titulo], "A nota foi cancelada.")
        return
    try:
        pedir = atos.cancelar if not atos.por_que_nao_cancelar(titulo) else atos.estornar
        pedir(titulo, Estorno(historico=_HISTORICO), None, versao=titulo.versao)
    except atos.PedidoInvalido as recusa:
        titulo.aviso = _A_VER.format(recusa)
        registro.gravar([titulo], [registro.contar(titulo, Movimento.Tipo.AVISO, texto=titulo.aviso)])


def abandonar(titulos: Iterable[Titulo], texto: str = "", usuario: Usuario | None = None) -> None:
    """Titles that never reached the ERP give their key and their origin back."""
    desfeitos = list(titulos)
    for titulo in desfeitos:
        titulo.situacao, titulo.mensagem = Titulo.Situacao.ABANDONADO, ""
        titulo.versao += 1
    registro.gravar(
        desfeitos,
        [registro.contar(titulo, Movimento.Tipo.ABANDONADO, usuario=usuario, texto=texto) for titulo in desfeitos],
    )
