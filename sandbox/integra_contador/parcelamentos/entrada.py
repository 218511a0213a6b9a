"""What the instalment systems let in, and their messages: the last numbers differ between the families."""

from typing import Any

from sandbox.calendario import pa_valido
from sandbox.integra_contador.envelope import ler_json
from sandbox.integra_contador.erros import Recusa

MAXIMO_ABERTAS = 6
_LIMITE_NO_15 = ("PARCSN", "PARCMEI")
_TEXTOS = {
    "E001": ("Aviso", 200, "Não há parcelamento ativo para o contribuinte."),
    "C001": ("Aviso", 200, "Não existe pedido de parcelamento para esse CNPJ."),
    "N002": ("EntradaIncorreta", 400, "Parâmetro de entrada inválido: {0}."),
    "N003": ("Aviso", 200, "Não há mais saldo devedor para os débitos incluídos no parcelamento."),
    "N004": ("EntradaIncorreta", 400, "Houve uma reconsolidação do parcelamento: use o portal do contribuinte."),
    "N005": ("Aviso", 200, "O DAS da parcela do mês corrente só pode ser emitido a partir do dia {0}."),
    "N006": ("Aviso", 200, "A parcela {0} está indisponível para impressão."),
    "N007": ("EntradaIncorreta", 400, "Esta funcionalidade não requer nenhuma informação no campo dados."),
    "N008": ("Aviso", 200, "Não foram encontradas parcelas para emissão."),
    "N009": ("Aviso", 200, "Não existe parcelamento para o numeroParcelamento informado."),
    "N010": ("Aviso", 200, "A parcela {0} informada não é válida para consulta de pagamento."),
    "N012": ("Aviso", 200, "Não existe pagamento para o anoMesParcela e numeroParcelamento informados."),
    "N013": ("Aviso", 200, "Há um pedido aguardando confirmação do pagamento da primeira parcela."),
    "portal": ("EntradaIncorreta", 400, "Não será possível utilizar o IC para este contribuinte. Use o sistema web."),
    "limite": ("EntradaIncorreta", 400, "O serviço possui o limite de 6 parcelas e este parcelamento possui {0}."),
}


def recusa(familia: str, qual: str, detalhe: str = "") -> Recusa:
    tipo, http, texto = _TEXTOS[qual]
    no_15 = familia in _LIMITE_NO_15
    numero = {"portal": "N004" if no_15 else "N014", "limite": "N015" if no_15 else "N016"}.get(qual, qual)
    return Recusa(http, f"[{tipo}-{familia}-ER_{numero}]", texto.format(detalhe))


def sem_dados(familia: str, dados: str) -> None:
    if dados:
        raise recusa(familia, "N007")


def numeros(familia: str, dados: str, *nomes: str) -> list[int]:
    """The values of an object with exactly these keys, all of them numbers."""
    try:
        lido: Any = ler_json(dados)
    except ValueError:
        lido = None
    if not isinstance(lido, dict) or set(lido) != set(nomes):
        raise recusa(familia, "N002", f"informe {' e '.join(nomes)}")
    for nome in nomes:
        if not isinstance(lido[nome], int) or isinstance(lido[nome], bool):
            raise recusa(familia, "N002", nome)
    return [lido[nome] for nome in nomes]


def periodo(familia: str, pa: int, nome: str) -> int:
    if not pa_valido(pa):
        raise recusa(familia, "N002", nome)
    return pa
