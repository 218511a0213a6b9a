"""PNRCONTADOR: whose contador the office is at the Redesim, and giving that up.

All of it is asked by the contador about itself: contratante, autor and contribuinte are the office. A renúncia is asked
for and decided a little later; it cannot be taken back.
Source: SERPRO, API Integra Contador, pages of PNRCONTADOR (April 2026).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from guias.providers import wire
from guias.providers.catalogo import achar
from guias.providers.cliente import IntegraContador, NadaEncontrado, lendo
from guias.providers.interface import Partes
from operacoes.http import Chamadas

CONSVINCULOS261 = achar("PNRCONTADOR", "CONSVINCULOS261")
SOLICRENUNCIA262 = achar("PNRCONTADOR", "SOLICRENUNCIA262")
CONSRENUNCIA263 = achar("PNRCONTADOR", "CONSRENUNCIA263")
COMPRENUNCIA264 = achar("PNRCONTADOR", "COMPRENUNCIA264")
SITSOLICRENUNCIA265 = achar("PNRCONTADOR", "SITSOLICRENUNCIA265")

POR_PAGINA = 50
MAXIMO_DE_PAGINAS = 400  # 20,000 empresas


@dataclass(frozen=True)
class VinculoNaRedesim:
    cnpj: str
    tipo: str
    situacao: str
    uf: str
    municipio: str


@dataclass(frozen=True)
class Renuncia:
    """One that took effect: its number, the CNPJ given up, and when."""

    numero: int
    cnpj: str
    feita_em: datetime


@dataclass(frozen=True)
class SituacaoDaRenuncia:
    """`feita`: it took effect. Without it the service says only in words (`texto`) whether it is still looked at or was
    denied."""

    feita: Renuncia | None
    texto: str


def vinculos(cliente: IntegraContador, partes: Partes, *, chamadas: Chamadas) -> list[VinculoNaRedesim]:
    """All of them; each page of 50 is a charged call."""
    achados: list[VinculoNaRedesim] = []
    ultimo = ""
    for _ in range(MAXIMO_DE_PAGINAS):
        pagina: dict[str, Any] = {"size": POR_PAGINA, **({"lastCnpj": ultimo} if ultimo else {})}
        try:
            resposta = cliente.chamar(CONSVINCULOS261, partes, {"pagination": pagina}, chamadas)
        except NadaEncontrado:
            return achados
        with lendo(CONSVINCULOS261):
            corpo = wire.um(resposta.dados)
            achados += [_vinculo(item) for item in corpo["cnpjs"]]
            proximo = str(corpo.get("lastCnpj") or "")
            if not corpo["cnpjs"] or len(achados) >= int(corpo["totalInTheDatabase"]) or proximo in ("", ultimo):
                return achados
            ultimo = proximo
    return achados


def renunciar(cliente: IntegraContador, partes: Partes, cnpj: str, responsavel: str, *, chamadas: Chamadas) -> str:
    """Ask to give up the vínculo with `cnpj`; returns the id of the request. `responsavel`: CPF of the person
    responsible for the office's certificate. The declarations that the service demands are taken as read."""
    dados = {
        "solicitacaoRenunciaContador": {
            "cnpj": cnpj,
            "cnpjEmpresaContabil": partes.contratante,
            "cpfPreenchedor": responsavel,
        },
        "cienciaDeclaracoes": True,
    }
    resposta = cliente.chamar(SOLICRENUNCIA262, partes, dados, chamadas)
    with lendo(SOLICRENUNCIA262):
        pedida = str(wire.um(resposta.dados)["idSolicitacao"])
        if not pedida:
            raise ValueError("no id")
        return pedida


def situacao(cliente: IntegraContador, partes: Partes, pedida: str, *, chamadas: Chamadas) -> SituacaoDaRenuncia:
    """What became of a request for renúncia."""
    resposta = cliente.chamar(SITSOLICRENUNCIA265, partes, {"idSolicitacao": pedida}, chamadas)
    with lendo(SITSOLICRENUNCIA265):
        corpo = wire.um(resposta.dados)
        feita = _renuncia(corpo["renuncia"]) if corpo.get("renuncia") else None
        texto = str(corpo.get("mensagemRetorno") or "")
        return SituacaoDaRenuncia(feita, texto)


def renuncias(
    cliente: IntegraContador, partes: Partes, *, chamadas: Chamadas
) -> tuple[list[Renuncia], datetime | None]:
    """All that took effect, and the service's clock at the answer."""
    achadas: list[Renuncia] = []
    agora: datetime | None = None
    for pagina in range(MAXIMO_DE_PAGINAS):
        try:
            resposta = cliente.chamar(CONSRENUNCIA263, partes, {"page": pagina, "pageSize": POR_PAGINA}, chamadas)
        except NadaEncontrado:
            break
        agora = resposta.agora
        with lendo(CONSRENUNCIA263):
            corpo = wire.um(resposta.dados)
            achadas += [_renuncia(item) for item in corpo["content"]]
            if not corpo["content"] or len(achadas) >= int(corpo["totalElements"]):
                break
    return achadas, agora


def comprovante(cliente: IntegraContador, partes: Partes, numero: int, *, chamadas: Chamadas) -> bytes:
    resposta = cliente.chamar(COMPRENUNCIA264, partes, {"idRenuncia": numero}, chamadas)
    with lendo(COMPRENUNCIA264):
        dados = resposta.dados
        return wire.pdf_obrigatorio(dados["pdf"] if isinstance(dados, dict) else dados)


def _vinculo(item: dict[str, Any]) -> VinculoNaRedesim:
    situacao = item.get("situacaoCadastral") or {}
    return VinculoNaRedesim(
        cnpj=str(item["cnpj"]),
        tipo=str(item.get("tipoEstabelecimento") or ""),
        situacao=str(situacao.get("descricao") or situacao.get("codigo") or ""),
        uf=str(item.get("uf") or ""),
        municipio=str(item.get("nomeMunicipio") or ""),
    )


def _renuncia(item: dict[str, Any]) -> Renuncia:
    return Renuncia(
        numero=int(item["id"]),
        cnpj=str(item["cnpjRenunciada"]),
        feita_em=datetime.fromtimestamp(int(item["dataRenuncia"]) / 1000, tz=UTC),
    )
