"""What the CSV of receitas and that of past months share, in the two steps of an import (empresas.importacao.base)."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from comum.documentos import Invalido, documento
from comum.formatos import format_competencia, format_numero, parse_competencia, parse_dinheiro, parse_sim_nao
from comum.models import Usuario
from comum.planilhas import DE_DOCUMENTO, Linha, ler
from comum.planilhas import Coluna as ColunaCsv
from empresas.contexto import PRIMEIRA_COMPETENCIA
from empresas.importacao.base import (
    Alteracao,
    ArquivoRecusado,
    Conferencia,
    Importador,
    Progresso,
    Recusa,
    recusa_de,
)
from empresas.models import Empresa
from guias.services.fatos import primeiro_lido
from guias.services.quadro import do_simples

_PRIMEIRO_MES = primeiro_lido(PRIMEIRA_COMPETENCIA)  # what the first competência looks back on
DOCUMENTO = ColunaCsv("cnpj", "CNPJ", True, (*DE_DOCUMENTO, "cnpj do estabelecimento"))
COMPETENCIA = ColunaCsv("competencia", "competência", True, ("mês", "período", "pa"))


class Leitor(Importador):
    """What both files share: the establishment, the competência, money, and refusals with their line and column."""

    singular, plural = "valor", "valores"
    url_nova, url_lista = "guias:importar", "guias:receitas"

    def __init__(self, usuario: Usuario, parametros: dict[str, Any]) -> None:
        super().__init__(usuario, parametros)
        self.avisos: list[str] = []
        self.linhas = 0
        self._hoje = timezone.localdate()

    def ler(self, conteudo: bytes, progresso: Progresso) -> None:
        planilha = ler(conteudo, self.colunas)
        if planilha.erros:
            raise ArquivoRecusado(" ".join(problema.mensagem for problema in planilha.erros))
        self.avisos = [problema.mensagem for problema in planilha.avisos]
        self._preparar()
        for item in planilha:
            self.linhas += 1
            progresso(self.linhas)
            if isinstance(item, Linha):
                self._linha(item)
            else:
                self.recusas.append(recusa_de(item))

    def _preparar(self) -> None:
        """Read what the lines are checked against."""
        visiveis = Empresa.objects.visiveis(self.usuario).filter(ativa=True)
        self._empresas = {empresa.documento: empresa for empresa in visiveis.defer("busca")}
        self._simples: dict[date, set[int]] = {}

    def _linha(self, linha: Linha) -> None:
        raise NotImplementedError

    def recusar(self, linha: int, coluna: str, valor: str, motivo: str) -> None:
        self.recusas.append(Recusa(linha, self.rotulos[coluna], valor[:200], motivo))

    def _quem_e_quando(self, linha: Linha) -> tuple[Empresa, date] | None:
        texto, mes = linha.valores["cnpj"], linha.valores["competencia"]
        doc, competencia = documento(texto), parse_competencia(mes)
        empresa = None if isinstance(doc, Invalido) else self._empresas.get(doc)
        if isinstance(doc, Invalido):
            self.recusar(linha.numero, "cnpj", texto, doc.mensagem)
        elif empresa is None:
            self.recusar(linha.numero, "cnpj", texto, "Empresa não cadastrada, inativa ou fora das suas carteiras.")
        if isinstance(competencia, Invalido):
            self.recusar(linha.numero, "competencia", mes, competencia.mensagem)
            return None
        if competencia < _PRIMEIRO_MES:
            motivo = f"O Guichê trabalha com meses a partir de {format_competencia(_PRIMEIRO_MES)}. Confira o ano."
            self.recusar(linha.numero, "competencia", mes, motivo)
            return None
        if competencia > self._hoje:
            self.recusar(linha.numero, "competencia", mes, "A competência ainda não começou. Confira o mês e o ano.")
            return None
        return None if empresa is None else (empresa, competencia)

    def _do_simples(self, empresa: Empresa, competencia: date) -> bool:
        if competencia not in self._simples:
            self._simples[competencia] = set(do_simples(self.usuario, competencia).values_list("pk", flat=True))
        return (empresa.matriz_id or empresa.pk) in self._simples[competencia]

    def _dinheiro(self, linha: Linha, coluna: str) -> Decimal | None:
        texto = linha.valores.get(coluna, "")
        if not texto:
            return None
        valor = parse_dinheiro(texto)
        if isinstance(valor, Invalido):
            self.recusar(linha.numero, coluna, texto, valor.mensagem)
            return None
        return valor

    def _sim_nao(self, linha: Linha, coluna: str) -> bool | None:
        texto = linha.valores.get(coluna, "")
        if not texto:
            return None
        valor = parse_sim_nao(texto)
        if isinstance(valor, Invalido):
            self.recusar(linha.numero, coluna, texto, valor.mensagem)
            return None
        return valor

    def _conferencia(self, classes: Mapping[int, str], alteracoes: list[Alteracao]) -> Conferencia:
        """`classes`: line to n (new), c (changed) or i (equal)."""
        ruins = {recusa.linha for recusa in self.recusas}
        valem = {linha: classe for linha, classe in classes.items() if linha not in ruins}
        assinatura = hashlib.sha256(",".join(f"{classe}{linha}" for linha, classe in sorted(valem.items())).encode())
        contagem = Counter(valem.values())
        return Conferencia(
            linhas=self.linhas,
            novas=contagem["n"],
            alteradas=contagem["c"],
            iguais=contagem["i"],
            recusas=self.recusas,
            assinatura=assinatura.hexdigest(),
            alteracoes=alteracoes,
            avisos=self.avisos,
        )


def dito(valor: Decimal | bool | None) -> str:
    if valor is None:
        return ""
    return ("sim" if valor else "não") if isinstance(valor, bool) else format_numero(valor, 2)
