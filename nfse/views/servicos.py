"""Serviços: list, export, one by one, and the look-ups of their codes."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from comum.formatos import normalizar
from comum.listas import Lista, a_exportar, enderecos, selecionados
from comum.permissoes import opera, usuario_de
from comum.respostas import exportacao, lista_de_onde_veio
from empresas.contexto import contexto_de
from empresas.models import ItemLc116, ServicoNacional
from nfse.forms import ServicoForm
from nfse.forms.servicos import RETENCOES, atividades, rotulo_da_atividade, rotulo_do_nacional
from nfse.listas import CABECALHO_SERVICOS, lista_de_servicos, servicos_exportados
from nfse.models import Servico
from nfse.models.cadastro import ServicoQuerySet
from nfse.services.descricao import montar_descricao
from nfse.services.servicos import salvar_servico
from nfse.views.base import ativar, desenhar_lista, empresa_do_contexto, empresa_pedida, gravado

OPCOES = 20


def _lista(request: HttpRequest, params: QueryDict) -> Lista[ServicoQuerySet]:
    return lista_de_servicos(params, usuario_de(request), empresa_do_contexto(request))


@require_GET
def lista(request: HttpRequest) -> HttpResponse:
    servicos = _lista(request, request.GET)
    endereco = enderecos("nfse:servico")
    linhas = [(servico, str(servico.pk), endereco(servico.pk)) for servico in servicos.pagina]
    return desenhar_lista(request, "nfse/servico_list.html", servicos, linhas=linhas)


def _marcados(request: HttpRequest) -> ServicoQuerySet:
    visiveis = Servico.objects.visiveis(usuario_de(request))
    return selecionados(request.POST, visiveis, lambda params: _lista(request, params))


@require_POST
def exportar(request: HttpRequest) -> HttpResponseBase:
    servicos = a_exportar(request, lambda params: _lista(request, params), _marcados, "ordem", "pk")
    return exportacao(request, "serviços", CABECALHO_SERVICOS, servicos_exportados(servicos))


@require_POST
@opera
def ativar_marcados(request: HttpRequest) -> HttpResponse:
    return ativar(request, _marcados(request), True, "nfse:servicos")


@require_POST
@opera
def inativar_marcados(request: HttpRequest) -> HttpResponse:
    return ativar(request, _marcados(request), False, "nfse:servicos")


@require_GET
def ver(request: HttpRequest, pk: int) -> HttpResponse:
    visiveis = Servico.objects.visiveis(usuario_de(request)).select_related("empresa", "item_lc116", "cnae")
    servico = get_object_or_404(visiveis, pk=pk)
    competencia = contexto_de(request).competencia
    atividade = None
    if servico.atividade is not None:
        atividade = atividades(servico.empresa_id).filter(id_servico=servico.atividade).first()
    contexto = {
        "servico": servico,
        "volta": lista_de_onde_veio(request, reverse("nfse:servicos")),
        "competencia": competencia,
        "descricao": montar_descricao(servico.descricao, competencia),
        "atividade": rotulo_da_atividade(atividade) if atividade else "",
        "retencoes": [
            (rotulo, valor) for nome, rotulo in RETENCOES.items() if (valor := getattr(servico, nome)) is not None
        ],
        "contratos": servico.contratos.vigentes(timezone.localdate().replace(day=1)).count(),
    }
    return render(request, "nfse/servico_detail.html", contexto)


@opera
def novo(request: HttpRequest) -> HttpResponse:
    return _editar(request, None)


@opera
def alterar(request: HttpRequest, pk: int) -> HttpResponse:
    visiveis = Servico.objects.visiveis(usuario_de(request)).select_related("empresa")
    return _editar(request, get_object_or_404(visiveis, pk=pk))


def _editar(request: HttpRequest, servico: Servico | None) -> HttpResponse:
    usuario = usuario_de(request)
    dados = request.POST if request.method == "POST" else None
    iniciais = {"empresa": empresa_do_contexto(request)} if servico is None else None
    form = ServicoForm(dados, instance=servico, usuario=usuario, initial=iniciais)
    existia = form.altera
    if dados is not None:
        salvo = gravado(form, lambda: salvar_servico(servico=form.instance, usuario=usuario))
        if salvo is not None:
            messages.success(request, f"Serviço {salvo} {'alterado' if existia else 'incluído'}.")
            return redirect(salvo)
    contexto = {"form": form, "existia": existia, "escolhas": form.textos(), "servico": servico}
    return render(request, "nfse/servico_form.html", contexto, status=422 if dados is not None else 200)


# -- look-ups (F2) ----------------------------------------------------------------------------------------------------


def _opcoes(request: HttpRequest, opcoes: list[tuple[Any, str, str, str]], vazio: str) -> HttpResponse:
    """(value, label, typed code, second line) of each option."""
    return render(request, "nfse/opcoes.html#simples", {"opcoes": opcoes, "vazio": vazio})


@require_GET
def procurar(request: HttpRequest) -> HttpResponse:
    """Options among the active serviços of one empresa (?empresa=), by code or by words, the exact code first."""
    empresa, texto = empresa_pedida(request), request.GET.get("q", "").strip()[:100]
    if empresa is None:
        return _opcoes(request, [], "Escolha antes a empresa.")
    servicos = Servico.objects.filter(empresa=empresa, ativo=True)
    achados = list(servicos.filter(codigo=texto)) if texto else []
    demais = servicos.procurar(texto) if texto else servicos
    achados += [s for s in demais.order_by("ordem", "pk")[:OPCOES] if s not in achados]
    opcoes = [(s.pk, str(s), s.codigo, f"item {s.item_lc116_id} da LC 116") for s in achados[:OPCOES]]
    return _opcoes(request, opcoes, "Nenhum serviço assim nesta empresa.")


@require_GET
def itens_lc116(request: HttpRequest) -> HttpResponse:
    """Options by item, whole or begun (1.07, 0107), or by words of the description."""
    texto = request.GET.get("q", "").strip()[:100]
    itens = list(ItemLc116.objects.all())
    numeros = _so_numeros(texto)
    if numeros:
        itens = [i for i in itens if i.item.startswith(texto) or _doze(i.item).startswith(numeros)]
    else:
        itens = [i for i in itens if _tem(i.descricao, texto)]
    itens.sort(key=lambda i: tuple(map(int, i.item.split("."))))
    return _opcoes(
        request, [(i.pk, str(i)[:90], i.pk, i.descricao) for i in itens[:OPCOES]], "Nenhum item da LC 116 assim."
    )


@require_GET
def servicos_nacionais(request: HttpRequest) -> HttpResponse:
    """Options of the national list (cTribNac), of one item of the LC 116 when it is known (?item_lc116=)."""
    texto, item = request.GET.get("q", "").strip()[:100], request.GET.get("item_lc116", "")[:5]
    consulta = ServicoNacional.objects.filter(item_lc116=item) if item else ServicoNacional.objects.all()
    numeros = _so_numeros(texto)
    if numeros:
        consulta = consulta.filter(pk__startswith=numeros)
    achados = [s for s in consulta if numeros or _tem(s.descricao, texto)][:OPCOES]
    vazio = f"Nenhum código nacional assim no item {item}." if item else "Nenhum código nacional assim."
    return _opcoes(request, [(s.pk, rotulo_do_nacional(s), s.pk, s.descricao) for s in achados], vazio)


@require_GET
def procurar_atividades(request: HttpRequest) -> HttpResponse:
    """Options of what SISGENF-e lets the empresa (?empresa=) render, as read last."""
    empresa, texto = empresa_pedida(request), request.GET.get("q", "").strip()[:60]
    if empresa is None:
        return _opcoes(request, [], "Escolha antes a empresa.")
    consulta = atividades(empresa.pk)
    if not consulta.exists():
        return _opcoes(request, [], "Sem atividades lidas do SISGENF-e. Atualize os cadastros no canal da empresa.")
    achadas = consulta.filter(Q(codigo__icontains=texto) | Q(nome__icontains=texto) | Q(lc116=texto))[:OPCOES]
    opcoes = [(a.id_servico, rotulo_da_atividade(a), a.codigo, f"item {a.lc116}, id {a.id_servico}") for a in achadas]
    return _opcoes(request, opcoes, "Nenhuma atividade assim.")


def _so_numeros(texto: str) -> str:
    """The digits of a code typed with or without its marks; empty for words."""
    limpo = texto.replace(".", "").replace(" ", "")
    return limpo if limpo.isascii() and limpo.isdecimal() else ""


def _doze(item: str) -> str:
    """1.07 as 0107, the way town halls write it."""
    grupo, _, numero = item.partition(".")
    return grupo.zfill(2) + numero.zfill(2)


def _tem(descricao: str, texto: str) -> bool:
    onde = normalizar(descricao)
    return all(palavra in onde for palavra in normalizar(texto).split())
