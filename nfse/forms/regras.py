"""Rules of channel: a new one, and another date for one that there is."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import ModelForm

from comum.formatos import parse_competencia
from comum.formularios import aceito
from empresas.models import Regime
from empresas.municipios import UFS
from nfse.forms.contratos import CompetenciaField
from nfse.models import RegraCanal
from nfse.services.datas import igual_ativa

CAMPOS_DA_REGRA = ("empresa", "municipio", "uf", "regime", "canal", "desde", "ate", "fundamento", "ativa")


class RegraCanalForm(ModelForm[RegraCanal]):
    uf = forms.ChoiceField(label="UF", choices=[("", "Todas"), *((uf, uf) for uf in UFS)], required=False)
    regime = forms.ChoiceField(label="Regime", choices=[("", "Todos"), *Regime.choices], required=False)

    class Meta:
        model = RegraCanal
        fields = CAMPOS_DA_REGRA

    def clean(self) -> dict[str, Any] | None:
        dados = super().clean() or self.cleaned_data
        desde, ate, municipio = dados.get("desde"), dados.get("ate"), dados.get("municipio")
        for campo, dia in (("desde", desde), ("ate", ate)):
            if dia and dia.day != 1:
                self.add_error(campo, "Uma competência começa no dia 1: use o primeiro dia do mês.")
        if desde and ate and ate < desde:
            self.add_error("ate", "A última competência é anterior à primeira. Confira as duas.")
        if municipio and dados.get("uf") and municipio.uf != dados["uf"]:
            self.add_error(
                "uf", f"{municipio} não fica em {dados['uf']}. Deixe a UF em branco, ou corrija o município."
            )
        if dados.get("ativa") and not self.errors:
            self._recusar_igual(dados)
        return dados

    def _recusar_igual(self, dados: dict[str, Any]) -> None:
        dela = self.instance
        # Of a rule that came with the product only `ativa` is asked for.
        campos = dela if dela.do_guiche else RegraCanal(**{c: dados.get(c) for c in CAMPOS_DA_REGRA if c != "ativa"})
        if campos.desde and (igual := igual_ativa(campos, campos.desde, menos=dela.pk)) is not None:
            raise ValidationError(
                f"Já há uma regra ativa para os mesmos casos e competência: {igual}. Altere-a, ou desative-a."
            )


class MesField(CompetenciaField):
    """Any month: an act may name one that is further away than the product works with."""

    def to_python(self, value: Any) -> date | None:
        texto = str(value or "").strip()
        return value if isinstance(value, date) else aceito(parse_competencia(texto)) if texto else None


class OutraDataForm(forms.Form):
    """From when on, and until when, a rule decides, with the act that says so."""

    desde = MesField(
        label="A partir da competência", error_messages={"required": "Informe a competência, como 01/2027."}
    )
    ate = MesField(label="Até a competência", required=False, help_text="Vazio: sem fim.")
    fundamento = forms.CharField(
        label="Fundamento",
        max_length=250,
        help_text="O ato que mudou a data: resolução, lei ou decreto, com número e dia.",
        error_messages={"required": "Cite o ato que mudou a data: resolução, lei ou decreto, com número e dia."},
    )

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or self.cleaned_data
        desde: date | None = dados.get("desde")
        ate: date | None = dados.get("ate")
        if desde and ate and ate < desde:
            self.add_error("ate", "A última competência é anterior à primeira. Confira as duas.")
        return dados
