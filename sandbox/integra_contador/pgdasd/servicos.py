"""The simulated services of PGDASD."""

from sandbox.integra_contador.envelope import Pedido
from sandbox.integra_contador.pgdasd import consultas, das, especiais, transmitir
from sandbox.integra_contador.simulado import Simulado, dados_de, tem_efeito


def _transmite(pedido: Pedido) -> bool:
    return dados_de(pedido).get("indicadorTransmissao") is True


SERVICOS = {
    "TRANSDECLARACAO11": Simulado(transmitir.transmitir, _transmite),
    "GERARDAS12": Simulado(das.gerar, tem_efeito),
    "CONSDECLARACAO13": Simulado(consultas.listar),
    "CONSULTIMADECREC14": Simulado(consultas.ultima),
    "CONSDECREC15": Simulado(consultas.por_numero),
    "CONSEXTRATO16": Simulado(consultas.extrato),
    "GERARDASCOBRANCA17": Simulado(especiais.cobranca, tem_efeito),
    "GERARDASPROCESSO18": Simulado(especiais.processo, tem_efeito),
    "GERARDASAVULSO19": Simulado(especiais.avulso, tem_efeito),
}
