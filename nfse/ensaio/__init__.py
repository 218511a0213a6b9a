"""Seeded prestadores, notes and pedidos with which the fault harness exercises the handlers of this app.

A handler of another kind takes what it needs from here: `canais` whose prestador the simulators know, `emitidas`, notes
issued through them while nothing went wrong, `rascunhos` and `intencoes` of notes still to be issued, and `sobre`, an
intent about a note.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache, partial
from itertools import cycle
from typing import Any

from django.urls import reverse
from django.utils import timezone

from comum import segredos
from comum.banco import relogio
from comum.documentos import mascarar
from empresas.calendario import somar_meses
from empresas.models import Empresa
from nfse.ensaio.notas import canal_de, devolver_numeros, emitidas, intencoes, rascunhos
from nfse.ensaio.prestadores import QUE_RECUSAM, canais, cnpj, novos_canais, uma_vez
from nfse.models import CanalNfse, Cancelamento, CartaCorrecao, ContaSofthouse, Nota, TipoCanal
from nfse.providers.nacional.eventos import TipoEvento
from nfse.providers.nacional.identificadores import id_dps
from nfse.services import acesso, distribuicao
from nfse.services.pedidos import para_json, referencia_de
from nfse.services.recebidas import BAIXAR, LISTAR
from operacoes.ensaio import Controle, NoLivro, Palco, PelaTela
from operacoes.models import Operacao, Situacao
from operacoes.motor import NovaOperacao

__all__ = ["canais", "emitidas", "intencoes", "rascunhos"]

_MOTIVO = "Valor do serviço digitado errado"
_LOTE = 500
_MAIOR_DOCUMENTO = 60  # what the ledger keeps of it


# -- how the sandbox sees the two services -----------------------------------------------------------------------------


def perto_do_sisgenfe(nova: NovaOperacao) -> Iterator[Mapping[str, str]]:
    """The log-in, the list of notes that settles a doubt, and the taker that is registered before a note."""
    prestador = _documento_da(nova.empresa_id or 0)
    for operacao in ("login", "nfs_query"):
        yield {"contribuinte": prestador, "operacao": operacao}
    if emissao := nova.pedido.get("emissao"):
        tomador = mascarar(emissao["tomador"]["documento"])
        yield {"contribuinte": prestador, "operacao": "tomador", "documento": tomador}


def perto_do_integranotas(nova: NovaOperacao) -> Iterator[Mapping[str, str]]:
    """The search by number, which names no document."""
    yield {"contribuinte": _documento_da(nova.empresa_id or 0), "operacao": "nfse_busca"}


@lru_cache(maxsize=1000)
def _documento_da(empresa: int) -> str:
    return str(Empresa.objects.values_list("documento", flat=True).get(pk=empresa))


def informar_token(acesso_: str, controle: Controle) -> None:
    """The service exchanged a token (a fault does it): the office writes down the present one, of the emitente or of
    the software house."""
    if acesso_.startswith(acesso.PREFIXO_SOFTHOUSE):
        conta = acesso.conta_de(acesso_)
        contas = controle("integranotas/contas", None)["contas"]
        _guardar(conta, "alterada_em", next(dela["token"] for dela in contas if dela["nome"] == conta.nome))
        return
    canal = acesso.canal_de(acesso_)
    (emitente,) = controle(f"integranotas/emitentes?documento={canal.empresa.documento}", None)["emitentes"]
    _guardar(canal, "alterado_em", emitente["token"])


def _guardar(dono: CanalNfse | ContaSofthouse, alterado: str, token: str) -> None:
    if segredos.abrir_texto(dono, "token") != token:
        segredos.selar(dono, "token", token)
        setattr(dono, alterado, relogio()())
        dono.save(update_fields=["token", alterado])


@lru_cache(maxsize=1000)
def prestador_do_canal(codigo: int) -> str:
    return str(CanalNfse.objects.values_list("empresa__documento", flat=True).get(codigo=codigo))


def pela_tela(novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
    """The notes marked in the list, what would be issued, and its confirmation."""
    marcadas = tuple(("ids", str(nova.pedido["nota"])) for nova in novas)
    return [PelaTela(reverse("nfse:agir", args=["emitir"]), marcadas)] if marcadas else []


def no_livro(operacao: Operacao, tipo: str, *, tambem: tuple[str, ...] = ()) -> NoLivro:
    """SISGENF-e knows a note by its text and by the month of its issue, Integra Notas by our number and competência."""
    nota = Nota.objects.select_related("empresa").get(pk=operacao.pedido["nota"])
    if operacao.tipo.startswith(f"nfse.{TipoCanal.SISGENFE}."):
        pa = f"{timezone.localtime(nota.autorizada_em or operacao.criada_em):%Y%m}"
        documento = f"{nota.marca} {nota.observacao}".strip()[:_MAIOR_DOCUMENTO]
    elif operacao.tipo.startswith(f"nfse.{TipoCanal.NACIONAL}."):
        pa, documento = f"{nota.competencia:%Y%m}", _id_da_dps(nota.pk, operacao.pedido.get("emissao"))
    else:
        # Of an emission the number it was sent with, which the note loses when another system has it.
        partes = operacao.pedido.get("emissao") or {"serie": nota.serie, "numero": nota.numero}
        pa, documento = f"{nota.competencia:%Y%m}", f"{partes['serie']}/{partes['numero']}"
    numero = nota.numero_nfse if operacao.situacao == Situacao.CONCLUIDA else ""
    if tipo == "evento_registrado":
        numero = TipoEvento.ANALISE_FISCAL if numero else ""
    return NoLivro(
        operacao.tipo.split(".")[1],
        tipo,
        nota.empresa.documento,
        pa,
        numero,
        tambem,
        (documento,),
    )


def alvo_no_nacional(pedido: Mapping[str, Any]) -> Mapping[str, str]:
    """The calls about one note name its DPS, before and after it is issued."""
    return {"documento": _id_da_dps(int(pedido["nota"]), pedido.get("emissao"))}


def _id_da_dps(nota: int, emissao: Mapping[str, Any] | None) -> str:
    dela = Nota.objects.select_related("empresa").get(pk=nota)
    partes = emissao or {"serie": dela.serie, "numero": dela.numero}
    return id_dps(dela.empresa.municipio_id or "", dela.empresa.documento, partes["serie"], partes["numero"])


# -- intents -----------------------------------------------------------------------------------------------------------


def emissoes(palco: Palco, tipo: TipoCanal, quantas: int) -> Sequence[NovaOperacao]:
    """Several notes of each prestador. Some of Integra Notas take numbers that others gave back, and a few are of towns
    that refuse them."""
    seus = canais(palco, tipo, quantas)
    if tipo == TipoCanal.SISGENFE:
        return intencoes(rascunhos(palco, seus, quantas))
    devolver_numeros(palco, seus)
    if tipo == TipoCanal.NACIONAL:
        return intencoes(rascunhos(palco, seus, quantas))
    novas = []
    for n, (prefeitura, codigos) in enumerate(QUE_RECUSAM):
        que_recusa = uma_vez(palco, f"canal que recusa {n}", partial(novos_canais, palco, tipo, [prefeitura]))
        recusadas = intencoes(rascunhos(palco, que_recusa, max(1, quantas // 12)))
        palco.recusas.update({nova.chave: codigos for nova in recusadas})
        novas += recusadas
    return [*novas, *intencoes(rascunhos(palco, seus, max(1, quantas - len(novas))))]


def substituicoes(palco: Palco, tipo: TipoCanal, quantas: int) -> Sequence[NovaOperacao]:
    antigas = emitidas(palco, tipo, quantas)
    novas = rascunhos(palco, [canal_de(antiga) for antiga in antigas], len(antigas))
    for nova, antiga in zip(novas, antigas, strict=True):
        nova.substitui, nova.competencia = antiga, antiga.competencia
        nova.substituicao = {"codigo": "99" if tipo == TipoCanal.NACIONAL else "1", "motivo": _MOTIVO}
    Nota.objects.bulk_update(novas, ["substitui", "substituicao", "competencia"], batch_size=_LOTE)
    return intencoes(novas)


def cancelamentos(palco: Palco, tipo: TipoCanal, quantas: int) -> Sequence[NovaOperacao]:
    codigo = "3" if tipo == TipoCanal.SISGENFE else "1"
    pedidos = Cancelamento.objects.bulk_create(
        [
            Cancelamento(nota=nota, codigo=codigo, motivo=_MOTIVO, pedido_por=palco.usuario)
            for nota in emitidas(palco, tipo, quantas)
        ],
        batch_size=_LOTE,
    )
    return [
        sobre(um.nota, "cancelar", 1, {"cancelamento": um.pk, "codigo": um.codigo, "motivo": um.motivo})
        for um in pedidos
    ]


def analises(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    """Requests to the município about notes that it may look at."""
    return [
        replace(nova, tipo=f"nfse.{TipoCanal.NACIONAL}.analisar")
        for nova in cancelamentos(palco, TipoCanal.NACIONAL, quantas)
    ]


def correcoes(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    """Two letters to each note: each is an intent of its own."""
    notas = emitidas(palco, TipoCanal.SISGENFE, -(-quantas // 2))
    cartas = CartaCorrecao.objects.bulk_create(
        [
            CartaCorrecao(nota=nota, ordem=ordem, texto=f"Correção {ordem}.", pedida_por=palco.usuario)
            for nota in notas
            for ordem in (1, 2)
        ],
        batch_size=_LOTE,
    )
    return [
        sobre(carta.nota, "corrigir", carta.ordem, {"carta": carta.pk, "texto": carta.texto})
        for carta in cartas[:quantas]
    ]


def leituras(palco: Palco, tipo: TipoCanal, verbo: str, quantas: int) -> Sequence[NovaOperacao]:
    """Few notes, each asked about several times."""
    notas = emitidas(palco, tipo, -(-quantas // 3))
    return [sobre(nota, verbo, vez, {}) for vez, nota in zip(range(quantas), cycle(notas), strict=False)]


def sobre(nota: Nota, verbo: str, vez: int, extra: Mapping[str, Any]) -> NovaOperacao:
    canal = canal_de(nota)
    return NovaOperacao(
        tipo=f"nfse.{canal.tipo}.{verbo}",
        chave=f"nfse.{verbo}:ensaio:{nota.pk}:{vez}",
        pedido={"nota": nota.pk, "referencia": para_json(referencia_de(nota)), **extra},
        acesso=canal.acesso,
        empresa_id=nota.empresa_id,
        competencia=nota.competencia,
    )


def buscas_de_recebidas(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    """A month's list of a prestador each, with two notes to bring; nobody cancels any meanwhile."""
    seus, mes = canais(palco, TipoCanal.INTEGRANOTAS, quantas), palco.hoje.replace(day=1)
    meses = [(canal, somar_meses(mes, -vez)) for vez in range(-(-quantas // len(seus))) for canal in seus]
    for canal in seus:
        _receber(palco, canal, [mes for dono, mes in meses[:quantas] if dono is canal for _ in range(2)])
    return [
        NovaOperacao(
            tipo=LISTAR,
            chave=f"{LISTAR}:ensaio:{canal.pk}:{mes:%Y%m}",
            pedido={"canal": canal.codigo, "periodo": mes.isoformat()},
            acesso=canal.acesso,
            empresa_id=canal.empresa_id,
            competencia=mes,
        )
        for canal, mes in meses[:quantas]
    ]


def recebidas(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    """Notes of a month that no list asks for, and within the year for which the service keeps the files."""
    seus, mes = canais(palco, TipoCanal.INTEGRANOTAS, quantas), somar_meses(palco.hoje.replace(day=1), -10)
    de_cada = -(-quantas // len(seus))
    novas = [
        NovaOperacao(
            tipo=BAIXAR,
            chave=f"{BAIXAR}:ensaio:{chave}",
            pedido={"chave": chave, "periodo": mes.isoformat()},
            acesso=canal.acesso,
            empresa_id=canal.empresa_id,
            competencia=mes,
        )
        for canal in seus
        for chave in _receber(palco, canal, [mes] * de_cada)
    ]
    return novas[:quantas]


def leituras_do_adn(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    """Several readings of each empresa, some of them at once, where each finds a note of its own and one taken."""
    seus = canais(palco, TipoCanal.NACIONAL, quantas)
    vizinhos = [canal.empresa.documento for canal in (*seus[1:], *seus[:1])] if len(seus) > 1 else []
    emitidas(palco, TipoCanal.NACIONAL, len(seus), vizinhos)
    return [distribuicao.nova(canal, f"ensaio{vez}") for vez, canal in zip(range(quantas), cycle(seus), strict=False)]


def _receber(palco: Palco, canal: CanalNfse, dias: Iterable[date]) -> list[str]:
    """Notes that others issued to a prestador on these days: their chaves."""
    notas = [
        {"prestador": cnpj(numero), "emissao": dia.isoformat()}
        for dia, numero in zip(dias, palco.numeros, strict=False)
    ]
    feitas = palco.controle("integranotas/recebidas", {"emitente": canal.empresa.documento, "notas": notas})
    return [feita["chave"] for feita in feitas["recebidas"]]
