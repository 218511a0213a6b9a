from django.apps import AppConfig


class ControleConfig(AppConfig):
    name = "sandbox.controle"
    label = "controle"
