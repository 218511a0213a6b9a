from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    name = "credentials"
    verbose_name = "Credenciais"

    def ready(self) -> None:
        from credentials.contas import ligar

        ligar()
