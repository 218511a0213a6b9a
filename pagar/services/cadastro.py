"""Suppliers and mapping tables: saved and excluded with their audit row."""

import hashlib
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError

from comum import auditoria
from comum.models import Usuario
from comum.mudancas import diferencas
from empresas.services import CadastroRecusado

_TOMADO = (
    "Outra pessoa acabou de gravar um cadastro igual a este. Procure por ele na lista; se não for o mesmo, corrija "
    "este e grave de novo."
)


def versao_de(objeto: models.Model) -> str:
    """What differs once somebody changes any column of the row."""
    valores = [getattr(objeto, campo.attname) for campo in objeto._meta.concrete_fields]
    return hashlib.sha256(repr(valores).encode()).hexdigest()[:32]


def campos_de(modelo: type[models.Model]) -> list[str]:
    """What a person fills in."""
    return [campo.name for campo in modelo._meta.concrete_fields if not campo.primary_key]


@transaction.atomic
def gravar(*, objeto: models.Model, usuario: Usuario, campos: Iterable[str] = ()) -> bool:
    """Create or alter one row, with one audit row; False when nothing changed. Raises CadastroRecusado."""
    modelo, antes = type(objeto), None
    if not objeto._state.adding:
        antes = modelo._default_manager.select_for_update(of=("self",), no_key=True).filter(pk=objeto.pk).first()
        if antes is None:
            raise CadastroRecusado("", "Este cadastro acabou de ser excluído. Para tê-lo de volta, inclua-o de novo.")
    mudancas = diferencas(antes, objeto, campos or campos_de(modelo))
    if antes is not None and not mudancas:
        return False
    try:
        with transaction.atomic():
            objeto.save()
    except IntegrityError as erro:  # someone was faster than the check of the form
        raise CadastroRecusado("", _TOMADO) from erro
    _anotar(objeto, usuario, "alterar" if antes else "incluir", {"campos": mudancas})
    return True


@transaction.atomic
def excluir(*, objeto: models.Model, usuario: Usuario) -> None:
    """Exclude one row, with what it said in the audit. Raises CadastroRecusado when something still points to it."""
    ditos = diferencas(None, objeto, campos_de(type(objeto)))
    chave = objeto.pk
    try:
        objeto.delete()
    except ProtectedError as erro:
        raise CadastroRecusado("", "Há títulos ou cadastros que usam este: ele não pode ser excluído.") from erro
    objeto.pk = chave
    _anotar(objeto, usuario, "excluir", {"campos": {campo: dito for campo, (_, dito) in ditos.items()}})


def _anotar(objeto: models.Model, usuario: Usuario, verbo: str, dados: dict[str, Any]) -> None:
    opcoes = objeto._meta
    feito = {"alterar": "Alteração", "incluir": "Inclusão", "excluir": "Exclusão"}[verbo]
    auditoria.registrar(
        usuario=usuario,
        acao=f"pagar.{verbo}_{opcoes.model_name}",
        resumo=f"{feito} de {opcoes.verbose_name}: {objeto}",
        objeto=objeto,
        dados=dados,
    )
