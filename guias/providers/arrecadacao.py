"""The payment slip inside an answer: the same shape in several systems."""

from typing import Any

from guias.providers import wire
from guias.providers.interface import DasEmitido


def das_de(item: dict[str, Any], *, com_pdf: bool = True) -> DasEmitido:
    """A DAS as PGDASD and PGMEI draw it; without `com_pdf`, its figures alone. Raises what `cliente.lendo` understands
    when it has another shape."""
    detalhe = wire.um(item.get("detalhamentoDas") or item["detalhamento"])
    return guia_de(detalhe, wire.pdf_obrigatorio(item["pdf"]) if com_pdf else b"")


def guia_de(detalhe: dict[str, Any], pdf: bytes) -> DasEmitido:
    """A slip by its `detalhamento`; `pdf` may be empty."""
    valores = detalhe["valores"]
    # A DAS of a process has no due date: the last day to pay stands for it.
    vencimento = wire.data(detalhe.get("dataVencimento") or detalhe["dataLimiteAcolhimento"])
    return DasEmitido(
        numero=str(detalhe["numeroDocumento"]),
        vencimento=vencimento,
        limite=wire.data(detalhe["dataLimiteAcolhimento"]) if detalhe.get("dataLimiteAcolhimento") else vencimento,
        principal=wire.dinheiro(valores["principal"]),
        multa=wire.dinheiro(valores.get("multa")),
        juros=wire.dinheiro(valores.get("juros")),
        total=wire.dinheiro(valores["total"]),
        composicao=[_componente(parte) for parte in detalhe.get("composicao") or []],
        observacoes=tuple(
            str(detalhe[nome]) for nome in ("observacao1", "observacao2", "observacao3") if detalhe.get(nome)
        ),
        pdf=pdf,
        periodo=str(detalhe.get("periodoApuracao") or ""),
    )


def _componente(parte: dict[str, Any]) -> dict[str, str]:
    valores = parte.get("valores") or {}
    return {
        "codigo": str(parte.get("codigo", "")),
        "denominacao": str(parte.get("denominacao") or ""),
        **{nome: str(wire.dinheiro(valores.get(nome))) for nome in ("principal", "multa", "juros", "total")},
    }
