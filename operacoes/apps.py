from django.apps import AppConfig
from django.db.models.signals import post_migrate


class OperacoesConfig(AppConfig):
    name = "operacoes"
    verbose_name = "Operações"

    def ready(self) -> None:
        from empresas.listas import FILTROS_DE_OUTROS
        from operacoes.custos import carregar_precos
        from operacoes.listas import RECUSA, filtro_da_recusa

        if all(filtro.nome != RECUSA for filtro in FILTROS_DE_OUTROS):
            FILTROS_DE_OUTROS.append(filtro_da_recusa())
        post_migrate.connect(carregar_precos, sender=self)
