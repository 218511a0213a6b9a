"""Where our figures and the Receita's part, told to a person: by its simulation, or by the words of its refusal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guias.calculo.diferencas import Diferenca, diferencas, listas_da_recusa, razao
from guias.calculo.recusa import Recusa
from guias.models import Apuracao
from guias.services.aprovacao import difere, em_parte, lados
from guias.services.calculo import entrada_de, tabela_vigente
from guias.services.fatos import carregar
from guias.services.pedidos import tributos_de_json
from operacoes.models import Operacao, Situacao

CODIGO = "PGDASD-MSG_ISN_035"
SOMADOS = (
    "CBS e IBS ainda não têm código publicado no PGDAS-D: aqui se comparam somados, e cada um está na memória de "
    "cálculo."
)


@dataclass(frozen=True)
class Divergencia:
    """The tributes that are not the same, the likely reason (pt-BR, empty when none was found), both totals in reais,
    and whether it comes from the words of a refusal, with no simulation yet. `ressalva`: what could not be compared one
    by one (pt-BR), empty when all was."""

    itens: list[Diferenca]
    razao: str
    nosso: Decimal
    dele: Decimal
    da_recusa: bool = False
    ressalva: str = ""

    @property
    def total(self) -> Decimal:
        return self.dele - self.nosso


def das_simulacoes(apuracoes: Iterable[Apuracao], competencia: date) -> dict[int, Divergencia]:
    """Of the apurações of one competência whose simulation differs from our own computation, by pk; in a fixed number
    of queries."""
    diferentes = [apuracao for apuracao in apuracoes if difere(apuracao)]
    pares = {}
    for apuracao in diferentes:
        nossos, deles = lados(apuracao)
        pares[apuracao.pk] = (tributos_de_json(nossos), tributos_de_json(deles))
    return _explicar(diferentes, competencia, pares, da_recusa=False)


def da_apuracao(apuracao: Apuracao, operacoes: Sequence[Operacao]) -> Divergencia | None:
    """Of one apuração: by its simulation or, while there is none, by what the Receita said when it refused
    (`operacoes`, the newest first). None where they agree, or the refusal did not tell the values."""
    if apuracao.total_simulado is not None:
        return das_simulacoes([apuracao], apuracao.competencia).get(apuracao.pk)
    recusada = next((o for o in operacoes if o.tipo == "guias.pgdasd.transmitir"), None)
    if recusada is None or recusada.situacao != Situacao.RECUSADA or CODIGO not in recusada.codigo.upper():
        return None
    enviados = tributos_de_json(recusada.pedido["comparar"])
    deles = listas_da_recusa(recusada.palavras_do_servico, enviados)
    if deles is None:
        return None
    pares = {apuracao.pk: (enviados, dict(deles))}
    return _explicar([apuracao], apuracao.competencia, pares, da_recusa=True).get(apuracao.pk)


def _explicar(
    apuracoes: Sequence[Apuracao],
    competencia: date,
    pares: Mapping[int, tuple[Mapping[str, Decimal], Mapping[str, Decimal]]],
    *,
    da_recusa: bool,
) -> dict[int, Divergencia]:
    if not apuracoes:
        return {}
    fatos = carregar([apuracao.empresa for apuracao in apuracoes], competencia)
    tabela = tabela_vigente(competencia)
    feitas = {}
    for apuracao in apuracoes:
        nossos, deles = pares[apuracao.pk]
        entrada = entrada_de(fatos[apuracao.empresa_id])
        dita = "" if tabela is None or isinstance(entrada, Recusa) else razao(entrada, tabela, deles)
        somas = [sum(valores.values(), Decimal(0)) for valores in (nossos, deles)]
        ressalva = SOMADOS if em_parte(apuracao) else ""
        feitas[apuracao.pk] = Divergencia(diferencas(nossos, deles), dita, somas[0], somas[1], da_recusa, ressalva)
    return feitas
