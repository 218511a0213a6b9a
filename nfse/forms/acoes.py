"""What a person says to correct, cancel, replace or send a nota. The rules themselves are the services'."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from comum.formularios import aceito
from empresas.campos import ler_email
from nfse.campos import MAIOR_TEXTO
from nfse.models import Nota
from nfse.services.acoes import codigos_da_substituicao, codigos_de, regras_de


class CorrecaoForm(forms.Form):
    texto = forms.CharField(
        label="Correção",
        max_length=MAIOR_TEXTO,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={
            "required": "Escreva a correção.",
            "max_length": "A correção tem %(show_value)d caracteres e o máximo é %(limit_value)d. Encurte-a.",
        },
    )


class MotivoForm(forms.Form):
    """Why a nota is cancelled or replaced: the service's own code, and words."""

    codigo = forms.ChoiceField(label="Motivo", error_messages={"required": "Escolha o motivo na lista."})
    motivo = forms.CharField(
        label="Justificativa",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Escreva a justificativa."},
    )

    def __init__(self, nota: Nota, *args: Any, substitui: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regras = regras_de(nota)
        codigos = codigos_da_substituicao(nota) if substitui else codigos_de(nota)
        self.fields["codigo"].choices = [("", "Escolha…"), *codigos.items()]  # type: ignore[attr-defined]
        self.fields["codigo"].error_messages["invalid_choice"] = "Escolha o motivo na lista."
        minimo, maximo = regras.motivo_minimo, regras.motivo_maximo
        self.fields["motivo"].help_text = (
            f"de {minimo} a {maximo} caracteres" if minimo > 1 else f"até {maximo} caracteres"
        )


class RespostaForm(forms.Form):
    """How the town hall ended a request to cancel, as a person saw it there."""

    aprovado = forms.ChoiceField(
        label="O que a prefeitura decidiu",
        choices=[("sim", "Cancelou a nota"), ("nao", "Negou: a nota continua valendo")],
        widget=forms.RadioSelect,
        error_messages={"required": "Diga o que a prefeitura decidiu."},
    )
    evidencia = forms.CharField(
        label="O que foi visto",
        max_length=250,
        help_text="data, protocolo ou número na página da prefeitura; fica na auditoria com o seu nome",
        error_messages={
            "required": "Diga o que foi visto na página da prefeitura: data, protocolo ou número.",
            "max_length": "O texto tem %(show_value)d caracteres e o máximo é %(limit_value)d. Encurte-o.",
        },
    )


class EmailForm(forms.Form):
    para = forms.CharField(
        label="Para",
        max_length=1000,
        help_text="mais de um endereço: separe com ponto e vírgula",
        error_messages={"required": "Informe ao menos um e-mail."},
    )
    mensagem = forms.CharField(
        label="Mensagem",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="vai depois do número, do valor e da chave da nota",
    )

    def clean_para(self) -> list[str]:
        partes = [parte.strip() for parte in self.cleaned_data["para"].replace(",", ";").split(";")]
        enderecos = [parte for parte in partes if parte]
        if not enderecos:
            raise ValidationError("Informe ao menos um e-mail.")
        for endereco in enderecos:
            try:
                aceito(ler_email(endereco))
            except ValidationError:
                raise ValidationError(f"“{endereco[:80]}” não é um e-mail. Confira o endereço.") from None
        return enderecos
