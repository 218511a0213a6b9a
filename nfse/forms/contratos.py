from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet

from comum.formatos import format_competencia
from comum.formularios import DataField, DinheiroField, PercentualField, aceito
from empresas.contexto import ler_competencia
from nfse import campos
from nfse.forms.base import FormDaEmpresa
from nfse.models import Contrato, Servico, Tomador
from nfse.services.descricao import MESES

DATA_MINIMA, DATA_MAXIMA = date(2000, 1, 1), date(2099, 12, 31)


def _mes(texto: str) -> int | None:
    return int(texto) if texto else None


class ContratoForm(FormDaEmpresa[Contrato]):
    """A monthly fee: who pays, for what, how much, from when to when, and when it is adjusted."""

    este = "este contrato"
    procurados = ("tomador", "servico")

    valor = DinheiroField(label="Valor mensal", error_messages={"required": "Informe o valor mensal."})
    valor_desde = DataField(label="Valor em vigor desde", required=False, help_text="em branco: desde o início")
    de = DataField(label="Vigência de", error_messages={"required": "Informe a data em que o contrato começa."})
    ate = DataField(label="Vigência até", required=False, help_text="em branco: sem fim marcado")
    mes_do_reajuste = forms.TypedChoiceField(
        label="Mês do reajuste",
        required=False,
        coerce=_mes,
        empty_value=None,
        choices=[("", "Sem reajuste"), *((numero, nome) for numero, nome in enumerate(MESES, 1))],
    )

    class Meta:
        model = Contrato
        fields = [
            "empresa",
            "tomador",
            "servico",
            "descricao",
            "valor",
            "valor_desde",
            "de",
            "ate",
            "dia",
            "mes_do_reajuste",
            "indice",
            "ativo",
        ]
        widgets = {"descricao": forms.Textarea(attrs={"rows": 2}), "dia": forms.TextInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sem_limite_do_navegador("indice")
        for nome, modelo, falta in (
            ("tomador", Tomador, "Escolha o tomador: procure por nome ou CNPJ (F2), ou inclua um novo."),
            ("servico", Servico, "Escolha o serviço (F2)."),
        ):
            campo = self.fields[nome]
            campo.queryset = self._da_empresa(modelo, nome)  # type: ignore[attr-defined]
            campo.error_messages["required"] = falta
            campo.error_messages["invalid_choice"] = "Não é desta empresa, ou está inativo. Escolha de novo (F2)."
        self.fields["dia"].error_messages |= {
            "required": "Informe o dia da emissão, de 1 a 31.",
            "invalid": campos.DIA,
            "min_value": campos.DIA,
        }
        self.fields["dia"].help_text = "no mês que não tem o dia, o último"
        self.fields["descricao"].help_text = "em branco: a do serviço. {MES}, {MM} e {ANO} viram os da competência."
        self.fields["descricao"].error_messages["max_length"] = (
            "Descrição com %(show_value)d letras; cabem %(limit_value)d. Abrevie."
        )

    def _da_empresa(self, modelo: type[Tomador] | type[Servico], nome: str) -> QuerySet[Any]:
        """The active ones of the empresa, and the one that the contrato has already."""
        empresa = self.empresa
        consulta: QuerySet[Any] = modelo.objects.visiveis(self.usuario)
        if empresa is None:
            return consulta.none()
        atual = getattr(self.instance, f"{nome}_id", None)
        return consulta.filter(Q(ativo=True) | Q(pk=atual), empresa=empresa)

    def rotulo(self, objeto: models.Model) -> str:
        return rotulo_do_tomador(objeto) if isinstance(objeto, Tomador) else super().rotulo(objeto)

    def clean_dia(self) -> int:
        dia: int = self.cleaned_data["dia"]
        if not 1 <= dia <= 31:
            raise ValidationError(campos.DIA)
        return dia

    def clean_valor(self) -> Decimal:
        valor: Decimal = self.cleaned_data["valor"]
        if valor == 0:
            raise ValidationError(campos.VALOR_ZERO)
        return valor

    def clean_descricao(self) -> str:
        return str(self.cleaned_data["descricao"]).replace("\r\n", "\n")

    def clean_indice(self) -> str:
        return aceito(campos.ler_linha(self.cleaned_data["indice"], "Índice", 30))

    def clean(self) -> dict[str, Any]:
        dados = super().clean()
        for nome in ("de", "ate", "valor_desde"):
            data = dados.get(nome)
            if data and not DATA_MINIMA <= data <= DATA_MAXIMA:
                self.add_error(nome, "Data fora do esperado. Confira o ano.")
        de, ate = dados.get("de"), dados.get("ate")
        if de and ate and ate < de:
            self.add_error("ate", campos.termina_antes(de))
        if de and not dados.get("valor_desde") and "valor_desde" not in self.errors:
            dados["valor_desde"] = de
        desde = dados.get("valor_desde")
        if desde and ate and desde > ate:
            self.add_error("valor_desde", campos.depois_do_fim(ate))
        if dados.get("indice") and not dados.get("mes_do_reajuste"):
            self.add_error("mes_do_reajuste", campos.INDICE_SEM_MES)
        return dados


def rotulo_do_tomador(tomador: Tomador) -> str:
    """How look-ups show a tomador that was chosen."""
    return f"{tomador.nome} · {tomador.documento_mascarado}" if tomador.documento_mascarado else tomador.nome


class CompetenciaField(forms.Field):
    """A month as people type it: 11/2026."""

    def to_python(self, value: Any) -> date | None:
        if isinstance(value, date):
            return value
        texto = str(value or "").strip()
        return aceito(ler_competencia(texto)) if texto else None

    def prepare_value(self, value: Any) -> Any:
        return format_competencia(value) if isinstance(value, date) else value


class ReajusteForm(forms.Form):
    """One percentage for the contratos marked."""

    percentual = PercentualField(
        label="Percentual (%)", error_messages={"required": "Informe o percentual do índice, como 4,65."}
    )
    desde = CompetenciaField(
        label="A partir da competência", error_messages={"required": "Informe a competência, como 01/2027."}
    )

    def clean_percentual(self) -> Decimal:
        percentual: Decimal = self.cleaned_data["percentual"]
        if percentual == 0:
            raise ValidationError("Informe um percentual maior que zero, como 4,65.")
        return percentual
