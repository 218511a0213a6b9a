from django.apps import AppConfig


class IntegraContadorConfig(AppConfig):
    name = "sandbox.integra_contador"
    label = "integra_contador"

    def ready(self) -> None:
        from sandbox.integra_contador.servicos import cumprir_adiado
        from sandbox.nucleo import adiados

        adiados.atender("integra_contador", cumprir_adiado)
