"""What the control page and its JSON can do to Integra Notas. Refusals are PedidoInvalido with a text in pt-BR."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from sandbox.controle.acoes import PedidoInvalido
from sandbox.documentos import cnpj_valido, cpf_valido
from sandbox.integranotas import comportamento, tokens
from sandbox.integranotas.contexto import AMBIENTES, PRODUCAO
from sandbox.integranotas.emitentes.campos import ler_webhook
from sandbox.integranotas.envelope import Recusa
from sandbox.integranotas.models import (
    AUTORIZADA,
    CANCELADA,
    CANCELANDO,
    PROCESSANDO,
    Certificado,
    Conta,
    Emitente,
    Nota,
)
from sandbox.integranotas.notas import estados
from sandbox.integranotas.opcoes import Opcoes
from sandbox.municipios import municipio
from sandbox.nucleo import ajustes
from sandbox.nucleo.ajustes import BRASILIA
from sandbox.nucleo.livro import gravacao, proximo

IBGE_PADRAO = "4119905"
_DO_EMITENTE = {"documento", "nome", "municipio", "im", "webhook", "documentos", "certificado_ate"}


def criar_conta(dados: dict[str, Any]) -> Conta:
    nome, ambiente = dados.get("nome"), dados.get("ambiente", PRODUCAO)
    if not isinstance(nome, str) or not nome.strip():
        raise PedidoInvalido("Informe o nome da software house.")
    if ambiente not in AMBIENTES:
        raise PedidoInvalido(f"ambiente deve ser um destes: {', '.join(AMBIENTES)}.")
    agora = ajustes.ler().agora()
    with gravacao():
        token = tokens.de_softhouse(proximo("integranotas_conta") + 1, agora)
        return Conta.objects.create(nome=nome.strip()[:100], ambiente=ambiente, token=token)


def _conta(dados: dict[str, Any]) -> Conta:
    """The account by its id, or the first one of an environment."""
    if dados.get("conta") is not None:
        achada = Conta.objects.filter(pk=dados["conta"]).first() if isinstance(dados["conta"], int) else None
    else:
        achada = Conta.objects.filter(ambiente=dados.get("ambiente", PRODUCAO)).order_by("id").first()
    if achada is None:
        raise PedidoInvalido("Não há essa conta: informe conta (o número) ou ambiente (producao ou homolog).")
    return achada


def cadastrar_emitentes(dados: dict[str, Any]) -> list[Emitente]:
    """Bulk register in one account, all or nothing. One that exists keeps its token and whatever is not told."""
    itens = dados.get("emitentes")
    if not isinstance(itens, list) or not all(isinstance(item, dict) for item in itens):
        raise PedidoInvalido("emitentes é uma lista de objetos.")
    conta, agora = _conta(dados), ajustes.ler().agora()
    with gravacao():
        atuais = {emitente.documento: emitente for emitente in conta.emitentes.all()}
        lidos = [_emitente(item, conta, atuais, agora) for item in itens]
        novos = [emitente for emitente in lidos if emitente.pk is None]
        Emitente.objects.bulk_create(novos, batch_size=500)
        for emitente in lidos:
            if emitente not in novos:
                emitente.save()
        _certificados(itens, lidos, agora)
    return lidos


def _emitente(item: dict[str, Any], conta: Conta, atuais: dict[str, Emitente], agora: datetime) -> Emitente:
    documento = item.get("documento")
    if not isinstance(documento, str) or not (cnpj_valido(documento) or cpf_valido(documento)):
        raise PedidoInvalido(f"CNPJ ou CPF inválido: {documento!r}.")
    do_municipio = {nome: valor for nome, valor in item.items() if nome not in _DO_EMITENTE}
    if estranho := comportamento.campo_estranho(do_municipio):
        raise PedidoInvalido(f"Emitente {documento}: {estranho} é desconhecido ou inválido.")
    emitente = atuais.get(documento)
    if emitente is None:
        token = tokens.de_emitente(proximo("integranotas_emitente"), conta.pk, agora)
        emitente = Emitente(conta=conta, ambiente=conta.ambiente, documento=documento, token=token)
        atuais[documento] = emitente
        item = {"nome": f"EMITENTE {documento}", "im": "12345", "municipio": IBGE_PADRAO, **item}
        emitente.dados = {"crt": "1", "plano": "Emitente", "documentos": {"nfse": True}}
    emitente.removido = None
    emitente.comportamento = do_municipio or emitente.comportamento
    emitente.dados = {**emitente.dados, **_dados(item)}
    if "webhook" in item:
        emitente.webhook = _webhook(item["webhook"])
    return emitente


def _dados(item: dict[str, Any]) -> dict[str, Any]:
    """The fields of the record that an item tells."""
    dados: dict[str, Any] = {nome: item[nome] for nome in ("im", "documentos") if nome in item}
    if "nome" in item:
        dados |= {"nome": str(item["nome"])[:100], "razao": str(item["nome"])[:100]}
    if "municipio" in item:
        lugar = municipio(str(item["municipio"]))
        if lugar is None:
            raise PedidoInvalido(f"Não há o município {item['municipio']!r} na tabela do IBGE.")
        dados |= {"cmun": lugar.ibge, "municipio": lugar.nome, "uf": lugar.uf}
    return dados


def _webhook(valor: Any) -> str:
    try:
        return ler_webhook(valor)
    except Recusa as recusa:
        raise PedidoInvalido(recusa.resultado.mensagem) from None


def _certificados(itens: list[dict[str, Any]], emitentes: list[Emitente], agora: datetime) -> None:
    for item, emitente in zip(itens, emitentes, strict=True):
        if item.get("certificado_ate"):
            validade = {"valido_de": agora - timedelta(days=1), "valido_ate": instante(item["certificado_ate"])}
            quem = {"titular": emitente.documento, "nome": emitente.dados["nome"]}
            Certificado.objects.update_or_create(emitente=emitente, defaults=quem | validade)


def instante(valor: Any) -> datetime:
    """An ISO date or instant; without zone it is Brasília's."""
    try:
        instante = datetime.fromisoformat(valor)
    except (TypeError, ValueError):
        raise PedidoInvalido(f"Data ou instante inválido: {valor!r}.") from None
    return instante if instante.tzinfo else instante.replace(tzinfo=BRASILIA)


def achar_emitente(documento: Any, conta: Any = None) -> Emitente:
    """An emitente by its document; of the first account that has it, when none is given."""
    linhas = Emitente.objects.filter(documento=str(documento), removido__isnull=True).select_related("conta")
    if conta is not None:
        linhas = linhas.filter(conta=conta)
    achado = linhas.order_by("conta_id").first()
    if achado is None:
        raise PedidoInvalido(f"Não há emitente ativo com o documento {documento}.")
    return achado


def notas() -> QuerySet[Nota]:
    return Nota.objects.select_related("emitente").order_by("-id")


def _nota(chave: str) -> Nota:
    achada = notas().filter(chave=chave).first()
    if achada is None:
        raise PedidoInvalido(f"Não há nota com a chave {chave}.")
    return achada


def decidir(chave: str, dados: dict[str, Any]) -> None:
    """The town hall answers now: {"desfecho": "autorizar" or "recusar", "mensagem": ...}, for a note or for its
    cancellation."""
    desfecho = dados.get("desfecho")
    if desfecho not in (comportamento.AUTORIZAR, comportamento.RECUSAR):
        raise PedidoInvalido("desfecho deve ser autorizar ou recusar.")
    lidos = ajustes.ler()
    with gravacao():
        nota = _nota(chave)
        mensagem = str(dados.get("mensagem") or nota.comportamento["mensagem"])
        if nota.situacao == PROCESSANDO:
            digitos = Opcoes(lidos)["chave_digitos"]
            estados.decidir(nota, lidos.agora(), desfecho=desfecho, mensagem=mensagem, chave_digitos=digitos)
        elif nota.situacao == CANCELANDO:
            estados.decidir_cancelamento(nota, lidos.agora(), desfecho=desfecho, mensagem=mensagem)
        else:
            raise PedidoInvalido(f"A nota está {nota.situacao}: só se decide o que está em processamento.")


def mudar_na_prefeitura(chave: str, dados: dict[str, Any]) -> Nota:
    """Something happened on the town's own site, and the service does not know: {"situacao": "cancelada"}, or
    "autorizada" for a document that the service still has in processing."""
    agora = ajustes.ler().agora()
    with gravacao():
        nota = _nota(chave)
        match dados.get("situacao"):
            case "cancelada" if nota.prefeitura == AUTORIZADA:
                nota.prefeitura, nota.prefeitura_em = CANCELADA, agora
            case "autorizada" if not nota.prefeitura and nota.situacao == PROCESSANDO:
                estados.numerar(nota, nota.emitente, agora, nota.tag)
            case "cancelada" | "autorizada":
                onde = nota.prefeitura or "ausente"
                raise PedidoInvalido(f"Não é possível: na prefeitura a nota está {onde}, no serviço {nota.situacao}.")
            case _:
                raise PedidoInvalido("situacao deve ser cancelada ou autorizada.")
        nota.save()
    return nota
