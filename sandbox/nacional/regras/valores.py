"""Rules about the amounts and the ISSQN."""

from collections.abc import Iterator
from decimal import Decimal

from sandbox.nacional import calculo
from sandbox.nacional.calculo import ME_EPP, MEI, REGIME_UNICO
from sandbox.nacional.codigos import Mensagem, sem_numero
from sandbox.nacional.regras.exame import Exame

_IMUNE, _EXPORTACAO = "2", "3"
_MAIOR_ALIQUOTA, _MENOR_ALIQUOTA, _MENOR_DO_SIMPLES = Decimal(5), Decimal(2), Decimal("1.8")
_SEM_MINIMO = ("0702", "0705", "1601")  # LC 116, art. 8-A, § 1º
_SEM_ISS = "99"  # the codes of operations without ISSQN begin so
_MUNICIPAL = "valores/trib/tribMun"


def dos_valores(exame: Exame) -> Iterator[str | Mensagem]:
    dps, valores = exame.dps, exame.valores
    if dps.tem("valores/vServPrest/vReceb"):
        yield "E0424"
    grupo = "valores/vDescCondIncond"
    for nome, codigo in (("vDescIncond", "E0431"), ("vDescCond", "E0432")):
        desconto = dps.valor(f"{grupo}/{nome}")
        if desconto is not None and not 0 < desconto < valores.servico:
            yield codigo
    descontos = dps.dinheiro(f"{grupo}/vDescIncond") + calculo.condicionado(dps)
    abatido = descontos + valores.deducoes + valores.reembolsos + valores.beneficio
    if valores.servico < abatido:
        yield "E0427"
    elif valores.servico < abatido + valores.retido:
        yield "E0428"
    beneficio = dps.texto(f"{_MUNICIPAL}/BM/nBM")
    if beneficio and beneficio not in exame.incidencia.beneficios:
        yield "E0533"
    if valores.liquido < 0:
        yield "E1508"


def do_issqn(exame: Exame) -> Iterator[str | Mensagem]:
    dps = exame.dps
    if exame.tributavel and exame.codigo.startswith(_SEM_ISS):
        yield "E0529"
    if exame.suspensa and not exame.tributavel:
        yield "E0585"
    exporta = exame.tributacao == _EXPORTACAO
    if exporta != dps.tem(f"{_MUNICIPAL}/cPaisResult"):
        yield "E0590" if exporta else "E0591"
    if (exame.tributacao == _IMUNE) != dps.tem(f"{_MUNICIPAL}/tpImunidade"):
        yield "E0592"
    elif dps.texto(f"{_MUNICIPAL}/tpImunidade") == "0":
        yield "E0593"
    if exame.retido:
        yield from _retencao(exame)
    yield from _aliquota(exame)


def _retencao(exame: Exame) -> Iterator[str]:
    if not exame.tributavel:
        yield "E0580"
    if exame.simples == MEI:
        yield "E0583"
    if exame.regime_especial != "0":
        yield "E0588"
    if exame.suspensa:
        yield "E0589"


def _aliquota(exame: Exame) -> Iterator[str | Mensagem]:
    """When pAliq has to be there, when it must not, and how much it may be."""
    informada = exame.dps.valor(f"{_MUNICIPAL}/pAliq")
    if informada is not None and informada > _MAIOR_ALIQUOTA:
        yield "E0595"
    minima = _MENOR_DO_SIMPLES if exame.simples == ME_EPP else _MENOR_ALIQUOTA
    if informada is not None and informada < minima and not exame.codigo.startswith(_SEM_MINIMO):
        yield sem_numero("A alíquota do ISSQN é menor que a mínima.")
    proibicao = _proibicao(exame)
    if proibicao:
        if informada is not None:
            yield proibicao
    elif informada is None:
        yield _exigencia(exame)


def _proibicao(exame: Exame) -> str:
    """The code with which pAliq is refused in this situation; empty where it is mandatory."""
    if exame.simples == MEI:
        return "E0600"
    if not exame.tributavel:
        return "E0602"
    if exame.regime_especial != "0":
        return "E0604"
    if exame.suspensa:
        return "E0606"
    if exame.simples == ME_EPP and exame.apuracao == REGIME_UNICO:
        return "" if exame.retido else "E0625"
    if exame.incidencia.administra:
        return "E0635" if exame.simples == ME_EPP else "E0617"
    return ""


def _exigencia(exame: Exame) -> str:
    if exame.simples != ME_EPP:
        return "E0619"
    return "E0621" if exame.apuracao == REGIME_UNICO else "E0640"
