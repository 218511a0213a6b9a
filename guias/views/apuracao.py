"""The month's apurações: the list, the pré-voo of each action, checking and approving, and the page of one."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_GET, require_POST

from arquivo.models import Documento
from comum.permissoes import opera, usuario_de
from comum.respostas import lista_de_onde_veio
from credentials.models import Servico
from guias.calculo.rbt12 import REGRA_2027
from guias.calculo.tributos import nome_do_codigo
from guias.models import Apuracao, Guia, OpcaoRegime, Procuracao, Receita
from guias.services import ano_na_receita, consultas, divergencia, maed, montagem, quadro, retificacao
from guias.services.acesso import Fora, acesso_de_uma
from guias.services.das import a_pagar, dito_do_atraso, prazo_das
from guias.services.dia_de_pagar import dia_proposto
from guias.services.fatos import carregar
from guias.services.linhas import linhas_de
from guias.services.regime import regime_do_ano
from guias.views.base import contexto_fiscal, lista_do_quadro, muda_o_resumo, nova_intencao, perguntar
from operacoes import custos
from operacoes.handlers import handler_de
from operacoes.models import Classe, Operacao


@require_GET
def lista_de_apuracoes(request: HttpRequest) -> HttpResponse:
    _, competencia = contexto_fiscal(request)
    usuario = usuario_de(request)
    lista = lista_do_quadro(request, request.GET, competencia)
    acoes = quadro.acoes_seguintes()
    pagina = list(lista.pagina)
    sem_alcance = {empresa.pk for empresa in pagina} if "alcance" in lista.valores else set[int]()
    linhas = linhas_de(pagina, competencia, acoes if usuario.opera else {}, sem_alcance, com_defasagem=True)
    prazo = prazo_das(competencia)
    # Counts every company of the month: not for a fragment that does not show it.
    totais: Any = SimpleLazyObject(lambda: quadro.totais(lista.so("carteira")))
    mostrada = lista.valores.get("situacao", "")
    return render(
        request,
        "guias/apuracao_list.html" + ("#tabela" if request.htmx else ""),  # type: ignore[attr-defined]
        {
            "lista": lista,
            "linhas": linhas,
            "totais": totais,
            "muda_o_resumo": muda_o_resumo(request),
            "a_fazer": SimpleLazyObject(lambda: acoes.get(mostrada) or totais.a_fazer(acoes)),
            "competencia": competencia,
            "prazo": prazo,
            "dias": (prazo - timezone.localdate()).days,
        },
    )


def apuracao_visivel(request: HttpRequest, pk: int) -> Apuracao:
    return get_object_or_404(
        Apuracao.objects.visiveis(usuario_de(request)).select_related(
            "empresa", "conferida_por", "preparada_por", "documento_declaracao", "documento_recibo"
        ),
        pk=pk,
    )


@require_GET
def ver(request: HttpRequest, pk: int) -> HttpResponse:
    apuracao = apuracao_visivel(request, pk)
    usuario = usuario_de(request)
    do_mes = quadro.quadro(usuario, apuracao.competencia).filter(pk=apuracao.empresa_id)
    estado = do_mes.values_list("estado", flat=True).first()
    operacoes = list(
        Operacao.objects.visiveis(usuario)
        .filter(empresa=apuracao.empresa_id, competencia=apuracao.competencia)
        .select_related("usuario")
        .order_by("-pk")[:50]
    )
    consulta = next(
        (o for o in operacoes if o.tipo == "guias.pgdasd.consultar" and o.resposta.get("declaracoes") is not None), None
    )
    vinculo = acesso_de_uma(Servico.PGDASD, apuracao.empresa, apuracao.competencia)
    fatos = carregar([apuracao.empresa], apuracao.competencia)[apuracao.empresa_id]
    prazo, hoje = prazo_das(apuracao.competencia), timezone.localdate()
    return render(
        request,
        "guias/apuracao_detail.html",
        {
            "apuracao": apuracao,
            "estado": quadro.ESTADOS[estado] if estado else (apuracao.get_situacao_display(), "neutro"),
            "codigo_do_estado": estado,
            "tributos": _lado_a_lado(apuracao),
            "divergencia": divergencia.da_apuracao(apuracao, operacoes),
            "retificacao": retificacao.comparar(apuracao),
            "defasagem": retificacao.defasagens([fatos], apuracao.competencia).get(apuracao.empresa_id),
            "regimes": OpcaoRegime.Regime.choices,
            "regime": regime_do_ano(apuracao.empresa, apuracao.competencia.year),
            "por_competencia": fatos.por_competencia if fatos.caixa else None,
            "vencida": apuracao.situacao == Apuracao.Situacao.CONFERIDA and montagem.vencida(fatos),
            "fora_do_das": fatos.fora_do_das,
            "com_ibs_cbs": apuracao.competencia >= REGRA_2027,
            "maed": maed.previstas([apuracao], prazo, hoje),
            "guia_da_maed": _guia_da_maed(apuracao),
            "das_hoje": _das_atrasado(apuracao, prazo, dia_proposto(hoje)),
            "receitas": _receitas(apuracao),
            "operacoes": operacoes,
            "rotulos": [(operacao, handler_de(operacao.tipo).rotulo) for operacao in operacoes],
            "empresa": apuracao.empresa,
            "na_receita": ano_na_receita.do_mes(apuracao, consulta),
            "guias": apuracao.guias.select_related("documento", "extrato").order_by("-pk"),
            "documentos": Documento.objects.filter(
                empresa=apuracao.empresa_id, competencia=apuracao.competencia
            ).order_by("-criado_em"),
            "prazo": prazo,
            "passou_do_prazo": hoje > prazo,
            "impedimento": vinculo.motivo if isinstance(vinculo, Fora) else "",
            "procuracoes": Procuracao.objects.filter(empresa=apuracao.empresa_id),
            "intencao": nova_intencao(),
            "custo_consulta": _custo_da_consulta(vinculo),
            "voltar": lista_de_onde_veio(request, reverse("guias:apuracao")),
        },
    )


def _custo_da_consulta(vinculo: Any) -> Decimal | None:
    return None if isinstance(vinculo, Fora) else custos.previsto(Classe.CONSULTA, 1, vinculo.credencial.acesso)


def _das_atrasado(apuracao: Apuracao, prazo: date, pagamento: date) -> str:
    """What the DAS costs more by now, while none was drawn for this revision."""
    if apuracao.guias.filter(revisao=apuracao.revisao).exists():
        return ""
    transmitida = apuracao.situacao == Apuracao.Situacao.TRANSMITIDA
    total = a_pagar(apuracao) if transmitida else maed.a_declarar(apuracao)
    return dito_do_atraso(total, prazo, pagamento)


def _guia_da_maed(apuracao: Apuracao) -> Guia | None:
    """The fine of this declaration or of the one it rectified, as it is to be paid now."""
    numeros = [apuracao.id_declaracao, *apuracao.retificacoes.values_list("id_declaracao", flat=True)]
    dividas = [maed.divida(numero) for numero in numeros if numero]
    return Guia.objects.filter(divida__in=dividas).vigentes().com_situacao(timezone.localdate()).order_by("-pk").first()


def _receitas(apuracao: Apuracao) -> list[Any]:
    return list(
        Receita.objects.filter(
            empresa__in=[apuracao.empresa_id, *apuracao.empresa.filiais.values_list("pk", flat=True)],
            competencia=apuracao.competencia,
        ).select_related("empresa", "municipio_iss")
    )


def _lado_a_lado(apuracao: Apuracao) -> list[dict[str, Any]]:
    colunas = ("calculado", "simulado", "aprovado", "declarado")
    codigos = sorted({codigo for coluna in colunas for codigo in getattr(apuracao, coluna)})
    linhas = []
    for codigo in codigos:
        valores = {coluna: getattr(apuracao, coluna).get(codigo) for coluna in colunas}
        # What is being rectified is meant to differ from what was declared.
        sem = "declarado" if apuracao.retificadora and apuracao.situacao != Apuracao.Situacao.TRANSMITIDA else ""
        ditos = {Decimal(valor) for coluna, valor in valores.items() if valor is not None and coluna != sem}
        linhas.append(
            {
                "nome": nome_do_codigo(codigo),
                "difere": len(ditos) > 1,
                **{coluna: Decimal(valor) if valor is not None else None for coluna, valor in valores.items()},
            }
        )
    return linhas


@require_POST
@opera
def consultar(request: HttpRequest, pk: int) -> HttpResponse:
    apuracao = apuracao_visivel(request, pk)
    return perguntar(request, consultas.consultar_periodo, apuracao, "guias:ver", pk)


@require_POST
@opera
def recibo(request: HttpRequest, pk: int) -> HttpResponse:
    apuracao = apuracao_visivel(request, pk)
    return perguntar(request, consultas.buscar_recibo, apuracao, "guias:ver", pk)
