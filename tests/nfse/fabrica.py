"""Tomadores, serviços and contratos for tests. Every document number is invented, with valid check digits."""

from datetime import date
from decimal import Decimal
from typing import Any

from empresas.models import Empresa
from nfse.models import Contrato, Servico, Tomador
from tests.cast import cnpj_valido

RECIFE = "2611606"


def criar_tomador(empresa: Empresa, qual: int = 50, **campos: Any) -> Tomador:
    """Somebody of Recife with a whole address."""
    padrao: dict[str, Any] = {
        "documento": cnpj_valido(qual),
        "nome": f"Tomador Inventado {qual:04d}",
        "email": f"financeiro{qual}@exemplo.com.br",
        "cep": "50030230",
        "logradouro": "Avenida Rio Branco",
        "numero": "155",
        "bairro": "Recife",
        "municipio_id": RECIFE,
    }
    return Tomador.objects.create(empresa=empresa, **(padrao | campos))


def criar_tomadores(empresa: Empresa, numeros: range) -> list[Tomador]:
    """Many, in one statement."""
    tomadores = [
        Tomador(empresa=empresa, documento=cnpj_valido(numero), nome=f"Tomador Inventado {numero:04d}")
        for numero in numeros
    ]
    for tomador in tomadores:
        tomador.preparar()
    return Tomador.objects.bulk_create(tomadores)


def criar_servico(empresa: Empresa, codigo: str = "HON", **campos: Any) -> Servico:
    padrao: dict[str, Any] = {
        "nome": "Honorários contábeis",
        "item_lc116_id": "17.19",
        "descricao": "Honorários contábeis de {MES} de {ANO}",
        "valor": Decimal("500.00"),
    }
    return Servico.objects.create(empresa=empresa, codigo=codigo, **(padrao | campos))


def criar_contrato(empresa: Empresa, qual: int = 50, **campos: Any) -> Contrato:
    padrao: dict[str, Any] = {
        "valor": Decimal("1000.00"),
        "valor_desde": date(2026, 1, 1),
        "de": date(2026, 1, 1),
        "dia": 5,
    }
    campos = padrao | campos
    campos.setdefault("tomador", Tomador.objects.filter(empresa=empresa, documento=cnpj_valido(qual)).first())
    campos["tomador"] = campos["tomador"] or criar_tomador(empresa, qual)
    campos["servico"] = campos.get("servico") or empresa.servicos.first() or criar_servico(empresa)
    return Contrato.objects.create(empresa=empresa, **campos)
