"""Contas do ERP: write-only secrets, each bad setting at its own field, who saved meanwhile, the test."""

import ssl
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from comum import segredos
from comum.models import Auditoria, Usuario
from operacoes.errors import ProviderUnavailable
from operacoes.models import Pausa
from pagar.forms.contas import ContaForm
from pagar.models import ContaErp
from pagar.providers.datasul import Motivo
from pagar.services import acesso, contas
from tests.pagar.apoio import erp, recusa

pytestmark = pytest.mark.django_db

SENHA, TOKEN = "Senha-secreta-71", "token-secreto-72-assinado"
BASE = "http://erp.exemplo:8280"
IMPOSTOS = f"{BASE}/api/fin/v1/vendorsPayments/1/taxes"


@pytest.fixture
def cliente(ana: Usuario, client: Client) -> Client:
    client.force_login(ana)
    return client


def campos(**mudados: Any) -> dict[str, Any]:
    return {
        "nome": "Datasul da matriz",
        "ativa": "on",
        "endereco": f"{BASE}/",
        "contexto": "/api",
        "usuario": "guiche",
        "nova_senha": SENHA,
        "empresa": "001",
        "estabelecimento": "100",
        "portador": "90000",
        "moeda": "Real",
        "reter_em": "implantacao",
        "titulos_por_lote": "100",
        "por_segundo": "50",
        "idioma": "pt-BR",
        "por_pagina": "100",
        "paginas_maximas": "50",
    } | mudados


def incluir(cliente: Client, **mudados: Any) -> ContaErp:
    resposta = cliente.post(reverse("pagar:conta_nova"), campos(**mudados))
    assert resposta.status_code == 302, resposta.context["form"].errors
    return ContaErp.objects.latest("codigo")


def alterar(cliente: Client, conta: ContaErp, **mudados: Any) -> Any:
    dados = campos(nova_senha="", versao=acesso.versao_de(conta)) | mudados
    return cliente.post(reverse("pagar:conta", args=[conta.codigo]), dados)


def test_an_account_is_kept_with_its_secrets_sealed_and_its_settings_as_the_client_reads_them(
    cliente: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    conta = incluir(
        cliente,
        novo_token=TOKEN,
        forma_boleto="BOL",
        caminho_lote="/lotes",
        caminho_estorno="/reversal",  # as the product has it: nothing to keep
        tamanho_estabelecimento="3",
        tamanho_numero="16",
        numero_total="2",
        numero_parcial="1",
        codigos_referencia_usada="90013, 17006;17007",
        codigos_titulo_existe="90014",
    )
    assert (conta.base, conta.formas, conta.caminhos) == (BASE, {"boleto": "BOL"}, {"lote": "/lotes"})
    assert (conta.tamanhos, conta.numeros) == ({"estabelecimento": 3}, {"total": 2, "parcial": 1})
    assert conta.codigos == {
        "90013": "referencia_usada",
        "17006": "referencia_usada",
        "17007": "referencia_usada",
        "90014": "titulo_existe",
    }
    assert segredos.abrir_texto(conta, "senha") == SENHA
    assert segredos.abrir_texto(conta, "token") == TOKEN
    acesso.esquecer()
    with erp(monkeypatch):
        aberta = acesso.abrir(conta)
    assert aberta.conhecidos
    assert aberta.cliente._acesso.codigos["17006"] is Motivo.REFERENCIA_USADA
    pagina = cliente.get(reverse("pagar:conta", args=[conta.codigo])).content.decode()
    pagina += cliente.get(reverse("pagar:contas")).content.decode()
    pagina += cliente.get(reverse("admin:pagar_contaerp_change", args=[conta.pk])).content.decode()
    assert SENHA not in pagina
    assert TOKEN not in pagina
    assert 'value="17006, 17007, 90013"' in pagina
    ditos = "".join(f"{linha.resumo}{linha.dados}" for linha in Auditoria.objects.all())
    assert SENHA not in ditos
    assert TOKEN not in ditos


@pytest.mark.parametrize(
    ("campo", "valor", "trecho"),
    [
        ("endereco", "erp.exemplo:8280", "Comece por https://"),
        ("endereco", "http://maria:x@erp.exemplo", "campos próprios"),
        ("endereco", "http://erp.exemplo:99999", "não se consegue ler"),
        ("endereco", "http://erp.exemplo/api", "o contexto é escolhido ao lado"),
        ("usuario", "gui:che", "dois-pontos"),
        ("usuario", "", "Para completar depois"),
        ("nova_senha", "", "Informe a senha"),
        ("novo_token", "tem espaço no meio dele", "espaço"),
        ("estabelecimento", "100000", "5"),
        ("caminho_lote", "lotes?x=1", "começa com /"),
        ("caminho_impostos", "/taxes", "IdVendorsPayments"),
        ("tamanho_numero", "0", "1"),
        ("numero_total", "2", "serviria a duas opções"),
        ("forma_pix", "PIXX", "3"),
        ("idioma", "português", "pt-BR"),
        ("titulos_por_lote", "0", "1"),
    ],
)
def test_each_bad_value_is_refused_at_its_field(campo: str, valor: str, trecho: str) -> None:
    form = ContaForm(campos(**{campo: valor}))
    assert not form.is_valid()
    assert list(form.errors) == [campo]
    assert trecho in form.errors[campo][0]


def test_sizes_of_the_base_hold_for_the_account_itself_and_a_code_says_one_thing() -> None:
    form = ContaForm(
        campos(
            tamanho_portador="3",
            tamanho_forma_de_pagamento="2",
            forma_ted="TED",
            codigos_referencia_usada="1, 2",
            codigos_bordero_usado="2",
        )
    )
    assert not form.is_valid()
    assert set(form.errors) == {"portador", "forma_ted", "codigos_bordero_usado"}
    assert form.abre_ajustes
    assert form.abre_tamanhos


def test_a_host_of_the_intranet_without_a_domain_is_a_server(cliente: Client) -> None:
    assert incluir(cliente, endereco="http://totvs:8280").base == "http://totvs:8280"


def test_blank_secrets_stay_and_a_box_takes_them_away(cliente: Client) -> None:
    conta = incluir(cliente, novo_token=TOKEN)
    assert alterar(cliente, conta, portador="1").status_code == 302
    conta.refresh_from_db()
    assert segredos.abrir_texto(conta, "token") == TOKEN
    assert alterar(cliente, conta, portador="1", tirar_token="on").status_code == 302
    conta.refresh_from_db()
    assert (bytes(conta.token), segredos.abrir_texto(conta, "senha")) == (b"", SENHA)
    resposta = alterar(cliente, conta, portador="1", tirar_senha="on")
    assert "Informe a senha" in str(resposta.context["form"].errors)


def test_who_saved_meanwhile_is_told_and_what_was_typed_stays(cliente: Client, ana: Usuario) -> None:
    conta = incluir(cliente)
    velha = acesso.versao_de(conta)
    alterar(cliente, conta, nome="Da primeira pessoa")
    resposta = alterar(cliente, conta, versao=velha, nome="Da segunda", nova_senha="outra-senha-9")
    pagina = resposta.content.decode()
    assert resposta.status_code == 422
    assert f"{ana.nome} alterou esta conta do ERP" in pagina
    assert 'value="Da segunda"' in pagina
    assert "outra-senha-9" not in pagina
    assert "informe-os de novo" in pagina
    nova = resposta.context["form"]["versao"].value()
    assert alterar(cliente, conta, versao=nova, nome="Da segunda").status_code == 302
    # The same race past the form: the service looks again, with the row held.
    lida = ContaErp.objects.get(pk=conta.pk)
    lida.nome = "Da terceira"
    with pytest.raises(contas.ContaMudou):
        contas.salvar(usuario=ana, conta=lida, secretos=contas.Segredos(), versao=velha)


def test_a_save_lifts_the_pause_and_the_back_office_saves_by_the_same_rules(
    cliente: Client, django_capture_on_commit_callbacks: Any
) -> None:
    conta = incluir(cliente)
    Pausa.objects.create(acesso=conta.acesso, motivo="senha recusada")
    assert "Os envios desta conta estão parados" in cliente.get(conta.get_absolute_url()).content.decode()
    mudar = reverse("admin:pagar_contaerp_change", args=[conta.pk])
    dados = campos(nova_senha="", versao=acesso.versao_de(conta))
    resposta = cliente.post(mudar, dados | {"caminho_lote": "sem-barra"})
    assert "começa com /" in resposta.content.decode()
    assert cliente.post(mudar, dados | {"caminho_lote": "/lotes"}).status_code == 302
    conta.refresh_from_db()
    assert conta.caminhos == {"lote": "/lotes"}
    assert not Pausa.objects.exists()
    assert Auditoria.objects.filter(acao="erp.alterar", dados={"campos": ["caminhos"]}).count() == 1


@pytest.mark.parametrize(
    ("status", "corpo", "ok", "trecho"),
    [
        (200, {"total": 0, "hasNext": False, "items": []}, True, "Conectou: o Datasul aceitou o usuário guiche"),
        (401, recusa("401", "Unauthorized"), False, "não aceitou o usuário e a senha"),
        (403, recusa("403", "Forbidden"), False, "Peça o acesso a quem cuida do ERP"),
        (404, recusa("404", "Not found"), False, "não prova nada sobre usuário e senha"),
        (503, {}, False, "tente de novo em alguns minutos"),
    ],
)
def test_the_test_tells_what_to_do(
    cliente: Client, monkeypatch: pytest.MonkeyPatch, status: int, corpo: Any, ok: bool, trecho: str
) -> None:
    conta = incluir(cliente)
    acesso.esquecer()
    Pausa.objects.create(acesso=conta.acesso, motivo="senha recusada")
    with erp(monkeypatch) as router:
        router.get(url__startswith=IMPOSTOS).respond(status, json=corpo)
        cliente.post(reverse("pagar:conta_testar", args=[conta.codigo]))
    conta.refresh_from_db()
    assert conta.testada_em
    assert conta.teste_ok is ok
    assert trecho in conta.teste_resultado
    assert Pausa.objects.exists() is not ok
    assert trecho in cliente.get(conta.get_absolute_url()).content.decode()


def test_only_the_administrador_comes_here(client: Client, bruno: Usuario) -> None:
    client.force_login(bruno)
    assert {client.get(reverse(f"pagar:{nome}")).status_code for nome in ("contas", "conta_nova", "regras")} == {403}
    assert "Contas do ERP" not in client.get(reverse("pagar:fornecedores")).content.decode()


def test_every_model_of_the_app_is_in_the_back_office_and_what_went_to_the_erp_is_only_seen(
    cliente: Client, rf: Any, ana: Usuario
) -> None:
    pedido = rf.get("/")
    pedido.user = ana
    modelos = {m: a for m, a in admin.site._registry.items() if m._meta.app_label == "pagar"}
    assert len(modelos) == 11
    mudaveis = {m.__name__ for m, a in modelos.items() if a.has_change_permission(pedido)}
    assert mudaveis == {"ContaErp", "Fornecedor", "EstabelecimentoErp", "RegraTitulo", "RegraImposto"}
    for modelo in modelos:
        endereco = reverse(f"admin:pagar_{modelo._meta.model_name}_changelist")
        assert cliente.get(endereco, {"q": "x"}).status_code == 200, endereco


def test_a_bundle_of_authorities_that_does_not_open_says_why(cliente: Client, settings, tmp_path: Path) -> None:
    conta = incluir(cliente)
    settings.DATASUL_CA = tmp_path / "autoridades.pem"
    with pytest.raises(ProviderUnavailable, match=r"não existe\. Confira DATASUL_CA"):
        acesso.abrir(conta)
    settings.DATASUL_CA.write_text("nada")
    with pytest.raises(ProviderUnavailable, match="não traz certificados"):
        acesso.abrir(conta)
    settings.DATASUL_CA = tmp_path  # a folder stands for what this process may not read: root may read all
    with pytest.raises(ProviderUnavailable, match=r"existe e não pode ser lido \(Is a directory\)") as info:
        acesso.abrir(conta)
    assert info.value.codigo == "CA-AUSENTE"


@pytest.mark.parametrize("erro", [ssl.SSLError(1, "sem cifra"), OSError(24, "Too many open files")])
def test_what_else_keeps_tls_from_opening_is_not_blamed_on_the_authorities(
    cliente: Client, monkeypatch: pytest.MonkeyPatch, erro: OSError
) -> None:
    def cair(aberto: Any) -> None:
        raise erro

    conta = incluir(cliente)
    monkeypatch.setattr(acesso, "Datasul", cair)
    with pytest.raises(ProviderUnavailable) as info:
        acesso.abrir(conta)
    assert info.value.codigo == "CONEXAO-NAO-PREPARADA"
    assert "DATASUL_CA" not in info.value.mensagem
    assert str(erro) in info.value.mensagem
