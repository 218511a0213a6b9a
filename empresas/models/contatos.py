"""The people of a client to whom the office writes."""

from django.db import models
from django.db.models.functions import Lower

from comum.models import Usuario
from empresas.models.cadastro import Empresa


class ContatoQuerySet(models.QuerySet["Contato"]):
    def visiveis(self, usuario: Usuario) -> "ContatoQuerySet":
        return self if usuario.administra else self.filter(empresa__in=Empresa.objects.visiveis(usuario))


class Contato(models.Model):
    """An e-mail address of a client. Where an empresa has none that receives guias, its e-mail fiscal does
    (empresas.contatos)."""

    empresa = models.ForeignKey(
        Empresa, on_delete=models.CASCADE, db_index=False, related_name="contatos", verbose_name="empresa"
    )
    email = models.EmailField("e-mail")
    nome = models.CharField("nome", max_length=80, blank=True)
    recebe_guias = models.BooleanField("recebe as guias", default=True)

    objects = ContatoQuerySet.as_manager()

    class Meta:
        verbose_name = "contato"
        ordering = ["empresa", "id"]
        constraints = [
            models.UniqueConstraint(
                "empresa",
                Lower("email"),
                name="contato_unico_na_empresa",
                violation_error_message="Este e-mail já é contato desta empresa.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.nome} <{self.email}>" if self.nome else self.email
