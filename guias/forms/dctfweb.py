"""What is said beside the empresas when something is asked about DCTFWeb."""

import re
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from comum.formularios import DataField
from comum.models import Usuario
from empresas.models import Empresa
from guias.models import DeclaracaoDctfweb
from guias.services import dctfweb

Categoria = DeclaracaoDctfweb.Categoria


class GuiaForm(forms.Form):
    """Of which declaration the DARF is, when it will be paid, of which origins."""

    de = forms.ChoiceField(
        label="De qual declaração",
        choices=[
            (dctfweb.ACAO_GUIA, "Transmitida (ativa)"),
            (dctfweb.ACAO_GUIA_ANDAMENTO, "Em andamento, antes de transmitir"),
        ],
        widget=forms.RadioSelect,
        initial=dctfweb.ACAO_GUIA,
    )
    pagamento = DataField(label="Pagar em", required=False, help_text="em branco: a Receita decide; só da transmitida")
    origens = forms.MultipleChoiceField(
        label="Só os débitos destas origens",
        choices=[(str(int(numero)), rotulo) for numero, rotulo in dctfweb.ORIGENS.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="nenhuma marcada: todas",
    )
    recibo = forms.CharField(
        label="Número do recibo",
        required=False,
        help_text="de qual das transmitidas, se há outra em andamento ou não é a última; de uma empresa por vez",
    )
    outra_via = forms.BooleanField(label="Outra via, também de quem já tem guia", required=False)
    a_mais = forms.BooleanField(
        label="Débito a mais, de quem já pagou a guia do mês",
        required=False,
        help_text="a guia será de outra dívida, que se soma à paga; de uma empresa por vez",
    )

    def __init__(self, *args: Any, quantas: int = 1, proposto: date | None = None, **kwargs: Any) -> None:
        """`proposto`: the day of payment with which the form begins, and which nobody chose."""
        super().__init__(*args, **kwargs)
        self.quantas = quantas
        self.fields["pagamento"].initial = proposto

    def clean_recibo(self) -> str:
        recibo = re.sub(r"[\s./-]", "", self.cleaned_data["recibo"])
        if recibo and not dctfweb.RECIBO.fullmatch(recibo):
            raise forms.ValidationError(dctfweb.RECIBO_ERRADO)
        if recibo and self.quantas > 1:
            raise forms.ValidationError(dctfweb.RECIBO_DE_MUITAS)
        return recibo

    def clean_a_mais(self) -> bool:
        a_mais = bool(self.cleaned_data["a_mais"])
        if a_mais and self.quantas > 1:
            raise forms.ValidationError("Diga que há débito a mais de uma empresa só. Marque uma e peça de novo.")
        return a_mais

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or {}
        if dados.get("de") == dctfweb.ACAO_GUIA_ANDAMENTO and dados.get("pagamento") == self["pagamento"].initial:
            dados["pagamento"] = None
        pagamento = dados.get("pagamento")
        if dados.get("recibo") and dados.get("de") == dctfweb.ACAO_GUIA_ANDAMENTO:
            self.add_error("recibo", "A declaração em andamento ainda não tem recibo. Deixe em branco.")
        if pagamento and dados.get("de") == dctfweb.ACAO_GUIA_ANDAMENTO:
            self.add_error("pagamento", "A guia da declaração em andamento não aceita data. Deixe em branco.")
        elif pagamento and (dito := dctfweb.problema_do_pagamento(pagamento, timezone.localdate())):
            self.add_error("pagamento", dito)
        return dados

    def parametros(self) -> dict[str, str]:
        dados = self.cleaned_data
        return {
            "de": dados["de"],
            "pagamento": dados["pagamento"].isoformat() if dados["pagamento"] else "",
            "origens": ",".join(dados["origens"]),
            "recibo": dados["recibo"],
            "outra_via": "on" if dados["outra_via"] else "",
            "a_mais": "on" if dados["a_mais"] else "",
        }


class OutraDeclaracaoForm(forms.Form):
    """A declaration that a month's list does not show: of a sports event, a work, a labour claim."""

    empresa = forms.ModelChoiceField(
        queryset=Empresa.objects.none(),
        label="Empresa",
        widget=forms.HiddenInput,
        error_messages={
            "required": "Escolha a empresa (F2).",
            "invalid_choice": "Empresa não encontrada. Escolha na lista (F2).",
        },
    )
    categoria = forms.TypedChoiceField(
        label="Categoria",
        coerce=int,
        choices=[
            (int(c), c.label)
            for c in (Categoria.RECLAMATORIA_TRABALHISTA, Categoria.AFERICAO, Categoria.ESPETACULO_DESPORTIVO)
        ],
    )
    dia = forms.IntegerField(
        label="Dia do espetáculo",
        required=False,
        min_value=1,
        max_value=31,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), "O dia é um número de 1 a 31."),
    )
    identificador = forms.CharField(label="CNO da obra ou número do processo", required=False, max_length=30)

    def __init__(self, *args: Any, usuario: Usuario, competencia: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.competencia = competencia
        self.fields["empresa"].queryset = Empresa.objects.visiveis(usuario)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or {}
        categoria, dia = dados.get("categoria"), dados.get("dia")
        texto = (dados.get("identificador") or "").strip()
        if categoria == Categoria.ESPETACULO_DESPORTIVO:
            dados["identificador"] = ""
            if not dia and "dia" not in self.errors:
                self.add_error("dia", "Informe o dia do espetáculo.")
            elif dia and not _existe(self.competencia, dia):
                self.add_error("dia", "A competência não tem este dia.")
            return dados
        dados["dia"] = None
        if not texto and "identificador" not in self.errors:
            qual = "o CNO da obra" if categoria == Categoria.AFERICAO else "o número do processo"
            self.add_error("identificador", f"Informe {qual}.")
        elif categoria == Categoria.AFERICAO and not re.fullmatch(r"\d{12}", re.sub(r"[\s./-]", "", texto)):
            self.add_error("identificador", "O CNO tem 12 algarismos.")
        elif categoria == Categoria.AFERICAO:
            dados["identificador"] = re.sub(r"[\s./-]", "", texto)
        else:
            dados["identificador"] = texto
        return dados

    def parametros(self) -> dict[str, str]:
        dados = self.cleaned_data
        return {
            "categoria": str(dados["categoria"]),
            "dia": str(dados["dia"] or ""),
            "identificador": dados["identificador"],
        }


def _existe(competencia: Any, dia: int) -> bool:
    try:
        competencia.replace(day=dia)
    except ValueError:
        return False
    return True
