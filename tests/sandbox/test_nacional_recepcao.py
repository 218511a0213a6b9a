"""What is refused before any business rule: certificates, the wire, the XML, the schema, the signature."""

import base64
import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox import autoridade
from sandbox.partida.pasta import Pasta
from tests.sandbox.integra import contexto_tls
from tests.sandbox.nacional import Nacional, codigos, dps, novo_titular
from tests.sandbox.nacional import cnpj as um_cnpj
from tests.sandbox_fixture import SandboxVivo


@pytest.fixture
def com_certificado(sandbox: SandboxVivo, tmp_path: Path) -> Iterator[Callable[..., Nacional]]:
    """A company whose A1 is out of the ordinary."""
    abertos: list[Nacional] = []

    def criar(**dados: Any) -> Nacional:
        abertos.append(Nacional(sandbox, novo_titular(sandbox, tmp_path, um_cnpj(2), **dados)))
        return abertos[-1]

    yield criar
    for aberto in abertos:
        aberto.http.close()


@pytest.mark.parametrize(
    ("dados", "codigo"),
    [
        ({"valido_de": "2024-01-01", "valido_ate": "2025-01-01"}, "E1203"),
        ({"estranho": True}, "E1205"),
        ({"sem_titular": True}, "E1209"),
    ],
)
def test_a_certificate_that_is_not_good_is_refused_in_every_service(
    com_certificado: Callable[..., Nacional], dados: dict[str, Any], codigo: str
) -> None:
    nacional = com_certificado(**dados)
    emissao = nacional.emitir()
    assert (emissao.status_code, codigos(emissao)) == (403, [codigo])
    consulta = nacional.sefin("GET", "/dps/DPS1")
    assert (consulta.status_code, codigos(consulta)) == (403, [codigo])
    distribuicao = nacional.adn("/DFe/0")
    assert (distribuicao.status_code, distribuicao.json()["StatusProcessamento"]) == (403, "REJEICAO")
    assert codigos(distribuicao) == [codigo]
    assert nacional.ledger() == []


def test_without_a_certificate(sandbox: SandboxVivo, http_simples: httpx.Client) -> None:
    sefin = sandbox.enderecos["nacional"]["sefin"]
    emissao = http_simples.post(f"{sefin}/nfse", json={"dpsXmlGZipB64": ""})
    assert (emissao.status_code, codigos(emissao)) == (403, ["E1200"])
    assert http_simples.get(f"{sefin}/nfse/1").status_code == 401
    assert http_simples.head(f"{sefin}/dps/1").status_code == 401
    assert http_simples.get(f"{sandbox.enderecos['nacional']['adn']}/DFe/0").status_code == 401


def test_a_certificate_of_nobodys_authority_does_not_pass_the_handshake(sandbox: SandboxVivo, tmp_path: Path) -> None:
    outra = Pasta(tmp_path)
    autoridade.criar(outra)
    pfx = autoridade.emitir_a1(autoridade.abrir(outra), cnpj=um_cnpj(3), nome="OUTRA", senha="x")
    contexto = contexto_tls(sandbox.ca, pfx, "x", tmp_path)
    with httpx.Client(verify=contexto, trust_env=False) as cliente, pytest.raises(httpx.TransportError):
        cliente.get(f"{sandbox.enderecos['nacional']['sefin']}/nfse/1").raise_for_status()


def test_in_plain_mode_a_header_tells_who_calls(sandbox: SandboxVivo, http_simples: httpx.Client) -> None:
    sandbox.controle.ajustes(**{"nacional.mtls": False})
    rota = f"{sandbox.enderecos['nacional']['adn']}/DFe/0"
    assert http_simples.get(rota).status_code == 403
    assert http_simples.get(rota, headers={"X-Sandbox-Documento": um_cnpj(1)}).status_code == 404


def test_a_document_that_is_not_packed_as_it_should(nacional: Nacional) -> None:
    boa = nacional.montar(1)
    inteiro = gzip.compress(boa)
    ruins: list[Any] = [
        {},
        {"dpsXmlGZipB64": None},
        {"dpsXmlGZipB64": "não é base64"},
        {"dpsXmlGZipB64": base64.b64encode(boa).decode()},
        {"dpsXmlGZipB64": base64.b64encode(inteiro[:-9]).decode()},
        {"dpsXmlGZipB64": base64.b64encode(inteiro + b"resto").decode()},
        b"isto nao e json",
        ["lista"],
        b"[" * 100_000,
    ]
    for ruim in ruins:
        resposta = nacional.sefin("POST", "/nfse", ruim)
        assert (resposta.status_code, codigos(resposta)) == (400, ["E1225"])


def test_a_gzip_bomb_is_not_inflated(nacional: Nacional) -> None:
    nacional.opcoes(descompressao_maxima=100_000)
    resposta = nacional.enviar(b"0" * 100_001)
    assert codigos(resposta) == ["E1225"]


def test_the_body_has_to_be_json_by_its_type(nacional: Nacional) -> None:
    corpo = {"content": b"{}", "headers": {"Content-Type": "text/plain"}}
    assert nacional.sefin("POST", "/nfse", **corpo).status_code == 415


@pytest.mark.parametrize(
    ("trocas", "codigo"),
    [
        ([("</infDPS>", "")], "E1226"),
        ([("<DPS ", '<!DOCTYPE DPS [<!ENTITY x "y">]><DPS ')], "E1226"),
        ([("<DPS ", '<DPS xmlns:n="urn:n" ')], "E1228"),
        ([("<verAplic>", "<outro>"), ("</verAplic>", "</outro>")], "E1235"),
        ([("<vServ>1000.00", "<vServ>1000.0")], "E1235"),
        ([("-03:00</dhEmi>", "Z</dhEmi>")], "E1235"),
        ([("<tpEmit>", "<!-- nota --><tpEmit>")], "E1235"),
        ([("<tpEmit>", "\n<tpEmit>")], "E1235"),
        ([("Suporte técnico em informática", "   ")], "E1235"),
        ([("<dCompet>2026-11-21", "<dCompet>2026-0,-29")], "E1235"),
        ([("59:00-03:00</dhEmi>", "59:00,03:00</dhEmi>")], "E1235"),
        ([("<serie>1<", "<serie>95000<")], "E1235"),
        ([('versao="1.01"', 'versao="1.02"')], "E1235"),
        ([("Suporte técnico", "<![CDATA[Suporte técnico]]>")], "E1235"),
    ],
)
def test_an_xml_that_is_not_good_is_told_before_its_signature(
    nacional: Nacional, trocas: list[tuple[str, str]], codigo: str
) -> None:
    texto = nacional.montar(1).decode()
    for antes, depois in trocas:
        assert antes in texto
        texto = texto.replace(antes, depois)
    assert codigos(nacional.enviar(texto.encode())) == [codigo]


def test_only_utf8(nacional: Nacional) -> None:
    texto = nacional.montar(1).decode()
    declarada = b'<?xml version="1.0" encoding="ISO-8859-1"?>' + texto.encode("latin-1")
    assert codigos(nacional.enviar(declarada)) == ["E1229"]
    assert codigos(nacional.enviar(texto.encode("utf-16"))) == ["E1229"]
    calada = b'<?xml version="1.0" encoding="UTF-8"?>' + texto.encode("latin-1")
    assert codigos(nacional.enviar(calada)) == ["E1229"]


def test_an_entity_bomb_is_refused(nacional: Nacional) -> None:
    bomba = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><DPS>&b;</DPS>'
    assert codigos(nacional.enviar(bomba.encode())) == ["E1226"]


def test_a_cnpj_with_letters_anywhere_passes_the_schema(nacional: Nacional) -> None:
    assert any(letra.isalpha() for letra in nacional.documento)
    assert nacional.emitir().status_code == 201


# signatures


def test_without_a_signature(nacional: Nacional) -> None:
    assert codigos(nacional.enviar(dps(nacional.documento).encode())) == ["E0717"]


@pytest.mark.parametrize(
    ("antes", "depois"),
    [
        ("<vServ>1000.00", "<vServ>1000.01"),
        ("xmlenc#sha256", "xmlenc#sha512"),
        ('URI="#DPS', 'URI="#DPT'),
        ("http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/2006/12/xml-c14n11"),
        ("enveloped-signature", "base64"),
    ],
)
def test_a_signature_that_does_not_hold(nacional: Nacional, antes: str, depois: str) -> None:
    texto = nacional.montar(1).decode()
    assert antes in texto
    assert codigos(nacional.enviar(texto.replace(antes, depois).encode())) == ["E0714"]


def test_sha1_goes_with_inclusive_canonicalisation_alone(nacional: Nacional) -> None:
    texto = nacional.montar(1, perfil="sha1-inc").decode()
    inclusiva = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
    trocado = texto.replace(inclusiva, "http://www.w3.org/2001/10/xml-exc-c14n#")
    assert codigos(nacional.enviar(trocado.encode())) == ["E0714"]


def test_the_signature_of_another_company(nacional: Nacional, nacional_de: Callable[[str], Nacional]) -> None:
    outra = nacional_de(um_cnpj(50))
    assinada = outra.titular.assinar(dps(nacional.documento))
    assert codigos(nacional.enviar(assinada)) == ["E0718"]


@pytest.mark.parametrize(
    ("dados", "codigo"),
    [({"valido_de": "2024-01-01", "valido_ate": "2025-01-01"}, "E0715"), ({"estranho": True}, "E0716")],
)
def test_the_certificate_of_the_signature_is_looked_at_too(
    nacional: Nacional, sandbox: SandboxVivo, tmp_path: Path, dados: dict[str, Any], codigo: str
) -> None:
    ruim = novo_titular(sandbox, tmp_path, nacional.documento, **dados)
    assert codigos(nacional.enviar(ruim.assinar(dps(nacional.documento)))) == [codigo]


def test_a_second_signature_or_one_elsewhere(nacional: Nacional) -> None:
    texto = nacional.montar(1).decode()
    inicio, fim = texto.index("<Signature"), texto.index("</Signature>") + len("</Signature>")
    assinatura = texto[inicio:fim]
    assert codigos(nacional.enviar((texto[:fim] + assinatura + texto[fim:]).encode())) == ["E1235"]


def test_what_was_refused_is_kept_with_its_codes(nacional: Nacional) -> None:
    nacional.tag = "lote-9"
    nacional.emitir(5, tpAmb=1, toma__end=None)
    (recusada,) = nacional.controle.get("nacional/recusadas")["recusadas"]
    assert recusada["codigos"] == ["E0006", "E0235"]
    assert recusada["identificacao"].endswith("00001000000000000005")
    assert (recusada["autor"], recusada["tag"]) == (nacional.documento, "lote-9")
    (chamada,) = nacional.controle.chamadas(servico="nacional")
    assert (chamada["status_http"], chamada["codigos"]) == (400, ["E0006", "E0235"])


def test_the_other_simulators_do_not_trust_the_strange_authority(sandbox: SandboxVivo, tmp_path: Path) -> None:
    (contratante, *_) = sandbox.controle.contratantes()
    titular = novo_titular(sandbox, tmp_path, contratante["cnpj"], estranho=True)
    chave = base64.b64encode(f"{contratante['consumerKey']}:{contratante['consumerSecret']}".encode()).decode()
    with httpx.Client(verify=titular.contexto, timeout=30, trust_env=False) as cliente:
        resposta = cliente.post(
            sandbox.enderecos["integra_contador"]["autenticacao"],
            headers={"Authorization": f"Basic {chave}", "Role-Type": "TERCEIROS"},
            data={"grant_type": "client_credentials"},
        )
    assert resposta.status_code == 400


def test_a_route_or_a_method_that_there_is_not(nacional: Nacional) -> None:
    assert nacional.sefin("GET", "/nfse").status_code == 405
    assert nacional.sefin("GET", "/outra").status_code == 404
    assert "StatusProcessamento" not in nacional.adn("/outra").text
