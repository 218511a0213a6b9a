"""A bare client of the simulated Sefin Nacional and ADN, as another program would write it: DPS and requests of events
as text, signed by xmlsec."""

import base64
import gzip
import itertools
import json
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from lxml import etree

from sandbox.documentos import digitos_cnpj
from tests.assinaturas import xmlsec
from tests.sandbox.integra import contexto_tls
from tests.sandbox_fixture import Controle, SandboxVivo

AGORA = "2026-11-21T10:00:00-03:00"
NS = "http://www.sped.fazenda.gov.br/nfse"
DS = "http://www.w3.org/2000/09/xmldsig#"
CURITIBA, SAO_PAULO = "4106902", "3550308"
SENHA = "a1"
_NUMEROS = itertools.count(1)

# profile -> C14N, signature and digest
PERFIS: dict[str, tuple[Any, Any, Any]] = {
    "sha256-exc": (xmlsec.Transform.EXCL_C14N, xmlsec.Transform.RSA_SHA256, xmlsec.Transform.SHA256),
    "sha256-inc": (xmlsec.Transform.C14N, xmlsec.Transform.RSA_SHA256, xmlsec.Transform.SHA256),
    "sha1-inc": (xmlsec.Transform.C14N, xmlsec.Transform.RSA_SHA1, xmlsec.Transform.SHA1),
    "sha256-exc-comentarios": (
        xmlsec.Transform.EXCL_C14N_COMMENTS,
        xmlsec.Transform.RSA_SHA256,
        xmlsec.Transform.SHA256,
    ),
}


def cnpj(numero: int, ordem: int = 1) -> str:
    """An invented CNPJ with letters and valid check digits."""
    doze = f"NAC{numero:05d}{ordem:04d}"
    return doze + digitos_cnpj(doze)


TOMADOR = cnpj(99_001)


@dataclass(frozen=True)
class Titular:
    """A company with its A1 open: the connection and the key it signs with."""

    documento: str
    contexto: ssl.SSLContext
    chave: bytes
    certificado: bytes

    def assinar(self, xml: str, perfil: str = "sha256-exc") -> bytes:
        """The document with a Signature over the first child of its root."""
        raiz = etree.fromstring(xml.encode())
        canonica, metodo, resumo = PERFIS[perfil]
        modelo = xmlsec.template.create(raiz, canonica, metodo)
        raiz.append(modelo)
        referencia = xmlsec.template.add_reference(modelo, resumo, uri=f"#{raiz[0].get('Id')}")
        for transformada in (xmlsec.Transform.ENVELOPED, canonica):
            xmlsec.template.add_transform(referencia, transformada)
        info = xmlsec.template.ensure_key_info(modelo)
        xmlsec.template.x509_data_add_certificate(xmlsec.template.add_x509_data(info))
        contexto = xmlsec.SignatureContext()
        contexto.key = xmlsec.Key.from_memory(self.chave, xmlsec.KeyFormat.PEM)
        contexto.key.load_cert_from_memory(self.certificado, xmlsec.KeyFormat.CERT_PEM)
        contexto.register_id(raiz[0], "Id")
        contexto.sign(modelo)
        return bytes(etree.tostring(raiz, encoding="UTF-8", xml_declaration=False))


def abrir(sandbox: SandboxVivo, pfx: bytes, pasta: Path, documento: str) -> Titular:
    chave, certificado, _ = pkcs12.load_key_and_certificates(pfx, SENHA.encode())
    assert chave is not None
    assert certificado is not None
    return Titular(
        documento,
        contexto_tls(sandbox.ca, pfx, SENHA, pasta),
        chave.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        certificado.public_bytes(serialization.Encoding.PEM),
    )


def novo_titular(sandbox: SandboxVivo, pasta: Path, documento: str, **dados: Any) -> Titular:
    pfx = sandbox.controle.post("a1", {"cnpj": documento, "nome": "EMPRESA DE TESTE", "senha": SENHA, **dados}).content
    return abrir(sandbox, pfx, pasta, documento)


def empacotar(xml: bytes) -> str:
    return base64.b64encode(gzip.compress(xml, mtime=0)).decode()


def desempacotar(codificado: str) -> bytes:
    return gzip.decompress(base64.b64decode(codificado))


def campo(xml: bytes, nome: str) -> str:
    """Text of the first element with a name, empty when there is none."""
    achado = etree.fromstring(xml).find(f".//{{{NS}}}{nome}")
    return (achado.text or "") if achado is not None else ""


def tags(conjunto: dict[str, Any]) -> str:
    """Nested dictionaries as XML; None leaves a field out, a list repeats it."""
    return "".join(
        f"<{nome}>{tags(um) if isinstance(um, dict) else escape(str(um))}</{nome}>"
        for nome, valor in conjunto.items()
        for um in (valor if isinstance(valor, list) else [valor])
        if um is not None
    )


def misturar(base: dict[str, Any], mudancas: dict[str, Any]) -> dict[str, Any]:
    """`a__b` reaches into groups; a new key goes after those there are."""
    for caminho, valor in mudancas.items():
        *grupos, ultimo = caminho.split("__")
        alvo = base
        for grupo in grupos:
            alvo = alvo.setdefault(grupo, {})
        alvo[ultimo] = valor
    return base


def endereco(municipio: str = CURITIBA) -> dict[str, Any]:
    return {
        "endNac": {"cMun": municipio, "CEP": "80010000"},
        "xLgr": "Rua das Acácias",
        "nro": "16",
        "xBairro": "Centro",
    }


def campos_da_dps(prestador: str, numero: int = 1) -> dict[str, Any]:
    """A DPS of a Simples company with the ISSQN inside it, every optional place marked with None, in their order."""
    return {
        "tpAmb": 2,
        "dhEmi": "2026-11-21T09:59:00-03:00",
        "verAplic": "TESTE 1.0",
        "serie": "1",
        "nDPS": numero,
        "dCompet": "2026-11-21",
        "tpEmit": 1,
        "cMotivoEmisTI": None,
        "cLocEmi": CURITIBA,
        "subst": None,
        "prest": {
            "CNPJ": prestador,
            "CPF": None,
            "IM": None,
            "xNome": None,
            "end": None,
            "fone": None,
            "regTrib": {"opSimpNac": 3, "regApTribSN": 1, "regEspTrib": 0},
        },
        "toma": {"CNPJ": TOMADOR, "CPF": None, "xNome": "Tomador de Teste Ltda", "end": endereco()},
        "interm": None,
        "serv": {
            "locPrest": {"cLocPrestacao": CURITIBA, "cPaisPrestacao": None},
            "cServ": {
                "cTribNac": "010701",
                "cTribMun": None,
                "xDescServ": "Suporte técnico em informática",
                "cNBS": None,
            },
            "comExt": None,
            "obra": None,
            "atvEvento": None,
        },
        "valores": {
            "vServPrest": {"vReceb": None, "vServ": "1000.00"},
            "vDescCondIncond": None,
            "vDedRed": None,
            "trib": {
                "tribMun": {
                    "tribISSQN": 1,
                    "cPaisResult": None,
                    "tpImunidade": None,
                    "exigSusp": None,
                    "BM": None,
                    "tpRetISSQN": 1,
                    "pAliq": None,
                },
                "tribFed": None,
                "totTrib": {
                    "vTotTrib": None,
                    "pTotTrib": None,
                    "indTotTrib": None,
                    "pTotTribSN": "6.00",
                },
            },
        },
        "IBSCBS": None,
    }


IBSCBS: dict[str, Any] = {
    "finNFSe": 0,
    "indFinal": 0,
    "cIndOp": "100301",
    "indDest": 0,
    "valores": {"trib": {"gIBSCBS": {"CST": "000", "cClassTrib": "000001"}}},
}


def dps(prestador: str, numero: int = 1, /, id_dps: str = "", **mudancas: Any) -> str:
    """The text of a DPS, unsigned."""
    campos = misturar(campos_da_dps(prestador, numero), mudancas)
    quem = campos["prest"]["CNPJ"] or f"{campos['prest']['CPF']}"
    inscricao = f"2{quem}" if campos["prest"]["CNPJ"] else f"1{quem.zfill(14)}"
    montado = f"DPS{campos['cLocEmi']}{inscricao}{str(campos['serie']).zfill(5)}{str(campos['nDPS']).zfill(15)}"
    return f'<DPS xmlns="{NS}" versao="1.01"><infDPS Id="{id_dps or montado}">{tags(campos)}</infDPS></DPS>'


def pedido(autor: str, chave: str, codigo: str = "101101", /, **mudancas: Any) -> str:
    """The text of a pedRegEvento, unsigned."""
    descricoes = {
        "101101": "Cancelamento de NFS-e",
        "101103": "Solicitação de Análise Fiscal para Cancelamento de NFS-e",
        "105104": "Cancelamento de NFS-e Deferido por Análise Fiscal",
        "203202": "Manifestação de NFS-e - Confirmação do Tomador",
        "203206": "Manifestação de NFS-e - Rejeição do Tomador",
    }
    miolo: dict[str, Any] = {"xDesc": descricoes[codigo]}
    if codigo in ("101101", "101103"):
        miolo |= {"cMotivo": 1, "xMotivo": "Valor do serviço errado"}
    elif codigo == "105104":
        miolo |= {"CPFAgTrib": "52998224725", "cMotivo": 1, "xMotivo": "Solicitação deferida"}
    elif codigo == "203206":
        miolo |= {"cMotivo": 1}
    id_pedido = mudancas.pop("id_pedido", f"PRE{chave}{codigo}")
    campos = {
        "tpAmb": 2,
        "verAplic": "TESTE 1.0",
        "dhEvento": "2026-11-21T09:59:00-03:00",
        "CNPJAutor": autor,
        "chNFSe": chave,
        f"e{codigo}": miolo,
    }
    corpo = tags(misturar(campos, mudancas))
    return f'<pedRegEvento xmlns="{NS}" versao="1.01"><infPedReg Id="{id_pedido}">{corpo}</infPedReg></pedRegEvento>'


class Nacional:
    """Speaks for one company over its own certificate."""

    def __init__(self, sandbox: SandboxVivo, titular: Titular) -> None:
        self.enderecos: dict[str, str] = sandbox.enderecos["nacional"]
        self.controle: Controle = sandbox.controle
        self.titular, self.documento = titular, titular.documento
        self.http = httpx.Client(verify=titular.contexto, timeout=30, trust_env=False)
        self.tag = ""
        self._proximo = itertools.count(1)

    def opcoes(self, **valores: Any) -> None:
        self.controle.ajustes(**{f"nacional.{nome}": valor for nome, valor in valores.items()})

    def municipio(self, ibge: str = CURITIBA, **dados: Any) -> None:
        self.opcoes(municipios={ibge: dados})

    def inscrever(self, documento: str = "", **dados: Any) -> None:
        item = {"documento": documento or self.documento, "nome": "EMPRESA DE TESTE", **dados}
        self.controle.post("nacional/contribuintes", {"contribuintes": [item]})

    def chamar(self, metodo: str, base: str, rota: str, corpo: Any = None, **opcoes: Any) -> httpx.Response:
        if corpo is not None:
            opcoes["content"] = corpo if isinstance(corpo, bytes) else json.dumps(corpo).encode()
            opcoes["headers"] = {"Content-Type": "application/json", **opcoes.pop("headers", {})}
        if self.tag:
            opcoes["headers"] = {"X-Request-Tag": self.tag, **opcoes.get("headers", {})}
        return self.http.request(metodo, f"{self.enderecos[base]}{rota}", **opcoes)

    def sefin(self, metodo: str, rota: str, corpo: Any = None, **opcoes: Any) -> httpx.Response:
        return self.chamar(metodo, "sefin", rota, corpo, **opcoes)

    def adn(self, rota: str, **opcoes: Any) -> httpx.Response:
        return self.chamar("GET", "adn", rota, **opcoes)

    def parametro(self, rota: str) -> httpx.Response:
        return self.chamar("GET", "parametros", rota)

    def enviar(self, xml: bytes) -> httpx.Response:
        return self.sefin("POST", "/nfse", {"dpsXmlGZipB64": empacotar(xml)})

    def montar(self, numero: int = 0, /, perfil: str = "sha256-exc", **mudancas: Any) -> bytes:
        """A signed DPS of this company; the next number unless told."""
        return self.titular.assinar(dps(self.documento, numero or next(self._proximo), **mudancas), perfil)

    def emitir(self, numero: int = 0, /, **mudancas: Any) -> httpx.Response:
        return self.enviar(self.montar(numero, **mudancas))

    def emitida(self, numero: int = 0, /, **mudancas: Any) -> dict[str, Any]:
        resposta = self.emitir(numero, **mudancas)
        assert resposta.status_code == 201, resposta.text
        return dict(resposta.json())

    def evento(self, chave: str, codigo: str = "101101", /, **mudancas: Any) -> httpx.Response:
        xml = self.titular.assinar(pedido(self.documento, chave, codigo, **mudancas))
        return self.enviar_evento(chave, xml)

    def enviar_evento(self, chave: str, xml: bytes) -> httpx.Response:
        return self.sefin("POST", f"/nfse/{chave}/eventos", {"pedidoRegistroEventoXmlGZipB64": empacotar(xml)})

    def ledger(self, tipo: str = "nfse_autorizada") -> list[dict[str, Any]]:
        return self.controle.ledger(servico="nacional", tipo=tipo, contribuinte=self.documento)


def codigos(resposta: httpx.Response) -> list[str]:
    """Of a refusal, in whichever documented shape it came."""
    corpo = resposta.json()
    itens = corpo.get("erros") or corpo.get("erro") or corpo.get("Erros") or []
    itens = itens if isinstance(itens, list) else [itens]
    return [item.get("codigo") or item.get("Codigo") for item in itens]
