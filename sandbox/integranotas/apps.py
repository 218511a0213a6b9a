from django.apps import AppConfig


class IntegraNotasConfig(AppConfig):
    name = "sandbox.integranotas"
    label = "integranotas"

    def ready(self) -> None:
        from sandbox.nucleo import simuladores

        simuladores.registrar(
            simuladores.Simulador(
                nome="integranotas",
                rotulo="Integra Notas",
                operacoes=lambda: (),
                simuladas=lambda: (),
                enderecos=lambda base: {"producao": f"{base}/integranotas"},
            )
        )
