"""The papers of these services: one page, a title and lines of text, SEM VALOR FISCAL."""

import base64
from collections.abc import Sequence

from sandbox.documentos import mascara_cnpj
from sandbox.nucleo.cadastro import NOME_PADRAO, contribuinte
from sandbox.pdf import caixa, marca_dagua, montar, texto

_ESQUERDA, _TOPO, _LINHA = 46, 150, 16
_CABEM = 40


def papel(titulo: str, documento: str, linhas: Sequence[str]) -> str:
    """A PDF in base64 about a contribuinte."""
    quem = mascara_cnpj(documento) if len(documento) == 14 else documento
    nome = contribuinte(documento).razao_social or NOME_PADRAO
    desenho = [
        marca_dagua("SEM VALOR FISCAL"),
        "0.6 w\n",
        caixa(40, 36, 515, 44),
        texto(48, 54, titulo, tamanho=13, fonte="negrito"),
        texto(48, 71, "Sandbox - documento de teste, SEM VALOR FISCAL"),
        texto(_ESQUERDA, 108, quem, tamanho=10, fonte="fixa"),
        texto(200, 108, nome[:60], tamanho=10),
        *(texto(_ESQUERDA, _TOPO + n * _LINHA, linha) for n, linha in enumerate(linhas[:_CABEM])),
    ]
    return base64.b64encode(montar("".join(desenho), titulo=titulo)).decode()
