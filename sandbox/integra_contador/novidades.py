"""EVENTOSATUALIZACAO: the last day on which something changed, for up to 1,000 taxpayers at a time."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sandbox.integra_contador.envelope import Pedido, Resultado, ler_json
from sandbox.integra_contador.erros import Recusa
from sandbox.integra_contador.models import Novidade, PedidoDeEventos
from sandbox.integra_contador.simulado import Simulado
from sandbox.nucleo.ajustes import BRASILIA, Ajustes
from sandbox.nucleo.cadastro import tem_poder
from sandbox.nucleo.livro import gravacao
from sandbox.nucleo.opcoes import inteiro
from sandbox.nucleo.simuladores import Opcao

DCTFWEB, CAIXA_POSTAL, PAGAMENTOS = "E0301", "E0601", "E0701"
EVENTOS = {DCTFWEB: "00103", CAIXA_POSTAL: "00006", PAGAMENTOS: "00004"}  # the power that opens each system
POR_DIA = "integra_contador.eventos_por_dia"
ESPERA_MS = "integra_contador.eventos_espera_ms"  # until a protocol has its answer
OPCOES = {POR_DIA: Opcao(1000, inteiro(0)), ESPERA_MS: Opcao(1000, inteiro(0))}
_MAXIMO = 1000
_ATRASO = timedelta(minutes=15)
_GUARDADOS = timedelta(days=60)
_LIMITE_MIN = 15


def ocorreu(documento: str, evento: str, agora: datetime) -> None:
    """Inside the `gravacao` of what happened."""
    Novidade.objects.create(documento=documento, evento=evento, instante=agora)


def _recusa(numero: int, texto: str, *, tipo: str = "EntradaIncorreta", http: int = 400) -> Recusa:
    return Recusa(http, f"[{tipo}-EVENTOSATUALIZACAO-{numero:03d}]", texto)


def _ler(pedido: Pedido, campos: set[str]) -> dict[str, str]:
    try:
        dados: Any = ler_json(pedido.dados)
    except ValueError:
        dados = None
    if not isinstance(dados, dict) or set(dados) != campos or not all(isinstance(v, str) for v in dados.values()):
        raise _recusa(2, f"Informe em texto: {', '.join(sorted(campos))}.")
    if dados["evento"] not in EVENTOS:
        raise _recusa(2, f"O evento {dados['evento'][:10]} não existe.")
    if pedido.autor != pedido.contratante:
        raise _recusa(2, "O autor do pedido de dados deve ser o contratante.")
    return dados


def _documentos(pedido: Pedido) -> list[str]:
    documentos = [numero.strip() for numero in pedido.contribuinte.numero.split(",")]
    if len(documentos) > _MAXIMO:
        raise _recusa(2, f"A lista tem {len(documentos)} contribuintes: o máximo é {_MAXIMO}.")
    return documentos


def solicitar(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    evento = _ler(pedido, {"evento"})["evento"]
    documentos, agora = _documentos(pedido), ajustes.agora()
    inicio = agora.astimezone(BRASILIA).replace(hour=0, minute=0, second=0, microsecond=0)
    dono = {"contratante": pedido.contratante.numero, "tipo": pedido.contribuinte.tipo, "evento": evento}
    with gravacao():
        feitos, limite = PedidoDeEventos.objects.filter(pedido__gte=inicio, **dono).count(), ajustes.valores[POR_DIA]
        if feitos >= limite:
            raise _recusa(4, "Limite diário de solicitações do evento alcançado.", tipo="Aviso", http=429)
        feito = PedidoDeEventos.objects.create(
            protocolo=str(uuid4()),
            documentos=documentos,
            resposta=_resposta(documentos, pedido.contratante.numero, evento, ajustes),
            pedido=agora,
            **dono,
        )
    saida = {
        "protocolo": feito.protocolo,
        "TempoEsperaMedioEmMs": ajustes.valores[ESPERA_MS],
        "TempoLimiteEmMin": _LIMITE_MIN,
    }
    mensagens = [
        ("[Sucesso-EVENTOSATUALIZACAO-001]", "Requisição efetuada com sucesso."),
        ("[Aviso-EVENTOSATUALIZACAO-005]", f"Restam {limite - feitos - 1} solicitações deste evento hoje."),
    ]
    return Resultado(saida, mensagens)


def _resposta(documentos: list[str], autor: str, evento: str, ajustes: Ajustes) -> list[list[str]]:
    agora = ajustes.agora()
    lidas = Novidade.objects.filter(evento=evento, documento__in=documentos)
    lidas = lidas.filter(instante__lte=agora - _ATRASO, instante__gte=agora - _GUARDADOS).order_by("instante")
    ultimas = dict(lidas.values_list("documento", "instante"))
    poder, hoje = {EVENTOS[evento]}, ajustes.hoje()
    vespera = hoje - timedelta(days=1)  # a procuração granted today is seen tomorrow
    linhas = []
    for documento in documentos:
        if documento != autor and not tem_poder(documento, autor, poder, hoje, desde=vespera):
            linhas.append([documento, "x"])
        else:
            ultima = ultimas.get(documento)
            linhas.append([documento, ultima.astimezone(BRASILIA).strftime("%y%m%d") if ultima else ""])
    return linhas


def obter(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    dados = _ler(pedido, {"protocolo", "evento"})
    feito = PedidoDeEventos.objects.filter(
        protocolo=dados["protocolo"], contratante=pedido.contratante.numero, evento=dados["evento"]
    ).first()
    idade = ajustes.agora() - feito.pedido if feito else timedelta()
    if feito is None or not timedelta(milliseconds=ajustes.valores[ESPERA_MS]) <= idade <= timedelta(
        minutes=_LIMITE_MIN
    ):
        raise _recusa(6, "O protocolo não foi encontrado: não existe, ainda não está pronto ou expirou.")
    if feito.documentos != _documentos(pedido):
        raise _recusa(2, "A lista de contribuintes não é a da solicitação.")
    return Resultado(feito.resposta, [("[Sucesso-EVENTOSATUALIZACAO-001]", "Requisição efetuada com sucesso.")])


SERVICOS = {
    "SOLICEVENTOSPF131": Simulado(solicitar),
    "SOLICEVENTOSPJ132": Simulado(solicitar),
    "OBTEREVENTOSPF133": Simulado(obter),
    "OBTEREVENTOSPJ134": Simulado(obter),
}
