from django.apps import AppConfig


class NfseConfig(AppConfig):
    name = "nfse"
    verbose_name = "Notas de serviço"

    def ready(self) -> None:
        from nfse import handlers  # noqa: F401 - registers the handlers
