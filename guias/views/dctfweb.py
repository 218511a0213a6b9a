"""DCTFWeb: the companies of the month, what the Receita last told of each, and what is asked or sent."""

import re
from calendar import monthrange
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from comum.documentos import Invalido
from comum.listas import Filtro, Lista, campos_da_selecao, selecionados
from comum.permissoes import opera, usuario_de
from empresas.contexto import ler_competencia
from empresas.listas import filtro_de_carteira
from empresas.models import Empresa
from guias.forms.dctfweb import GuiaForm, OutraDeclaracaoForm
from guias.models import DeclaracaoDctfweb
from guias.providers.catalogo import catalogo
from guias.providers.dctfweb import Categoria
from guias.providers.eventos import Evento
from guias.services import dctfweb, novidades, obrigadas
from guias.services.quadro import da_empresa
from guias.views.acoes import pedir
from guias.views.base import contexto_fiscal, de_volta, perguntar_novidades
from operacoes.listas import filtro_da_recusa

DE_LISTA = (Categoria.GERAL_MENSAL, Categoria.GERAL_13O_SALARIO, Categoria.PF_MENSAL, Categoria.PF_13O_SALARIO)
_ACOES = (dctfweb.ACAO_XML, dctfweb.ACAO_RECIBO, dctfweb.ACAO_COMPLETA, dctfweb.ACAO_TRANSMITIR)
_COM_RECIBO = (dctfweb.ACAO_RECIBO, dctfweb.ACAO_COMPLETA)
_DIA = re.compile(r"0?[1-9]|[12][0-9]|3[01]")


def _categoria(params: Any) -> Categoria:
    texto = params.get("categoria", "")
    numeros = {str(int(categoria)): categoria for categoria in Categoria}
    return numeros.get(texto, Categoria.GERAL_MENSAL)


def _lista(request: HttpRequest, params: QueryDict) -> Lista[QuerySet[Any]]:
    usuario, categoria = usuario_de(request), _categoria(params)
    contexto, competencia = contexto_fiscal(request)
    if categoria not in DE_LISTA:
        categoria = Categoria.GERAL_MENSAL
    base = obrigadas.da_dctfweb(usuario, competencia, categoria, todas=params.get("quem") == "todas")
    return Lista(
        params=params,
        base=da_empresa(base, contexto.empresa),
        ordens={
            "codigo": ["codigo_ordem", "pk"],
            "empresa": ["ordem", "pk"],
            "situacao": ["estado", "ordem", "pk"],
            "consultada": ["decl_consultada", "ordem", "pk"],
        },
        ordem_padrao="empresa",
        procurar=obrigadas.procurar,
        filtros=[
            Filtro(
                "situacao",
                "Situação",
                lambda consulta, valor: consulta.filter(estado=valor),
                [(nome, rotulo) for nome, (rotulo, _) in obrigadas.ESTADOS_DCTFWEB.items()],
            ),
            novidades.filtro(),
            filtro_da_recusa(),
            filtro_de_carteira(usuario),
        ],
        fixos=["categoria", "quem"],
    )


def _ditas(empresas: Any) -> list[Any]:
    ditas = list(empresas)
    for empresa in ditas:
        empresa.estado_dito, empresa.tom = obrigadas.ESTADOS_DCTFWEB[empresa.estado]
        empresa.novidade_dita, empresa.tom_da_novidade = novidades.ESTADOS[empresa.novidade]
    return ditas


@require_GET
def lista_da_dctfweb(request: HttpRequest) -> HttpResponse:
    usuario, categoria = usuario_de(request), _categoria(request.GET)
    contexto, competencia = contexto_fiscal(request)
    if categoria not in DE_LISTA:
        categoria = Categoria.GERAL_MENSAL
    lista = _lista(request, request.GET)
    contagem = dict(lista.base.order_by().values_list("estado").annotate(n=Count("pk")))
    outras = DeclaracaoDctfweb.objects.visiveis(usuario).filter(competencia=competencia)
    outras = outras.exclude(dia=0, identificador="").select_related("empresa").order_by("empresa__ordem", "pk")
    if contexto.empresa is not None:
        outras = outras.filter(empresa=contexto.empresa)
    prazo = dctfweb.prazo(obrigadas.mes_de(competencia, categoria), categoria)
    return render(
        request,
        "guias/dctfweb_list.html" + ("#tabela" if request.htmx else ""),  # type: ignore[attr-defined]
        {
            "lista": lista,
            "linhas": _ditas(lista.pagina),
            "competencia": competencia,
            "categoria": categoria,
            "categorias": [(int(c), DeclaracaoDctfweb.Categoria(c).label) for c in DE_LISTA],
            "abas": [
                (estado, rotulo, contagem[estado])
                for estado, (rotulo, _) in obrigadas.ESTADOS_DCTFWEB.items()
                if estado in contagem
            ],
            "prazo": prazo,
            "vencido": prazo < timezone.localdate(),
            "todas": request.GET.get("quem") == "todas",
            "outras": outras[:200],
            "fora_do_ar": _fora_de_producao(),
        },
    )


def _fora_de_producao() -> list[str]:
    """The services of the system that SERPRO does not offer yet."""
    return [s.descricao for s in catalogo().values() if s.sistema == "DCTFWEB" and not s.em_producao]


def _marcadas(request: HttpRequest) -> QuerySet[Empresa]:
    base = _lista(request, request.GET).base
    marcadas = selecionados(request.POST, base, lambda params: _lista(request, params))
    return Empresa.objects.visiveis(usuario_de(request)).filter(pk__in=marcadas.order_by().values("pk"))


def _parametros(request: HttpRequest) -> tuple[dict[str, str], date]:
    """Which declaration the form speaks of, and the month it stands under: that of the screen, or the `mes` told."""
    _, competencia = contexto_fiscal(request)
    categoria = _categoria(request.POST)
    parametros = {"categoria": str(int(categoria))}
    if texto := request.POST.get("mes", ""):
        lida = ler_competencia(texto)
        if isinstance(lida, Invalido):
            raise Http404
        competencia, parametros["mes"] = lida, texto
    if dia := request.POST.get("dia", ""):
        mes = obrigadas.mes_de(competencia, categoria)
        if not _DIA.fullmatch(dia) or int(dia) > monthrange(mes.year, mes.month)[1]:
            raise Http404
        parametros["dia"] = dia
    if identificador := request.POST.get("identificador", "")[:30]:
        parametros["identificador"] = identificador
    return parametros, obrigadas.mes_de(competencia, categoria)


def _empresas(request: HttpRequest, parametros: dict[str, str]) -> QuerySet[Empresa]:
    """Of one declaration that was named, the empresa that was said; else the marked ones."""
    if parametros.keys() & {"dia", "identificador", "mes"}:
        pk = request.POST.get("empresa", "")
        visiveis = Empresa.objects.visiveis(usuario_de(request))
        parametros["empresa"] = pk
        return visiveis.filter(pk=pk) if pk.isdecimal() and len(pk) < 19 else visiveis.none()
    return _marcadas(request).order_by("ordem", "pk")


def _recibo_errado(recibo: str, empresas: QuerySet[Empresa]) -> str:
    if not dctfweb.RECIBO.fullmatch(recibo):
        return dctfweb.RECIBO_ERRADO
    return dctfweb.RECIBO_DE_MUITAS if empresas.count() > 1 else ""


@require_POST
@opera
def novas(request: HttpRequest) -> HttpResponse:
    """The free question, of the marked empresas: in which of them something changed."""
    parametros, _ = _parametros(request)
    return perguntar_novidades(request, _marcadas(request), Evento.DCTFWEB, _volta(parametros))


@require_POST
@opera
def agir(request: HttpRequest, acao: str) -> HttpResponse:
    if acao not in _ACOES:
        raise Http404
    parametros, mes = _parametros(request)
    empresas = _empresas(request, parametros)
    if recibo := re.sub(r"[\s./-]", "", request.POST.get("recibo", "")) if acao in _COM_RECIBO else "":
        if erro := _recibo_errado(recibo, empresas):
            messages.error(request, erro)
            return redirect(_volta(parametros))
        parametros["recibo"] = recibo
    return pedir(request, acao, empresas, mes, parametros=parametros, voltar=_volta(parametros))


@require_POST
@opera
def guia(request: HttpRequest) -> HttpResponse:
    """First what the DARF is of; then the pré-voo and its run."""
    parametros, mes = _parametros(request)
    empresas = _empresas(request, parametros)
    alvo = {"categoria": int(parametros["categoria"]), "dia": int(parametros.get("dia", 0))}
    proposto = dctfweb.pagamento_proposto(alvo | {"competencia": mes.isoformat()}, timezone.localdate())
    if "de" not in request.POST:
        inicio = {nome: request.POST[nome] for nome in ("recibo", "outra_via") if nome in request.POST}
        origens = request.POST.get("origens", "").split(",")
        return _pedir_guia(
            request, GuiaForm(initial={**inicio, "origens": origens}, proposto=proposto), parametros, empresas
        )
    dados = request.POST.copy()
    if "marca" in dados:  # the fields come back as they travelled
        dados.setlist("origens", [origem for origem in dados.get("origens", "").split(",") if origem])
    form = GuiaForm(dados, quantas=empresas.count(), proposto=proposto)
    if not form.is_valid():
        return _pedir_guia(request, form, parametros, empresas, status=422)
    ditos = form.parametros()
    parametros |= {nome: valor for nome, valor in ditos.items() if valor}
    return pedir(
        request,
        form.cleaned_data["de"],
        empresas,
        mes,
        via_nova=form.cleaned_data["outra_via"],
        parametros=parametros,
        voltar=_volta(parametros),
    )


def _pedir_guia(
    request: HttpRequest,
    form: GuiaForm,
    parametros: dict[str, str],
    empresas: QuerySet[Empresa],
    *,
    status: int = 200,
) -> HttpResponse:
    quantas = empresas.count()
    if not quantas:
        messages.error(request, "Nenhuma empresa marcada. Marque as empresas e peça a guia de novo.")
        return de_volta(request, "guias:dctfweb")
    selecao = [*campos_da_selecao(request.POST), *parametros.items()]
    contexto = {"form": form, "selecao": selecao, "quantas": quantas, "voltar": _volta(parametros)}
    return render(request, "guias/dctfweb_guia.html", contexto, status=status)


def _volta(parametros: dict[str, str]) -> str:
    base = reverse("guias:dctfweb")
    categoria = parametros["categoria"]
    return base if categoria == str(int(Categoria.GERAL_MENSAL)) else f"{base}?categoria={categoria}"


@opera
def outra(request: HttpRequest) -> HttpResponse:
    """A declaration with a name of its own: an event, a work, a claim. Begins by fetching what is in progress."""
    _, competencia = contexto_fiscal(request)
    usuario = usuario_de(request)
    form = OutraDeclaracaoForm(
        request.POST if request.method == "POST" else None, usuario=usuario, competencia=competencia
    )
    if form.is_bound and form.is_valid():
        empresa = form.cleaned_data["empresa"]
        parametros = form.parametros()
        linha, _ = DeclaracaoDctfweb.objects.get_or_create(
            empresa=empresa,
            competencia=competencia,
            categoria=form.cleaned_data["categoria"],
            dia=form.cleaned_data["dia"] or 0,
            identificador=parametros["identificador"],
        )
        messages.success(request, f"{linha} de {empresa} incluída: busque a declaração em andamento.")
        return redirect(f"{reverse('guias:dctfweb')}#outras")
    escolhida = None
    valor = str(form["empresa"].value() or "")
    if valor.isdecimal() and len(valor) < 19:
        escolhida = Empresa.objects.visiveis(usuario).filter(pk=valor).first()
    contexto = {"form": form, "competencia": competencia, "empresa": escolhida}
    return render(request, "guias/dctfweb_outra.html", contexto, status=422 if form.is_bound else 200)
