"""The window "API Integra Contador": the grid and the edits of its draft."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core import signing
from django.db.models import Case, When
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html_join
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from comum.formatos import format_numero
from comum.listas import Lista, campos_da_selecao, enderecos, selecionados
from comum.models import Usuario
from comum.permissoes import opera, usuario_de
from credentials.forms import VinculoForm
from credentials.lista_janela import Empresas, lista_da_janela
from credentials.models import Acao, Autor, Credencial, ItemRascunho
from credentials.services import credenciais
from credentials.services import rascunho as servico
from credentials.services.rascunho import Configuracao, LinhaJanela, Mudancas, Resultado
from credentials.views_credenciais import procurar_credencial
from empresas.listas import Celulas

_ULTIMA = "janela_credencial"
_SAL = "janela.replicar"
_AUTORES = dict(Autor.choices)


def credencial_de(codigo: int) -> Credencial:
    return get_object_or_404(Credencial.objects.select_related("certificado"), codigo=codigo)


@require_safe
def abrir(request: HttpRequest) -> HttpResponse:
    """The credencial used last, the only one there is, or the choice."""
    codigos = list(Credencial.objects.order_by("codigo").values_list("codigo", flat=True))
    ultima = request.session.get(_ULTIMA)
    if ultima in codigos or len(codigos) == 1:
        return redirect("janela:ver", ultima if ultima in codigos else codigos[0])
    return render(
        request, "credentials/janela_abrir.html", {"credenciais": Credencial.objects.select_related("certificado")}
    )


@require_safe
def procurar(request: HttpRequest) -> HttpResponse:
    """Options of the Credencial lookup."""
    texto = request.GET.get("q", "").strip()[:100]
    consulta = Credencial.objects.all()
    achadas = procurar_credencial(consulta, texto) if texto else consulta
    if texto.isdecimal() and len(texto) < 9:  # the very code comes first: Enter takes the first option
        achadas = achadas.order_by(Case(When(codigo=int(texto), then=0), default=1), "codigo")
    return HttpResponse(
        format_html_join(
            "",
            '<li role="option" data-valor="{}" data-rotulo="{}" data-codigo="{}">{}<br><small>{}</small></li>',
            (
                (c.codigo, str(c), c.codigo, str(c), f"{c.contratante_mascarado}{'' if c.ativa else ' · inativa'}")
                for c in achadas[:20]
            ),
        )
    )


@require_safe
def trocar(request: HttpRequest) -> HttpResponse:
    """Load another credencial; with pending edits in the present one, ask first."""
    para, de = request.GET.get("para", ""), request.GET.get("de", "")
    if not (para.isdecimal() and len(para) < 9):
        return redirect("janela:ver", de) if de.isdecimal() and len(de) < 9 else redirect("janela:abrir")
    destino = credencial_de(int(para))
    if de.isdecimal() and len(de) < 9 and de != para:
        atual = Credencial.objects.filter(codigo=int(de)).first()
        pendentes = servico.contar(servico.rascunho_de(usuario_de(request), atual)) if atual else None
        if pendentes:
            return render(
                request,
                "credentials/janela_trocar.html",
                {"credencial": atual, "destino": destino, "contagem": pendentes},
            )
    return redirect("janela:ver", destino.codigo)


@require_safe
def ver(request: HttpRequest, codigo: int) -> HttpResponse:
    usuario, credencial = usuario_de(request), credencial_de(codigo)
    if request.session.get(_ULTIMA) != codigo:
        request.session[_ULTIMA] = codigo
    rascunho = servico.rascunho_de(usuario, credencial) if usuario.opera else None
    lista = lista_da_janela(usuario, credencial, rascunho, request.GET)
    template = "credentials/janela.html" + ("#atualizacao" if request.htmx else "")  # type: ignore[attr-defined]
    return render(
        request,
        template,
        {
            "credencial": credencial,
            "rascunho": rascunho,
            "contagem": servico.contar(rascunho),
            "lista": lista,
            "linhas": list(_celulas(servico.linhas(list(lista.pagina), credencial, rascunho), credencial)),
            "publicos": credenciais.dados_publicos(credencial),
        },
    )


def _celulas(linhas: list[LinhaJanela], credencial: Credencial) -> Iterator[tuple[Any, ...]]:
    """The rows as the grid's template takes them: the cells, the address of Consultar, and the row itself."""
    endereco = enderecos("janela:consultar", credencial.codigo)
    for linha in linhas:
        servicos = ", ".join(linha.atual.servicos_rotulos)
        autor = _AUTORES.get(linha.atual.autor, linha.atual.autor)
        yield (*Celulas.de(linha.empresa), servicos, autor, endereco(linha.empresa.pk), linha)


def mudou(request: HttpRequest, credencial: Credencial, texto: str, tom: str = "ok") -> HttpResponse:
    """The answer after the draft changed: close the dialog, refresh the grid and its footer, say what was done."""
    if not request.htmx:  # type: ignore[attr-defined]
        messages.add_message(request, messages.SUCCESS if tom == "ok" else messages.WARNING, texto)
        return redirect("janela:ver", credencial.codigo)
    resposta = HttpResponse(status=204)
    for evento, dados in (
        ("dialogo:fechar", {}),
        ("grade:desmarcar", {}),
        ("janela:mudou", {}),
        ("aviso", {"texto": texto, "tom": tom}),
    ):
        trigger_client_event(resposta, evento, dados)
    return resposta


def com_recusas(
    request: HttpRequest, credencial: Credencial, titulo: str, texto: str, resultado: Resultado
) -> HttpResponse:
    """Like mudou(), but what was left out stays on screen, named, until the user closes the dialog."""
    if not resultado.recusas:
        return mudou(request, credencial, texto)
    resposta = render(
        request,
        "credentials/janela_resultado.html",
        {"credencial": credencial, "titulo": titulo, "texto": texto, "resultado": resultado},
    )
    for evento in ("grade:desmarcar", "janela:mudou"):
        trigger_client_event(resposta, evento, {})
    return resposta


def _lista(usuario: Usuario, credencial: Credencial, params: QueryDict) -> Lista[Any]:
    return lista_da_janela(usuario, credencial, servico.rascunho_de(usuario, credencial), params)


def marcadas(request: HttpRequest, credencial: Credencial) -> Empresas:
    """The rows of the grid that the form speaks of."""
    usuario = usuario_de(request)
    base = servico.empresas_da_janela(usuario, credencial, servico.rascunho_de(usuario, credencial))
    escolhidas: Empresas = selecionados(request.POST, base, lambda params: _lista(usuario, credencial, params))
    return escolhidas


def empresas_n(quantas: int) -> str:
    return f"{format_numero(quantas)} empresa{'s' if quantas != 1 else ''}"


def _linha(usuario: Usuario, credencial: Credencial, empresa: int) -> LinhaJanela:
    rascunho = servico.rascunho_de(usuario, credencial) if usuario.opera else None
    na_grade = servico.empresas_da_janela(usuario, credencial, rascunho).select_related("municipio", "carteira")
    return servico.linhas([get_object_or_404(na_grade, pk=empresa)], credencial, rascunho)[0]


@require_safe
def consultar(request: HttpRequest, codigo: int, empresa: int) -> HttpResponse:
    credencial = credencial_de(codigo)
    linha = _linha(usuario_de(request), credencial, empresa)
    return render(request, "credentials/janela_consultar.html", {"credencial": credencial, "linha": linha})


@require_safe
def consultar_marcada(request: HttpRequest, codigo: int) -> HttpResponse:
    """Consultar of the toolbar: the row that is marked."""
    return consultar(request, codigo, _inteiro(request.GET.get("ids", "")))


@opera
@require_POST
def alterar(request: HttpRequest, codigo: int) -> HttpResponse:
    """Open the form on the first of the marked rows as the grid shows them; the others wait for the replication."""
    usuario, credencial = usuario_de(request), credencial_de(codigo)
    escolhidas = marcadas(request, credencial)
    excluidas = ItemRascunho.objects.filter(
        rascunho__usuario=usuario, rascunho__credencial=credencial, acao=Acao.EXCLUIR
    ).values("empresa")
    grade = _lista(usuario, credencial, QueryDict(request.POST.get("filtro", "")))
    primeira = grade.ordenar(escolhidas.exclude(pk__in=excluidas)).first()
    if primeira is None:
        texto = "Nada a alterar: as linhas marcadas estão excluídas no rascunho. Desfaça a exclusão antes."
        return mudou(request, credencial, texto, "atencao")
    linha = _linha(usuario, credencial, primeira.pk)
    form = VinculoForm(atual=Configuracao.de(linha.atual), com_segredos=usuario.administra)
    return _form_alterar(request, credencial, linha, form, escolhidas.count())


def _form_alterar(
    request: HttpRequest, credencial: Credencial, linha: LinhaJanela, form: VinculoForm, quantas: int
) -> HttpResponse:
    contexto = {
        "credencial": credencial,
        "linha": linha,
        "form": form,
        "outras": quantas - 1,
        "selecao": campos_da_selecao(request.POST),
    }
    return render(request, "credentials/janela_alterar.html", contexto, status=422 if form.errors else 200)


@opera
@require_POST
def gravar_alteracao(request: HttpRequest, codigo: int) -> HttpResponse:
    """Put the edit of one row into the draft; with more rows marked, show what changed and offer to replicate it."""
    usuario, credencial = usuario_de(request), credencial_de(codigo)
    linha = _linha(usuario, credencial, _inteiro(request.POST.get("empresa", "")))
    atual = Configuracao.de(linha.atual)
    form = VinculoForm(request.POST, request.FILES, atual=atual, com_segredos=usuario.administra)
    escolhidas = marcadas(request, credencial)
    if not form.is_valid():
        return _form_alterar(request, credencial, linha, form, escolhidas.count())
    mudancas = Mudancas.entre(atual, form.configuracao())
    resultado = servico.alterar(
        usuario=usuario,
        credencial=credencial,
        mudancas={linha.empresa.pk: mudancas},
        certificado=form.novo,
    )
    restantes = escolhidas.exclude(pk=linha.empresa.pk)
    outras = restantes.count()
    if resultado.recusas:
        return com_recusas(request, credencial, "Não alterada", "A empresa não foi alterada.", resultado)
    if not mudancas:
        return mudou(request, credencial, "Nada mudou: a configuração ficou como estava.", "info")
    if not outras:
        return mudou(request, credencial, f"{linha.empresa}: alterada no rascunho.")
    ja_assim = servico.contar_ja_assim(usuario, credencial, restantes, mudancas)
    if ja_assim == outras:
        demais = "A outra marcada já estava assim" if outras == 1 else "As outras marcadas já estavam assim"
        return mudou(request, credencial, f"{linha.empresa}: alterada no rascunho. {demais}.")
    resposta = render(
        request,
        "credentials/janela_replicar.html",
        {
            "credencial": credencial,
            "linha": linha,
            "mudancas": mudancas.em_palavras(),
            "assinada": signing.dumps(mudancas.para_json(), salt=_SAL),
            "outras": outras,
            "ja_assim": ja_assim,
            "mudam": outras - ja_assim,
            "selecao": campos_da_selecao(request.POST),
        },
    )
    return trigger_client_event(resposta, "janela:mudou", {})


@opera
@require_POST
def replicar(request: HttpRequest, codigo: int) -> HttpResponse:
    """Copy the changed fields, and only them, to the other marked rows."""
    usuario, credencial = usuario_de(request), credencial_de(codigo)
    try:
        mudancas = Mudancas.de_json(signing.loads(request.POST.get("mudancas", ""), salt=_SAL, max_age=12 * 3600))
    except signing.BadSignature as erro:
        raise Http404("A alteração a replicar não foi reconhecida. Abra Alterar de novo.") from erro
    outras = marcadas(request, credencial).exclude(pk=_inteiro(request.POST.get("empresa", "")))
    resultado = servico.alterar(
        usuario=usuario, credencial=credencial, mudancas=dict.fromkeys(outras.values_list("pk", flat=True), mudancas)
    )
    texto = f"Alteração replicada para {empresas_n(resultado.feitas)} no rascunho"
    if resultado.iguais:
        texto += f"; {empresas_n(resultado.iguais)} já {'estavam' if resultado.iguais != 1 else 'estava'} assim"
    texto += "."
    return com_recusas(request, credencial, "Replicação", texto, resultado)


@opera
@require_POST
def excluir(request: HttpRequest, codigo: int) -> HttpResponse:
    usuario, credencial = usuario_de(request), credencial_de(codigo)
    feito = servico.excluir(usuario=usuario, credencial=credencial, empresas=marcadas(request, credencial))
    partes = []
    if feito.retiradas == 1:
        partes.append("1 inclusão retirada do rascunho.")
    elif feito.retiradas:
        partes.append(f"{format_numero(feito.retiradas)} inclusões retiradas do rascunho.")
    if feito.marcadas:
        partes.append(f"{empresas_n(feito.marcadas)}: exclusão no rascunho. Vale só depois de Avançar.")
    if not partes:
        return mudou(request, credencial, "Nada a excluir: as linhas marcadas já estavam excluídas.", "info")
    return mudou(request, credencial, " ".join(partes))


@opera
@require_POST
def desfazer_edicao(request: HttpRequest, codigo: int) -> HttpResponse:
    """Take the edit of one row out of the draft."""
    credencial = credencial_de(codigo)
    empresa = _inteiro(request.POST.get("empresa", ""))
    feitas = servico.desfazer_linhas(usuario=usuario_de(request), credencial=credencial, empresas=[empresa])
    return mudou(request, credencial, "Edição desfeita." if feitas else "A linha não tinha edição.", "ok")


@opera
@require_POST
def cancelar(request: HttpRequest, codigo: int) -> HttpResponse:
    credencial = credencial_de(codigo)
    quantas = servico.cancelar(usuario=usuario_de(request), credencial=credencial)
    texto = f"{format_numero(quantas)} edições desfeitas." if quantas != 1 else "1 edição desfeita."
    return mudou(request, credencial, texto if quantas else "Não havia edições a desfazer.")


def _inteiro(texto: str) -> int:
    """A primary key from a form; 0, which no row has, for anything else."""
    return int(texto) if texto.isdecimal() and len(texto) < 19 else 0
