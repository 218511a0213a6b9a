"""E4: cancel a title, reverse it, or reverse one of its movements."""

from typing import Any

from sandbox.totvs import erros
from sandbox.totvs.chaves import gastar_referencia, nova_referencia
from sandbox.totvs.erros import Recusa
from sandbox.totvs.esquema.corpos import DOCUMENTO
from sandbox.totvs.exame import ZERO, Exame, mostrar, movimentar
from sandbox.totvs.models import Movimento, Titulo
from sandbox.totvs.registros import norma
from sandbox.totvs.regras import abatimentos, baixas, existente
from sandbox.totvs.regras.documentos import IMPLANTACAO
from sandbox.totvs.respostas import Sucesso

CANCELAMENTO, ESTORNO, DO_MOVIMENTO = "cancelamento", "estorno", "movimento"
SEM_VALOR = "ALNC"
ALTERACOES = ("AVMN", "AVMA", SEM_VALOR)
_ENTRADA = "ESTT"
_DESFEITOS = (Titulo.Situacao.CANCELADO, Titulo.Situacao.ESTORNADO)


def operacao(exame: Exame, corpo: dict[str, Any]) -> str:
    return str(exame.opcoes["operacoes_estorno"].get(str(corpo["ReversalOperation"]), ""))


def forma(exame: Exame, corpo: dict[str, Any]) -> None:
    if operacao(exame, corpo) == DO_MOVIMENTO:
        for nome in ("TransactionShortName", "TransactionReference"):
            if not corpo[nome]:
                mensagem = f"Informe {nome}: é obrigatório no estorno de um movimento."
                exame.falha(erros.FALTA, f"{DOCUMENTO}.{nome}", mensagem)
    if corpo["IsRefundable"] and not corpo["RefundBranchCode"]:
        mensagem = "Informe RefundBranchCode: é obrigatório quando há reembolso."
        exame.falha(erros.FALTA, f"{DOCUMENTO}.RefundBranchCode", mensagem)


def executar(exame: Exame, corpo: dict[str, Any], empresa: str, estabelecimento: str) -> Sucesso:
    """Inside `gravacao`. Raises Recusa with everything that the rules refuse."""
    qual = operacao(exame, corpo)
    _tabelas(exame, corpo, qual)
    exame.aberta(corpo["TransactionDate"], DOCUMENTO)
    exame.codigo(corpo, DOCUMENTO, "CollectorCode", "portadores")
    exame.codigo(corpo, DOCUMENTO, "RefundBranchCode", "estabelecimentos")
    exame.referencia(empresa, estabelecimento, corpo["Reference"], f"{DOCUMENTO}.Reference")
    titulo = existente.achar(exame, corpo, empresa, estabelecimento)
    movimento = _movimento(exame, corpo, titulo, qual) if titulo and existente.solto(exame, titulo) else None
    if movimento is not None:
        _conferir(exame, corpo, movimento, qual)
    if exame.falhas or titulo is None or movimento is None:
        raise Recusa(400, exame.falhas, negocio=True)
    referencia, dia = corpo["Reference"], corpo["TransactionDate"]
    if referencia:
        gastar_referencia(empresa, estabelecimento, referencia)
    else:
        referencia = nova_referencia(empresa, estabelecimento, dia, "E")
    _desfazer(exame, corpo, movimento, qual, referencia)
    titulo.refresh_from_db()
    feito = "Título cancelado." if qual == CANCELAMENTO else "Estorno efetuado."
    return Sucesso(feito, referencia, [mostrar(titulo)])


def _tabelas(exame: Exame, corpo: dict[str, Any], qual: str) -> None:
    for nome, opcao in (("ReversalOperation", "operacoes_estorno"), ("ReverseTypeCode", "tipos_estorno")):
        aceitos = exame.opcoes[opcao]
        if str(corpo[nome]) not in aceitos:
            mensagem = f"{nome} deve ser um destes: {', '.join(aceitos)}."
            exame.falha(erros.FORA_DA_TABELA, f"{DOCUMENTO}.{nome}", mensagem)
    if qual in (CANCELAMENTO, ESTORNO):
        parcial = exame.opcoes["tipos_estorno"].get(str(corpo["ReverseTypeCode"])) == "parcial"
        if parcial:
            mensagem = "Um título se cancela ou estorna inteiro: use o tipo total."
            exame.falha(erros.FORA_DA_TABELA, f"{DOCUMENTO}.ReverseTypeCode", mensagem)
        if corpo["TransactionShortName"]:
            mensagem = "TransactionShortName fica zerado quando não se estorna um movimento."
            exame.falha(erros.FORA_DA_TABELA, f"{DOCUMENTO}.TransactionShortName", mensagem)


def _movimento(exame: Exame, corpo: dict[str, Any], titulo: Titulo, qual: str) -> Movimento | None:
    """The movement to undo: the one told, or the implantação."""
    vivos = [movimento for movimento in titulo.movimentos.order_by("pk") if not movimento.estornado]
    if qual != DO_MOVIMENTO:
        return next((movimento for movimento in vivos if movimento.tipo == IMPLANTACAO), None)
    procurada = norma(corpo["TransactionReference"])
    achado = next((movimento for movimento in vivos if norma(movimento.referencia) == procurada), None)
    if achado is None or achado.tipo in (abatimentos.ABATIMENTO, _ENTRADA):
        mensagem = (
            f"O título {titulo.chave} não tem movimento a estornar com a referência {corpo['TransactionReference']}."
        )
        exame.falha(erros.MOVIMENTO, f"{DOCUMENTO}.TransactionReference", mensagem)
        return None
    return achado


def _conferir(exame: Exame, corpo: dict[str, Any], movimento: Movimento, qual: str) -> None:
    titulo, numero = movimento.titulo, f"{DOCUMENTO}.DocumentNumber"
    if corpo["TransactionDate"] < movimento.data:
        mensagem = f"O estorno é antes do movimento, que é de {movimento.data:%d/%m/%Y}."
        exame.falha(erros.DATA, f"{DOCUMENTO}.TransactionDate", mensagem)
    if corpo["IsItemReopened"] and movimento.tipo != baixas.PAGAMENTO:
        mensagem = "Só um pagamento pode reabrir o item do lote ou do borderô."
        exame.falha(erros.FORA_DA_TABELA, f"{DOCUMENTO}.IsItemReopened", mensagem)
    if movimento.tipo == IMPLANTACAO:
        outros = titulo.movimentos.filter(estornado=False).exclude(pk=movimento.pk).exclude(tipo__in=(_ENTRADA,))
        if qual != CANCELAMENTO:
            outros = outros.exclude(tipo__in=ALTERACOES)
        if outros.exists():
            mensagem = f"O título {titulo.chave} tem outros movimentos: estorne-os antes."
            exame.falha(erros.TEM_MOVIMENTO, numero, mensagem)
    if movimento.tipo in ALTERACOES and titulo.saldo + movimento.valor < 0:
        mensagem = f"Movimentos posteriores do título {titulo.chave} impedem este estorno: estorne-os antes."
        exame.falha(erros.TEM_MOVIMENTO, numero, mensagem)
    if corpo["IsTaxReverseHeld"]:
        for imposto in _dos_impostos(movimento):
            if imposto.situacao not in _DESFEITOS and (
                imposto.saldo != imposto.valor or imposto.situacao == Titulo.Situacao.BORDERO
            ):
                mensagem = f"O título do imposto {imposto.chave} já foi pago: estorne o pagamento antes."
                exame.falha(erros.TEM_MOVIMENTO, f"{DOCUMENTO}.IsTaxReverseHeld", mensagem)


def _dos_impostos(movimento: Movimento) -> list[Titulo]:
    return list(Titulo.objects.filter(pk__in=movimento.dados.get("impostos", ())))


def _desfazer(exame: Exame, corpo: dict[str, Any], movimento: Movimento, qual: str, referencia: str) -> None:
    """Inside `gravacao`."""
    titulo, dia, tipo = movimento.titulo, corpo["TransactionDate"], "estorno"
    movimento.estornado = True
    movimento.save(update_fields=["estornado"])
    valor = movimento.valor
    match movimento.tipo:
        case baixas.PAGAMENTO:
            baixas.devolver(movimento)
        case tipo_do_movimento if tipo_do_movimento in ALTERACOES:
            titulo.saldo += movimento.valor
            titulo.situacao = Titulo.Situacao.ABERTO if titulo.saldo else Titulo.Situacao.LIQUIDADO
            titulo.save(update_fields=["saldo", "situacao"])
        case _:
            valor, tipo = titulo.valor, CANCELAMENTO if qual == CANCELAMENTO else ESTORNO
            _encerrar(titulo, movimento, cancela=qual == CANCELAMENTO)
    if qual != CANCELAMENTO:
        movimentar(titulo, _ENTRADA, referencia, dia, ZERO, de=movimento.pk)
    exame.livro(tipo, titulo, dia, referencia, valor)
    if corpo["IsTaxReverseHeld"]:
        for imposto in _dos_impostos(movimento):
            if imposto.situacao not in _DESFEITOS:
                imposto.saldo, imposto.situacao = ZERO, Titulo.Situacao.ESTORNADO
                imposto.save(update_fields=["saldo", "situacao"])
                exame.livro(ESTORNO, imposto, dia, referencia, imposto.valor)


def _encerrar(titulo: Titulo, implantacao: Movimento, *, cancela: bool) -> None:
    titulo.saldo = ZERO
    titulo.situacao = Titulo.Situacao.CANCELADO if cancela else Titulo.Situacao.ESTORNADO
    titulo.save(update_fields=["saldo", "situacao"])
    abatimentos.desfazer(abatimentos.de_json(implantacao.dados), implantacao.referencia)
