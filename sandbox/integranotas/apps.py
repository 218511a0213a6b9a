from django.apps import AppConfig


class IntegraNotasConfig(AppConfig):
    name = "sandbox.integranotas"
    label = "integranotas"

    def ready(self) -> None:
        from sandbox.integranotas import catalogo, opcoes, registro
        from sandbox.integranotas.servicos import cumprir
        from sandbox.nucleo import adiados, simuladores

        adiados.atender(catalogo.SERVICO, cumprir)
        simuladores.registrar(
            simuladores.Simulador(
                nome=catalogo.SERVICO,
                rotulo="Integra Notas",
                operacoes=catalogo.nomes,
                simuladas=catalogo.nomes,
                enderecos=lambda base: {
                    "producao": f"{base}/integranotas",
                    "homologacao": f"{base}/integranotas/hom",
                },
                opcoes=opcoes.OPCOES,
                semear=registro.semear,
            )
        )
