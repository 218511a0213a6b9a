"""PROCURACOES OBTERPROCURACAO41: electronic procurações between a grantor and a grantee."""

from typing import Any

from sandbox.integra_contador.catalogo import NOMES_DOS_PODERES
from sandbox.integra_contador.envelope import Pedido, Resultado, ler_json
from sandbox.integra_contador.erros import Recusa
from sandbox.integra_contador.simulado import Simulado
from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.cadastro import procuracoes

_CAMPOS = ("outorgante", "tipoOutorgante", "outorgado", "tipoOutorgado")


def _ler(texto: str) -> dict[str, str]:
    """The four strings. The misspelt type of the code is SERPRO's own."""
    try:
        dados: Any = ler_json(texto)
    except ValueError:
        dados = None
    if not isinstance(dados, dict) or set(dados) != set(_CAMPOS) or not all(isinstance(v, str) for v in dados.values()):
        raise Recusa(400, "[EntrataIncorreta-PROCURACOES-40007]", f"Informe em texto: {', '.join(_CAMPOS)}.")
    return dados


def obter(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    dados = _ler(pedido.dados)
    partes = (dados["outorgante"], dados["tipoOutorgante"], dados["outorgado"], dados["tipoOutorgado"])
    quem = (pedido.contribuinte, pedido.autor)
    if partes != (quem[0].numero, str(quem[0].tipo), quem[1].numero, str(quem[1].tipo)):
        texto = "O outorgante deve ser o contribuinte e o outorgado deve ser o autor do pedido de dados."
        raise Recusa(403, "[AcessoNegado-PROCURACOES-40300]", texto)
    achadas = procuracoes(dados["outorgante"], dados["outorgado"], ajustes.hoje())
    if not achadas:
        raise Recusa(404, "[Aviso-PROCURACOES-40400]", "Não existe procuração ativa entre outorgante e outorgado.")
    saida = [
        {
            "dtexpiracao": procuracao.expira.strftime("%Y%m%d"),
            "nrsistemas": len(procuracao.poderes),
            "sistemas": [NOMES_DOS_PODERES.get(poder, poder) for poder in procuracao.poderes],
        }
        for procuracao in achadas
    ]
    mensagens = [
        ("[Sucesso-PROCURACOES]", "Requisição efetuada com sucesso."),
        ("[Aviso-PROCURACOES-20001]", "Foram encontradas procurações."),
    ]
    return Resultado(saida, mensagens)


SERVICOS = {"OBTERPROCURACAO41": Simulado(obter)}
