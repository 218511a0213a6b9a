"""What the forms of this app share: the empresa they belong to, and the fields that are looked up (F2)."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from comum.formularios import FormVersionado
from comum.models import Usuario
from empresas.models import Empresa


class FormDaEmpresa[M: models.Model](FormVersionado[M]):
    """A record of one empresa, chosen when it is created and fixed from then on.

    `procurados`: the fields that are a look-up on screen; textos() gives what they show.
    """

    procurados: tuple[str, ...] = ()

    def __init__(self, *args: Any, usuario: Usuario, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.usuario = usuario
        campo = self.fields["empresa"]
        campo.queryset = Empresa.objects.visiveis(usuario)  # type: ignore[attr-defined]
        campo.disabled = self.altera
        campo.error_messages["required"] = "Escolha a empresa que presta o serviço."
        campo.error_messages["invalid_choice"] = "Empresa não encontrada. Escolha na lista (F2)."
        for nome in ("empresa", *self.procurados):
            self.fields[nome].widget = forms.HiddenInput()

    @property
    def empresa(self) -> Empresa | None:
        """The empresa of the record, or the one being typed; None while it is not known."""
        if self.altera:
            return Empresa.objects.get(pk=self.instance.empresa_id)  # type: ignore[attr-defined]
        achada = self._escolhido("empresa")
        return achada if isinstance(achada, Empresa) else None

    def _escolhido(self, nome: str) -> models.Model | None:
        valor = self[nome].value()
        try:
            escolhido = self.fields[nome].clean(valor) if valor else None
        except ValidationError:
            return None
        return escolhido if isinstance(escolhido, models.Model) else None

    def textos(self) -> dict[str, tuple[Any, str]]:
        """Chosen key and its words, for the fields that are looked up."""
        escolhidos = {nome: self._escolhido(nome) for nome in ("empresa", *self.procurados)}
        return {nome: (obj.pk, self.rotulo(obj)) if obj else ("", "") for nome, obj in escolhidos.items()}

    def rotulo(self, objeto: models.Model) -> str:
        """How a look-up shows what was chosen."""
        return str(objeto)

    def sem_limite_do_navegador(self, *nomes: str) -> None:
        """Masks and blanks make a text longer than what is kept: the reader of the field says when it is too long."""
        for nome in nomes:
            campo = self.fields[nome]
            if isinstance(campo, forms.CharField):
                campo.widget.attrs.pop("maxlength", None)
                campo.max_length = None
                campo.validators = []
