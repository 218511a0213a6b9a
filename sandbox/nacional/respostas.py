"""The envelopes of the services, and the shapes of refusal that a scenario may ask for."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse

from sandbox.nacional import formas
from sandbox.nacional.codigos import Mensagem, Recusa, mensagem
from sandbox.nacional.opcoes import PRODUCAO, Opcoes
from sandbox.nucleo.ajustes import BRASILIA
from sandbox.nucleo.cenarios import PAGINA_HTML

SEFIN, ADN, PARAMETROS = "sefin", "adn", "parametros"
LOCALIZADOS, NENHUM, REJEICAO = "DOCUMENTOS_LOCALIZADOS", "NENHUM_DOCUMENTO_LOCALIZADO", "REJEICAO"
_JSON = "application/json; charset=utf-8"


@dataclass
class Respostas:
    """How the called resource answers. `plural`: its refusals come in `erros`, otherwise in `erro`, an object, or a
    list of several; `mudo`: it has no body (HEAD)."""

    opcoes: Opcoes
    agora: datetime
    familia: str = SEFIN
    plural: bool = False
    mudo: bool = False
    id_dps: str = ""
    forma: str = ""
    codigos: tuple[str, ...] = ()

    # good answers

    def sucesso(self, corpo: dict[str, Any], http: int = 200) -> HttpResponse:
        if self.mudo:
            return HttpResponse(status=http)
        if self.familia == SEFIN:
            corpo = self.envelope() | corpo
        return HttpResponse(formas.sucesso(self.forma, corpo), status=http, content_type=_JSON)

    def envelope(self) -> dict[str, Any]:
        return {
            "tipoAmbiente": self.opcoes["ambiente"],
            "versaoAplicativo": self.opcoes["versao_aplicativo"],
            "dataHoraProcessamento": com_sete_digitos(self.agora),
        }

    def lote(self, situacao: str, itens: list[dict[str, Any]] | None, http: int, *erros: Mensagem) -> HttpResponse:
        """The answer of the ADN."""
        corpo = {
            "StatusProcessamento": situacao,
            "LoteDFe": itens,
            "Alertas": [],
            "Erros": [
                {"Codigo": erro.codigo, "Descricao": erro.descricao, "Complemento": erro.complemento or None}
                for erro in erros
            ],
            "TipoAmbiente": "PRODUCAO" if self.opcoes["ambiente"] == PRODUCAO else "HOMOLOGACAO",
            "VersaoAplicativo": self.opcoes["versao_aplicativo"],
            "DataHoraProcessamento": com_sete_digitos(self.agora),
        }
        return HttpResponse(formas.sucesso(self.forma, corpo), status=http, content_type=_JSON)

    # refusals

    def de_recusa(self, recusa: Recusa) -> HttpResponse:
        return self.recusada(recusa.http, recusa.mensagens)

    def recusada(self, http: int, mensagens: tuple[Mensagem, ...]) -> HttpResponse:
        self.codigos = tuple(item.codigo for item in mensagens)
        if self.mudo:
            return HttpResponse(status=http)
        if self.familia == ADN:
            return self.lote(REJEICAO, None, http, *mensagens)
        if self.familia == PARAMETROS:
            return self.json({"mensagem": mensagens[0].descricao}, http)
        pedida = self.forma if self.forma in formas.DE_ERRO else self.opcoes["forma_erro"]
        um_so = formas.ERRO_OBJETO if len(mensagens) == 1 else formas.ERRO_LISTA
        forma = pedida or (formas.ERROS if self.plural else um_so)
        envelope = self.envelope()
        if self.plural and self.id_dps:
            envelope["idDPS"] = self.id_dps
        return self.json(formas.erro(forma, envelope, mensagens), http)

    def json(self, corpo: Any, http: int) -> HttpResponse:
        conteudo = json.dumps(corpo, ensure_ascii=False).encode()
        return HttpResponse(conteudo, status=http, content_type=_JSON)

    # what the scenario engine asks for

    def recusa(self, http: int, codigo: str, texto: str) -> HttpResponse:
        return self.recusada(http, (Mensagem(codigo or "E999", texto),))

    def erro(self, http: int) -> HttpResponse:
        return HttpResponse(PAGINA_HTML, status=http, content_type="text/html; charset=utf-8")

    def token_expirado(self) -> HttpResponse:
        """There is no token here: the certificate is what stops being taken."""
        return self.recusada(403, (mensagem("E1203"),))

    def limite(self, espera: int | None) -> HttpResponse:
        resposta = HttpResponse(PAGINA_HTML, status=429, content_type="text/html; charset=utf-8")
        if espera is not None:
            resposta["Retry-After"] = str(espera)
        return resposta

    def tempo_esgotado(self) -> HttpResponse:
        return HttpResponse(PAGINA_HTML, status=504, content_type="text/html; charset=utf-8")


def com_sete_digitos(agora: datetime) -> str:
    local = agora.astimezone(BRASILIA)
    deslocamento = local.strftime("%z")
    return f"{local.strftime('%Y-%m-%dT%H:%M:%S.%f')}0{deslocamento[:3]}:{deslocamento[3:]}"
