"""NFS-e and events as the Sefin writes them, made apart from the product and signed by xmlsec."""

import base64
import gzip
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from lxml import etree

from nfse.providers.nacional import assinatura, dps, eventos
from nfse.providers.nacional.eventos import PedidoDeEvento
from nfse.providers.nacional.valores import Dps
from operacoes.http import Certificado
from tests.assinaturas import xmlsec
from tests.nfse.nacional.apoio import a1, chave_de
from tests.nfse.nacional.declaracoes import SIMPLES

NS = "http://www.sped.fazenda.gov.br/nfse"
_IBSCBS = (
    "<IBSCBS><cLocalidadeIncid>3550308</cLocalidadeIncid><xLocalidadeIncid>São Paulo</xLocalidadeIncid><valores>"
    "<vBC>1500.00</vBC><uf><pIBSUF>0.10</pIBSUF><pAliqEfetUF>0.10</pAliqEfetUF></uf><mun><pIBSMun>0.00</pIBSMun>"
    "<pAliqEfetMun>0.00</pAliqEfetMun></mun><fed><pCBS>0.90</pCBS><pAliqEfetCBS>0.90</pAliqEfetCBS></fed></valores>"
    "<totCIBS><vTotNF>1500.00</vTotNF><gIBS><vIBSTot>1.50</vIBSTot><gIBSUFTot><vIBSUF>1.50</vIBSUF></gIBSUFTot>"
    "<gIBSMunTot><vIBSMun>0.00</vIBSMun></gIBSMunTot></gIBS><gCBS><vCBS>13.50</vCBS></gCBS></totCIBS></IBSCBS>"
)


def assinar(xml: bytes, elemento: str, certificado: Certificado, *, canonica: str = "EXCL_C14N_COMMENTS") -> bytes:
    """Sign the child of the root by xmlsec, as the Sefin does: RSA-SHA256, exclusive C14N with comments."""
    raiz = etree.fromstring(xml)
    xmlsec.tree.add_ids(raiz, ["Id"])
    forma = getattr(xmlsec.Transform, canonica)
    modelo = xmlsec.template.create(raiz, forma, xmlsec.Transform.RSA_SHA256)
    raiz.append(modelo)
    alvo: Any = next(no for no in raiz if etree.QName(no).localname == elemento)
    referencia = xmlsec.template.add_reference(modelo, xmlsec.Transform.SHA256, uri=f"#{alvo.get('Id')}")
    for transformada in (xmlsec.Transform.ENVELOPED, forma):
        xmlsec.template.add_transform(referencia, transformada)
    xmlsec.template.x509_data_add_certificate(xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(modelo)))
    chave, publico, _ = pkcs12.load_key_and_certificates(certificado.pfx, certificado.senha.encode())
    assert chave is not None
    assert publico is not None
    contexto = xmlsec.SignatureContext()
    contexto.key = xmlsec.Key.from_memory(
        chave.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        xmlsec.KeyFormat.PEM,
    )
    contexto.key.load_cert_from_memory(publico.public_bytes(serialization.Encoding.PEM), xmlsec.KeyFormat.CERT_PEM)
    contexto.sign(modelo)
    return etree.tostring(raiz, xml_declaration=True, encoding="UTF-8")


@lru_cache(maxsize=8)
def _assinado(certificado: Certificado) -> assinatura.Assinante:
    return assinatura.abrir(certificado)


def nfse(
    declaracao: Dps = SIMPLES,
    *,
    certificado: Certificado | None = None,
    canonica: str = "EXCL_C14N_COMMENTS",
    mudar: Any = None,
    chave: str = "",
) -> bytes:
    """An authorised note of this declaration. `mudar` alters the text before the Sefin signs it."""
    enviada = _assinado(a1()).assinar(dps.montar(declaracao)).decode().partition("?>")[2]
    emitente = declaracao.emitente.documento
    chave = chave or chave_de(emitente)
    tag = "CNPJ" if len(emitente) == 14 else "CPF"
    texto = (
        f'<NFSe xmlns="{NS}" versao="1.01"><infNFSe Id="NFS{chave}"><xLocEmi>São Paulo</xLocEmi>'
        "<xLocPrestacao>São Paulo</xLocPrestacao><nNFSe>7</nNFSe><cLocIncid>3550308</cLocIncid>"
        "<xLocIncid>São Paulo</xLocIncid><xTribNac>Assessoria ou consultoria de qualquer natureza.</xTribNac>"
        "<verAplic>SefinNacional_1.6.0</verAplic><ambGer>2</ambGer><tpEmis>1</tpEmis><procEmi>1</procEmi>"
        "<cStat>100</cStat><dhProc>2026-11-20T14:31:05-03:00</dhProc><nDFSe>123</nDFSe>"
        f"<emit><{tag}>{emitente}</{tag}><xNome>EMPRESA DE TESTE LTDA</xNome><enderNac><xLgr>Rua A</xLgr><nro>1</nro>"
        "<xBairro>Centro</xBairro><cMun>3550308</cMun><UF>SP</UF><CEP>01310100</CEP></enderNac></emit>"
        "<valores><vBC>1500.00</vBC><pAliqAplic>2.00</pAliqAplic><vISSQN>30.00</vISSQN><vLiq>1500.00</vLiq></valores>"
        f"{_IBSCBS if declaracao.emissao.ibs_cbs else ''}{enviada}</infNFSe></NFSe>"
    )
    return assinar((mudar(texto) if mudar else texto).encode(), "infNFSe", certificado or a1(), canonica=canonica)


def evento(pedido: PedidoDeEvento, *, mudar: Any = None) -> bytes:
    """The registered event of a request of ours."""
    enviado = _assinado(a1()).assinar(eventos.montar(pedido)).decode().partition("?>")[2]
    texto = (
        f'<evento xmlns="{NS}" versao="1.01"><infEvento Id="EVT{pedido.chave}{pedido.tipo}001">'
        "<verAplic>SefinNacional_1.6.0</verAplic><ambGer>2</ambGer><nSeqEvento>1</nSeqEvento>"
        f"<dhProc>{datetime.now().astimezone():%Y-%m-%dT%H:%M:%S}-03:00</dhProc><nDFSe>124</nDFSe>{enviado}"
        "</infEvento></evento>"
    )
    return assinar((mudar(texto) if mudar else texto).encode(), "infEvento", a1())


def embalar(xml: bytes, camadas: int = 1) -> str:
    pacote = gzip.compress(xml, mtime=0)
    for _ in range(camadas):
        pacote = base64.b64encode(pacote)
    return pacote.decode()
