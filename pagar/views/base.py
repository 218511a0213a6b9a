"""What the screens of suppliers and of the mapping tables share."""

from django.db.models import Model
from django.http import HttpRequest

from comum.permissoes import usuario_de
from empresas.services import CadastroRecusado
from pagar.forms.cadastros import FormDoCadastro
from pagar.services import cadastro


def gravado[M: Model](request: HttpRequest, form: FormDoCadastro[M]) -> M | None:
    """Save what the form says; what is refused becomes its error. None when there is something to mend."""
    if not form.is_valid():
        return None
    try:
        cadastro.gravar(objeto=form.instance, usuario=usuario_de(request))
    except CadastroRecusado as recusa:
        form.add_error(recusa.campo if recusa.campo in form.fields else None, recusa.mensagem)
        return None
    return form.instance
