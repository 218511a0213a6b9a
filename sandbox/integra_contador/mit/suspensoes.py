"""ListaSuspensoes of ENCAPURACAO314: the processes that suspend debits of the month, read strictly.

Source: SERPRO, API Integra Contador, pages of MIT (10/04/2026), "Suspensões".
"""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.integra_contador.mit.recusas import recusa
from sandbox.municipios import municipio

_MOTIVOS = frozenset({1, 2, 4, 5, 8, 9, 10, 11, 12, 13})
_ADMINISTRATIVA, _JUDICIAL = 1, 2
_DEPOSITO_INTEGRAL = 2
_DE_TODAS = {"TipoSuspensao", "NumeroProcesso", "ListaDebitosSuspensos"}
_DA_JUDICIAL = {"MotivoSuspensao", "ProcessoTerceiro", "DataDecisao", "VaraJudiciaria", "CodigoMunicipioSj"}


def ler(bruto: Any, debitos: list[dict[str, str]], com_evento: bool, hoje: date) -> dict[int, Decimal]:
    """IdDebito -> what is suspended of it."""
    if bruto is None:
        return {}
    if com_evento:
        raise recusa(4, "Para apuração com evento especial não é permitido informar o campo ListaSuspensoes.")
    if not isinstance(bruto, list) or not bruto:
        raise recusa(15, "A lista ListaSuspensoes está vazia. Se não há conteúdo, não deve ser enviada.")
    suspensos: dict[int, Decimal] = {}
    for item in bruto:
        _conferir(item, hoje)
        lista = item["ListaDebitosSuspensos"]
        if not isinstance(lista, list) or not lista:
            raise recusa(15, "A lista ListaDebitosSuspensos está vazia. Se não há conteúdo, não deve ser enviada.")
        vistos: set[int] = set()
        for debito in lista:
            numero, valor = _suspenso(debito, len(debitos))
            if numero in vistos:
                raise recusa(28, "Existem débitos duplicados.")
            vistos.add(numero)
            suspensos[numero] = suspensos.get(numero, Decimal(0)) + valor
    for numero, valor in suspensos.items():
        if valor > Decimal(debitos[numero - 1]["valor"]):
            codigo = debitos[numero - 1]["codigo"]
            raise recusa(12, f"O campo ValorSuspenso do codigoDebito {codigo} possui valor inválido.")
    return suspensos


def abater(debitos: list[dict[str, str]], suspensos: dict[int, Decimal]) -> list[dict[str, str]]:
    """Those that a process suspends, with what is left to be paid."""
    return [
        debito | {"a_pagar": f"{Decimal(debito['valor']) - suspensos[numero]:.2f}"} if numero in suspensos else debito
        for numero, debito in enumerate(debitos, 1)
    ]


def _conferir(item: Any, hoje: date) -> None:
    if not isinstance(item, dict) or item.get("TipoSuspensao") not in (_ADMINISTRATIVA, _JUDICIAL):
        raise recusa(3, "O campo TipoSuspensao possui valor inválido ou nulo.")
    judicial = item["TipoSuspensao"] == _JUDICIAL
    exigidos = _DE_TODAS | (_DA_JUDICIAL if judicial else set())
    if judicial and item.get("MotivoSuspensao") != _DEPOSITO_INTEGRAL:
        exigidos = exigidos | {"ComDeposito"}
    if falta := sorted(exigidos - set(item)):
        raise recusa(29, f"O campo {falta[0]} é obrigatório.")
    if estranho := sorted(set(item) - exigidos):
        raise recusa(2, f"O Json contém dados inválidos - {estranho[0]} em ListaSuspensoes.")
    if not re.fullmatch(r"[0-9]{20}" if judicial else r"[0-9]{17}", str(item["NumeroProcesso"])):
        raise recusa(3, "O campo NumeroProcesso possui valor inválido ou nulo.")
    if judicial:
        _da_justica(item, hoje)


def _da_justica(item: dict[str, Any], hoje: date) -> None:
    def exigir(campo: str, serve: bool) -> None:
        if not serve:
            raise recusa(3, f"O campo {campo} possui valor inválido ou nulo.")

    exigir("MotivoSuspensao", item["MotivoSuspensao"] in _MOTIVOS)
    exigir("ComDeposito", isinstance(item.get("ComDeposito", False), bool))
    exigir("ProcessoTerceiro", isinstance(item["ProcessoTerceiro"], bool))
    vara = item["VaraJudiciaria"]
    exigir("VaraJudiciaria", isinstance(vara, int) and not isinstance(vara, bool) and 1 <= vara <= 9999)
    lugar = item["CodigoMunicipioSj"]
    exigir("CodigoMunicipioSj", isinstance(lugar, str) and municipio(lugar) is not None)
    exigir("DataDecisao", isinstance(item["DataDecisao"], int) and len(str(item["DataDecisao"])) == 8)
    try:
        decisao = date.fromisoformat(str(item["DataDecisao"]))
    except ValueError:
        exigir("DataDecisao", False)
        return
    exigir("DataDecisao", decisao <= hoje)


def _suspenso(debito: Any, quantos: int) -> tuple[int, Decimal]:
    if not isinstance(debito, dict) or set(debito) != {"IdDebitoSuspenso", "ValorSuspenso"}:
        raise recusa(2, "O Json contém dados inválidos - ListaDebitosSuspensos.")
    numero, valor = debito["IdDebitoSuspenso"], debito["ValorSuspenso"]
    if not isinstance(numero, int) or isinstance(numero, bool) or not 1 <= numero <= quantos:
        raise recusa(11, "O campo IdDebitoSuspenso precisa ter um correspondente em Debitos.")
    if isinstance(valor, bool) or not isinstance(valor, int | Decimal) or Decimal(valor) <= 0:
        raise recusa(3, "O campo ValorSuspenso possui valor inválido ou nulo.")
    if Decimal(valor) != Decimal(valor).quantize(Decimal("0.01")):
        raise recusa(3, "O campo ValorSuspenso possui valor inválido ou nulo.")
    return numero, Decimal(valor)
