"""One title: what is owed, how it stands, everything that happened to it, and what can be asked of it."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from arquivo.models import Documento
from comum.permissoes import usuario_de
from comum.respostas import lista_de_onde_veio
from operacoes.esperas import Estado, filas_de
from operacoes.handlers import handler_de
from operacoes.models import ABERTAS, Operacao, Situacao
from pagar.linha_do_titulo import atraso_de
from pagar.models import ItemPagamento, Movimento, Titulo
from pagar.providers import blocos, interface
from pagar.services import atos, lote, pagamentos, palavras, registro
from pagar.services.guias import na_receita
from pagar.services.linha_do_tempo import historia, sem_repetir

Tipo = Movimento.Tipo
_COM_TUDO = ("conta", "empresa", "fornecedor", "guia", "nota", "lote", "operacao", "em_curso", "criado_por")
_RECUSAS = (Tipo.RECUSADO, Tipo.ATO_RECUSADO)


def titulo_visivel(request: HttpRequest, pk: int) -> Titulo:
    return get_object_or_404(Titulo.objects.visiveis(usuario_de(request)).select_related(*_COM_TUDO), pk=pk)


@require_GET
@never_cache
def ver(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; ?parte=situacao is what it asks for while something is under way. When the state is no longer the one
    on the screen (`marca`), the answer is all of the page's content."""
    titulo = titulo_visivel(request, pk)
    em_aberto = _abertas(titulo)
    marca = _marca(titulo, em_aberto)
    parcial = bool(request.htmx) and request.GET.get("parte") == "situacao"  # type: ignore[attr-defined]
    if parcial and request.GET.get("marca") == marca:
        return render(request, "pagar/titulo_detail.html#situacao", _da_situacao(request, titulo, em_aberto, marca))
    contexto = _pagina(request, titulo) | _da_situacao(request, titulo, em_aberto, marca) | {"mudou": parcial}
    resposta = render(request, "pagar/titulo_detail.html" + ("#titulo" if parcial else ""), contexto)
    if parcial:
        resposta["HX-Retarget"], resposta["HX-Reswap"] = "#titulo", "outerHTML"
    return resposta


# -- what is under way -------------------------------------------------------------------------------------------------


def _abertas(titulo: Titulo) -> list[Operacao]:
    quais = {operacao.pk: operacao for operacao in (titulo.operacao, titulo.em_curso) if operacao is not None}
    return [operacao for operacao in quais.values() if operacao.situacao in ABERTAS]


def _marca(titulo: Titulo, em_aberto: Sequence[Operacao]) -> str:
    """Changes when what the page shows does."""
    partes = [titulo.situacao, str(titulo.versao), titulo.alterado_em.isoformat()]
    partes += [f"{o.pk}:{o.situacao}:{o.envios}:{o.perguntas}:{o.tentativa_atual}" for o in em_aberto]
    return hashlib.sha256("|".join(partes).encode()).hexdigest()[:16]


def _da_situacao(request: HttpRequest, titulo: Titulo, em_aberto: Sequence[Operacao], marca: str) -> dict[str, Any]:
    estado = Estado() if em_aberto else None
    filas = filas_de(list(em_aberto), estado) if estado else {}
    suas = Operacao.objects.visiveis(usuario_de(request)).filter(pk__in=[operacao.pk for operacao in em_aberto])
    visiveis = set(suas.values_list("pk", flat=True)) if em_aberto else set()
    return {
        "titulo": titulo,
        "marca": marca,
        "em_aberto": [
            (
                operacao,
                handler_de(operacao.tipo).rotulo,
                estado.espera(operacao, filas) if estado else "",
                operacao.pk in visiveis,
            )
            for operacao in em_aberto
        ],
        "andando": any(operacao.situacao != Situacao.AGUARDA_PESSOA for operacao in em_aberto),
        "pergunta": next((o for o in em_aberto if o.situacao == Situacao.AGUARDA_PESSOA and o.pk in visiveis), None),
    }


# -- the rest of the page ----------------------------------------------------------------------------------------------


def _pagina(request: HttpRequest, titulo: Titulo) -> dict[str, Any]:
    usuario = usuario_de(request)
    classe = interface.Antecipacao if titulo.antecipacao else interface.Titulo
    ultimo = titulo.movimentos.select_related("operacao").exclude(tipo=Tipo.AVISO).last()
    recusa = ultimo if ultimo is not None and ultimo.tipo in _RECUSAS else None
    return {
        "retido": registro.retido(registro.corpo_de(titulo).impostos),
        "atraso": atraso_de(titulo, timezone.localdate()),
        "recusa": recusa,
        "palavras_da_recusa": _palavras(request, recusa),
        "corrigir": _corrigir(request, titulo, recusa),
        "campos": palavras.campos_em_palavras(classe, titulo.corpo, _NO_ALTO),
        "atualizados": _atualizados(titulo),
        "blocos": _blocos(titulo),
        "na_receita": na_receita([titulo]).get(titulo.pk),
        "documento_da_guia": _documento_da_guia(request, titulo),
        "itens": list(
            ItemPagamento.objects.filter(titulo=titulo).select_related("pagamento").order_by("-pagamento__pk")
        ),
        "abatimentos": _abatimentos(request, titulo) if titulo.antecipacao else [],
        "historia": historia(titulo, usuario, acoes=_estornos(request, titulo), tudo=request.GET.get("tudo") == "1"),
        "voltar": lista_de_onde_veio(request, reverse("pagar:titulos")),
        **_por_que_nao(request, titulo),
    }


# Shown already, above all the fields.
_NO_ALTO = ("sequencia", "fornecedor", "especie", "serie", "numero", "parcela", "codigo_barras")


def _palavras(request: HttpRequest, recusa: Movimento | None) -> str:
    """The ERP's own words; those of a batch are told to who sees all of it."""
    if recusa is None or recusa.operacao is None:
        return ""
    if not Operacao.objects.visiveis(usuario_de(request)).filter(pk=recusa.operacao.pk).exists():
        return ""
    return sem_repetir(recusa.texto, recusa.operacao.palavras_do_servico or recusa.operacao.mensagem)


def _corrigir(request: HttpRequest, titulo: Titulo, recusa: Movimento | None) -> tuple[str, str] | None:
    """(words, address) of the form of the refused act, as it was typed."""
    operacao = recusa.operacao if recusa is not None else None
    if operacao is None or not usuario_de(request).opera or atos.por_que_nao_agir(titulo):
        return None
    if operacao.tipo == pagamentos.PAGAR:
        return "Abrir o pagamento recusado", reverse("pagar:pagamento", args=[operacao.pedido["pagamento"]])
    if operacao.tipo == atos.ATUALIZAR:
        nome, chaves = "titulo_atualizar", [titulo.pk]
    elif operacao.tipo != atos.ESTORNAR:
        return None
    elif movimento := operacao.pedido["movimento"]:
        nome, chaves = "movimento_estornar", [titulo.pk, movimento]
    else:
        cancela = operacao.pedido["corpo"]["operacao"] == interface.OperacaoEstorno.CANCELAMENTO
        nome, chaves = "titulo_cancelar" if cancela else "titulo_estornar", [titulo.pk]
    return "Corrigir e pedir de novo", f"{reverse(f'pagar:{nome}', args=chaves)}?de={operacao.pk}"


def _atualizados(titulo: Titulo) -> list[tuple[str, str]]:
    return palavras.campos_em_palavras(interface.Atualizacao, titulo.atualizado, ("codigo_barras", "titulo_no_banco"))


def _blocos(titulo: Titulo) -> list[tuple[str, list[tuple[str, bool]], list[list[str]]]]:
    """The tables of what goes with a title: (caption, headings, rows)."""
    corpo = titulo.corpo
    tabelas = [
        ("Rateio contábil", blocos.Rateio, corpo.get("rateio", [])),
        ("Impostos retidos na implantação", blocos.Imposto, corpo.get("impostos", [])),
        ("Impostos retidos no pagamento", blocos.Imposto, titulo.impostos_no_pagamento),
        ("Antecipações abatidas", blocos.AbatimentoAntecipacao, corpo.get("antecipacoes", [])),
        ("Previsões abatidas", blocos.AbatimentoPrevisao, corpo.get("previsoes", [])),
        ("Relações com outro título", blocos.Relacao, corpo.get("relacoes", [])),
    ]
    return [
        (nome, *palavras.linhas_em_palavras(classe, linhas, _PRIMEIRO.get(classe, ())))
        for nome, classe, linhas in tabelas
        if linhas
    ]


# What is looked for first in a tax.
_PRIMEIRO: dict[type, tuple[str, ...]] = {
    blocos.Imposto: ("imposto", "classificacao", "base", "aliquota", "valor", "vencimento", "fornecedor"),
}


def _documento_da_guia(request: HttpRequest, titulo: Titulo) -> Any:
    if titulo.guia is None or titulo.guia.documento_id is None:
        return None
    visiveis = Documento.objects.visiveis(usuario_de(request))
    return visiveis.filter(pk=titulo.guia.documento_id).values_list("pk", flat=True).first()


def _abatimentos(request: HttpRequest, titulo: Titulo) -> list[tuple[Movimento, Titulo | None]]:
    """Which titles took of a prepayment, and which gave it back; None for one the user does not see."""
    movimentos = list(titulo.movimentos.filter(tipo=Tipo.ANTECIPACAO))
    visiveis = Titulo.objects.visiveis(usuario_de(request))
    titulos = visiveis.in_bulk({movimento.dados["titulo"] for movimento in movimentos})
    return [(movimento, titulos.get(movimento.dados["titulo"])) for movimento in movimentos]


def _por_que_nao(request: HttpRequest, titulo: Titulo) -> dict[str, str]:
    """For each act, what keeps it from being asked; nothing of it for a title that the ERP does not have."""
    if not usuario_de(request).opera or titulo.situacao not in Titulo.NO_ERP:
        return {}
    return {
        "por_que_nao_atualizar": atos.por_que_nao_atualizar(titulo),
        "por_que_nao_cancelar": atos.por_que_nao_cancelar(titulo),
        "por_que_nao_estornar": atos.por_que_nao_estornar(titulo),
        "por_que_nao_pagar": pagamentos.por_que_nao_pagar(titulo),
        "por_que_nao_gravar_barras": lote.por_que_nao_gravar_barras(titulo),
    }


def _estornos(request: HttpRequest, titulo: Titulo) -> dict[int, tuple[str, str]]:
    """Where each movement that stands is reversed, by its pk."""
    if not usuario_de(request).opera or atos.por_que_nao_agir(titulo):
        return {}
    return {
        movimento.pk: ("Estornar…", reverse("pagar:movimento_estornar", args=[titulo.pk, movimento.pk]))
        for movimento in atos.estornaveis(titulo)
    }
