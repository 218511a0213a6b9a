"""The sending of guias to clients: the pré-voo, the deliveries of a guia, the office's words."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comum.listas import campos_da_selecao
from comum.permissoes import administra, opera, usuario_de
from comum.respostas import lista_de_onde_veio
from empresas.contatos import recebem_guias
from guias import correio
from guias.forms.mensagem import MensagemForm
from guias.models import Entrega, Guia, GuiaQuerySet
from guias.services import barras, entregas, leitura, lembretes, mensagens
from guias.services.mensagens import Tipo
from guias.views.base import de_volta
from guias.views.guias import guias_marcadas
from operacoes.esperas import Estado
from operacoes.handlers import handler_de
from operacoes.models import ABERTAS
from operacoes.processamentos.criacao import ja_pedido


def _base(request: HttpRequest) -> str:
    return entregas.base_publica(request.build_absolute_uri("/").rstrip("/"))


@require_POST
@opera
def entregar(request: HttpRequest) -> HttpResponse:
    """First what would be sent of the marked guias and what would not; with `marca`, the sending that was shown."""
    guias = guias_marcadas(request)
    de_novo = request.POST.get("de_novo") == "1"
    if not guias.exists():
        messages.error(request, "Nenhuma guia marcada. Marque as guias e envie de novo.")
        return de_volta(request, "guias:lista")
    if "marca" not in request.POST or "rever" in request.POST or not correio.configurado():
        return _desenhar(request, entregas.prevoo(guias, de_novo=de_novo))
    return _confirmar(request, guias, de_novo=de_novo)


def _confirmar(request: HttpRequest, guias: GuiaQuerySet, *, de_novo: bool) -> HttpResponse:
    usuario, marca = usuario_de(request), request.POST["marca"]
    try:
        run = entregas.enviar(guias, usuario, marca=marca, base=_base(request), de_novo=de_novo)
    except entregas.Mudou as mudou:
        # A second click, or the way back: what was asked is already on its way.
        if (anterior := ja_pedido(entregas.ENVIAR, marca, usuario)) is not None:
            return redirect("operacoes:processamento", pk=anterior.pk)
        aviso = "A situação mudou desde que esta tela abriu, e nada foi enviado. Confira de novo antes de confirmar."
        return _desenhar(request, mudou.prevoo, aviso=aviso, status=422)
    return redirect("operacoes:processamento", pk=run.pk)


def _desenhar(request: HttpRequest, previa: entregas.Prevoo, *, aviso: str = "", status: int = 200) -> HttpResponse:
    voltar = lista_de_onde_veio(request, reverse("guias:lista"))
    lembrete = mensagens.texto_de(Tipo.LEMBRETE)
    exemplo = previa.cartas[0] if previa.cartas else None
    return render(
        request,
        "guias/entregar.html",
        {
            "previa": previa,
            "aviso": aviso,
            "sem_correio": "" if correio.configurado() else correio.NENHUM,
            "espera": Estado().aviso_ao_pedir(handler_de(entregas.ENVIAR).servico) if previa.cartas else "",
            "remetente": correio.remetente(),
            "lembrete": lembrete.ligada,
            "exemplo": mensagens.escrever(Tipo.ENTREGA, exemplo.guia) if exemplo else None,
            "selecao": [*campos_da_selecao(request.POST), ("next", voltar)],
            "voltar": voltar,
        },
        status=status,
    )


@require_GET
def entregas_da_guia(request: HttpRequest, pk: int) -> HttpResponse:
    """To whom a guia went, and what became of it there."""
    guia = _guia(request, pk)
    feitas = list(Entrega.objects.filter(guia=guia).select_related("operacao", "lembrete").order_by("pk"))
    usuario = usuario_de(request)
    base = _base(request)
    linhas = [(entrega, leitura.endereco(entrega.pk, base) if usuario.opera else "") for entrega in feitas]
    impede = entregas.impedimento(guia)
    return render(
        request,
        "guias/entregas.html",
        {
            "guia": guia,
            "linhas": linhas,
            "impedimento": impede[1] if impede else "",
            "destinos": recebem_guias([guia.empresa_id]).get(guia.empresa_id, []),
            "lembrete_em": lembretes.dia_de(guia) if mensagens.texto_de(Tipo.LEMBRETE).ligada else None,
            "em_andamento": any(e.operacao is not None and e.operacao.situacao in ABERTAS for e in feitas),
        },
    )


def _guia(request: HttpRequest, pk: int) -> Guia:
    visiveis = Guia.objects.visiveis(usuario_de(request)).com_situacao(timezone.localdate())
    return get_object_or_404(visiveis.select_related("empresa", "documento"), pk=pk)


@require_POST
@opera
def examinar(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the PDF again, as after the file was brought back from a copy."""
    guia = _guia(request, pk)
    guia.examinada_em = None
    motivos = barras.completar([guia])
    if guia.problema or guia.pk in motivos:
        messages.error(request, guia.problema or motivos[guia.pk])
    else:
        messages.success(request, "O PDF confere com a guia: valor, número e linha digitável.")
    return redirect("guias:entregas", pk)


@require_http_methods(["GET", "POST"])
@administra
def textos(request: HttpRequest) -> HttpResponse:
    """The office's words: two messages, each saved by itself."""
    forms = {tipo: MensagemForm(tipo) for tipo in Tipo}
    status = 200
    if request.method == "POST" and request.POST.get("tipo") in list(Tipo):
        tipo = Tipo(request.POST["tipo"])
        if "padrao" in request.POST:
            mensagens.voltar_ao_padrao(tipo, usuario_de(request))
            messages.success(request, f"“{tipo.label}” voltou às palavras do Guichê.")
            return redirect("guias:mensagens")
        form = forms[tipo] = MensagemForm(tipo, request.POST)
        if form.is_valid():
            mensagens.gravar(tipo, form.texto(), usuario_de(request))
            messages.success(request, f"“{tipo.label}” gravada. Vale para o que for enviado de agora em diante.")
            return redirect("guias:mensagens")
        status = 422
    contexto = {
        "forms": forms.values(),
        "campos": mensagens.CAMPOS.items(),
        "remetente": correio.remetente(),
        "sem_correio": "" if correio.configurado() else correio.NENHUM,
    }
    return render(request, "guias/mensagens.html", contexto, status=status)
