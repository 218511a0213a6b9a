"""The interval in which payments are looked for."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from comum.documentos import Invalido
from guias.forms.datas import ler_dia
from guias.services.buscas import BUSCAR, COM_NOVIDADE, CONTAR, ROTULO_DE_TODAS, TODAS

_MAXIMO = timedelta(days=366 * 5)


def _dia(rotulo: str) -> forms.CharField:
    return forms.CharField(
        label=rotulo,
        widget=forms.TextInput(attrs={"data-mascara": "data"}),
        error_messages={"required": "Informe o dia, como 01/11/2026."},
    )


class BuscaForm(forms.Form):
    """`parametros` are what the pré-voo takes of it."""

    desde = _dia("Pagos de")
    ate = _dia("até")
    quais = forms.ChoiceField(
        label="De quais empresas",
        choices=[
            (COM_NOVIDADE, "Só as que têm novidade desde a última busca (econômico)"),
            (TODAS, ROTULO_DE_TODAS),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Escolha de quais empresas buscar.", "invalid_choice": "Escolha uma das opções."},
    )
    acao = forms.ChoiceField(choices=[(BUSCAR, BUSCAR), (CONTAR, CONTAR)])

    def _ler(self, nome: str) -> date:
        lido = ler_dia(self.cleaned_data[nome])
        if isinstance(lido, Invalido):
            raise forms.ValidationError(str(lido))
        return lido

    def clean_desde(self) -> date:
        desde = self._ler("desde")
        if desde < timezone.localdate() - _MAXIMO:
            raise forms.ValidationError("A busca vai até cinco anos atrás. Informe um dia mais recente.")
        return desde

    def clean_ate(self) -> date:
        return min(self._ler("ate"), timezone.localdate())

    def clean(self) -> None:
        desde, ate = self.cleaned_data.get("desde"), self.cleaned_data.get("ate")
        if desde and ate and desde > ate:
            self.add_error("desde", "O primeiro dia é depois do último. Troque as datas.")

    @property
    def parametros(self) -> dict[str, str]:
        lidos: dict[str, Any] = self.cleaned_data
        return {
            "desde": lidos["desde"].isoformat(),
            "ate": lidos["ate"].isoformat(),
            "quais": lidos["quais"],
            "acao": lidos["acao"],
        }
