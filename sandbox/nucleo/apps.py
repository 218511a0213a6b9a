from django.apps import AppConfig


class NucleoConfig(AppConfig):
    name = "sandbox.nucleo"
    label = "nucleo"
