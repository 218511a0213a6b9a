"""What a PDF that the office already has is, when it is of a guia drawn here: its bar code says the number."""

from arquivo.importacao import NaoLido, Papel, Reconhecido
from arquivo.models import Documento
from guias.models import Guia
from guias.services import barras


def ler_pdf(conteudo: bytes) -> Reconhecido | None:
    """Raises NaoLido."""
    if not conteudo.startswith(b"%PDF-") or not (lidas := barras.linhas(conteudo)):
        return None
    numeros = sorted({lida.documento for lida in lidas if lida.documento})
    guias = list(Guia.objects.filter(numero__in=numeros).select_related("empresa").order_by("numero")[:2])
    if not guias:
        raise NaoLido(_de_fora(numeros))
    if len(guias) > 1:
        raise NaoLido(
            f"O PDF traz mais de uma guia ({', '.join(numeros)}). Separe-as, uma em cada arquivo, e importe de novo."
        )
    (guia,) = guias
    tipo = Documento.Tipo.DAS if guia.tipo == Guia.Tipo.DAS else Documento.Tipo.GUIA
    papel = Papel(guia.empresa.documento, tipo, f"{guia.get_tipo_display().replace(' ', '-')}-{guia.numero}.pdf")
    return Reconhecido(
        (papel,),
        guia.competencia,
        "application/pdf",
        numero=guia.numero,
        referencia=guia.numero,
        sem_dono=_de_fora(numeros),  # of an empresa that the user does not see: it does not exist for her
    )


def _de_fora(numeros: list[str]) -> str:
    qual = f"da guia {', '.join(numeros)}" if numeros else "de uma guia sem número de documento"
    return (
        f"O PDF é {qual}, que não foi emitida pelo Guichê, e a linha digitável não diz de que empresa é. Ele não entra "
        "no arquivo: emita a guia de novo em Guias, ou guarde este PDF com os papéis da empresa."
    )


def juntar_as_guias(sender: object, documentos: list[Documento], **_: object) -> None:
    """A guia without PDF takes the one that the office brought; it is then opened and compared as any other."""
    for documento in documentos:
        if documento.tipo in (Documento.Tipo.DAS, Documento.Tipo.GUIA) and documento.numero:
            Guia.objects.filter(empresa=documento.empresa_id, numero=documento.numero, documento__isnull=True).update(
                documento=documento, examinada_em=None
            )
