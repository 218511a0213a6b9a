"""The PDF of a guia, opened and compared with the answer that it came with; its bar code is read on the way, since the
service prints it there and often does not tell it otherwise."""

import io
import re
import time
from collections.abc import Iterable
from decimal import Decimal

import pypdf
from django.utils import timezone
from pypdf.errors import PyPdfError

from arquivo.services import ArquivoCorrompido, ArquivoForaDoAr, abrir
from comum.documentos import Invalido, LinhaDigitavel, linha_digitavel
from comum.formatos import format_dinheiro
from guias.models import Guia

_LINHA = re.compile(r"(?=(?<!\d)(8(?:[\s.\-]{0,3}\d){47})(?!\d))")  # 48 digits, in blocks or not
_PAGINAS = 3  # a guia has one; what follows is its extract
_LOTE = 100
_NAO_PAGUE = "Não envie nem pague esta guia: emita-a de novo e confira."
SEM_PDF = "A guia veio sem PDF e sem código de barras. Emita-a de novo."


def completar(guias: Iterable[Guia]) -> dict[int, str]:
    """Examine the PDF of each guia that was not examined yet, and keep what was found: its bar code, when, and what
    does not agree. Of those that still have no bar code, by pk, why (pt-BR)."""
    motivos: dict[int, str] = {}
    examinadas = []
    for guia in guias:
        if guia.documento_id is None:
            motivo = guia.problema or SEM_PDF
        elif guia.examinada_em is not None:
            motivo = guia.problema
        else:
            try:
                motivo = _examinar(guia)
            except ArquivoForaDoAr as erro:
                motivo = str(erro)  # nothing was seen of it: it is looked at again
            else:
                examinadas.append(guia)
        if motivo and not guia.codigo_barras:
            motivos[guia.pk] = motivo
    Guia.objects.bulk_update(examinadas, ["codigo_barras", "examinada_em", "problema"], batch_size=500)
    return motivos


def examinar_novas(segundos: float) -> int:
    """Examine, oldest first, the guias that nobody has looked at yet, for about so long; how many were. One whose file
    is out of reach now stays for the next time."""
    fim, feitas, ultima = time.monotonic() + segundos, 0, 0
    while time.monotonic() < fim:
        por_examinar = Guia.objects.filter(examinada_em=None, documento__isnull=False, pk__gt=ultima)
        lote = list(por_examinar.select_related("documento").order_by("pk")[:_LOTE])
        if not lote:
            break
        completar(lote)
        ultima = lote[-1].pk
        feitas += sum(guia.examinada_em is not None for guia in lote)
    return feitas


def _examinar(guia: Guia) -> str:
    lida = ler(guia)
    guia.examinada_em = timezone.now()
    if isinstance(lida, str):
        guia.problema = lida
    else:
        guia.problema, guia.codigo_barras = "", lida.codigo_barras
    return guia.problema


def ler(guia: Guia) -> LinhaDigitavel | str:
    """The line on the PDF of a guia: its digits checked, its value, its number and every digit of a bar code that came
    with the answer compared; else what does not agree, in pt-BR. Raises ArquivoForaDoAr."""
    if guia.documento is None:
        return SEM_PDF
    try:
        boas = linhas(abrir(guia.documento))
    except ArquivoCorrompido as erro:
        return str(erro)
    if boas is None:
        return "O PDF da guia não pôde ser lido. Abra-o e digite a linha digitável no título."
    if not boas:
        return "O PDF da guia não traz linha digitável que se leia. Abra-o e digite-a no título."
    suas = [lida for lida in boas if lida.documento in ("", guia.numero)]
    if not suas:
        return (
            f"A linha digitável do PDF é do documento {boas[0].documento}, e a guia é a {guia.numero}. Confira o PDF."
        )
    if suas[0].valor is not None and suas[0].valor != guia.total:
        return (
            f"A linha digitável do PDF é de {format_dinheiro(suas[0].valor)}, e a guia de "
            f"{format_dinheiro(guia.total)}. Confira o PDF, e emita a guia de novo se for preciso."
        )
    return _diferenca(suas[0], guia.linha) or suas[0]


def _diferenca(lida: LinhaDigitavel, respondida: str) -> str:
    """The first block in which the line on the PDF is not the one that the service answered; empty when none is."""
    if not respondida:
        return ""
    for inicio in range(0, 48, 12):
        do_pdf, dela = lida.linha[inicio : inicio + 12], respondida[inicio : inicio + 12]
        if do_pdf != dela:
            return (
                f"O {inicio // 12 + 1}º bloco da linha digitável do PDF é {do_pdf}, e o da resposta do serviço é "
                f"{dela}. {_NAO_PAGUE}"
            )
    return ""


def da_resposta(codigo: str, linha: str, numero: str, total: Decimal) -> str:
    """What does not agree in a bar code (44 digits) that came without a PDF, with its line (48): each check digit, the
    amount and the number; in pt-BR, empty when all does."""
    lida = linha_digitavel(linha)
    if isinstance(lida, Invalido):
        return f"{lida.mensagem} {_NAO_PAGUE}"
    if lida.codigo_barras != codigo:
        return f"A linha digitável e o código de barras que vieram não são o mesmo. {_NAO_PAGUE}"
    if lida.valor is not None and lida.valor != total:
        return (
            f"O código de barras é de {format_dinheiro(lida.valor)}, e o DARF de {format_dinheiro(total)}. {_NAO_PAGUE}"
        )
    if lida.documento not in ("", numero):
        return f"O código de barras é do documento {lida.documento}, e o DARF é o {numero}. {_NAO_PAGUE}"
    return ""


def unica(pdf: bytes) -> LinhaDigitavel | str:
    """The one numbered line, with an amount and a day, of a PDF that came without figures; else why none can be told
    (pt-BR)."""
    boas = linhas(pdf)
    if boas is None:
        return "O PDF não pôde ser lido."
    lidas = {lida.codigo_barras: lida for lida in boas if lida.documento and lida.valor and lida.limite}
    if len(lidas) != 1:
        return "O PDF traz mais de uma linha digitável." if lidas else "O PDF não traz linha digitável que se leia."
    return next(iter(lidas.values()))


def linhas(pdf: bytes) -> list[LinhaDigitavel] | None:
    """The lines printed on a guia whose digits check, in their order; None when the PDF cannot be read."""
    try:
        paginas = pypdf.PdfReader(io.BytesIO(pdf)).pages
        texto = "\n".join(pagina.extract_text() for pagina in paginas[:_PAGINAS])
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError):
        return None
    lidas = [linha_digitavel(re.sub(r"\D", "", achada.group(1))) for achada in _LINHA.finditer(texto)]
    return [lida for lida in lidas if not isinstance(lida, Invalido)]
