"""The eleven operations: path, verb, permission and what carries each one out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.nucleo import ajustes as ajustes_do_nucleo
from sandbox.nucleo import rapido
from sandbox.sisgenfe import consultas, emissao, notas, tomadores
from sandbox.sisgenfe.contexto import Contexto
from sandbox.sisgenfe.erros import Recusa
from sandbox.sisgenfe.formatos import competencia, em_json
from sandbox.sisgenfe.leitura import Campos, ler_json
from sandbox.sisgenfe.models import Prestador

LOGIN = "login"


@dataclass(frozen=True)
class Operacao:
    """`executar` gives the JSON of a success and raises Recusa; the user needs one of `permissoes`."""

    nome: str
    metodo: str
    permissoes: tuple[str, ...]
    executar: Callable[[Campos, Contexto], str]
    efeito: bool = False


def _objeto(executar: Callable[[Campos, Contexto], Any]) -> Callable[[Campos, Contexto], str]:
    return lambda pedido, contexto: em_json(executar(pedido, contexto))


def _lista(executar: Callable[[Campos, Contexto], list[str]]) -> Callable[[Campos, Contexto], str]:
    return lambda pedido, contexto: f"[{', '.join(executar(pedido, contexto))}]"


ROTAS: dict[str, Operacao] = {
    "tomador": Operacao(
        "tomador", "POST", ("wsIncluirTomador", "wsAlterarTomador"), _objeto(tomadores.gravar), efeito=True
    ),
    "nfs": Operacao("nfs", "POST", ("wsIncluirNota",), emissao.emitir, efeito=True),
    "nfs/corrige": Operacao("corrige", "POST", ("wsIncluirCorrecao",), notas.corrigir, efeito=True),
    "nfs/cancela": Operacao("cancela", "POST", ("wsIncluirCancelamento",), notas.cancelar, efeito=True),
    "cnae": Operacao(
        "cnae", "GET", ("wsListaAtividade",), _objeto(lambda pedido, contexto: consultas.do_prestador(contexto))
    ),
    "tomador/query": Operacao("tomador_query", "POST", ("wsListaTomador",), _lista(consultas.tomadores)),
    "nfs/query": Operacao("nfs_query", "POST", ("wsListaNota",), _lista(consultas.das_notas)),
    "cnae/query": Operacao("cnae_query", "POST", ("wsListaCnae",), _objeto(consultas.atividades)),
    "municipio/query": Operacao("municipio_query", "POST", ("wsListaMunicipio",), _objeto(consultas.municipios)),
    "unidade/query": Operacao("unidade_query", "POST", ("wsListaUnidadeMedida",), _objeto(consultas.unidades)),
}
_POR_NOME = {operacao.nome: operacao for operacao in ROTAS.values()}


def nomes() -> list[str]:
    return [LOGIN, *_POR_NOME]


def assunto(operacao: Operacao, corpo: Any, contexto: Contexto) -> tuple[str, str]:
    """Month (AAAAMM) and document of the request, for the rules and the record of calls; empty when it has none.

    A note is known by its whole `observacao`, a customer by the document; months are those of the emission.
    """
    if not isinstance(corpo, dict):
        return "", ""
    match operacao.nome, corpo:
        case "nfs", {"observacao": str(observacao)}:
            return competencia(contexto.agora), observacao
        case "nfs", _:
            return competencia(contexto.agora), ""
        case "tomador", {"documento": str(documento)}:
            return "", documento
        case "corrige" | "cancela", {"notaFiscal": {"numero": int(numero)}} if abs(numero) < 10**15:
            nota = notas.achar(contexto, numero)
            return (competencia(nota.emitida), nota.observacao) if nota else ("", "")
    return "", ""


def guardar(operacao: Operacao, corpo: bytes, contexto: Contexto) -> dict[str, Any]:
    """A request whose effect is to land later."""
    return {
        "operacao": operacao.nome,
        "corpo": corpo.decode(),
        "ambiente": contexto.ambiente,
        "prestador": contexto.prestador.pk,
        "permissoes": sorted(contexto.permissoes),
        "tag": contexto.tag,
    }


def cumprir_adiado(pedido: dict[str, Any]) -> None:
    """Carry out a request whose connection was dropped; a refusal leaves no effect, as it would have."""
    prestador = rapido.primeiro(Prestador, "id = %s", [pedido["prestador"]])
    if prestador is None:
        return
    ajustes = ajustes_do_nucleo.ler()
    contexto = Contexto(pedido["ambiente"], prestador, frozenset(pedido["permissoes"]), ajustes, pedido["tag"])
    try:
        _POR_NOME[pedido["operacao"]].executar(contexto.campos(ler_json(pedido["corpo"].encode())), contexto)
    except Recusa:
        return
