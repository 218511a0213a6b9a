"""What the control page and its JSON can do to the national system. Refusals are PedidoInvalido, a text in pt-BR."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Prefetch, QuerySet

from sandbox.controle.acoes import PedidoInvalido
from sandbox.documentos import cnpj_valido, cpf_valido
from sandbox.municipios import municipio as municipio_do_ibge
from sandbox.nacional import portal
from sandbox.nacional.codigos import Recusa
from sandbox.nacional.eventos import oficio
from sandbox.nacional.models import Distribuido, Evento, Inscrito, Nota
from sandbox.nacional.opcoes import Opcoes
from sandbox.nacional.servicos import servicos
from sandbox.nucleo import ajustes
from sandbox.nucleo.livro import gravacao

_DO_INSCRITO = {"documento", "nome", "municipio", "im", "abertura", "simples", "endereco"}
_DO_ENDERECO = {"xLgr", "nro", "xCpl", "xBairro", "CEP"}
_DA_RECEBIDA = {"emitente", "tomador", "valor", "competencia", "servico", "municipio", "descricao", "quantas"}
_MAIOR_QUANTIDADE = 1000
_OPCOES_DO_SIMPLES = ("1", "2", "3")


def _documento(valor: Any) -> str:
    if not isinstance(valor, str) or not (cnpj_valido(valor) or cpf_valido(valor)):
        raise PedidoInvalido(f"CNPJ ou CPF inválido: {valor!r}.")
    return valor


def _dia(valor: Any, campo: str) -> date:
    try:
        return date.fromisoformat(valor)
    except (TypeError, ValueError):
        raise PedidoInvalido(f"{campo}: informe AAAA-MM-DD.") from None


def _estranhos(dados: dict[str, Any], aceitos: set[str]) -> None:
    if estranho := sorted(set(dados) - aceitos):
        raise PedidoInvalido(f"Campo desconhecido: {estranho[0]}. Os que há: {', '.join(sorted(aceitos))}.")


def inscrever(dados: dict[str, Any]) -> list[Inscrito]:
    """Bulk register, all or nothing. What is not told of one that exists stays."""
    itens = dados.get("contribuintes")
    if not isinstance(itens, list) or not all(isinstance(item, dict) for item in itens):
        raise PedidoInvalido("contribuintes é uma lista de objetos.")
    with gravacao():
        return [_inscrever(item) for item in itens]


def _inscrever(item: dict[str, Any]) -> Inscrito:
    _estranhos(item, _DO_INSCRITO)
    documento = _documento(item.get("documento"))
    valores: dict[str, Any] = {}
    if "nome" in item:
        valores["nome"] = str(item["nome"])[:150]
    if item.get("municipio"):
        if municipio_do_ibge(str(item["municipio"])) is None:
            raise PedidoInvalido(f"Não há o município {item['municipio']!r} na tabela do IBGE.")
        valores["municipio"] = str(item["municipio"])
    if "im" in item:
        valores["im"] = str(item["im"] or "")[:15]
    if "abertura" in item:
        valores["abertura"] = _dia(item["abertura"], "abertura") if item["abertura"] else None
    if "simples" in item:
        valores["regimes"] = _regimes(item["simples"])
    if "endereco" in item:
        if not isinstance(item["endereco"], dict):
            raise PedidoInvalido("endereco é um objeto.")
        _estranhos(item["endereco"], _DO_ENDERECO)
        valores["endereco"] = item["endereco"]
    padrao = {"nome": f"CONTRIBUINTE DE TESTE {documento}"} | valores
    inscrito, _ = Inscrito.objects.update_or_create(documento=documento, defaults=valores, create_defaults=padrao)
    return inscrito


def _regimes(valor: Any) -> list[dict[str, str]]:
    """opSimpNac for ever, or a list of {"opcao", "desde"}."""
    linhas = valor if isinstance(valor, list) else [{"opcao": valor, "desde": "2000-01-01"}] if valor else []
    regimes = []
    for linha in linhas:
        opcao = str(linha.get("opcao", "")) if isinstance(linha, dict) else ""
        if opcao not in _OPCOES_DO_SIMPLES:
            raise PedidoInvalido('simples: 1, 2 ou 3, ou uma lista de {"opcao": "3", "desde": "AAAA-MM-DD"}.')
        regimes.append({"opcao": opcao, "desde": _dia(linha.get("desde"), "desde").isoformat()})
    return sorted(regimes, key=lambda regime: regime["desde"])


def notas() -> QuerySet[Nota]:
    """Each note once, newest first, with what happened to it and where it was distributed."""
    return Nota.objects.order_by("-id").prefetch_related(
        Prefetch("eventos", Evento.objects.order_by("id")),
        Prefetch("distribuidos", Distribuido.objects.select_related("evento").order_by("documento", "nsu")),
    )


def registrar_evento(dados: dict[str, Any]) -> Evento:
    """{"chave", "codigo"} of an event of the município or of the system; `bloqueia` for a block."""
    _estranhos(dados, {"chave", "codigo", "bloqueia"})
    nota = Nota.objects.filter(chave=dados.get("chave")).first()
    if nota is None:
        raise PedidoInvalido(f"Não há NFS-e com a chave {dados.get('chave')}.")
    codigo, bloqueia = str(dados.get("codigo", "")), str(dados.get("bloqueia") or oficio.BLOQUEAVEIS[0])
    if codigo not in oficio.CODIGOS:
        raise PedidoInvalido(f"codigo deve ser um destes: {', '.join(oficio.CODIGOS)}.")
    if bloqueia not in oficio.BLOQUEAVEIS:
        raise PedidoInvalido(f"bloqueia deve ser um destes: {', '.join(oficio.BLOQUEAVEIS)}.")
    lidos = ajustes.ler()
    try:
        return oficio.registrar(nota, codigo, Opcoes(lidos), lidos.agora(), bloqueia=bloqueia)
    except Recusa as recusa:
        raise PedidoInvalido(_texto(recusa)) from None


def _texto(recusa: Recusa) -> str:
    return " ".join(f"{item.codigo}: {item.descricao} {item.complemento}".strip() for item in recusa.mensagens)


def emitir_no_portal(dados: dict[str, Any]) -> list[Nota]:
    """Notes of somebody else, or of the company itself on the portal: {"emitente", "tomador", "valor", "competencia",
    "servico", "municipio", "descricao", "quantas"}."""
    _estranhos(dados, _DA_RECEBIDA)
    lidos = ajustes.ler()
    quantas = dados.get("quantas", 1)
    if not isinstance(quantas, int) or isinstance(quantas, bool) or not 1 <= quantas <= _MAIOR_QUANTIDADE:
        raise PedidoInvalido(f"quantas: de 1 a {_MAIOR_QUANTIDADE}.")
    pedido = _pedido(dados, lidos.hoje())
    try:
        with gravacao():
            return [portal.emitir(pedido, Opcoes(lidos), lidos.agora()) for _ in range(quantas)]
    except Recusa as recusa:
        raise PedidoInvalido(_texto(recusa)) from None


def _pedido(dados: dict[str, Any], hoje: date) -> portal.Pedido:
    try:
        valor = Decimal(str(dados.get("valor", "100.00")))
    except InvalidOperation:
        raise PedidoInvalido("valor deve ser um número.") from None
    if not valor.is_finite() or valor <= 0:
        raise PedidoInvalido("valor deve ser maior que zero.")
    servico, municipio = dados.get("servico", portal.SERVICO_PADRAO), dados.get("municipio", portal.MUNICIPIO_PADRAO)
    if servico not in servicos():
        raise PedidoInvalido(f"Não há o serviço {servico!r} na lista nacional.")
    if municipio_do_ibge(str(municipio)) is None:
        raise PedidoInvalido(f"Não há o município {municipio!r} na tabela do IBGE.")
    return portal.Pedido(
        emitente=_documento(dados.get("emitente")),
        tomador=_documento(dados["tomador"]) if dados.get("tomador") else "",
        valor=valor,
        competencia=_dia(dados["competencia"], "competencia") if dados.get("competencia") else hoje,
        servico=servico,
        municipio=str(municipio),
        descricao=str(dados.get("descricao") or "Serviço emitido no portal"),
    )
