"""MIT: the companies of the month, the year of one of them, and the month typed to be closed."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from comum.formatos import format_competencia, format_numero
from comum.listas import Filtro, Lista, selecionados
from comum.permissoes import opera, usuario_de
from empresas.calendario import somar_meses
from empresas.listas import filtro_de_carteira
from empresas.models import Empresa
from guias.forms.mit import MesDoMitForm, eventos_de, inicial_de, ler_eventos, ler_linhas, linhas_de
from guias.forms.suspensoes_mit import ler_suspensoes, suspensoes_de
from guias.models import ApuracaoMit
from guias.services import dctfweb, debitos_mit, mit, obrigadas, suspensoes_mit
from guias.services.quadro import da_empresa
from guias.views.acoes import pedir
from guias.views.base import contexto_fiscal
from operacoes.listas import filtro_da_recusa

_ACOES = (mit.ACAO_ENCERRAR, mit.ACAO_LISTAR, mit.ACAO_DETALHE)


def _lista(request: HttpRequest, params: QueryDict) -> Lista[QuerySet[Any]]:
    usuario = usuario_de(request)
    contexto, competencia = contexto_fiscal(request)
    base = obrigadas.do_mit(usuario, competencia, todas=params.get("quem") == "todas")
    return Lista(
        params=params,
        base=da_empresa(base, contexto.empresa),
        ordens={
            "codigo": ["codigo_ordem", "pk"],
            "empresa": ["ordem", "pk"],
            "situacao": ["estado", "ordem", "pk"],
            "total": ["mit_total", "pk"],
        },
        ordem_padrao="empresa",
        procurar=obrigadas.procurar,
        filtros=[
            Filtro(
                "situacao",
                "Situação",
                lambda consulta, valor: consulta.filter(estado=valor),
                [(nome, rotulo) for nome, (rotulo, _) in obrigadas.ESTADOS_MIT.items()],
            ),
            filtro_da_recusa(),
            filtro_de_carteira(usuario),
        ],
        fixos=["quem"],
    )


@require_GET
def lista_do_mit(request: HttpRequest) -> HttpResponse:
    _, competencia = contexto_fiscal(request)
    lista = _lista(request, request.GET)
    linhas = list(lista.pagina)
    for linha in linhas:
        linha.estado_dito, linha.tom = obrigadas.ESTADOS_MIT[linha.estado]
    contagem = dict(lista.base.order_by().values_list("estado").annotate(n=Count("pk")))
    prazo = dctfweb.prazo(competencia)
    return render(
        request,
        "guias/mit_list.html" + ("#tabela" if request.htmx else ""),  # type: ignore[attr-defined]
        {
            "lista": lista,
            "linhas": linhas,
            "competencia": competencia,
            "mes": f"{competencia:%Y%m}",
            "prazo": prazo,
            "vencido": prazo < timezone.localdate(),
            "todas": request.GET.get("quem") == "todas",
            "soma": lista.consulta.aggregate(total=Sum("mit_total"))["total"],
            "abas": [
                (estado, rotulo, contagem[estado])
                for estado, (rotulo, _) in obrigadas.ESTADOS_MIT.items()
                if estado in contagem
            ],
        },
    )


@require_POST
@opera
def agir(request: HttpRequest, acao: str) -> HttpResponse:
    if acao not in _ACOES:
        raise Http404
    _, competencia = contexto_fiscal(request)
    marcadas = selecionados(request.POST, _lista(request, request.GET).base, lambda params: _lista(request, params))
    visiveis = Empresa.objects.visiveis(usuario_de(request))
    empresas = visiveis.filter(pk__in=marcadas.order_by().values("pk")).order_by("ordem", "pk")
    return pedir(request, acao, empresas, competencia, voltar=reverse("guias:mit"))


def _empresa(request: HttpRequest, pk: int) -> Empresa:
    return get_object_or_404(Empresa.objects.visiveis(usuario_de(request)), pk=pk)


@require_GET
def ano(request: HttpRequest, pk: int) -> HttpResponse:
    """The twelve months of the year of the competência, of one empresa."""
    empresa = _empresa(request, pk)
    _, competencia = contexto_fiscal(request)
    do_ano = ApuracaoMit.objects.filter(empresa=empresa, competencia__year=competencia.year)
    por_mes = {apuracao.competencia: apuracao for apuracao in do_ano}
    meses = [date(competencia.year, numero, 1) for numero in range(1, 13)]
    contexto = {
        "empresa": empresa,
        "ano": competencia.year,
        "meses": [(mes, f"{mes:%Y%m}", por_mes.get(mes)) for mes in meses],
        "consultada_em": max((a.consultada_em for a in por_mes.values() if a.consultada_em), default=None),
    }
    return render(request, "guias/mit_ano.html", contexto)


def _mes(texto: str) -> date:
    """AAAAMM of the address. Raises Http404."""
    if not (len(texto) == 6 and texto.isascii() and texto.isdecimal()):
        raise Http404
    try:
        mes = date(int(texto[:4]), int(texto[4:]), 1)
    except ValueError:
        raise Http404 from None
    if not date(2025, 1, 1) <= mes <= timezone.localdate():
        raise Http404
    return mes


@opera
def mes(request: HttpRequest, pk: int, mes: str) -> HttpResponse:
    """Type the month, save it; *Encerrar* goes on to its pré-voo."""
    empresa, competencia = _empresa(request, pk), _mes(mes)
    apuracao = ApuracaoMit.objects.filter(empresa=empresa, competencia=competencia).first()
    if request.method == "POST" and (apuracao is None or mit.editavel(apuracao)):
        return _gravar(request, empresa, competencia, apuracao)
    anterior = ApuracaoMit.objects.filter(empresa=empresa, competencia=somar_meses(competencia, -1)).first()
    valores = {d["valor"]: format_numero(Decimal(d["valor"]), 2) for d in (apuracao.debitos if apuracao else [])}
    form = MesDoMitForm(initial=inicial_de(apuracao, anterior, empresa.regime))
    linhas = linhas_de(apuracao, valores)
    folha = linhas, eventos_de(apuracao), suspensoes_de(apuracao, linhas)
    return _desenhar(request, empresa, competencia, apuracao, form, folha)


def _gravar(request: HttpRequest, empresa: Empresa, competencia: date, apuracao: ApuracaoMit | None) -> HttpResponse:
    form = MesDoMitForm(request.POST)
    linhas, debitos, ditos = ler_linhas(request.POST, empresa)
    linhas_de_evento, eventos, dos_eventos = ler_eventos(request.POST)
    suspensas, suspensoes, das_suspensoes = ler_suspensoes(request.POST, linhas, timezone.localdate())
    folha, ditos = (linhas, linhas_de_evento, suspensas), [*ditos, *dos_eventos, *das_suspensoes]
    valido = form.is_valid()
    for dito in ditos:
        form.add_error(None, dito)
    if not valido or ditos:
        return _desenhar(request, empresa, competencia, apuracao, form, folha, status=422)
    dados = form.cleaned_data
    nova = ApuracaoMit(
        empresa=empresa,
        competencia=competencia,
        debitos=debitos,
        eventos=eventos,
        suspensoes=suspensoes,
        **{nome: dados[nome] for nome in dados if nome != "versao"},
    )
    if problemas := mit.problemas(nova, debitos_mit.conhecidos()):
        for dito in problemas:
            form.add_error(None, dito)
        return _desenhar(request, empresa, competencia, apuracao, form, folha, status=422)
    try:
        mit.gravar(nova, usuario_de(request), dados["versao"])
    except mit.Mudou as mudou:
        form.add_error(None, str(mudou))
        return _desenhar(request, empresa, competencia, apuracao, form, folha, status=422)
    messages.success(
        request,
        f"MIT de {format_competencia(competencia)} de {empresa} gravado. Nada foi enviado: marque na lista e encerre.",
    )
    return redirect("guias:mit_ano", pk=empresa.pk)


def _desenhar(
    request: HttpRequest,
    empresa: Empresa,
    competencia: date,
    apuracao: ApuracaoMit | None,
    form: MesDoMitForm,
    folha: tuple[list[Any], list[Any], list[Any]],
    *,
    status: int = 200,
) -> HttpResponse:
    contexto = {
        "empresa": empresa,
        "competencia": competencia,
        "apuracao": apuracao,
        "form": form,
        "linhas": folha[0],
        "eventos": folha[1],
        "suspensoes": folha[2],
        "suspensas": any(suspensa.processo or suspensa.erros for suspensa in folha[2]),
        "motivos": suspensoes_mit.MOTIVOS,
        "tipos_de_evento": [(str(numero), rotulo) for numero, rotulo in mit.EVENTOS],
        "grupos": debitos_mit.ROTULOS.items(),
        "editavel": apuracao is None or mit.editavel(apuracao),
    }
    return render(request, "guias/mit_mes.html", contexto, status=status)
