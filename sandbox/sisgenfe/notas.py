"""Notes once issued: how they are shown, and what can still be asked about one of them."""

import json
from datetime import datetime, timedelta
from typing import Any

from sandbox.nucleo import rapido
from sandbox.nucleo.livro import gravacao, registrar
from sandbox.sisgenfe.contexto import Contexto
from sandbox.sisgenfe.erros import Recusa, invalido
from sandbox.sisgenfe.formatos import RECIFE, competencia, em_json
from sandbox.sisgenfe.leitura import Campos
from sandbox.sisgenfe.models import Cancelamento, Correcao, Nota
from sandbox.sisgenfe.opcoes import SERVICO

TIPOS_DE_CANCELAMENTO = {2: "Cancelada pelo Credor", 3: "Erro de Digitação", 4: "Valor Errado"}


def mostrar(nota: Nota, contexto: Contexto, *, numero: bool = True) -> str:
    """The JSON of a note as the settings let it be seen, with its `numero` or without."""
    esvazia, mostra = contexto.opcao("esvazia_tributos"), contexto.opcao("mostra_cancelada")
    if numero and not esvazia and not mostra:
        return nota.corpo
    corpo: dict[str, Any] = json.loads(nota.corpo)
    if not numero:
        del corpo["numero"]
    if esvazia:
        corpo["listaTributos"] = []
    if mostra:
        corpo["cancelada"] = nota.situacao == Nota.Situacao.CANCELADA
    return em_json(corpo)


def achar(contexto: Contexto, numero: int) -> Nota | None:
    onde = [contexto.ambiente, contexto.prestador.pk, numero]
    return rapido.primeiro(Nota, "ambiente = %s AND prestador_id = %s AND numero = %s", onde)


def _pedida(pedido: Campos, contexto: Contexto) -> tuple[Nota, Campos]:
    """The note that `notaFiscal.numero` names. Raises Recusa 404."""
    da_nota = pedido.objeto("notaFiscal")
    numero = da_nota.inteiro("numero")
    nota = achar(contexto, numero)
    if nota is None:
        raise Recusa(404, f"Não há nota fiscal de número {numero}.", "notaFiscal.numero")
    return nota, da_nota


def corrigir(pedido: Campos, contexto: Contexto) -> str:
    """POST /nfs/corrige: one more letter at the end of the note; its data stays as it is. Raises Recusa."""
    nota, da_nota = _pedida(pedido, contexto)
    historico = pedido.texto("historico")
    pedido.fim(da_nota)
    if nota.situacao == Nota.Situacao.CANCELADA and not contexto.opcao("corrige_cancelada"):
        raise invalido("notaFiscal.numero", f"A nota {nota.numero} está cancelada e não pode ser corrigida.")
    with gravacao():
        rapido.inserir(Correcao(nota=nota, instante=contexto.agora, historico=historico))
        [(cartas,)] = rapido.todas("SELECT count(*) FROM sisgenfe_correcao WHERE nota_id = %s", [nota.pk])
        _registrar(contexto, nota, "carta_correcao", cartas)
    return f'{{"notaFiscal": {mostrar(nota, contexto)}, "historico": {em_json(historico)}}}'


def cancelar(pedido: Campos, contexto: Contexto) -> str:
    """POST /nfs/cancela: ask the town hall, once and no more. Raises Recusa."""
    nota, da_nota = _pedida(pedido, contexto)
    do_tipo = pedido.objeto("tipoCancelamento")
    tipo, historico = do_tipo.inteiro("id"), pedido.texto("historico")
    pedido.fim(da_nota, do_tipo)
    if tipo not in TIPOS_DE_CANCELAMENTO:
        aceitos = ", ".join(f"{ident} ({nome})" for ident, nome in TIPOS_DE_CANCELAMENTO.items())
        raise invalido("tipoCancelamento.id", f"tipoCancelamento.id deve ser um destes: {aceitos}.")
    with gravacao():
        _conferir_cancelamento(nota, contexto)
        _solicitar(nota, tipo, historico, contexto)
    resto = em_json({"tipoCancelamento": {"id": tipo, "nome": TIPOS_DE_CANCELAMENTO[tipo]}, "historico": historico})
    return f'{{"notaFiscal": {mostrar(nota, contexto)}, {resto[1:]}'


def _conferir_cancelamento(nota: Nota, contexto: Contexto) -> None:
    if rapido.existe("SELECT 1 FROM sisgenfe_cancelamento WHERE nota_id = %s", [nota.pk]):
        raise Recusa(
            409, f"O cancelamento da nota {nota.numero} já foi solicitado, e só se pede uma vez.", "notaFiscal.numero"
        )
    dias, por_dia = contexto.opcao("cancelamento_dias"), contexto.opcao("cancelamentos_por_dia")
    if dias and contexto.agora - nota.emitida > timedelta(days=dias):
        raise invalido("notaFiscal.numero", f"A nota {nota.numero} foi emitida há mais de {dias} dias.")
    if por_dia and _pedidos_do_dia(contexto) >= por_dia:
        raise invalido("notaFiscal.numero", f"A prefeitura aceita {por_dia} cancelamentos por dia: peça amanhã.")


def _pedidos_do_dia(contexto: Contexto) -> int:
    inicio = contexto.agora.astimezone(RECIFE).replace(hour=0, minute=0, second=0, microsecond=0)
    [(quantos,)] = rapido.todas(
        "SELECT count(*) FROM sisgenfe_cancelamento c JOIN sisgenfe_nota n ON n.id = c.nota_id "
        "WHERE n.ambiente = %s AND n.prestador_id = %s AND c.solicitado >= %s AND c.solicitado < %s",
        [
            contexto.ambiente,
            contexto.prestador.pk,
            rapido.instante(inicio),
            rapido.instante(inicio + timedelta(days=1)),
        ],
    )
    return int(quantos)


def _solicitar(nota: Nota, tipo: int, historico: str, contexto: Contexto) -> None:
    decisao = contexto.opcao("decisao")
    espera = timedelta(seconds=contexto.opcao("decisao_segundos"))
    pedido = rapido.inserir(
        Cancelamento(
            nota=nota,
            tipo=tipo,
            historico=historico,
            solicitado=contexto.agora,
            decide_em=None if decisao == "manual" else contexto.agora + espera,
            aprova=decisao != "nega",
        )
    )
    nota.situacao = Nota.Situacao.SOLICITADA
    rapido.executar("UPDATE sisgenfe_nota SET situacao = %s WHERE id = %s", [nota.situacao, nota.pk])
    _registrar(contexto, nota, "cancelamento_solicitado", 1)
    if decisao != "manual" and not espera:
        decidir(pedido, aprova=pedido.aprova, agora=contexto.agora)


def decidir(pedido: Cancelamento, *, aprova: bool, agora: datetime) -> None:
    """What the town hall says of a request; inside `gravacao`."""
    pedido.decidido, pedido.aprovado = agora, aprova
    pedido.save(update_fields=["decidido", "aprovado"])
    pedido.nota.situacao = Nota.Situacao.CANCELADA if aprova else Nota.Situacao.EMITIDA
    pedido.nota.save(update_fields=["situacao"])


def pousar(agora: datetime) -> None:
    """Let the town hall answer the requests whose time has come."""
    vencidos = "decidido IS NULL AND decide_em <= %s"
    sql = f"SELECT 1 FROM sisgenfe_cancelamento WHERE {vencidos} LIMIT 1"  # noqa: S608 - a constant
    if not rapido.existe(sql, [rapido.instante(agora)]):
        return
    with gravacao():
        for pedido in Cancelamento.objects.select_related("nota").filter(decidido=None, decide_em__lte=agora):
            decidir(pedido, aprova=pedido.aprova, agora=agora)


def _registrar(contexto: Contexto, nota: Nota, tipo: str, sequencia: int) -> None:
    registrar(
        instante=contexto.agora,
        servico=SERVICO,
        tipo=tipo,
        contribuinte=contexto.prestador.cnpj,
        pa=competencia(nota.emitida),
        sequencia=sequencia,
        numero=str(nota.numero),
        valor=nota.valor,
        tag=contexto.tag,
        documento=nota.observacao,
    )
