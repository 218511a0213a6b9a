"""What is said of a company beside its receitas: regime of recognition by year, and processes that suspend tributes."""

from datetime import date

from django.db import transaction

from comum import auditoria
from comum.models import Usuario
from empresas.models import Empresa
from guias.calculo import ajustes
from guias.models import Apuracao, OpcaoDeRegime, Processo, Receita
from guias.services.calculo import recalcular, travar
from guias.services.receitas import em_andamento

Regime = OpcaoDeRegime.Regime


def regime_do_ano(empresa: Empresa, ano: int) -> OpcaoDeRegime.Regime:
    opcao = OpcaoDeRegime.objects.filter(empresa=empresa, ano=ano).first()
    return Regime(opcao.regime) if opcao else Regime.COMPETENCIA


def optar(empresa: Empresa, ano: int, regime: OpcaoDeRegime.Regime, usuario: Usuario) -> str:
    """Say how a company recognises the revenue of a year, and compute its months again. The option is of the whole
    year: with a month of it declared, it stays. Returns why it could not be (pt-BR), empty when it was."""
    with transaction.atomic():
        travar([empresa.pk])
        if regime_do_ano(empresa, ano) is regime:
            return ""
        do_ano = Apuracao.objects.filter(empresa=empresa, competencia__year=ano)
        if do_ano.exclude(id_declaracao="").exists():
            return (
                f"Já há declaração de {ano} transmitida, e o regime vale para o ano inteiro. Confira a opção no portal "
                "do Simples Nacional."
            )
        meses = list(do_ano.order_by("competencia").values_list("competencia", flat=True))
        if any(em_andamento([empresa.pk], mes) for mes in meses):
            return "Há uma operação em andamento nesse ano. Espere que termine."
        OpcaoDeRegime.objects.update_or_create(empresa=empresa, ano=ano, defaults={"regime": regime})
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
