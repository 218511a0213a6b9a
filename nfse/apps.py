from django.apps import AppConfig


class NfseConfig(AppConfig):
    name = "nfse"
    verbose_name = "Notas de serviço"
