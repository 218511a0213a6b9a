from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class EmpresasConfig(AppConfig):
    name = "empresas"
    verbose_name = "Empresas"

    def ready(self) -> None:
        from empresas.tabelas import load_after_migrate

        post_migrate.connect(load_after_migrate, sender=self)
        autodiscover_modules("importadores")
