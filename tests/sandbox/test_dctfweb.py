"""DCTFWEB 31 to 33, 38, 310 and 313. The clock stands on 21/11/2026."""

import base64
import io
import re
from typing import Any

import httpx
import pypdf
import pytest

from operacoes.http import Certificado
from operacoes.xmldsig import assinar
from tests.sandbox.integra import Cliente, cnpj, dados
from tests.sandbox_fixture import SandboxVivo

EMPRESA = cnpj(9)
PA = {"categoria": "GERAL_MENSAL", "anoPA": "2026", "mesPA": "10"}
DEBITOS = [
    {"origem": 1, "codigo": "108201", "valor": "1500.00"},
    {"origem": 7, "codigo": "170806", "valor": "200.00"},
]
FECHADA = [{"documento": EMPRESA, "dctfweb": [{"periodo": "202610", "debitos": DEBITOS}]}]


@pytest.fixture
def fechada(sandbox: SandboxVivo) -> SandboxVivo:
    sandbox.controle.cadastro(contribuintes=FECHADA)
    return sandbox


def pedir(cliente: Cliente, servico: str, **mudancas: Any) -> httpx.Response:
    rotas = {"GERARGUIA31": "Emitir", "GERARGUIAANDAMENTO313": "Emitir", "TRANSDECLARACAO310": "Declarar"}
    return cliente.chamar(rotas.get(servico, "Consultar"), EMPRESA, servico, PA | mudancas)


def codigos(resposta: httpx.Response) -> list[str]:
    assert resposta.status_code == 200, resposta.text
    return [mensagem["codigo"].strip("[]").rpartition("-")[2] for mensagem in resposta.json()["mensagens"]]


def xml(cliente: Cliente) -> bytes:
    return base64.b64decode(dados(pedir(cliente, "CONSXMLDECLARACAO38"))["XMLStringBase64"])


def assinado(cliente: Cliente, sandbox: SandboxVivo, conteudo: bytes, contratante: int = 0) -> bytes:
    de_quem = sandbox.controle.contratantes()[contratante]
    certificado = Certificado(sandbox.controle.a1(de_quem["cnpj"]), de_quem["senha"])
    return assinar(conteudo, certificado, elemento="ConteudoDeclaracao")


def transmitir(cliente: Cliente, conteudo: bytes) -> httpx.Response:
    return pedir(cliente, "TRANSDECLARACAO310", xmlAssinadoBase64=base64.b64encode(conteudo).decode())


def paginas(resposta: httpx.Response) -> str:
    leitor = pypdf.PdfReader(io.BytesIO(base64.b64decode(dados(resposta)["PDFByteArrayBase64"])))
    return "\n".join(pagina.extract_text() for pagina in leitor.pages)


def test_signed_as_it_came_the_declaration_is_transmitted_once(cliente: Cliente, fechada: SandboxVivo) -> None:
    conteudo = assinado(cliente, fechada, xml(cliente))
    assert codigos(transmitir(cliente, conteudo)) == ["MG00"]
    assert codigos(transmitir(cliente, conteudo)) == ["MG00", "MSGIC01", "TRANS11"]
    assert [efeito["tipo"] for efeito in fechada.controle.ledger(contribuinte=EMPRESA)] == ["dctfweb_transmitida"]
    assert "Recibo" in paginas(pedir(cliente, "CONSRECIBO32"))
    assert "1.700,00" in paginas(pedir(cliente, "CONSDECCOMPLETA33"))


def test_late_it_is_transmitted_with_a_fine(cliente: Cliente, fechada: SandboxVivo) -> None:
    fechada.controle.relogio(fixo="2026-12-02T10:00:00-03:00")
    cliente.autenticar()
    assert codigos(transmitir(cliente, assinado(cliente, fechada, xml(cliente)))) == ["MG00", "MSGIC01", "TRANS14"]


def trocar(antes: bytes, depois: bytes) -> Any:
    return lambda conteudo: conteudo.replace(antes, depois, 1)


MUDANCAS = [
    (trocar(b"1500.00", b"1.00"), "TRANS09"),
    (trocar(b'URI="#', b'URI="#x'), "TRANS18"),
    (trocar(b' versao="1.0"', b' versao="1.1"'), "TRANS07"),
    (lambda c: c.replace(b"<SignatureValue>", b"<SignatureValue>AAAA", 1), "TRANS09"),
    (lambda c: re.sub(rb"<Signature .*</Signature>", b"", c, flags=re.S), "TRANS17"),
    (lambda c: b"<outro/>", "TRANS16"),
    (lambda c: b"nada", "TRANS15"),
    (lambda c: b"", "TRANS21"),
]


@pytest.mark.parametrize(("mudar", "numero"), MUDANCAS, ids=[numero for _, numero in MUDANCAS])
def test_any_change_of_the_signed_xml_is_refused(
    cliente: Cliente, fechada: SandboxVivo, mudar: Any, numero: str
) -> None:
    mudado = mudar(assinado(cliente, fechada, xml(cliente)))
    assert codigos(transmitir(cliente, mudado)) == ["MG00", "MSGIC01", numero]
    assert fechada.controle.ledger(contribuinte=EMPRESA) == []


def test_an_xml_of_before_a_new_calculation_is_refused(cliente: Cliente, fechada: SandboxVivo) -> None:
    antigo = assinado(cliente, fechada, xml(cliente))
    fechada.controle.relogio(fixo="2026-11-21T11:00:00-03:00")
    fechada.controle.cadastro(contribuintes=FECHADA)
    cliente.autenticar()
    assert codigos(transmitir(cliente, antigo))[-1] == "TRANS10"


def test_the_certificate_is_that_of_the_autor(cliente: Cliente, fechada: SandboxVivo) -> None:
    assert codigos(transmitir(cliente, assinado(cliente, fechada, xml(cliente), contratante=1)))[-1] == "TRANS19"


def test_a_guia_is_of_the_active_declaration_or_of_that_in_progress(cliente: Cliente, fechada: SandboxVivo) -> None:
    assert codigos(pedir(cliente, "GERARGUIA31"))[-1] == "APIGUIA01"
    assert "1.700,00" in paginas(pedir(cliente, "GERARGUIAANDAMENTO313"))
    transmitir(cliente, assinado(cliente, fechada, xml(cliente)))
    assert "200,00" in paginas(pedir(cliente, "GERARGUIA31", idsSistemaOrigem=[7]))
    assert codigos(pedir(cliente, "GERARGUIA31", idsSistemaOrigem=[8]))[-1] == "APIGUIA03"
    assert codigos(pedir(cliente, "GERARGUIA31", DataAcolhimentoProposta=20261122))[-1] == "APIGUIA02"
    assert codigos(pedir(cliente, "GERARGUIAANDAMENTO313"))[-1] == "MG08"


REFUSADOS = [
    ({"mesPA": None}, "MG20"),
    ({"mesPA": 10}, "MG20"),
    ({"mesPA": "13"}, "MG07"),
    ({"categoria": "OUTRA"}, "MG20"),
    ({"categoria": "GERAL_13o_SALARIO"}, "MG20"),
    ({"categoria": "ESPETACULO_DESPORTIVO"}, "MG20"),
    ({"categoria": "AFERICAO", "cnoAfericao": "1"}, "MG20"),
    ({"categoria": "RECLAMATORIA_TRABALHISTA"}, "MG20"),
    ({"estranho": 1}, "MG20"),
    ({"anoPA": "2025"}, "MG08"),
    ({}, "MG08"),
]


@pytest.mark.parametrize(("mudancas", "numero"), REFUSADOS, ids=[str(m) for m, _ in REFUSADOS])
def test_what_does_not_name_a_declaration_is_refused(
    cliente: Cliente, fechada: SandboxVivo, mudancas: dict[str, Any], numero: str
) -> None:
    campos = {nome: valor for nome, valor in (PA | mudancas).items() if valor is not None}
    assert codigos(cliente.chamar("Consultar", EMPRESA, "CONSRECIBO32", campos))[-1] == numero


def test_a_receipt_of_another_declaration_is_told(cliente: Cliente, fechada: SandboxVivo) -> None:
    transmitir(cliente, assinado(cliente, fechada, xml(cliente)))
    assert codigos(pedir(cliente, "CONSRECIBO32", numeroReciboEntrega=123))[-1] == "MG09"
    assert codigos(pedir(cliente, "CONSRECIBO32", numeroReciboEntrega="123"))[-1] != "MG09"
    fechada.controle.cadastro(contribuintes=FECHADA)
    assert codigos(pedir(cliente, "CONSRECIBO32"))[-1] == "MG10"


def test_services_in_prospection_are_not_released(cliente: Cliente, sandbox: SandboxVivo) -> None:
    resposta = cliente.chamar("Emitir", EMPRESA, "GERARGUIAMAED36", PA)
    assert resposta.json()["mensagens"][0]["codigo"] == "[EntradaIncorreta-ICGERENCIADOR-044]"
