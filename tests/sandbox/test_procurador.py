"""AUTENTICAPROCURADOR as another program would meet it: the termo signed by xmlsec, and every refusal."""

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from lxml import etree

from credentials.providers.termo import Termo, montar
from tests.assinaturas import DS, assinar, xmlsec
from tests.sandbox.integra import Cliente, cnpj, codigo, dados
from tests.sandbox_fixture import SandboxVivo

CPF = "52998224725"
Mudanca = Callable[[etree._Element], object]


def nada(raiz: etree._Element) -> None: ...


def assinado(
    cliente: Cliente,
    sandbox: SandboxVivo,
    antes: Mudanca = nada,
    *,
    transformadas: tuple[Any, ...] | None = None,
    metodo: Any = None,
    quem: str = CPF,
) -> etree._Element:
    hoje = datetime.fromisoformat(sandbox.controle.relogio()["agora"]).date()
    termo = Termo(cliente.contratante["cnpj"], "Contratante", CPF, "Procuradora", hoje, hoje + timedelta(days=30))
    raiz = montar(termo)
    antes(raiz)
    pfx = sandbox.controle.emitir_a1(cnpj=quem, nome="PROCURADORA", senha="s")
    assinado: etree._Element = assinar(raiz, pfx, "s", transformadas=transformadas, metodo=metodo)
    return assinado


def trocar(cliente: Cliente, xml: bytes | str) -> httpx.Response:
    texto = base64.b64encode(xml).decode() if isinstance(xml, bytes) else xml
    pedido = {"idSistema": "AUTENTICAPROCURADOR", "idServico": "ENVIOXMLASSINADO81", "versaoSistema": "1.0"}
    autor = {"numero": CPF, "tipo": 1}
    corpo = cliente.envelope(cnpj(1), "GERARDAS12", {"xml": texto}, autorPedidoDados=autor, contribuinte=autor)
    corpo["pedidoDados"] |= pedido
    return cliente.enviar("Apoiar", corpo)


def test_a_signed_termo_gives_a_token_and_again_a_304(cliente: Cliente, sandbox_limpo: SandboxVivo) -> None:
    xml = etree.tostring(assinado(cliente, sandbox_limpo))
    primeira, segunda = trocar(cliente, xml), trocar(cliente, xml)
    token = dados(primeira)["autenticar_procurador_token"]
    assert (primeira.status_code, len(token)) == (200, 36)
    assert dados(primeira)["data_hora_expiracao"].endswith("T00:00:00")
    assert (segunda.status_code, segunda.content) == (304, b"")
    assert segunda.headers["etag"] == f'"autenticar_procurador_token:{token}"'
    cobradas = sandbox_limpo.controle.chamadas(operacao="ENVIOXMLASSINADO81")
    assert {chamada["cobranca"] for chamada in cobradas} == {"nao"}


def pelo_procurador(cliente: Cliente, token: str, autor: str = CPF) -> httpx.Response:
    """A query in the name of `autor`, who has every power of the contribuinte."""
    procuracao = {"outorgante": cnpj(1), "outorgado": autor, "poderes": ["TODOS"], "expira": "2030-01-01"}
    cliente.sandbox.controle.post("cadastro", {"procuracoes": [procuracao]})
    parte = {"numero": autor, "tipo": 1}
    corpo = cliente.envelope(cnpj(1), "CONSDECLARACAO13", {"anoCalendario": "2026"}, autorPedidoDados=parte)
    return cliente.enviar("Consultar", corpo, headers={"autenticar_procurador_token": token} if token else {})


def test_the_token_speaks_for_its_signer_alone(cliente: Cliente, sandbox_limpo: SandboxVivo) -> None:
    resposta = trocar(cliente, etree.tostring(assinado(cliente, sandbox_limpo)))
    token = dados(resposta)["autenticar_procurador_token"]
    assert "ICGERENCIADOR" not in codigo(pelo_procurador(cliente, token))
    assert codigo(pelo_procurador(cliente, "")) == "[AcessoNegado-ICGERENCIADOR-019]"
    assert codigo(pelo_procurador(cliente, "curto")) == "[AcessoNegado-ICGERENCIADOR-042]"
    assert codigo(pelo_procurador(cliente, "0" * 36)) == "[AcessoNegado-ICGERENCIADOR-020]"
    assert codigo(pelo_procurador(cliente, token, "39053344705")) == "[AcessoNegado-ICGERENCIADOR-054]"
    sandbox_limpo.controle.relogio(deslocamento_segundos=86_400)
    cliente.autenticar()
    assert codigo(pelo_procurador(cliente, token)) == "[AcessoNegado-ICGERENCIADOR-020]"


def trocar_atributo(onde: int, nome: str, valor: str) -> Mudanca:
    return lambda raiz: raiz[0][onde].set(nome, valor)


@pytest.mark.parametrize(
    ("mudanca", "esperado"),
    [
        (lambda raiz: raiz[0].remove(raiz[0][0]), "EntradaIncorreta-AUTENTICAPROCURADOR-015"),
        (trocar_atributo(1, "texto", "Autorizo."), "EntradaIncorreta-AUTENTICAPROCURADOR-016"),
        (trocar_atributo(4, "data", "20991231"), "EntradaIncorreta-AUTENTICAPROCURADOR-018"),
        (trocar_atributo(5, "data", "20200101"), "EntradaIncorreta-AUTENTICAPROCURADOR-017"),
        (trocar_atributo(5, "data", "20991231"), "EntradaIncorreta-AUTENTICAPROCURADOR-016"),
        (trocar_atributo(6, "numero", "11222333000181"), "AcessoNegado-AUTENTICAPROCURADOR-012"),
        (trocar_atributo(7, "numero", "39053344705"), "AcessoNegado-AUTENTICAPROCURADOR-011"),
        (trocar_atributo(7, "tipo", "PJ"), "EntradaIncorreta-AUTENTICAPROCURADOR-016"),
    ],
)
def test_what_the_termo_says_is_checked(
    cliente: Cliente, sandbox_limpo: SandboxVivo, mudanca: Mudanca, esperado: str
) -> None:
    resposta = trocar(cliente, etree.tostring(assinado(cliente, sandbox_limpo, mudanca)))
    assert codigo(resposta) == f"[{esperado}]"


def mudar(raiz: etree._Element, caminho: str, **atributos: str) -> etree._Element:
    no = raiz.find(".//" + caminho.replace("ds:", f"{{{DS}}}"))
    assert no is not None
    for nome, valor in atributos.items():
        no.set(nome, valor)
    return raiz


@pytest.mark.parametrize(
    ("depois", "esperado"),
    [
        (lambda raiz: raiz.remove(raiz[1]), "025"),
        (lambda raiz: mudar(raiz, "ds:CanonicalizationMethod", Algorithm="x"), "026"),
        (lambda raiz: mudar(raiz, "ds:SignatureMethod", Algorithm="x"), "027"),
        (lambda raiz: mudar(raiz, "ds:Reference", URI="#x"), "029"),
        (lambda raiz: mudar(raiz, "ds:DigestMethod", Algorithm="x"), "030"),
        (lambda raiz: mudar(raiz, "ds:Transform", Algorithm="x"), "031"),
        (trocar_atributo(7, "nome", "Outra"), "033"),
    ],
)
def test_what_is_done_to_the_signature_is_found(
    cliente: Cliente, sandbox_limpo: SandboxVivo, depois: Any, esperado: str
) -> None:
    raiz = assinado(cliente, sandbox_limpo)
    depois(raiz)
    assert codigo(trocar(cliente, etree.tostring(raiz))) == f"[EntradaIncorreta-AUTENTICAPROCURADOR-{esperado}]"


def test_other_choices_of_signature_are_refused(cliente: Cliente, sandbox_limpo: SandboxVivo) -> None:
    exclusiva = assinado(cliente, sandbox_limpo, transformadas=(xmlsec.Transform.ENVELOPED, xmlsec.Transform.EXCL_C14N))
    sha1 = assinado(cliente, sandbox_limpo, metodo=xmlsec.Transform.RSA_SHA512)
    assert codigo(trocar(cliente, etree.tostring(exclusiva))) == "[EntradaIncorreta-AUTENTICAPROCURADOR-031]"
    assert codigo(trocar(cliente, etree.tostring(sha1))) == "[EntradaIncorreta-AUTENTICAPROCURADOR-027]"


@pytest.mark.parametrize(
    ("xml", "numero"), [("", "002"), ("não é base64", "020"), (b"<termo", "038"), (b"<outro/>", "019")]
)
def test_what_is_not_a_termo(cliente: Cliente, xml: bytes | str, numero: str) -> None:
    assert codigo(trocar(cliente, xml)).endswith(f"AUTENTICAPROCURADOR-{numero}]")
