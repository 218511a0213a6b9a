from django.apps import AppConfig
from django.db.models.signals import post_migrate


class OperacoesConfig(AppConfig):
    name = "operacoes"
    verbose_name = "Operações"

    def ready(self) -> None:
        from operacoes.custos import carregar_precos

        post_migrate.connect(carregar_precos, sender=self)
