"""The national NFS-e: 5,000 DPS built, signed, checked by the schema and packed on one core; beside a bare RSA-2048
signature by the same key, nfelib's documented path and signxml. The reading of an NFS-e, and the page of a DANFSe."""

import dataclasses
import time
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12
from lxml import etree
from nfelib.nfse.bindings.v1_0.dps_v1_01 import Dps as DpsDaNfelib
from signxml import methods
from signxml.signer import XMLSigner

from nfse.providers.nacional import assinatura, danfse, dps, esquemas, leitura, pacote
from nfse.providers.nacional.esquemas import Esquema
from nfse.providers.nacional.valores import Dps
from tests.bench.medir import medir
from tests.nfse.nacional.apoio import a1
from tests.nfse.nacional.autorizadas import nfse
from tests.nfse.nacional.declaracoes import ENDERECO, NORMAL, com

QUANTOS = 5_040
LOTE = 60
POUCOS = 40


def _cada(feito: Callable[[], object], vezes: int) -> float:
    """Seconds of processor of one, the best of three rounds: other work on the machine only ever makes it longer."""
    rodadas = []
    for _ in range(3):
        inicio = time.process_time()
        for _ in range(vezes):
            feito()
        rodadas.append(time.process_time() - inicio)
    return min(rodadas) / vezes


def _produzir(declaracoes: list[Dps], assinante: assinatura.Assinante) -> None:
    for declaracao in declaracoes:
        montado = dps.montar(declaracao)
        assert not esquemas.validar(etree.fromstring(montado.documento()), Esquema.DPS)
        pacote.empacotar(assinante.assinar(montado))


def _nfelib(xml: str) -> None:
    """As its README does: values in bindings, validate_xml(), to_xml() with the PFX. Its signer is another package that
    is not installed, so only the opening of the PFX, which it does for each document, is counted."""
    documento = DpsDaNfelib.from_xml(xml)
    documento.validate_xml()
    documento.to_xml(indent="")
    certificado = a1()
    pkcs12.load_key_and_certificates(certificado.pfx, certificado.senha.encode())


def _signxml(xml: bytes) -> Callable[[], object]:
    """Build-less: a document that is ready, the key open."""
    chave, certificado, _ = pkcs12.load_key_and_certificates(a1().pfx, a1().senha.encode())
    assert certificado is not None
    assert isinstance(chave, RSAPrivateKey)
    assinador = XMLSigner(method=methods.enveloped, c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#")
    referencia = etree.fromstring(xml)[0].get("Id")

    def assinar() -> object:
        return etree.tostring(
            assinador.sign(
                etree.fromstring(xml), key=chave, cert=[certificado], reference_uri=referencia, id_attribute="Id"
            )
        )

    return assinar


def executar() -> list[dict[str, Any]]:
    assinante, certificado = assinatura.abrir(a1()), a1()
    onde = dataclasses.replace(ENDERECO, logradouro="Rua das Flores", complemento="Sala 2")
    tomador = dataclasses.replace(NORMAL.emissao.tomador, endereco=onde)
    declaracoes = [
        com(NORMAL, emissao=dataclasses.replace(NORMAL.emissao, numero=numero, tomador=tomador))
        for numero in range(1, QUANTOS + 1)
    ]
    montado = dps.montar(declaracoes[0])
    chave, _, _ = pkcs12.load_key_and_certificates(certificado.pfx, certificado.senha.encode())
    _produzir(declaracoes[:50], assinante)

    def rsa() -> object:
        return chave.sign(montado.canonico, padding.PKCS1v15(), hashes.SHA256())  # type: ignore[union-attr, call-arg, arg-type]

    nus, nossos = [], []
    with medir() as medida:
        for lote in range(0, QUANTOS, LOTE):  # in turns, so that both meet the same machine
            nus.append(_cada(rsa, LOTE // 3))
            inicio = time.process_time()
            _produzir(declaracoes[lote : lote + LOTE], assinante)
            nossos.append((time.process_time() - inicio) / LOTE)
    nosso, nu = min(nossos), min(nus)
    texto = montado.documento().decode()
    da_nfelib = _cada(lambda: _nfelib(texto), POUCOS)
    linhas: list[dict[str, Any]] = [
        {
            "o_que": f"{QUANTOS} DPS built, signed, checked, packed (the best {LOTE}: {nosso * 1e6:.0f} µs each)",
            "nosso_s": sum(nossos) * LOTE,
            "referencia": f"as many bare RSA-2048 signatures ({nu * 1e6:.0f} µs)",
            "referencia_s": sum(nus) * LOTE,
            "razao": nosso / nu,
            "memoria_mb": medida.memoria_mb,
        },
        {
            "o_que": "one DPS",
            "nosso_s": nosso,
            "referencia": "nfelib's path without its signer, PFX opened",
            "referencia_s": da_nfelib,
            "razao": nosso / da_nfelib,
        },
        _da_assinatura(montado, assinante),
    ]
    nota = nfse(NORMAL)
    vezes: list[tuple[str, Callable[[], object]]] = [
        ("an NFS-e read, its signature checked", lambda: leitura.ler_nfse(nota, producao=False)),
        ("a DANFSe of one page", lambda: danfse.desenhar(nota)),
    ]
    for o_que, vez in vezes:
        linhas.append({"o_que": o_que, "nosso_s": _cada(vez, POUCOS)})
    return linhas


def _da_assinatura(montado: Any, assinante: assinatura.Assinante) -> dict[str, Any]:
    nosso = _cada(lambda: assinante.assinar(montado), 500)
    tempo = _cada(_signxml(montado.documento()), 500)
    return {
        "o_que": "one DPS signed",
        "nosso_s": nosso,
        "referencia": "signxml, the key open",
        "referencia_s": tempo,
        "razao": nosso / tempo,
    }
