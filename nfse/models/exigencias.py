"""What a town asks for beyond the common fields, as people know it, and the code that each layout has for it.

What is stored is the meaning, not the code: "2" is "Não incidência" in one layout and "Imunidade" in the other.
Version 1 of Integra Notas goes to towns with a layout of their own, that of ABRASF (Manual de Orientação 2.04;
`natureza` as of 1.0); version 2 is the national layout (leiaute da DPS 1.00).
"""

from collections.abc import Mapping

from django.db.models import TextChoices


class Exigibilidade(TextChoices):
    """Of the ISS. ABRASF: ExigibilidadeISS; national: tribISSQN."""

    EXIGIVEL = "exigivel", "Exigível"
    NAO_INCIDENCIA = "nao_incidencia", "Não incidência"
    ISENCAO = "isencao", "Isenção"
    EXPORTACAO = "exportacao", "Exportação de serviço"
    IMUNIDADE = "imunidade", "Imunidade"
    SUSPENSA_JUDICIAL = "susp_judicial", "Suspensa por decisão judicial"
    SUSPENSA_ADMINISTRATIVA = "susp_admin", "Suspensa por processo administrativo"


SEM_ISS = frozenset(
    {Exigibilidade.NAO_INCIDENCIA, Exigibilidade.ISENCAO, Exigibilidade.EXPORTACAO, Exigibilidade.IMUNIDADE}
)


class Natureza(TextChoices):
    """NaturezaOperacao of ABRASF 1.0, which many towns still ask for."""

    NO_MUNICIPIO = "no_municipio", "Tributação no município"
    FORA = "fora", "Tributação fora do município"
    ISENCAO = "isencao", "Isenção"
    IMUNE = "imune", "Imune"
    SUSPENSA_JUDICIAL = "susp_judicial", "Exigibilidade suspensa por decisão judicial"
    SUSPENSA_ADMINISTRATIVA = "susp_admin", "Exigibilidade suspensa por procedimento administrativo"


class RegimeTributacao(TextChoices):
    """Special regime of the prestador for the ISS. ABRASF: RegimeEspecialTributacao; national: regEspTrib."""

    MICROEMPRESA = "microempresa", "Microempresa municipal"
    ESTIMATIVA = "estimativa", "Estimativa"
    SOCIEDADE = "sociedade", "Sociedade de profissionais"
    COOPERATIVA = "cooperativa", "Cooperativa"
    MEI = "mei", "Microempresário individual (MEI)"
    ME_EPP = "me_epp", "Microempresa ou empresa de pequeno porte (ME/EPP)"
    NOTARIO = "notario", "Notário ou registrador"
    AUTONOMO = "autonomo", "Profissional autônomo"
    OUTROS = "outros", "Outros"


class RegimeApuracao(TextChoices):
    """How who is in the Simples computes its taxes. National: regApTribSN."""

    NO_SIMPLES = "no_simples", "Federais e municipal pelo Simples"
    ISS_POR_FORA = "iss_por_fora", "Federais pelo Simples e ISS por fora"
    POR_FORA = "por_fora", "Federais e municipal por fora do Simples"


class Responsavel(TextChoices):
    """Who withholds the ISS. National: tpRetISSQN."""

    TOMADOR = "tomador", "Tomador"
    INTERMEDIARIO = "intermediario", "Intermediário"


# field -> version of the layout -> what is stored -> code. What is not here has no code in that layout.
_CODIGOS: Mapping[str, Mapping[int, Mapping[str, str]]] = {
    "exigibilidade": {
        1: {valor: str(ordem) for ordem, valor in enumerate(Exigibilidade.values, 1)},
        2: {
            Exigibilidade.EXIGIVEL: "1",
            Exigibilidade.IMUNIDADE: "2",
            Exigibilidade.EXPORTACAO: "3",
            Exigibilidade.NAO_INCIDENCIA: "4",
        },
    },
    "natureza": {1: {valor: str(ordem) for ordem, valor in enumerate(Natureza.values, 1)}},
    "regime_tributacao": {
        1: {
            RegimeTributacao.MICROEMPRESA: "1",
            RegimeTributacao.ESTIMATIVA: "2",
            RegimeTributacao.SOCIEDADE: "3",
            RegimeTributacao.COOPERATIVA: "4",
            RegimeTributacao.MEI: "5",
            RegimeTributacao.ME_EPP: "6",
        },
        2: {
            RegimeTributacao.COOPERATIVA: "1",
            RegimeTributacao.ESTIMATIVA: "2",
            RegimeTributacao.MICROEMPRESA: "3",
            RegimeTributacao.NOTARIO: "4",
            RegimeTributacao.AUTONOMO: "5",
            RegimeTributacao.SOCIEDADE: "6",
            RegimeTributacao.OUTROS: "9",
        },
    },
    "regime_apuracao": {
        2: {RegimeApuracao.NO_SIMPLES: "1", RegimeApuracao.ISS_POR_FORA: "2", RegimeApuracao.POR_FORA: "3"}
    },
    "responsavel_retencao": {2: {Responsavel.TOMADOR: "2", Responsavel.INTERMEDIARIO: "3"}},
}
_ESCOLHAS: Mapping[str, type[TextChoices]] = {
    "exigibilidade": Exigibilidade,
    "natureza": Natureza,
    "regime_tributacao": RegimeTributacao,
    "regime_apuracao": RegimeApuracao,
    "responsavel_retencao": Responsavel,
}
_PALAVRAS = {
    ("exigibilidade", 2, "exigivel"): "Operação tributável",
    ("regime_tributacao", 2, "cooperativa"): "Ato cooperado (cooperativa)",
}
LAYOUTS = {1: "próprio do município", 2: "nacional"}


def codigo(campo: str, versao: int, valor: str) -> str:
    """The code of a stored choice in a layout; empty for none chosen, and where the layout has none."""
    return _CODIGOS[campo].get(versao, {}).get(valor, "")


def palavras(campo: str, versao: int, valor: str) -> str:
    """A stored choice in the words of a layout; in ours where it has none."""
    return _PALAVRAS.get((campo, versao, valor)) or str(_ESCOLHAS[campo](valor).label)


def opcoes(campo: str, versao: int) -> list[tuple[str, str]]:
    """The choices that a layout has, in the order of its codes, as its manual writes them."""
    tabela = sorted(_CODIGOS[campo].get(versao, {}).items(), key=lambda par: par[1])
    return [(valor, f"{numero} - {palavras(campo, versao, valor)}") for valor, numero in tabela]


def opcoes_de_todos(campo: str) -> list[tuple[str, str]]:
    """All choices, those of one layout alone saying which: for where the layout is not known yet."""
    versoes = _CODIGOS[campo]

    def rotulo(valor: str, palavra: str) -> str:
        tem = [versao for versao in versoes if codigo(campo, versao, valor)]
        return f"{palavra} (só no layout {LAYOUTS[tem[0]]})" if len(tem) == 1 and len(versoes) > 1 else palavra

    return [(valor, rotulo(valor, str(palavra))) for valor, palavra in _ESCOLHAS[campo].choices]
