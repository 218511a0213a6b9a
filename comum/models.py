from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils import timezone


class Papel(models.TextChoices):
    ADMINISTRADOR = "administrador", "Administrador"
    OPERADOR = "operador", "Operador"
    CONSULTA = "consulta", "Consulta"


class UsuarioManager(UserManager["Usuario"]):
    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **extra: Any
    ) -> "Usuario":
        extra.setdefault("papel", Papel.ADMINISTRADOR)
        return super().create_superuser(username, email, password, **extra)


class Usuario(AbstractUser):
    """A person of the office. The role decides everything: staff and superuser flags follow it and are not edited."""

    papel = models.CharField("papel", max_length=15, choices=Papel, default=Papel.CONSULTA)

    # Not stored: the ids of the carteiras that stand for those given (empresas.models.com_carteiras_lidas).
    carteiras_lidas: tuple[int, ...] | None = None

    objects: ClassVar[UsuarioManager] = UsuarioManager()

    class Meta(AbstractUser.Meta):
        verbose_name = "usuário"
        verbose_name_plural = "usuários"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.is_staff = self.is_superuser = self.papel == Papel.ADMINISTRADOR
        super().save(*args, **kwargs)

    @property
    def administra(self) -> bool:
        return self.papel == Papel.ADMINISTRADOR

    @property
    def opera(self) -> bool:
        return self.papel in (Papel.ADMINISTRADOR, Papel.OPERADOR)

    @property
    def nome(self) -> str:
        return self.get_full_name() or self.username


class Instalacao(models.Model):
    """The one row that binds this database to its ambiente at the first start."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    ambiente = models.CharField("ambiente", max_length=15)
    criada_em = models.DateTimeField("criada em", auto_now_add=True)

    class Meta:
        verbose_name = "instalação"
        verbose_name_plural = "instalação"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="instalacao_unica")]

    def __str__(self) -> str:
        return self.ambiente


class Adicional(models.Model):
    """An add-on the office has contracted; without it its functions say so and do not run.

    Source: SIGER help page "API Integra Contador" (add-on 216 - Mens.API Integra Contador).
    """

    INTEGRA_CONTADOR = 216

    codigo = models.PositiveSmallIntegerField("código", primary_key=True)
    nome = models.CharField("nome", max_length=80)
    ativo = models.BooleanField("contratado", default=False)
    quem_ativa = models.CharField(
        "quem ativa", max_length=120, default="o administrador do Guichê, em Administração › Adicionais"
    )

    class Meta:
        verbose_name = "adicional"
        verbose_name_plural = "adicionais"
        ordering = ["codigo"]

    def __str__(self) -> str:
        return f"{self.codigo} - {self.nome}"


class Auditoria(models.Model):
    """One business act. Append-only: a trigger refuses UPDATE and DELETE (migration 0002)."""

    quando = models.DateTimeField("quando", auto_now_add=True, db_index=True)
    usuario = models.ForeignKey(
        Usuario, on_delete=models.PROTECT, null=True, verbose_name="usuário", related_name="auditorias"
    )
    acao = models.CharField("ação", max_length=60, db_index=True)
    objeto = models.CharField("objeto", max_length=80, blank=True, db_index=True)
    resumo = models.CharField("resumo", max_length=300)
    dados = models.JSONField("dados", default=dict)

    class Meta:
        verbose_name = "registro de auditoria"
        verbose_name_plural = "auditoria"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.quando):%d/%m/%Y %H:%M} {self.acao}"


class SeloAuditoria(models.Model):
    """A link of the hash chain over the audit rows up to `ate`. Append-only like the rows it seals."""

    ate = models.BigIntegerField("até o registro", unique=True)
    registros = models.PositiveIntegerField("registros")
    anterior = models.CharField("selo anterior", max_length=64)
    hash = models.CharField("selo", max_length=64)
    criado_em = models.DateTimeField("criado em", auto_now_add=True)

    class Meta:
        verbose_name = "selo da auditoria"
        verbose_name_plural = "selos da auditoria"
        ordering = ["-ate"]

    def __str__(self) -> str:
        return f"até {self.ate}"
