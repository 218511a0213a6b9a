"""What each município has set in the national system: agreement, rates, regimes, windows. What is set for one replaces
the standard one, and that replaces the defaults below."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

DEDUCOES = ("pDR", "vDR", "documentos")  # the forms of the group vDedRed


@dataclass(frozen=True)
class ParametrosMunicipais:
    """`aliquotas`: lists of {"aliq", "inicio", "fim"} by cTribNac; `aliquota`: that of the other services, in percent.
    `regimes` says 1 allowed, 2 forbidden or 3 mandatory by regEspTrib; `codigos` the cTribMun by cTribNac;
    `deducao_por` the forms of deduction admitted, where `deducao` is. The windows are in days after the issue (None:
    none), `cancelamento_valor` in reais (None: no limit)."""

    tipo_convenio: int = 1
    aderente: int = 1
    emissor_nacional: int = 1
    ativo: int = 1
    man: int = 0
    creditos: bool = False
    inicio: str = "2023-01-01"
    aliquota: str = "3.00"
    aliquotas: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    servicos_fora: list[str] = field(default_factory=list)
    codigos: dict[str, list[str]] = field(default_factory=dict)
    regimes: dict[str, int] = field(default_factory=dict)
    retencao_cpf: bool = False
    artigo_sexto: bool = True
    deducao: bool = True
    deducao_por: list[str] = field(default_factory=lambda: list(DEDUCOES))
    beneficios: dict[str, dict[str, Any]] = field(default_factory=dict)
    cancelamento_dias: int | None = 30
    cancelamento_valor: str | None = None
    substituicao_dias: int | None = 30

    @property
    def administra(self) -> bool:
        """Whether the national system knows its rates."""
        return self.aderente == 1 and self.ativo == 1

    def vigencias(self, servico: str) -> list[dict[str, Any]]:
        """The rates of a service, oldest first; empty when the município does not administer it."""
        if not self.administra or servico in self.servicos_fora:
            return []
        return self.aliquotas.get(servico) or [{"aliq": self.aliquota, "inicio": self.inicio, "fim": None}]

    def aliquota_em(self, servico: str, dia: date) -> Decimal | None:
        for vigencia in self.vigencias(servico):
            fim = vigencia.get("fim")
            if vigencia["inicio"] <= dia.isoformat() and (fim is None or dia.isoformat() <= fim):
                return Decimal(vigencia["aliq"])
        return None

    def admite_regime(self, regime: str) -> bool:
        return self.regimes.get(regime, 1) != 2


def de(opcoes: Mapping[str, Any], ibge: str) -> ParametrosMunicipais:
    return ParametrosMunicipais(**{**opcoes["padrao_municipio"], **opcoes["municipios"].get(ibge, {})})


def _opcao(valor: Any) -> bool:
    return isinstance(valor, int) and not isinstance(valor, bool) and valor in (-1, 0, 1)


def _booleano(valor: Any) -> bool:
    return isinstance(valor, bool)


def _dia(valor: Any) -> bool:
    try:
        return bool(date.fromisoformat(valor).isoformat() == valor)
    except (TypeError, ValueError):
        return False


def _decimal(valor: Any) -> bool:
    try:
        return isinstance(valor, str) and Decimal(valor) >= 0
    except InvalidOperation:
        return False


def _dias(valor: Any) -> bool:
    return valor is None or (isinstance(valor, int) and not isinstance(valor, bool) and valor >= 0)


def _servico(valor: Any) -> bool:
    return isinstance(valor, str) and len(valor) == 6 and valor.isdecimal()


def _aliquotas(valor: Any) -> bool:
    return isinstance(valor, dict) and all(
        _servico(servico)
        and isinstance(linhas, list)
        and all(
            isinstance(linha, dict)
            and set(linha) <= {"aliq", "inicio", "fim"}
            and _decimal(linha.get("aliq"))
            and _dia(linha.get("inicio"))
            and (linha.get("fim") is None or _dia(linha["fim"]))
            for linha in linhas
        )
        for servico, linhas in valor.items()
    )


def _beneficios(valor: Any) -> bool:
    return isinstance(valor, dict) and all(
        len(numero) == 14 and numero.isdecimal() and isinstance(dados, dict) for numero, dados in valor.items()
    )


_CONFERENCIAS: dict[str, Callable[[Any], bool]] = {
    "tipo_convenio": lambda valor: valor in (1, 2) and not isinstance(valor, bool),
    **dict.fromkeys(("aderente", "emissor_nacional", "ativo", "man"), _opcao),
    **dict.fromkeys(("creditos", "retencao_cpf", "artigo_sexto", "deducao"), _booleano),
    "inicio": _dia,
    "aliquota": _decimal,
    "aliquotas": _aliquotas,
    "servicos_fora": lambda valor: isinstance(valor, list) and all(map(_servico, valor)),
    "codigos": lambda valor: (
        isinstance(valor, dict)
        and all(_servico(servico) and isinstance(lista, list) for servico, lista in valor.items())
    ),
    "regimes": lambda valor: isinstance(valor, dict) and all(situacao in (1, 2, 3) for situacao in valor.values()),
    "beneficios": _beneficios,
    "deducao_por": lambda valor: isinstance(valor, list) and set(valor) <= set(DEDUCOES),
    "cancelamento_dias": _dias,
    "cancelamento_valor": lambda valor: valor is None or _decimal(valor),
    "substituicao_dias": _dias,
}


def valido(dados: Any) -> bool:
    nomes = {campo.name for campo in fields(ParametrosMunicipais)}
    return isinstance(dados, dict) and all(
        nome in nomes and _CONFERENCIAS[nome](valor) for nome, valor in dados.items()
    )


def todos_validos(valor: Any) -> bool:
    return isinstance(valor, dict) and all(
        len(ibge) == 7 and ibge.isdecimal() and valido(dados) for ibge, dados in valor.items()
    )
