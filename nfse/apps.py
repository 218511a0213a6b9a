from django.apps import AppConfig


class NfseConfig(AppConfig):
    name = "nfse"
    verbose_name = "Notas de serviço"

    def ready(self) -> None:
        from arquivo.sinais import documentos_importados
        from nfse import handlers  # noqa: F401 - registers the handlers
        from nfse.services.importados import juntar_as_notas

        documentos_importados.connect(juntar_as_notas)
