from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate, pre_migrate


class ComumConfig(AppConfig):
    name = "comum"
    verbose_name = "Usuários e auditoria"

    def ready(self) -> None:
        from comum.instalacao import bind_after_migrate, check_before_migrate
        from comum.sessao import contar_uso

        pre_migrate.connect(check_before_migrate, sender=self)
        post_migrate.connect(bind_after_migrate, sender=self)
        user_logged_in.connect(contar_uso)
