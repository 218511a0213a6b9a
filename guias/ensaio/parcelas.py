"""Seeded companies with a parcelamento under way, and pedidos, for the fault harness."""

from collections.abc import Sequence
from datetime import date
from itertools import cycle
from typing import Any

from credentials.models import Servico, Vinculo
from empresas.calendario import somar_meses
from empresas.models import Empresa, Regime
from guias import ensaio
from guias.providers.parcelamentos import FAMILIAS, Familia
from guias.services import parcelamentos, prevoo
from guias.services.acesso import partes_de
from guias.services.pedidos import partes_para_json
from operacoes.ensaio import NoLivro, Palco
from operacoes.models import Operacao
from operacoes.motor import NovaOperacao

_NUMERO = 1
_VALOR = "350.00"


def _empresas(palco: Palco, quantas: int) -> list[tuple[Empresa, Familia]]:
    """Of every family in turn: each has one instalment paid and the next one open."""
    familias = cycle(FAMILIAS.values())
    mes = ensaio.competencia(palco)
    de_cada: dict[str, Familia] = {}

    def cadastro(empresa: Empresa) -> dict[str, Any]:
        familia = de_cada[empresa.documento] = next(familias)
        return {
            "parcelamentos": [
                {
                    "familia": familia.sigla,
                    "numero": _NUMERO,
                    "pedido": f"{somar_meses(mes, -2):%Y-%m-%d}",
                    "parcelas": [
                        {"pa": int(f"{somar_meses(mes, -1):%Y%m}"), "valor": _VALOR, "paga": f"{mes:%Y-%m-%d}"},
                        {"pa": int(f"{mes:%Y%m}"), "valor": _VALOR},
                    ],
                }
            ]
        }

    empresas = ensaio.vinculadas(palco, quantas, Regime.SIMPLES, [Servico.PARCELAMENTOS], cadastro)
    return [(empresa, de_cada[empresa.documento]) for empresa in empresas]


def no_livro(operacao: Operacao, tipo: str, *, numero: str) -> NoLivro:
    pedido = operacao.pedido
    return NoLivro(
        ensaio.SERVICO,
        tipo,
        pedido["partes"]["contribuinte"],
        pedido["mes"][:7].replace("-", ""),
        numero,
        documentos=(FAMILIAS[pedido["familia"]].sigla,),
    )


def perguntas(palco: Palco, o_que: str, quantas: int, **parametros: str) -> Sequence[NovaOperacao]:
    mes = ensaio.competencia(palco)
    novas: list[NovaOperacao] = []
    for empresa, familia in _empresas(palco, quantas):
        acao = parcelamentos.acao(familia, o_que)
        novas += prevoo.prevoo(acao, [empresa], mes, parametros=parametros).novas
    return novas


def pagamentos(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    paga = somar_meses(ensaio.competencia(palco), -1)
    return perguntas(palco, "pagamento", quantas, numero=str(_NUMERO), parcelas=f"{paga:%Y%m}")


def emissoes(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    """As after the two consultas, which are not made: their answers are known."""
    mes = ensaio.competencia(palco)
    empresas = _empresas(palco, quantas)
    vinculos = {
        vinculo.empresa_id: vinculo
        for vinculo in Vinculo.objects.filter(empresa__in=[e for e, _ in empresas]).select_related("credencial")
    }
    return [_emissao(empresa, familia, vinculos[empresa.pk], mes) for empresa, familia in empresas]


def _emissao(empresa: Empresa, familia: Familia, vinculo: Vinculo, mes: date) -> NovaOperacao:
    return NovaOperacao(
        tipo=parcelamentos.EMITIR,
        chave=f"{parcelamentos.EMITIR}:ensaio:{familia.chave}:{empresa.pk}",
        pedido={
            "partes": partes_para_json(partes_de(vinculo, empresa)),
            "familia": familia.chave,
            "competencia": mes.isoformat(),
            "numero": _NUMERO,
            "mes": mes.isoformat(),
            "valor": _VALOR,
            "via": 1,
        },
        acesso=vinculo.credencial.acesso,
        empresa_id=empresa.pk,
        competencia=mes,
        prazo=parcelamentos.vencimento_da_parcela(mes),
    )
