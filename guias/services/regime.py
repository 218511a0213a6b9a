"""What is said of a company beside its receitas: regime of recognition by year, and processes that suspend tributes."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models.functions import Coalesce

from comum import auditoria
from comum.formatos import format_competencia
from comum.models import Usuario
from empresas.models import Empresa, Municipio
from guias.calculo import ajustes
from guias.models import Apuracao, ForaDoDas, NaoOptante, OpcaoRegime, Processo, Receita
from guias.services.andamento import em_andamento
from guias.services.calculo import recalcular, recalcular_seguintes, travar
from guias.services.fatos import ultimo_que_olha

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
        _recalcular_o_ano(mudam.values(), ano, usuario)
        for pk, empresa in mudam.items():
            auditoria.registrar(
                usuario=usuario,
                acao="guias.regime_de_receita",
                objeto=empresa,
                resumo=f"{empresa}: receita de {ano} por {pedidos[pk].label.lower()}",
                dados={"ano": ano, "regime": pedidos[pk].value},
            )
    return {}


def _recalcular_o_ano(empresas: Iterable[Empresa], ano: int, usuario: Usuario | None) -> None:
    """The months of the year, whose declarations tell the regime, and what looks back on them; each once."""
    recalcular_seguintes(empresas, date(ano, 1, 1), ultimo_que_olha(date(ano, 12, 1)), usuario)


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
    matriz = Empresa.objects.get(pk__in=Empresa.objects.filter(pk=empresa.pk).values_list(Coalesce("matriz", "pk")))
    travar([matriz.pk])
    mudou = regime_do_ano(matriz, ano) is not regime
    opcao, _ = OpcaoRegime.objects.update_or_create(
        empresa=matriz,
        ano=ano,
        defaults={"regime": regime, "na_receita": True} | ({"feita_em": feita_em} if feita_em else {}),
    )
    if mudou:
        _recalcular_o_ano([matriz], ano, None)
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


_PRESA = "Há uma operação em andamento em uma apuração da empresa. Espere que termine."


@transaction.atomic
def gravar_nao_optante(empresa: Empresa, usuario: Usuario, *, processo: str, esfera: int, municipio: Municipio) -> str:
    """Keep the process by which a company declares without being of the Simples for the Receita. Returns why it could
    not be kept (pt-BR), empty when it was."""
    travar([empresa.pk])
    if em_andamento([empresa.pk], date.min, date.max):
        return _PRESA
    dito, _ = NaoOptante.objects.update_or_create(
        empresa=empresa, defaults={"processo": processo, "esfera": esfera, "municipio": municipio}
    )
    _seguir_nao_optante(dito, usuario, "gravada")
    return ""


@transaction.atomic
def retirar_nao_optante(empresa: Empresa, usuario: Usuario) -> str:
    """The company declares like the others again. Returns why it could not (pt-BR), empty when it does."""
    travar([empresa.pk])
    if (dito := NaoOptante.objects.filter(empresa=empresa).first()) is None:
        return ""
    if em_andamento([empresa.pk], date.min, date.max):
        return _PRESA
    dito.delete()
    _seguir_nao_optante(dito, usuario, "retirada")
    return ""


def _seguir_nao_optante(dito: NaoOptante, usuario: Usuario, feito: str) -> None:
    """It goes with every declaration of the company: all that are not transmitted are computed again."""
    recalcular_seguintes([dito.empresa], date.min, date.max, usuario)
    auditoria.registrar(
        usuario=usuario,
        acao="guias.nao_optante",
        objeto=dito.empresa,
        resumo=f"Declaração de não optante de {dito.empresa} {feito}",
        dados={"processo": dito.processo, "esfera": dito.esfera, "municipio": dito.municipio_id},
    )


def gravar_processo(processo: Processo, usuario: Usuario) -> str:
    """Keep a new or changed process, and send back to be checked what is not transmitted and names it. Returns why it
    could not be kept (pt-BR), empty when it was."""
    with transaction.atomic():
        travar([processo.empresa_id])
        novo = processo.pk is None
        if novo and Processo.objects.filter(empresa=processo.empresa_id, numero=processo.numero).exists():
            return "Este processo já está na lista abaixo: altere-o por ela."  # somebody else was faster
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
