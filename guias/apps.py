from django.apps import AppConfig


class GuiasConfig(AppConfig):
    name = "guias"
    verbose_name = "Apuração e guias"

    def ready(self) -> None:
        from guias import handlers  # noqa: F401 - registers the handlers
