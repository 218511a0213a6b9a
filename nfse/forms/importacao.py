from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from comum.models import Usuario
from empresas.forms import ArquivoForm
from empresas.models import Empresa


class ArquivoComEmpresaForm(ArquivoForm):
    """The file, and the empresa of the lines that name none."""

    empresa = forms.ModelChoiceField(
        Empresa.objects.none(),
        required=False,
        widget=forms.HiddenInput,
        label="Empresa das linhas que não trazem a coluna",
        error_messages={"invalid_choice": "Empresa não encontrada. Escolha na lista (F2)."},
    )

    def __init__(self, *args: Any, usuario: Usuario, **kwargs: Any) -> None:
        super().__init__(*args, usuario=usuario, **kwargs)
        self.fields.pop("criar_carteiras", None)
        self.fields["empresa"].queryset = Empresa.objects.visiveis(usuario)  # type: ignore[attr-defined]

    def escolhida(self) -> Empresa | None:
        """What the look-up shows."""
        valor = self["empresa"].value()
        try:
            achada = self.fields["empresa"].clean(valor) if valor else None
        except ValidationError:
            return None
        return achada if isinstance(achada, Empresa) else None
