"""What is wrong with the papers that a declaration lists: those of a deduction and those of what is reimbursed.

The codes are those of Anexo I, as integrators publish them. E0942 speaks of "a competência": taken as that of the
paper, since IBS and CBS are declared from 2026 on only.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from comum.documentos import Invalido, documento
from nfse.providers.interface import Pessoa, Problema
from nfse.providers.nacional import presencas
from nfse.providers.nacional.escrita import restrito
from nfse.providers.nacional.identificadores import PADRAO_DA_CHAVE, digito_da_chave
from nfse.providers.nacional.problemas_pessoas import falta, pessoa
from nfse.providers.nacional.valores import DocumentoDeDeducao, Dps, Reembolso

MAXIMO = 1000
_OUTRAS = "99"
_TEXTO, _DESCRICAO = 255, 150
_DE_DEDUCAO = frozenset("123456789") | {_OUTRAS}
_DE_REEMBOLSO = frozenset({"01", "02", "03", "04", _OUTRAS})
_CHAVE_NFE = re.compile(r"[0-9]{6}[0-9A-Z]{14}[0-9]{24}")
_NFSE, _CTE, _OUTRO_DFE = "1", "3", "9"
_ULTIMO_SEM_DFE = date(2025, 12, 31)
_MINIMA = Decimal(2)  # percent of the value less discount that a deduction leaves of ISS, but of these services
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
MODELOS_DE_CTE = ("57", "64", "67")  # CT-e, GTV-e, CT-e OS: positions 21 and 22 of a chave
_UM_SO = "Informe o documento de um só modo: a chave, ou o número de um dos outros tipos."


def chave_de_dfe(texto: str, *, cte: bool = False) -> bool:
    """Whether it is a chave of an NF-e (55, 65) or of a CT-e (57, 64, 67), by its model; its last digit is the modulo
    11 of the others."""
    certa = bool(_CHAVE_NFE.fullmatch(texto)) and texto[-1] == digito_da_chave(texto[:-1])
    return certa and (texto[20:22] in MODELOS_DE_CTE) is cte


# -- deductions --------------------------------------------------------------------------------------------------------


def deducoes(dps: Dps, tracos: frozenset[str], quando: date) -> Iterator[Problema]:
    percentual = dps.deducao_percentual
    if percentual is not None and not 0 < percentual <= 100:
        yield falta("deducao_percentual", "O percentual da dedução vai de mais que 0 a 100. Confira-o.", "E0453")
    if not dps.deducoes and dps.deduzido and presencas.vai("pAliq", tracos, quando) and _abaixo_da_minima(dps):
        onde, codigo = ("itens.0.deducao", "E0447") if percentual is None else ("deducao_percentual", "E0444")
        yield falta(onde, "A dedução deixaria o ISS abaixo de 2 % do valor. Diminua-a, ou use documentos.", codigo)
    if len(dps.deducoes) > MAXIMO:
        yield falta("deducoes", f"A nota leva até {MAXIMO} documentos de dedução. Divida-a.")
    for posicao, papel in enumerate(dps.deducoes[:MAXIMO]):
        yield from _deducao(f"deducoes.{posicao}", papel, dps.valor, quando)
    yield from _repetidos("deducoes", [_o_mesmo(papel) for papel in dps.deducoes])


def _abaixo_da_minima(dps: Dps) -> bool:
    """Only where the rate is ours to tell: that of the município is the Sefin's to look at."""
    item, valor = dps.emissao.itens[0], dps.valor - dps.desconto
    if item.aliquota is None or item.aliquota < _MINIMA or item.codigo in _SEM_MINIMA:
        return False
    return (valor - dps.deduzido - dps.reembolsado) * item.aliquota < valor * _MINIMA


def _deducao(campo: str, papel: DocumentoDeDeducao, valor: Decimal, quando: date) -> Iterator[Problema]:
    yield from _nome_da_deducao(campo, papel)
    if papel.tipo not in _DE_DEDUCAO:
        yield falta(f"{campo}.tipo", "Escolha o tipo da dedução.")
    yield from _descricao(campo, papel.tipo, papel.descricao, "da dedução", ("E0468", "E0470"))
    if papel.data > quando:
        yield falta(
            f"{campo}.data", f"O documento é de depois da data do serviço ({quando:%d/%m/%Y}). Confira a data.", "E0472"
        )
    if papel.deduzido <= 0:
        yield falta(f"{campo}.deduzido", "O valor deduzido precisa ser maior que zero. Informe-o, ou tire o documento.")
    if papel.deduzido > papel.dedutivel:
        yield falta(f"{campo}.deduzido", "O deduzido passa do que o documento deixa deduzir. Confira os dois.", "E0474")
    if papel.deduzido > valor:
        yield falta(f"{campo}.deduzido", "O deduzido passa do valor do serviço. Confira-o.", "E0476")
    if papel.fornecedor is not None:
        yield from _fornecedor_da_deducao(f"{campo}.fornecedor", papel.fornecedor)


def _nome_da_deducao(campo: str, papel: DocumentoDeDeducao) -> Iterator[Problema]:
    municipal, em_papel = papel.nfse_municipal, papel.em_papel
    modos = [papel.chave_nfse, papel.chave_nfe, municipal, em_papel, papel.fiscal, papel.outro]
    if sum(map(bool, modos)) != 1:
        yield falta(f"{campo}.documento", _UM_SO)
    elif papel.chave_nfse and not PADRAO_DA_CHAVE.fullmatch(papel.chave_nfse):
        yield falta(f"{campo}.chave_nfse", "A chave da NFS-e tem 50 posições. Copie-a da nota.", "E0455")
    elif papel.chave_nfe and not chave_de_dfe(papel.chave_nfe):
        yield falta(
            f"{campo}.chave_nfe",
            "Esta chave não é de NF-e (44 posições, modelo 55). Copie-a da nota.",
            "E0460",
        )
    elif municipal is not None:
        if not re.fullmatch("[0-9]{7}", municipal.municipio):
            yield falta(f"{campo}.municipio", "Escolha o município que emitiu a nota.", "E0466")
        if not re.fullmatch("[0-9]{15}", municipal.numero):
            yield falta(f"{campo}.documento", "O número da nota tem só números, até 15. Confira-o.")
        if not re.fullmatch("[a-zA-Z0-9]{1,9}", municipal.codigo_verificacao):
            yield falta(f"{campo}.verificacao", "O código de verificação tem de 1 a 9 letras e números. Confira-o.")
    elif em_papel is not None:
        for nome, texto, padrao, dito in (
            ("documento", em_papel.numero, "[0-9]{7}", "O número da nota tem só números, até 7"),
            ("modelo", em_papel.modelo, "[0-9]{15}", "O modelo da nota tem só números, até 15"),
            ("serie", em_papel.serie, "[a-zA-Z0-9]{1,15}", "A série da nota tem de 1 a 15 letras e números"),
        ):
            if not re.fullmatch(padrao, texto):
                yield falta(f"{campo}.{nome}", f"{dito}. Informe como está nela.")
    elif (numero := papel.fiscal or papel.outro) and not 1 <= len(restrito(numero)) <= _TEXTO:
        yield falta(f"{campo}.documento", f"O número do documento tem até {_TEXTO} caracteres. Encurte-o.")


def _o_mesmo(papel: DocumentoDeDeducao | Reembolso) -> object:
    """What two rows of one paper have in common. A paper may be of two kinds: materials, and services."""
    if isinstance(papel, Reembolso):
        nomes: object = (papel.chave, papel.municipio, papel.fiscal, papel.outro)
    else:
        nomes = (papel.chave_nfse, papel.chave_nfe, papel.nfse_municipal, papel.em_papel, papel.fiscal, papel.outro)
    return papel.tipo, nomes, papel.fornecedor.documento if papel.fornecedor else ""


def _repetidos(campo: str, papeis: Sequence[object]) -> Iterator[Problema]:
    vistos: dict[object, int] = {}
    for posicao, papel in enumerate(papeis):
        antes = vistos.setdefault(papel, posicao)
        if antes != posicao:
            yield falta(
                f"{campo}.{posicao}.documento",
                f"É o mesmo documento {antes + 1} desta lista, com o mesmo tipo. Tire um dos dois.",
            )


def _fornecedor_da_deducao(campo: str, quem: Pessoa) -> Iterator[Problema]:
    for achado in pessoa(campo, "do fornecedor", quem):
        # The same finding has another code of a tomador.
        yield Problema(achado.campo, re.sub(r" \(E\d+\)$", _codigo_do_fornecedor(achado.campo, quem), achado.mensagem))
    if quem.documento and quem.endereco is None:
        yield falta(f"{campo}.endereco", "O fornecedor com CPF ou CNPJ vai com o endereço. Complete-o.", "E0492")


def _codigo_do_fornecedor(campo: str, quem: Pessoa) -> str:
    if campo.endswith("cep"):
        return " (E0496)"
    return " (E0484)" if len(quem.documento) == 11 else " (E0478)"


# -- what is reimbursed ------------------------------------------------------------------------------------------------

_REEMBOLSOS = "detalhes_ibs_cbs.reembolsos"


def sem_ibs_cbs(dps: Dps) -> Iterator[Problema]:
    if dps.detalhes_ibs_cbs is not None and dps.detalhes_ibs_cbs.reembolsos:
        yield falta(_REEMBOLSOS, "Reembolsos vão com o IBS e a CBS. Informe CST, cClassTrib e cIndOp, ou apague-os.")


def com_ibs_cbs_proibidos(dps: Dps) -> Iterator[Problema]:
    """What the group would say is withheld; this would be taken off the base of the ISS all the same."""
    if dps.reembolsado:
        yield falta(_REEMBOLSOS, "Nesta competência, com este regime, não vão IBS e CBS, nem os reembolsos. Apague-os.")


def reembolsos(dps: Dps) -> Iterator[Problema]:
    lista = dps.detalhes_ibs_cbs.reembolsos if dps.detalhes_ibs_cbs is not None else ()
    if len(lista) > MAXIMO:
        yield falta(_REEMBOLSOS, f"A nota leva até {MAXIMO} documentos de reembolso. Divida-a.")
    for posicao, papel in enumerate(lista[:MAXIMO]):
        yield from _reembolso(f"{_REEMBOLSOS}.{posicao}", papel, dps.valor)
    yield from _repetidos(_REEMBOLSOS, [_o_mesmo(papel) for papel in lista])
    total = dps.reembolsado
    if total and total >= dps.valor:
        yield falta(_REEMBOLSOS, "Os reembolsos somados têm de ficar abaixo do valor do serviço. Confira-os.", "E1534")


def _reembolso(campo: str, papel: Reembolso, valor: Decimal) -> Iterator[Problema]:
    yield from _nome_do_reembolso(campo, papel)
    if papel.tipo not in _DE_REEMBOLSO:
        yield falta(f"{campo}.tipo", "Escolha o tipo do reembolso.")
    yield from _descricao(campo, papel.tipo, papel.descricao, "do reembolso", ("", "E0952"))
    if papel.competencia > papel.emissao:
        yield falta(
            f"{campo}.competencia", "A competência do documento não passa da emissão dele. Confira as datas.", "E0950"
        )
    if papel.valor <= 0:
        yield falta(f"{campo}.valor", "O reembolso precisa ser maior que zero. Informe o valor, ou tire o documento.")
    if papel.valor > valor:
        yield falta(f"{campo}.valor", "O reembolso passa do valor do serviço. Confira-o.", "E0953")
    quem = papel.fornecedor
    if quem is None:
        return
    lido = documento(quem.documento)
    if isinstance(lido, Invalido):
        codigo = "E0947" if len(quem.documento) == 11 else "E0945"
        yield falta(f"{campo}.fornecedor.documento", f"Documento do fornecedor: {lido}", codigo)
    if not 1 <= len(restrito(quem.nome)) <= _DESCRICAO:
        yield falta(f"{campo}.fornecedor.nome", f"O nome do fornecedor tem de 1 a {_DESCRICAO} letras. Confira-o.")


def _nome_do_reembolso(campo: str, papel: Reembolso) -> Iterator[Problema]:
    if sum(map(bool, (papel.chave, papel.fiscal, papel.outro))) != 1:
        yield falta(f"{campo}.documento", _UM_SO)
        return
    descreve = papel.descricao_documento
    if papel.chave:
        descreve = papel.descricao_chave
        de_cte = papel.tipo_chave == _CTE
        nacional = papel.tipo_chave == _NFSE
        padrao = PADRAO_DA_CHAVE.fullmatch(papel.chave) if nacional else chave_de_dfe(papel.chave, cte=de_cte)
        if papel.tipo_chave not in ("1", "2", "3", _OUTRO_DFE):
            yield falta(f"{campo}.forma", "Escolha de que documento é a chave.")
        elif papel.tipo_chave == _OUTRO_DFE:
            if len(papel.chave) > 50:
                yield falta(f"{campo}.documento", "A chave do documento tem até 50 posições. Confira-a.", "E0940")
        elif not padrao:
            certa = "50 posições" if nacional else f"44 posições, de {'CT-e' if de_cte else 'NF-e'}"
            yield falta(f"{campo}.documento", f"A chave tem {certa}. Copie-a do documento, ou troque o tipo.", "E0940")
        if papel.tipo_chave != _OUTRO_DFE:
            return
    elif papel.fiscal:
        if papel.competencia > _ULTIMO_SEM_DFE:
            yield falta(
                f"{campo}.forma",
                "De 2026 em diante o documento fiscal vai pela chave do repositório nacional. Confira a competência "
                "dele, ou escolha outro tipo.",
                "E0942",
            )
        if not re.fullmatch("[0-9]{7}", papel.municipio):
            yield falta(f"{campo}.municipio", "Escolha o município que emitiu o documento.", "E0943")
    if len(restrito(papel.fiscal or papel.outro)) > _TEXTO:
        yield falta(f"{campo}.documento", f"O número do documento tem até {_TEXTO} caracteres. Encurte-o.")
    if not 1 <= len(restrito(descreve)) <= _TEXTO:
        yield falta(f"{campo}.descricao_documento", f"Diga que documento é, em até {_TEXTO} letras.")


def _descricao(campo: str, tipo: str, texto: str, de_que: str, codigos: tuple[str, str]) -> Iterator[Problema]:
    """What kind it is, in words: of "outras", and of no other."""
    if tipo == _OUTRAS and not 1 <= len(restrito(texto)) <= _DESCRICAO:
        yield falta(
            f"{campo}.descricao", f"O tipo 99 vai com a descrição {de_que}, até {_DESCRICAO} letras.", codigos[0]
        )
    elif tipo != _OUTRAS and texto:
        yield falta(f"{campo}.descricao", f"A descrição {de_que} só vai com o tipo 99. Apague-a.", codigos[1])
