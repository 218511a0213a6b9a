"""What is asked of one title that the ERP already has: update, bar code, cancellation, reversal."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from comum import auditoria
from comum.formatos import format_dinheiro
from comum.models import Usuario
from operacoes.models import Operacao, Processamento
from operacoes.models import Situacao as DaOperacao
from operacoes.motor import NovaOperacao, submeter
from pagar.models import Movimento, Titulo
from pagar.providers import regras
from pagar.providers.blocos import Rateio
from pagar.providers.campos import Problema, campos_de
from pagar.providers.interface import Atualizacao, Estorno, OperacaoEstorno, RateioAlteracao
from pagar.providers.pedidos import guardar, reler
from pagar.services import acesso, registro
from pagar.services.chaves import ChaveInvalida, referencia
from pagar.services.chaves import Movimento as Letra
from pagar.services.referencias import referencia_tomada, reservar, reservar_varias

ATUALIZAR, ESTORNAR = "pagar.titulo.atualizar", "pagar.titulo.estornar"
Situacao, Tipo = Titulo.Situacao, Movimento.Tipo
_ESTORNAVEIS = (Tipo.PAGO, Tipo.ATUALIZADO, Tipo.BARRAS)
_TRANSACAO = 1  # TransactionShortName has no published numbers: the movement is told by its reference


class PedidoInvalido(Exception):
    """Not possible; `problemas` say why, in pt-BR, by the fields of the body asked for."""

    def __init__(self, *problemas: Problema) -> None:
        super().__init__(" ".join(problema.mensagem for problema in problemas))
        self.problemas = problemas


class Mudou(PedidoInvalido):
    """The title is not as the screen showed it."""


@contextmanager
def com_referencia() -> Iterator[None]:
    """A day without references left is a refusal like any other. Around the transaction."""
    try:
        yield
    except ChaveInvalida as erro:
        raise PedidoInvalido(Problema("data", str(erro))) from erro


# -- whether -----------------------------------------------------------------------------------------------------------


def por_que_nao_agir(titulo: Titulo) -> str:
    """What keeps every act from being asked, in pt-BR; empty when nothing does."""
    if titulo.situacao not in Titulo.NO_ERP:
        return f"O título está “{titulo.get_situacao_display()}”: ainda não há o que mudar no ERP."
    if titulo.situacao in Titulo.MORTOS:
        return f"O título está “{titulo.get_situacao_display()}”: o ERP não aceita mais nada sobre ele."
    if titulo.em_curso_id is not None:
        return "Há um pedido em andamento sobre este título. Espere a resposta do ERP."
    return ""


def por_que_nao_atualizar(titulo: Titulo) -> str:
    if motivo := por_que_nao_mover(titulo):
        return motivo
    if titulo.situacao == Situacao.LIQUIDADO:
        return "O título está liquidado: não há saldo a mudar. Estorne o pagamento antes."
    return ""


def por_que_nao_mover(titulo: Titulo) -> str:
    """What keeps the ERP from taking anything about a title, the reversal of one of its movements too."""
    if motivo := por_que_nao_agir(titulo):
        return motivo
    if titulo.situacao == Situacao.BORDERO:
        return "O título está em um borderô que espera o banco. Registre antes o que o banco fez."
    return ""


def por_que_nao_cancelar(titulo: Titulo) -> str:
    """Cancelling takes a title of which nothing is left but its beginning."""
    if motivo := por_que_nao_estornar(titulo):
        return motivo
    if any(movimento.tipo in (Tipo.ATUALIZADO, Tipo.BARRAS) for movimento in _vivos(titulo)):
        return "O título já foi atualizado (o código de barras também conta). Estorne o título em vez de cancelar."
    return ""


def por_que_nao_estornar(titulo: Titulo) -> str:
    if motivo := por_que_nao_mover(titulo):
        return motivo
    if any(movimento.tipo in (Tipo.PAGO, Tipo.ANTECIPACAO) for movimento in _vivos(titulo)):
        return "O título tem pagamento ou abatimento. Estorne-o antes."
    return ""


def por_que_nao_acertar(titulo: Titulo) -> str:
    """What keeps a person from writing down how the ERP has a title."""
    return por_que_nao_agir(titulo)


def estornaveis(titulo: Titulo) -> list[Movimento]:
    """The movements that may be reversed one by one: with a reference of theirs, or one that a person knows."""
    return [movimento for movimento in _vivos(titulo) if movimento.tipo in _ESTORNAVEIS]


def _vivos(titulo: Titulo) -> list[Movimento]:
    """The movements that stand: not reversed, nor those that reversed them. What was taken of a prepayment and given
    back cancels out."""
    vivos = list(titulo.movimentos.filter(estornado_por__isnull=True, estorna__isnull=True))
    tomado: dict[int, Decimal] = defaultdict(Decimal)  # by the title that took it
    for movimento in vivos:
        if movimento.tipo == Tipo.ANTECIPACAO:
            devolvido = movimento.dados.get("devolvido", False)
            tomado[movimento.dados["titulo"]] += -movimento.valor if devolvido else movimento.valor
    return [m for m in vivos if m.tipo != Tipo.ANTECIPACAO or tomado[m.dados["titulo"]]]


# -- asking ------------------------------------------------------------------------------------------------------------


def atualizar(titulo: Titulo, corpo: Atualizacao, usuario: Usuario | None, *, versao: int) -> Operacao:
    """Ask for an update; what identifies the title is filled here. Raises PedidoInvalido, Mudou."""
    with com_referencia(), transaction.atomic():
        atual = _travado(titulo, versao)
        if motivo := por_que_nao_atualizar(atual):
            raise PedidoInvalido(Problema("", motivo))
        if achados := problemas_da_atualizacao(atual, corpo):
            raise PedidoInvalido(*achados)
        return _submeter(atualizacoes([(atual, com_chave(atual, corpo))], barras=False), usuario, None)[0]


def acertar(titulo: Titulo, saldo: Decimal, texto: str, usuario: Usuario, *, versao: int) -> None:
    """Write down the balance that a person saw in the ERP, where it was moved on its own screens, and take the notice
    off. Nothing is sent. Raises PedidoInvalido, Mudou."""
    with transaction.atomic():
        atual = _travado(titulo, versao)
        if motivo := por_que_nao_acertar(atual):
            raise PedidoInvalido(Problema("", motivo))
        if saldo > atual.valor and not atual.atualizado:
            maior = f"O saldo passa do valor do título, {format_dinheiro(atual.valor)}. Confira no ERP."
            raise PedidoInvalido(Problema("saldo", maior))
        antes, aviso = atual.saldo, atual.aviso
        registro.com_saldo(atual, saldo)
        atual.aviso = ""
        atual.versao += 1
        dito = f"Saldo conferido no ERP: {format_dinheiro(saldo)}"
        dito += f" (aqui era {format_dinheiro(antes)}). {texto}" if saldo != antes else f". {texto}"
        movimento = registro.contar(
            atual, Tipo.AVISO, usuario=usuario, valor=abs(saldo - antes), saldo=saldo, texto=dito.strip()
        )
        registro.gravar([atual], [movimento])
        auditoria.registrar(
            usuario=usuario,
            acao="pagar.acertar",
            objeto=atual,
            resumo=f"{atual}: {dito}",
            dados={"antes": str(antes), "depois": str(saldo), "aviso": aviso},
        )


def gravar_barras(
    titulos: list[Titulo], usuario: Usuario | None, processamento: Processamento | None
) -> list[Operacao]:
    """Ask for the bar code of each of these (locked) titles, which their batch could not carry."""
    pedidos = [
        (
            titulo,
            com_chave(
                titulo,
                Atualizacao(
                    codigo_barras=titulo.codigo_barras,
                    titulo_no_banco=titulo.titulo_no_banco,
                    forma_pagamento=str(titulo.corpo.get("forma_pagamento", "")),
                ),
            ),
        )
        for titulo in titulos
    ]
    return _submeter(atualizacoes(pedidos, barras=True), usuario, processamento)


def cancelar(titulo: Titulo, corpo: Estorno, usuario: Usuario | None, *, versao: int) -> Operacao:
    """Ask for the cancellation. Raises PedidoInvalido, Mudou."""
    return _estornar(titulo, corpo, OperacaoEstorno.CANCELAMENTO, usuario, versao, None)


def estornar(titulo: Titulo, corpo: Estorno, usuario: Usuario | None, *, versao: int) -> Operacao:
    """Ask for the reversal of the whole title. Raises PedidoInvalido, Mudou."""
    return _estornar(titulo, corpo, OperacaoEstorno.ESTORNO, usuario, versao, None)


def estornar_movimento(
    titulo: Titulo, movimento: Movimento, corpo: Estorno, usuario: Usuario, *, versao: int
) -> Operacao:
    """Ask for the reversal of one movement; its reference is `corpo`'s where ours is blank (one that the ERP gave).
    Raises PedidoInvalido, Mudou."""
    return _estornar(titulo, corpo, OperacaoEstorno.MOVIMENTO, usuario, versao, movimento)


def _estornar(
    titulo: Titulo,
    corpo: Estorno,
    operacao: OperacaoEstorno,
    usuario: Usuario | None,
    versao: int,
    movimento: Movimento | None,
) -> Operacao:
    recusas = {
        OperacaoEstorno.CANCELAMENTO: por_que_nao_cancelar,
        OperacaoEstorno.ESTORNO: por_que_nao_estornar,
        OperacaoEstorno.MOVIMENTO: por_que_nao_mover,
    }
    with com_referencia(), transaction.atomic():
        atual = _travado(titulo, versao)
        if motivo := recusas[operacao](atual):
            raise PedidoInvalido(Problema("", motivo))
        if movimento is not None and movimento not in estornaveis(atual):
            ja = "Este movimento já foi estornado, ou não se estorna."
            raise PedidoInvalido(Problema("referencia_movimento", ja))
        if achados := problemas_do_estorno(atual, corpo, operacao, movimento):
            raise PedidoInvalido(*achados)
        return _submeter([estorno(atual, _do_estorno(atual, corpo, operacao, movimento), movimento)], usuario, None)[0]


def estorno(titulo: Titulo, corpo: Estorno, movimento: Movimento | None = None) -> NovaOperacao:
    """What asks for it, with its reference taken, inside the transaction that submits it."""
    assert corpo.data is not None  # noqa: S101 - the caller has filled it
    onde = (titulo.empresa_erp, titulo.estabelecimento)
    tomada = reservar(titulo.conta, *onde, corpo.data, Letra.ESTORNO, titulo.chave, str(titulo.versao))
    dados = {"titulo": titulo.pk, "movimento": movimento.pk if movimento else None}
    return _nova(ESTORNAR, titulo, dados | {"corpo": guardar(replace(corpo, referencia=tomada))})


def recusado[C: (Atualizacao, Estorno)](
    titulo: Titulo,
    pk: str,
    classe: type[C],
    operacao: OperacaoEstorno | None = None,
    movimento: Movimento | None = None,
) -> C | None:
    """What a refused act on this title asked for, to be corrected: of Operacao `pk` when it is one of this kind. Its
    date is not before today."""
    if not (pk.isdecimal() and pk.isascii() and len(pk) < 19):
        return None
    quais = Operacao.objects.filter(pk=pk, situacao__in=(DaOperacao.RECUSADA, DaOperacao.DESISTIDA))
    quais = quais.filter(tipo=ATUALIZAR if classe is Atualizacao else ESTORNAR, pedido__titulo=titulo.pk)
    achada = quais.first()
    if achada is None or achada.pedido.get("movimento") != (movimento.pk if movimento else None):
        return None
    corpo: C = reler(classe, achada.pedido["corpo"])
    if isinstance(corpo, Estorno) and corpo.operacao is not operacao:
        return None
    return replace(corpo, data=max(corpo.data or date.min, timezone.localdate()))


def pedido_de_novo(operacao: Operacao) -> dict[str, Any]:
    """The pedido of a refused act as it was; with another reference when its own was somebody else's."""
    pedido: dict[str, Any] = operacao.pedido
    titulo, corpo = registro.travado(pedido["titulo"]), pedido["corpo"]
    if not referencia_tomada(operacao, titulo.conta):
        return pedido
    onde = (titulo.empresa_erp, titulo.estabelecimento)
    letra = Letra.ESTORNO if operacao.tipo == ESTORNAR else Letra.ATUALIZACAO
    dia = date.fromisoformat(corpo["data"])
    tomada = reservar(titulo.conta, *onde, dia, letra, titulo.chave, str(titulo.versao))
    return pedido | {"corpo": corpo | {"referencia": tomada}}


def atualizacoes(pedidos: list[tuple[Titulo, Atualizacao]], *, barras: bool) -> list[NovaOperacao]:
    """What asks for them, with their references taken, inside the transaction that submits them; all of the same
    account and establishment."""
    if not pedidos:
        return []
    primeiro = pedidos[0][0]
    dia = pedidos[0][1].data or timezone.localdate()
    tomadas = reservar_varias(
        primeiro.conta,
        primeiro.empresa_erp,
        primeiro.estabelecimento,
        dia,
        Letra.ATUALIZACAO,
        [(titulo.chave, str(titulo.versao)) for titulo, _ in pedidos],
    )
    return [
        _nova(
            ATUALIZAR,
            titulo,
            {"titulo": titulo.pk, "barras": barras, "corpo": guardar(replace(corpo, referencia=tomada, data=dia))},
        )
        for (titulo, corpo), tomada in zip(pedidos, tomadas, strict=True)
    ]


def _nova(tipo: str, titulo: Titulo, pedido: dict[str, Any]) -> NovaOperacao:
    """An act is named by the title and the version it was asked on: asked twice it is one."""
    return NovaOperacao(
        tipo=tipo,
        chave=f"pagar:{tipo.rpartition('.')[2]}:{titulo.pk}:v{titulo.versao}",
        pedido=pedido,
        acesso=titulo.conta.acesso,
        empresa_id=titulo.empresa_id,
        competencia=titulo.competencia,
        prazo=titulo.vencimento,
    )


def _submeter(
    novas: list[NovaOperacao], usuario: Usuario | None, processamento: Processamento | None
) -> list[Operacao]:
    feitas = submeter(novas, usuario=usuario, processamento=processamento)
    return feitas.criadas or feitas.existentes


def _travado(titulo: Titulo, versao: int) -> Titulo:
    atual = registro.travado(titulo.pk)
    if atual.versao != versao:
        raise Mudou(Problema("", "O título mudou depois que esta tela foi aberta. Confira como está e peça de novo."))
    return atual


def linha_do_rateio(titulo: Titulo, valor: Decimal | None = None) -> RateioAlteracao:
    """What a line of an update begins with: the accounts of the title's own. Without more than that it is none."""
    da_linha = {nome for nome, _ in campos_de(RateioAlteracao)} & {nome for nome, _ in campos_de(Rateio)} - {"valor"}
    primeira: dict[str, Any] = next(iter(titulo.corpo.get("rateio", ())), {})
    contas = {nome: conta for nome, conta in primeira.items() if nome in da_linha}
    return RateioAlteracao(**contas, tipo=3, valor=valor)


def com_chave[C: (Atualizacao, Estorno)](titulo: Titulo, corpo: C) -> C:
    """A body with what identifies the title."""
    chave: dict[str, Any] = {
        "estabelecimento": titulo.estabelecimento,
        "fornecedor": titulo.fornecedor.codigo,
        "especie": titulo.especie,
        "serie": titulo.serie,
        "numero": titulo.numero,
        "parcela": titulo.parcela,
        "matriz": titulo.conta.matriz,
    }
    if isinstance(corpo, Atualizacao):
        chave["empresa"] = titulo.empresa_erp
    return replace(corpo, **chave)


def problemas_da_atualizacao(titulo: Titulo, corpo: Atualizacao) -> list[Problema]:
    """Everything that keeps an update from being asked, by the fields of its body."""
    achados = []
    for problema in _problemas(titulo, com_chave(titulo, _com_datas(titulo, corpo))):
        if problema.campo in ("vencimento", "previsao") and getattr(corpo, problema.campo) is None:
            if corpo.emissao is None:
                continue  # the title had it so
            problema = replace(problema, campo="emissao")
        achados.append(problema)
    return achados + list(_problemas_do_saldo(titulo, corpo))


def _com_datas(titulo: Titulo, corpo: Atualizacao) -> Atualizacao:
    """With the dates that the title keeps in the place of those that are blank."""
    prevista = (titulo.corpo | titulo.atualizado).get("previsao")
    return replace(
        corpo,
        emissao=corpo.emissao or titulo.emissao,
        vencimento=corpo.vencimento or titulo.vencimento,
        previsao=corpo.previsao or (date.fromisoformat(prevista) if prevista else None),
    )


def problemas_do_estorno(
    titulo: Titulo, corpo: Estorno, operacao: OperacaoEstorno, movimento: Movimento | None = None
) -> list[Problema]:
    """Everything that keeps a cancellation, or a reversal, from being asked, by the fields of its body."""
    return _problemas(titulo, _do_estorno(titulo, corpo, operacao, movimento))


def _do_estorno(titulo: Titulo, corpo: Estorno, operacao: OperacaoEstorno, movimento: Movimento | None) -> Estorno:
    """Whole, but for its reference."""
    if movimento is not None:
        corpo = replace(
            corpo,
            referencia_movimento=movimento.referencia or corpo.referencia_movimento,
            transacao=corpo.transacao or _TRANSACAO,
        )
    return com_chave(titulo, replace(corpo, operacao=operacao, data=corpo.data or timezone.localdate()))


def _problemas(titulo: Titulo, corpo: Atualizacao | Estorno) -> list[Problema]:
    """With today's date and a reference in the place of the ones given on sending."""
    dia = corpo.data or timezone.localdate()
    completo = replace(corpo, data=dia, referencia=corpo.referencia or referencia(dia, Letra.ATUALIZACAO, "-"))
    achados = regras.problemas(completo, acesso.formato_de(titulo.conta))
    primeira = data_minima(titulo)
    if primeira is not None and dia < primeira:
        texto = f"{dia:%d/%m/%Y} é anterior à entrada do título no ERP, em {primeira:%d/%m/%Y}."
        achados.append(Problema("data", f"Data da transação: {texto}"))
    return achados


def _problemas_do_saldo(titulo: Titulo, corpo: Atualizacao) -> Iterator[Problema]:
    """Against the balance as it is known here."""
    if corpo.saldo is None:
        return
    diferenca = abs(corpo.saldo - titulo.saldo)
    soma = sum((linha.valor or Decimal(0) for linha in corpo.rateio), Decimal(0))
    if not diferenca:
        yield Problema("saldo", "O novo saldo é o que o título já tem. Deixe em branco para não mudar.")
    elif soma != diferenca:
        yield Problema(
            "rateio",
            f"O rateio soma {format_dinheiro(soma)} e o saldo muda {format_dinheiro(diferenca)}: "
            f"{'faltam' if soma < diferenca else 'sobram'} {format_dinheiro(abs(diferenca - soma))}.",
        )


def data_minima(titulo: Titulo) -> date | None:
    """No movement comes before the title's own."""
    primeiro = titulo.movimentos.filter(tipo=Tipo.IMPLANTADO).first()
    return primeiro.data if primeiro else None
