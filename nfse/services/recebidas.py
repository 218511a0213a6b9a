"""Notes of services taken: asked for by month, read from their XML, kept with their withholdings."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from arquivo.models import Documento
from arquivo.services import guardar
from comum.documentos import mascarar
from comum.formatos import contar, format_competencia
from comum.models import Usuario
from nfse.models import CanalNfse, NotaRecebida, TipoCanal
from nfse.models.canais import CanalQuerySet
from nfse.services.acesso import impedimento_de
from nfse.services.registro import XML
from nfse.services.xml_nota import NotaLida, XmlIlegivel, ler
from nfse.sinais import recebida_cancelada
from operacoes.models import ENCERRADAS, Operacao, Pausa, Processamento
from operacoes.motor import NovaOperacao
from operacoes.processamentos.criacao import criar

LISTAR = "nfse.integranotas.recebidas"
BAIXAR = "nfse.integranotas.baixar_recebida"


@dataclass(frozen=True)
class Baixada:
    """What a download brought: the XML, whether an event says that the note was cancelled (and its own XML, where it
    came), and the events."""

    chave: str
    xml: bytes
    cancelada: bool
    eventos: tuple[tuple[str, datetime | None], ...] = ()
    cancelamento: bytes = b""


@dataclass(frozen=True)
class Prevoo:
    """Which canais a search of a month would ask, and which it leaves out, each with why (pt-BR)."""

    competencia: date
    canais: list[CanalNfse]
    fora: list[tuple[CanalNfse, str]]


def prevoo(canais: CanalQuerySet, competencia: date) -> Prevoo:
    """Look at the canais of Integra Notas among these; nothing leaves. Its queries do not grow with the canais."""
    candidatos = list(
        canais.filter(tipo=TipoCanal.INTEGRANOTAS).select_related("empresa", "certificado").order_by("empresa__ordem")
    )
    acessos = [canal.acesso for canal in candidatos]
    pausados = set(Pausa.objects.filter(acesso__in=acessos).values_list("acesso", flat=True))
    andando = Operacao.objects.filter(tipo=LISTAR, competencia=competencia, acesso__in=acessos)
    pedidos = set(andando.exclude(situacao__in=ENCERRADAS).values_list("acesso", flat=True))
    vao, fora = [], []
    for canal in candidatos:
        motivo = _motivo(canal, pausado=canal.acesso in pausados, pedido=canal.acesso in pedidos)
        if motivo:
            fora.append((canal, motivo))
        else:
            vao.append(canal)
    return Prevoo(competencia, vao, fora)


def _motivo(canal: CanalNfse, *, pausado: bool, pedido: bool) -> str:
    """Why a canal is not asked; empty when it is."""
    if not canal.empresa.ativa:
        return "A empresa está inativa."
    if not canal.ativo:
        return f"O canal {canal.codigo} está inativo. Ative-o em Canais."
    if impedimento := impedimento_de(canal):
        return impedimento
    if pausado:
        return f"Os envios do canal {canal.codigo} estão parados. Corrija o acesso e teste o canal."
    return "As notas deste mês já estão sendo buscadas. Acompanhe em Processamentos." if pedido else ""


def pedir(
    canais: Iterable[CanalNfse], competencia: date, usuario: Usuario, *, dia: date | None = None, cnpj: str = ""
) -> Processamento | None:
    """Ask the service for the notes taken in a month, or on one `dia` of it or from one prestador (`cnpj`) alone, for
    each of these channels; None when none of them can. What is being asked for already is not asked twice."""
    hoje = timezone.localdate()
    pedidos = [canal for canal in canais if canal.tipo == TipoCanal.INTEGRANOTAS and canal.ativo]
    if not pedidos:
        return None
    so = ({"dia": dia.isoformat()} if dia else {}) | ({"cnpj": cnpj} if cnpj else {})
    vezes = Counter(_de_hoje(pedidos, competencia, hoje))
    novas = [
        NovaOperacao(
            tipo=LISTAR,
            chave=f"{_base(canal, competencia, hoje)}:{vezes[canal.acesso] + 1}",
            pedido={"canal": canal.codigo, "periodo": competencia.isoformat(), **so},
            acesso=canal.acesso,
            empresa_id=canal.empresa_id,
            competencia=competencia,
        )
        for canal in pedidos
    ]
    quantas = contar(len(novas), "empresa", "empresas")
    titulo = f"Buscar notas recebidas de {quantas} em {format_competencia(competencia)}"
    titulo += (f", do dia {dia:%d/%m/%Y}" if dia else "") + (f", do prestador {mascarar(cnpj)}" if cnpj else "")
    return criar(LISTAR, titulo, usuario, competencia, novas)


def _base(canal: CanalNfse, competencia: date, dia: date) -> str:
    return f"{LISTAR}:{canal.codigo}:{competencia:%Y%m}:{dia:%Y%m%d}"


def _de_hoje(canais: Iterable[CanalNfse], competencia: date, hoje: date) -> Iterable[str]:
    """The acesso of each search of that month which began today and ended."""
    acessos = [canal.acesso for canal in canais]
    feitas = Operacao.objects.filter(tipo=LISTAR, competencia=competencia, acesso__in=acessos)
    do_dia = feitas.filter(situacao__in=ENCERRADAS, chave__contains=f":{competencia:%Y%m}:{hoje:%Y%m%d}:")
    return do_dia.values_list("acesso", flat=True)


def a_baixar(operacao: Operacao, chaves: Iterable[str]) -> list[NovaOperacao]:
    """The downloads that a list asks for: what is not here yet, and what is here and was not cancelled, since that may
    have changed. Each at most once a day."""
    hoje = timezone.localdate()
    listadas = list(dict.fromkeys(chaves))
    canceladas = set(
        NotaRecebida.objects.filter(
            empresa=operacao.empresa_id, chave__in=listadas, situacao=NotaRecebida.Situacao.CANCELADA
        ).values_list("chave", flat=True)
    )
    return [
        NovaOperacao(
            tipo=BAIXAR,
            chave=f"{BAIXAR}:{operacao.empresa_id}:{chave}:{hoje:%Y%m%d}",
            pedido={"chave": chave, "periodo": operacao.pedido["periodo"]},
            acesso=operacao.acesso,
            empresa_id=operacao.empresa_id,
            competencia=operacao.competencia,
        )
        for chave in listadas
        if chave not in canceladas
    ]


def gravar(canal: CanalNfse, baixada: Baixada, periodo: date) -> tuple[NotaRecebida, list[Documento]]:
    """Keep a note as its XML tells it, and the XML of its cancellation; what cannot be read is kept with its file, to
    be looked at by a person."""
    try:
        lida: NotaLida | None = ler(baixada.xml)
    except XmlIlegivel:
        lida = None
    competencia = (lida.competencia or (lida.emissao.replace(day=1) if lida.emissao else None)) if lida else None
    documento = guardar(
        baixada.xml,
        empresa=canal.empresa,
        tipo=Documento.Tipo.NFSE_RECEBIDA,
        nome=f"NFSE-RECEBIDA-{baixada.chave}.xml",
        competencia=competencia or periodo,
        mime=XML,
        referencia=baixada.chave,
        chave=baixada.chave,
        numero=lida.numero if lida else "",
    )
    documentos = [documento]
    if baixada.cancelamento:
        documentos.append(
            guardar(
                baixada.cancelamento,
                empresa=canal.empresa,
                tipo=Documento.Tipo.CANCELAMENTO_XML,
                nome=f"NFSE-RECEBIDA-CANCELAMENTO-{baixada.chave}.xml",
                competencia=competencia or periodo,
                mime=XML,
                referencia=baixada.chave,
                chave=baixada.chave,
                numero=lida.numero if lida else "",
            )
        )
    valores = {} if lida is None else _valores(lida)
    cancelada = baixada.cancelada or bool(lida and lida.cancelada)
    nota, _ = NotaRecebida.objects.update_or_create(
        empresa=canal.empresa,
        chave=baixada.chave,
        defaults={
            **valores,
            "canal": canal,
            "competencia": competencia or periodo,
            "ilegivel": lida is None,
            "eventos": [{"tipo": tipo, "em": em.isoformat() if em else ""} for tipo, em in baixada.eventos],
            "situacao": NotaRecebida.Situacao.CANCELADA if cancelada else NotaRecebida.Situacao.NORMAL,
            "xml": documento,
        },
    )
    if cancelada:
        recebida_cancelada.send(NotaRecebida, nota=nota)
    return nota, documentos


def _valores(lida: NotaLida) -> dict[str, object]:
    return {
        "prestador": lida.prestador,
        "prestador_nome": lida.prestador_nome[:150],
        "numero": lida.numero[:20],
        "emissao": lida.emissao,
        "descricao": lida.descricao,
        "valor_servicos": lida.valor,
        "valor_liquido": lida.liquido,
        "iss": lida.iss,
        "ir": lida.ir,
        "pis": lida.pis,
        "cofins": lida.cofins,
        "csll": lida.csll,
        "inss": lida.inss,
    }
