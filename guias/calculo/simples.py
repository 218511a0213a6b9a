"""The DAS of the Simples Nacional: from the revenue of a month to each tribute, with the arithmetic told in pt-BR.

Decimal arithmetic of 28 digits, nothing rounded on the way; each tribute is rounded half up to the cent in each revenue
group (revenue of one annex and treatment), and the DAS is the sum of the rounded tributes. It may differ by a cent or
two from the PGDAS-D statement, which is shown as it is and never corrected. Rare splits are refused (Recusa), not
estimated.
Sources: LC 123/2006, art. 18; Resolução CGSN 140/2018; the annexes in guias.calculo.anexos.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, localcontext

from comum.formatos import format_competencia, format_dinheiro
from guias.calculo.anexos import Anexo, TabelaAnexos
from guias.calculo.atividades import ATIVIDADES, Mercado
from guias.calculo.memoria import Grupo, Receita, Tratamento, explicar, fator_dito
from guias.calculo.rbt12 import (
    R_MINIMO_ANEXO_III,
    REGRA_2027,
    Rbt12,
    ReceitaMes,
    apurar_fator_r,
    apurar_rbt12,
    faltam,
)
from guias.calculo.recusa import Recusa
from guias.calculo.tributos import CBS_IBS, ICMS_ISS, Tributo

__all__ = ["Entrada", "Grupo", "Rbt12", "Receita", "Resultado", "calcular", "rbt12_de"]

SUBLIMITE = Decimal(3_600_000)
DAS_MINIMO = Decimal("10.00")
LIMITE_DO_FIXO = Decimal(360_000)  # revenue of the year before, LC 123/2006, art. 18, § 18
_CENTAVO = Decimal("0.01")
_ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Entrada:
    """What a DAS is computed from.

    `competencia` is day 1 of the month. `anteriores` (revenue) and `folhas` (payroll) are by month; `rbt12` and
    `folha12`, known as totals of the same months, take their place. `abertura` is the date activity began, needed in
    the first thirteen months. `receita_ano` is the revenue of the calendar year before the month, None to add it up
    from `anteriores`. `icms_iss_fora`: the sublimit was passed and ICMS and ISS are paid outside the DAS; it is also
    inferred when `anteriores` show it.
    `sublimite` is that of the year, `sublimite_anterior` that of the year before (None: the same).
    `ibs_cbs_regular` (2027 on): CBS and IBS are paid outside it.
    `por_competencia`: under the cash regime, the accrual revenue of the month; `receitas` is then what was received,
    and only the base of the tributes (Resolução CGSN 140/2018, art. 16). `fixos`: monthly amounts in reais that a state
    or município sets for ICMS or ISS in place of the share of revenue (LC 123/2006, art. 18, § 18).
    """

    competencia: date
    receitas: tuple[Receita, ...]
    anteriores: Mapping[date, ReceitaMes] = field(default_factory=dict)
    folhas: Mapping[date, Decimal] = field(default_factory=dict)
    rbt12: ReceitaMes | None = None
    folha12: Decimal | None = None
    abertura: date | None = None
    receita_ano: ReceitaMes | None = None
    sublimite: Decimal = SUBLIMITE
    sublimite_anterior: Decimal | None = None
    icms_iss_fora: bool = False
    ibs_cbs_regular: bool = False
    por_competencia: ReceitaMes | None = None
    fixos: Mapping[Tributo, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resultado:
    """A DAS: amounts by tribute (only those above zero), how each group came to them, and what to look at."""

    competencia: date
    rbt12: ReceitaMes
    fator_r: Decimal | None
    grupos: tuple[Grupo, ...]
    valores: Mapping[Tributo, Decimal]
    avisos: tuple[str, ...]
    explicacao: tuple[str, ...]

    @property
    def total(self) -> Decimal:
        return sum(self.valores.values(), _ZERO)

    def por_codigo(self) -> dict[str, Decimal]:
        """Amounts by PGDAS-D code ("1001" ...), of the tributes that have one."""
        return {tributo.codigo: valor for tributo, valor in self.valores.items() if tributo.codigo}

    @property
    def sem_codigo(self) -> list[Tributo]:
        """Those that cannot be told to the service: from 2027 on CBS and IBS, while their codes are not published."""
        return [tributo for tributo in self.valores if tributo.codigo is None]


def calcular(entrada: Entrada, tabela: TabelaAnexos) -> Resultado | Recusa:
    """Compute the DAS, or say why it is not computed. `tabela` has to be in force in the competência."""
    with localcontext(Context(prec=28, rounding=ROUND_HALF_EVEN)):
        return _calcular(entrada, tabela)


def rbt12_de(entrada: Entrada) -> Rbt12 | Recusa:
    """The RBT12 that calcular() would take, of a month with receitas, at a small part of its cost."""
    with localcontext(Context(prec=28, rounding=ROUND_HALF_EVEN)):
        return _rbt12(entrada, _que_conta(entrada))


def _calcular(entrada: Entrada, tabela: TabelaAnexos) -> Resultado | Recusa:
    if recusa := _conferir_entrada(entrada, tabela):
        return recusa
    if not entrada.receitas:
        return _sem_movimento(entrada)
    entrada = replace(entrada, icms_iss_fora=entrada.icms_iss_fora or _sublimite_passado(entrada))
    tributada, do_mes = _receita_do_mes(entrada.receitas), _que_conta(entrada)
    rbt12 = _rbt12(entrada, do_mes)
    if isinstance(rbt12, Recusa):
        return rbt12
    avisos: list[str] = []
    if recusa := _conferir_limites(entrada, tabela, rbt12, do_mes, tributada, avisos):
        return recusa
    explicacao = [
        f"Período de apuração {format_competencia(entrada.competencia)}.",
        *_regime_dito(entrada, tributada),
        *rbt12.explicacao,
    ]
    if entrada.icms_iss_fora:
        explicacao.append(
            "Sublimite ultrapassado: ICMS e ISS são pagos fora do DAS, pela lei do estado e do município."
        )
    elif tributada.interno and entrada.rbt12 is None and _ano_anterior_incompleto(entrada):
        avisos.append(
            f"Sem a receita de todos os meses de {entrada.competencia.year - 1}, o sublimite desse ano não foi "
            "conferido. Informe os meses no histórico; se ele foi passado, diga que ICMS e ISS ficam fora do DAS."
        )
    fator_r = _fator_r(entrada, rbt12, avisos, explicacao)
    if isinstance(fator_r, Recusa):
        return fator_r
    fora_do_das = _fora_do_das(entrada)
    por_tratamento: dict[Tratamento, list[Receita]] = {}
    for receita in entrada.receitas:
        por_tratamento.setdefault(_tratamento(receita, fator_r), []).append(receita)
    grupos = tuple(
        _grupo(tratamento, receitas, fora_do_das, tabela, rbt12, explicacao)
        for tratamento, receitas in por_tratamento.items()
    )
    valores = _somar_tributos(grupos, entrada.fixos)
    for tributo, fixo in entrada.fixos.items():
        explicacao.append(f"{tributo.rotulo} em valor fixo: {format_dinheiro(fixo)}, em lugar da parte da receita.")
    total = sum(valores.values(), _ZERO)
    explicacao.append(f"DAS: {format_dinheiro(total)}.")
    if 0 < total < DAS_MINIMO:
        avisos.append("DAS menor que R$ 10,00 não é emitido: o valor se soma ao de um período seguinte.")
    return Resultado(
        competencia=entrada.competencia,
        rbt12=ReceitaMes(rbt12.interno, rbt12.externo),
        fator_r=fator_r,
        grupos=grupos,
        valores=valores,
        avisos=tuple(avisos),
        explicacao=tuple(explicacao),
    )


def _sem_movimento(entrada: Entrada) -> Resultado:
    valores = _somar_tributos((), entrada.fixos)
    conta = "só os valores fixos" if valores else "não há DAS a pagar"
    dito = f"Período de apuração {format_competencia(entrada.competencia)} sem receita: {conta}."
    return Resultado(entrada.competencia, ReceitaMes(), None, (), valores, (), (dito,))


def _regime_dito(entrada: Entrada, tributada: ReceitaMes) -> tuple[str, ...]:
    if entrada.por_competencia is None:
        return ()
    return (
        f"Regime de caixa: os tributos são sobre os {format_dinheiro(tributada.total)} recebidos no mês; a receita por "
        f"competência, de {format_dinheiro(entrada.por_competencia.total)}, conta na RBT12 e nos limites.",
    )


def _conferir_entrada(entrada: Entrada, tabela: TabelaAnexos) -> Recusa | None:
    competencia = format_competencia(entrada.competencia)
    if not tabela.vigente(entrada.competencia):
        return Recusa(f"Não há tabela do Simples Nacional carregada para {competencia}. Atualize as tabelas oficiais.")
    for receita in entrada.receitas:
        atividade = ATIVIDADES.get(receita.atividade)
        if atividade is None:
            return Recusa(f"A atividade {receita.atividade} não existe no PGDAS-D. Use de 1 a 43.")
        if not receita.valor > 0 or receita.valor != receita.valor.quantize(_CENTAVO):
            return Recusa(
                f"Receita da atividade {atividade.id} inválida: informe um valor maior que zero, com até duas casas."
            )
        estranhos = (receita.removidos or frozenset()) - atividade.qualificaveis
        if estranhos:
            nomes = ", ".join(sorted(tributo.rotulo for tributo in estranhos))
            return Recusa(
                f"A atividade {atividade.id} não aceita substituição, monofásica ou retenção de {nomes}. "
                "Escolha a atividade correspondente."
            )
        if any(not 0 <= percentual <= 100 for percentual in receita.reducoes.values()):
            return Recusa(f"Redução da atividade {atividade.id} fora do intervalo de 0 a 100 %. Corrija o percentual.")
    return _conferir_fixos(entrada)


def _conferir_fixos(entrada: Entrada) -> Recusa | None:
    if not entrada.fixos:
        return None
    if entrada.fixos.keys() - ICMS_ISS or any(valor <= 0 for valor in entrada.fixos.values()):
        return Recusa("Valor fixo só existe de ICMS e de ISS, e maior que zero. Corrija ou apague o valor fixo.")
    ano = entrada.competencia.year - 1
    receita = sum((valor.total for mes, valor in entrada.anteriores.items() if mes.year == ano), _ZERO)
    if receita > LIMITE_DO_FIXO:
        return Recusa(
            f"Valor fixo de ICMS ou ISS só vale para quem teve até {format_dinheiro(LIMITE_DO_FIXO)} de receita no ano "
            f"anterior, e a de {ano} foi de {format_dinheiro(receita)} ou mais. Apague o valor fixo."
        )
    return None


def _receita_do_mes(receitas: tuple[Receita, ...]) -> ReceitaMes:
    por_mercado = dict.fromkeys(Mercado, _ZERO)
    for receita in receitas:
        por_mercado[ATIVIDADES[receita.atividade].mercado] += receita.valor
    return ReceitaMes(por_mercado[Mercado.INTERNO], por_mercado[Mercado.EXTERNO])


def _que_conta(entrada: Entrada) -> ReceitaMes:
    """The revenue of the month by competência."""
    return _receita_do_mes(entrada.receitas) if entrada.por_competencia is None else entrada.por_competencia


def _rbt12(entrada: Entrada, do_mes: ReceitaMes) -> Rbt12 | Recusa:
    if entrada.rbt12 is None:
        return apurar_rbt12(entrada.competencia, entrada.abertura, entrada.anteriores, do_mes)
    linhas = [f"RBT12 do mercado interno, informada: {format_dinheiro(entrada.rbt12.interno)}."]
    if entrada.rbt12.externo:
        linhas.append(f"RBT12 do mercado externo, informada: {format_dinheiro(entrada.rbt12.externo)}.")
    return Rbt12(entrada.rbt12.interno, entrada.rbt12.externo, tuple(linhas), (), entrada.rbt12.total)


def _receita_do_ano(entrada: Entrada) -> ReceitaMes | None:
    """Revenue of the calendar year before the month; None when some month of it is not known."""
    if entrada.receita_ano is not None:
        return entrada.receita_ano
    inicio = date(entrada.competencia.year, 1, 1)
    if entrada.abertura:
        inicio = max(inicio, entrada.abertura.replace(day=1))
    meses = [inicio.replace(month=mes) for mes in range(inicio.month, entrada.competencia.month)]
    if any(mes not in entrada.anteriores for mes in meses):
        return None
    return ReceitaMes(
        sum((entrada.anteriores[mes].interno for mes in meses), _ZERO),
        sum((entrada.anteriores[mes].externo for mes in meses), _ZERO),
    )


def _conferir_limites(
    entrada: Entrada,
    tabela: TabelaAnexos,
    rbt12: Rbt12,
    do_mes: ReceitaMes,
    tributada: ReceitaMes,
    avisos: list[str],
) -> Recusa | None:
    """Refuse the cases that split the revenue of the month, whose figures only the PGDAS-D gives. `do_mes` is by
    accrual, `tributada` what the tributes are of."""
    pares = ((rbt12.interno, tributada.interno), (rbt12.externo, tributada.externo))
    usados = [valor for valor, receita in pares if receita]
    if any(valor > tabela.limite for valor in usados):
        return Recusa(
            f"RBT12 acima de {format_dinheiro(tabela.limite)}, o limite do Simples Nacional. "
            "Use os valores calculados pelo PGDAS-D."
        )
    no_das = bool(tributada.interno) and not entrada.icms_iss_fora
    # Above 3,600,000.00 band 5 gives ICMS and ISS; for a lower state sublimit no such rule was found.
    if no_das and entrada.sublimite < min(rbt12.interno, tabela.limite_icms_iss):
        return Recusa(
            f"RBT12 acima do sublimite de {format_dinheiro(entrada.sublimite)} do estado, com ICMS e ISS no DAS. "
            "Use os valores calculados pelo PGDAS-D."
        )
    ano = _receita_do_ano(entrada)
    if ano is None:
        avisos.append("Sem a receita de todos os meses do ano, o sublimite e o limite anual não foram conferidos.")
        return None
    proporcao = _proporcao(entrada, entrada.competencia.year)
    if max(ano.interno + do_mes.interno, ano.externo + do_mes.externo) > tabela.limite * proporcao:
        return Recusa(
            f"A receita do ano passa do limite de {format_dinheiro(tabela.limite * proporcao)}: "
            "a do mês se divide em duas partes. Use os valores calculados pelo PGDAS-D."
        )
    if no_das and ano.interno + do_mes.interno > entrada.sublimite * proporcao:
        return Recusa(
            f"A receita do ano passa do sublimite de {format_dinheiro(entrada.sublimite * proporcao)} para ICMS e ISS: "
            "a do mês se divide em duas partes. Use os valores calculados pelo PGDAS-D."
        )
    return None


def _fora_do_das(entrada: Entrada) -> frozenset[Tributo]:
    """Tributes that the whole business pays outside the DAS."""
    fora = ICMS_ISS if entrada.icms_iss_fora else frozenset(entrada.fixos)
    return fora | CBS_IBS if entrada.ibs_cbs_regular else fora


def _proporcao(entrada: Entrada, ano: int) -> Decimal:
    """Part of a year's limits: in the year of opening, its months to December, a fraction counting as one."""
    if entrada.abertura and entrada.abertura.year == ano:
        return Decimal(13 - entrada.abertura.month) / 12
    return Decimal(1)


def _sublimite_passado(entrada: Entrada) -> bool:
    """Whether the months given show ICMS and ISS out of the DAS: the sublimit passed last year, or this year by 20 %.

    Months that are missing can only hide it, so this never says so without reason.
    """
    ano = entrada.competencia.year
    anterior = entrada.sublimite if entrada.sublimite_anterior is None else entrada.sublimite_anterior
    for exercicio, limite in ((ano - 1, anterior), (ano, entrada.sublimite * Decimal("1.2"))):
        meses = [valor.interno for mes, valor in entrada.anteriores.items() if mes.year == exercicio]
        if sum(meses, _ZERO) > limite * _proporcao(entrada, exercicio):
            return True
    return False


def _ano_anterior_incompleto(entrada: Entrada) -> bool:
    """Whether months of the year before are missing, from the opening on: the sublimit may have been passed in it."""
    inicio = date(entrada.competencia.year - 1, 1, 1)
    if entrada.abertura:
        inicio = max(inicio, entrada.abertura.replace(day=1))
    if inicio.year == entrada.competencia.year:
        return False
    return any(inicio.replace(month=mes) not in entrada.anteriores for mes in range(inicio.month, 13))


def _fator_r(entrada: Entrada, rbt12: Rbt12, avisos: list[str], explicacao: list[str]) -> Decimal | Recusa | None:
    """Fator r when some activity of the month depends on it."""
    if not any(ATIVIDADES[receita.atividade].fator_r for receita in entrada.receitas):
        return None
    folha = entrada.folha12
    if folha is None:
        if not rbt12.meses_r:
            return Recusa(
                "Falta a folha de salários dos 12 meses anteriores, que decide entre os anexos III e V. Informe."
            )
        if recusa := faltam("a folha de salários", rbt12.meses_r, entrada.folhas):
            return recusa
        folha = sum((entrada.folhas[mes] for mes in rbt12.meses_r), _ZERO)
    fator = apurar_fator_r(folha, rbt12.receita_r)
    anexo, sinal = (Anexo.III, "≥") if fator >= R_MINIMO_ANEXO_III else (Anexo.V, "<")
    explicacao.append(
        f"Fator r = folha {format_dinheiro(folha)} ÷ receita {format_dinheiro(rbt12.receita_r)} = "
        f"{fator_dito(fator)} {sinal} 0,28: Anexo {anexo}."
    )
    if entrada.competencia >= REGRA_2027:
        avisos.append("A janela da folha do fator r a partir de 2027 ainda precisa ser conferida no PGDAS-D.")
    return fator


def _tratamento(receita: Receita, fator_r: Decimal | None) -> Tratamento:
    atividade = ATIVIDADES[receita.atividade]
    return Tratamento(
        anexo=atividade.anexo or (Anexo.III if fator_r is not None and fator_r >= R_MINIMO_ANEXO_III else Anexo.V),
        mercado=atividade.mercado,
        fora=atividade.fora,
        emprestado=atividade.emprestado,
        outro_municipio=atividade.outro_municipio,
        removidos=receita.afastados | (atividade.removidos_padrao if receita.removidos is None else receita.removidos),
    )


def _grupo(
    tratamento: Tratamento,
    receitas: list[Receita],
    fora_do_das: frozenset[Tributo],
    tabela: TabelaAnexos,
    rbt12: Rbt12,
    explicacao: list[str],
) -> Grupo:
    base = rbt12.interno if tratamento.mercado is Mercado.INTERNO else rbt12.externo
    parcelas = tabela.parcelas(tratamento.anexo, base)
    partes = {tributo: parte for tributo, parte in parcelas.partes.items() if tributo not in tratamento.fora}
    if tratamento.emprestado:
        tributo, origem = tratamento.emprestado
        partes[tributo] = tabela.parcelas(origem, base).partes[tributo]
    ficam = partes.keys() - tratamento.removidos - fora_do_das
    finais = {tributo: partes[tributo] for tributo in Tributo if tributo in ficam}
    receita = sum((parte.valor for parte in receitas), _ZERO)
    dispensas = {tributo: _dispensa(tributo, receitas) for tributo in finais}
    grupo = Grupo(
        atividades=tuple(dict.fromkeys(parte.atividade for parte in receitas)),
        mercado=tratamento.mercado,
        receita=receita,
        dispensas={tributo: valor for tributo, valor in dispensas.items() if valor},
        anexo=tratamento.anexo,
        faixa=parcelas.faixa.numero,
        aliquota_efetiva=parcelas.efetiva,
        partes=finais,
        valores={
            tributo: ((receita - dispensas[tributo]) * parte / 100).quantize(_CENTAVO, ROUND_HALF_UP)
            for tributo, parte in finais.items()
        },
    )
    explicacao += explicar(grupo, tratamento, parcelas, base)
    return grupo


def _dispensa(tributo: Tributo, receitas: list[Receita]) -> Decimal:
    """Revenue on which a tribute is not due because of reductions and exemptions."""
    return sum((parte.valor * parte.reducoes.get(tributo, _ZERO) / 100 for parte in receitas), Decimal(0))


def _somar_tributos(grupos: tuple[Grupo, ...], fixos: Mapping[Tributo, Decimal]) -> dict[Tributo, Decimal]:
    somas = {
        tributo: sum((grupo.valores.get(tributo, _ZERO) for grupo in grupos), fixos.get(tributo, _ZERO))
        for tributo in Tributo
    }
    return {tributo: valor for tributo, valor in somas.items() if valor}
