"""The sending of guias to clients: what would go to whom and what would not, and the run that is confirmed."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from comum.formatos import contar, format_data
from comum.models import Usuario
from empresas.contatos import recebem_guias
from empresas.models import Empresa
from guias import correio
from guias.models import Entrega, Guia, GuiaQuerySet, SituacaoGuia
from guias.services import mensagens
from guias.services.pedidos import Pedido
from operacoes.models import ABERTAS, Processamento, Situacao
from operacoes.motor import NovaOperacao
from operacoes.processamentos.criacao import DeFora, criar, motivo_comum

ENVIAR, LEMBRAR = "guias.entrega.enviar", "guias.entrega.lembrar"


class Codigo(models.TextChoices):
    """Why a guia is not sent. The label is said of several whose reasons are not told in the same words."""

    SEM_EMAIL = "sem_email", "As empresas não têm e-mail para guias."
    SEM_PDF = "sem_pdf", "As guias não têm PDF guardado."
    NAO_CONFERE = "nao_confere", "O PDF não confere com a guia."
    PAGA = "paga", "Já pagas."
    SUBSTITUIDA = "substituida", "Há uma via mais nova."
    VENCIDA = "vencida", "Vencidas: o banco não as recebe mais."
    JA_ENVIADA = "ja_enviada", "Já enviadas para este endereço."
    ANDAMENTO = "andamento", "O envio já está em andamento."


@dataclass(frozen=True)
class Fora:
    """A guia, or one of its recipients, that the run leaves out."""

    guia: Guia
    codigo: Codigo
    motivo: str

    @property
    def empresa(self) -> Empresa:
        return self.guia.empresa


@dataclass(frozen=True)
class Carta:
    """One guia to one address, not sent yet. `vez` counts the sendings of this guia to it."""

    guia: Guia
    para: str
    vez: int


@dataclass
class Prevoo:
    """What would be sent and what would not; nothing has been written."""

    cartas: list[Carta] = field(default_factory=list)
    fora: list[Fora] = field(default_factory=list)
    de_novo: bool = False

    @cached_property
    def guias(self) -> list[Guia]:
        return list({carta.guia.pk: carta.guia for carta in self.cartas}.values())

    @property
    def titulo(self) -> str:
        return f"Enviar {contar(len(self.guias), 'guia', 'guias')} por e-mail"

    @property
    def rotulo(self) -> str:
        """The words of the button."""
        return f"{self.titulo} · {contar(len(self.cartas), 'mensagem', 'mensagens')}"

    @property
    def repetidas(self) -> int:
        """How many would go again if it were asked for."""
        return sum(item.codigo == Codigo.JA_ENVIADA for item in self.fora)

    @property
    def grupos(self) -> list[tuple[str, list[Fora]]]:
        por_codigo: dict[Codigo, list[Fora]] = defaultdict(list)
        for item in self.fora:
            por_codigo[item.codigo].append(item)
        ordenados = sorted(por_codigo.values(), key=lambda itens: -len(itens))
        return [(motivo_comum((i.motivo for i in itens), str(itens[0].codigo.label)), itens) for itens in ordenados]

    @cached_property
    def marca(self) -> str:
        """Changes when what would be sent does; the confirmation carries it."""
        texto = mensagens.texto_de(mensagens.Tipo.ENTREGA)
        partes = sorted((carta.guia.pk, carta.para, carta.vez) for carta in self.cartas)
        return hashlib.sha256(json.dumps([partes, texto.assunto, texto.corpo]).encode()).hexdigest()[:24]


class Mudou(Exception):
    """Between the pré-voo that was shown and the confirmation, what would be sent changed. Carries the new one."""

    def __init__(self, prevoo: Prevoo) -> None:
        super().__init__("changed")
        self.prevoo = prevoo


def impedimento(guia: Guia) -> tuple[Codigo, str] | None:
    """Why this guia goes to nobody, with what to do; None when it may. Its `situacao` is annotated (com_situacao)."""
    situacao = guia.situacao  # type: ignore[attr-defined]
    if situacao == SituacaoGuia.PAGA:
        quando = format_data(guia.paga_em) if guia.paga_em else ""
        return Codigo.PAGA, f"Paga em {quando}."
    if situacao == SituacaoGuia.SUBSTITUIDA:
        return Codigo.SUBSTITUIDA, "Outra via desta guia é mais nova, ou já foi paga. Veja as vias na página da guia."
    if situacao == SituacaoGuia.VENCIDA:
        return Codigo.VENCIDA, f"Era para pagar até {format_data(guia.limite)}. Peça a 2ª via e envie-a."
    if guia.documento_id is None:
        return Codigo.SEM_PDF, "A guia não tem PDF guardado. Emita-a de novo."
    if guia.problema:
        return Codigo.NAO_CONFERE, guia.problema
    return None


def prevoo(guias: GuiaQuerySet, *, de_novo: bool = False) -> Prevoo:
    """What would happen, in a few queries. `de_novo`: also to who has received the same guia before."""
    resultado = Prevoo(de_novo=de_novo)
    lidas = list(guias.com_situacao(timezone.localdate()).select_related("empresa").order_by("empresa__ordem", "pk"))
    enderecos = recebem_guias(guia.empresa_id for guia in lidas)
    entregas = _entregas(lidas)
    for guia in lidas:
        if (impede := impedimento(guia)) is not None:
            resultado.fora.append(Fora(guia, *impede))
        elif not (destinos := enderecos.get(guia.empresa_id)):
            motivo = "A empresa não tem contato que receba guias nem e-mail fiscal. Inclua um na página da empresa."
            resultado.fora.append(Fora(guia, Codigo.SEM_EMAIL, motivo))
        else:
            _por_destino(resultado, guia, destinos, entregas[guia.pk])
    return resultado


def _entregas(guias: Sequence[Guia]) -> Mapping[int, dict[str, Entrega]]:
    achadas: dict[int, dict[str, Entrega]] = defaultdict(dict)
    for entrega in Entrega.objects.filter(guia__in=[g.pk for g in guias]).select_related("operacao"):
        achadas[entrega.guia_id][entrega.para.lower()] = entrega
    return achadas


def _por_destino(resultado: Prevoo, guia: Guia, destinos: Sequence[str], entregas: Mapping[str, Entrega]) -> None:
    for para in destinos:
        entrega = entregas.get(para.lower())
        operacao = entrega.operacao if entrega else None
        if operacao is not None and operacao.situacao in ABERTAS:
            dita = Situacao(operacao.situacao).label.lower()
            motivo = f"O envio para {para} está em andamento ({dita})."
            resultado.fora.append(Fora(guia, Codigo.ANDAMENTO, motivo))
        elif entrega is not None and entrega.enviada_em is not None and not resultado.de_novo:
            motivo = f"Já enviada para {para} em {format_data(timezone.localtime(entrega.enviada_em).date())}."
            resultado.fora.append(Fora(guia, Codigo.JA_ENVIADA, motivo))
        else:
            vez = operacao.pedido["vez"] + 1 if operacao is not None else 1
            resultado.cartas.append(Carta(guia, entrega.para if entrega else para, vez))


def enviar(guias: GuiaQuerySet, usuario: Usuario, *, marca: str, base: str, de_novo: bool = False) -> Processamento:
    """Start the sending that was shown; `marca` is its Prevoo's, `base` the address (scheme and host) by which clients
    reach this installation. Raises Mudou when it is no longer the same."""
    with transaction.atomic():
        # Two people who confirm at once: the second finds the rows of the first.
        list(Guia.objects.filter(pk__in=guias.order_by().values("pk")).order_by("pk").select_for_update().values("pk"))
        atual = prevoo(guias, de_novo=de_novo)
        if atual.marca != marca or not atual.cartas:
            raise Mudou(atual)
        texto = mensagens.texto_de(mensagens.Tipo.ENTREGA)
        competencias = {carta.guia.competencia for carta in atual.cartas}
        return criar(
            tipo=ENVIAR,
            titulo=atual.titulo,
            usuario=usuario,
            competencia=competencias.pop() if len(competencias) == 1 else None,
            novas=_novas(atual.cartas, texto, base),
            fora=[DeFora(i.empresa.pk, i.codigo.value, i.motivo, str(i.codigo.label)) for i in atual.fora],
            parametros={"marca": marca, "de_novo": de_novo},
        )


def _novas(cartas: Sequence[Carta], texto: mensagens.Texto, base: str) -> list[NovaOperacao]:
    Entrega.objects.bulk_create(
        [Entrega(guia=carta.guia, para=carta.para) for carta in cartas], ignore_conflicts=True, batch_size=1000
    )
    lidas = Entrega.objects.filter(guia__in={carta.guia.pk for carta in cartas})
    por_destino = {(guia, para): pk for guia, para, pk in lidas.values_list("guia", "para", "pk")}
    return [
        nova_operacao(por_destino[carta.guia.pk, carta.para], carta.guia, carta.para, texto, base=base, vez=carta.vez)
        for carta in cartas
    ]


def nova_operacao(
    entrega: int,
    guia: Guia,
    para: str,
    texto: mensagens.Texto,
    *,
    base: str,
    vez: int = 1,
    lembrete: bool = False,
) -> NovaOperacao:
    """The intent of one message. The words are pinned here; the personal link is put in when it leaves."""
    escrito = mensagens.escrita(texto, mensagens.valores_da_guia(guia))
    chave = f"entrega.lembrar:{entrega}" if lembrete else f"entrega.enviar:{entrega}:{vez}"
    pedido: Pedido = {
        "entrega": entrega,
        "guia": guia.pk,
        "numero": guia.numero,
        "para": para,
        "id": id_da_mensagem(chave),
        "vez": vez,
        "assunto": escrito.assunto,
        "corpo": escrito.corpo,
        "base": base,
    }
    return NovaOperacao(
        tipo=LEMBRAR if lembrete else ENVIAR,
        chave=chave,
        pedido=pedido,
        acesso=correio.ACESSO,
        empresa_id=guia.empresa_id,
        competencia=guia.competencia,
        prazo=guia.limite,
    )


def id_da_mensagem(chave: str) -> str:
    """The Message-ID: the same for every try of one intent, so that a person can look for it at the mail server."""
    dominio = correio.remetente()[1].rpartition("@")[2] or "localhost"
    return f"<guia.{hashlib.sha256(chave.encode()).hexdigest()[:32]}@{dominio}>"


def base_publica(da_tela: str) -> str:
    """The address of this installation in messages: the one that is set, else that of the screen."""
    return settings.URL_PUBLICA or da_tela


@dataclass(frozen=True)
class Resumo:
    """How the delivery of a guia stands, for a list: `tom` of the chip and words."""

    tom: str
    texto: str


def resumos(guias: Iterable[Guia]) -> dict[int, Resumo]:
    """How the deliveries of these guias stand; those never sent are not in the answer. One query."""
    por_guia: dict[int, list[Entrega]] = defaultdict(list)
    lidas = Entrega.objects.filter(guia__in=[g.pk for g in guias]).select_related("operacao")
    for entrega in lidas.defer("operacao__pedido", "operacao__resposta"):
        por_guia[entrega.guia_id].append(entrega)
    return {guia: _resumo(entregas) for guia, entregas in por_guia.items()}


def _resumo(entregas: Sequence[Entrega]) -> Resumo:
    """What needs somebody first, then the best that happened."""
    situacoes = {entrega.operacao.situacao for entrega in entregas if entrega.operacao is not None}
    lidas = [entrega.lida_em for entrega in entregas if entrega.lida_em is not None]
    enviadas = [entrega.enviada_em for entrega in entregas if entrega.enviada_em is not None]
    if Situacao.AGUARDA_PESSOA in situacoes and not lidas:
        return Resumo("duvida", "Aguarda pessoa")
    if lidas:
        return Resumo("ok", f"Lida {format_data(timezone.localtime(min(lidas)).date())[:5]}")
    if situacoes & {Situacao.PENDENTE, Situacao.ENVIANDO, Situacao.INCERTA}:
        return Resumo("info", "Na fila")
    if enviadas:
        return Resumo("info", f"Enviada {format_data(timezone.localtime(max(enviadas)).date())[:5]}")
    if Situacao.RECUSADA in situacoes:
        return Resumo("erro", "Recusada")
    return Resumo("neutro", "Não enviada")
