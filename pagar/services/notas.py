"""A note that was cancelled takes its titles back with it."""

from collections.abc import Iterable

from comum.models import Usuario
from nfse.models import NotaRecebida
from pagar.models import Movimento, Titulo
from pagar.providers.interface import Estorno
from pagar.services import atos, registro
from pagar.services.chaves import ChaveInvalida

CANCELADA = "A nota foi cancelada."
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
    if titulo.em_curso_id is not None or not _sem_nota(titulo):
        return
    if titulo.editavel:
        abandonar([titulo], CANCELADA)
        return
    try:
        pedir = atos.cancelar if not atos.por_que_nao_cancelar(titulo) else atos.estornar
        com_impostos = any(imposto.especie for imposto in registro.corpo_de(titulo).impostos)
        pedir(titulo, Estorno(historico=_HISTORICO, estorna_impostos=com_impostos), None, versao=titulo.versao)
    except (atos.PedidoInvalido, ChaveInvalida) as recusa:
        avisar(titulo, str(recusa))


def avisar(titulo: Titulo, motivo: str) -> None:
    """Tell that the title of a cancelled note is still there, and why; once for each reason."""
    if not _sem_nota(titulo) or titulo.aviso == (aviso := _A_VER.format(motivo)):
        return
    registro.avisar([titulo], aviso)


def separar(titulos: Iterable[Titulo]) -> tuple[list[Titulo], list[Titulo]]:
    """Those whose note was cancelled meanwhile, and the others."""
    todos = list(titulos)
    sem_nota = das_canceladas(todos)
    pks = {titulo.pk for titulo in sem_nota}
    return sem_nota, [titulo for titulo in todos if titulo.pk not in pks]


def das_canceladas(titulos: Iterable[Titulo]) -> list[Titulo]:
    """Those whose note is cancelled, asked for all of them at once."""
    todos = list(titulos)
    notas = {titulo.nota_id for titulo in todos if titulo.nota_id is not None}
    if not notas:
        return []
    canceladas = NotaRecebida.objects.filter(pk__in=notas, situacao=NotaRecebida.Situacao.CANCELADA).in_bulk()
    achados = [titulo for titulo in todos if titulo.nota_id in canceladas]
    for titulo in achados:
        titulo.nota = canceladas[titulo.nota_id or 0]
    return achados


def _sem_nota(titulo: Titulo) -> bool:
    return titulo.nota is not None and titulo.nota.situacao == NotaRecebida.Situacao.CANCELADA


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
