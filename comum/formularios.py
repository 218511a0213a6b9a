"""Form fields of what people type, and a guard against saving over somebody else's change."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import QueryDict

from comum.documentos import Invalido
from comum.formatos import (
    MAXIMO_PERCENTUAL,
    format_data,
    format_numero,
    format_percentual,
    format_quantidade,
    parse_data,
    parse_dinheiro,
    parse_percentual,
    parse_quantidade,
)
from comum.mudancas import em_palavras


def aceito[T](lido: T | Invalido) -> T:
    """What a reader made of a text; its refusal becomes the error of the field."""
    if isinstance(lido, Invalido):
        raise ValidationError(lido.mensagem)
    return lido


def opcional(ler: Callable[[str], str | Invalido], texto: str) -> str:
    """A blank stays blank; anything else is read."""
    return aceito(ler(texto)) if texto else ""


class CampoLido(forms.Field):
    """A value in the form people type it: read by `ler`, shown again by `mostrar`."""

    def ler(self, texto: str) -> Any:
        raise NotImplementedError

    def mostrar(self, valor: Any) -> str:
        raise NotImplementedError

    def to_python(self, value: Any) -> Any:
        texto = str(value or "").strip()
        return aceito(self.ler(texto)) if texto else None

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else self.mostrar(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(str(self.prepare_value(initial) or "") != str(data or ""))


class DataField(CampoLido):
    """A date as people type it: 20/11/2026, 20112026."""

    def to_python(self, value: Any) -> date | None:
        return value if isinstance(value, date) else super().to_python(value)

    def ler(self, texto: str) -> date | Invalido:
        return parse_data(texto)

    def mostrar(self, valor: date) -> str:
        return format_data(valor)


class DinheiroField(CampoLido):
    """An amount in reais as people type it: 1.234,56, 1234,5."""

    def ler(self, texto: str) -> Decimal | Invalido:
        return parse_dinheiro(texto)

    def mostrar(self, valor: Decimal) -> str:
        return format_numero(valor, 2)


class QuantidadeField(CampoLido):
    """A quantity as people type it: 1, 2,5, 1000, with up to four decimals."""

    def ler(self, texto: str) -> Decimal | Invalido:
        return parse_quantidade(texto)

    def mostrar(self, valor: Decimal) -> str:
        return format_quantidade(valor).replace(".", "")  # with a dot, 1.000 could not be read back


class PercentualField(CampoLido):
    """A percentage as people type it: 4,65 or 4,65%. `maximo` included."""

    def __init__(self, *, maximo: Decimal = MAXIMO_PERCENTUAL, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.maximo = maximo

    def ler(self, texto: str) -> Decimal | Invalido:
        return parse_percentual(texto, self.maximo)

    def mostrar(self, valor: Decimal) -> str:
        return format_percentual(valor).removesuffix("%")


class FormVersionado[M: models.Model](forms.ModelForm[M]):
    """The form of a record that another person may change meanwhile: `versao` is the instant of its last change
    (`marca`) when the screen was opened. Who saves over a newer one is told what stands there, and nothing is lost."""

    marca = "alterado_em"
    este = "este cadastro"  # as the sentence names it

    versao = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        existe = self.instance.pk is not None and not self.instance._state.adding
        self.fields["versao"].initial = self.versao_de(self.instance) if existe else ""

    def versao_de(self, objeto: M) -> str:
        """What differs once somebody saves the record."""
        return str(getattr(objeto, self.marca).isoformat())

    @property
    def altera(self) -> bool:
        """Whether the record was there already."""
        return not self.instance._state.adding

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or {}
        if self.altera and dados.get("versao"):
            atual = type(self.instance)._default_manager.get(pk=self.instance.pk)
            versao = self.versao_de(atual)
            if dados["versao"] != versao:
                self._recusar_versao(atual, versao, dados)
        return dados

    def _recusar_versao(self, atual: M, versao: str, dados: dict[str, Any]) -> None:
        campos = [nome for nome in self.fields if nome != "versao" and nome in dados]
        diferem = [nome for nome in campos if getattr(atual, nome) != dados[nome]]
        agora = "; ".join(f"{self.fields[nome].label}: {em_palavras(atual, nome) or 'em branco'}" for nome in diferem)
        self.passar_a(versao)
        raise ValidationError(
            f"Outra pessoa alterou {self.este} depois que você abriu a tela. Abaixo está o que você digitou; no "
            f"cadastro está agora: {agora or 'o mesmo que você digitou'}. Confira e grave de novo."
        )

    def passar_a(self, versao: str) -> None:
        """The next save is on top of what is stored now."""
        digitado = QueryDict(mutable=True)
        digitado.update(self.data)
        digitado[self.add_prefix("versao")] = versao
        self.data = digitado
