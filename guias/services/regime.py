"""What is said of a company beside its receitas: regime of recognition by year, and processes that suspend tributes."""

from datetime import date, datetime

from django.db import transaction

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
    opcao = OpcaoRegime.objects.filter(empresa=empresa, ano=ano).first()
    return Regime(opcao.regime) if opcao else Regime.COMPETENCIA


def optar(empresa: Empresa, ano: int, regime: OpcaoRegime.Regime, usuario: Usuario) -> str:
    """Say how a company recognises the revenue of a year, and compute its months again. The option is of the whole
    year: with a month of it declared, it stays. Returns why it could not be (pt-BR), empty when it was."""
    with transaction.atomic():
        travar([empresa.pk])
        if regime_do_ano(empresa, ano) is regime:
            return ""
        if OpcaoRegime.objects.filter(empresa=empresa, ano=ano, na_receita=True).exists():
            return f"A Receita já tem a opção de {ano}, que vale para o ano inteiro e não muda. Confira em Na Receita."
        do_ano = Apuracao.objects.filter(empresa=empresa, competencia__year=ano)
        if do_ano.exclude(id_declaracao="").exists():
            return (
                f"Já há declaração de {ano} transmitida, e o regime vale para o ano inteiro. Confira a opção no portal "
                "do Simples Nacional."
            )
        meses = list(do_ano.order_by("competencia").values_list("competencia", flat=True))
        if any(em_andamento([empresa.pk], mes) for mes in meses):
            return "Há uma operação em andamento nesse ano. Espere que termine."
        OpcaoRegime.objects.update_or_create(empresa=empresa, ano=ano, defaults={"regime": regime, "na_receita": False})
        for mes in meses or [date(ano, 1, 1)]:
            recalcular([empresa], mes, usuario, receita_mudou=True)
        auditoria.registrar(
            usuario=usuario,
            acao="guias.regime_de_receita",
            objeto=empresa,
            resumo=f"{empresa}: receita de {ano} por {regime.label.lower()}",
            dados={"ano": ano, "regime": regime.value},
        )
    return ""


@transaction.atomic
def registrar_da_receita(
    empresa_id: int | None, ano: int, regime: OpcaoRegime.Regime, feita_em: datetime | None = None
) -> OpcaoRegime:
    """Keep the option that the Receita has of a year, under the matriz, in place of what the office said; where it is
    another, the months of the year that are not transmitted nor in course are computed again."""
    empresa = Empresa.objects.select_related("matriz").get(pk=empresa_id)
    matriz = empresa.matriz or empresa
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
        abertas = Apuracao.objects.filter(empresa=empresa, competencia__gte=desde).exclude(
            situacao=Apuracao.Situacao.TRANSMITIDA
        )
        if any(em_andamento([empresa.pk], mes) for mes in abertas.values_list("competencia", flat=True)):
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
        abertas = Apuracao.objects.filter(empresa=empresa).exclude(situacao=Apuracao.Situacao.TRANSMITIDA)
        if any(em_andamento([empresa.pk], mes) for mes in abertas.values_list("competencia", flat=True)):
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
