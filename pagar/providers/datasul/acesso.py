"""How one ERP is reached: address, context, paths, who enters, and what its base does in its own way."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from operacoes.http import Reply, host_of
from operacoes.redacao import redigir_corpo
from pagar.providers.campos import PADRAO, Formato

CONTEXTO_API = "/api"  # for outside applications, with Basic
CONTEXTO_PORTAL = "/dts/datasul-rest/resources/prg"  # what the ERP's own screens call
_ID = "{IdVendorsPayments}"
_SEGREDO_MINIMO = 4  # a shorter one would be found everywhere in an answer


class Motivo(StrEnum):
    """What a refusal means, beyond "no", to who repeats a sending whose answer was lost."""

    REFERENCIA_USADA = "referencia_usada"
    TITULO_EXISTE = "titulo_existe"
    BORDERO_USADO = "bordero_usado"
    TITULO_FECHADO = "titulo_fechado"  # settled, cancelled or reversed
    MOVIMENTO_ESTORNADO = "movimento_estornado"  # or not found


# The codes of the simulator. The ERP's own numbers are not published: who knows them says so in AcessoDatasul.codigos.
CODIGOS_DO_SIMULADOR: Mapping[str, Motivo] = {
    "90013": Motivo.REFERENCIA_USADA,
    "90014": Motivo.TITULO_EXISTE,
    "90031": Motivo.TITULO_FECHADO,
    "90034": Motivo.BORDERO_USADO,
    "90035": Motivo.MOVIMENTO_ESTORNADO,
}


@dataclass(frozen=True)
class Caminhos:
    """Paths below the resource; that of the taxes, which no publication tells, below the context."""

    recurso: str = "/fin/v1/accountPayableDocument"
    lote: str = "/accountPayableBatch"
    antecipacao: str = "/accountPayableAdvance"
    pagamento: str = "/payment"
    estorno: str = "/reversal"
    atualizacao: str = "/"
    impostos: str = f"/fin/v1/vendorsPayments/{_ID}/taxes"


@dataclass(frozen=True, repr=False)
class AcessoDatasul:
    """What it takes to call one ERP. `base` is scheme, host and port; `ca` a PEM bundle, None for the system's. Enters
    by `token` (Bearer) when there is one, else by `usuario` and `senha` (Basic). `codigos` tells which of the ERP's
    message codes mean that what was sent is already there; `paginas_maximas` and `por_pagina` bound the listing of
    taxes. In memory only; it never shows its values. Raises ValueError (pt-BR) for what cannot be an access."""

    base: str
    usuario: str = ""
    senha: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    ca: Path | None = None
    contexto: str = CONTEXTO_API
    caminhos: Caminhos = Caminhos()
    idioma: str = "pt-BR"
    formato: Formato = PADRAO
    codigos: Mapping[str, Motivo] = field(default_factory=dict)
    por_pagina: int = 100
    paginas_maximas: int = 50

    def __post_init__(self) -> None:
        endereco = urlsplit(self.base)
        if endereco.scheme not in ("http", "https") or not endereco.hostname:
            raise ValueError("Endereço do ERP sem http:// ou https://. Informe, por exemplo, http://erp.exemplo:8280.")
        if endereco.username or endereco.password or endereco.query or endereco.fragment:
            raise ValueError("O endereço do ERP leva só servidor e porta: usuário e senha têm campos próprios.")
        if self.token:
            if not (self.token.isascii() and self.token.isprintable()) or " " in self.token:
                raise ValueError("O token do ERP tem caracteres que não cabem em um token. Cole-o de novo.")
        elif not self.usuario or not self.senha:
            raise ValueError("Faltam o usuário e a senha do ERP.")
        elif ":" in self.usuario:
            raise ValueError("O usuário do ERP não pode ter dois-pontos.")
        if _ID not in self.caminhos.impostos:
            raise ValueError(f"O caminho da listagem de impostos precisa conter {_ID}.")

    def __repr__(self) -> str:
        return f"<AcessoDatasul {host_of(self.base)}>"

    @property
    def autorizacao(self) -> str:
        return f"Bearer {self.token}" if self.token else f"Basic {self._basic}"

    @property
    def _basic(self) -> str:
        return base64.b64encode(f"{self.usuario}:{self.senha}".encode()).decode()

    def caminho(self, operacao: str) -> str:
        """Path below the base of one write ("lote", "antecipacao", ...), a final bar kept."""
        return _unir(self.contexto, self.caminhos.recurso, getattr(self.caminhos, operacao))

    def caminho_dos_impostos(self, id_pagamento: int) -> str:
        return _unir(self.contexto, self.caminhos.impostos.replace(_ID, str(id_pagamento)))

    def sem_segredos(self, reply: Reply) -> Reply:
        """The answer without the secrets that the request carried, should the ERP repeat them; its registro too."""
        limpo = reply.content
        for segredo in (self.senha, self.token, "" if self.token else self._basic):
            for escrito in (segredo, json.dumps(segredo)[1:-1], json.dumps(segredo, ensure_ascii=False)[1:-1]):
                if len(escrito) >= _SEGREDO_MINIMO:
                    limpo = limpo.replace(escrito.encode(), b"[removido]")
        if limpo == reply.content:
            return reply
        reply.registro["recebido"] = redigir_corpo(limpo)
        return replace(reply, content=limpo)


def _unir(*partes: str) -> str:
    """Parts of a path with one bar between them; none in front."""
    final = "/" if partes[-1].endswith("/") else ""
    return "/".join(limpa for parte in partes if (limpa := parte.strip("/"))) + final
