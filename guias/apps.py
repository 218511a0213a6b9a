from django.apps import AppConfig


class GuiasConfig(AppConfig):
    name = "guias"
    verbose_name = "Apuração e guias"

    def ready(self) -> None:
        from arquivo.sinais import documentos_importados
        from empresas.sinais import cadastro_mudou
        from guias import handlers  # noqa: F401 - registers the handlers
        from guias.importacao.arquivo import juntar_as_guias
        from guias.services.seguimento import seguir_cadastro

        cadastro_mudou.connect(seguir_cadastro)
        documentos_importados.connect(juntar_as_guias)
