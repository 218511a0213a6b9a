"""Rules about the parts of the group IBSCBS, whose numbers are published nowhere at hand: who is served (indDest), the
real estate that an operation asks for (cIndOp), the notes referred to (tpOper), the regular taxation (whose
classification begins by its CST)."""

from collections.abc import Iterator

from sandbox.documentos import cnpj_valido, cpf_valido
from sandbox.nacional.codigos import Mensagem, sem_numero
from sandbox.nacional.regras.exame import Exame

_OUTRO = "1"
_DE_IMOVEL = {"020101", "020201", "020301"}
_COM_REFERIDAS = {"2", "3"}
_NO_DOMICILIO = "100301"
_GRUPO = "IBSCBS"
_REGULAR = f"{_GRUPO}/valores/trib/gIBSCBS/gTribRegular"
_DIFERIMENTO = f"{_GRUPO}/valores/trib/gIBSCBS/gDif"


def dos_detalhes(exame: Exame) -> Iterator[Mensagem]:
    if exame.dps.tem(_GRUPO):
        for texto in (*_do_destinatario(exame), *_da_operacao(exame), *_da_situacao(exame)):
            yield sem_numero(texto)


def _do_destinatario(exame: Exame) -> Iterator[str]:
    dps = exame.dps
    if (dps.texto(f"{_GRUPO}/indDest") == _OUTRO) != dps.tem(f"{_GRUPO}/dest"):
        yield "O grupo dest se informa quando, e só quando, indDest é 1."
    if (cnpj := dps.texto(f"{_GRUPO}/dest/CNPJ")) and not cnpj_valido(cnpj):
        yield "O CNPJ do destinatário é inválido."
    if (cpf := dps.texto(f"{_GRUPO}/dest/CPF")) and not cpf_valido(cpf):
        yield "O CPF do destinatário é inválido."
    if (cnpj or cpf) and (cnpj or cpf) == exame.tomador:
        yield "O destinatário é o próprio tomador: indDest é 0."


def _da_operacao(exame: Exame) -> Iterator[str]:
    dps = exame.dps
    operacao = dps.texto(f"{_GRUPO}/cIndOp")
    if (operacao in _DE_IMOVEL) != dps.tem(f"{_GRUPO}/imovel"):
        yield "O grupo imovel se informa quando, e só quando, o indicador da operação é de imóvel."
    if (dps.texto(f"{_GRUPO}/tpOper") in _COM_REFERIDAS) != dps.tem(f"{_GRUPO}/gRefNFSe"):
        yield "O grupo gRefNFSe se informa quando, e só quando, tpOper é 2 ou 3."
    if operacao == _NO_DOMICILIO and not dps.tem("toma/end"):
        yield "O endereço do tomador é obrigatório: a operação é tributada onde ele mora."


def _da_situacao(exame: Exame) -> Iterator[str]:
    dps = exame.dps
    if not dps.texto(f"{_REGULAR}/cClassTribReg").startswith(dps.texto(f"{_REGULAR}/CSTReg")):
        yield "A classificação da tributação regular não corresponde ao CST dela."
    if any(dps.dinheiro(f"{_DIFERIMENTO}/{nome}") > 100 for nome in ("pDifUF", "pDifMun", "pDifCBS")):
        yield "O percentual de diferimento não pode passar de 100."
