"""DTE CONSULTASITUACAODTE111, and EPROCESSO CONSPROCPORINTER271: readings without input."""

from sandbox.integra_contador.envelope import Pedido, Resultado
from sandbox.integra_contador.erros import Recusa
from sandbox.integra_contador.models import Enquadramento, ProcessoDigital
from sandbox.integra_contador.simulado import Simulado
from sandbox.nucleo.ajustes import Ajustes

TEXTOS = {
    -2: "NI inválido",
    -1: "CNPJ Não Optante",
    0: "CNPJ Optante DTE",
    1: "CNPJ Optante Simples",
    2: "CNPJ Optante DTE e Simples",
}
_PADRAO = 1
_DO_SIMPLES = (1, 2)


def _indicador(cnpj: str) -> int:
    guardado = Enquadramento.objects.filter(contribuinte=cnpj).first()
    return guardado.dte if guardado else _PADRAO


def do_simples(cnpj: str) -> bool:
    """Whether the Receita has it as opting for the Simples Nacional."""
    return _indicador(cnpj) in _DO_SIMPLES


def situacao(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    if pedido.dados:
        raise Recusa(400, "[Erro-DTE-994]", "Campo informado (dados) inválido.")
    indicador = _indicador(pedido.contribuinte.numero)
    saida = {"indicadorEnquadramento": indicador, "statusEnquadramento": TEXTOS[indicador]}
    return Resultado(saida, [("[Sucesso-DTE-01]", "Requisição CNPJ efetuada com sucesso.")])


def processos(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    if pedido.dados not in ("", "{}"):
        raise Recusa(400, "[EntradaIncorreta-EPROCESSO-EI_001]", "Dados de entrada inválidos.")
    achados = ProcessoDigital.objects.filter(contribuinte=pedido.contribuinte.numero).order_by("-protocolo", "pk")
    saida = [
        {
            "numeroDoProcesso": processo.numero,
            "relacaoDoInteressadoComOProcesso": "INTERESSADO",
            "dataDeProtocolo": processo.protocolo.strftime("%d/%m/%Y"),
            "tipoDoProcesso": processo.tipo,
            "subtipoDoProcesso": processo.subtipo,
            "localizacao": processo.localizacao,
            "situacao": processo.situacao,
            "ultimoEncaminhamentoExterno": None,
        }
        for processo in achados
    ]
    if not saida:
        return Resultado([], [("[Sucesso-EPROCESSO-SC_002]", "Nenhum dado encontrado.")])
    return Resultado(saida, [("[Sucesso-EPROCESSO-SC_001]", "Requisição efetuada com sucesso.")])


SERVICOS = {"CONSULTASITUACAODTE111": Simulado(situacao), "CONSPROCPORINTER271": Simulado(processos)}
