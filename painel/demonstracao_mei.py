"""The MEIs of the demo office and its parcelamentos, as the sandbox is told of them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from empresas.calendario import somar_meses
from empresas.models import Empresa, Regime
from guias.calculo.mei import atividade_do_cnae

_CPF = "52998224725"


def no_sandbox(empresas: Sequence[Empresa]) -> dict[int, dict[str, Any]]:
    """By empresa, what the Receita has of it besides. Among the MEIs one owes its annual declaration, one is in active
    debt, one had a benefit and one pays a tribute that its CNAE does not tell; two empresas have a parcelamento."""
    meis = [e for e in empresas if e.regime == Regime.MEI and e.ativa and int(e.codigo) % 5]
    simples = [e for e in empresas if e.regime == Regime.SIMPLES and e.ativa and e.matriz_id is None]
    ditas: dict[int, dict[str, Any]] = {e.pk: {"mei": _mei(e, n)} for n, e in enumerate(meis)}
    com_vinculo = [e for e in simples if int(e.codigo) % 5]
    for empresa, familia in ((com_vinculo[:1], "PARCSN"), (meis[:1], "PARCMEI")):
        for cada in empresa:
            ditas.setdefault(cada.pk, {})["parcelamentos"] = [_parcelamento(familia)]
    return ditas


def _mei(empresa: Empresa, posicao: int) -> dict[str, Any]:
    atividade = atividade_do_cnae(empresa.cnae_id or "")
    hoje = timezone.localdate()
    meses = [int(f"{somar_meses(hoje, -n):%Y%m}") for n in range(6)]
    dito: dict[str, Any] = {
        "icms": atividade is None or atividade.icms,
        "iss": atividade is None or atividade.iss,
        "desde": "2024-01-01",
        "cpf": _CPF if posicao == 0 else "",
        "cnae": empresa.cnae_id or "",
    }
    if posicao == 2:
        dito["sem_dasn"] = sorted({hoje.year, hoje.year - 1})
    elif posicao == 4:
        dito["divida"] = [
            {"pa": pa, "tributo": codigo, "valor": valor, "ente": "União", "situacao": "Enviado à PGFN"}
            for pa in meses
            for codigo, valor in (("0151", "81.05"), ("0083", "1.00"), ("0125", "5.00"))
        ]
    elif posicao == 6:
        dito["beneficios"] = meses[:3]
    elif posicao == 8:
        dito |= {"icms": True, "iss": True}
    return dito


def _parcelamento(familia: str) -> dict[str, Any]:
    hoje = timezone.localdate()
    meses = [somar_meses(hoje, n) for n in range(-6, 6)]
    pedido = somar_meses(hoje, -7)
    return {
        "familia": familia,
        "numero": 1,
        "pedido": date(pedido.year, pedido.month, 10).isoformat(),
        "parcelas": [
            {"pa": int(f"{mes:%Y%m}"), "valor": "350.00"} | ({"paga": f"{mes:%Y-%m}-20"} if n < 4 else {})
            for n, mes in enumerate(meses)
        ],
    }
