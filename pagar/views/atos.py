"""What is asked of one title in the ERP: *Atualizar*, *Cancelar*, *Estornar*."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from comum.formatos import format_dinheiro
from comum.permissoes import opera, usuario_de
from pagar.forms.atos import AcertoForm, EdicaoAtualizacao, EdicaoEstorno
from pagar.models import Movimento, Titulo
from pagar.providers.interface import Atualizacao, Estorno, OperacaoEstorno
from pagar.services import atos
from pagar.views.titulo import titulo_visivel

PAGINA = ["GET", "HEAD", "POST"]


@require_http_methods(PAGINA)
@never_cache
@opera
def atualizar(request: HttpRequest, pk: int) -> HttpResponse:
    titulo = titulo_visivel(request, pk)
    if (saida := _nao_pode(request, titulo, atos.por_que_nao_atualizar)) is not None:
        return saida
    if request.method != "POST":
        antes = atos.recusado(titulo, request.GET.get("de", ""), Atualizacao)
        return _desenhar_atualizacao(request, EdicaoAtualizacao(titulo, inicial=antes))
    edicao = EdicaoAtualizacao(titulo, dados=request.POST)
    acao = request.POST.get("acao", "enviar")
    if acao == "calcular":
        contexto = {"edicao": edicao, "titulo": titulo, "resumo": edicao.resumo(), "vivo": True}
        return render(request, "pagar/atualizar_form.html#resumo", contexto)
    if acao != "enviar":
        return _desenhar_atualizacao(request, edicao.refeita(request.POST, acao))
    resumo = edicao.resumo()
    edicao.marcar(edicao.problemas())
    if edicao.legivel():
        try:
            versao = edicao.cabeca.cleaned_data["versao"]
            atos.atualizar(titulo, edicao.corpo(), usuario_de(request), versao=versao)
        except atos.PedidoInvalido as recusa:
            edicao.marcar(list(recusa.problemas))
        else:
            return _feito(request, titulo, "Atualização pedida ao ERP. O resultado aparece aqui.")
    return _desenhar_atualizacao(request, edicao, resumo=resumo, status=422)


def _desenhar_atualizacao(
    request: HttpRequest, edicao: EdicaoAtualizacao, *, resumo: Any = None, status: int = 200
) -> HttpResponse:
    contexto = {
        "edicao": edicao,
        "titulo": edicao.titulo,
        "resumo": resumo or edicao.como_postada().resumo(),
    }
    parte = "#corpo" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, "pagar/atualizar_form.html" + parte, contexto, status=status)


@require_http_methods(PAGINA)
@never_cache
@opera
def acertar(request: HttpRequest, pk: int) -> HttpResponse:
    """*Acertar com o ERP*: the balance that a person saw there; nothing is sent."""
    titulo = titulo_visivel(request, pk)
    if (saida := _nao_pode(request, titulo, atos.por_que_nao_acertar)) is not None:
        return saida
    form = AcertoForm(request.POST or None, initial={"versao": titulo.versao, "saldo": titulo.saldo})
    if request.method == "POST" and form.is_valid():
        dados = form.cleaned_data
        try:
            atos.acertar(titulo, dados["saldo"], dados["texto"], usuario_de(request), versao=dados["versao"])
        except atos.PedidoInvalido as recusa:
            for problema in recusa.problemas:
                form.add_error(problema.campo or None, problema.mensagem)
        else:
            messages.success(request, "Acerto gravado. Nada foi enviado ao ERP.")
            return redirect(titulo)
    contexto = {"form": form, "titulo": titulo}
    return render(request, "pagar/acertar_form.html", contexto, status=422 if form.errors else 200)


@require_http_methods(PAGINA)
@never_cache
@opera
def cancelar(request: HttpRequest, pk: int) -> HttpResponse:
    titulo = titulo_visivel(request, pk)
    return _estornar(request, titulo, OperacaoEstorno.CANCELAMENTO, atos.por_que_nao_cancelar)


@require_http_methods(PAGINA)
@never_cache
@opera
def estornar(request: HttpRequest, pk: int) -> HttpResponse:
    titulo = titulo_visivel(request, pk)
    return _estornar(request, titulo, OperacaoEstorno.ESTORNO, atos.por_que_nao_estornar)


@require_http_methods(PAGINA)
@never_cache
@opera
def estornar_movimento(request: HttpRequest, pk: int, movimento: int) -> HttpResponse:
    titulo = titulo_visivel(request, pk)
    qual = get_object_or_404(Movimento, pk=movimento, titulo=titulo)

    def impede(titulo: Titulo) -> str:
        if motivo := atos.por_que_nao_agir(titulo):
            return motivo
        return "" if qual in atos.estornaveis(titulo) else "Este movimento já foi estornado, ou não se estorna."

    return _estornar(request, titulo, OperacaoEstorno.MOVIMENTO, impede, qual)


def _estornar(
    request: HttpRequest,
    titulo: Titulo,
    operacao: OperacaoEstorno,
    impede: Callable[[Titulo], str],
    movimento: Movimento | None = None,
) -> HttpResponse:
    if (saida := _nao_pode(request, titulo, impede)) is not None:
        return saida
    dados = request.POST if request.method == "POST" else None
    if dados is None:
        antes = atos.recusado(titulo, request.GET.get("de", ""), Estorno, operacao, movimento)
        return _desenhar_estorno(request, EdicaoEstorno(titulo, operacao, movimento=movimento, inicial=antes))
    edicao = EdicaoEstorno(titulo, operacao, movimento=movimento, dados=dados)
    edicao.marcar(edicao.problemas())
    if edicao.legivel():
        corpo, usuario, versao = edicao.corpo(), usuario_de(request), edicao.cabeca.cleaned_data["versao"]
        try:
            if movimento is not None:
                atos.estornar_movimento(titulo, movimento, corpo, usuario, versao=versao)
            elif operacao is OperacaoEstorno.CANCELAMENTO:
                atos.cancelar(titulo, corpo, usuario, versao=versao)
            else:
                atos.estornar(titulo, corpo, usuario, versao=versao)
        except atos.PedidoInvalido as recusa:
            edicao.marcar(list(recusa.problemas))
        else:
            return _feito(request, titulo, f"{_TITULOS[operacao]}: pedido enviado ao ERP. O resultado aparece aqui.")
    return _desenhar_estorno(request, edicao, status=422)


_TITULOS = {
    OperacaoEstorno.CANCELAMENTO: "Cancelar título",
    OperacaoEstorno.ESTORNO: "Estornar título",
    OperacaoEstorno.MOVIMENTO: "Estornar movimento",
}


def _desenhar_estorno(request: HttpRequest, edicao: EdicaoEstorno, status: int = 200) -> HttpResponse:
    contexto = {
        "edicao": edicao,
        "titulo": edicao.titulo,
        "movimento": edicao.movimento,
        "nome": _TITULOS[edicao.operacao],
        "efeito": _efeito(edicao),
    }
    return render(request, "pagar/estorno_form.html", contexto, status=status)


def _efeito(edicao: EdicaoEstorno) -> str:
    """What will happen, said before it does."""
    titulo, movimento = edicao.titulo, edicao.movimento
    saldo = format_dinheiro(titulo.saldo)
    if movimento is None:
        if edicao.operacao is OperacaoEstorno.CANCELAMENTO:
            return f"O título sai das contas a pagar do ERP, com o saldo de {saldo}. Cancelado, não volta a valer."
        return f"O ERP desfaz o título por um lançamento contrário ao saldo de {saldo}. Estornado, não volta a valer."
    if movimento.tipo == Movimento.Tipo.PAGO:
        pago = format_dinheiro(Decimal(movimento.dados.get("pago", movimento.valor)))
        if titulo.antecipacao:
            return f"O pagamento de {pago} é desfeito no ERP, e a antecipação volta a ficar por pagar."
        return (
            f"O pagamento de {pago} é desfeito no ERP, e voltam a ficar em aberto {format_dinheiro(movimento.valor)}."
        )
    return "A alteração é desfeita no ERP, e o título volta a ter o saldo de antes dela."


# -- shared ------------------------------------------------------------------------------------------------------------


def _nao_pode(request: HttpRequest, titulo: Titulo, impede: Callable[[Titulo], str]) -> HttpResponse | None:
    """Back to the title's page, with why. A second click on what is under way already finds it there."""
    motivo = impede(titulo)
    if not motivo:
        return None
    em_curso, versao = titulo.em_curso, request.POST.get("versao", "")
    if em_curso is not None and versao and em_curso.chave.endswith(f":{titulo.pk}:v{versao}"):
        messages.info(request, "O pedido já foi enviado ao ERP. O resultado aparece aqui.")
    else:
        messages.warning(request, motivo)
    return _ir(request, titulo)


def _feito(request: HttpRequest, titulo: Titulo, texto: str) -> HttpResponse:
    messages.success(request, texto)
    return _ir(request, titulo)


def _ir(request: HttpRequest, titulo: Titulo) -> HttpResponse:
    destino = titulo.get_absolute_url()
    return HttpResponseClientRedirect(destino) if request.htmx else redirect(destino)  # type: ignore[attr-defined]
