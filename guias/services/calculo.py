"""Our own computation of the DAS, kept on the Apuracao beside what the service says."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db import transaction

from comum.models import Usuario
from empresas.calendario import somar_meses
from empresas.models import Empresa, FaixaSimples
from guias.calculo import ajustes, simples
from guias.calculo.anexos import TabelaAnexos, faixa_da_tabela
from guias.calculo.atividades import Mercado
from guias.calculo.memoria import Receita as ReceitaDoMes
from guias.calculo.recusa import Recusa
from guias.calculo.tributos import Tributo
from guias.models import Apuracao, Receita
from guias.services.andamento import em_andamento, meses_em_andamento
from guias.services.fatos import Fatos, carregar, ultimo_que_olha
from guias.services.montagem import impressao, qualificacoes
from guias.services.pedidos import tributos_para_json

_LOTE = 500


def tabela_vigente(competencia: date) -> TabelaAnexos | None:
    linhas = list(FaixaSimples.objects.filter(vigencia_de__lte=competencia, vigencia_ate__gte=competencia))
    if not linhas:
        return None
    faixas = [
        faixa_da_tabela(
            anexo=linha.anexo,
            faixa=linha.faixa,
            limite_superior_rbt12=linha.limite_superior_rbt12,
            aliquota_nominal=linha.aliquota_nominal,
            parcela_deduzir=linha.parcela_deduzir,
            reparticao=linha.reparticao,
        )
        for linha in linhas
    ]
    return TabelaAnexos.montar(faixas, linhas[0].vigencia_de, linhas[0].vigencia_ate)


def calcular(fatos: Fatos, tabela: TabelaAnexos | None) -> simples.Resultado | Recusa:
    """The DAS of one company by our own arithmetic, or why there is none (months that are missing are named)."""
    if tabela is None:
        return Recusa(
            f"Não há tabela do Simples Nacional para {fatos.competencia:%m/%Y}. Atualize as tabelas oficiais."
        )
    entrada = entrada_de(fatos)
    return entrada if isinstance(entrada, Recusa) else simples.calcular(entrada, tabela)


def entrada_de(fatos: Fatos) -> simples.Entrada | Recusa:
    """What the arithmetic is given of a company, or what is missing of the month itself."""
    por_competencia = fatos.por_competencia
    if por_competencia is None and not fatos.sem_movimento:
        return Recusa(
            f"Falta a receita por competência de {fatos.competencia:%m/%Y}: em {fatos.competencia.year} a empresa está "
            "no regime de caixa, e a RBT12 é por competência. Informe nas receitas."
        )
    if any(len(valores) > 1 for valores in fatos.sublimites.values()):
        return Recusa(
            "Os estabelecimentos são de estados com sublimites diferentes. Use os valores calculados pelo PGDAS-D."
        )
    ano, fora = fatos.competencia.year, fatos.fora_do_das
    sublimites = {exercicio: min(valores) for exercicio, valores in fatos.sublimites.items()}
    return simples.Entrada(
        competencia=fatos.competencia,
        receitas=tuple(_do_mes(receita) for receita in fatos.receitas),
        anteriores=fatos.anteriores,
        folhas={mes: lido.folha for mes, lido in fatos.meses.items() if lido.folha is not None},
        abertura=fatos.empresa.inicio_atividade,
        sublimite=sublimites.get(ano, simples.SUBLIMITE),
        sublimite_anterior=sublimites.get(ano - 1, simples.SUBLIMITE),
        icms_iss_fora=fora is not None and fora.icms_iss,
        ibs_cbs_regular=fora is not None and fora.ibs_cbs,
        por_competencia=por_competencia if fatos.caixa else None,
        fixos=fixos_de(fatos.apuracao),
    )


def _do_mes(receita: Receita) -> ReceitaDoMes:
    ajuste = ajustes.ler(receita.ajuste)
    return ReceitaDoMes(
        receita.atividade,
        receita.valor,
        frozenset(tributo for tributo, _ in qualificacoes(receita)),
        ajuste.reducoes if ajuste else {},
        ajuste.afastados if ajuste else frozenset(),
    )


def fixos_de(apuracao: Apuracao | None) -> dict[Tributo, Decimal]:
    """ICMS and ISS due as a fixed amount of the month, in reais."""
    valores = {Tributo.ICMS: apuracao.fixo_icms, Tributo.ISS: apuracao.fixo_iss} if apuracao else {}
    return {tributo: valor for tributo, valor in valores.items() if valor}


def travar(matrizes: Iterable[int]) -> None:
    """One writer at a time for the months of each company. Taken before any lock on their Apuracoes or history."""
    list(Empresa.objects.filter(pk__in=matrizes).order_by("pk").select_for_update(no_key=True).values_list("pk"))


@transaction.atomic
def recalcular(empresas: Iterable[Empresa], competencia: date, usuario: Usuario | None, *, receita_mudou: bool) -> None:
    """Bring the Apuracoes of a competência to what the receitas say now, and the ones after it that look back on it.

    `empresas` are matrizes; `receita_mudou` says that their revenue of the competência itself is not what it was. What
    was transmitted keeps its figures, and what is in course those that were sent (`atualizar` follows a simulation);
    what was simulated or approved on other figures goes back to be checked.
    """
    matrizes = list(empresas)
    travar([empresa.pk for empresa in matrizes])
    do_mes = Apuracao.objects.filter(empresa__in=matrizes, competencia=competencia)
    list(do_mes.order_by("pk").select_for_update().values_list("pk"))
    presas = em_andamento([empresa.pk for empresa in matrizes], competencia)
    livres = [empresa for empresa in matrizes if empresa.pk not in presas]
    for inicio in range(0, len(livres), _LOTE):
        _recalcular(livres[inicio : inicio + _LOTE], competencia, usuario, receita_mudou=receita_mudou)
    recalcular_seguintes(matrizes, somar_meses(competencia, 1), ultimo_que_olha(competencia), usuario)


@transaction.atomic
def recalcular_seguintes(empresas: Iterable[Empresa], desde: date, ate: date, usuario: Usuario | None) -> None:
    """Compute again the Apuracoes of a range of competências that are neither transmitted nor in course: months before
    them changed. `usuario`, who changed them, prepared what comes out different."""
    matrizes = list(empresas)
    travar([empresa.pk for empresa in matrizes])
    # The transmission is recorded under the same lock: a row that it changed meanwhile is read again, or left out.
    seguintes = (
        Apuracao.objects.filter(empresa__in=matrizes, competencia__gte=desde, competencia__lte=ate)
        .exclude(situacao=Apuracao.Situacao.TRANSMITIDA)
        .select_related("empresa")
        .order_by("pk")
        .select_for_update(of=("self",))
    )
    travadas = list(seguintes)
    # Read under their locks, which whoever submits takes too: what is queued meanwhile is seen here.
    presas = meses_em_andamento({apuracao.empresa_id for apuracao in travadas}, desde, ate) if travadas else set()
    por_mes: dict[date, list[Empresa]] = {}
    for apuracao in travadas:
        if (apuracao.empresa_id, apuracao.competencia) not in presas:
            por_mes.setdefault(apuracao.competencia, []).append(apuracao.empresa)
    for mes, afetadas in sorted(por_mes.items()):
        for inicio in range(0, len(afetadas), _LOTE):
            _recalcular(afetadas[inicio : inicio + _LOTE], mes, usuario, receita_mudou=False)


def refazer_vencidas(empresas: Iterable[Empresa], competencia: date) -> None:
    """Compute again the Apuracoes not transmitted whose declaration is not the one that their figures are of. The
    caller holds, in its transaction, no lock on them."""
    matrizes = list(empresas)
    vencidas = [
        fatos.empresa
        for inicio in range(0, len(matrizes), _LOTE)
        for fatos in carregar(matrizes[inicio : inicio + _LOTE], competencia).values()
        if (apuracao := fatos.apuracao) is not None
        and apuracao.situacao != Apuracao.Situacao.TRANSMITIDA
        and apuracao.impressao != impressao(fatos)
    ]
    if vencidas:
        recalcular(vencidas, competencia, None, receita_mudou=False)


def atualizar(apuracao: Apuracao) -> None:
    """Our own figures of one Apuracao by what is said now, whatever was simulated or approved of it. The caller holds
    its company (`travar`) and its row, and saves."""
    fatos = carregar([apuracao.empresa], apuracao.competencia)[apuracao.empresa_id]
    fatos.apuracao = apuracao
    _preencher(apuracao, fatos, tabela_vigente(apuracao.competencia))


def _recalcular(empresas: list[Empresa], competencia: date, usuario: Usuario | None, *, receita_mudou: bool) -> None:
    """The caller holds the locks of these Apuracoes."""
    tabela = tabela_vigente(competencia)
    lidos = carregar(empresas, competencia)
    novas: list[Apuracao] = []
    mudadas: list[Apuracao] = []
    for fatos in lidos.values():
        apuracao = fatos.apuracao
        if apuracao is None:
            if not fatos.receitas:
                continue
            apuracao = fatos.apuracao = Apuracao(empresa=fatos.empresa, competencia=competencia)
        if apuracao.situacao == Apuracao.Situacao.TRANSMITIDA:
            continue
        antes = [getattr(apuracao, campo) for campo in CAMPOS_CALCULADOS]
        mudou = _preencher(apuracao, fatos, tabela) or receita_mudou
        if mudou:
            reabrir(apuracao, DADOS_MUDARAM)
        if usuario is not None and mudou:
            apuracao.preparada_por = usuario
        if not apuracao.pk:
            novas.append(apuracao)
        elif antes != [getattr(apuracao, campo) for campo in CAMPOS_CALCULADOS]:
            mudadas.append(apuracao)
    Apuracao.objects.bulk_create(novas)
    Apuracao.objects.bulk_update(mudadas, CAMPOS_CALCULADOS, batch_size=_LOTE)


# What a recalculation writes.
CAMPOS_CALCULADOS = [
    "situacao",
    "preparada_por_id",
    "receita_total",
    "receita_externa",
    "rbt12",
    "impedimento",
    "calculado",
    "total_calculado",
    "explicacao",
    "impressao",
    "reaberta_porque",
    "simulado",
    "total_simulado",
    "aprovado",
    "total_aprovado",
    "conferida_por_id",
    "conferida_em",
    "versao",
]


def _preencher(apuracao: Apuracao, fatos: Fatos, tabela: TabelaAnexos | None) -> bool:
    """Write our figures on the Apuracao; True when they, or the declaration they are of, are not what they were."""
    antes = _o_que_vale(apuracao)
    impressa, apuracao.impressao = apuracao.impressao, impressao(fatos)
    apuracao.receita_externa = fatos.total(Mercado.EXTERNO)
    apuracao.receita_total = fatos.total(Mercado.INTERNO) + apuracao.receita_externa
    resultado = calcular(fatos, tabela) if fatos.informada else Recusa("Falta a receita da competência.")
    if isinstance(resultado, Recusa):
        apuracao.calculado, apuracao.total_calculado, apuracao.rbt12 = {}, None, None
        apuracao.explicacao, apuracao.impedimento = [], resultado.motivo
    else:
        apuracao.rbt12 = resultado.rbt12.total.quantize(Decimal("0.01"))
        apuracao.explicacao = [*resultado.explicacao, *resultado.avisos]
        apuracao.total_calculado = resultado.total
        apuracao.calculado = tributos_para_json(resultado.por_codigo())
        apuracao.impedimento = _sem_codigo(resultado)
    return antes != _o_que_vale(apuracao) or (impressa != "" and impressa != apuracao.impressao)


def _sem_codigo(resultado: simples.Resultado) -> str:
    """Why our own values cannot be the approved ones (pt-BR), empty when they can."""
    if not resultado.sem_codigo:
        return ""
    nomes = " e ".join(tributo.rotulo for tributo in resultado.sem_codigo)
    return f"Sem código publicado no PGDAS-D para {nomes}. Simule: valem os valores da Receita."


def _o_que_vale(apuracao: Apuracao) -> tuple[object, ...]:
    return (
        apuracao.receita_total,
        apuracao.receita_externa,
        apuracao.calculado,
        apuracao.total_calculado,
        apuracao.impedimento,
    )


DADOS_MUDARAM = "Os dados da declaração mudaram depois da aprovação. Confira e aprove de novo."


def reabrir(apuracao: Apuracao, porque: str = "") -> None:
    """Back to be checked: what was simulated and approved was for other figures. `porque` (pt-BR) is kept where there
    was an approval to undo. The caller saves."""
    if apuracao.situacao == Apuracao.Situacao.CONFERIDA:
        apuracao.reaberta_porque = porque
    apuracao.situacao = Apuracao.Situacao.ABERTA
    apuracao.versao += 1
    apuracao.simulado, apuracao.total_simulado = {}, None
    apuracao.aprovado, apuracao.total_aprovado = {}, None
    apuracao.conferida_por = apuracao.conferida_em = None
