from django.apps import AppConfig


class ArquivoConfig(AppConfig):
    name = "arquivo"
    verbose_name = "Arquivo fiscal"
