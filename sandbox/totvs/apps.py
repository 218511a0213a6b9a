from django.apps import AppConfig


class TotvsConfig(AppConfig):
    name = "sandbox.totvs"
    label = "totvs"

    def ready(self) -> None:
        from sandbox.nucleo import adiados, simuladores
        from sandbox.totvs import operacoes, semente
        from sandbox.totvs.opcoes import OPCOES, SERVICO

        adiados.atender(SERVICO, operacoes.cumprir_adiado)
        simuladores.registrar(
            simuladores.Simulador(
                nome=SERVICO,
                rotulo="TOTVS Datasul",
                operacoes=operacoes.nomes,
                simuladas=operacoes.nomes,
                enderecos=lambda base: {
                    "producao": f"{base}/totvs",
                    "externo": f"{base}/totvs/api",
                    "portal": f"{base}/totvs/dts/datasul-rest/resources/prg",
                },
                opcoes=OPCOES,
                semear=semente.semear,
            )
        )
