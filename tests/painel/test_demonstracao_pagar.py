"""The accounts payable of the demo office, as its simulator has it."""

import json
from typing import Any

import pytest

from comum.models import Usuario
from nfse.models import TipoCanal
from pagar.models import ContaErp, Fornecedor, RegraImposto, RegraTitulo
from pagar.services import testes
from painel import demonstracao_pagar
from painel.demonstracao import _pedir, cnpj
from painel.demonstracao_notas import Sandbox
from tests.nfse.escritorio import empresa_com_canal
from tests.sandbox_fixture import SandboxVivo

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_account_opens_the_simulator_and_every_code_is_one_of_its_registers(
    nfse_vivo: SandboxVivo, ana: Usuario, settings: Any
) -> None:
    settings.SANDBOX_PORTA_TLS = int(nfse_vivo.enderecos["totvs"]["producao"].split(":")[2].split("/")[0])
    settings.DATASUL_CA = nfse_vivo.ca
    empresa_com_canal(31, TipoCanal.INTEGRANOTAS)
    sandbox = Sandbox(nfse_vivo.enderecos["controle"].rstrip("/"), _pedir)
    for _ in range(2):
        demonstracao_pagar.completar(ana, lambda numero: cnpj(numero, letras=False), sandbox)
    conta = ContaErp.objects.get()
    teste = testes.testar(conta=conta, usuario=ana)
    assert teste.ok, teste.mensagem
    cadastros = json.loads(_pedir(f"{sandbox.controle}/controle/api/totvs/cadastros"))
    assert {str(f.codigo) for f in Fornecedor.objects.all()} <= set(cadastros["fornecedores"])
    assert Fornecedor.objects.filter(papel="prefeitura").count() == 1
    regras: list[Any] = [*RegraTitulo.objects.all(), *RegraImposto.objects.all()]
    assert {regra.especie for regra in regras} <= set(cadastros["especies"])
    assert {regra.conta_contabil for regra in regras} <= set(cadastros["contas"]["Geral"])
    assert len(regras) == 7
