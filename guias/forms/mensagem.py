"""The office's own words to its clients."""

from typing import Any

from django import forms

from guias.services import mensagens
from guias.services.mensagens import Texto, Tipo


class MensagemForm(forms.Form):
    assunto = forms.CharField(
        label="Assunto", max_length=150, error_messages={"required": "Escreva o assunto da mensagem."}
    )
    corpo = forms.CharField(
        label="Texto",
        max_length=4000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 16}),
        error_messages={"required": "Escreva o texto da mensagem."},
    )
    ligada = forms.BooleanField(label="Enviar o lembrete dois dias antes do vencimento", required=False)

    def __init__(self, tipo: Tipo, dados: Any = None) -> None:
        super().__init__(dados, initial=vars(mensagens.texto_de(tipo)), prefix=tipo.value)
        self.tipo = tipo
        if tipo != Tipo.LEMBRETE:
            del self.fields["ligada"]

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or {}
        corpo = dados.get("corpo", "").replace("\r\n", "\n")
        if "corpo" in dados:
            dados["corpo"] = corpo
        achados = mensagens.problemas(dados.get("assunto", ""), corpo)
        for campo, motivo in achados.items():
            if campo in dados:
                self.add_error(campo, motivo)
        return dados

    def texto(self) -> Texto:
        """Only after is_valid()."""
        dados = self.cleaned_data
        return Texto(dados["assunto"], dados["corpo"], dados.get("ligada", True))
