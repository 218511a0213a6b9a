from django.apps import AppConfig


class CorreioConfig(AppConfig):
    name = "sandbox.correio"
    label = "correio"

    def ready(self) -> None:
        from sandbox.correio import entrega
        from sandbox.nucleo import adiados, simuladores

        adiados.atender(entrega.SERVICO, entrega.cumprir_adiado)
        simuladores.registrar(
            simuladores.Simulador(
                nome=entrega.SERVICO,
                rotulo="Servidor de e-mail (SMTP)",
                operacoes=lambda: [entrega.OPERACAO],
                simuladas=lambda: [entrega.OPERACAO],
                enderecos=lambda base: {},  # not below the TLS port: sandbox.__main__ tells it
            )
        )
