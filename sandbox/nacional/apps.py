from django.apps import AppConfig


class NacionalConfig(AppConfig):
    name = "sandbox.nacional"
    label = "nacional"

    def ready(self) -> None:
        from sandbox.nacional import catalogo, formas, opcoes, porta
        from sandbox.nucleo import adiados, simuladores

        adiados.atender(catalogo.SERVICO, porta.cumprir_adiado)
        simuladores.registrar(
            simuladores.Simulador(
                nome=catalogo.SERVICO,
                rotulo="NFS-e Nacional",
                operacoes=catalogo.nomes,
                simuladas=catalogo.nomes,
                enderecos=lambda base: {
                    "sefin": f"{base}/SefinNacional",
                    "adn": f"{base}/contribuintes",
                    "parametros": f"{base}/parametrizacao",
                    "danfse": f"{base}/danfse",
                },
                opcoes=opcoes.OPCOES,
                formas=formas.TODAS,
            )
        )
