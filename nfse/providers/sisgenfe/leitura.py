"""SISGENF-e's answers to our values. What names a thing (ids, number, key) must be there: KeyError, TypeError or
ValueError otherwise. What only tells about it is None or empty when it cannot be read, since an accepted note is not
put in doubt by an odd total; `bruto` keeps the answer whole, its numbers with a fraction as Decimal.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from nfse.providers.interface import Estado, ItemAplicado, NotaNoServico
from nfse.providers.sisgenfe.referencias import Atividade, Municipio, TomadorNoServico, Unidade

_EPOCA = datetime(1970, 1, 1, tzinfo=UTC)
_CENTAVO = Decimal("0.01")


def nota(dados: Any, estado: Estado = Estado.AUTORIZADA) -> NotaNoServico:
    """A note as issue and query show it. Nothing in it tells a cancellation: AUTORIZADA says that it was issued."""
    chave, numero = _texto(dados.get("key")), numero_em_texto(dados.get("numero"))
    if not chave and not numero:
        raise ValueError("a note without number and key")
    tomador = dados.get("tomador")
    return NotaNoServico(
        estado=estado,
        chave=chave,
        numero=numero,
        serie=_texto(dados.get("serie")),
        instante=instante(dados.get("dataEmissao")),
        valor=_dinheiro(dados.get("valor")),
        documento_tomador=_sem_mascara(tomador.get("documento")) if isinstance(tomador, dict) else "",
        observacao=_texto(dados.get("observacao")),
        itens=tuple(_item(item) for item in _objetos(dados.get("listaItensNotaFiscal"))),
        tributos=tuple(
            (_texto(tributo.get("nome")), valor)
            for tributo in _objetos(dados.get("listaTributos"))
            if (valor := _dinheiro(tributo.get("valor"))) is not None
        ),
        bruto=dados,
    )


def _item(dados: dict[str, Any]) -> ItemAplicado:
    return ItemAplicado(
        valor=_dinheiro(dados.get("valorTotal")),
        aliquota=_decimal(dados.get("iss")),
        deducao=_decimal(dados.get("deducaoMaterial")),
    )


def tomador(dados: Any) -> TomadorNoServico:
    corpo = dados["dadosTomador"]
    lugar = corpo.get("municipio")
    fisica = dados.get("isPessoaFisica")
    return TomadorNoServico(
        documento=_sem_mascara(dados["documento"]),
        nome=str(corpo["razaoSocial"]),
        email=_texto(corpo.get("email")),
        logradouro=_texto(corpo.get("rua")),
        numero=_texto(corpo.get("numero")),
        bairro=_texto(corpo.get("bairro")),
        cep=_sem_mascara(corpo.get("cep")),
        municipio=municipio(lugar) if isinstance(lugar, dict) and "codigoCompleto" in lugar else None,
        pessoa_fisica=fisica if isinstance(fisica, bool) else None,
        alterado_em=instante(corpo.get("data")),
        bruto=dados,
    )


def municipio(dados: Any) -> Municipio:
    estado = dados.get("estado")
    return Municipio(
        id=_id(dados["id"]),
        nome=str(dados["nome"]),
        ibge=_codigo(dados["codigoCompleto"]),
        uf=_texto(estado.get("uf")) if isinstance(estado, dict) else "",
    )


def unidade(dados: Any) -> Unidade:
    return Unidade(id=_id(dados["id"]), nome=str(dados["nome"]))


def atividade(dados: Any) -> Atividade:
    lei = dados["lei116"]
    return Atividade(
        id=_id(dados["id"]),
        nome=str(dados["nome"]),
        cnae=_codigo(dados["codigo"]),
        lc116=_codigo(lei["codigo"]),
        lc116_id=_id(lei["id"]) if "id" in lei else None,
        lc116_descricao=_texto(lei.get("descricao")),
    )


def numero_em_texto(valor: Any) -> str:
    """The number of a note, JSON number or text; empty when there is none or it is none."""
    if not isinstance(valor, int | str):
        return ""
    texto = str(valor).strip()
    return str(int(texto)) if texto.isascii() and texto.isdecimal() else ""


def instante(valor: Any) -> datetime | None:
    """Milliseconds since 1970, as text."""
    texto = numero_em_texto(valor)
    try:
        return _EPOCA + timedelta(milliseconds=int(texto)) if texto else None
    except OverflowError:
        return None


def _id(valor: Any) -> int:
    if isinstance(valor, bool) or not isinstance(valor, int):
        raise TypeError("an id is a whole number")
    return valor


def _codigo(valor: Any) -> str:
    """A code with its zeros. As a number it would already have lost them."""
    if not isinstance(valor, str):
        raise TypeError("a code is text")
    return valor.strip()


def _texto(valor: Any) -> str:
    return valor if isinstance(valor, str) else ""


def _sem_mascara(valor: Any) -> str:
    return "".join(c for c in _texto(valor) if c.isalnum()).upper()


def _objetos(valor: Any) -> list[dict[str, Any]]:
    return [item for item in valor if isinstance(item, dict)] if isinstance(valor, list) else []


def _decimal(valor: Any) -> Decimal | None:
    return Decimal(valor) if isinstance(valor, int | Decimal) and not isinstance(valor, bool) else None


def _dinheiro(valor: Any) -> Decimal | None:
    numero = _decimal(valor)
    try:
        return numero if numero is None else numero.quantize(_CENTAVO)
    except InvalidOperation:
        return None
