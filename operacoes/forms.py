"""What a person says about an Operacao in doubt, and why a service is held."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from operacoes.handlers import Handler
from operacoes.models import Efeito, Operacao

ARQUIVO_MAXIMO = 10 * 1024 * 1024


class AconteceuForm(forms.Form):
    """*Aconteceu*: the number and the PDF that the handler asks for. `evidencia()` is what is kept."""

    numero = forms.CharField(max_length=300, strip=True)
    arquivo = forms.FileField(required=False, allow_empty_file=True, widget=forms.FileInput(attrs={"accept": ".pdf"}))

    def __init__(self, operacao: Operacao, handler: Handler, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.operacao, self.handler = operacao, handler
        self._preparar_numero()
        self._preparar_arquivo()

    def _preparar_numero(self) -> None:
        rotulo = self.handler.numero_da_prova
        if not rotulo:
            del self.fields["numero"]
            return
        numero = self.fields["numero"]
        numero.label, numero.help_text = rotulo, "Como aparece no serviço. Fica na auditoria com seu nome."
        numero.error_messages["required"] = f"Escreva o que foi visto no serviço: {rotulo.lower()}."

    def _preparar_arquivo(self) -> None:
        rotulo = self.handler.arquivo_da_prova
        if not rotulo:
            del self.fields["arquivo"]
            return
        arquivo = self.fields["arquivo"]
        arquivo.label = rotulo
        arquivo.required = self.operacao.efeito == Efeito.DOCUMENTO
        arquivo.help_text = "Fica guardado nos documentos da empresa."
        arquivo.error_messages["required"] = f"Anexe o arquivo baixado do serviço: {rotulo.lower()}."

    def clean_numero(self) -> str:
        numero: str = self.cleaned_data["numero"]
        if problema := self.handler.problema_da_prova(self.operacao, numero):
            raise forms.ValidationError(problema)
        return numero

    def clean_arquivo(self) -> bytes:
        enviado: UploadedFile[bytes] | None = self.cleaned_data["arquivo"]
        if enviado is None:
            return b""
        if (enviado.size or 0) > ARQUIVO_MAXIMO:
            raise forms.ValidationError("O arquivo passa de 10 MB. Anexe o PDF como foi baixado do serviço.")
        conteudo: bytes = enviado.read()
        if not conteudo.lstrip()[:5].startswith(b"%PDF-"):
            raise forms.ValidationError("O arquivo não é um PDF. Anexe o PDF como foi baixado do serviço.")
        return conteudo

    def evidencia(self) -> str:
        return str(self.cleaned_data.get("numero") or f"Arquivo anexado: {self.handler.arquivo_da_prova}")


class NaoAconteceuForm(forms.Form):
    motivo = forms.CharField(
        label="Como se sabe",
        max_length=300,
        strip=True,
        help_text="Onde e quando foi conferido. Fica na auditoria com seu nome.",
        error_messages={"required": "Escreva onde foi conferido que não aconteceu antes de responder."},
    )


class PausaForm(forms.Form):
    motivo = forms.CharField(
        label="Motivo", max_length=200, required=False, strip=True, help_text="Aparece para todos enquanto durar."
    )
