from django.apps import AppConfig


class PagarConfig(AppConfig):
    name = "pagar"
    verbose_name = "Contas a pagar"
