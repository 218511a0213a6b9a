"""What tomadores, serviços and contratos have in common: saved and switched with their audit row."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from comum import auditoria
from comum.models import Usuario
from comum.mudancas import diferencas
from empresas.services import CadastroRecusado


def atual[M: models.Model](objeto: M) -> M | None:
    """The row as it is stored, held until the end of the transaction; None for a new one."""
    if objeto._state.adding:
        return None
    return type(objeto)._default_manager.select_for_update().get(pk=objeto.pk)


def gravar[M: models.Model](
    objeto: M,
    antes: M | None,
    campos: Iterable[str],
    usuario: Usuario | None,
    tomados: Mapping[str, tuple[str, str]],
) -> bool:
    """Save a row whose `campos` a person sets, with one audit row; False when nothing changed.

    `tomados`: name of a unique constraint -> (field, message) for who comes second. Raises CadastroRecusado.
    """
    mudancas = diferencas(antes, objeto, campos)
    if antes is not None and not mudancas:
        return False
    try:
        with transaction.atomic():
            objeto.save()
    except IntegrityError as erro:  # someone was faster than the check of the form
        for restricao, (campo, mensagem) in tomados.items():
            if restricao in str(erro):
                raise CadastroRecusado(campo, mensagem) from erro
        raise
    nome = objeto._meta.model_name
    auditoria.registrar(
        usuario=usuario,
        acao=f"nfse.alterar_{nome}" if antes else f"nfse.incluir_{nome}",
        resumo=f"{'Alterado' if antes else 'Incluído'} o {objeto._meta.verbose_name} {objeto}",
        objeto=objeto,
        dados={"campos": mudancas, "empresa": getattr(objeto, "empresa_id", None)},
    )
    return True


@transaction.atomic
def ativar(linhas: models.QuerySet[Any], ativo: bool, usuario: Usuario) -> int:
    """Switch rows on or off; returns how many changed. One audit row."""
    outras = linhas.filter(ativo=not ativo)
    ids = list(outras.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    if not ids:
        return 0
    opcoes = linhas.model._meta
    linhas.model._default_manager.filter(pk__in=ids).update(ativo=ativo, alterado_em=timezone.now())
    nome = opcoes.verbose_name if len(ids) == 1 else opcoes.verbose_name_plural
    palavra = ("ativado" if ativo else "inativado") + ("" if len(ids) == 1 else "s")
    auditoria.registrar(
        usuario=usuario,
        acao=f"nfse.ativar_{opcoes.model_name}",
        resumo=f"{len(ids)} {nome} {palavra}",
        dados={"ativo": ativo, "ids": [str(pk) for pk in ids]},
    )
    return len(ids)
