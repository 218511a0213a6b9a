"""The check of the PDF of each guia: opened, its line read and compared, its bar code kept. Time of 1,000 guias."""

import io
import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pypdf
from django.utils import timezone

from arquivo.services import abrir
from guias.models import Guia
from guias.services import barras
from sandbox import arrecadacao, pdf
from tests.bench.medir import medir
from tests.cast import criar_empresa
from tests.pagar.documentos import guia

QUANTAS = 1_000


def _slip(numero: str, total: Decimal, limite: Any) -> bytes:
    """A page as full as a DAS: a form, a dozen rows of figures, the line and its bars."""
    codigo = arrecadacao.codigo_barras(total, limite, numero, arrecadacao.ORGAO_SIMPLES)
    linhas = [
        pdf.texto(
            46, 190 + 16 * n, f"{1001 + n} Tributo da composição {n:02d}  {total:>14} {0:>10} {0:>10} {total:>14}"
        )
        for n in range(14)
    ]
    desenho = [
        pdf.marca_dagua("SEM VALOR FISCAL"),
        *(pdf.caixa(40, y, 515, 40) for y in (36, 88, 166, 410)),
        *linhas,
        pdf.texto(46, 146, numero, tamanho=10, fonte="fixa"),
        pdf.texto(46, 530, arrecadacao.linha_digitavel(codigo), tamanho=10, fonte="fixa"),
        pdf.barras(46, 550, codigo),
    ]
    return pdf.montar("".join(desenho), titulo=f"DAS {numero}")


def _preparar() -> None:
    limite = timezone.localdate() + timedelta(days=10)
    for n in range(1, QUANTAS + 1):
        total = Decimal(10_000 + n) / 100
        guia(criar_empresa(n), n, str(total), pdf=_slip(f"072026325{n:08d}", total, limite), limite=limite)


def executar() -> list[dict[str, Any]]:
    _preparar()
    inicio = time.perf_counter()
    for uma in Guia.objects.select_related("documento").iterator():
        assert uma.documento is not None
        pypdf.PdfReader(io.BytesIO(abrir(uma.documento))).pages[0].extract_text()
    so_ler = time.perf_counter() - inicio
    with medir() as medida:
        feitas = barras.examinar_novas(600.0)
    assert feitas == QUANTAS
    assert not Guia.objects.exclude(problema="").exists()
    por_documento = medida.segundos / QUANTAS
    return [
        {
            "o_que": f"{QUANTAS} PDFs compared with their guias ({por_documento * 1000:.1f} ms each)",
            "nosso_s": medida.segundos,
            "referencia": "their text read by pypdf, and nothing else",
            "referencia_s": so_ler,
            "razao": medida.segundos / so_ler,
            "memoria_mb": medida.memoria_mb,
        }
    ]
