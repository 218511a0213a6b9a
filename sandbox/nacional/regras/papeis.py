"""Rules about deductions and reimbursements, and the papers of both.

Not checked: whether an NF-e exists (E0462, E0464), the CEP (E0496), which kinds of deduction ask for the fornecedor
(E0477). A chave of NFS-e is looked up in a closed register only.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sandbox.documentos import cnpj_valido, cpf_valido
from sandbox.municipios import municipio
from sandbox.nacional import cadastro, chaves
from sandbox.nacional.arvore import Campos
from sandbox.nacional.calculo import MEI
from sandbox.nacional.models import Nota
from sandbox.nacional.municipios import DEDUCOES
from sandbox.nacional.regras.exame import Exame

_GRUPO = "valores/vDedRed"
_OUTRAS = "99"
_DE_CADA_FORMA = dict(zip(DEDUCOES, ("E0454", "E0446", "E0449"), strict=True))
_CHAVE_DFE = re.compile(r"[0-9]{6}[0-9A-Z]{14}[0-9]{24}", re.ASCII)
_MINIMA = Decimal(2)
_DA_MINIMA = {"pDR": "E0444", "vDR": "E0447"}
_SEM_MINIMA = frozenset(
    {
        "042201", "042301", "050901", "070201", "070202", "070501", "070502", "090201", "090202", "100101",
        "100102", "100103", "100104", "100105", "100201", "100202", "100301", "100401", "100402", "100403",
        "100501", "100502", "100601", "100701", "100801", "100901", "101001", "150101", "150102", "150103",
        "150104", "150105", "151001", "151002", "151003", "151004", "151005", "160101", "160102", "160103",
        "160104", "160201", "170501", "170601", "171001", "171002", "171101", "171102", "171201", "210101",
        "250301",
    }
)  # fmt: skip
_NFSE, _CTE, _OUTRO_DFE = "1", "3", "9"
_MODELOS_DE_CTE = ("57", "64", "67")
_ULTIMO_SEM_DFE = date(2025, 12, 31)


def da_deducao(exame: Exame) -> Iterator[str]:
    dps = exame.dps
    if not dps.tem(_GRUPO):
        return
    forma = next(nome for nome in DEDUCOES if dps.tem(f"{_GRUPO}/{nome}"))
    if exame.simples == MEI:
        yield "E0436"
    elif not exame.tributavel:
        yield "E0435"
    elif exame.regime_especial != "0":
        yield "E0438"
    elif not exame.incidencia.deducao:
        yield "E0440"
    elif forma not in exame.incidencia.deducao_por:
        yield _DE_CADA_FORMA[forma]
    if forma in _DA_MINIMA and _abaixo_da_minima(exame):
        yield _DA_MINIMA[forma]
    percentual = dps.valor(f"{_GRUPO}/pDR")
    if percentual is not None and not 0 < percentual <= 100:
        yield "E0453"
    for no in dps.nos(f"{_GRUPO}/documentos/docDedRed"):
        yield from _documento(exame, Campos(no))


def _abaixo_da_minima(exame: Exame) -> bool:
    """Whether what a deduction leaves of the ISSQN, a benefit aside, is less than 2 % of the value less discount."""
    valores = exame.valores
    if valores.base is None or valores.aliquota is None or exame.codigo in _SEM_MINIMA or valores.aliquota < _MINIMA:
        return False
    valor = valores.servico - exame.dps.dinheiro("valores/vDescCondIncond/vDescIncond")
    return (valores.base + valores.beneficio) * valores.aliquota < valor * _MINIMA


def _documento(exame: Exame, papel: Campos) -> Iterator[str]:
    yield from _chave_nfse(exame, papel.texto("chNFSe"))
    if papel.tem("chNFe") and not _chave_de_dfe(papel.texto("chNFe")):
        yield "E0460"
    if papel.tem("NFSeMun") and municipio(papel.texto("NFSeMun/cMunNFSeMun")) is None:
        yield "E0466"
    if (papel.texto("tpDedRed") == _OUTRAS) != papel.tem("xDescOutDed"):
        yield "E0470" if papel.tem("xDescOutDed") else "E0468"
    if papel.dia("dtEmiDoc") > exame.competencia:
        yield "E0472"
    deduzido = papel.dinheiro("vDeducaoReducao")
    if deduzido > papel.dinheiro("vDedutivelRedutivel"):
        yield "E0474"
    if deduzido > exame.valores.servico:
        yield "E0476"
    if papel.tem("fornec"):
        yield from _fornecedor(exame, papel, ("E0478", "E0482", "E0484"))
        yield from _endereco_do_fornecedor(papel)


def _chave_nfse(exame: Exame, chave: str) -> Iterator[str]:
    if not chave:
        return
    if not chaves.chave_valida(chave):
        yield "E0455"
        return
    nota = Nota.objects.filter(chave=chave).first()
    if nota is None:
        if not exame.opcoes["cadastro_aberto"]:
            yield "E0456"
    elif nota.cancelamento:
        yield "E0458"


def _fornecedor(exame: Exame, papel: Campos, codigos: tuple[str, str, str]) -> Iterator[str]:
    """`codigos`: of a wrong CNPJ, of one that the register does not have, of a wrong CPF."""
    cnpj, cpf = papel.texto("fornec/CNPJ"), papel.texto("fornec/CPF")
    if cnpj and not cnpj_valido(cnpj):
        yield codigos[0]
    elif cnpj and not exame.opcoes["cadastro_aberto"] and cadastro.inscrito(cnpj) is None:
        yield codigos[1]
    if cpf and not cpf_valido(cpf):
        yield codigos[2]


def _endereco_do_fornecedor(papel: Campos) -> Iterator[str]:
    if papel.texto("fornec/cNaoNIF") == "0":
        yield "E0490"
    if papel.tem("fornec/NIF"):
        if not papel.tem("fornec/end/endExt"):
            yield "E0498"
    elif not papel.tem("fornec/cNaoNIF") and not papel.tem("fornec/end/endNac"):
        yield "E0492"
    onde = papel.texto("fornec/end/endNac/cMun")
    if onde and municipio(onde) is None:
        yield "E0494"


def dos_reembolsos(exame: Exame) -> Iterator[str]:
    for no in exame.dps.nos("IBSCBS/valores/gReeRepRes/documentos"):
        yield from _reembolso(exame, Campos(no))
    total = exame.valores.reembolsos
    if total and total >= exame.valores.servico:
        yield "E1534"


def _reembolso(exame: Exame, papel: Campos) -> Iterator[str]:
    tipo, chave = papel.texto("dFeNacional/tipoChaveDFe"), papel.texto("dFeNacional/chaveDFe")
    if chave and tipo != _OUTRO_DFE:
        confere = chaves.chave_valida(chave) if tipo == _NFSE else _chave_de_dfe(chave, cte=tipo == _CTE)
        if not confere:
            yield "E0940"
    competencia = papel.dia("dtCompDoc")
    if papel.tem("docFiscalOutro"):
        if competencia > _ULTIMO_SEM_DFE:
            yield "E0942"
        if municipio(papel.texto("docFiscalOutro/cMunDocFiscal")) is None:
            yield "E0943"
    yield from _fornecedor(exame, papel, ("E0945", "E0946", "E0947"))
    if papel.dia("dtEmiDoc") < competencia:
        yield "E0950"
    if papel.tem("xTpReeRepRes") and papel.texto("tpReeRepRes") != _OUTRAS:
        yield "E0952"
    if papel.dinheiro("vlrReeRepRes") > exame.valores.servico:
        yield "E0953"


def _chave_de_dfe(chave: str, *, cte: bool = False) -> bool:
    """Of an NF-e or of a CT-e, as its model says: the last digit is the modulo 11 of the others."""
    certa = bool(_CHAVE_DFE.fullmatch(chave)) and chaves.digito(chave[:-1]) == chave[-1]
    return certa and (chave[20:22] in _MODELOS_DE_CTE) is cte
