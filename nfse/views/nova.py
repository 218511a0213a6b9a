"""*Nova nota* and the editing of a draft: typing, what it comes to, checking, preview, saving."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from comum.permissoes import opera, usuario_de
from empresas.contexto import contexto_de
from empresas.models import Empresa
from nfse.forms import papeis
from nfse.forms.edicao import Cru, Edicao, cabecalho_de, cabecalho_novo, linhas_de
from nfse.models import Nota, Servico, Tomador
from nfse.models.papeis import LISTAS
from nfse.services.calculo import Linha, Totais
from nfse.services.notas import NotaOcupada, ReferenciaRepetida, esboco, gravar
from nfse.services.papeis import origem_da_deducao
from nfse.services.previa import previa as pedir_previa
from nfse.services.previa import tem_previa
from nfse.services.validacao import Problema, problemas
from nfse.views.nota import nota_visivel
from operacoes.errors import ProviderError

TEMPLATE = "nfse/nota_form.html"
PAGINA = ["GET", "HEAD", "POST"]


@dataclass(frozen=True)
class Resumo:
    """What the typed comes to. `problemas` is None while something cannot be read: there is nothing to judge yet."""

    totais: Totais
    linhas: Sequence[Linha]
    retencoes: Sequence[tuple[str, Decimal]]
    iss_retido: bool
    problemas: Sequence[Problema] | None
    deducao: str = ""  # where that of the note as a whole comes from
    sem_iss: str = ""  # why it has no ISS of its own


def _resumo(edicao: Edicao, request: HttpRequest) -> Resumo:
    lida = edicao.digitada()
    return Resumo(
        totais=lida.totais(),
        linhas=lida.linhas(),
        retencoes=lida.retencoes(),
        iss_retido=bool(lida.form.cleaned_data.get("iss_retido")),
        problemas=_problemas(lida, request) if lida.valida() else None,
        deducao=origem_da_deducao(lida.detalhes()),
        sem_iss=lida.sem_iss,
    )


def _problemas(edicao: Edicao, request: HttpRequest) -> list[Problema]:
    """What would keep it from being issued, as in the pré-voo, without saving."""
    rotas = edicao.contexto.rotas
    nota, itens = esboco(edicao.dados(), usuario_de(request), _sem_salvar(edicao.nota), rotas=rotas)
    return problemas(nota, itens, edicao.contexto)


def _sem_salvar(nota: Nota | None) -> Nota | None:
    """Another instance of the stored note, to be filled and thrown away."""
    return None if nota is None else Nota.objects.select_related("substitui", "contrato").get(pk=nota.pk)


# -- pages -----------------------------------------------------------------------------------------------------------


@require_http_methods(PAGINA)
@never_cache
@opera
def nova(request: HttpRequest) -> HttpResponse:
    """A new nota of the empresa of the top bar (?empresa= for another), or one like another (?copia=)."""
    if request.method == "POST":
        empresa = _empresa(request, request.POST.get("empresa", ""))
        return _receber(request, empresa, None) if empresa else _perguntar_empresa(request, status=422)
    copia = _copia(request)
    empresa = copia.empresa if copia else _empresa(request, request.GET.get("empresa", ""))
    if empresa is None:
        return _perguntar_empresa(request, status=422 if "empresa" in request.GET else 200)
    return _desenhar(request, _inicial(request, empresa, copia))


@require_http_methods(PAGINA)
@never_cache
@opera
def editar(request: HttpRequest, pk: int) -> HttpResponse:
    nota = nota_visivel(request, pk)
    if not nota.editavel:
        messages.info(request, f"A nota {nota.nome} está “{nota.get_situacao_display()}” e não pode mais ser alterada.")
        return redirect(nota)
    if request.method == "POST":
        return _receber(request, nota.empresa, nota)
    linhas = linhas_de(nota)
    edicao = Edicao(nota.empresa, nota.competencia, nota=nota, cabecalho=cabecalho_de(nota), linhas=linhas)
    return _desenhar(request, edicao)


def _empresa(request: HttpRequest, texto: str) -> Empresa | None:
    """The empresa asked for, else that of the top bar; active and among those of the user."""
    visiveis = Empresa.objects.visiveis(usuario_de(request)).filter(ativa=True).select_related("municipio")
    if texto:
        return visiveis.filter(pk=texto).first() if texto.isdecimal() and len(texto) < 19 else None
    do_contexto = contexto_de(request).empresa
    return visiveis.filter(pk=do_contexto.pk).first() if do_contexto else None


def _copia(request: HttpRequest) -> Nota | None:
    pk = request.GET.get("copia", "")
    return nota_visivel(request, int(pk)) if pk.isdecimal() and len(pk) < 19 else None


def _inicial(request: HttpRequest, empresa: Empresa, copia: Nota | None) -> Edicao:
    competencia = contexto_de(request).competencia
    cabecalho: Cru = cabecalho_novo(empresa, competencia)
    linhas: list[Cru] = []
    if copia is not None:
        cabecalho = cabecalho_de(copia) | {
            "competencia": competencia,
            "emissao": timezone.localdate(),
            "referencia": "",
            "versao": None,
            **papeis.de_outra_nota(),
        }
        linhas = linhas_de(copia)
        if any(copia.detalhes.get(lista) for lista in LISTAS):
            messages.info(request, "Os documentos da dedução e dos reembolsos não vieram: são da nota copiada.")
    elif (tomador := request.GET.get("tomador", "")).isdecimal():
        achado = Tomador.objects.filter(empresa=empresa, pk=tomador[:18]).first()
        cabecalho["tomador"] = achado.pk if achado else None
    return Edicao(empresa, competencia, cabecalho=cabecalho, linhas=linhas)


def _perguntar_empresa(request: HttpRequest, status: int = 200) -> HttpResponse:
    return render(request, "nfse/nota_empresa.html", {"tentou": status != 200}, status=status)


def _desenhar(
    request: HttpRequest, edicao: Edicao, *, resumo: Resumo | None = None, conferida: bool = False, status: int = 200
) -> HttpResponse:
    contexto = {
        "edicao": edicao,
        "nota": edicao.nota,
        "empresa": edicao.empresa,
        "resumo": resumo or _resumo(edicao, request),
        "tem_previa": tem_previa(edicao.canal),
        "conferida": conferida,
        "comeca": not request.htmx and not edicao.form.is_bound and edicao.tomador is None,  # type: ignore[attr-defined]
        "tem_servicos": Servico.objects.filter(empresa=edicao.empresa, ativo=True).exists(),
        "voltar": edicao.nota.get_absolute_url() if edicao.nota else reverse("nfse:notas"),
    }
    parte = "#corpo" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, TEMPLATE + parte, contexto, status=status)


# -- what was typed --------------------------------------------------------------------------------------------------


def _receber(request: HttpRequest, empresa: Empresa, nota: Nota | None) -> HttpResponse:
    """Save (`salvar`), check without saving (`conferir`), or save and go on to issue (`emitir`). Other values of `acao`
    change the lines."""
    acao = request.POST.get("acao", "salvar")
    competencia = nota.competencia if nota else contexto_de(request).competencia
    if acao not in ("salvar", "conferir", "emitir"):
        return _desenhar(request, Edicao.refeita(request.POST, empresa, competencia, nota=nota, acao=acao))
    edicao = Edicao(empresa, competencia, nota=nota, dados=request.POST)
    if not edicao.valida():
        return _desenhar(request, edicao, status=422)
    if acao != "salvar":
        achados = _problemas(edicao, request)
        edicao.marcar(achados)
        if achados or acao == "conferir":
            resumo = _resumo_de(edicao, achados)
            return _desenhar(request, edicao, resumo=resumo, conferida=not achados, status=422 if achados else 200)
    return _gravar(request, edicao, acao)


def _resumo_de(edicao: Edicao, achados: Sequence[Problema] | None) -> Resumo:
    retido = bool(edicao.form.cleaned_data.get("iss_retido"))
    origem = origem_da_deducao(edicao.detalhes())
    return Resumo(edicao.totais(), edicao.linhas(), edicao.retencoes(), retido, achados, origem, edicao.sem_iss)


def _gravar(request: HttpRequest, edicao: Edicao, acao: str) -> HttpResponse:
    dados = edicao.dados()
    try:
        salva = gravar(dados, usuario_de(request), edicao.nota, versao=edicao.form.cleaned_data["versao"])
    except NotaOcupada as erro:
        edicao.form.add_error(None, str(erro))
        return _desenhar(request, edicao, resumo=_resumo_de(edicao, None), status=422)
    except ReferenciaRepetida:
        edicao.form.add_error(
            "referencia",
            f"A empresa já tem uma nota com a referência “{dados.referencia}”. Use outra, ou deixe em branco.",
        )
        return _desenhar(request, edicao, resumo=_resumo_de(edicao, None), status=422)
    if acao == "emitir":
        destino = reverse("nfse:emitir", args=[salva.pk])
    else:
        messages.success(request, "Rascunho salvo. Nada foi enviado.")
        destino = reverse("nfse:editar", args=[salva.pk])
    return HttpResponseClientRedirect(destino) if request.htmx else redirect(destino)  # type: ignore[attr-defined]


def _editada(request: HttpRequest) -> tuple[Empresa, Nota | None] | None:
    """Whose form was sent: of a new nota, or (`nota`) of a stored one."""
    pk = request.POST.get("nota", "")
    if pk:
        if not (pk.isdecimal() and len(pk) < 19):
            return None
        nota = get_object_or_404(Nota.objects.visiveis(usuario_de(request)).select_related("empresa__municipio"), pk=pk)
        return nota.empresa, nota
    empresa = _empresa(request, request.POST.get("empresa", ""))
    return (empresa, None) if empresa else None


@require_POST
@opera
def calcular(request: HttpRequest) -> HttpResponse:
    """What the typed comes to, as one types; with `acao`, the whole form with its lines changed."""
    achada = _editada(request)
    if achada is None:
        return HttpResponse("Escolha antes a empresa.", status=400, content_type="text/plain; charset=utf-8")
    empresa, nota = achada
    competencia = nota.competencia if nota else contexto_de(request).competencia
    if acao := request.POST.get("acao", ""):
        return _desenhar(request, Edicao.refeita(request.POST, empresa, competencia, nota=nota, acao=acao))
    edicao = Edicao(empresa, competencia, nota=nota, dados=request.POST)
    return render(request, TEMPLATE + "#resumo", {"edicao": edicao, "resumo": _resumo(edicao, request), "vivo": True})


@require_POST
@opera
def previa(request: HttpRequest) -> HttpResponse:
    """The PDF that issuing would give, in another tab; what is wrong is told there, and the form stays as it was."""
    achada = _editada(request)
    if achada is None:
        return _sem_previa(request, "Escolha antes a empresa.")
    empresa, nota = achada
    competencia = nota.competencia if nota else contexto_de(request).competencia
    edicao = Edicao(empresa, competencia, nota=nota, dados=request.POST)
    canal = edicao.canal
    if canal is None or not tem_previa(canal):
        return _sem_previa(request, edicao.rota.motivo or f"O canal {canal} não tem prévia. Use Conferir.")
    if not edicao.valida():
        return _sem_previa(request, "Há campos a acertar. Volte à nota, use Conferir e peça a prévia de novo.")
    rotas = edicao.contexto.rotas
    esbocada, itens = esboco(edicao.dados(), usuario_de(request), _sem_salvar(nota), rotas=rotas)
    try:
        conteudo = pedir_previa(esbocada, itens, canal)
    except ProviderError as erro:
        return _sem_previa(request, erro.mensagem, erro.texto)
    resposta = HttpResponse(conteudo, content_type="application/pdf")
    resposta["Content-Disposition"] = 'inline; filename="previa.pdf"'
    resposta["X-Content-Type-Options"] = "nosniff"
    resposta["Cache-Control"] = "private, no-store"
    return resposta


def _sem_previa(request: HttpRequest, motivo: str, palavras: str = "") -> HttpResponse:
    return render(request, "nfse/previa_recusada.html", {"motivo": motivo, "palavras": palavras}, status=422)
