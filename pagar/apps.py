from django.apps import AppConfig


class PagarConfig(AppConfig):
    name = "pagar"
    verbose_name = "Contas a pagar"

    def ready(self) -> None:
        from pagar import handlers, sinais  # noqa: F401 - registers the handlers and the listeners
