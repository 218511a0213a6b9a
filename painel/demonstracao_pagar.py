"""The accounts payable of the demo office: the simulator's ERP, who is paid there, and how each document is written."""

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction

from comum.models import Usuario
from empresas.models import Municipio
from nfse.models import CanalNfse
from pagar.models import ContaErp, Fornecedor, Origem, RegraImposto, RegraTitulo, Retencao
from pagar.providers.datasul import CODIGOS_DO_SIMULADOR
from pagar.services import contas
from painel.demonstracao_notas import RECEBIDAS, Sandbox

RECEITA = 12704
# Codes that the simulator's ERP has: who rendered the received notes, in their order, and the town halls.
PRESTADORES, PREFEITURAS = (95, 1, 2001, 2002), range(3001, 3021)
FORMAS = {"ted": "TED", "boleto": "BOL", "tributo": "TRB", "pix": "PIX"}
_CODIGOS: dict[str, Any] = {"plano_contas": "Geral", "unidade_negocio": "1", "fluxo": "10.06.01"}
# tax, its code and classification in the ERP, day, whether the bank day before counts
IMPOSTOS = (
    (Retencao.IRRF, "10", "1708", 20, True),
    (Retencao.CSRF, "20", "5952", 20, True),
    (Retencao.INSS, "30", "2631", 20, True),
    (Retencao.ISS, "40", "ISS", 10, False),
)


@transaction.atomic
def completar(usuario: Usuario, cnpj: Callable[[int], str], sandbox: Sandbox) -> None:
    """The account and its registers, when the office has none."""
    if ContaErp.objects.exists():
        return
    acesso = json.loads(sandbox.pedir(f"{sandbox.controle}/controle/api/totvs/demonstracao", None))
    conta = contas.salvar(
        usuario=usuario,
        conta=ContaErp(
            nome="Datasul (sandbox)",
            base=f"https://127.0.0.1:{settings.SANDBOX_PORTA_TLS}/totvs",
            usuario=acesso["usuario"],
            empresa=acesso["empresa"],
            estabelecimento=acesso["estabelecimento"],
            portador="90000",
            portador_do_bordero="03399",
            matriz="EMS2",
            formas=FORMAS,
            codigos={codigo: motivo.value for codigo, motivo in CODIGOS_DO_SIMULADOR.items()},
        ),
        secretos=contas.Segredos(senha=acesso["senha"]),
    )
    _fornecedores(conta, cnpj)
    _regras(conta)


def _fornecedores(conta: ContaErp, cnpj: Callable[[int], str]) -> None:
    todos = [Fornecedor(conta=conta, codigo=RECEITA, nome="Receita Federal do Brasil", papel=Fornecedor.Papel.RECEITA)]
    todos += [
        Fornecedor(conta=conta, codigo=codigo, nome=nome, documento=cnpj(950_000 + ordem))
        for ordem, (codigo, (nome, *_)) in enumerate(zip(PRESTADORES, RECEBIDAS, strict=True))
    ]
    das_notas = CanalNfse.objects.values("empresa__municipio")
    municipios = Municipio.objects.filter(pk__in=das_notas).order_by("pk")
    todos += [
        Fornecedor(
            conta=conta,
            codigo=codigo,
            nome=f"Município de {municipio.nome}",
            papel=Fornecedor.Papel.PREFEITURA,
            municipio=municipio,
        )
        for codigo, municipio in zip(PREFEITURAS, municipios, strict=False)
    ]
    Fornecedor.objects.bulk_create(todos)


def _regras(conta: ContaErp) -> None:
    guia = {"especie": "IM", "conta_contabil": "21010606", "forma_pagamento": FORMAS["tributo"], **_CODIGOS}
    nota = {"especie": "DP", "conta_contabil": "11031601", "forma_pagamento": FORMAS["boleto"], **_CODIGOS}
    for origem, codigos in ((Origem.DAS, guia), (Origem.DARF, guia), (Origem.NOTA, nota)):
        RegraTitulo.objects.create(conta=conta, origem=origem, **codigos)
    for retencao, imposto, classificacao, dia, adiantar in IMPOSTOS:
        RegraImposto.objects.create(
            conta=conta,
            retencao=retencao,
            imposto=imposto,
            classificacao=classificacao,
            especie="IR",
            plano_contas="Geral",
            conta_contabil="21010606",
            vence_dia=dia,
            adiantar=adiantar,
        )
