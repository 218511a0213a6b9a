"""Template tags of the screens' components. Usage, with snippets: docs/telas.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import template
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.paginator import Page
from django.forms import BaseForm, BoundField, CheckboxInput, FileInput, Select
from django.forms.formsets import BaseFormSet
from django.template import Context
from django.template.defaulttags import querystring
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

ICONES = {
    "ajuda": '<circle cx="12" cy="12" r="9"/><path d="M9.4 9.2a2.7 2.7 0 1 1 3.9 2.5c-.9.4-1.3 1-1.3 1.9M12 16.8v.1"/>',
    "baixar": '<path d="M12 4v11m-4.5-4L12 15.5 16.500 11M5 20h14"/>',
    "direita": '<path d="m9.500 5.500 6.500 6.500-6.500 6.500"/>',
    "esquerda": '<path d="M14.500 5.500 8 12l6.500 6.500"/>',
    "fechar": '<path d="m6 6 12 12M18 6 6 18"/>',
    "filtro": '<path d="M4 6h16M7 12h10m-7 6h4"/>',
    "lupa": '<circle cx="10.500" cy="10.500" r="6"/><path d="m15 15 5 5"/>',
    "menu": '<path d="M4 6.500h16M4 12h16M4 17.500h16"/>',
    "pessoa": '<circle cx="12" cy="8" r="3.500"/><path d="M5 20c.8-4 3.400-5.500 7-5.500s6.200 1.500 7 5.500"/>',
}

SINAIS = {"ok": "✓", "atencao": "!", "erro": "✕", "info": "…", "duvida": "?", "neutro": ""}
# What a row of a draft will become. Nothing of it is done yet, so no tone of success nor of failure.
SINAIS_DE_EDICAO = {"incluida": "+", "alterada": "~", "excluida": "−"}

# State values of the product's models to (tone, sign). An unlisted value is neutral, never a guess of success.
TONS_DE_ESTADO = {
    "ok": ("concluida", "ativa", "ativo", "incluida", "nova", "emitida", "transmitida", "valida", "valido", "paga"),
    "atencao": ("aguarda_pessoa", "vence", "pausada", "suspenso", "suspensa", "parcial"),
    "erro": ("recusada", "excluida", "vencida", "vencido", "falhou", "conflito", "cancelada"),
    "info": ("pendente", "enviando", "aceita", "alterada", "em_andamento", "simulada", "aprovada"),
    "duvida": ("incerta",),
}
_TOM_DO_ESTADO = {valor: tom for tom, valores in TONS_DE_ESTADO.items() for valor in valores}
_CLASSE_DO_TOM = {"duvida": "atencao"}

TONS_DE_MENSAGEM = {
    constants.DEBUG: "info",
    constants.INFO: "info",
    constants.SUCCESS: "ok",
    constants.WARNING: "atencao",
    constants.ERROR: "erro",
}


@register.simple_tag
def icone(nome: str) -> SafeString:
    """Draw an inline icon that assistive technology skips; the button around it carries the words."""
    desenho = mark_safe(ICONES[nome])  # noqa: S308 - constants of this module
    return format_html('<svg class="icone" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>', desenho)


@register.simple_tag
def marca_pagina() -> SafeString:
    """The head cell of a list whose rows can be ticked. Ticks restored by their place would be others'."""
    return mark_safe(
        '<th scope="col" class="marca"><label>'
        '<input type="checkbox" class="form-check-input" data-marca-pagina autocomplete="off"'
        ' aria-label="Marcar a página"></label></th>'
    )


@register.simple_tag
def marca(chave: str | int, rotulo: Any, motivo: str = "") -> SafeString:
    """The tick of a row: {% marca empresa.pk empresa %}; with `motivo` it cannot be ticked, and says why."""
    preso = format_html(' disabled data-motivo="{}"', motivo) if motivo else ""
    return format_html(
        '<td class="marca"><label><input type="checkbox" class="form-check-input" name="ids" value="{}"'
        ' autocomplete="off" aria-label="Marcar {}"{}></label></td>',
        str(chave),
        rotulo,
        preso,
    )


@register.simple_tag
def chip(estado: Any, texto: str = "", *, sinal: str | None = None) -> SafeString:
    """Draw a state: {% chip op.situacao op.get_situacao_display %} or a tone, {% chip "ok" "Válido" %}."""
    valor = str(getattr(estado, "value", estado)).lower()
    tom = valor if valor in SINAIS else _TOM_DO_ESTADO.get(valor, "neutro")
    marca = SINAIS[tom] if sinal is None else sinal
    rotulo = texto or str(getattr(estado, "label", estado)).replace("_", " ").capitalize()
    return format_html(
        '<span class="chip {}">{}{}</span>',
        _CLASSE_DO_TOM.get(tom, tom),
        format_html('<span aria-hidden="true">{}</span>', marca) if marca else "",
        rotulo,
    )


@register.simple_tag
def chip_de_edicao(marca: str, texto: str) -> SafeString:
    """Draw what a draft will do to its row: {% chip_de_edicao "incluida" "Incluir" %}."""
    return chip("atencao" if marca == "excluida" else "info", texto, sinal=SINAIS_DE_EDICAO[marca])


@register.filter
def tom_da_mensagem(mensagem: Message) -> str:
    """Tone of a django.contrib.messages message: info, ok, atencao or erro."""
    return TONS_DE_MENSAGEM.get(mensagem.level, "info")


@register.inclusion_tag("includes/field.html")
def campo(
    field: BoundField,
    *,
    classe: str = "",
    rotulo: str = "",
    ajuda: str = "",
    mascara: str = "",
    opcional: str = "opcional",
    **atributos: str,
) -> dict[str, Any]:
    """Draw a bound field with label, help and errors; `opcional` is what the label says where the form does not require
    it. Other keywords become attributes (data_x -> data-x)."""
    widget = field.field.widget
    dica = ajuda or field.help_text
    erros = list(field.errors)
    descricoes = [f"{field.auto_id}_ajuda"] * bool(dica) + [f"{field.auto_id}_erro"] * bool(erros)
    attrs: dict[str, Any] = {nome.replace("_", "-"): valor for nome, valor in atributos.items()}
    marcavel = isinstance(widget, CheckboxInput)
    if not widget.use_fieldset:
        bootstrap = "form-check-input" if marcavel else "form-select" if isinstance(widget, Select) else "form-control"
        attrs["class"] = " ".join(filter(None, [bootstrap, widget.attrs.get("class", "")]))
    if descricoes:
        attrs["aria-describedby"] = " ".join(descricoes)
    if erros:
        attrs["aria-invalid"] = "true"
    if mascara:
        attrs["data-mascara"] = mascara
    if not isinstance(widget, FileInput | CheckboxInput | Select):
        attrs.setdefault("autocomplete", widget.attrs.get("autocomplete", "off"))
    return {
        "field": field,
        "controle": field.as_widget(attrs=attrs),
        "opcoes": list(field) if widget.use_fieldset else [],
        "marcavel": marcavel,
        "grupo": widget.use_fieldset,
        "rotulo": rotulo or field.label,
        "opcional": opcional,
        "ajuda": dica,
        "erros": erros,
        "classe": classe,
        "descrito": " ".join(descricoes),
    }


@dataclass(frozen=True)
class ErroDeCampo:
    """One line of the summary on top of a form; alvo is the id of the field to jump to, or empty."""

    rotulo: str
    texto: str
    alvo: str


@register.inclusion_tag("includes/erros.html")
def erros(*partes: BaseForm | BaseFormSet[Any] | Sequence[BaseForm], titulo: str = "") -> dict[str, Any]:
    """Summarise the errors of a page's forms and formsets, each linked to its field."""
    itens: list[ErroDeCampo] = []
    formularios: list[BaseForm] = []
    for parte in partes:
        if isinstance(parte, BaseFormSet):
            itens += [ErroDeCampo("", str(texto), "") for texto in parte.non_form_errors()]
            formularios += parte.forms
        else:
            formularios += [parte] if isinstance(parte, BaseForm) else parte
    for um in formularios:
        itens += [ErroDeCampo("", str(texto), "") for texto in um.non_field_errors()]
        itens += [
            ErroDeCampo(str(um[nome].label), str(texto), um[nome].id_for_label or um[nome].auto_id)
            for nome, textos in um.errors.items()
            if nome in um.fields
            for texto in textos
        ]
    return {"itens": itens, "titulo": titulo}


@register.inclusion_tag("includes/cabecalho_ordem.html", takes_context=True)
def cabecalho_ordem(
    context: Context, chave: str, rotulo: str, *, classe: str = "", alvo: str = "#tabela"
) -> dict[str, Any]:
    """Draw a <th> with a sort link and aria-sort, from the context's lista.ordem ("codigo" or "-codigo")."""
    ordem = context["lista"].ordem
    atual = ordem.lstrip("-") == chave
    crescente = atual and not ordem.startswith("-")
    return {
        "href": querystring(context, ordem=f"-{chave}" if crescente else chave, pagina=None),
        "rotulo": rotulo,
        "chave": chave,
        "classe": classe,
        "alvo": alvo,
        "sentido": "" if not atual else "ascending" if crescente else "descending",
    }


@dataclass(frozen=True)
class LinkDePagina:
    """One step of the pager. Without href it is a gap."""

    chave: str
    texto: str
    rotulo: str = ""
    href: str = ""
    atual: bool = False


@register.inclusion_tag("includes/paginacao.html", takes_context=True)
def paginacao(context: Context, lista: Any, *, alvo: str = "#tabela") -> dict[str, Any]:
    """Draw numbered pages and the page sizes of a lista."""
    pagina: Page[Any] = lista.pagina

    def link(chave: str, texto: str, rotulo: str, numero: int) -> LinkDePagina:
        return LinkDePagina(chave, texto, rotulo, querystring(context, pagina=numero), numero == pagina.number)

    links = [
        link(str(n), number_format(n, force_grouping=True), f"Página {n}", n) if n else LinkDePagina("", "…")
        for n in lista.faixa
    ]
    if pagina.has_previous():
        links.insert(0, link("anterior", "«", "Página anterior", pagina.previous_page_number()))
    if pagina.has_next():
        links.append(link("proxima", "»", "Próxima página", pagina.next_page_number()))
    return {
        "links": links if pagina.has_other_pages() else [],
        "alvo": alvo,
        "tamanhos": [
            LinkDePagina(
                str(n),
                str(n),
                f"{n} linhas por página",
                querystring(context, tamanho=n, pagina=None),
                n == lista.tamanho,
            )
            for n in lista.tamanhos
        ]
        if lista.total > min(lista.tamanhos)
        else [],
    }


@dataclass(frozen=True)
class Segmento:
    """One stretch of a progress bar, in hundredths of the width."""

    tom: str
    x: str
    largura: str


@register.inclusion_tag("includes/progresso.html")
def progresso(
    total: int, concluidas: int, recusadas: int = 0, duvidas: int = 0, *, rotulo: str = "Andamento"
) -> dict[str, Any]:
    """Draw a stacked bar of a run: done, refused and in doubt out of total. An SVG, so no inline style is needed."""
    partes = (("ok", concluidas), ("erro", recusadas), ("atencao", duvidas))
    segmentos, x = [], 0.0
    for tom, quantos in partes:
        largura = 100 * quantos / total if total else 0.0
        segmentos.append(Segmento(tom, f"{x:.3f}%", f"{largura:.3f}%"))
        x += largura
    feitos = sum(quantos for _, quantos in partes)
    return {"segmentos": segmentos, "total": total, "feitos": feitos, "rotulo": rotulo}
