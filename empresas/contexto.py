"""The context of the top bar, kept in the session: which empresa (or all) and which competência the user works on."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest
from django.utils import timezone

from comum.documentos import Invalido, Motivo
from comum.formatos import format_competencia, parse_competencia
from comum.permissoes import usuario_de
from empresas.calendario import somar_meses
from empresas.models import Empresa

_EMPRESA, _COMPETENCIA = "contexto_empresa", "contexto_competencia"


@dataclass(frozen=True)
class Contexto:
    empresa: Empresa | None
    competencia: date  # day 1


# The PGDAS-D and its tables of today begin here; nobody prepares a month further ahead than a year.
PRIMEIRA_COMPETENCIA = date(2018, 1, 1)
_MESES_ADIANTE = 12


def ler_competencia(texto: str) -> date | Invalido:
    """A competência as typed, within what the product works with."""
    lida = parse_competencia(texto)
    ultima = somar_meses(timezone.localdate(), _MESES_ADIANTE)
    if isinstance(lida, Invalido) or PRIMEIRA_COMPETENCIA <= lida <= ultima:
        return lida
    return Invalido(
        Motivo.INEXISTENTE,
        f"A competência {format_competencia(lida)} está fora do período do Guichê, de "
        f"{format_competencia(PRIMEIRA_COMPETENCIA)} a {format_competencia(ultima)}.",
    )


def competencia_padrao() -> date:
    """The month before today's: the one whose guias are due."""
    return somar_meses(timezone.localdate(), -1)


def contexto_de(request: HttpRequest) -> Contexto:
    """Read the context; an empresa that no longer exists for the user falls out of it."""
    pk = request.session.get(_EMPRESA)
    empresa = Empresa.objects.visiveis(usuario_de(request)).filter(pk=pk).first() if pk else None
    guardada = request.session.get(_COMPETENCIA)
    return Contexto(empresa, date.fromisoformat(guardada) if guardada else competencia_padrao())


def guardar_contexto(request: HttpRequest, *, empresa: Empresa | None, competencia: date) -> None:
    request.session[_EMPRESA] = empresa.pk if empresa else None
    request.session[_COMPETENCIA] = competencia.isoformat()
