"""Incluir: one empresa, many by filter, many by a pasted list, and the CSV that fills the draft."""

import re
from typing import Any

from django.contrib import messages
from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from comum import documentos
from comum.listas import Lista, campos_da_selecao, selecionados
from comum.models import Usuario
from comum.permissoes import opera, usuario_de
from comum.respostas import modelo_csv
from credentials.forms import ColarForm, ImportarForm, VinculoForm
from credentials.lista_janela import Empresas, contar_selecionaveis, lista_para_incluir, selecionaveis
from credentials.models import Acao, Credencial, ItemRascunho, Rascunho, Vinculo
from credentials.services import planilha
from credentials.services import rascunho as servico
from credentials.views_janela import com_recusas, credencial_de, empresas_n, mudou
from empresas.listas import Celulas
from empresas.models import Empresa

_OPCOES = 20


def _selecionaveis(usuario: Usuario, credencial: Credencial) -> Empresas:
    return selecionaveis(usuario, credencial, servico.rascunho_de(usuario, credencial))


@opera
@require_safe
def opcoes(request: HttpRequest, codigo: int) -> HttpResponse:
    """Options of the empresa lookup: what cannot be chosen is shown with the reason."""
    usuario, credencial = usuario_de(request), credencial_de(codigo)
    texto = request.GET.get("q", "").strip()[:100]
    rascunho = servico.rascunho_de(usuario, credencial)
    if not texto:
        achadas = list(selecionaveis(usuario, credencial, rascunho).order_by("ordem", "pk")[:_OPCOES])
        return HttpResponse("".join(_opcao(e, "") for e in achadas))
    encontradas = Empresa.objects.visiveis(usuario).procurar(texto)
    # The very code comes first: Enter takes the first option.
    achadas = list(encontradas.order_by(Case(When(codigo=texto, then=0), default=1), "ordem", "pk")[:_OPCOES])
    motivos = _motivos(achadas, credencial, rascunho)
    return HttpResponse("".join(_opcao(e, motivos.get(e.pk, "")) for e in achadas))


def _opcao(empresa: Empresa, motivo: str) -> str:
    """One option of the empresa lookup; with a reason it cannot be chosen."""
    if motivo:
        return format_html('<li role="option" aria-disabled="true">{} <small>{}</small></li>', str(empresa), motivo)
    return format_html(
        '<li role="option" data-valor="{}" data-rotulo="{}" data-codigo="{}">{}<br><small>{} · {}</small></li>',
        str(empresa.pk),
        str(empresa),
        empresa.codigo,
        str(empresa),
        empresa.documento_mascarado,
        empresa.get_regime_display(),
    )


def _motivos(empresas: list[Empresa], credencial: Credencial, rascunho: Rascunho | None) -> dict[int, str]:
    """Why each empresa that may not be included may not: what `selecionaveis` leaves out, in words."""
    pks = [e.pk for e in empresas]
    vinculos = {v.empresa_id: v for v in Vinculo.objects.filter(empresa__in=pks).select_related("credencial")}
    acoes = dict(ItemRascunho.objects.filter(rascunho=rascunho, empresa__in=pks).values_list("empresa", "acao"))
    motivos = {}
    for empresa in empresas:
        vinculo, acao = vinculos.get(empresa.pk), acoes.get(empresa.pk)
        if vinculo is not None and vinculo.credencial_id != credencial.pk:
            motivos[empresa.pk] = f"na credencial {vinculo.credencial}"
        elif vinculo is not None and (acao != Acao.EXCLUIR or not empresa.ativa):
            motivos[empresa.pk] = "já nesta credencial"
        elif not empresa.ativa:
            motivos[empresa.pk] = "inativa"
        elif acao not in (None, Acao.EXCLUIR):
            motivos[empresa.pk] = "já no rascunho"
    return motivos


@opera
@require_http_methods(["GET", "HEAD", "POST"])
def incluir(request: HttpRequest, codigo: int) -> HttpResponse:
    """*Inclusão de empresa única*."""
    usuario, credencial = usuario_de(request), credencial_de(codigo)
    form = VinculoForm(request.POST or None, request.FILES or None, com_segredos=usuario.administra)
    escolhida, erro = None, ""
    if request.method == "POST":
        pk = request.POST.get("empresa", "")
        visiveis = Empresa.objects.visiveis(usuario)
        escolhida = visiveis.filter(pk=pk).first() if pk.isdecimal() and len(pk) < 19 else None
        erro = "" if escolhida else "Escolha a empresa na lista (F2), por código, nome ou CNPJ."
        if form.is_valid() and escolhida is not None:
            resultado = servico.incluir(
                usuario=usuario,
                credencial=credencial,
                configuracoes={escolhida.pk: form.configuracao()},
                certificado=form.novo,
            )
            if resultado.feitas:
                return mudou(request, credencial, f"{escolhida}: incluída no rascunho.")
            motivo = resultado.recusas[0].motivo
            erro = f"{motivo[0].upper()}{motivo[1:]}."
    contexto = {"credencial": credencial, "form": form, "escolhida": escolhida, "erro": erro}
    return render(request, "credentials/janela_incluir.html", contexto, status=422 if form.errors or erro else 200)


def _lista(usuario: Usuario, credencial: Credencial, params: QueryDict) -> Lista[Any]:
    return lista_para_incluir(usuario, credencial, servico.rascunho_de(usuario, credencial), params)


@opera
@require_safe
def varias(request: HttpRequest, codigo: int) -> HttpResponse:
    """*Inclusão de múltiplas empresas*: the filter and the list of what may be selected."""
    usuario, credencial = usuario_de(request), credencial_de(codigo)
    rascunho = servico.rascunho_de(usuario, credencial)
    lista = lista_para_incluir(usuario, credencial, rascunho, request.GET)
    pagina = list(lista.pagina)
    mistura = request.GET.get("vinculo") == "todas" or request.GET.get("situacao") == "inativa"
    motivos = _motivos(pagina, credencial, rascunho) if mistura else {}
    template = "credentials/janela_varias.html" + ("#tabela" if request.htmx else "")  # type: ignore[attr-defined]
    return render(
        request,
        template,
        {
            "credencial": credencial,
            "lista": lista,
            "linhas": [(*Celulas.de(empresa), motivos.get(empresa.pk, ""), empresa) for empresa in pagina],
            "selecionaveis": contar_selecionaveis(lista, usuario, credencial, rascunho),
        },
    )


def _escolhidas(request: HttpRequest, usuario: Usuario, credencial: Credencial) -> Empresas:
    livres = _selecionaveis(usuario, credencial)
    escolhidas: Empresas = selecionados(request.POST, livres, lambda params: _lista(usuario, credencial, params))
    return escolhidas.filter(pk__in=livres.values("pk"))


@opera
@require_POST
def servicos(request: HttpRequest, codigo: int) -> HttpResponse:
    """The services form for the empresas selected."""
    usuario, credencial = usuario_de(request), credencial_de(codigo)
    quantas = _escolhidas(request, usuario, credencial).count()
    if not quantas:
        texto = "Nenhuma das empresas marcadas pode ser incluída agora. Confira a lista."
        return mudou(request, credencial, texto, "atencao")
    return _form_servicos(request, credencial, VinculoForm(com_segredos=usuario.administra), quantas)


def _form_servicos(
    request: HttpRequest,
    credencial: Credencial,
    form: VinculoForm,
    quantas: int,
    nao_achadas: list[str] | None = None,
    ids: list[int] | None = None,
) -> HttpResponse:
    selecao = campos_da_selecao(request.POST) if ids is None else [("ids", str(pk)) for pk in ids]
    contexto = {
        "credencial": credencial,
        "form": form,
        "quantas": quantas,
        "nao_achadas": nao_achadas or [],
        "selecao": selecao,
    }
    return render(request, "credentials/janela_servicos.html", contexto, status=422 if form.errors else 200)


@opera
@require_POST
def gravar_varias(request: HttpRequest, codigo: int) -> HttpResponse:
    usuario, credencial = usuario_de(request), credencial_de(codigo)
    form = VinculoForm(request.POST, request.FILES, com_segredos=usuario.administra)
    pks = list(_escolhidas(request, usuario, credencial).values_list("pk", flat=True))
    if not form.is_valid():
        return _form_servicos(request, credencial, form, len(pks))
    configuracao = form.configuracao()
    resultado = servico.incluir(
        usuario=usuario,
        credencial=credencial,
        configuracoes=dict.fromkeys(pks, configuracao),
        certificado=form.novo,
    )
    texto = f"{empresas_n(resultado.feitas)} no rascunho como incluídas. Nada foi gravado: falta Avançar."
    if resultado.recusas:
        return com_recusas(request, credencial, "Inclusão", texto, resultado)
    return _para_a_janela(request, credencial, texto)


def _para_a_janela(request: HttpRequest, credencial: Credencial, texto: str) -> HttpResponse:
    """Back to the grid with a message: what the multiple inclusion ends with."""
    messages.success(request, texto)
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(reverse("janela:ver", args=[credencial.codigo]))
    return redirect("janela:ver", credencial.codigo)


_SEPARADOR = re.compile(r"[\s,;]+")


@opera
@require_http_methods(["GET", "HEAD", "POST"])
def colar(request: HttpRequest, codigo: int) -> HttpResponse:
    """A pasted list of CNPJs or codes becomes the selection of the services form."""
    usuario, credencial = usuario_de(request), credencial_de(codigo)
    form = ColarForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "credentials/janela_colar.html", {"credencial": credencial, "form": form}, status=status)
    achadas, nao_achadas = _resolver_lista(usuario, credencial, form.cleaned_data["lista"])
    if not achadas:
        form.add_error("lista", "Nenhuma empresa da lista pode ser incluída: " + "; ".join(nao_achadas[:10]))
        return render(request, "credentials/janela_colar.html", {"credencial": credencial, "form": form}, status=422)
    servicos_form = VinculoForm(com_segredos=usuario.administra)
    return _form_servicos(request, credencial, servicos_form, len(achadas), nao_achadas, achadas)


def _resolver_lista(usuario: Usuario, credencial: Credencial, texto: str) -> tuple[list[int], list[str]]:
    """Ids that may be included, and one pt-BR line for each entry that may not."""
    entradas = list(dict.fromkeys(parte for parte in _SEPARADOR.split(texto.strip()) if parte))
    lidos = {entrada: documentos.documento(entrada) for entrada in entradas}
    docs = {d for d in lidos.values() if isinstance(d, str)}
    visiveis = Empresa.objects.visiveis(usuario)
    por_documento = {e.documento: e for e in visiveis.filter(documento__in=docs)}
    por_codigo = {e.codigo: e for e in visiveis.filter(codigo__in=[e for e in entradas if len(e) <= 12])}
    achadas: dict[int, tuple[Empresa, str]] = {}
    fora: list[str] = []
    for entrada, lido in lidos.items():
        empresa = por_documento.get(lido) if isinstance(lido, str) else por_codigo.get(entrada)
        empresa = empresa or por_codigo.get(entrada)
        if empresa is not None:
            achadas[empresa.pk] = (empresa, entrada)
        elif isinstance(lido, documentos.Invalido) and len(entrada) > 12:
            fora.append(f"{entrada}: {lido.mensagem}")
        else:
            fora.append(f"{entrada}: não cadastrada, ou fora das suas carteiras")
    motivos = _motivos([e for e, _ in achadas.values()], credencial, servico.rascunho_de(usuario, credencial))
    fora += [f"{entrada}: {motivos[pk]}" for pk, (_, entrada) in achadas.items() if pk in motivos]
    return [pk for pk in achadas if pk not in motivos], fora


@opera
@require_http_methods(["GET", "HEAD", "POST"])
def importar(request: HttpRequest, codigo: int) -> HttpResponse:
    """CSV into the draft."""
    usuario, credencial = usuario_de(request), credencial_de(codigo)
    form = ImportarForm(request.POST or None, request.FILES or None)
    contexto = {"credencial": credencial, "form": form, "colunas": planilha.COLUNAS}
    if request.method != "POST" or not form.is_valid():
        return render(request, "credentials/janela_importar.html", contexto, status=422 if form.errors else 200)
    resultado = planilha.preencher(usuario=usuario, credencial=credencial, conteudo=form.conteudo)
    if resultado.erro:
        form.add_error(None, resultado.erro)
        return render(request, "credentials/janela_importar.html", contexto, status=422)
    contexto |= {"resultado": resultado, "recusas": resultado.recusas[:500]}
    resposta = render(request, "credentials/janela_importada.html", contexto)
    return trigger_client_event(resposta, "janela:mudou", {})


@opera
@require_safe
def modelo(request: HttpRequest) -> HttpResponse:
    """The CSV to fill in, with two example lines."""
    return modelo_csv(planilha.COLUNAS, planilha.MODELO, "vinculos")
