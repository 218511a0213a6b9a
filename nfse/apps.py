from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class NfseConfig(AppConfig):
    name = "nfse"
    verbose_name = "Notas de serviço"

    def ready(self) -> None:
        from arquivo.sinais import documentos_importados
        from nfse import handlers  # noqa: F401 - registers the handlers
        from nfse.services.importados import anotar_os_numeros, juntar_as_notas

        documentos_importados.connect(juntar_as_notas)
        documentos_importados.connect(anotar_os_numeros)
        self._usar_a_tabela_do_escritorio()

    def _usar_a_tabela_do_escritorio(self) -> None:
        from nfse.providers.nacional import presencas

        caminho = settings.NFSE_NACIONAL_PRESENCAS
        if not caminho:
            return
        try:
            presencas.usar(Path(caminho).read_text("utf-8"))
        except (OSError, ValueError) as erro:
            raise ImproperlyConfigured(f"NFSE_NACIONAL_PRESENCAS: {caminho} não pode ser usado. {erro}") from erro
