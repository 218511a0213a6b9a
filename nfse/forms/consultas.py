"""What is asked of a service's lists: the queries of SISGENF-e on the tab Consultas, each with the one field that it
needs; what narrows the notes received at Integra Notas."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from comum.documentos import Invalido, documento
from comum.formatos import format_competencia
from comum.formularios import DataField

_ITEM = re.compile(r"\d{1,2}\.\d{2}", re.ASCII)


class Qual(models.TextChoices):
    NOTAS = "notas", "Notas a partir de um número"
    TOMADORES = "tomadores", "Tomadores do prestador"
    CNAE = "cnae", "CNAE de um item da LC 116"
    MUNICIPIOS = "municipios", "Municípios de uma UF"
    UNIDADES = "unidades", "Unidades de medida"


class ConsultaForm(forms.Form):
    """One of the five queries. `documento` comes out unmasked, empty for every customer; `lc116` as the service writes
    it ("7.05")."""

    qual = forms.ChoiceField(label="Consultar", choices=Qual.choices)
    numero = forms.IntegerField(
        label="A partir da nota número",
        min_value=1,
        max_value=10**12,
        required=False,
        error_messages={"min_value": "O número da nota começa em 1."},
        help_text="Em branco: todas.",
    )
    documento = forms.CharField(label="CNPJ ou CPF", max_length=20, required=False, help_text="Em branco: todos.")
    lc116 = forms.CharField(label="Item da LC 116", max_length=5, required=False, help_text="Como 7.05 ou 17.19.")
    uf = forms.ChoiceField(label="UF", required=False)

    def __init__(self, *args: Any, ufs: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["uf"].choices = [(uf, uf) for uf in ufs]  # type: ignore[attr-defined]

    def clean_documento(self) -> str:
        texto = self.cleaned_data["documento"].strip()
        lido = documento(texto) if texto else ""
        if isinstance(lido, Invalido):
            raise ValidationError(lido.mensagem)
        return lido

    def clean_lc116(self) -> str:
        texto: str = self.cleaned_data["lc116"].strip().replace(",", ".")
        if texto and not _ITEM.fullmatch(texto):
            raise ValidationError("O item da LC 116 tem a forma 7.05 ou 17.19. Confira.")
        return texto.lstrip("0") or texto

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or self.cleaned_data
        if dados.get("qual") == Qual.CNAE and "lc116" not in self.errors and not dados.get("lc116"):
            self.add_error("lc116", "Informe o item da LC 116: a tabela inteira de CNAE é longa demais para a tela.")
        if dados.get("qual") == Qual.MUNICIPIOS and "uf" not in self.errors and not dados.get("uf"):
            self.add_error("uf", "Escolha a UF dos municípios.")
        return dados


class BuscaRecebidasForm(forms.Form):
    """What narrows the notes taken in a month: a day of it, one prestador. `cnpj` comes out unmasked."""

    dia = DataField(label="Só do dia", required=False, help_text="data de emissão; em branco, o mês todo")
    cnpj = forms.CharField(
        label="Só do prestador (CNPJ)", max_length=30, required=False, help_text="em branco, de todos"
    )

    def __init__(self, *args: Any, competencia: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.competencia = competencia

    def clean_dia(self) -> date | None:
        dia: date | None = self.cleaned_data["dia"]
        if dia is not None and dia.replace(day=1) != self.competencia:
            mes = format_competencia(self.competencia)
            raise ValidationError(
                f"O dia {dia:%d/%m/%Y} não é de {mes}. Informe um dia dele, ou troque a competência no topo da página."
            )
        return dia

    def clean_cnpj(self) -> str:
        texto = self.cleaned_data["cnpj"].strip()
        lido = documento(texto) if texto else ""
        if isinstance(lido, Invalido):
            raise ValidationError(lido.mensagem)
        if lido and len(lido) != 14:
            raise ValidationError("O serviço só busca por CNPJ. De um prestador com CPF, busque o mês todo.")
        return lido
