"""DARF: the list of those wanted, the form that the receita shapes, and their emission."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from comum.formatos import contar, format_data
from comum.listas import Filtro, Lista, campos_da_selecao, selecionados
from comum.permissoes import opera, usuario_de
from empresas.listas import filtro_de_carteira
from empresas.models import Empresa
from guias.forms.darf import DarfForm, inicial_de, ler_codigo
from guias.models import Darf, DarfQuerySet
from guias.services import darfs, receitas_federais
from guias.services.acrescimos import estimar, selic
from guias.services.dia_de_pagar import dia_proposto
from guias.services.prevoo import Mudou, Prevoo
from guias.views.acoes import desenhar_prevoo
from guias.views.base import contexto_fiscal, de_volta
from operacoes.listas import filtro_da_recusa
from operacoes.processamentos.criacao import ja_pedido

_EDITAVEIS = (Darf.Situacao.RASCUNHO, Darf.Situacao.RECUSADO)


def _lista(request: HttpRequest, params: QueryDict) -> Lista[DarfQuerySet]:
    usuario = usuario_de(request)
    contexto, competencia = contexto_fiscal(request)
    base = Darf.objects.visiveis(usuario).com_situacao().select_related("empresa", "operacao__guia")
    if params.get("periodo") != "todos":
        base = base.filter(competencia=competencia)
    if contexto.empresa is not None:
        base = base.filter(empresa=contexto.empresa)
    return Lista(
        params=params,
        base=base,
        ordens={
            "empresa": ["empresa__ordem", "receita", "pk"],
            "codigo": ["empresa__codigo_ordem", "pk"],
            "receita": ["receita", "extensao", "empresa__ordem", "pk"],
            "vencimento": ["vencimento", "empresa__ordem", "pk"],
            "valor": ["valor", "pk"],
        },
        ordem_padrao="empresa",
        procurar=lambda consulta, texto: consulta.filter(
            Q(empresa__in=Empresa.objects.procurar(texto)) | Q(receita__startswith=ler_codigo(texto)[0] or "x")
        ),
        filtros=[
            Filtro(
                "situacao",
                "Situação",
                lambda consulta, valor: consulta.filter(situacao=valor),
                Darf.Situacao.choices,
            ),
            filtro_da_recusa("operacao", "pk"),
            filtro_de_carteira(usuario, "empresa__carteira"),
        ],
        fixos=["periodo"],
    )


@require_GET
def lista_de_darfs(request: HttpRequest) -> HttpResponse:
    _, competencia = contexto_fiscal(request)
    lista = _lista(request, request.GET)
    substituido = Q(situacao=Darf.Situacao.SUBSTITUIDO)
    soma = lista.consulta.aggregate(
        valor=Sum("valor", filter=~substituido, default=Decimal(0)),
        quantos=Count("pk", filter=~substituido),
        a_emitir=Count("pk", filter=Q(situacao=Darf.Situacao.RASCUNHO)),
    )
    return render(
        request,
        "guias/darf_list.html" + ("#tabela" if request.htmx else ""),  # type: ignore[attr-defined]
        {
            "lista": lista,
            "linhas": _com_a_nossa_conta(lista.pagina),
            "competencia": competencia,
            "soma": soma,
            "todos_os_periodos": request.GET.get("periodo") == "todos",
            "editaveis": _EDITAVEIS,
        },
    )


def _com_a_nossa_conta(pagina: Any) -> list[Any]:
    """Each with `nossa`, our own fine and interest of one already drawn, beside what the Receita computed; None where
    a Selic is missing, or the amounts were told by hand."""
    taxas, linhas = selic(), list(pagina)
    for darf in linhas:
        guia = getattr(darf.operacao, "guia", None) if darf.operacao_id else None
        conta = estimar(darf.valor, darf.vencimento, guia.limite, taxas) if guia and darf.multa is None else None
        darf.nossa = None if conta is None or conta.juros is None else conta.multa + conta.juros
        darf.difere = guia is not None and darf.nossa is not None and darf.nossa != guia.acrescimos
    return linhas


def _marcados(request: HttpRequest, dados: QueryDict) -> DarfQuerySet:
    visiveis = Darf.objects.visiveis(usuario_de(request))
    marcados = selecionados(dados, visiveis, lambda params: _lista(request, params))
    return visiveis.filter(pk__in=marcados.order_by().values("pk"))


# -- the form ----------------------------------------------------------------------------------------------------------


@opera
def novo(request: HttpRequest) -> HttpResponse:
    return _editar(request, None)


@opera
def alterar(request: HttpRequest, pk: int) -> HttpResponse:
    visiveis = Darf.objects.visiveis(usuario_de(request)).com_situacao().select_related("empresa__municipio")
    darf = get_object_or_404(visiveis, pk=pk)
    if getattr(darf, "situacao", "") not in _EDITAVEIS:
        messages.info(request, "Este DARF já foi pedido e não se altera. Para outra cópia, use Emitir de novo.")
        return redirect("guias:darfs")
    return _editar(request, darf)


def _editar(request: HttpRequest, darf: Darf | None) -> HttpResponse:
    usuario = usuario_de(request)
    if request.method != "POST":
        return _desenhar(request, DarfForm(usuario=usuario, darf=darf, initial=_inicial(request, darf)), darf)
    _conhecer(request.POST, usuario)
    form = _preenchido(request.POST, usuario, darf)
    if not form.is_valid():
        return _desenhar(request, form, darf, status=422)
    pronto: Darf = form.cleaned_data["darf"]
    try:
        with transaction.atomic():
            pronto.save()
    except IntegrityError:
        form.add_error("periodo", "Outra pessoa acabou de gravar este mesmo DARF. Veja-o na lista.")
        return _desenhar(request, form, darf, status=422)
    if aviso := darfs.ja_emitido(pronto.divida):
        messages.warning(request, aviso)
    if "emitir" in request.POST:
        return redirect(f"{reverse('guias:darf_emitir')}?ids={pronto.pk}")
    messages.success(request, f"{pronto} de {pronto.empresa} gravado. Marque-o na lista e emita.")
    return redirect("guias:darfs")


def _preenchido(dados: QueryDict, usuario: Any, darf: Darf | None) -> DarfForm:
    """The form as it was sent. Enter may come before the fields drawn again for another período: a due date that was
    proposed for the one before is proposed anew and shown, not saved."""
    form = DarfForm(dados, usuario=usuario, darf=darf)
    lido, proposto = form.periodo_lido, _dito(form.vencimento_proposto())
    digitado = dados.get("vencimento", "")
    if form.extensao_lida is None or digitado not in ("", dados.get("proposto", "")) or digitado == proposto:
        return form
    agora = dados.copy()
    agora["vencimento"] = proposto
    form = DarfForm(agora, usuario=usuario, darf=darf)
    if lido and proposto:
        dito = f"Para o período {lido.dito}, o vencimento proposto é {proposto}. Confira e grave de novo."
        form.add_error("vencimento", dito)
    return form


def _inicial(request: HttpRequest, darf: Darf | None) -> dict[str, Any]:
    if darf is not None:
        return inicial_de(darf)
    contexto, _ = contexto_fiscal(request)
    dia = dia_proposto(timezone.localdate())
    return {"empresa": contexto.empresa.pk if contexto.empresa else "", "consolidacao": dia}


def _conhecer(dados: QueryDict, usuario: Any) -> str:
    """Have what the receita asks for at hand; in pt-BR why it is not, or empty."""
    codigo, _ = ler_codigo(dados.get("receita", ""))
    pk = dados.get("empresa", "")
    if not codigo or not pk.isdecimal() or len(pk) > 18:
        return ""
    empresa = Empresa.objects.visiveis(usuario).filter(pk=pk).first()
    if empresa is None:
        return ""
    try:
        receitas_federais.caracteristicas(codigo, empresa)
    except receitas_federais.SemResposta as erro:
        return str(erro)
    return ""


def _desenhar(request: HttpRequest, form: DarfForm, darf: Darf | None, *, status: int = 200) -> HttpResponse:
    proposto = _dito(form.vencimento_proposto()) or request.POST.get("proposto", "")
    return render(
        request, "guias/darf_form.html", _contexto(form) | {"darf": darf, "proposto": proposto}, status=status
    )


def _dito(proposto: date | None) -> str:
    """A proposed due date, as the form's field writes it."""
    return format_data(proposto) if proposto else ""


def _contexto(form: DarfForm, problema: str = "") -> dict[str, Any]:
    empresa, extensao = form.empresa_lida, form.extensao_lida
    linha = receitas_federais.guardada(form.codigo)
    return {
        "form": form,
        "empresa": empresa,
        "extensao": extensao,
        "receita_texto": receitas_federais.rotulo(form.codigo, form.pedida),
        "condicionais": form.condicionais,
        "periodo_lido": form.periodo_lido,
        "estimativa": form.estimativa(),
        "sem_banco": form.sem_banco(),
        "problema": problema,
        "consultada_em": linha.consultada_em if linha else None,
    }


@require_GET
@opera
def campos(request: HttpRequest) -> HttpResponse:
    """The part of the form that the receita and the period shape, with what was typed; due date proposed."""
    usuario = usuario_de(request)
    problema = _conhecer(request.GET, usuario)
    inicial: dict[str, Any] = {nome: request.GET.get(nome, "") for nome in DarfForm.base_fields}
    inicial["so_barras"] = "so_barras" in request.GET
    if "consolidacao" not in request.GET:  # the first time that the fields are shown
        inicial["consolidacao"] = dia_proposto(timezone.localdate())
    form = DarfForm(usuario=usuario, initial=inicial)
    proposto = _dito(form.vencimento_proposto())
    if inicial["vencimento"] in ("", request.GET.get("proposto", "")):
        # A proposal goes with the period that it was for: left in the field, it would next count as typed.
        form.initial["vencimento"] = proposto
    return render(request, "guias/darf_form.html#campos", _contexto(form, problema) | {"proposto": proposto})


@require_GET
@opera
def estimativa(request: HttpRequest) -> HttpResponse:
    inicial: dict[str, Any] = {nome: request.GET.get(nome, "") for nome in DarfForm.base_fields}
    form = DarfForm(usuario=usuario_de(request), initial=inicial)
    return render(request, "guias/darf_form.html#estimativa", _contexto(form))


@require_GET
def receitas(request: HttpRequest) -> HttpResponse:
    """Options of the look-up: by code or by words."""
    texto = request.GET.get("q", "").strip()[:60]
    achadas = receitas_federais.procurar(texto)
    codigo, extensao = ler_codigo(texto)
    estranha = codigo if codigo and not any(r.codigo_receita == codigo for r in achadas) else ""
    return render(
        request, "guias/receitas_opcoes.html", {"receitas": achadas, "estranha": estranha, "extensao": extensao}
    )


# -- emission ----------------------------------------------------------------------------------------------------------


@opera
def emitir(request: HttpRequest) -> HttpResponse:
    """The pré-voo of the marked DARFs (by GET, of the one just typed); with `marca`, their run."""
    _, competencia = contexto_fiscal(request)
    dados = request.POST if request.method == "POST" else request.GET
    marcados = _marcados(request, dados)
    if request.method == "POST" and "marca" in request.POST:
        usuario, marca = usuario_de(request), request.POST["marca"]
        try:
            run = darfs.emitir(marcados, competencia, usuario, marca=marca)
        except Mudou as mudou:
            if (anterior := ja_pedido(darfs.TIPO, marca, usuario)) is not None:
                return redirect("operacoes:processamento", pk=anterior.pk)
            aviso = "A situação mudou desde que esta tela abriu, e nada foi enviado. Confira de novo."
            return _prevoo(request, dados, mudou.prevoo, aviso=aviso, status=422)
        return redirect("operacoes:processamento", pk=run.pk)
    if not marcados.exists():
        messages.error(request, "Nenhum DARF marcado. Marque os DARF e emita de novo.")
        return de_volta(request, "guias:darfs")
    return _prevoo(request, dados, darfs.previa(marcados, competencia))


def _prevoo(
    request: HttpRequest, dados: QueryDict, previa: Prevoo, *, aviso: str = "", status: int = 200
) -> HttpResponse:
    selecao = campos_da_selecao(dados)
    return desenhar_prevoo(
        request,
        previa,
        aviso=aviso,
        status=status,
        parametros=None if request.method == "POST" else dict(selecao),
        voltar=reverse("guias:darfs"),
    )


@require_POST
@opera
def outra_via(request: HttpRequest, pk: int) -> HttpResponse:
    """Prepare another copy of a DARF, for payment on the day proposed; nothing is asked yet."""
    darf = get_object_or_404(Darf.objects.visiveis(usuario_de(request)), pk=pk)
    try:
        copia = darfs.outra_via(darf, usuario_de(request))
    except darfs.Paga as paga:
        messages.error(request, str(paga))
        return redirect("guias:darfs")
    return redirect(f"{reverse('guias:darf_emitir')}?ids={copia.pk}")


@require_POST
@opera
def excluir(request: HttpRequest) -> HttpResponse:
    """Take the marked drafts away; what was asked for stays."""
    rascunhos: QuerySet[Darf] = _marcados(request, request.POST).filter(operacao=None)
    quantos, _ = rascunhos.delete()
    if quantos:
        messages.success(request, f"{contar(quantos, 'DARF excluído', 'DARF excluídos')}: nada tinha sido pedido.")
    else:
        messages.info(request, "Nada a excluir: só sai da lista o que ainda não foi pedido.")
    return de_volta(request, "guias:darfs")
