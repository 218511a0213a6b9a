"""*Novo título*, *Nova antecipação* and the editing of their drafts: typing, what it comes to, saving, sending."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from comum.permissoes import opera, usuario_de
from empresas.contexto import contexto_de
from empresas.models import Empresa
from pagar.forms.titulo import EdicaoTitulo, Resumo
from pagar.models import Titulo
from pagar.services import implantacao, rascunhos
from pagar.services.chaves import ChaveInvalida
from pagar.services.rascunhos import Destino
from pagar.services.referencias import ACABARAM
from pagar.views.titulo import titulo_visivel

TEMPLATE = "pagar/titulo_form.html"
PAGINA = ["GET", "HEAD", "POST"]
_ACOES = ("salvar", "enviar")


@require_http_methods(PAGINA)
@never_cache
@opera
def novo(request: HttpRequest, *, antecipacao: bool) -> HttpResponse:
    """Of the empresa of the top bar, or ?empresa= for another."""
    dados = request.POST if request.method == "POST" else request.GET
    empresa = _empresa(request, dados.get("empresa", ""))
    if empresa is None:
        tentou = request.method == "POST" or "empresa" in dados
        return _perguntar_empresa(request, antecipacao, status=422 if tentou else 200)
    destino = rascunhos.destino_de(empresa)
    if destino is None:
        contexto = {"empresa": empresa, "antecipacao": antecipacao}
        return render(request, "pagar/titulo_sem_conta.html", contexto, status=422 if request.method == "POST" else 200)
    competencia, usuario = contexto_de(request).competencia, usuario_de(request)
    if request.method == "POST":
        postada = EdicaoTitulo(
            empresa, destino, usuario, antecipacao=antecipacao, competencia=competencia, dados=request.POST
        )
        return _receber(request, postada)
    return _desenhar(request, EdicaoTitulo(empresa, destino, usuario, antecipacao=antecipacao, competencia=competencia))


@require_http_methods(PAGINA)
@never_cache
@opera
def editar(request: HttpRequest, pk: int, *, antecipacao: bool) -> HttpResponse:
    titulo = titulo_visivel(request, pk)
    if titulo.antecipacao != antecipacao:
        return redirect("pagar:antecipacao_editar" if titulo.antecipacao else "pagar:titulo_editar", pk)
    if not titulo.editavel:
        situacao = titulo.get_situacao_display()
        messages.info(request, f"O título {titulo.nome} está “{situacao}” e não pode mais ser alterado.")
        return redirect(titulo)
    edicao = _do_rascunho(request, titulo)
    return _receber(request, edicao) if request.method == "POST" else _desenhar(request, edicao)


def _do_rascunho(request: HttpRequest, titulo: Titulo) -> EdicaoTitulo:
    dados = request.POST if request.method == "POST" else None
    return EdicaoTitulo(titulo.empresa, _destino_do(titulo), usuario_de(request), titulo=titulo, dados=dados)


def _destino_do(titulo: Titulo) -> Destino:
    return Destino(titulo.conta, titulo.empresa_erp, titulo.estabelecimento)


def _empresa(request: HttpRequest, texto: str) -> Empresa | None:
    """The empresa asked for, else that of the top bar; active and among those of the user."""
    visiveis = Empresa.objects.visiveis(usuario_de(request)).filter(ativa=True)
    if texto:
        return visiveis.filter(pk=texto).first() if texto.isdecimal() and len(texto) < 19 else None
    do_contexto = contexto_de(request).empresa
    return visiveis.filter(pk=do_contexto.pk).first() if do_contexto else None


def _perguntar_empresa(request: HttpRequest, antecipacao: bool, status: int) -> HttpResponse:
    contexto = {"tentou": status != 200, "antecipacao": antecipacao}
    return render(request, "pagar/titulo_empresa.html", contexto, status=status)


def _desenhar(
    request: HttpRequest, edicao: EdicaoTitulo, *, resumo: Resumo | None = None, status: int = 200
) -> HttpResponse:
    contexto = {
        "edicao": edicao,
        "titulo": edicao.titulo,
        "empresa": edicao.empresa,
        "resumo": resumo or edicao.como_postada().resumo(),
        "endereco": _endereco(edicao),
        "comeca": not request.htmx and edicao.titulo is None and not edicao.cabeca.is_bound,  # type: ignore[attr-defined]
        "voltar": edicao.titulo.get_absolute_url() if edicao.titulo else reverse("pagar:titulos"),
    }
    parte = "#corpo" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, TEMPLATE + parte, contexto, status=status)


def _endereco(edicao: EdicaoTitulo) -> str:
    if edicao.titulo is not None:
        nome = "pagar:antecipacao_editar" if edicao.antecipacao else "pagar:titulo_editar"
        return reverse(nome, args=[edicao.titulo.pk])
    return reverse("pagar:antecipacao_nova" if edicao.antecipacao else "pagar:titulo_novo")


# -- what was typed --------------------------------------------------------------------------------------------------


def _receber(request: HttpRequest, edicao: EdicaoTitulo) -> HttpResponse:
    """Save (`salvar`), or save and send it alone (`enviar`). Other values of `acao` change the lines."""
    acao = request.POST.get("acao", "salvar")
    if acao not in _ACOES:
        return _desenhar(request, edicao.refeita(request.POST, acao))
    resumo = edicao.resumo()
    achados = edicao.problemas()
    edicao.marcar(achados)
    if achados or not edicao.legivel():
        return _desenhar(request, edicao, resumo=resumo, status=422)
    try:
        salvo = rascunhos.salvar(
            edicao.titulo_montado(), usuario_de(request), versao=edicao.cabeca.cleaned_data["versao"]
        )
    except rascunhos.ChaveRepetida as repetida:
        return _repetida(request, edicao, repetida, resumo)
    except rascunhos.ReferenciaRepetida as repetida:
        edicao.cabeca.add_error(repetida.campo, str(repetida))
        return _desenhar(request, edicao, resumo=resumo, status=422)
    except rascunhos.RascunhoMudou as mudou:
        edicao.cabeca.add_error(None, str(mudou))
        if mudou.versao is not None:
            edicao.com_versao(mudou.versao)
        return _desenhar(request, edicao, resumo=resumo, status=422)
    if acao == "enviar":
        _enviar(request, salvo)
    else:
        feito = "salva" if salvo.antecipacao else "salvo"
        messages.success(request, f"{salvo} {feito}. Nada foi enviado ao ERP.")
    return _ir(request, salvo)


def _ir(request: HttpRequest, titulo: Titulo) -> HttpResponse:
    destino = titulo.get_absolute_url()
    return HttpResponseClientRedirect(destino) if request.htmx else redirect(destino)  # type: ignore[attr-defined]


def _repetida(
    request: HttpRequest, edicao: EdicaoTitulo, repetida: rascunhos.ChaveRepetida, resumo: Resumo
) -> HttpResponse:
    """The other title is linked when the user may see it; when it is this very one, it is the page to go to."""
    outro, texto = repetida.outro, str(repetida)
    if outro is not None:
        e_este = outro.criado_por_id == usuario_de(request).pk and outro.corpo == edicao.titulo_montado().corpo
        if edicao.titulo is None and e_este and outro.situacao not in Titulo.MORTOS:
            feito = "salva" if outro.antecipacao else "salvo"
            messages.info(request, f"{outro} já foi {feito}. Nada foi gravado outra vez.")
            return _ir(request, outro)
        texto = format_html('{} <a href="{}">Abrir o outro</a>', texto, outro.get_absolute_url())
    edicao.digitado.form.add_error("numero", texto)
    return _desenhar(request, edicao, resumo=resumo, status=422)


def _enviar(request: HttpRequest, titulo: Titulo) -> None:
    previa = implantacao.prevoo(implantacao.com_tudo([titulo.pk]))
    try:
        implantacao.enviar([titulo.pk], usuario_de(request), marca=previa.marca, titulo=f"Implantar {titulo.nome}")
    except implantacao.Mudou as mudou:
        motivo = mudou.prevoo.fora[0].motivo if mudou.prevoo.fora else "Já tinha sido enviado."
        feito = "salva, e não enviada" if titulo.antecipacao else "salvo, e não enviado"
        messages.warning(request, f"{titulo} {feito} ao ERP. {motivo}")
    except ChaveInvalida:
        messages.warning(request, f"{titulo} {'salva' if titulo.antecipacao else 'salvo'}. {ACABARAM}")
    else:
        feito = "salva e enviada" if titulo.antecipacao else "salvo e enviado"
        messages.success(request, f"{titulo} {feito} ao ERP. O resultado aparece aqui.")


@require_POST
@opera
def calcular(request: HttpRequest) -> HttpResponse:
    """What the typed comes to, as one types; with `acao`, the whole form with its lines changed."""
    edicao = _postada(request)
    if edicao is None:
        return HttpResponse("Escolha antes a empresa.", status=400, content_type="text/plain; charset=utf-8")
    if acao := request.POST.get("acao", ""):
        return _desenhar(request, edicao.refeita(request.POST, acao))
    return render(request, TEMPLATE + "#resumo", {"edicao": edicao, "resumo": edicao.resumo(), "vivo": True})


def _postada(request: HttpRequest) -> EdicaoTitulo | None:
    """Whose form was sent: of a new title, or (`titulo`) of a draft."""
    pk = request.POST.get("titulo", "")
    if pk.isdecimal() and len(pk) < 19:
        return _do_rascunho(request, titulo_visivel(request, int(pk)))
    empresa = _empresa(request, request.POST.get("empresa", ""))
    destino = rascunhos.destino_de(empresa) if empresa else None
    if empresa is None or destino is None:
        return None
    competencia: date = contexto_de(request).competencia
    antecipacao = request.POST.get("tipo") == Titulo.Tipo.ANTECIPACAO
    return EdicaoTitulo(
        empresa, destino, usuario_de(request), antecipacao=antecipacao, competencia=competencia, dados=request.POST
    )
