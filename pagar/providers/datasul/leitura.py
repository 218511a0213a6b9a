"""What the answers of Datasul tell. Of a write nothing is promised, so that an odd field never puts a done thing in
doubt; of the listing of taxes each field that names or measures must be there (KeyError, TypeError, ValueError)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pagar.providers.datasul.erros import mensagens_de
from pagar.providers.interface import ImpostoListado, Resultado, TituloNoErp


def resultado(corpo: Any) -> Resultado:
    """An answer of success. Its messages are notices, unless they say `success`."""
    campos = _campos(corpo)
    itens = campos.get("items")
    return Resultado(
        avisos=tuple(aviso for aviso in mensagens_de(corpo, "") if aviso.tipo not in ("", "success")),
        referencia=_texto(campos.get("reference")),
        titulos=tuple(_titulo(_campos(item)) for item in itens if isinstance(item, Mapping))
        if isinstance(itens, list)
        else (),
        bruto=corpo,
    )


def tipo_de(corpo: Any) -> str:
    """The `type` an answer gives itself: that of the object, or "error" where a list holds one."""
    if isinstance(corpo, list):
        return "error" if any(tipo_de(item) == "error" for item in corpo if isinstance(item, Mapping)) else ""
    return _texto(_campos(corpo).get("type")).casefold()


def _titulo(campos: Mapping[str, Any]) -> TituloNoErp:
    return TituloNoErp(
        estabelecimento=_texto(campos.get("branchcode")),
        especie=_texto(campos.get("documentclasscode")),
        serie=_texto(campos.get("documentseriecode")),
        fornecedor=_inteiro(campos.get("suppliercode")),
        numero=_texto(campos.get("documentnumber")),
        parcela=_texto(campos.get("documentparcelnumber")),
        id_pagamento=_inteiro(campos.get("idvendorspayments")),
        saldo=_decimal(campos.get("documentbalancevalue")),
    )


def pagina(corpo: Any) -> tuple[list[ImpostoListado], bool, int | None]:
    """One page of taxes: its items, whether there are more, and how many in all (None: not said)."""
    campos = _campos(corpo)
    itens, ha_mais = campos["items"], campos["hasnext"]
    if not isinstance(itens, list) or not isinstance(ha_mais, bool):
        raise TypeError("not a page")
    return [_imposto(_campos(item)) for item in itens], ha_mais, _inteiro(campos.get("total"))


def _imposto(campos: Mapping[str, Any]) -> ImpostoListado:
    vencimento = _texto(campos.get("taxduedate"))
    return ImpostoListado(
        descricao=_texto(campos.get("taxdescription")),
        imposto=_texto(campos["taxcode"]),
        classificacao=_texto(campos.get("taxsort")),
        aliquota=_numero(campos["taxpercentage"]),
        rendimento=_numero(campos["taxablerevenue"]),
        valor=_numero(campos["taxamount"]),
        vencimento=date.fromisoformat(vencimento[:10]) if vencimento else None,
        uf=_texto(campos.get("statecode")),
        opcional=campos.get("isoptional") is True,
        favorecido=_inteiro(campos.get("taxvendorcode")),
        nome_favorecido=_texto(campos.get("vendorshortname")),
        id_pagamento=_inteiro(campos.get("idvendorspayments")),
    )


def _campos(corpo: Any) -> dict[str, Any]:
    """The fields of an object, whose names the ERP compares without case."""
    return {str(nome).casefold(): valor for nome, valor in corpo.items()} if isinstance(corpo, Mapping) else {}


def _texto(valor: Any) -> str:
    return str(valor).strip() if isinstance(valor, str | int) and not isinstance(valor, bool) else ""


def _inteiro(valor: Any) -> int | None:
    if isinstance(valor, str) and valor.isascii() and valor.isdecimal() and len(valor) <= 18:
        return int(valor)
    return valor if isinstance(valor, int) and not isinstance(valor, bool) else None


def _decimal(valor: Any) -> Decimal | None:
    if isinstance(valor, Decimal):
        return valor
    return Decimal(valor) if isinstance(valor, int) and not isinstance(valor, bool) else None


def _numero(valor: Any) -> Decimal:
    lido = _decimal(valor)
    if lido is None:
        raise TypeError("not a number")
    return lido
