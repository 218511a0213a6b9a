"""Where in a line of notas a problem of the pré-voo stands, and whether it is mended in the file or elsewhere."""

from dataclasses import dataclass

from django.urls import reverse

from empresas.importacao.base import Pendencia
from nfse.importacao.celulas_notas import Celulas
from nfse.importacao.colunas_notas import DAS_EXIGENCIAS, DO_TOMADOR, DOS_DETALHES
from nfse.models.detalhes import DETALHES
from nfse.services.calculo import RETENCOES
from nfse.services.validacao import Problema

_DO_ITEM = {
    "atividade": "cnae",
    "item_lc116": "item_lc116",
    "descricao": "descricao",
    "quantidade": "quantidade",
    "valor_unitario": "valor_unitario",
    "aliquota": "aliquota",
    "deducao": "deducao",
    "desconto": "desconto",
    "codigo_municipal": "codigo_municipal",
    "codigo_nacional": "codigo_nacional",
    "nbs": "nbs",
    "unidade": "unidade",
}
_PELO_NOME = frozenset(
    {"", "tomador", "emissao", "competencia", "observacao", "iss_retido", *DAS_EXIGENCIAS, *DOS_DETALHES}
)
_VALOR = frozenset({"quantidade", "valor_unitario"})
# A problem is not said when it may come of a cell that could not be read: column -> the cells it depends on.
_DEPENDE = {
    "": frozenset({"empresa", "competencia"}),
    "tomador": frozenset({"empresa", "tomador", *DO_TOMADOR}),
    "competencia": frozenset({"emissao"}),
    "cnae": frozenset({"empresa", "competencia", "servico", "item_lc116"}),
    "item_lc116": frozenset({"empresa", "competencia", "servico", "cnae"}),
    "aliquota": frozenset({"empresa", "competencia", "servico", "item_lc116", "iss_retido"}),
    "descricao": frozenset({"servico"}),
    "servico": frozenset({"empresa", "competencia", "item_lc116", "cnae"}),
    "deducao": frozenset({*_VALOR, "desconto"}),
    "pis": frozenset({*_VALOR, "desconto", *RETENCOES}),
}

# Groups of the national layout that are of the note alone: filled in its draft.
_NO_RASCUNHO = (
    "nacional-evento",
    "nacional-obra",
    "nacional-suspensao",
    "nacional-comercio_exterior",
    "nacional-detalhes_ibs_cbs",
)


@dataclass(frozen=True)
class Lugar:
    """`coluna` of the file. `no_arquivo`: the cell is what is wrong, and the line is refused; else a register is, and
    the draft may wait for it."""

    coluna: str
    no_arquivo: bool


def lugar_de(problema: Problema, celulas: Celulas, *, tomador_novo: bool, sem_atividades: bool) -> Lugar | None:
    """None when what is wrong was already said of the line."""
    coluna = _coluna(problema)
    if celulas.ruins & (_DEPENDE.get(coluna, frozenset()) | {coluna}):
        return None
    if coluna in (*DAS_EXIGENCIAS, *DOS_DETALHES):
        return Lugar(coluna, no_arquivo=bool(celulas.texto(coluna)))
    if problema.codigo.startswith("exigencia-") or problema.campo in DETALHES:
        return Lugar("servico", no_arquivo=False)  # no column of the file says it
    if not coluna:
        return Lugar("empresa", problema.codigo.startswith("regra-"))
    if coluna == "tomador":
        return Lugar("tomador", tomador_novo)
    if coluna == "cnae" and sem_atividades:
        return Lugar("cnae", no_arquivo=False)
    if coluna == "pis":
        coluna = next((nome for nome in RETENCOES if celulas.texto(nome)), coluna)
    do_cadastro = problema.campo.startswith("itens.") and celulas.texto("servico") and not celulas.texto(coluna)
    return Lugar(coluna, not do_cadastro)


def _coluna(problema: Problema) -> str:
    campo = problema.campo
    if not campo.startswith("itens"):
        return campo if campo in _PELO_NOME else "servico"
    nome = campo.rpartition(".")[2]
    if nome == "atividade" and problema.codigo.startswith("integranotas"):
        return "codigo_nacional"
    return "pis" if nome == "retencoes" else _DO_ITEM.get(nome, "servico")


def pendencia_de(codigo: str, coluna: str, texto: str) -> Pendencia:
    """The next step for what is mended outside the file."""
    if codigo.startswith(("exigencia-", *_NO_RASCUNHO)) or coluna in (*DAS_EXIGENCIAS, *DOS_DETALHES):
        return Pendencia(texto, "Abrir os rascunhos", reverse("nfse:notas") + "?situacao=rascunho")
    if coluna == "tomador":
        falta = "?endereco=falta" if codigo == "tomador-sem-endereco" else ""
        return Pendencia(texto, "Abrir os tomadores", reverse("nfse:tomadores") + falta)
    if coluna == "empresa" or codigo in ("sem-atividade", "atividades-nao-lidas"):
        return Pendencia(texto, "Abrir os canais", reverse("nfse:canais"))
    return Pendencia(texto, "Abrir os serviços", reverse("nfse:servicos"))
