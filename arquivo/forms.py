from typing import Any

from django import forms

from comum.models import Usuario
from empresas.forms import ArquivoForm


class DocumentosForm(ArquivoForm):
    """One XML or PDF, or a ZIP of them."""

    def __init__(self, *args: Any, usuario: Usuario, **kwargs: Any) -> None:
        super().__init__(*args, usuario=usuario, **kwargs)
        self.fields.pop("criar_carteiras", None)
        self.fields["arquivo"] = forms.FileField(
            label="ZIP, XML ou PDF",
            help_text="até 50 MB; um ZIP leva até 20.000 arquivos de até 10 MB cada, sem senha e sem outro ZIP dentro",
            error_messages={
                "required": "Escolha o ZIP, ou um XML ou PDF.",
                "empty": "O arquivo está vazio. Escolha outro.",
                "missing": "Nenhum arquivo chegou. Escolha o arquivo e envie de novo.",
            },
        )
        self.fields["arquivo"].widget.attrs["accept"] = ".zip,.xml,.pdf,application/zip,application/xml,application/pdf"
