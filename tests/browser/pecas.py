"""A URLconf of the tests only: every component of docs/telas.md on a few invented pages, with no model behind them."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import include, path
from django.utils.html import format_html_join

NOMES = ("Padaria Três Irmãos Ltda", "Oficina Vale Verde ME", "Clínica Boa Saúde S/S", "Transportes Horizonte Ltda")
SEM_PONTOS = str.maketrans("", "", "./- ")
NOME_LONGO = "Comércio de Materiais de Construção e Acabamentos do Vale Ltda"
EMPRESAS = [
    SimpleNamespace(
        pk=1000 + n,
        codigo=f"{n:04d}",
        cnpj=f"90.{n:03d}.345/0001-{n % 100:02d}",
        razao_social=f"{NOMES[n % 4]} {n}"
        if n != 3
        else "Comércio de Materiais de Construção e Acabamentos do Vale Ltda",
        regime=("Simples Nacional", "MEI", "Lucro Presumido")[n % 3],
        municipio=("Olinda/PE", "Taquaritinga do Norte/PE", "São Paulo/SP")[n % 3],
        servicos="PGDAS-D, DAS, Procurações",
        edicao=("", "", "alterada", "incluida", "excluida")[n] if n < 5 else "",
        presa=n == 7,
    )
    for n in range(1, 1313)
]
RECEBIDOS: list[QueryDict] = []


def _base(request: HttpRequest, **mais: Any) -> dict[str, Any]:
    itens: list[tuple[str, list[tuple[str, str, int | str | None]]]] = [
        ("", [("Início", "/", None), ("Primeiros passos", "/passos/", None)]),
        ("Cadastros", [("Empresas", "/grade/", 1312), ("102 Credenciais", "/formulario/", None)]),
        ("Fiscal", [("Receitas", "/planilha/", None), ("Apuração e DAS", "/fora/", "Adicional 216 não contratado")]),
        ("Acompanhar", [("Processamentos", "/processamento/", 2)]),
    ]
    menu = [
        {
            "titulo": titulo,
            "nome": titulo.lower(),
            "aberto": True,
            "itens": [
                {
                    "rotulo": rotulo,
                    "url": url,
                    "atual": request.path == url,
                    "contagem": extra if isinstance(extra, int) else None,
                    "indisponivel": extra if isinstance(extra, str) else "",
                }
                for rotulo, url, extra in linhas
            ],
        }
        for titulo, linhas in itens
    ]
    usuario = SimpleNamespace(
        is_authenticated=True, nome="Operadora Fiscal A", papel="operador", get_papel_display="Operador", is_staff=False
    )
    contexto = SimpleNamespace(empresa=None, competencia=date(2026, 10, 1))
    return {
        "menu": menu,
        "user": usuario,
        "contexto": contexto,
        "ambiente": request.GET.get("ambiente", "sandbox"),
        "treino": False,
        **mais,
    }


def _lista(request: HttpRequest) -> SimpleNamespace:
    busca = request.GET.get("q", "")
    regime = request.GET.get("regime", "")
    ordem = request.GET.get("ordem", "codigo")
    linhas = [e for e in EMPRESAS if busca.lower() in e.razao_social.lower() and (not regime or e.regime == regime)]
    chave = ordem.removeprefix("-")
    linhas.sort(key=lambda e: getattr(e, chave), reverse=ordem.startswith("-"))
    tamanho = int(request.GET.get("tamanho", 10))
    paginator = Paginator(linhas, tamanho)
    pagina = paginator.get_page(request.GET.get("pagina"))
    sem_pagina = request.GET.copy()
    sem_pagina.pop("pagina", None)
    return SimpleNamespace(
        pagina=pagina,
        total=len(linhas),
        ordem=ordem,
        busca=busca,
        tamanho=tamanho,
        tamanhos=(10, 50, 100),
        querystring=sem_pagina.urlencode(),
        filtros_ativos=[("Regime", regime, f"q={busca}")] if regime else [],
        faixa=[n if isinstance(n, int) else None for n in paginator.get_elided_page_range(pagina.number)],
    )


@login_not_required
def grade(request: HttpRequest) -> HttpResponse:
    parte = "#tabela" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, f"pecas/grade.html{parte}", _base(request, lista=_lista(request)))


@login_not_required
def acao(request: HttpRequest) -> HttpResponse:
    RECEBIDOS.append(request.POST.copy())
    return render(request, "pecas/grade.html#tabela", _base(request, lista=_lista(request)))


class CredencialForm(forms.Form):
    codigo = forms.IntegerField(label="Código", help_text="O próximo livre é 4.", max_value=999)
    descricao = forms.CharField(label="Descrição", max_length=60)
    cnpj = forms.CharField(label="CNPJ do contratante")
    competencia = forms.CharField(label="Competência", required=False)
    valor = forms.CharField(label="Receita", required=False)
    quantidade = forms.CharField(label="Quantidade", required=False)
    vencimento = forms.CharField(label="Vencimento", required=False)
    certificado = forms.ChoiceField(label="Certificado", choices=[("a1", "A1 no servidor"), ("a3", "A3")])
    servicos = forms.MultipleChoiceField(
        label="Serviços",
        choices=[("das", "Guias DAS"), ("pgdasd", "PGDAS-D"), ("dctfweb", "DCTFWeb"), ("mei", "MEI")],
        widget=forms.CheckboxSelectMultiple,
    )
    autor = forms.ChoiceField(
        label="Autor do pedido",
        choices=[("contratante", "Contratante"), ("procurador", "Procurador")],
        widget=forms.RadioSelect,
    )
    observacao = forms.CharField(label="Observação", widget=forms.Textarea(attrs={"rows": 2}), required=False)
    ativa = forms.BooleanField(label="Ativa", required=False)


@login_not_required
def formulario(request: HttpRequest) -> HttpResponse:
    form = CredencialForm(request.POST or None, initial={"ativa": True, "autor": "contratante"})
    if request.method == "POST":
        RECEBIDOS.append(request.POST.copy())
        if form.is_valid():
            messages.success(request, "Credencial 4 gravada.")
            return redirect("/formulario/")
    return render(request, "pecas/formulario.html", _base(request, form=form), status=422 if form.errors else 200)


class ServicoForm(forms.Form):
    observacao = forms.CharField(label="Observação")


@login_not_required
def dialogo(request: HttpRequest) -> HttpResponse:
    form = ServicoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        RECEBIDOS.append(request.POST.copy())
        return HttpResponse(
            status=204, headers={"HX-Trigger": '{"dialogo:fechar": "", "aviso": {"texto": "Gravado."}}'}
        )
    return render(request, "pecas/dialogo.html", {"form": form}, status=422 if form.errors else 200)


@login_not_required
def opcoes(request: HttpRequest) -> HttpResponse:
    texto = request.GET.get("q", "").lower()
    so_chave = texto.translate(SEM_PONTOS)
    achadas = [
        e
        for e in EMPRESAS
        if texto in e.razao_social.lower() or so_chave in e.cnpj.translate(SEM_PONTOS) or e.codigo == texto
    ][:20]
    linhas = ((e.pk, f"{e.codigo} {e.razao_social}", e.codigo, e.codigo, e.razao_social, e.cnpj) for e in achadas)
    return HttpResponse(
        format_html_join(
            "",
            '<li role="option" data-valor="{}" data-rotulo="{}" data-codigo="{}">{} {}<br><small>{}</small></li>',
            linhas,
        )
    )


@login_not_required
def planilha(request: HttpRequest) -> HttpResponse:
    return render(request, "pecas/planilha.html", _base(request, empresas=EMPRESAS[:12]))


@login_not_required
def processamento(request: HttpRequest) -> HttpResponse:
    parte = "#andamento" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, f"pecas/processamento.html{parte}", _base(request))


@login_not_required
def falha(request: HttpRequest, codigo: int) -> HttpResponse:
    return HttpResponse("<p>detalhe interno</p>", status=codigo)


@login_not_required
def vai_para_o_login(request: HttpRequest) -> HttpResponse:
    return redirect(f"/entrar/?next={request.path}")


@login_not_required
def contexto(request: HttpRequest) -> HttpResponse:
    RECEBIDOS.append(request.POST.copy())
    return redirect(request.POST["next"])


empresas = ([path("opcoes/", opcoes, name="procurar")], "empresas")
urlpatterns = [
    path("", grade, name="inicio"),
    path("grade/", grade),
    path("acao/", acao),
    path("formulario/", formulario),
    path("dialogo/", dialogo, name="dialogo"),
    path("planilha/", planilha),
    path("processamento/", processamento),
    path("falha/<int:codigo>/", falha),
    path("sessao/", vai_para_o_login),
    path("contexto/", contexto, name="contexto"),
    path("empresas/", include(empresas)),
    path("entrar/", auth.LoginView.as_view(), name="entrar"),
    path("sair/", auth.LogoutView.as_view(), name="sair"),
    path("senha/", auth.PasswordChangeView.as_view(), name="password_change"),
]
