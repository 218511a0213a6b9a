"""The month's apurações: the list, the pré-voo of each action, checking and approving, and the page of one."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_GET, require_POST

from arquivo.models import Documento
from comum.formatos import format_competencia, format_dinheiro
from comum.models import Adicional
from comum.permissoes import exige_adicional, opera, usuario_de
from credentials.models import Servico
from empresas.models import Empresa
from guias.calculo.tributos import POR_CODIGO
from guias.models import Apuracao, Guia, Procuracao, Receita
from guias.services import acoes, consultas, quadro
from guias.services.acoes import Acao, Fora, Prevoo
from guias.services.das import prazo_das
from guias.services.receitas import retificar as abrir_retificacao
from guias.views.base import contexto_fiscal, empresas_marcadas, lista_do_quadro
from operacoes import custos
from operacoes.handlers import handler_de
from operacoes.models import Classe, Operacao, Processamento

integra_contador = exige_adicional(Adicional.INTEGRA_CONTADOR)
MAXIMO_NA_CONFERENCIA = 300


@dataclass
class Linha:
    """One company of the list, with why it stopped and the one next thing to do (label, address; empty when none)."""

    empresa: Any
    apuracao: Apuracao | None
    operacao: Operacao | None
    guia: Guia | None
    rotulo: str
    tom: str
    detalhe: str = ""
    acao: str = ""
    acao_url: str = ""


@require_GET
@integra_contador
def lista_de_apuracoes(request: HttpRequest) -> HttpResponse:
    contexto, competencia = contexto_fiscal(request)
    usuario = usuario_de(request)
    lista = lista_do_quadro(request, request.GET, competencia)
    linhas = _linhas(list(lista.pagina), competencia)
    prazo = prazo_das(competencia)
    return render(
        request,
        "guias/apuracao_list.html" + ("#tabela" if request.htmx else ""),  # type: ignore[attr-defined]
        {
            "lista": lista,
            "linhas": linhas,
            # Counts every company of the month: not for a fragment that does not show it.
            "totais": SimpleLazyObject(lambda: quadro.totais(usuario, competencia)),
            "competencia": competencia,
            "so_uma": contexto.empresa,
            "prazo": prazo,
            "dias": (prazo - timezone.localdate()).days,
        },
    )


def _linhas(pagina: list[Any], competencia: date) -> list[Linha]:
    apuracoes = {
        a.empresa_id: a
        for a in Apuracao.objects.filter(empresa__in=pagina, competencia=competencia).defer("explicacao")
    }
    operacoes = Operacao.objects.defer("pedido").in_bulk([e.op_pk for e in pagina if e.op_pk])
    guias = {}
    for guia in Guia.objects.filter(apuracao__in=apuracoes.values()).order_by("pk"):
        guias[guia.empresa_id, guia.revisao] = guia
    linhas = []
    for empresa in pagina:
        apuracao = apuracoes.get(empresa.pk)
        rotulo, tom = quadro.ESTADOS[empresa.estado]
        linha = Linha(
            empresa,
            apuracao,
            operacoes.get(empresa.op_pk),
            guias.get((empresa.pk, apuracao.revisao)) if apuracao else None,
            rotulo,
            tom,
        )
        _dizer(linha, empresa.estado)
        linhas.append(linha)
    return linhas


def _dizer(linha: Linha, estado: str) -> None:
    """Fill why it stopped and the next action."""
    apuracao, operacao = linha.apuracao, linha.operacao
    if estado in ("andamento", "duvida", "recusada") and operacao is not None:
        linha.detalhe = operacao.mensagem or operacao.get_situacao_display()
        linha.acao, linha.acao_url = "Ver operação", reverse("operacoes:ver", args=[operacao.pk])
    elif estado == "sem_receita":
        linha.detalhe = "Informe as receitas ou marque sem movimento."
        linha.acao, linha.acao_url = "Informar", f"{reverse('guias:receitas')}?q={linha.empresa.documento}"
    elif estado == "impedida" and apuracao is not None:
        linha.detalhe = apuracao.impedimento
        linha.acao, linha.acao_url = "Completar", reverse("guias:historico", args=[apuracao.pk])
    elif estado == "simulada" and apuracao is not None and acoes.difere(apuracao):
        diferenca = (apuracao.total_simulado or Decimal(0)) - (apuracao.total_calculado or Decimal(0))
        linha.detalhe, linha.tom = f"Difere do calculado em {format_dinheiro(diferenca)}", "atencao"
    elif estado == "transmitida":
        linha.detalhe = "Falta emitir o DAS."
    elif estado == "emitida" and linha.guia is not None:
        linha.detalhe = f"{format_dinheiro(linha.guia.total)} até {linha.guia.limite:%d/%m/%Y}"
    elif estado == "conferida":
        linha.detalhe = "Falta transmitir."


@require_POST
@opera
@integra_contador
def agir(request: HttpRequest, acao: str) -> HttpResponse:
    """First the pré-voo of the marked companies; with `marca`, the run that was shown."""
    if acao not in list(Acao):
        raise Http404
    escolhida = Acao(acao)
    _, competencia = contexto_fiscal(request)
    empresas = empresas_marcadas(request, competencia)
    das_em_seguida = request.POST.get("emitir_das") == "1" or "marca" not in request.POST
    mudou_o_das = (
        request.POST.get("das_mostrado", "") != ("1" if das_em_seguida else "") and escolhida is Acao.TRANSMITIR
    )
    if "marca" not in request.POST or "rever" in request.POST or mudou_o_das:
        previa = acoes.prevoo(escolhida, empresas, competencia, das_em_seguida=das_em_seguida)
        aviso = "A emissão do DAS mudou o custo. Confira e confirme." if "marca" in request.POST else ""
        return desenhar_prevoo(request, previa, aviso=aviso)
    return confirmar(request, escolhida, empresas, competencia, das_em_seguida=das_em_seguida)


def confirmar(
    request: HttpRequest,
    acao: Acao,
    empresas: Any,
    competencia: date,
    *,
    das_em_seguida: bool = False,
    via_nova: bool = False,
) -> HttpResponse:
    try:
        processamento = acoes.processar(
            acao,
            empresas,
            competencia,
            usuario_de(request),
            marca=request.POST["marca"],
            das_em_seguida=das_em_seguida,
            via_nova=via_nova,
        )
    except acoes.Mudou as mudou:
        # A second click, or the way back: what was asked is already on its way.
        if (anterior := _ja_pedido(request)) is not None:
            return redirect("operacoes:processamento", pk=anterior.pk)
        aviso = "A situação mudou desde que esta tela abriu, e nada foi enviado. Confira de novo antes de confirmar."
        return desenhar_prevoo(request, mudou.prevoo, aviso=aviso, status=422)
    return redirect("operacoes:processamento", pk=processamento.pk)


def _ja_pedido(request: HttpRequest) -> Processamento | None:
    """The run that this same confirmation already started."""
    return Processamento.objects.filter(usuario=usuario_de(request), parametros__marca=request.POST["marca"]).first()


def desenhar_prevoo(request: HttpRequest, previa: Prevoo, *, aviso: str = "", status: int = 200) -> HttpResponse:
    return render(
        request,
        "guias/prevoo.html",
        {
            "previa": previa,
            "competencia": previa.competencia,
            "aviso": aviso,
            "selecao": _selecao(request),
            "pode_emitir_das": previa.acao is Acao.TRANSMITIR,
            "custos": [(classe.label, valor) for classe, valor in previa.custos.items()],
            "voltar": reverse("guias:apuracao"),
        },
        status=status,
    )


def _selecao(request: HttpRequest) -> list[tuple[str, str]]:
    """The marks of the list, carried on to the next step."""
    if request.POST.get("todos") == "1":
        return [("todos", "1"), ("filtro", request.POST.get("filtro", ""))]
    return [("ids", valor) for valor in request.POST.getlist("ids")]


@dataclass
class Comparacao:
    """One apuração to check: its tributes side by side."""

    empresa: Empresa
    apuracao: Apuracao
    tributos: list[tuple[str, Decimal | None, Decimal | None, bool]]
    difere: bool
    motivo: str  # why it cannot be approved (pt-BR), empty when it can


def comparar(apuracao: Apuracao) -> list[tuple[str, Decimal | None, Decimal | None, bool]]:
    """(tribute, ours, SERPRO's, differ), in reais; None where there is no figure."""
    linhas = []
    for codigo in sorted({*apuracao.calculado, *apuracao.simulado}):
        nosso = Decimal(apuracao.calculado.get(codigo, "0.00")) if apuracao.total_calculado is not None else None
        dele = Decimal(apuracao.simulado.get(codigo, "0.00")) if apuracao.total_simulado is not None else None
        nome = POR_CODIGO[codigo].rotulo if codigo in POR_CODIGO else f"Tributo {codigo}"
        linhas.append((nome, nosso, dele, nosso is not None and dele is not None and nosso != dele))
    return linhas


@require_POST
@opera
@integra_contador
def conferir(request: HttpRequest) -> HttpResponse:
    """Ours against SERPRO's for the marked companies; the differing ones first."""
    _, competencia = contexto_fiscal(request)
    return _desenhar_conferencia(request, competencia)


def _desenhar_conferencia(
    request: HttpRequest, competencia: date, *, aviso: str = "", status: int = 200
) -> HttpResponse:
    usuario = usuario_de(request)
    empresas = {empresa.pk: empresa for empresa in empresas_marcadas(request, competencia)}
    apuracoes = {a.empresa_id: a for a in Apuracao.objects.filter(empresa__in=empresas, competencia=competencia)}
    itens, fora = [], []
    for pk, empresa in empresas.items():
        apuracao = apuracoes.get(pk)
        motivo = acoes.motivo_de_nao_aprovar(apuracao, usuario, conferida=True)
        if apuracao is None or motivo is not None:
            fora.append(Fora(empresa, *(motivo or ("sem_receita", "Sem receita."))))
            continue
        itens.append(Comparacao(empresa, apuracao, comparar(apuracao), acoes.difere(apuracao), ""))
    diferentes = [item for item in itens if item.difere]
    iguais = [item for item in itens if not item.difere]
    return render(
        request,
        "guias/conferir.html",
        {
            "competencia": competencia,
            "diferentes": diferentes[:MAXIMO_NA_CONFERENCIA],
            "diferentes_a_mais": len(diferentes) - MAXIMO_NA_CONFERENCIA,
            "iguais": iguais[:MAXIMO_NA_CONFERENCIA],
            "quantas_iguais": len(iguais),
            "so_nossas": sum(1 for item in iguais if item.apuracao.total_simulado is None),
            "total": sum(
                (
                    item.apuracao.total_simulado
                    if item.apuracao.total_simulado is not None
                    else item.apuracao.total_calculado or Decimal(0)
                    for item in iguais
                ),
                Decimal(0),
            ),
            "grupos": Prevoo(Acao.SIMULAR, competencia, fora=fora).grupos,
            "fora": fora,
            "selecao": _selecao(request),
            "segunda_pessoa": settings.APURACAO_SEGUNDA_PESSOA,
            "marca": acoes.marca_dos_valores(apuracoes.values()),
            "aviso": aviso,
        },
        status=status,
    )


@require_POST
@opera
@integra_contador
def aprovar(request: HttpRequest) -> HttpResponse:
    _, competencia = contexto_fiscal(request)
    diferentes = {int(v) for v in request.POST.getlist("diferente") if v.isdecimal() and len(v) < 19}
    try:
        feito = acoes.aprovar(
            empresas_marcadas(request, competencia),
            competencia,
            usuario_de(request),
            diferentes=diferentes,
            marca=request.POST.get("marca", ""),
        )
    except acoes.ValoresMudaram:
        aviso = "Os valores mudaram desde que esta tela abriu, e nada foi aprovado. Confira de novo antes de aprovar."
        return _desenhar_conferencia(request, competencia, aviso=aviso, status=422)
    if feito.aprovadas:
        quantas = "1 apuração aprovada" if feito.aprovadas == 1 else f"{feito.aprovadas} apurações aprovadas"
        messages.success(request, f"{quantas}. Agora transmita.")
    sobraram = [item for item in feito.fora if item.codigo not in ("aprovada", "transmitida")]
    if sobraram:
        messages.warning(request, f"{len(sobraram)} não aprovadas. {sobraram[0].empresa}: {sobraram[0].motivo}")
    elif not feito.aprovadas:
        messages.info(request, "Nada a aprovar: as apurações marcadas já estavam aprovadas ou transmitidas.")
    return redirect(reverse("guias:apuracao") + ("?situacao=conferida" if feito.aprovadas else ""))


# -- one apuração --------------------------------------------------------------------------------------------


def apuracao_visivel(request: HttpRequest, pk: int) -> Apuracao:
    return get_object_or_404(
        Apuracao.objects.visiveis(usuario_de(request)).select_related(
            "empresa", "conferida_por", "preparada_por", "documento_declaracao", "documento_recibo"
        ),
        pk=pk,
    )


@require_GET
@integra_contador
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
    vinculo = acoes.acesso_de_uma(Servico.PGDASD, apuracao.empresa, apuracao.competencia)
    return render(
        request,
        "guias/apuracao_detail.html",
        {
            "apuracao": apuracao,
            "estado": quadro.ESTADOS[estado] if estado else (apuracao.get_situacao_display(), "neutro"),
            "codigo_do_estado": estado,
            "tributos": _lado_a_lado(apuracao),
            "receitas": _receitas(apuracao),
            "operacoes": operacoes,
            "rotulos": [(operacao, handler_de(operacao.tipo).rotulo) for operacao in operacoes],
            "consulta": consulta,
            "guias": apuracao.guias.select_related("documento", "extrato").order_by("-pk"),
            "documentos": Documento.objects.filter(
                empresa=apuracao.empresa_id, competencia=apuracao.competencia
            ).order_by("-criado_em"),
            "prazo": prazo_das(apuracao.competencia),
            "impedimento": vinculo.motivo if isinstance(vinculo, Fora) else "",
            "procuracoes": Procuracao.objects.filter(empresa=apuracao.empresa_id),
            "custo_consulta": _custo_da_consulta(vinculo),
        },
    )


def _custo_da_consulta(vinculo: Any) -> Decimal | None:
    return None if isinstance(vinculo, Fora) else custos.previsto(Classe.CONSULTA, 1, vinculo.credencial.acesso)


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
        ditos = {Decimal(valor) for coluna, valor in valores.items() if valor is not None}
        linhas.append(
            {
                "nome": POR_CODIGO[codigo].rotulo if codigo in POR_CODIGO else f"Tributo {codigo}",
                "difere": len(ditos) > 1,
                **{coluna: Decimal(valor) if valor is not None else None for coluna, valor in valores.items()},
            }
        )
    return linhas


@require_POST
@opera
@integra_contador
def retificar(request: HttpRequest, pk: int) -> HttpResponse:
    apuracao = apuracao_visivel(request, pk)
    if motivo := abrir_retificacao(apuracao, usuario_de(request)):
        messages.error(request, motivo)
    else:
        mes = format_competencia(apuracao.competencia)
        messages.success(request, f"Retificação de {mes} aberta. Corrija as receitas, confira e transmita.")
    return redirect("guias:ver", pk=pk)


@require_POST
@opera
@integra_contador
def declarar_retificadora(request: HttpRequest, pk: int) -> HttpResponse:
    """The Receita already has a declaration made elsewhere: the next one from here replaces it."""
    apuracao = apuracao_visivel(request, pk)
    acoes.declarar_retificadora(apuracao, usuario_de(request), request.POST.get("retificadora") == "1")
    return redirect("guias:ver", pk=pk)


@require_POST
@opera
@integra_contador
def consultar(request: HttpRequest, pk: int) -> HttpResponse:
    apuracao = apuracao_visivel(request, pk)
    return perguntar(request, lambda: consultas.consultar_periodo(apuracao, usuario_de(request)), "guias:ver", pk)


@require_POST
@opera
@integra_contador
def recibo(request: HttpRequest, pk: int) -> HttpResponse:
    apuracao = apuracao_visivel(request, pk)
    return perguntar(request, lambda: consultas.buscar_recibo(apuracao, usuario_de(request)), "guias:ver", pk)


def perguntar(request: HttpRequest, pergunta: Any, volta: str, *args: Any) -> HttpResponse:
    try:
        processamento = pergunta()
    except consultas.Impedida as erro:
        messages.error(request, str(erro))
        return redirect(volta, *args)
    return redirect("operacoes:processamento", pk=processamento.pk)
