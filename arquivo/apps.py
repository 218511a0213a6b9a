from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ArquivoConfig(AppConfig):
    name = "arquivo"
    verbose_name = "Arquivo fiscal"

    def ready(self) -> None:
        autodiscover_modules("faltas")
