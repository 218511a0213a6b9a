"""To whom the office writes about a client."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction

from comum import auditoria
from comum.models import Usuario
from empresas.models import Contato, Empresa


def recebem_guias(empresas: Iterable[int]) -> dict[int, list[str]]:
    """The addresses to which the guias of each empresa (by pk) go: its contacts that receive them, else its e-mail
    fiscal; an empresa with neither is not in the answer. Two queries."""
    chaves = set(empresas)
    achados: dict[int, list[str]] = defaultdict(list)
    contatos = Contato.objects.filter(empresa__in=chaves, recebe_guias=True).order_by("empresa", "pk")
    for empresa, email in contatos.values_list("empresa", "email"):
        achados[empresa].append(email)
    fiscais = Empresa.objects.filter(pk__in=chaves - achados.keys()).exclude(email_fiscal="")
    for empresa, email in fiscais.values_list("pk", "email_fiscal"):
        achados[empresa].append(email)
    return dict(achados)


def gravar(contato: Contato, usuario: Usuario) -> None:
    """Include or alter a contact that its form has checked."""
    novo = contato.pk is None
    with transaction.atomic():
        contato.save()
        _auditar(
            contato, usuario, "contatos.incluir" if novo else "contatos.alterar", "Incluído" if novo else "Alterado"
        )


def excluir(contato: Contato, usuario: Usuario) -> None:
    with transaction.atomic():
        _auditar(contato, usuario, "contatos.excluir", "Excluído")
        contato.delete()


def _auditar(contato: Contato, usuario: Usuario, acao: str, verbo: str) -> None:
    auditoria.registrar(
        usuario=usuario,
        acao=acao,
        objeto=contato,
        resumo=f"{verbo} o contato {contato} de {contato.empresa}",
        dados={"empresa": contato.empresa_id, "email": contato.email, "recebe_guias": contato.recebe_guias},
    )
