from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class ComumConfig(AppConfig):
    name = "comum"
    verbose_name = "Usuários e auditoria"

    def ready(self) -> None:
        from comum.instalacao import bind_after_migrate, check_before_migrate

        pre_migrate.connect(check_before_migrate, sender=self)
        post_migrate.connect(bind_after_migrate, sender=self)
