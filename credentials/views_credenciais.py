"""Table 102, "Credenciais API Integra Contador"."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import connection
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comum.listas import Filtro, Lista
from comum.models import Usuario
from comum.permissoes import administra, usuario_de
from credentials.forms import CredencialForm
from credentials.models import Credencial, Vinculo
from credentials.services import credenciais as servico
from empresas.models import Empresa
from operacoes.models import Pausa


def _lista_de(usuario: Usuario, params: QueryDict) -> Lista[QuerySet[Credencial]]:
    visiveis = Vinculo.objects.filter(credencial=OuterRef("pk"))
    if not usuario.administra:
        visiveis = visiveis.filter(empresa__in=Empresa.objects.visiveis(usuario))
    contados = visiveis.order_by().values("credencial").annotate(n=Count("pk")).values("n")
    return Lista(
        params,
        Credencial.objects.select_related("certificado", "testada_por").annotate(
            empresas=Coalesce(Subquery(contados, output_field=IntegerField()), 0)
        ),
        {
            "codigo": ["codigo"],
            "descricao": ["descricao"],
            "contratante": ["contratante_nome"],
            "validade": ["certificado__valido_ate"],
        },
        "codigo",
        procurar=procurar_credencial,
        filtros=[
            Filtro(
                "situacao",
                "Situação",
                lambda consulta, valor: consulta.filter(ativa=valor == "ativa"),
                (("ativa", "Ativas"), ("inativa", "Inativas")),
            )
        ],
    )


# Grouping would read every Operacao of each access; this reads one entry of the index for each.
_ULTIMOS_USOS = """
SELECT acesso, (SELECT max(o.enviada_em) FROM operacoes_operacao o WHERE o.acesso = a.acesso)
FROM unnest(%s::text[]) AS a(acesso)
"""


def _ultimos_usos(credenciais: list[Credencial]) -> dict[str, datetime | None]:
    """When something was last sent, by access."""
    if not credenciais:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ULTIMOS_USOS, [[c.acesso for c in credenciais]])
        return dict(cursor.fetchall())


def procurar_credencial(consulta: QuerySet[Credencial], texto: str) -> QuerySet[Credencial]:
    """By code, or by any part of description, contratante name or CNPJ (masked or not)."""
    sem_mascara = texto.translate(str.maketrans("", "", "./- ")).upper()
    achado = Q(descricao__icontains=texto) | Q(contratante_nome__icontains=texto)
    if sem_mascara:
        achado |= Q(contratante__contains=sem_mascara)
    if texto.isdecimal() and len(texto) < 9:
        achado |= Q(codigo=int(texto))
    return consulta.filter(achado)


@require_safe
def lista(request: HttpRequest) -> HttpResponse:
    usuario = usuario_de(request)
    pagina = _lista_de(usuario, request.GET)
    pausas = set(Pausa.objects.values_list("acesso", flat=True))
    usos = _ultimos_usos([c for c in pagina.pagina if c.testada_em is None])
    linhas = [(c, servico.situacao_de(c), c.acesso in pausas, usos.get(c.acesso)) for c in pagina.pagina]
    template = "credentials/credencial_list.html" + ("#tabela" if request.htmx else "")  # type: ignore[attr-defined]
    return render(request, template, {"lista": pagina, "linhas": linhas})


@administra
@require_http_methods(["GET", "HEAD", "POST"])
def nova(request: HttpRequest) -> HttpResponse:
    form = CredencialForm(request.POST or None, request.FILES or None, initial={"codigo": servico.proximo_codigo()})
    if request.method == "POST" and form.is_valid():
        try:
            credencial = servico.salvar(usuario=usuario_de(request), dados=form.dados())
        except servico.CredencialErro as erro:
            form.add_error(erro.campo or None, str(erro))
        else:
            messages.success(request, f"Credencial {credencial} gravada. Agora teste a conexão.")
            return redirect(credencial)
    return _formulario(request, form, None)


@administra
@require_http_methods(["GET", "HEAD", "POST"])
def alterar(request: HttpRequest, codigo: int) -> HttpResponse:
    credencial = get_object_or_404(Credencial.objects.select_related("certificado"), codigo=codigo)
    form = CredencialForm(request.POST or None, request.FILES or None, credencial=credencial)
    if request.method == "POST" and form.is_valid():
        try:
            salva = servico.salvar(
                usuario=usuario_de(request),
                dados=form.dados(),
                credencial=credencial,
                versao=form.cleaned_data["versao"] or 0,
            )
        except servico.CredencialMudou as mudou:
            form.add_error(None, str(mudou))
            relido = request.POST.copy()
            relido["versao"] = str(credencial.versao)  # the next save is on top of what is shown now
            form.data = relido
        except servico.CredencialErro as erro:
            form.add_error(erro.campo or None, str(erro))
        else:
            messages.success(request, f"Credencial {salva} gravada.")
            return redirect(salva)
    return _formulario(request, form, credencial)


def _formulario(request: HttpRequest, form: CredencialForm, credencial: Credencial | None) -> HttpResponse:
    contexto: dict[str, Any] = {"form": form, "credencial": credencial}
    if credencial is not None:
        contexto |= {"publicos": servico.dados_publicos(credencial), "chave": servico.chave_mascarada(credencial)}
    return render(request, "credentials/credencial_form.html", contexto, status=422 if form.errors else 200)


@require_safe
def ver(request: HttpRequest, codigo: int) -> HttpResponse:
    usuario = usuario_de(request)
    credencial = get_object_or_404(Credencial.objects.select_related("certificado", "testada_por"), codigo=codigo)
    vinculos = Vinculo.objects.filter(credencial=credencial)
    if not usuario.administra:
        vinculos = vinculos.filter(empresa__in=Empresa.objects.visiveis(usuario))
    return render(
        request,
        "credentials/credencial_detail.html",
        {
            "credencial": credencial,
            "publicos": servico.dados_publicos(credencial),
            "chave": servico.chave_mascarada(credencial) if usuario.administra else "",
            "empresas": vinculos.count(),
            "mesmo_contratante": servico.do_mesmo_contratante(credencial),
            "usada_em": None if credencial.testada_em else _ultimos_usos([credencial]).get(credencial.acesso),
            "pausa": Pausa.objects.filter(acesso=credencial.acesso).first(),
        },
    )


@administra
@require_POST
def testar(request: HttpRequest, codigo: int) -> HttpResponse:
    credencial = get_object_or_404(Credencial.objects.select_related("certificado"), codigo=codigo)
    try:
        teste = servico.testar(usuario=usuario_de(request), credencial=credencial)
    except servico.CredencialMudou as mudou:
        messages.warning(request, str(mudou))
        return redirect(credencial)
    except servico.CredencialErro as erro:
        messages.error(request, str(erro))
        return redirect("credenciais:lista")
    if teste.ok:
        messages.success(request, teste.mensagem)
    else:
        messages.error(request, f"Não conectou. {teste.mensagem}")
    return redirect(credencial)


@administra
@require_POST
def excluir(request: HttpRequest, codigo: int) -> HttpResponse:
    credencial = get_object_or_404(Credencial, codigo=codigo)
    try:
        servico.excluir(usuario=usuario_de(request), credencial=credencial)
    except servico.CredencialErro as erro:
        messages.error(request, str(erro))
        return redirect(credencial)
    messages.success(request, f"Credencial {credencial} excluída.")
    return redirect("credenciais:lista")
