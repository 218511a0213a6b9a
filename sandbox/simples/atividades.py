"""The 43 activities of the PGDAS-D and how each one is taxed.

Annexes: LC 123/2006, art. 18. Mixed cases: transport and communication take Anexo III without ISS and with the ICMS of
Anexo I (§ 5-E); operations with IPI and ISS together take Anexo II without ICMS and with the ISS of Anexo III
(Resolução CGSN 140/2018, art. 25). Exports pay neither PIS, Cofins, IPI, ICMS nor ISS (art. 18, § 14).
"""

from dataclasses import dataclass

FATOR_R = "III/V"


@dataclass(frozen=True)
class Atividade:
    """How one idAtividade is taxed.

    `anexo` is I to V, or FATOR_R when the payroll decides; `troca` is (tribute, annex): that tribute comes from the
    other annex; `sem` are the tributes never due; `qualifica` the tributes that must or may carry a qualification;
    `outra_uf`: its ICMS may be of another state.
    """

    id: int
    nome: str
    anexo: str
    exporta: bool = False
    sem: frozenset[str] = frozenset()
    troca: tuple[str, str] | None = None
    outro_municipio: bool = False
    outra_uf: bool = False
    qualifica: frozenset[str] = frozenset()


_MERCADORIA = frozenset({"icms", "pis", "cofins", "ipi", "cbs", "ibs"})
_ISS = frozenset({"iss"})
_ICMS = frozenset({"icms"})


def _servicos(inicio: int, nome: str, anexo: str) -> list[Atividade]:
    """Three ids in a row: ISS due elsewhere, ISS of the own municipality, ISS retained or substituted."""
    return [
        Atividade(inicio, f"{nome}, ISS de outro município", anexo, outro_municipio=True),
        Atividade(inicio + 1, f"{nome}, ISS do próprio município", anexo),
        Atividade(inicio + 2, f"{nome}, com retenção ou substituição do ISS", anexo, qualifica=_ISS),
    ]


def _industria_com_iss() -> list[Atividade]:
    nome, troca = "Atividade com IPI e ISS", ("iss", "III")
    return [
        Atividade(40, f"{nome}, ISS de outro município", "II", sem=_ICMS, troca=troca, outro_municipio=True),
        Atividade(41, f"{nome}, ISS do próprio município", "II", sem=_ICMS, troca=troca),
        Atividade(42, f"{nome}, com retenção ou substituição", "II", sem=_ICMS, troca=troca, qualifica=_ISS),
        Atividade(43, f"{nome}, exportação", "II", exporta=True),
    ]


def _transporte(inicio: int, nome: str) -> list[Atividade]:
    return [
        Atividade(inicio, f"{nome}, sem substituição do ICMS", "III", sem=_ISS, troca=("icms", "I"), outra_uf=True),
        Atividade(
            inicio + 1,
            f"{nome}, com substituição do ICMS",
            "III",
            sem=_ISS,
            troca=("icms", "I"),
            qualifica=_ICMS,
            outra_uf=True,
        ),
    ]


_TODAS = [
    Atividade(1, "Revenda de mercadorias, sem substituição", "I"),
    Atividade(2, "Revenda de mercadorias, com substituição ou monofásica", "I", qualifica=_MERCADORIA),
    Atividade(3, "Revenda de mercadorias, exportação", "I", exporta=True),
    Atividade(4, "Venda de produção própria, sem substituição", "II"),
    Atividade(5, "Venda de produção própria, com substituição ou monofásica", "II", qualifica=_MERCADORIA),
    Atividade(6, "Venda de produção própria, exportação", "II", exporta=True),
    Atividade(7, "Locação de bens móveis", "III", sem=_ISS),
    Atividade(8, "Locação de bens móveis, exportação", "III", exporta=True),
    Atividade(9, "Escritório contábil com ISS fixo", "III", sem=_ISS),
    *_servicos(10, "Serviço sujeito ao fator r", FATOR_R),
    *_servicos(13, "Serviço do Anexo III sem fator r", "III"),
    *_servicos(16, "Serviço do Anexo IV", "IV"),
    *_servicos(19, "Construção (7.02 e 7.05) do Anexo III", "III"),
    *_servicos(22, "Construção (7.02 e 7.05) do Anexo IV", "IV"),
    *_servicos(25, "Transporte municipal de passageiros", "III"),
    Atividade(28, "Escritório contábil com ISS fixo, exportação", "III", exporta=True),
    Atividade(29, "Serviço sujeito ao fator r, exportação", FATOR_R, exporta=True),
    Atividade(30, "Serviço do Anexo III, exportação", "III", exporta=True),
    Atividade(31, "Serviço do Anexo IV, exportação", "IV", exporta=True),
    Atividade(32, "Construção do Anexo III, exportação", "III", exporta=True),
    Atividade(33, "Construção do Anexo IV, exportação", "IV", exporta=True),
    *_transporte(34, "Transporte intermunicipal ou interestadual"),
    *_transporte(36, "Comunicação"),
    Atividade(38, "Transporte, exportação", "III", exporta=True),
    Atividade(39, "Comunicação, exportação", "III", exporta=True),
    *_industria_com_iss(),
]

ATIVIDADES: dict[int, Atividade] = {atividade.id: atividade for atividade in _TODAS}
