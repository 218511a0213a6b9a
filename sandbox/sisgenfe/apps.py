from django.apps import AppConfig


class SisgenfeConfig(AppConfig):
    name = "sandbox.sisgenfe"
    label = "sisgenfe"

    def ready(self) -> None:
        from sandbox.nucleo import adiados, simuladores
        from sandbox.sisgenfe import operacoes, registro
        from sandbox.sisgenfe.opcoes import OPCOES, SERVICO

        adiados.atender(SERVICO, operacoes.cumprir_adiado)
        simuladores.registrar(
            simuladores.Simulador(
                nome=SERVICO,
                rotulo="SISGENF-e",
                operacoes=operacoes.nomes,
                simuladas=operacoes.nomes,
                enderecos=lambda base: {
                    "producao": f"{base}/sisgenfe/api",
                    "homologacao": f"{base}/sisgenfe/sandbox/api",
                },
                opcoes=OPCOES,
                semear=registro.semear,
            )
        )
