"""What is typed before a bulk action over MEIs."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from comum.documentos import Invalido
from comum.formatos import format_competencia
from comum.formularios import CampoLido, DataField
from empresas.calendario import somar_meses
from empresas.contexto import ler_competencia
from guias.services.mei import MESES_NO_MAXIMO

_NOMES = ("janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
          "novembro", "dezembro")  # fmt: skip


class _Mes(CampoLido):
    """A competência as people type it: 10/2026, 102026."""

    def ler(self, texto: str) -> date | Invalido:
        return ler_competencia(texto)

    def mostrar(self, valor: date) -> str:
        return format_competencia(valor)


class MesesForm(forms.Form):
    """A run of competências, and the day on which the late ones will be paid."""

    de = _Mes(label="De", error_messages={"required": "Informe o primeiro mês, como 01/2026."})
    ate = _Mes(label="Até", error_messages={"required": "Informe o último mês, como 10/2026."})
    pagar_em = DataField(
        label="Pagar em",
        required=False,
        help_text="Para os atrasados, com multa e juros até este dia.",
    )
    o_que = forms.ChoiceField(
        label="Emitir",
        choices=[("das", "DAS-MEI em PDF"), ("barras", "Só o código de barras")],
        initial="das",
        widget=forms.RadioSelect,
    )

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or {}
        de, ate, hoje = dados.get("de"), dados.get("ate"), timezone.localdate()
        if de and ate:
            if de > ate:
                self.add_error("ate", f"O último mês é antes do primeiro, {format_competencia(de)}. Troque-os.")
            elif ate > hoje:
                self.add_error("ate", f"{format_competencia(ate)} ainda não começou. Informe até {hoje:%m/%Y}.")
            elif somar_meses(de, MESES_NO_MAXIMO) <= ate:
                self.add_error("de", "São mais de cinco anos. Informe até 60 meses de cada vez.")
        if (dia := dados.get("pagar_em")) and dia < hoje:
            self.add_error("pagar_em", "O dia de pagamento já passou. Informe hoje ou depois.")
        return dados

    def meses(self) -> list[date]:
        de, ate = self.cleaned_data["de"], self.cleaned_data["ate"]
        quantos = (ate.year - de.year) * 12 + ate.month - de.month + 1
        return [somar_meses(de, n) for n in range(quantos)]


class BeneficioForm(forms.Form):
    """Months of one year, with a social security benefit or without."""

    ano = forms.TypedChoiceField(label="Ano", coerce=int, error_messages={"invalid_choice": "Escolha um dos anos."})
    marcar = forms.ChoiceField(
        label="Nos meses marcados",
        choices=[("1", "houve benefício: o INSS não é devido"), ("0", "não houve benefício: o INSS é devido")],
        initial="1",
        widget=forms.RadioSelect,
        error_messages={"required": "Diga se houve benefício nos meses."},
    )
    quais = forms.TypedMultipleChoiceField(
        label="Meses",
        coerce=int,
        choices=[(n, nome) for n, nome in enumerate(_NOMES, 1)],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Marque pelo menos um mês."},
    )

    def __init__(self, *args: Any, competencia: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hoje = timezone.localdate()
        anos = range(hoje.year, hoje.year - 6, -1)
        campo = self.fields["ano"]
        assert isinstance(campo, forms.TypedChoiceField)  # noqa: S101 - tells the type checker
        campo.choices = [(ano, str(ano)) for ano in anos]
        campo.initial = min(competencia.year, hoje.year)
        self.fields["quais"].initial = [competencia.month]

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or {}
        hoje = timezone.localdate()
        futuros = [mes for mes in dados.get("quais", []) if date(dados.get("ano", hoje.year), mes, 1) > hoje]
        if futuros:
            self.add_error("quais", f"{_NOMES[futuros[0] - 1].capitalize()} ainda não começou. Desmarque-o.")
        return dados

    def meses(self) -> list[date]:
        return [date(self.cleaned_data["ano"], mes, 1) for mes in self.cleaned_data["quais"]]
