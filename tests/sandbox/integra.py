"""A bare client of the simulated Integra Contador, as another program would write it, and a builder of requests."""

import base64
import json
import ssl
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from sandbox.documentos import digitos_cnpj
from sandbox.integra_contador.catalogo import catalogo
from tests.sandbox_fixture import SandboxVivo

BEARER_DE_TESTE = "06aef429-a981-3ec5-a1f8-71d38d86481e"
FORMULARIO = {"grant_type": "client_credentials"}
_NO_CATALOGO = {servico: (linha.sistema, linha.versao) for (_, servico), linha in catalogo().items()}


def cnpj(numero: int, ordem: int = 1) -> str:
    """An invented CNPJ with letters and valid check digits."""
    doze = f"TST{numero:05d}{ordem:04d}"
    return doze + digitos_cnpj(doze)


def contexto_tls(ca: Path, pfx: bytes | None, senha: str, pasta: Path) -> ssl.SSLContext:
    contexto = ssl.create_default_context(cafile=str(ca))
    if pfx is not None:
        chave, certificado, _ = pkcs12.load_key_and_certificates(pfx, senha.encode())
        assert chave is not None
        assert certificado is not None
        arquivo = pasta / "cliente.pem"
        privada = chave.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        arquivo.write_bytes(privada + certificado.public_bytes(serialization.Encoding.PEM))
        contexto.load_cert_chain(arquivo)
    return contexto


class Cliente:
    """Speaks for one contratante; `autenticar` once, then `chamar`."""

    def __init__(self, sandbox: SandboxVivo, contratante: dict[str, str], contexto: ssl.SSLContext) -> None:
        self.sandbox, self.contratante = sandbox, contratante
        self.http = httpx.Client(verify=contexto, timeout=30, trust_env=False)
        self.tokens: dict[str, str] = {}

    def pedir_token(self, **mudancas: Any) -> httpx.Response:
        chave = f"{self.contratante['consumerKey']}:{self.contratante['consumerSecret']}".encode()
        cabecalhos = {"Authorization": f"Basic {base64.b64encode(chave).decode()}", "Role-Type": "TERCEIROS"}
        cabecalhos |= mudancas.pop("headers", {})
        opcoes: dict[str, Any] = {"data": FORMULARIO, **mudancas}
        return self.http.post(self.sandbox.enderecos["integra_contador"]["autenticacao"], headers=cabecalhos, **opcoes)

    def autenticar(self) -> dict[str, Any]:
        corpo = self.pedir_token().raise_for_status().json()
        self.tokens = {"Authorization": f"Bearer {corpo['access_token']}", "jwt_token": corpo["jwt_token"]}
        return dict(corpo)

    def envelope(self, contribuinte: str, servico: str, dados: Any, /, **mudancas: Any) -> dict[str, Any]:
        escritorio = {"numero": self.contratante["cnpj"], "tipo": 2}
        sistema, versao = _NO_CATALOGO.get(servico, ("PGDASD", "1.0"))
        pedido = {"idSistema": sistema, "idServico": servico, "versaoSistema": versao}
        corpo: dict[str, Any] = {
            "contratante": escritorio,
            "autorPedidoDados": escritorio,
            "contribuinte": {"numero": contribuinte, "tipo": 2},
            "pedidoDados": pedido | {"dados": dados if isinstance(dados, str) else json.dumps(dados)},
        }
        return corpo | mudancas

    def enviar(self, rota: str, corpo: Any, *, tag: str = "", headers: dict[str, str] | None = None) -> httpx.Response:
        cabecalhos = {**self.tokens, **({"X-Request-Tag": tag} if tag else {}), **(headers or {})}
        base = self.sandbox.enderecos["integra_contador"]["producao"]
        if isinstance(corpo, bytes):
            return self.http.post(
                f"{base}/{rota}", content=corpo, headers={"Content-Type": "application/json"} | cabecalhos
            )
        return self.http.post(f"{base}/{rota}", json=corpo, headers=cabecalhos)

    def chamar(self, rota: str, contribuinte: str, servico: str, dados: Any, *, tag: str = "") -> httpx.Response:
        return self.enviar(rota, self.envelope(contribuinte, servico, dados), tag=tag)

    def transmitir(self, contribuinte: str, pa: int = 202610, *, tag: str = "", **mudancas: Any) -> httpx.Response:
        dados = declaracao(contribuinte, pa, **mudancas)
        return self.chamar("Declarar", contribuinte, "TRANSDECLARACAO11", dados, tag=tag)

    def das(self, contribuinte: str, pa: int = 202610, *, tag: str = "", **mudancas: str) -> httpx.Response:
        dados = {"periodoApuracao": str(pa), **mudancas}
        return self.chamar("Emitir", contribuinte, "GERARDAS12", dados, tag=tag)

    def consultar(self, contribuinte: str, servico: str, **dados: str) -> httpx.Response:
        return self.chamar("Consultar", contribuinte, servico, dados)


def atividade(numero: int = 1, valor: float = 10000, **receita: Any) -> dict[str, Any]:
    return {"idAtividade": numero, "valorAtividade": valor, "receitasAtividade": [{"valor": valor, **receita}]}


def declaracao(contribuinte: str, pa: int = 202610, **mudancas: Any) -> dict[str, Any]:
    """The `dados` of TRANSDECLARACAO11: R$ 10.000,00 of resale, RBT12 of R$ 500.000,00 informed.

    `mudancas` replace keys of the root or of `declaracao`; the value None leaves the key out, `atividades` sets
    those of the head office.
    """
    atividades = mudancas.pop("atividades", [atividade()])
    estabelecimento: dict[str, Any] = {"cnpjCompleto": contribuinte}
    if atividades is not None:
        estabelecimento["atividades"] = atividades
    interno: dict[str, Any] = {
        "tipoDeclaracao": 1,
        "receitaPaCompetenciaInterno": 10000.00,
        "receitaPaCompetenciaExterno": 0,
        "receitasBrutasAnteriores": [{"pa": pa - 1, "valorInterno": 500000.00, "valorExterno": 0}],
        "estabelecimentos": [estabelecimento],
    }
    raiz: dict[str, Any] = {
        "cnpjCompleto": contribuinte,
        "pa": pa,
        "indicadorTransmissao": True,
        "indicadorComparacao": False,
        "declaracao": interno,
    }
    for chave, valor in mudancas.items():
        destino = raiz if chave in raiz or chave == "valoresParaComparacao" else interno
        destino[chave] = valor
    raiz["declaracao"] = {chave: valor for chave, valor in interno.items() if valor is not None}
    return {chave: valor for chave, valor in raiz.items() if valor is not None}


def dados(resposta: httpx.Response) -> Any:
    """The JSON inside the string of a successful answer."""
    assert resposta.status_code == 200, resposta.text
    return json.loads(resposta.json()["dados"])


def codigo(resposta: httpx.Response) -> str:
    """The first message code of an answer, brackets included."""
    return str(resposta.json()["mensagens"][0]["codigo"])


def texto(resposta: httpx.Response) -> str:
    return str(resposta.json()["mensagens"][0]["texto"])
