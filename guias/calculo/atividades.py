"""The 43 activities of the PGDAS-D: where each is taxed and what leaves its share of the DAS.

Sources: Integra Contador, PGDASD, domain of activities; LC 123/2006, art. 18, §§ 4 to 5-M and 14.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from guias.calculo.anexos import Anexo
from guias.calculo.tributos import FORA_DA_EXPORTACAO, Tributo

SUBSTITUICAO, MONOFASICA, ANTECIPACAO, RETENCAO_ISS = 8, 9, 10, 11


class Mercado(StrEnum):
    INTERNO = "interno"
    EXTERNO = "externo"


@dataclass(frozen=True, slots=True)
class Atividade:
    """One activity of the PGDAS-D.

    `anexo` None means fator r decides between III and V. `fora` are the tributes it never has in the DAS. `emprestado`
    is a share taken from another annex in place of the one in `fora`. `qualificaveis` are the tributes that may have
    been collected another way, and `padrao` (tribute, qualification id) the qualification meant when nobody says which.
    `outro_municipio`: the ISS is due to another município, which has to be named.
    """

    id: int
    nome: str
    anexo: Anexo | None
    mercado: Mercado = Mercado.INTERNO
    fora: frozenset[Tributo] = frozenset()
    emprestado: tuple[Tributo, Anexo] | None = None
    outro_municipio: bool = False
    qualificaveis: frozenset[Tributo] = frozenset()
    padrao: tuple[tuple[Tributo, int], ...] = ()

    @property
    def fator_r(self) -> bool:
        return self.anexo is None

    @property
    def removidos_padrao(self) -> frozenset[Tributo]:
        return frozenset(tributo for tributo, _ in self.padrao)


_SEM_ST = "sem substituição tributária, tributação monofásica ou antecipação"
_COM_ST = "com substituição tributária, tributação monofásica ou antecipação"
_ISS, _ICMS = frozenset({Tributo.ISS}), frozenset({Tributo.ICMS})
_PIS_COFINS = frozenset({Tributo.PIS, Tributo.COFINS})


def _tres(inicio: int, nome: str, anexo: Anexo | None) -> Iterator[Atividade]:
    """A kind of service in its three ways of paying ISS: to another município, to its own, retained."""
    yield Atividade(inicio, f"{nome}, com ISS devido a outro município", anexo, outro_municipio=True)
    yield Atividade(inicio + 1, f"{nome}, com ISS devido ao próprio município", anexo)
    yield Atividade(
        inicio + 2,
        f"{nome}, com retenção ou substituição tributária do ISS",
        anexo,
        qualificaveis=_ISS,
        padrao=((Tributo.ISS, RETENCAO_ISS),),
    )


def _externo(id_: int, nome: str, anexo: Anexo | None) -> Atividade:
    return Atividade(id_, f"{nome}, para o exterior", anexo, Mercado.EXTERNO, fora=FORA_DA_EXPORTACAO)


def _com_icms(id_: int, nome: str, *, st: bool) -> Atividade:
    """Annex III without its ISS, plus the ICMS of annex I (art. 18, § 5-E)."""
    return Atividade(
        id_,
        f"{nome}, {'com' if st else 'sem'} substituição tributária do ICMS",
        Anexo.III,
        fora=_ISS,
        emprestado=(Tributo.ICMS, Anexo.I),
        qualificaveis=_ICMS if st else frozenset(),
        padrao=((Tributo.ICMS, SUBSTITUICAO),) if st else (),
    )


def _ipi_e_iss() -> Iterator[Atividade]:
    """Annex II without its ICMS, plus the ISS of annex III (art. 18, § 4, VI)."""
    for base in _tres(40, "Atividade sujeita ao IPI e ao ISS ao mesmo tempo", Anexo.II):
        yield Atividade(
            base.id,
            base.nome,
            Anexo.II,
            fora=_ICMS,
            emprestado=(Tributo.ISS, Anexo.III),
            outro_municipio=base.outro_municipio,
            qualificaveis=base.qualificaveis,
            padrao=base.padrao,
        )


def _todas() -> Iterator[Atividade]:
    icms_st = ((Tributo.ICMS, SUBSTITUICAO),)
    revenda, venda = "Revenda de mercadorias", "Venda de mercadorias industrializadas pelo contribuinte"
    contabil = "Escritório de serviços contábeis com ISS em valor fixo"
    fator_r = "Prestação de serviços sujeita ao fator r"
    servicos_iii = "Prestação de serviços do Anexo III, sem fator r"
    servicos_iv = "Prestação de serviços do Anexo IV"
    obra_iii = "Construção civil (subitens 7.02 e 7.05) do Anexo III"
    obra_iv = "Construção civil (subitens 7.02 e 7.05) do Anexo IV"
    transporte = "Transporte intermunicipal e interestadual"
    yield Atividade(1, f"{revenda}, {_SEM_ST}", Anexo.I)
    yield Atividade(2, f"{revenda}, {_COM_ST}", Anexo.I, qualificaveis=_ICMS | _PIS_COFINS, padrao=icms_st)
    yield _externo(3, revenda, Anexo.I)
    yield Atividade(4, f"{venda}, {_SEM_ST}", Anexo.II)
    com_ipi = _ICMS | _PIS_COFINS | {Tributo.IPI}
    yield Atividade(5, f"{venda}, {_COM_ST}", Anexo.II, qualificaveis=com_ipi, padrao=icms_st)
    yield _externo(6, venda, Anexo.II)
    yield Atividade(7, "Locação de bens móveis", Anexo.III, fora=_ISS)
    yield _externo(8, "Locação de bens móveis", Anexo.III)
    yield Atividade(9, contabil, Anexo.III, fora=_ISS)
    yield from _tres(10, fator_r, None)
    yield from _tres(13, servicos_iii, Anexo.III)
    yield from _tres(16, servicos_iv, Anexo.IV)
    yield from _tres(19, obra_iii, Anexo.III)
    yield from _tres(22, obra_iv, Anexo.IV)
    yield from _tres(25, "Transporte coletivo municipal de passageiros (subitem 16.01)", Anexo.III)
    yield _externo(28, contabil, Anexo.III)
    yield _externo(29, fator_r, None)
    yield _externo(30, servicos_iii, Anexo.III)
    yield _externo(31, servicos_iv, Anexo.IV)
    yield _externo(32, obra_iii, Anexo.III)
    yield _externo(33, obra_iv, Anexo.IV)
    yield _com_icms(34, transporte, st=False)
    yield _com_icms(35, transporte, st=True)
    yield _com_icms(36, "Comunicação", st=False)
    yield _com_icms(37, "Comunicação", st=True)
    yield _externo(38, transporte, Anexo.III)
    yield _externo(39, "Comunicação", Anexo.III)
    yield from _ipi_e_iss()
    yield _externo(43, "Atividade sujeita ao IPI e ao ISS ao mesmo tempo", Anexo.II)


ATIVIDADES: dict[int, Atividade] = {atividade.id: atividade for atividade in _todas()}


def _nomes_curtos() -> dict[int, str]:
    """What fits in the head of a column or beside the number."""
    nomes = {
        1: "Revenda",
        2: "Revenda ST/mono",
        3: "Revenda, exterior",
        4: "Indústria",
        5: "Indústria ST/mono",
        6: "Indústria, exterior",
        7: "Locação de bens",
        8: "Locação, exterior",
        9: "Contábil, ISS fixo",
        28: "Contábil, exterior",
        29: "Fator r, exterior",
        30: "Anexo III, exterior",
        31: "Anexo IV, exterior",
        32: "Obra III, exterior",
        33: "Obra IV, exterior",
        34: "Transporte",
        35: "Transporte, ICMS-ST",
        36: "Comunicação",
        37: "Comunicação, ICMS-ST",
        38: "Transporte, exterior",
        39: "Comunicação, exterior",
        43: "IPI e ISS, exterior",
    }
    tres = {
        10: "Fator r",
        13: "Anexo III",
        16: "Anexo IV",
        19: "Obra III",
        22: "Obra IV",
        25: "Passageiros",
        40: "IPI e ISS",
    }
    for inicio, nome in tres.items():
        for passo, iss in enumerate(("ISS de outro", "ISS próprio", "ISS retido")):
            nomes[inicio + passo] = f"{nome}, {iss}"
    return nomes


NOMES_CURTOS = _nomes_curtos()
