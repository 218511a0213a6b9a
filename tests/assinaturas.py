"""XML signatures made and checked by xmlsec, apart from what the product and the sandbox do themselves."""

import importlib
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from lxml import etree

DS = "http://www.w3.org/2000/09/xmldsig#"
xmlsec: Any = importlib.import_module("xmlsec")  # its stubs lack half of it


def verificar(xml: bytes) -> None:
    """Raises xmlsec.Error when the signature does not hold."""
    raiz = etree.fromstring(xml)
    xmlsec.tree.add_ids(raiz, ["id", "Id", "ID"])
    no = xmlsec.tree.find_node(raiz, xmlsec.Node.SIGNATURE)
    der = no.findtext(f".//{{{DS}}}X509Certificate")
    pem = f"-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n"
    contexto = xmlsec.SignatureContext()
    contexto.key = xmlsec.Key.from_memory(pem, xmlsec.KeyFormat.CERT_PEM)
    contexto.verify(no)


def assinar(
    raiz: Any, pfx: bytes, senha: str, *, transformadas: tuple[Any, ...] | None = None, metodo: Any = None
) -> Any:
    """Sign the whole document in place, enveloped; inclusive C14N and RSA-SHA256 unless told otherwise."""
    modelo = xmlsec.template.create(raiz, xmlsec.Transform.C14N, metodo or xmlsec.Transform.RSA_SHA256)
    raiz.append(modelo)
    referencia = xmlsec.template.add_reference(modelo, xmlsec.Transform.SHA256, uri="")
    for transformada in transformadas or (xmlsec.Transform.ENVELOPED, xmlsec.Transform.C14N):
        xmlsec.template.add_transform(referencia, transformada)
    info = xmlsec.template.ensure_key_info(modelo)
    xmlsec.template.x509_data_add_certificate(xmlsec.template.add_x509_data(info))
    chave, certificado, _ = pkcs12.load_key_and_certificates(pfx, senha.encode())
    assert chave is not None
    assert certificado is not None
    contexto = xmlsec.SignatureContext()
    pem = chave.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    contexto.key = xmlsec.Key.from_memory(pem, xmlsec.KeyFormat.PEM)
    contexto.key.load_cert_from_memory(certificado.public_bytes(serialization.Encoding.PEM), xmlsec.KeyFormat.CERT_PEM)
    contexto.sign(modelo)
    return raiz
