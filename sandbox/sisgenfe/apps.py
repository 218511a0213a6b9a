from django.apps import AppConfig


class SisgenfeConfig(AppConfig):
    name = "sandbox.sisgenfe"
    label = "sisgenfe"

    def ready(self) -> None:
        from sandbox.nucleo import simuladores

        simuladores.registrar(
            simuladores.Simulador(
                nome="sisgenfe",
                rotulo="SISGENF-e",
                operacoes=lambda: (),
                simuladas=lambda: (),
                enderecos=lambda base: {
                    "producao": f"{base}/sisgenfe/api",
                    "homologacao": f"{base}/sisgenfe/sandbox/api",
                },
            )
        )
