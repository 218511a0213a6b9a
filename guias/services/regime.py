"""What is said of a company beside its receitas: regime of recognition by year, and processes that suspend tributes."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from comum import auditoria
from comum.formatos import format_competencia
from comum.models import Usuario
from empresas.models import Empresa
from guias.calculo import ajustes
from guias.models import Apuracao, ForaDoDas, NaoOptante, OpcaoRegime, Processo, Receita
from guias.services.calculo import recalcular, recalcular_seguintes, travar
from guias.services.fatos import ultimo_que_olha
from guias.services.receitas import em_andamento

Regime = OpcaoRegime.Regime


def regime_do_ano(empresa: Empresa, ano: int) -> OpcaoRegime.Regime:
    return regimes_do_ano([empresa.pk], ano)[empresa.pk]


def regimes_do_ano(matrizes: Collection[int], ano: int) -> dict[int, OpcaoRegime.Regime]:
    ditos = dict(OpcaoRegime.objects.filter(empresa__in=matrizes, ano=ano).values_list("empresa", "regime"))
    return {pk: Regime(ditos.get(pk, Regime.COMPETENCIA)) for pk in matrizes}


def optar(empresa: Empresa, ano: int, regime: OpcaoRegime.Regime, usuario: Usuario) -> str:
    """Say how a company recognises the revenue of a year, and compute its months again. Returns why it could not be
    (pt-BR), empty when it was."""
    return optar_por({empresa.pk: regime}, ano, usuario).get(empresa.pk, "")


def optar_por(pedidos: Mapping[int, OpcaoRegime.Regime], ano: int, usuario: Usuario) -> dict[int, str]:
    """The regime of a year of each company (matriz), all or nothing: returns why some could not be (pt-BR)."""
    with transaction.atomic():
        travar(pedidos)
        atuais = regimes_do_ano(pedidos, ano)
        if impedimentos := impedimentos_de_optar(pedidos, ano):
            return impedimentos
        mudam = Empresa.objects.in_bulk([pk for pk, regime in pedidos.items() if atuais[pk] is not regime])
        OpcaoRegime.objects.bulk_create(
            [OpcaoRegime(empresa_id=pk, ano=ano, regime=pedidos[pk], na_receita=False) for pk in mudam],
            update_conflicts=True,
            unique_fields=["empresa", "ano"],
            update_fields=["regime"],
        )
        _recalcular_o_ano(mudam, ano, usuario)
        for pk, empresa in mudam.items():
            auditoria.registrar(
                usuario=usuario,
                acao="guias.regime_de_receita",
                objeto=empresa,
                resumo=f"{empresa}: receita de {ano} por {pedidos[pk].label.lower()}",
                dados={"ano": ano, "regime": pedidos[pk].value},
            )
    return {}


def _recalcular_o_ano(empresas: Mapping[int, Empresa], ano: int, usuario: Usuario) -> None:
    """The months of the year of each, and what looks back on them; without one, from January on."""
    por_mes: dict[date, list[Empresa]] = defaultdict(list)
    do_ano = Apuracao.objects.filter(empresa__in=empresas, competencia__year=ano)
    sem_mes = set(empresas)
    for pk, mes in do_ano.order_by("competencia").values_list("empresa", "competencia"):
        por_mes[mes].append(empresas[pk])
        sem_mes.discard(pk)
    if sem_mes:
        por_mes[date(ano, 1, 1)] += [empresas[pk] for pk in sem_mes]
    for mes, afetadas in sorted(por_mes.items()):
        recalcular(afetadas, mes, usuario, receita_mudou=True)


def impedimentos_de_optar(pedidos: Mapping[int, OpcaoRegime.Regime], ano: int) -> dict[int, str]:
    """Why the regime of the year of a company cannot become the one asked for (pt-BR), by matriz. The option is of the
    whole year: with a month of it declared, or the option made at the Receita, it stays."""
    atuais = regimes_do_ano(pedidos, ano)
    mudam = [pk for pk, regime in pedidos.items() if atuais[pk] is not regime]
    impedimentos: dict[int, str] = {}
    motivo = "Há uma operação em andamento nesse ano. Espere que termine."
    impedimentos |= dict.fromkeys(em_andamento(mudam, date(ano, 1, 1), date(ano, 12, 1)), motivo)
    declaradas = Apuracao.objects.filter(empresa__in=mudam, competencia__year=ano).exclude(id_declaracao="")
    motivo = (
        f"Já há declaração de {ano} transmitida, e o regime vale para o ano inteiro. Confira a opção no portal do "
        "Simples Nacional."
    )
    impedimentos |= dict.fromkeys(declaradas.values_list("empresa", flat=True), motivo)
    feitas = OpcaoRegime.objects.filter(empresa__in=mudam, ano=ano, na_receita=True)
    motivo = f"A Receita já tem a opção de {ano}, que vale para o ano inteiro e não muda. Confira em Na Receita."
    return impedimentos | dict.fromkeys(feitas.values_list("empresa", flat=True), motivo)


@transaction.atomic
def registrar_da_receita(
    empresa: Empresa, ano: int, regime: OpcaoRegime.Regime, feita_em: datetime | None = None
) -> OpcaoRegime:
    """Keep the option that the Receita has of a year, under the matriz, in place of what the office said; where it is
    another, the months of the year that are not transmitted nor in course are computed again."""
    matriz = Empresa.objects.get(Q(pk=empresa.pk, matriz=None) | Q(filiais=empresa.pk))
    travar([matriz.pk])
    mudou = regime_do_ano(matriz, ano) is not regime
    opcao, _ = OpcaoRegime.objects.update_or_create(
        empresa=matriz,
        ano=ano,
        defaults={"regime": regime, "na_receita": True} | ({"feita_em": feita_em} if feita_em else {}),
    )
    if mudou:
        abertas = Apuracao.objects.filter(empresa=matriz, competencia__year=ano).exclude(
            situacao=Apuracao.Situacao.TRANSMITIDA
        )
        do_ano = abertas.order_by("competencia").values_list("competencia", flat=True)
        meses = [mes for mes in do_ano if not em_andamento([matriz.pk], mes)]
        for mes in meses:
            recalcular([matriz], mes, None, receita_mudou=True)
        recalcular_seguintes([matriz], date(ano + 1, 1, 1), ultimo_que_olha(date(ano, 12, 1)), None)
    return opcao


def dizer_fora_do_das(apuracao: Apuracao, usuario: Usuario, *, icms_iss: bool, ibs_cbs: bool) -> str:
    """Say what the company pays outside the DAS from the competência of the apuração on, and compute again what is not
    transmitted. Returns why it could not be said (pt-BR), empty when it was."""
    empresa, desde = apuracao.empresa, apuracao.competencia
    with transaction.atomic():
        travar([empresa.pk])
        if Apuracao.objects.filter(pk=apuracao.pk, situacao=Apuracao.Situacao.TRANSMITIDA).exists():
            return "A declaração já foi transmitida. Abra uma retificação para mudar os tributos fora do DAS."
        if em_andamento([empresa.pk], desde, date.max):
            return "Há uma operação em andamento desde este mês. Espere que termine."
        ForaDoDas.objects.update_or_create(
            empresa=empresa, desde=desde, defaults={"icms_iss": icms_iss, "ibs_cbs": ibs_cbs}
        )
        recalcular_seguintes([empresa], desde, date.max, usuario)
        auditoria.registrar(
            usuario=usuario,
            acao="guias.fora_do_das",
            objeto=empresa,
            resumo=f"Tributos fora do DAS desde {format_competencia(desde)} de {empresa}",
            dados={"desde": f"{desde:%Y-%m}", "icms_iss": icms_iss, "ibs_cbs": ibs_cbs},
        )
    return ""


def gravar_nao_optante(dito: NaoOptante, usuario: Usuario) -> str:
    """Keep the process by which a company declares without being of the Simples for the Receita. Returns why it could
    not be kept (pt-BR), empty when it was."""
    return _mudar_nao_optante(dito, usuario, "gravada")


def retirar_nao_optante(dito: NaoOptante, usuario: Usuario) -> str:
    """The company declares like the others again. Returns why it could not (pt-BR), empty when it does."""
    return _mudar_nao_optante(dito, usuario, "retirada")


def _mudar_nao_optante(dito: NaoOptante, usuario: Usuario, feito: str) -> str:
    """It goes with every declaration of the company: all that are not transmitted are computed again."""
    empresa, dados = dito.empresa, {"processo": dito.processo, "esfera": dito.esfera, "municipio": dito.municipio_id}
    with transaction.atomic():
        travar([empresa.pk])
        if em_andamento([empresa.pk], date.min, date.max):
            return "Há uma operação em andamento em uma apuração da empresa. Espere que termine."
        if feito == "gravada":
            dito.save()
        else:
            dito.delete()
        recalcular_seguintes([empresa], date.min, date.max, usuario)
        auditoria.registrar(
            usuario=usuario,
            acao="guias.nao_optante",
            objeto=empresa,
            resumo=f"Declaração de não optante de {empresa} {feito}",
            dados=dados,
        )
    return ""


def gravar_processo(processo: Processo, usuario: Usuario) -> str:
    """Keep a new or changed process, and send back to be checked what is not transmitted and names it. Returns why it
    could not be kept (pt-BR), empty when it was."""
    with transaction.atomic():
        travar([processo.empresa_id])
        novo = processo.pk is None
        meses = [] if novo else _meses_que_citam(processo)
        if any(em_andamento([processo.empresa_id], mes) for mes in meses):
            return "Há uma operação em andamento com este processo. Espere que termine."
        processo.save()
        for mes in meses:
            recalcular([processo.empresa], mes, usuario, receita_mudou=True)
        auditoria.registrar(
            usuario=usuario,
            acao="guias.processo",
            objeto=processo.empresa,
            resumo=f"Processo {processo.numero} {'incluído' if novo else 'alterado'}",
            dados={"numero": processo.numero, "motivo": processo.motivo, "deposito": processo.deposito},
        )
    return ""


def _meses_que_citam(processo: Processo) -> list[date]:
    chave = f"{ajustes.Especie.SUSPENSAO.value}-"
    citam = Receita.objects.filter(
        empresa__raiz=processo.empresa.raiz, ajuste__startswith=chave, ajuste__endswith=f"-{processo.numero}"
    )
    abertas = Apuracao.objects.filter(empresa=processo.empresa_id).exclude(situacao=Apuracao.Situacao.TRANSMITIDA)
    do_mes = abertas.filter(competencia__in=citam.values("competencia"))
    return sorted(set(do_mes.values_list("competencia", flat=True)))
