from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.db.models import Case, Q, When
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from comum.documentos import Invalido, algarismos, documento
from comum.formatos import normalizar
from comum.listas import Lista, a_exportar, campos_da_selecao, enderecos, selecionados
from comum.permissoes import administra, opera, usuario_de
from comum.respostas import exportacao, volta
from empresas import services
from empresas.contexto import contexto_de, guardar_contexto, ler_competencia
from empresas.forms import CarteiraForm, EmpresaForm, regimes_formset
from empresas.listas import CABECALHO, Celulas, linhas_exportadas, lista_de_empresas
from empresas.models import Cnae, Empresa, Municipio
from empresas.models.cadastro import EmpresaQuerySet
from empresas.municipios import SEM_EMPRESAS

OPCOES = 20


# -- list and what is done to many ------------------------------------------------------------------------------------


@require_GET
def lista(request: HttpRequest) -> HttpResponse:
    empresas = lista_de_empresas(request.GET, usuario_de(request))
    template = "empresas/lista.html" + ("#tabela" if request.htmx else "")  # type: ignore[attr-defined]
    return render(request, template, _contexto_da_lista(empresas))


def _contexto_da_lista(empresas: Lista[EmpresaQuerySet]) -> dict[str, object]:
    rotulos = {rotulo: valor for rotulo, valor, _ in empresas.filtros_ativos}
    endereco = enderecos("empresas:ver")
    return {
        "lista": empresas,
        "linhas": [(*Celulas.de(e), endereco(e.pk), e) for e in empresas.pagina],
        "filtros": [(filtro, empresas.valores.get(filtro.nome, "")) for filtro in empresas.filtros],
        "municipio": (empresas.valores.get("municipio", ""), rotulos.get("Município", "")),
    }


def _marcadas(request: HttpRequest) -> EmpresaQuerySet:
    usuario = usuario_de(request)
    visiveis = Empresa.objects.visiveis(usuario)
    return selecionados(request.POST, visiveis, lambda params: lista_de_empresas(params, usuario))


@require_POST
def exportar(request: HttpRequest) -> HttpResponseBase:
    usuario = usuario_de(request)
    empresas = a_exportar(request, lambda params: lista_de_empresas(params, usuario), _marcadas, "ordem", "pk")
    return exportacao(request, "empresas", CABECALHO, linhas_exportadas(empresas))


@require_POST
@opera
def ativar(request: HttpRequest) -> HttpResponse:
    return _ativar(request, ativa=True)


@require_POST
@opera
def inativar(request: HttpRequest) -> HttpResponse:
    return _ativar(request, ativa=False)


def _ativar(request: HttpRequest, *, ativa: bool) -> HttpResponse:
    marcadas = _marcadas(request)
    mudaram = services.ativar(marcadas, ativa, usuario_de(request))
    palavra = "ativada" if ativa else "inativada"
    if mudaram:
        messages.success(
            request, f"{mudaram} empresa{'s' if mudaram > 1 else ''} {palavra}{'s' if mudaram > 1 else ''}."
        )
    else:
        messages.info(request, f"Nada a fazer: nenhuma das marcadas precisava ser {palavra}.")
    return redirect(volta(request, reverse("empresas:lista")))


@require_POST
@administra
def carteira(request: HttpRequest) -> HttpResponse:
    """Dialog in two steps: `escolher` asks for the carteira of the marked rows, the second post moves them."""
    marcadas = _marcadas(request)
    if "escolher" in request.POST:
        return _dialogo_da_carteira(request, marcadas, CarteiraForm())
    form = CarteiraForm(request.POST)
    if not form.is_valid():
        return _dialogo_da_carteira(request, marcadas, form, status=422)
    nova = form.cleaned_data["carteira"]
    mudaram = services.mudar_carteira(marcadas, nova, usuario_de(request))
    destino = f"na carteira {nova}" if nova else "sem carteira"
    messages.success(request, f"{mudaram} empresa{'s' if mudaram != 1 else ''} agora {destino}.")
    destino_final = volta(request, reverse("empresas:lista"))
    return HttpResponseClientRedirect(destino_final) if request.htmx else redirect(destino_final)  # type: ignore[attr-defined]


def _dialogo_da_carteira(
    request: HttpRequest, marcadas: EmpresaQuerySet, form: CarteiraForm, status: int = 200
) -> HttpResponse:
    selecao = campos_da_selecao(request.POST)
    contexto = {"form": form, "quantas": marcadas.count(), "selecao": selecao, "next": request.POST.get("next", "")}
    return render(request, "empresas/carteira.html", contexto, status=status)


# -- one empresa ------------------------------------------------------------------------------------------------------


@require_GET
def ver(request: HttpRequest, pk: int) -> HttpResponse:
    usuario = usuario_de(request)
    empresa = get_object_or_404(
        Empresa.objects.visiveis(usuario).select_related("municipio", "cnae", "carteira", "matriz"), pk=pk
    )
    visiveis = Empresa.objects.visiveis(usuario)
    contexto = {
        "empresa": empresa,
        "regimes": list(empresa.regimes.order_by("-desde")),
        "contatos": list(empresa.contatos.order_by("pk")),
        "filiais": list(visiveis.filter(matriz=empresa).select_related("municipio")),
        "matriz_visivel": empresa.matriz_id is not None and visiveis.filter(pk=empresa.matriz_id).exists(),
        "proposta": None if empresa.matriz_id else _proposta(empresa.documento, visiveis),
    }
    return render(request, "empresas/ver.html", contexto)


def _proposta(doc: str, visiveis: EmpresaQuerySet) -> Empresa | None:
    proposta = services.matriz_proposta(doc)
    return proposta if proposta and visiveis.filter(pk=proposta.pk).exists() else None


@opera
def nova(request: HttpRequest) -> HttpResponse:
    return _editar(request, None)


@opera
def alterar(request: HttpRequest, pk: int) -> HttpResponse:
    return _editar(request, get_object_or_404(Empresa.objects.visiveis(usuario_de(request)), pk=pk))


def _editar(request: HttpRequest, empresa: Empresa | None) -> HttpResponse:
    usuario = usuario_de(request)
    dados = request.POST if request.method == "POST" else None
    existia = empresa is not None
    form = EmpresaForm(dados, instance=empresa, usuario=usuario, initial=_iniciais(request, empresa))
    regimes = regimes_formset(empresa, dados)
    if dados is not None and form.is_valid() and regimes.is_valid():
        try:
            salva = services.salvar_empresa(empresa=form.instance, regimes=regimes.regras(), usuario=usuario)
        except services.CadastroRecusado as recusa:
            form.add_error(recusa.campo if recusa.campo in form.fields else None, recusa.mensagem)
        else:
            messages.success(request, f"Empresa {salva} {'alterada' if existia else 'incluída'}.")
            return redirect(salva)
    status = 422 if dados is not None else 200
    contexto = {"form": form, "regimes": regimes, "existia": existia, "escolhas": form.textos()}
    return render(request, "empresas/form.html", contexto, status=status)


def _iniciais(request: HttpRequest, empresa: Empresa | None) -> dict[str, object]:
    """A filial may be started from its matriz (?matriz=), an only carteira is chosen by itself."""
    if empresa is not None:
        return {}
    usuario = usuario_de(request)
    matriz = request.GET.get("matriz", "")
    iniciais: dict[str, object] = {}
    if matriz.isdecimal() and Empresa.objects.visiveis(usuario).filter(pk=matriz).exists():
        iniciais["matriz"] = matriz
    minhas = list(usuario.carteiras.all()[:2])
    if not usuario.administra and len(minhas) == 1:
        iniciais["carteira"] = minhas[0]
    return iniciais


@require_POST
@opera
@transaction.atomic
def ligar_matriz(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the matriz that the CNPJ proposes."""
    visiveis = Empresa.objects.visiveis(usuario_de(request))
    # Held from the reading on: saving the row whole must not undo what another person saves meanwhile.
    empresa = get_object_or_404(visiveis.select_for_update(of=("self",)), pk=pk)
    proposta = _proposta(empresa.documento, visiveis)
    if proposta is None:
        messages.error(request, "A matriz proposta não existe mais. Escolha a matriz em Alterar.")
        return redirect(empresa)
    empresa.matriz = proposta
    regras = [services.Regra(r.regime, r.desde) for r in empresa.regimes.all()]
    try:
        services.salvar_empresa(empresa=empresa, regimes=regras, usuario=usuario_de(request))
    except services.CadastroRecusado as recusa:
        messages.error(request, recusa.mensagem)
    else:
        messages.success(request, f"{empresa} agora é filial de {proposta}.")
    return redirect(empresa)


# -- look-ups (F2) ----------------------------------------------------------------------------------------------------


@require_GET
def procurar(request: HttpRequest) -> HttpResponse:
    """Options by code, name or document; an exact code or document comes first."""
    usuario = usuario_de(request)
    empresas = lista_de_empresas(QueryDict(urlencode({"q": request.GET.get("q", "")})), usuario)
    texto = empresas.busca
    achadas = list(empresas.base.filter(_exata(texto))[:2]) if texto else []
    if not (achadas and isinstance(documento(texto), str)):
        achadas += [empresa for empresa in empresas.primeiras[:OPCOES] if empresa not in achadas]
    return render(request, "empresas/opcoes.html#empresas", {"empresas": achadas[:OPCOES]})


def _exata(texto: str) -> Q:
    doc = documento(texto)
    return Q(codigo=texto) if isinstance(doc, Invalido) else Q(codigo=texto) | Q(documento=doc)


@require_GET
def municipios(request: HttpRequest) -> HttpResponse:
    """Options by IBGE or TOM code, or by the beginning or any part of the name, with the UF after a bar."""
    texto = request.GET.get("q", "").strip()[:60]
    nome, _, uf = texto.rpartition("/") if "/" in texto else (texto, "", "")
    achados = Municipio.objects.exclude(pk=SEM_EMPRESAS)
    if uf:
        achados = achados.filter(uf__istartswith=uf.strip())
    busca = normalizar(nome)
    if nome.strip() and not busca:
        achados = achados.none()
    elif busca.isdecimal():
        achados = achados.filter(Q(codigo_ibge__startswith=busca) | Q(codigo_tom=busca))
    else:
        achados = achados.filter(busca__contains=busca).order_by(_depois(busca), "busca", "uf")
    return render(request, "empresas/opcoes.html#municipios", {"municipios": achados[:OPCOES]})


def _depois(busca: str) -> Case:
    """Names that begin with the text come before those that only contain it."""
    return Case(When(busca__startswith=busca, then=0), default=1)


@require_GET
def cnaes(request: HttpRequest) -> HttpResponse:
    """Options by code, whole or begun, or by words of the description."""
    texto = request.GET.get("q", "").strip()[:100]
    numeros = algarismos(texto)
    if numeros and not any(c.isalpha() for c in texto):
        achados = Cnae.objects.filter(subclasse__startswith=numeros)[:OPCOES]
        return render(request, "empresas/opcoes.html#cnaes", {"cnaes": achados})
    palavras = normalizar(texto).split()
    cnaes = Cnae.objects.all() if palavras or not texto else Cnae.objects.none()
    achados_por_nome = [c for c in cnaes if all(p in normalizar(c.descricao) for p in palavras)]
    return render(request, "empresas/opcoes.html#cnaes", {"cnaes": achados_por_nome[:OPCOES]})


# -- context of the top bar -------------------------------------------------------------------------------------------


@require_POST
def contexto(request: HttpRequest) -> HttpResponse:
    """Choose empresa (the id that the look-up chose, or a document; blank for all) and competência; a bad value says so
    and changes nothing. A código is not taken: it may be another's id, and the look-up resolves what is typed."""
    atual = contexto_de(request)
    empresa, competencia = atual.empresa, atual.competencia
    if "empresa" in request.POST:
        texto = request.POST["empresa"].strip()
        empresa = _empresa_do_contexto(request, texto) if texto else None
        if texto and empresa is None:
            messages.error(
                request, f"Empresa “{texto[:40]}” não encontrada. Escolha na lista (F2) ou apague para todas."
            )
            empresa = atual.empresa
    if texto := request.POST.get("competencia", "").strip():
        lida = ler_competencia(texto)
        if isinstance(lida, Invalido):
            messages.error(request, f"{lida.mensagem} Ficou a que estava.")
        else:
            competencia = lida
    guardar_contexto(request, empresa=empresa, competencia=competencia)
    return redirect(volta(request, reverse("inicio")))


def _empresa_do_contexto(request: HttpRequest, texto: str) -> Empresa | None:
    visiveis = Empresa.objects.visiveis(usuario_de(request))
    if texto.isdecimal() and len(texto) < 11:
        return visiveis.filter(pk=int(texto)).first()
    doc = documento(texto)
    return None if isinstance(doc, Invalido) else visiveis.filter(documento=doc).first()
