"""CAIXAPOSTAL: the messages that the Receita sends to a contribuinte. Every value comes as text.

Reading a message through this service counts as having been notified of it (ciência da intimação: Decreto 70.235/1972,
art. 23, § 2º, III), as it does in e-CAC.
Source: SERPRO, API Integra Contador, pages of CAIXAPOSTAL (31 August 2026).
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from guias.providers import mensagens, wire
from guias.providers.catalogo import Servico, achar
from guias.providers.cliente import Dados, IntegraContador, NadaEncontrado, lendo
from guias.providers.interface import Partes
from guias.providers.mensagens import Destino
from guias.providers.textos import texto_de
from operacoes.errors import ProviderRefused, ProviderUnavailable
from operacoes.http import Chamadas

MSGCONTRIBUINTE61 = achar("CAIXAPOSTAL", "MSGCONTRIBUINTE61")
MSGDETALHAMENTO62 = achar("CAIXAPOSTAL", "MSGDETALHAMENTO62")
INNOVAMSG63 = achar("CAIXAPOSTAL", "INNOVAMSG63")

TODAS, LIDAS, NAO_LIDAS = "0", "1", "2"
MAXIMO_DE_PAGINAS = 40  # 2,000 messages: no mailbox has more, and each page costs a call
_VARIAVEL = re.compile(r"\+\+(\d{1,2})\+\+")


@dataclass(frozen=True)
class MensagemDaCaixa:
    """One message of the list. `relevante` is the Receita's own mark; `lida_em` the first reading, by anyone."""

    isn: str
    assunto: str
    remetente: str
    enviada_em: datetime
    lida_em: datetime | None
    validade: date | None
    relevante: bool
    controle: str


@dataclass(frozen=True)
class MensagemLida:
    """`corpo` is plain text: the markup of the Receita's model is read, not kept."""

    mensagem: MensagemDaCaixa
    corpo: str
    ciencia_em: date | None


def novas(cliente: IntegraContador, partes: Partes, *, chamadas: Chamadas) -> int:
    """0 none, 1 one, 2 several. Free."""
    conteudo = _conteudo(cliente, INNOVAMSG63, partes, None, chamadas)
    with lendo(INNOVAMSG63):
        indicador = int(conteudo[0]["indicadorMensagensNovas"])
        if indicador not in (0, 1, 2):
            raise ValueError(f"indicator {indicador}")
        return indicador


def listar(cliente: IntegraContador, partes: Partes, status: str, *, chamadas: Chamadas) -> list[MensagemDaCaixa]:
    """All pages of 50; `status` is TODAS, LIDAS or NAO_LIDAS. Each page is a charged call."""
    achadas: list[MensagemDaCaixa] = []
    ponteiro = ""
    for _ in range(MAXIMO_DE_PAGINAS):
        dados = {"statusLeitura": status, "indicadorPagina": "1" if ponteiro else "0"}
        if ponteiro:
            dados["ponteiroPagina"] = ponteiro
        try:
            conteudo = _conteudo(cliente, MSGCONTRIBUINTE61, partes, dados, chamadas)
        except NadaEncontrado:
            return achadas
        with lendo(MSGCONTRIBUINTE61):
            pagina = conteudo[0]
            achadas += [_mensagem(item) for item in pagina["listaMensagens"]]
            proximo = str(pagina.get("ponteiroProximaPagina") or "")
            if str(pagina["indicadorUltimaPagina"]).upper() != "N" or proximo in ("", ponteiro):
                return achadas
            ponteiro = proximo
    return achadas


def ler(cliente: IntegraContador, partes: Partes, isn: str, *, chamadas: Chamadas) -> MensagemLida:
    """Read one, which notifies the contribuinte of it."""
    try:
        conteudo = _conteudo(cliente, MSGDETALHAMENTO62, partes, {"isn": isn}, chamadas)
    except NadaEncontrado as erro:
        raise ProviderRefused(
            "A Receita não tem mais esta mensagem na caixa postal. Atualize a lista de mensagens desta empresa.",
            codigo="CAIXAPOSTAL-02",
        ) from erro
    with lendo(MSGDETALHAMENTO62):
        item = conteudo[0]
        variaveis = [texto_de(str(valor)) for valor in item.get("variaveis") or []]
        # The model becomes text before the values come in: markup in a value stays text.
        corpo = _VARIAVEL.sub(lambda marca: _valor(variaveis, marca), texto_de(str(item["corpoModelo"])))
        return MensagemLida(_mensagem(item), corpo, _dia(item.get("dataCiencia")))


def _valor(variaveis: list[str], marca: re.Match[str]) -> str:
    """The value of a mark; one without a value stays as it came, for the reader to see."""
    numero = int(marca[1])
    return variaveis[numero - 1] if 1 <= numero <= len(variaveis) else marca[0]


def _conteudo(
    cliente: IntegraContador, servico: Servico, partes: Partes, dados: Dados, chamadas: Chamadas
) -> list[Any]:
    """The `conteudo` of an answer whose own `codigo` says that all went well."""
    resposta = cliente.chamar(servico, partes, dados, chamadas)
    with lendo(servico):
        codigo = str(resposta.dados["codigo"]).zfill(2)
        if codigo == "00":
            conteudo = resposta.dados["conteudo"]
            if not isinstance(conteudo, list) or not conteudo:
                raise ValueError("empty conteudo")
            return conteudo
    regra = mensagens.regra_de(mensagens.ler({"codigo": f"[Erro-CAIXAPOSTAL-{codigo}]", "texto": ""}))
    palavras: dict[str, Any] = {"codigo": f"CAIXAPOSTAL-{codigo}", "status": resposta.status}
    if regra is None:
        raise ProviderRefused(
            "A caixa postal da Receita recusou a consulta. Veja as palavras do serviço.", texto=codigo, **palavras
        )
    if regra.destino is Destino.NADA:
        raise NadaEncontrado
    if regra.destino is Destino.INDISPONIVEL:
        raise ProviderUnavailable(regra.mensagem, **palavras)
    raise ProviderRefused(regra.mensagem, **palavras)


def _mensagem(item: dict[str, Any]) -> MensagemDaCaixa:
    assunto = str(item["assuntoModelo"]).replace("++VARIAVEL++", str(item.get("valorParametroAssunto") or "").strip())
    enviada = _instante(item["dataEnvio"], item.get("horaEnvio"))
    isn = str(item["isn"])
    if enviada is None or not isn.isdecimal():
        raise ValueError("message without date or isn")
    return MensagemDaCaixa(
        isn=isn,
        assunto=" ".join(texto_de(assunto).split()),
        remetente=str(item.get("descricaoOrigem") or "").strip(),
        enviada_em=enviada,
        lida_em=_instante(item.get("dataLeitura"), item.get("horaLeitura")),
        validade=_dia(item.get("dataValidade") or item.get("dataExpiracao")),
        relevante=str(item.get("relevancia") or "").strip() == "2",
        controle=str(item.get("numeroControle") or "").strip(),
    )


def _dia(valor: Any) -> date | None:
    limpo = str(valor or "").strip()
    return wire.data(limpo) if limpo.strip("0") else None


def _instante(dia: Any, hora: Any) -> datetime | None:
    if _dia(dia) is None:
        return None
    return wire.instante(f"{str(dia).strip()}{str(hora or '').strip().zfill(6)}")
