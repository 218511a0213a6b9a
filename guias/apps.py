from django.apps import AppConfig


class GuiasConfig(AppConfig):
    name = "guias"
    verbose_name = "Apuração e guias"

    def ready(self) -> None:
        from empresas.sinais import cadastro_mudou
        from guias import handlers  # noqa: F401 - registers the handlers
        from guias.services.seguimento import seguir_cadastro

        cadastro_mudou.connect(seguir_cadastro)
