from django.apps import AppConfig


class IntegraContadorConfig(AppConfig):
    name = "sandbox.integra_contador"
    label = "integra_contador"

    def ready(self) -> None:
        from sandbox.integra_contador import catalogo, novidades, registro
        from sandbox.integra_contador.pgdasd.consultas import MALHA, malha_valida
        from sandbox.integra_contador.pgmei.entrada import DEMORA, SALARIO
        from sandbox.integra_contador.receita.opcoes import OPCOES
        from sandbox.integra_contador.servicos import SIMULADOS, cumprir_adiado
        from sandbox.nucleo import adiados, simuladores

        adiados.atender(catalogo.SERVICO, cumprir_adiado)
        simuladores.registrar(
            simuladores.Simulador(
                nome=catalogo.SERVICO,
                rotulo="Integra Contador",
                operacoes=catalogo.operacoes,
                simuladas=lambda: SIMULADOS,
                enderecos=lambda base: {
                    "autenticacao": f"{base}/authenticate",
                    "producao": f"{base}/integra-contador/v1",
                    "teste": f"{base}/integra-contador-trial/v1",
                },
                opcoes={
                    **OPCOES,
                    **novidades.OPCOES,
                    SALARIO: simuladores.Opcao({}, registro.salarios_validos),
                    MALHA: simuladores.Opcao({}, malha_valida),
                    DEMORA: simuladores.Opcao(0, lambda valor: isinstance(valor, int) and 0 <= valor <= 60_000),
                },
                semear=registro.semear,
            )
        )
