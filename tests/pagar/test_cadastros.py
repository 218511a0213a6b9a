"""Suppliers and mapping tables on screen and in the back office: found as people type, each rule said at its field."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from comum.models import Auditoria, Usuario
from empresas.models import Municipio
from pagar.models import ContaErp, EstabelecimentoErp, Fornecedor, RegraImposto, RegraTitulo
from tests.cast import cnpj_valido, criar_empresa

pytestmark = pytest.mark.django_db

A, B = cnpj_valido(71), cnpj_valido(72)


def criar_conta(codigo: int = 1, **campos: Any) -> ContaErp:
    padrao = {"empresa": "001", "estabelecimento": "100", "portador": "90000", "base": "http://erp.exemplo"}
    return ContaErp.objects.create(**{"codigo": codigo, "nome": f"Conta {codigo}"} | padrao | campos)


@pytest.fixture
def conta(db: None) -> ContaErp:
    return criar_conta()


@pytest.fixture
def olinda(db: None) -> Municipio:
    return Municipio.objects.get(nome="Olinda")


@pytest.fixture
def fornecedor(conta: ContaErp) -> Fornecedor:
    return Fornecedor.objects.create(conta=conta, codigo=95, nome="São João d'Água Ltda", documento=A)


@pytest.fixture
def bruno_na_tela(bruno: Usuario, client: Client) -> Client:
    client.force_login(bruno)
    return client


@pytest.fixture
def cliente(ana: Usuario, client: Client) -> Client:
    client.force_login(ana)
    return client


def dados(de: ContaErp, /, **mudados: Any) -> dict[str, Any]:
    base = {"conta": de.pk, "codigo": "96", "nome": "Aurora Ltda", "documento": "", "papel": "", "ativo": "on"}
    return base | mudados


def erros(resposta: Any) -> dict[str, list[str]]:
    assert resposta.status_code == 422, resposta.status_code
    return dict(resposta.context["form"].errors)


# -- suppliers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("q", ["sao joao", "JOÃO agua", "95", A, f"{A[:2]}.{A[2:5]}", "d'água"])
def test_a_supplier_is_found_as_people_type(bruno_na_tela: Client, fornecedor: Fornecedor, q: str) -> None:
    for nome in ("fornecedores", "fornecedor_buscar"):
        pagina = bruno_na_tela.get(reverse(f"pagar:{nome}"), {"q": q}, headers={"HX-Request": "true"}).content.decode()
        assert "São João" in pagina, nome
    assert "São João" not in bruno_na_tela.get(reverse("pagar:fornecedores"), {"q": "outro"}).content.decode()


def test_the_list_costs_the_page_and_not_the_rows(
    bruno_na_tela: Client, conta: ContaErp, olinda: Municipio, django_assert_max_num_queries: Any
) -> None:
    outra = criar_conta(2)
    Fornecedor.objects.bulk_create(
        Fornecedor(conta=c, codigo=n, nome=f"F {n}") for c in (conta, outra) for n in range(1, 61)
    )
    bruno_na_tela.get(reverse("pagar:fornecedores"))
    with django_assert_max_num_queries(12):
        pagina = bruno_na_tela.get(reverse("pagar:fornecedores"), {"conta": "2"}).content.decode()
    assert "60 fornecedores" in " ".join(pagina.split())


def test_an_operador_includes_a_supplier_and_the_audit_says_what(bruno_na_tela: Client, conta: ContaErp) -> None:
    novo = reverse("pagar:fornecedor_novo")
    assert bruno_na_tela.get(novo).context["form"]["conta"].value() == conta.pk  # the only one is chosen already
    assert bruno_na_tela.post(novo, dados(conta, documento=A)).status_code == 302
    fornecedor = Fornecedor.objects.get()
    assert (fornecedor.documento, fornecedor.codigo) == (A, 96)
    linha = Auditoria.objects.get(acao="pagar.incluir_fornecedor")
    assert linha.dados["campos"]["nome"] == ["", "Aurora Ltda"]


@pytest.mark.parametrize(
    ("mudados", "campo", "trecho"),
    [
        ({"codigo": "95"}, "codigo", "já é de São João"),
        ({"codigo": ""}, "codigo", "Informe o código"),
        ({"codigo": "0"}, "codigo", "1"),
        ({"codigo": "1234567890"}, "codigo", "999"),
        ({"documento": "11222333000100"}, "documento", "dígito"),
        ({"documento": A}, "documento", "já é do fornecedor 95 São João"),
        ({"papel": "prefeitura"}, "municipio", "Informe o município"),
        ({"municipio": "2609600"}, "municipio", "só de prefeitura"),
        ({"municipio": "9999999", "papel": "prefeitura"}, "municipio", "Escolha na lista"),
        ({"papel": "receita"}, "papel", "já é o fornecedor 7 RFB"),
        ({"papel": "prefeitura", "municipio": "2609600"}, "municipio", "já é o fornecedor 8"),
        ({"conta": ""}, "conta", "Escolha a conta"),
        ({"nome": ""}, "nome", "Informe o nome"),
    ],
)
def test_each_fault_is_said_at_its_field(
    bruno_na_tela: Client, fornecedor: Fornecedor, olinda: Municipio, mudados: dict[str, Any], campo: str, trecho: str
) -> None:
    Fornecedor.objects.create(conta=fornecedor.conta, codigo=7, nome="RFB", papel="receita")
    Fornecedor.objects.create(conta=fornecedor.conta, codigo=8, nome="Prefeitura", papel="prefeitura", municipio=olinda)
    resposta = bruno_na_tela.post(reverse("pagar:fornecedor_novo"), dados(fornecedor.conta, **mudados))
    achados = erros(resposta)
    assert list(achados) == [campo]
    assert trecho in achados[campo][0]


def test_of_two_who_alter_the_second_is_told_and_one_unique_name_may_be_inactive(
    bruno_na_tela: Client, fornecedor: Fornecedor
) -> None:
    endereco = reverse("pagar:fornecedor", args=[fornecedor.pk])
    versao = bruno_na_tela.get(endereco).context["form"]["versao"].value()
    mudado = dados(fornecedor.conta, codigo="95", documento=A, versao=versao)
    assert bruno_na_tela.post(endereco, mudado | {"nome": "Primeira", "ativo": ""}).status_code == 302
    resposta = bruno_na_tela.post(endereco, mudado | {"nome": "Segunda"})
    assert "no cadastro está agora: Nome: Primeira" in erros(resposta)["__all__"][0]
    # Its document is free again: it is inactive.
    assert bruno_na_tela.post(reverse("pagar:fornecedor_novo"), dados(fornecedor.conta, documento=A)).status_code == 302


def test_a_supplier_is_included_from_the_look_up_that_missed_it(bruno_na_tela: Client, conta: ContaErp) -> None:
    opcoes = bruno_na_tela.get(
        reverse("pagar:fornecedor_buscar"), {"q": "Aurora", "conta": str(conta.pk)}
    ).content.decode()
    assert f"conta={conta.pk}&amp;q=Aurora" in opcoes
    dialogo = reverse("pagar:fornecedor_dialogo")
    aberto = bruno_na_tela.get(dialogo, {"q": "96", "conta": str(conta.pk), "alvo": "lk-fornecedor"})
    assert aberto.context["form"]["codigo"].value() == "96"
    resposta = bruno_na_tela.post(dialogo, dados(conta, alvo="lk-fornecedor"), headers={"HX-Request": "true"})
    assert resposta.status_code == 204
    escolhido = json.loads(resposta["HX-Trigger"])["lookup:escolher"]
    assert escolhido == {"alvo": "lk-fornecedor", "valor": str(Fornecedor.objects.get().pk), "rotulo": "96 Aurora Ltda"}


def test_who_only_consults_sees_the_suppliers_and_changes_none(carla: Usuario, client: Client, conta: ContaErp) -> None:
    client.force_login(carla)
    assert client.get(reverse("pagar:fornecedores")).status_code == 200
    assert client.post(reverse("pagar:fornecedor_novo"), dados(conta)).status_code == 403


# -- mapping tables ---------------------------------------------------------------------------------------------------

REGRA = {
    "origem": "nota",
    "codigo": "",
    "especie": "DP",
    "conta_contabil": "11031601",
    "unidade_negocio": "1",
    "fluxo": "10.06.01",
    "parcelas": "1",
    "prazo_dias": "30",
    "intervalo_dias": "30",
}
IMPOSTO = {"retencao": "irrf", "imposto": "10", "classificacao": "1708", "vence_dia": "20", "adiantar": "on"}


def test_a_rule_is_kept_listed_in_words_and_excluded_with_what_it_said(cliente: Client, fornecedor: Fornecedor) -> None:
    novo = reverse("pagar:regra_novo")
    regra = REGRA | {"conta": fornecedor.conta_id, "codigo": f"{B[:2]}.{B[2:]}", "fornecedor": fornecedor.pk}
    assert cliente.post(novo, regra).status_code == 302
    guardada = RegraTitulo.objects.get()
    assert guardada.codigo == B
    pagina = " ".join(cliente.get(reverse("pagar:regras")).content.decode().split())
    assert "Nota de serviço tomado" in pagina
    assert "95 São João" in pagina
    assert "1 parcela, 30 dias" in pagina
    assert cliente.post(reverse("pagar:regra_excluir", args=[guardada.pk])).status_code == 302
    assert not RegraTitulo.objects.exists()
    assert Auditoria.objects.get(acao="pagar.excluir_regratitulo").dados["campos"]["especie"] == "DP"
    assert cliente.post(reverse("pagar:regra_excluir", args=[guardada.pk])).status_code == 404


@pytest.mark.parametrize(
    ("mudados", "campo", "trecho"),
    [
        ({"origem": "das", "codigo": "0561"}, "codigo", "não tem código"),
        ({"origem": "darf", "codigo": "56"}, "codigo", "4 números"),
        ({"codigo": "11222333000100"}, "codigo", "dígito"),
        ({"origem": "xyz"}, "origem", ""),
        ({"centro_custo": "123"}, "centro_custo", "vão juntos"),
        ({"portador": "90000"}, "portador", "cabem 3"),
        ({"parcelas": "100"}, "parcelas", "99"),
        ({"fornecedor": "outra"}, "fornecedor", "outra conta"),
        ({}, "codigo", "Já há uma regra desta conta"),
    ],
)
def test_each_fault_of_a_rule_is_said_at_its_field(
    cliente: Client, fornecedor: Fornecedor, mudados: dict[str, Any], campo: str, trecho: str
) -> None:
    conta = fornecedor.conta
    conta.tamanhos = {"portador": 3}
    conta.save()
    if mudados.get("fornecedor"):
        mudados = {"fornecedor": Fornecedor.objects.create(conta=criar_conta(2), codigo=1, nome="De outra").pk}
    elif not mudados:
        RegraTitulo.objects.create(conta=conta, origem="nota", especie="DP")
    achados = erros(cliente.post(reverse("pagar:regra_novo"), REGRA | {"conta": conta.pk} | mudados))
    assert list(achados) == [campo]
    assert trecho in achados[campo][0]


def test_a_withheld_tax_and_where_an_empresa_goes(cliente: Client, conta: ContaErp, olinda: Municipio) -> None:
    novo = reverse("pagar:imposto_novo")
    imposto = IMPOSTO | {"conta": conta.pk, "aliquota": "1,5"}
    assert cliente.post(novo, imposto).status_code == 302
    assert RegraImposto.objects.get().aliquota == Decimal("1.5")
    assert "Só o ISS tem município" in str(erros(cliente.post(novo, imposto | {"municipio": olinda.pk}))["municipio"])
    assert "Já há uma regra" in str(erros(cliente.post(novo, imposto))["municipio"])
    assert cliente.post(novo, imposto | {"retencao": "iss", "municipio": olinda.pk}).status_code == 302
    pagina = " ".join(cliente.get(reverse("pagar:impostos")).content.decode().split())
    assert "ISS de Olinda/PE" in pagina
    assert "Na implantação do título<small>como a conta</small>" in pagina
    empresa = criar_empresa(1)
    novo = reverse("pagar:estabelecimento_novo")
    onde = {"empresa": empresa.pk, "conta": conta.pk, "empresa_erp": "001", "estabelecimento": "200"}
    assert cliente.post(novo, onde).status_code == 302
    assert "já vai para 001/200" in str(erros(cliente.post(novo, onde))["empresa"])
    um = EstabelecimentoErp.objects.get()
    mudado = onde | {"empresa": "", "estabelecimento": "300"}
    assert cliente.post(reverse("pagar:estabelecimento", args=[um.pk]), mudado).status_code == 302
    assert "001/300" in cliente.get(reverse("pagar:estabelecimentos"), {"q": empresa.documento}).content.decode()


def test_the_back_office_refuses_what_the_screen_refuses_and_leads_to_the_import(
    cliente: Client, fornecedor: Fornecedor
) -> None:
    endereco = reverse("admin:pagar_fornecedor_add")
    pagina = cliente.post(endereco, dados(fornecedor.conta, documento=A)).content.decode()
    assert "já é do fornecedor 95" in pagina
    assert cliente.post(endereco, dados(fornecedor.conta, documento=B)).status_code == 302
    assert Auditoria.objects.filter(acao="pagar.incluir_fornecedor").count() == 1
    for modelo, url in (
        ("fornecedor", "fornecedores"),
        ("regratitulo", "regras"),
        ("regraimposto", "impostos"),
        ("estabelecimentoerp", "estabelecimentos"),
    ):
        pagina = cliente.get(reverse(f"admin:pagar_{modelo}_changelist")).content.decode()
        assert reverse(f"pagar:{url}_importar") in pagina
        assert cliente.get(reverse(f"admin:pagar_{modelo}_add")).status_code == 200
