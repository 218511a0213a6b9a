"""The cells of one line of the CSV of notas, read: what can be told of them without looking anything up."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from comum.documentos import Invalido, Motivo, cnae, documento
from comum.formatos import (
    MAXIMO_EM_DINHEIRO,
    format_numero,
    parse_data,
    parse_dinheiro,
    parse_percentual,
    parse_quantidade,
    parse_sim_nao,
)
from comum.planilhas import Linha
from empresas.campos import falta
from empresas.contexto import ler_competencia
from empresas.importacao.base import Recusa
from nfse.campos import MAIOR_TEXTO, ler_codigo_nacional, ler_linha, ler_nbs, ler_nif
from nfse.campos_nacionais import LEITORES as LEITORES_NACIONAIS
from nfse.campos_nacionais import LEITORES_DO_ARQUIVO
from nfse.importacao.colunas_notas import DAS_EXIGENCIAS, DOS_DETALHES, ROTULOS
from nfse.services.calculo import RETENCOES, centavos, item_sem_zero

MAIOR_REFERENCIA = 60
# A dot and three digits: thousands for an amount (comum.formatos.parse_dinheiro).
_MILHARES = re.compile(r"(?:R\$)?\s*[0-9]{1,3}(?:\.[0-9]{3})+")
_DOS_DETALHES_EM_REAIS = ("pis_cofins_base", "comex_valor", "desconto_condicionado", "beneficio_valor")
_EM_REAIS = ("valor_unitario", "deducao", "desconto", *_DOS_DETALHES_EM_REAIS, *RETENCOES)
_EM_PERCENTUAL = (
    "deducao_percentual", "beneficio_percentual", "diferimento_uf", "diferimento_municipio", "diferimento_cbs",
)  # fmt: skip


def ler_valor_unitario(texto: str) -> Decimal | Invalido:
    valor = parse_dinheiro(texto)
    if not isinstance(valor, Invalido) and not valor:
        return Invalido(Motivo.PROIBIDO, "Valor zero. A nota precisa de um valor maior que zero.")
    return valor


def ler_referencia(texto: str) -> str | Invalido:
    limpo = " ".join(texto.split())
    if len(limpo) > MAIOR_REFERENCIA:
        return Invalido(Motivo.TAMANHO, f"Referência com {len(limpo)} posições; cabem {MAIOR_REFERENCIA}. Abrevie.")
    if not limpo.isprintable():
        return Invalido(Motivo.FORMATO, "Referência com caractere invisível. Digite o texto de novo.")
    if limpo.lower().startswith(("csv:", "contrato:")):
        return Invalido(
            Motivo.PROIBIDO,
            "Referências que começam por csv: ou contrato: são do Guichê. Use outra, ou nenhuma.",
        )
    return limpo


def _item(texto: str) -> str | Invalido:
    limpo = re.sub(r"\s", "", texto).replace(",", ".")
    if re.fullmatch(r"[0-9]{1,2}\.[0-9]{2}", limpo):
        return item_sem_zero(limpo)
    dica = " A planilha pode ter apagado o zero do fim (7.10)." if re.fullmatch(r"[0-9]{1,2}\.[0-9]", limpo) else ""
    return Invalido(Motivo.FORMATO, f"Item da LC 116 fora do formato. Digite como 17.19.{dica}")


def _texto(rotulo: str) -> Callable[[str], str | Invalido]:
    def ler(texto: str) -> str | Invalido:
        if len(texto) > MAIOR_TEXTO:
            tamanho, maximo = format_numero(len(texto)), format_numero(MAIOR_TEXTO)
            return Invalido(Motivo.TAMANHO, f"{rotulo} com {tamanho} caracteres; cabem {maximo}. Encurte o texto.")
        return texto

    return ler


LEITORES: dict[str, Callable[[str], Any]] = {
    "referencia": ler_referencia,
    "tomador": documento,
    "item_lc116": _item,
    "cnae": cnae,
    "codigo_municipal": partial(ler_linha, rotulo="Código no município", maximo=20),
    "codigo_nacional": ler_codigo_nacional,
    "nbs": ler_nbs,
    "unidade": partial(ler_linha, rotulo="Unidade", maximo=30),
    "descricao": _texto("Descrição"),
    "competencia": ler_competencia,
    "emissao": parse_data,
    "quantidade": parse_quantidade,
    "valor_unitario": ler_valor_unitario,
    "aliquota": parse_percentual,
    "deducao": parse_dinheiro,
    "desconto": parse_dinheiro,
    "iss_retido": parse_sim_nao,
    "pis": parse_dinheiro,
    "cofins": parse_dinheiro,
    "csll": parse_dinheiro,
    "ir": parse_dinheiro,
    "inss": parse_dinheiro,
    "observacao": _texto("Observação"),
    "tomador_nif": ler_nif,
    "intermediario_documento": documento,
    "destinatario": documento,
    "pis_aliquota": parse_percentual,
    "cofins_aliquota": parse_percentual,
    **dict.fromkeys(_DOS_DETALHES_EM_REAIS, parse_dinheiro),
    **dict.fromkeys(_EM_PERCENTUAL, partial(parse_percentual, maximo=Decimal(100))),
    **{nome: ler for nome, ler in LEITORES_NACIONAIS.items() if nome in (*DAS_EXIGENCIAS, *DOS_DETALHES)},
    **LEITORES_DO_ARQUIVO,
}
_EXIGIDAS = {
    "tomador": Invalido(Motivo.TAMANHO, "Falta o CPF ou CNPJ do tomador. Quem está no exterior vai pelo NIF."),
    "competencia": falta("a competência"),
}


@dataclass
class Celulas:
    """One line. `textos` as they came; `lidas` what they mean, without the blank ones and without those in `ruins`."""

    linha: int
    textos: dict[str, str]
    lidas: dict[str, Any] = field(default_factory=dict)
    ruins: set[str] = field(default_factory=set)
    recusas: list[Recusa] = field(default_factory=list)

    def texto(self, coluna: str) -> str:
        return self.textos.get(coluna, "")

    def recusar(self, coluna: str, motivo: str, valor: str | None = None) -> None:
        self.ruins.add(coluna)
        self.recusas.append(self.aviso(coluna, motivo, valor))

    def aviso(self, coluna: str, motivo: str, valor: str | None = None) -> Recusa:
        mostra = self.texto(coluna) if valor is None else valor
        return Recusa(self.linha, ROTULOS[coluna], mostra[:200], motivo)

    @property
    def competencia(self) -> date | None:
        lida: date | None = self.lidas.get("competencia")
        return lida

    @property
    def valor(self) -> Decimal | None:
        """Quantity times price when the line tells the price; None when it does not, or cannot be read."""
        unitario = self.lidas.get("valor_unitario")
        if unitario is None or "quantidade" in self.ruins:
            return None
        return centavos(unitario * self.lidas.get("quantidade", Decimal(1)))

    @property
    def com_milhares(self) -> bool:
        """Whether an amount was written with a dot and no comma (1.234), which is read as thousands."""
        return any(_MILHARES.fullmatch(self.texto(coluna)) for coluna in _EM_REAIS)


def _exigida(coluna: str, celulas: Celulas) -> Invalido | None:
    if coluna == "tomador" and celulas.texto("tomador_nif"):
        return None
    return _EXIGIDAS.get(coluna)


def ler_celulas(linha: Linha) -> Celulas:
    celulas = Celulas(linha.numero, linha.valores)
    for coluna, ler in LEITORES.items():
        texto = celulas.texto(coluna)
        lida = ler(texto) if texto else _exigida(coluna, celulas)
        if isinstance(lida, Invalido):
            celulas.recusar(coluna, lida.mensagem)
        elif lida is not None:
            celulas.lidas[coluna] = lida
    if celulas.texto("tomador") and celulas.texto("tomador_nif"):
        celulas.recusar("tomador_nif", "Informe o CPF ou CNPJ, ou o NIF de quem está no exterior: não os dois.")
    if (valor := celulas.valor) is not None and valor > MAXIMO_EM_DINHEIRO:
        celulas.recusar("quantidade", "Quantidade vezes valor passa do que uma nota comporta. Confira os dois.")
    return celulas
