import base64
import gzip
import time
import zlib
from collections.abc import Callable
from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from nfse.providers.interface import Estado
from nfse.providers.nacional import assinatura, dps, esquemas, pacote, verificacao
from nfse.providers.nacional.assinatura import Perfil
from nfse.providers.nacional.esquemas import Esquema
from nfse.providers.nacional.leitura import ler_evento, ler_nfse
from nfse.providers.nacional.pacote import DocumentoInvalido
from nfse.providers.nacional.recados import Classe, Recado, classe_de, em_portugues, ler_recados, sem_caixa
from tests.nfse.nacional.apoio import CNPJ, CNPJ_COM_LETRAS, a1, chave_de
from tests.nfse.nacional.autorizadas import NS, embalar, evento, nfse
from tests.nfse.nacional.declaracoes import COMPLETA, NORMAL, SIMPLES
from tests.nfse.nacional.test_eventos import PEDIDO


def test_the_notes_of_these_tests_are_valid() -> None:
    for declaracao in (SIMPLES, NORMAL, COMPLETA):
        assert esquemas.validar(etree.fromstring(nfse(declaracao)), Esquema.NFSE) == []
    assert esquemas.validar(etree.fromstring(evento(PEDIDO)), Esquema.EVENTO) == []


def test_an_authorised_note_is_read() -> None:
    nota = ler_nfse(nfse(NORMAL), producao=False, chave=chave_de(CNPJ_COM_LETRAS), id_dps=dps.montar(NORMAL).id)
    assert (nota.numero, nota.situacao, nota.serie, nota.numero_dps) == ("7", "100", "1", 19)
    assert (nota.prestador, nota.tomador) == (CNPJ_COM_LETRAS, CNPJ)
    assert (nota.valor, nota.iss, nota.aliquota, nota.base) == (D("1500.00"), D("30.00"), D("2.00"), D("1500.00"))
    assert (nota.ibs, nota.cbs, nota.base_ibs_cbs) == (D("1.50"), D("13.50"), D("1500.00"))
    assert (nota.competencia, nota.iss_retido, nota.substituida) == (date(2026, 11, 20), False, "")
    no_servico = nota.no_servico()
    assert no_servico.estado is Estado.AUTORIZADA
    assert no_servico.tributos == (("ISS", D("30.00")), ("IBS", D("1.50")), ("CBS", D("13.50")))
    assert no_servico.rps == 19
    assert ler_nfse(nfse(COMPLETA), producao=None).substituida == chave_de(CNPJ)


@pytest.mark.parametrize("canonica", ["C14N", "C14N_COMMENTS", "EXCL_C14N", "EXCL_C14N_COMMENTS"])
def test_signatures_of_every_canonical_form_are_checked(canonica: str) -> None:
    xml = nfse(canonica=canonica, mudar=lambda texto: texto.replace("<infNFSe ", '<infNFSe xmlns:x="urn:x" ', 1))
    assert ler_nfse(xml, producao=False).chave.documento == CNPJ
    comentado = nfse(canonica=canonica, mudar=lambda texto: texto.replace("<nNFSe>", "<!-- c --><nNFSe>"))
    ler_nfse(comentado, producao=False)
    with pytest.raises(DocumentoInvalido, match="alterado depois de assinado"):
        ler_nfse(xml.replace(b"<vISSQN>30.00", b"<vISSQN>31.00"), producao=False)


@pytest.mark.parametrize("perfil", list(Perfil))
def test_our_own_signatures_are_checked_too(perfil: Perfil) -> None:
    xml = assinatura.abrir(a1()).assinar(dps.montar(COMPLETA), perfil)
    quem = verificacao.conferir(etree.fromstring(xml), "infDPS")
    assert "ESCRITORIO INVENTADO" in quem.titular


def _trocar(antes: bytes, depois: bytes) -> Callable[[bytes], bytes]:
    def trocada(xml: bytes) -> bytes:
        inicio, achado, fim = xml.rpartition(antes)  # the last one: before it comes the signature of the DPS
        assert achado
        return inicio + depois + fim

    return trocada


def _sem_assinatura(xml: bytes) -> bytes:
    raiz = etree.fromstring(xml)
    raiz.remove(raiz[-1])
    return etree.tostring(raiz)


def _embrulhada(xml: bytes) -> bytes:
    """A signed note hidden inside, with another in the place that is read."""
    raiz, outra = etree.fromstring(xml), etree.fromstring(xml)
    falsa = outra[0]
    next(falsa.iter("{*}vLiq")).text = "1.00"
    raiz.insert(0, falsa)
    esconderijo = etree.SubElement(raiz, f"{{{NS}}}x")
    esconderijo.append(raiz[1])
    return etree.tostring(raiz)


@pytest.mark.parametrize(
    ("estragar", "palavras"),
    [
        (_trocar(b"<vLiq>1500.00", b"<vLiq>1500.01"), "alterado depois de assinado"),
        (_trocar(b"<SignatureValue>", b"<SignatureValue>AAAA"), "não é do certificado"),
        (_trocar(b"xmldsig-more#rsa-sha256", b"xmldsig-more#rsa-md5"), "algoritmo"),
        (_trocar(b"<X509Certificate>", b"<X509Certificate>AAAA"), "não pode ser lido"),
        (_trocar(b'URI="#NFS', b'URI="#NFX'), "outro identificador"),
        (_sem_assinatura, "não traz a assinatura"),
        (_embrulhada, "alterado depois de assinado"),
        (_trocar(b"<DigestValue>", b"<DigestValue>?"), "Base64"),
    ],
)
def test_a_signature_that_does_not_hold_is_refused(estragar: Callable[[bytes], bytes], palavras: str) -> None:
    xml = estragar(nfse())
    with pytest.raises(DocumentoInvalido, match=palavras):
        ler_nfse(xml, producao=False)


def test_a_note_signed_by_an_expired_certificate_is_refused() -> None:
    with pytest.raises(DocumentoInvalido, match="não estava em vigor"):
        ler_nfse(nfse(mudar=lambda texto: texto.replace("<dhProc>2026", "<dhProc>2020")), producao=False)


@pytest.mark.parametrize(
    ("argumentos", "palavras"),
    [
        ({"producao": True}, "ambiente de testes"),
        ({"producao": False, "chave": chave_de(CNPJ_COM_LETRAS)}, "se esperava"),
        ({"producao": False, "id_dps": "DPS1"}, "não é a da DPS enviada"),
    ],
)
def test_what_is_not_the_note_asked_for_is_refused(argumentos: dict[str, object], palavras: str) -> None:
    with pytest.raises(DocumentoInvalido, match=palavras):
        ler_nfse(nfse(), **argumentos)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("antes", "depois"),
    [
        ("<vLiq>1500.00", "<vLiq>NaN"),
        ("<vLiq>1500.00", "<vLiq>1e9"),
        ("<vLiq>1500.00</vLiq>", ""),
        ("<dhProc>2026-11-20T14:31:05-03:00", "<dhProc>ontem"),
        ("<dhProc>2026-11-20T14:31:05-03:00", "<dhProc>2026-11-20T14:31:05"),
        ("<tpAmb>2", "<tpAmb>9"),
        ("<dCompet>2026-11-20", "<dCompet>2026-11-31"),
        ('Id="NFS3', 'Id="NFSX'),
    ],
)
def test_fields_that_cannot_be_read_are_refused(antes: str, depois: str) -> None:
    xml = nfse(mudar=lambda texto: texto.replace(antes, depois, 1))
    with pytest.raises(DocumentoInvalido):
        ler_nfse(xml, producao=None)


# -- hostile documents -----------------------------------------------------------------------------------------------

_BOMBA = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">%s]><NFSe>&z;</NFSe>' % b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(25)
)
HOSTIS = {
    "bomba": _BOMBA,
    "xxe": b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><NFSe>&x;</NFSe>',
    "xxe-rede": b'<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd"><NFSe/>',
    "funda": b"<NFSe>" * 100_000,
    "latin1": "<?xml version='1.0' encoding='ISO-8859-1'?><NFSe>ção</NFSe>".encode("latin1"),
    "diz-latin1": b"<?xml version='1.0' encoding='ISO-8859-1'?><NFSe>a</NFSe>",
    "utf16": "<?xml version='1.0' encoding='UTF-16'?><NFSe/>".encode("utf-16"),
    "utf7": b"<?xml version='1.0' encoding='UTF-7'?><NFSe/>",
    "nulo": b"<NFSe>\x00</NFSe>",
    "vazio": b"",
    "pagina": b"<html><body>503</body></html>",
    "cortado": b"<NFSe><infNFSe>",
    "outro": b"<evento/>",
}


@pytest.mark.parametrize("nome", HOSTIS)
def test_hostile_xml_is_refused_at_once(nome: str) -> None:
    inicio = time.perf_counter()
    with pytest.raises(DocumentoInvalido):
        ler_nfse(HOSTIS[nome], producao=None)
    assert time.perf_counter() - inicio < 1


def _gzip_de(tamanho: int) -> bytes:
    compressor, pedaco = zlib.compressobj(9, wbits=31), bytes(1024 * 1024)
    return b"".join(compressor.compress(pedaco) for _ in range(tamanho // len(pedaco))) + compressor.flush()


def test_a_gzip_bomb_stops_at_the_limit() -> None:
    bomba = base64.b64encode(_gzip_de(80 * 1024 * 1024)).decode()
    assert len(bomba) < 200_000
    with pytest.raises(DocumentoInvalido, match="50 MB"):
        pacote.desempacotar(bomba)


@pytest.mark.parametrize(
    "texto",
    [
        "",
        None,
        7,
        ["x"],
        "não é base64",
        base64.b64encode(b"<NFSe/>").decode(),
        base64.b64encode(gzip.compress(b"x" * 1000, mtime=0)[:-12]).decode(),
        base64.b64encode(b"\x1f\x8bestragado").decode(),
        embalar(b"<x/>", 3),
    ],
)
def test_a_package_that_does_not_open_is_refused(texto: object) -> None:
    with pytest.raises(DocumentoInvalido):
        pacote.desempacotar(texto)


@given(st.binary(max_size=300))
def test_packages_are_opened_again_in_one_layer_or_two(conteudo: bytes) -> None:
    assert pacote.desempacotar(pacote.empacotar(conteudo)) == conteudo
    assert pacote.desempacotar(embalar(conteudo, 2)) == conteudo
    assert pacote.empacotar(conteudo) == pacote.empacotar(conteudo)


# -- events and messages ---------------------------------------------------------------------------------------------


def test_an_event_is_read() -> None:
    lido = ler_evento(evento(PEDIDO), producao=False, chave=PEDIDO.chave, tipo="101101")
    assert (lido.tipo, lido.sequencia, lido.codigo, lido.motivo) == (
        "101101",
        1,
        "1",
        "Valor digitado - errado na nota",
    )
    with pytest.raises(DocumentoInvalido):
        ler_evento(evento(PEDIDO), producao=True)
    with pytest.raises(DocumentoInvalido):
        ler_evento(evento(PEDIDO), producao=False, chave=chave_de(numero=8))
    with pytest.raises(DocumentoInvalido):
        ler_evento(evento(PEDIDO).replace(b"Valor digitado", b"Valor copiado_"), producao=False)


_UM = {"codigo": "E0004", "descricao": "Id errado", "complemento": "x"}


@pytest.mark.parametrize(
    ("corpo", "codigos"),
    [
        ({"erros": [_UM]}, ["E0004"]),
        ({"Erros": [{"Codigo": "e0004", "Descricao": "Id"}]}, ["E0004"]),
        ({"erro": _UM}, ["E0004"]),
        ({"erro": [_UM, {}, "texto", None, 3]}, ["E0004"]),
        ([_UM, _UM], ["E0004", "E0004"]),
        ({"ERRO": {"DESCRICAO": "sem código"}}, [""]),
        ({"erro": {"mensagem": "só texto"}}, [""]),
        ({"erro": "Bad gateway"}, []),
        ({"erros": [{}]}, []),
        ({"erros": None, "erro": None}, []),
        ({"erros": "E0004"}, []),
        ([], []),
        ("E0004", []),
        (None, []),
        ({"erros": [{"codigo": None, "descricao": ""}]}, []),
        ({"erros": [{"codigo": True}]}, []),
    ],
)
def test_every_shape_of_error_is_read(corpo: object, codigos: list[str]) -> None:
    assert [recado.codigo for recado in ler_recados(sem_caixa(corpo))] == codigos


def test_messages_say_in_portuguese_what_to_do() -> None:
    recados = (Recado("E0310", "x"), Recado("E9999", "Algo novo", "campo y"))
    assert em_portugues(recados) == (
        "O código de tributação nacional não existe, ou o município não o administra. Confira o serviço. "
        "E9999 Algo novo campo y."
    )


@pytest.mark.parametrize(
    ("codigos", "classe"),
    [
        (["E1206"], Classe.REPETIR),
        (["E1217"], Classe.REPETIR),
        (["E1217", "E0310"], Classe.CORRIGIR),
        (["E0014"], Classe.CONCILIAR),
        (["E0310"], Classe.CORRIGIR),
        (["E0014", "E0310"], Classe.CONCILIAR),
        (["E1203", "E0014"], Classe.ACESSO),
    ],
)
def test_classes_of_refusal_are_told_apart(codigos: list[str], classe: Classe) -> None:
    assert classe_de(Recado(codigo, "x") for codigo in codigos) is classe
