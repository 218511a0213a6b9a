"""The periods of a DARF, each kind in its own form, and the due date that is proposed for it.

Source of the forms: SERPRO, API Integra Contador, SICALC, `dataPA`.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from comum.documentos import Invalido, Motivo
from empresas.calendario import RegraVencimento, regra_da_tabela, vencimento
from empresas.models import Feriado, Obrigacao, ProrrogacaoVencimento
from guias.models import Darf

Tipo = Darf.Periodo


@dataclass(frozen=True)
class Forma:
    """How a kind of period is typed: an example, and the words of its first number ("trimestre", from 1 to 4)."""

    exemplo: str
    parte: str = ""
    maximo: int = 0


FORMAS = {
    Tipo.ANUAL: Forma("2026"),
    Tipo.TRIMESTRAL: Forma("03/2026", "trimestre", 4),
    Tipo.MENSAL: Forma("10/2026"),
    Tipo.QUINZENAL: Forma("02/10/2026", "quinzena", 2),
    Tipo.DECENDIAL: Forma("01/10/2026", "decêndio", 3),
    Tipo.SEMANAL: Forma("02/10/2026", "semana", 5),
    Tipo.DIARIO: Forma("15/10/2026"),
}


@dataclass(frozen=True)
class Periodo:
    """`texto` in the service's form, `competencia` the month of its end (day 1)."""

    tipo: str
    texto: str
    competencia: date

    @property
    def inicio(self) -> date:
        """Its first day; of the parts of a month, that of the month."""
        match self.tipo:
            case Tipo.ANUAL:
                return self.competencia.replace(month=1)
            case Tipo.TRIMESTRAL:
                return self.competencia.replace(month=self.competencia.month - 2)
            case Tipo.DIARIO:
                return self.competencia.replace(day=int(self.texto[:2]))
            case _:
                return self.competencia

    @property
    def dito(self) -> str:
        """In words: "3º trimestre de 2026"."""
        partes = self.texto.split("/")
        match self.tipo:
            case Tipo.TRIMESTRAL:
                return f"{int(partes[0])}º trimestre de {partes[1]}"
            case Tipo.QUINZENAL | Tipo.DECENDIAL | Tipo.SEMANAL:
                nome = FORMAS[Tipo(self.tipo)].parte
                return f"{int(partes[0])}{'º' if nome == 'decêndio' else 'ª'} {nome} de {partes[1]}/{partes[2]}"
            case _:
                return self.texto


def ler(tipo: str, texto: str) -> Periodo | Invalido:
    """The period typed, with one or two digits in each part but the year; separators may be left out."""
    if tipo not in list(Tipo):
        return Invalido(Motivo.INEXISTENTE, "Escolha antes a receita: ela diz o tipo de período.")
    forma, partes = FORMAS[Tipo(tipo)], _partes(Tipo(tipo), texto.strip())
    errado = Invalido(Motivo.FORMATO, f"Período fora do formato. Digite como {forma.exemplo}.")
    if partes is None:
        return errado
    *inicio, ano = partes
    if not 1900 <= ano <= 2100:
        return Invalido(Motivo.INEXISTENTE, f"O ano {ano} está fora do esperado. Confira o período.")
    if tipo == Tipo.ANUAL:
        return Periodo(tipo, f"{ano}", date(ano, 12, 1))
    if tipo == Tipo.TRIMESTRAL:
        (trimestre,) = inicio
        if not 1 <= trimestre <= 4:
            return Invalido(Motivo.INEXISTENTE, "Os trimestres vão de 1 a 4. Digite como 03/2026.")
        return Periodo(tipo, f"{trimestre:02d}/{ano}", date(ano, trimestre * 3, 1))
    mes = inicio[-1]
    if not 1 <= mes <= 12:
        return Invalido(Motivo.INEXISTENTE, f"Não existe o mês {mes:02d}. Digite o período como {forma.exemplo}.")
    if tipo == Tipo.MENSAL:
        return Periodo(tipo, f"{mes:02d}/{ano}", date(ano, mes, 1))
    primeiro = inicio[0]
    if tipo == Tipo.DIARIO:
        try:
            date(ano, mes, primeiro)
        except ValueError:
            return Invalido(Motivo.INEXISTENTE, "O dia não existe no calendário. Confira o período.")
    elif not 1 <= primeiro <= forma.maximo:
        faixa = f"de 1 a {forma.maximo}"
        return Invalido(Motivo.INEXISTENTE, f"Há {forma.parte} {faixa} em cada mês. Digite como {forma.exemplo}.")
    return Periodo(tipo, f"{primeiro:02d}/{mes:02d}/{ano}", date(ano, mes, 1))


def _partes(tipo: Tipo, texto: str) -> list[int] | None:
    quantas = len(FORMAS[tipo].exemplo.split("/"))
    limpas = re.split(r"[/.\- ]+", texto)
    if len(limpas) == 1 and texto.isascii() and texto.isdecimal():
        inicio = texto[:-4]
        limpas = [inicio[n : n + 2] for n in range(0, len(inicio), 2)] + [texto[-4:]]
    if len(limpas) != quantas or not all(re.fullmatch(r"\d{1,2}", parte) for parte in limpas[:-1]):
        return None
    return [int(parte) for parte in limpas] if re.fullmatch(r"\d{4}", limpas[-1]) else None


# By revenue code, else by tribute: the obligation whose due rule is proposed.
_DA_RECEITA = {
    **dict.fromkeys(("2089", "2372", "0220", "3373", "6012", "5625"), "DARF-IRPJ-CSLL-TRI"),
    **dict.fromkeys(("2362", "5993", "2484"), "DARF-IRPJ-CSLL-EST"),
    **dict.fromkeys(("2430", "2456", "6773"), "DARF-IRPJ-CSLL-AJ"),
    "0190": "CARNE-LEAO",
}
_DO_TRIBUTO = {
    "PIS/Pasep": "DARF-PIS-COFINS",
    "Cofins": "DARF-PIS-COFINS",
    "IPI": "DARF-IPI",
    "IRRF": "DARF-IRRF",
    "CSRF": "DARF-CSRF",
    "INSS": "DARF-PREV",
    "Terceiros": "DARF-PREV",
    "CPRB": "DARF-PREV",
}
_COM_VENCIMENTO = (Tipo.MENSAL, Tipo.TRIMESTRAL, Tipo.ANUAL)


class Vencimentos:
    """Due dates proposed, the tables read once for many."""

    def __init__(self) -> None:
        self._feriados: Collection[date] = set(Feriado.objects.values_list("data", flat=True))
        self._regras: dict[str, RegraVencimento] = {}
        for obrigacao in Obrigacao.objects.filter(codigo__in={*_DA_RECEITA.values(), *_DO_TRIBUTO.values()}):
            regra = regra_da_tabela(
                codigo=obrigacao.codigo,
                periodicidade=obrigacao.periodicidade,
                dia=obrigacao.dia,
                mes=obrigacao.mes,
                meses_apos=obrigacao.meses_apos,
                ajuste=obrigacao.ajuste_dia_nao_util,
            )
            if regra is not None:
                self._regras[obrigacao.codigo] = regra
        self._movidas: dict[str, dict[date, date]] = {}
        for codigo, mes, dia in ProrrogacaoVencimento.objects.filter(obrigacao__in=self._regras).values_list(
            "obrigacao", "competencia", "vencimento"
        ):
            self._movidas.setdefault(codigo, {})[mes] = dia

    def propor(self, receita: str, tributo: str, periodo: Periodo) -> date | None:
        """None where no rule of the official table says it: whoever emits looks it up."""
        codigo = _DA_RECEITA.get(receita) or _DO_TRIBUTO.get(tributo, "")
        regra = self._regras.get(codigo)
        if regra is None or periodo.tipo not in _COM_VENCIMENTO:
            return None
        return vencimento(regra, periodo.competencia, self._feriados, self._movidas.get(codigo, {}))
