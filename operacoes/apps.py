from django.apps import AppConfig


class OperacoesConfig(AppConfig):
    name = "operacoes"
    verbose_name = "Operações"
