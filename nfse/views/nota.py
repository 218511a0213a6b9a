"""One nota: how it stands, everything that happened to it, and what can be asked of it."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from arquivo.models import Documento
from arquivo.services import zip_de
from comum.permissoes import opera, usuario_de
from comum.respostas import lista_de_onde_veio
from empresas.models import ServicoNacional
from nfse.faltas import como_ter_de_novo
from nfse.forms.acoes import CorrecaoForm, EmailForm, MotivoForm, RespostaForm
from nfse.models import Cancelamento, Nota, NotaItem, TipoCanal
from nfse.services import acoes, emissao, emissores, exigencias
from nfse.services.calculo import RETENCOES
from nfse.services.comparacao import comparar
from nfse.services.emissao import Prevoo
from nfse.services.iss import aliquota_foi, sem_iss_da_nota
from nfse.services.linha_do_tempo import abertas, historia
from nfse.services.notas import NotaOcupada, abandonar
from nfse.services.registro import pdf_de
from nfse.services.regras import rota_de
from nfse.views.notas import esperas_ao_pedir, prevoo_em_dia
from operacoes.esperas import Estado, filas_de
from operacoes.handlers import handler_de
from operacoes.models import Operacao, Situacao

DIALOGO = ["GET", "HEAD", "POST"]


def nota_visivel(request: HttpRequest, pk: int) -> Nota:
    visiveis = Nota.objects.visiveis(usuario_de(request))
    return get_object_or_404(
        visiveis.select_related(
            "empresa__municipio",
            "tomador__municipio",
            "destinatario",
            "canal",
            "municipio_prestacao",
            "operacao",
            "xml",
            "pdf",
            "criada_por",
            "substitui",
            "contrato",
        ),
        pk=pk,
    )


# -- the page --------------------------------------------------------------------------------------------------------


@require_GET
@never_cache
def ver(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; ?parte=situacao is what it asks for while something is under way. When the state is no longer the one
    on the screen (`marca`), the answer is all of the page's content."""
    em_aberto = abertas(pk)  # before the note: what ends in between is then asked about once more, not missed
    nota = nota_visivel(request, pk)
    marca = _marca(nota, em_aberto)
    parcial = bool(request.htmx) and request.GET.get("parte") == "situacao"  # type: ignore[attr-defined]
    if parcial and request.GET.get("marca") == marca:
        return render(request, "nfse/nota_detail.html#situacao", _da_situacao(nota, em_aberto, marca))
    contexto = _pagina(request, nota) | _da_situacao(nota, em_aberto, marca) | {"mudou": parcial}
    resposta = render(request, "nfse/nota_detail.html" + ("#nota" if parcial else ""), contexto)
    if parcial:
        resposta["HX-Retarget"], resposta["HX-Reswap"] = "#nota", "outerHTML"
    return resposta


def _marca(nota: Nota, em_aberto: Sequence[Operacao]) -> str:
    """Changes when what the page shows does."""
    partes = [nota.situacao, nota.alterada_em.isoformat()]
    partes += [f"{o.pk}:{o.situacao}:{o.envios}:{o.perguntas}:{o.tentativa_atual}" for o in em_aberto]
    return hashlib.sha256("|".join(partes).encode()).hexdigest()[:16]


def _da_situacao(nota: Nota, em_aberto: Sequence[Operacao], marca: str) -> dict[str, Any]:
    estado = Estado() if em_aberto else None
    filas = filas_de(list(em_aberto), estado) if estado else {}
    return {
        "nota": nota,
        "marca": marca,
        "em_aberto": [
            (operacao, handler_de(operacao.tipo).rotulo, estado.espera(operacao, filas) if estado else "")
            for operacao in em_aberto
        ],
        "andando": any(operacao.situacao != Situacao.AGUARDA_PESSOA for operacao in em_aberto),
        "pergunta": next((o for o in em_aberto if o.situacao == Situacao.AGUARDA_PESSOA), None),
    }


def _pagina(request: HttpRequest, nota: Nota) -> dict[str, Any]:
    itens = _itens(nota)
    cancelamentos = list(nota.cancelamentos.select_related("operacao").order_by("criado_em"))
    regras = acoes.regras_de(nota)
    documentos = _documentos(request, nota)
    return {
        "itens": itens,
        "exigencias": exigencias.em_palavras(nota, nota.canal),
        "comparacao": comparar(nota, itens, aliquota_foi=aliquota_foi(nota)),
        "sem_iss": sem_iss_da_nota(nota, nota.canal or rota_de(nota.empresa, nota.competencia).canal),
        "retencoes": _retencoes(nota, itens),
        "historia": historia(nota, tudo=request.GET.get("tudo") == "1"),
        "documentos": documentos,
        "estragados": [documento for documento in documentos if documento.estrago],
        "de_novo": como_ter_de_novo(nota),
        "regras": regras,
        "falta_a_chave": acoes.falta_a_chave(nota),
        "emissor": emissores.endereco_da_nota(nota.pk) if nota.canal and nota.canal.tipo == TipoCanal.NACIONAL else "",
        "solicitado": next((um for um in cancelamentos if um.situacao == Cancelamento.Situacao.SOLICITADO), None),
        "por_que_nao_cancelar": acoes.por_que_nao_cancelar(nota, cancelamentos),
        "sem_cancelamento": _sem_cancelamento(nota, cancelamentos),
        "pede_analise": bool(cancelamentos) and acoes.pede_analise(nota),
        "substitutas": list(nota.substitutas.order_by("pk")),
        "voltar": lista_de_onde_veio(request, reverse("nfse:notas")),
    }


def _itens(nota: Nota) -> list[NotaItem]:
    """Its lines, each with what the official table calls its national code (`nacional`)."""
    palavras = ServicoNacional.objects.filter(pk=OuterRef("codigo_nacional")).values("descricao")
    return list(nota.itens.select_related("item_lc116").annotate(nacional=Subquery(palavras)).order_by("ordem"))


def _sem_cancelamento(nota: Nota, cancelamentos: Sequence[Cancelamento]) -> Cancelamento | None:
    """The last request, refused or denied, of a note that is still in force: what its page says first."""
    negativas = (Cancelamento.Situacao.RECUSADO, Cancelamento.Situacao.NEGADO)
    em_vigor = nota.situacao == Nota.Situacao.AUTORIZADA
    return cancelamentos[-1] if em_vigor and cancelamentos and cancelamentos[-1].situacao in negativas else None


def _retencoes(nota: Nota, itens: Sequence[Any]) -> list[tuple[str, Any]]:
    """(tax, amount withheld in reais), those there are."""
    linhas = [
        ("ISS", nota.valor_iss if nota.iss_retido else 0),
        *((nome.upper(), sum(getattr(item, nome) for item in itens)) for nome in RETENCOES),
    ]
    return [(nome, valor) for nome, valor in linhas if valor]


def _documentos(request: HttpRequest, nota: Nota) -> list[Documento]:
    """What is kept of the note and of its cancellation."""
    proprios = [pk for pk in (nota.xml_id, nota.pdf_id) if pk]
    visiveis = Documento.objects.visiveis(usuario_de(request))
    achados = visiveis.filter(pk__in=proprios)
    referencias = [valor for valor in (nota.chave, nota.numero_nfse) if valor]
    if referencias:
        tipos = (Documento.Tipo.CANCELAMENTO_XML, Documento.Tipo.CANCELAMENTO_PDF)
        achados |= visiveis.filter(
            empresa=nota.empresa_id, competencia=nota.competencia, tipo__in=tipos, referencia__in=referencias
        )
    return list(achados.select_related("defeito").order_by("criado_em"))


@require_GET
def baixar(request: HttpRequest, pk: int, formato: str) -> HttpResponseBase:
    """The XML, the PDF, or everything that is kept (zip)."""
    nota = nota_visivel(request, pk)
    if formato == "zip":
        return zip_de(_documentos(request, nota), f"{nota.nome}.zip")
    documento = {"xml": nota.xml_id, "pdf": pdf_de(nota)}.get(formato)
    if documento is None:
        raise Http404("Esta nota não tem esse arquivo guardado.")
    return redirect("arquivo:documento", documento)


# -- issue -----------------------------------------------------------------------------------------------------------


@require_http_methods(DIALOGO)
@never_cache
@opera
def emitir(request: HttpRequest, pk: int) -> HttpResponse:
    """The pré-voo of one nota; with `marca`, its submission. A second click finds it under way and shows it."""
    nota = nota_visivel(request, pk)
    marca = request.POST.get("marca", "")
    if not nota.editavel:  # the way back, or a second click
        messages.info(request, f"A nota {nota.nome} está “{nota.get_situacao_display()}”: não há o que emitir.")
        return redirect(nota)
    if request.method != "POST" or not marca:
        return _prevoo(request, prevoo_em_dia([pk]))
    try:
        emissao.emitir_uma(pk, usuario_de(request), marca=marca)
    except emissao.Mudou as mudou:
        if any(not item.nota.editavel for item in mudou.prevoo.fora):
            return redirect("nfse:nota", pk)
        aviso = "A nota mudou desde que esta tela abriu, e nada foi enviado. Confira de novo antes de confirmar."
        return _prevoo(request, mudou.prevoo, aviso=aviso, status=422)
    return redirect("nfse:nota", pk)


def _prevoo(request: HttpRequest, previa: Prevoo, *, aviso: str = "", status: int = 200) -> HttpResponse:
    nota = (previa.prontas or [item.nota for item in previa.fora])[0]
    itens = _itens(nota)
    canal = previa.canais.get(nota.pk) or rota_de(nota.empresa, nota.competencia).canal
    contexto = {
        "previa": previa,
        "nota": nota,
        "itens": itens,
        "retencoes": _retencoes(nota, itens),
        "canal": canal,
        "sem_iss": sem_iss_da_nota(nota, canal),
        "exigencias": exigencias.com_as_do_canal(nota, canal),
        "problemas": previa.fora[0].problemas if previa.fora else [],
        "aviso": aviso,
        "esperas": esperas_ao_pedir(previa),
    }
    return render(request, "nfse/nota_prevoo.html", contexto, status=status)


@require_POST
@opera
def abandonar_nota(request: HttpRequest, pk: int) -> HttpResponse:
    nota = nota_visivel(request, pk)
    try:
        nome, numero = nota.nome, nota.numero
        abandonar(nota, usuario_de(request))
        resto = " e o número dela vai para a próxima" if numero else ""
        messages.success(request, f"Nota {nome} abandonada. Continua na lista{resto}.")
    except NotaOcupada as erro:
        messages.error(request, str(erro))
    return redirect("nfse:nota", pk)


# -- what is asked of one that exists: dialogs that say the rules first ------------------------------------------------


def _perguntar(
    request: HttpRequest,
    template: str,
    nota: Nota,
    form: forms.Form,
    fazer: Callable[[], str],
    contexto: dict[str, Any] | None = None,
) -> HttpResponse:
    """Draw the dialog, or do what it asks (`fazer` returns where to go) with what is wrong at its field."""
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                destino = fazer()
            except acoes.PedidoInvalido as erro:
                form.add_error(erro.campo if erro.campo in form.fields else None, str(erro))
            except (NotaOcupada, acoes.NaoEnviada) as erro:
                form.add_error(None, str(erro))
            else:
                return HttpResponseClientRedirect(destino) if request.htmx else redirect(destino)  # type: ignore[attr-defined]
    dados = {"nota": nota, "form": form, "regras": acoes.regras_de(nota)} | (contexto or {})
    return render(request, template, dados, status=status)


def _dados(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@require_http_methods(DIALOGO)
@opera
def corrigir(request: HttpRequest, pk: int) -> HttpResponse:
    nota, form = nota_visivel(request, pk), CorrecaoForm(_dados(request))

    def fazer() -> str:
        acoes.corrigir(nota, form.cleaned_data["texto"], usuario_de(request))
        messages.success(request, "A carta de correção está na fila; o resultado aparece nesta página.")
        return reverse("nfse:nota", args=[pk])

    return _perguntar(request, "nfse/nota_corrigir.html", nota, form, fazer)


@require_http_methods(DIALOGO)
@opera
def cancelar(request: HttpRequest, pk: int) -> HttpResponse:
    nota = nota_visivel(request, pk)
    form = MotivoForm(nota, _dados(request))

    def fazer() -> str:
        dados = form.cleaned_data
        acoes.cancelar(nota, dados["codigo"], dados["motivo"], usuario_de(request))
        messages.success(request, "O cancelamento está na fila; o resultado aparece nesta página.")
        return reverse("nfse:nota", args=[pk])

    aviso = acoes.AVISO_ANALISE if acoes.pede_analise(nota) else ""
    return _perguntar(request, "nfse/nota_cancelar.html", nota, form, fazer, {"aviso_analise": aviso})


@require_http_methods(DIALOGO)
@opera
def substituir(request: HttpRequest, pk: int) -> HttpResponse:
    nota = nota_visivel(request, pk)
    form = MotivoForm(nota, _dados(request), substitui=True)

    def fazer() -> str:
        nova = acoes.substituir(nota, form.cleaned_data["codigo"], form.cleaned_data["motivo"], usuario_de(request))
        messages.success(request, f"Esta é a nota que vai substituir a {nota.nome}. Corrija o que for preciso e emita.")
        return reverse("nfse:editar", args=[nova.pk])

    return _perguntar(request, "nfse/nota_substituir.html", nota, form, fazer)


@require_http_methods(DIALOGO)
@opera
def responder_cancelamento(request: HttpRequest, pk: int) -> HttpResponse:
    """A person tells how the town hall ended the request. Without one that waits, says so."""
    nota, form = nota_visivel(request, pk), RespostaForm(_dados(request))
    pedido = nota.cancelamentos.order_by("-criado_em").first()

    def fazer() -> str:
        if pedido is None:
            raise NotaOcupada("Esta nota não tem cancelamento solicitado.")
        aprovado = form.cleaned_data["aprovado"] == "sim"
        evidencia = form.cleaned_data["evidencia"]
        acoes.responder_cancelamento(pedido, aprovado=aprovado, evidencia=evidencia, usuario=usuario_de(request))
        messages.success(
            request, "Gravado: a nota está cancelada." if aprovado else "Gravado: a nota continua valendo."
        )
        return reverse("nfse:nota", args=[pk])

    return _perguntar(request, "nfse/nota_resposta.html", nota, form, fazer, {"pedido": pedido})


@require_http_methods(DIALOGO)
@opera
def email(request: HttpRequest, pk: int) -> HttpResponse:
    nota = nota_visivel(request, pk)
    form = EmailForm(_dados(request), initial={"para": nota.tomador.email})

    def fazer() -> str:
        para = form.cleaned_data["para"]
        acoes.enviar_por_email(nota, para, usuario_de(request), mensagem=form.cleaned_data["mensagem"])
        messages.success(request, f"Nota {nota.nome} enviada para {', '.join(para)}.")
        return reverse("nfse:nota", args=[pk])

    return _perguntar(request, "nfse/nota_email.html", nota, form, fazer)


@require_POST
@opera
def reler(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the service how the nota stands now, or for its files with `documentos`=1."""
    nota = nota_visivel(request, pk)
    arquivos = request.POST.get("documentos") == "1"
    feitas = (acoes.buscar_documentos if arquivos else acoes.reler)([nota], usuario_de(request))
    if feitas:
        messages.success(request, "A pergunta ao serviço está na fila; o resultado aparece nesta página.")
    else:
        messages.error(request, acoes.por_que_nao_reler(nota) or "O canal desta nota não entrega os arquivos.")
    return redirect("nfse:nota", pk)
