"""AUTENTICAPROCURADOR: the signed termo for the token with which the contratante speaks for another autor."""

import base64
import hashlib
import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NoReturn

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.conf import settings
from lxml import etree

from sandbox import autoridade
from sandbox.integra_contador.envelope import Pedido, Resultado
from sandbox.integra_contador.erros import Recusa
from sandbox.integra_contador.models import TokenProcurador
from sandbox.integra_contador.simulado import Simulado, dados_de
from sandbox.nucleo.ajustes import BRASILIA, Ajustes
from sandbox.nucleo.livro import gravacao

_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_METODO = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_RESUMO = "http://www.w3.org/2001/04/xmlenc#sha256"
_TRANSFORMADAS = ["http://www.w3.org/2000/09/xmldsig#enveloped-signature", _C14N]
_MAIOR_VIGENCIA = timedelta(days=5 * 366)
_TEXTOS = {  # SHA-256 of the three fixed texts, as SERPRO publishes them
    "termo": "fa8701126a11f9fc73e68d58588118de3d2f1fa4134c1fc64b90ec6c78eb8210",
    "avisoLegal": "be0ce092e96f1226cd3b2c0ea51a7c6e7454829830f523d9c66c6787a6b730c1",
    "finalidade": "78b723d1d14616255f2884dd92f977273e01882003b6c21e2058799366f2910b",
}
_PESSOA = ("numero", "nome", "tipo", "papel")
_ELEMENTOS: dict[str, tuple[str, ...]] = {
    "sistema": ("id",),
    "termo": ("texto",),
    "avisoLegal": ("texto",),
    "finalidade": ("texto",),
    "dataAssinatura": ("data",),
    "vigencia": ("data",),
    "destinatario": _PESSOA,
    "assinadoPor": _PESSOA,
}


def _recusar(numero: int, texto: str, *, acesso: bool = False) -> NoReturn:
    tipo, http = ("AcessoNegado", 403) if acesso else ("EntradaIncorreta", 400)
    raise Recusa(http, f"[{tipo}-AUTENTICAPROCURADOR-{numero:03d}]", texto)


def _ler(pedido: Pedido) -> tuple[bytes, etree._Element]:
    xml = dados_de(pedido).get("xml")
    if not isinstance(xml, str) or not xml:
        _recusar(2, "O xml não foi informado.")
    try:
        bruto = base64.b64decode(xml, validate=True)
    except ValueError:
        _recusar(20, "O xml não está em base64.")
    try:
        raiz = etree.fromstring(bruto, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        _recusar(38, "O XML está malformado ou tem caracteres invisíveis.", acesso=True)
    if raiz.tag != "termoDeAutorizacao":
        _recusar(19, "O elemento raiz deve ser termoDeAutorizacao.")
    return bruto, raiz


def _dia(texto: str) -> date:
    if len(texto) == 8 and texto.isascii() and texto.isdecimal():
        try:
            return date.fromisoformat(texto)
        except ValueError:
            pass
    return _recusar(16, "Data inválida no termo: use AAAAMMDD.")


def _conteudo(raiz: etree._Element, pedido: Pedido, hoje: date) -> str:
    """Check what the termo says; returns the document of its signer."""
    dados = raiz.find("dados")
    if dados is None or [filho.tag for filho in raiz] not in (["dados", f"{_DS}Signature"], ["dados"]):
        _recusar(15, "Elemento dados ausente ou fora de ordem.")
    if [filho.tag for filho in dados] != list(_ELEMENTOS):
        _recusar(15, "Faltam elementos em dados, ou estão fora de ordem.")
    lidos: dict[str, dict[str, str]] = {filho.tag: {str(k): str(v) for k, v in filho.items()} for filho in dados}
    for nome, atributos in _ELEMENTOS.items():
        if tuple(lidos[nome]) != atributos or not all(lidos[nome].values()):
            _recusar(16, f"Atributos inválidos em {nome}.")
    if lidos["sistema"]["id"] != "API Integra Contador":
        _recusar(16, "Atributo id inválido em sistema.")
    for nome, resumo in _TEXTOS.items():
        if hashlib.sha256(lidos[nome]["texto"].encode()).hexdigest() != resumo:
            _recusar(16, f"O texto de {nome} difere do publicado.")
    assinado, vigencia = _dia(lidos["dataAssinatura"]["data"]), _dia(lidos["vigencia"]["data"])
    if vigencia < hoje:
        _recusar(17, "A vigência está no passado.")
    if assinado > hoje:
        _recusar(18, "A data da assinatura está no futuro.")
    if vigencia - assinado > _MAIOR_VIGENCIA:
        _recusar(16, "Vigência maior que cinco anos.")
    for nome, papel in (("destinatario", "contratante"), ("assinadoPor", "autor pedido de dados")):
        tipo = "PF" if len(lidos[nome]["numero"]) == 11 else "PJ"
        if (lidos[nome]["tipo"], lidos[nome]["papel"]) != (tipo, papel):
            _recusar(16, f"Atributos tipo ou papel inválidos em {nome}.")
    if lidos["destinatario"]["numero"] != pedido.contratante.numero:
        _recusar(12, "O destinatário do termo difere do contratante.", acesso=True)
    return lidos["assinadoPor"]["numero"]


def _um(pai: etree._Element, caminho: str, numero: int, texto: str) -> etree._Element:
    achados = pai.findall("/".join(f"{_DS}{parte}" for parte in caminho.split("/")))
    if len(achados) != 1:
        _recusar(numero, texto)
    return achados[0]


def _algoritmo(pai: etree._Element, caminho: str, esperado: str, numero: int, texto: str) -> None:
    if _um(pai, caminho, numero, texto).get("Algorithm") != esperado:
        _recusar(numero, texto)


def _canonico(no: etree._Element) -> bytes:
    sozinho = etree.fromstring(etree.tostring(no, with_tail=False))
    return etree.tostring(sozinho, method="c14n", with_comments=False)


def _assinatura(raiz: etree._Element) -> x509.Certificate:
    """Check the enveloped signature; returns the signer's certificate."""
    assinatura = _um(raiz, "Signature", 25, "O XML não está assinado.")
    _algoritmo(assinatura, "SignedInfo/CanonicalizationMethod", _C14N, 26, "Canonicalização inválida.")
    _algoritmo(assinatura, "SignedInfo/SignatureMethod", _METODO, 27, "Método de assinatura inválido.")
    referencia = _um(assinatura, "SignedInfo/Reference", 28, "Deve haver uma só Reference.")
    if referencia.get("URI") != "":
        _recusar(29, "A URI da Reference deve ser vazia.")
    _algoritmo(referencia, "DigestMethod", _RESUMO, 30, "Método de resumo inválido.")
    if [item.get("Algorithm") for item in referencia.iterfind(f"{_DS}Transforms/{_DS}Transform")] != _TRANSFORMADAS:
        _recusar(31, "Transforms inválidas.")
    caminho = "KeyInfo/X509Data/X509Certificate"
    certificado = _um(assinatura, caminho, 32, "Deve haver um só X509Certificate.")
    try:
        lido = x509.load_der_x509_certificate(base64.b64decode(certificado.text or ""))
        valor = base64.b64decode(_um(assinatura, "SignatureValue", 13, "Assinatura inválida.").text or "")
        resumo = base64.b64decode(_um(referencia, "DigestValue", 33, "Resumo ausente.").text or "")
    except ValueError:
        _recusar(13, "Assinatura ou certificado ilegível.", acesso=True)
    assinado = _canonico(_um(assinatura, "SignedInfo", 13, "Assinatura ilegível."))
    sem = etree.fromstring(etree.tostring(raiz))
    sem.remove(sem[-1])
    if hashlib.sha256(_canonico(sem)).digest() != resumo:
        _recusar(33, "O conteúdo mudou depois de assinado.")
    chave = lido.public_key()
    try:
        if not isinstance(chave, rsa.RSAPublicKey):
            raise InvalidSignature
        chave.verify(valor, assinado, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        _recusar(13, "A assinatura do XML é inválida.", acesso=True)
    return lido


def _certificado(lido: x509.Certificate, autor: str, agora: datetime) -> None:
    ac = autoridade.abrir(settings.PASTA).certificado
    if lido.issuer == lido.subject:
        _recusar(41, "Certificado autoassinado.", acesso=True)
    try:
        lido.verify_directly_issued_by(ac)
    except (ValueError, TypeError, InvalidSignature):
        _recusar(21, "O certificado não é da ICP-Brasil.", acesso=True)
    if not lido.not_valid_before_utc <= agora <= lido.not_valid_after_utc:
        _recusar(10, "O certificado está fora da validade.", acesso=True)
    dono = autoridade.cnpj_do_certificado(lido) or autoridade.cpf_do_certificado(lido)
    if dono != autor:
        _recusar(11, "Quem assina o termo não é o titular do certificado.", acesso=True)


def trocar(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    agora = ajustes.agora()
    bruto, raiz = _ler(pedido)
    autor = _conteudo(raiz, pedido, ajustes.hoje())
    _certificado(_assinatura(raiz), autor, agora)
    resumo = hashlib.sha256(bruto).hexdigest()
    vivo = TokenProcurador.objects.filter(termo=resumo, expira__gt=agora).first()
    if vivo is not None:
        cabecalhos = {
            "cache-control": "termo_autorizacao",
            "etag": f'"autenticar_procurador_token:{vivo.token}"',
            "expires": vivo.expira.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT"),
        }
        return Resultado(None, [], 304, cabecalhos)
    expira = datetime.combine(agora.astimezone(BRASILIA).date() + timedelta(days=1), time.min, BRASILIA)
    with gravacao():
        novo = TokenProcurador.objects.create(
            termo=resumo,
            contratante=pedido.contratante.numero,
            autor=autor,
            token=str(uuid.uuid4()),
            expira=expira,
        )
    dados: dict[str, Any] = {
        "autenticar_procurador_token": novo.token,
        "data_hora_expiracao": expira.strftime("%Y-%m-%dT%H:%M:%S"),
    }
    return Resultado(dados, [("[Sucesso-AUTENTICAPROCURADOR]", "Termo de autorização aceito.")])


SERVICOS = {"ENVIOXMLASSINADO81": Simulado(trocar)}
