"""The shapes in which the service has been seen to answer, and how an answer is put into one of them.

The first of each kind is the documented one; the others are reports from the field, which a client has to survive.
"""

import base64
import json
from typing import Any

from sandbox.nacional.codigos import Mensagem

ERRO_MAIUSCULAS, ERRO_OBJETO, ERRO_LISTA, ERROS = "erros_maiusculas", "erro_objeto", "erro_lista", "erros"
LISTA_NUA, ITENS_VAZIOS, SO_VAZIOS, ESCALAR = "lista_nua", "itens_vazios", "so_vazios", "erro_escalar"
DE_ERRO = (ERROS, ERRO_MAIUSCULAS, ERRO_OBJETO, ERRO_LISTA, LISTA_NUA, ITENS_VAZIOS, SO_VAZIOS, ESCALAR)

SEM_CAMPO, GZIP_CORROMPIDO, BASE64_DUPLO, VAZIA = "sem_campo", "gzip_corrompido", "base64_duplo", "resposta_vazia"
ITEM_ILEGIVEL = "item_ilegivel"
DE_SUCESSO = (SEM_CAMPO, GZIP_CORROMPIDO, BASE64_DUPLO, VAZIA, ITEM_ILEGIVEL)

EVENTO_PRODUCAO, EVENTO_DOCUMENTADO = "eventos_em_lista", "evento_documentado"

TODAS = (*DE_ERRO, *DE_SUCESSO, EVENTO_PRODUCAO, EVENTO_DOCUMENTADO)

# what a client waits for in a good answer
_PROMETIDOS = ("nfseXmlGZipB64", "eventoXmlGZipB64", "chaveAcesso", "eventos", "LoteDFe")
_DOCUMENTOS = ("nfseXmlGZipB64", "eventoXmlGZipB64")


def _item(mensagem: Mensagem, *, maiusculas: bool = False) -> dict[str, Any]:
    item = {
        "codigo": mensagem.codigo,
        "descricao": mensagem.descricao,
        "complemento": mensagem.complemento or None,
    }
    return {nome.capitalize(): valor for nome, valor in item.items()} if maiusculas else item


def erro(forma: str, envelope: dict[str, Any], mensagens: tuple[Mensagem, ...]) -> Any:
    """The body of a refusal."""
    itens = [_item(mensagem, maiusculas=forma == ERRO_MAIUSCULAS) for mensagem in mensagens]
    match forma:
        case "erro_objeto":
            return {**envelope, "erro": itens[0]}
        case "erro_lista":
            return {**envelope, "erro": itens}
        case "lista_nua":
            return itens
        case "itens_vazios":
            return {**envelope, "erros": [{}, *itens, {}]}
        case "so_vazios":
            return {**envelope, "erros": [{}]}
        case "erro_escalar":
            return {"erro": mensagens[0].descricao}
    return {**envelope, "erros": itens}


def sucesso(forma: str, corpo: dict[str, Any]) -> bytes:
    """The bytes of a good answer."""
    match forma:
        case "resposta_vazia":
            return b""
        case "sem_campo":
            corpo = {nome: valor for nome, valor in corpo.items() if nome not in _PROMETIDOS}
        case "gzip_corrompido":
            corpo = _trocar(corpo, _corrompido)
        case "base64_duplo":
            corpo = _trocar(corpo, lambda texto: base64.b64encode(texto.encode()).decode())
        case "item_ilegivel":
            corpo = _com_item_ilegivel(corpo)
    return json.dumps(corpo, ensure_ascii=False).encode()


def _trocar(corpo: dict[str, Any], mudar: Any) -> dict[str, Any]:
    trocado = {nome: mudar(valor) if nome in _DOCUMENTOS else valor for nome, valor in corpo.items()}
    for lista, campo in (("LoteDFe", "ArquivoXml"), ("eventos", "arquivoXml")):
        if trocado.get(lista):
            trocado[lista] = [{**item, campo: mudar(item[campo])} for item in trocado[lista]]
    return trocado


def _corrompido(texto: str) -> str:
    """The gzip's magic number stays, so that only who inflates it finds out."""
    bruto = base64.b64decode(texto)
    return base64.b64encode(bruto[:10] + bytes(byte ^ 0xFF for byte in bruto[10:])).decode()


def _com_item_ilegivel(corpo: dict[str, Any]) -> dict[str, Any]:
    """In a batch, the first document cannot be read."""
    if not corpo.get("LoteDFe"):
        return corpo
    primeiro, *outros = corpo["LoteDFe"]
    return {
        **corpo,
        "LoteDFe": [{"NSU": primeiro["NSU"], "ArquivoXml": "isto não é base64", "TipoDocumento": None}, *outros],
    }
