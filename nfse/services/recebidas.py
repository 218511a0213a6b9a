"""Notes of services taken: asked for by month, read from their XML, kept with their withholdings."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from arquivo.models import Documento
from arquivo.services import guardar
from comum.formatos import contar, format_competencia
from comum.models import Usuario
from nfse.models import CanalNfse, NotaRecebida, TipoCanal
from nfse.services.registro import XML
from nfse.services.xml_nota import NotaLida, XmlIlegivel, ler
from operacoes.models import ENCERRADAS, Operacao, Processamento
from operacoes.motor import NovaOperacao
from operacoes.processamentos.criacao import criar

LISTAR = "nfse.integranotas.recebidas"
BAIXAR = "nfse.integranotas.baixar_recebida"


@dataclass(frozen=True)
class Baixada:
    """What a download brought: the XML, and whether an event says that the note was cancelled."""

    chave: str
    xml: bytes
    cancelada: bool


def pedir(canais: Iterable[CanalNfse], competencia: date, usuario: Usuario) -> Processamento | None:
    """Ask the service for the notes taken in a month, for each of these channels; None when none of them can. What is
    being asked for already is not asked twice."""
    hoje = timezone.localdate()
    novas = []
    for canal in canais:
        if canal.tipo != TipoCanal.INTEGRANOTAS or not canal.ativo:
            continue
        base = f"{LISTAR}:{canal.codigo}:{competencia:%Y%m}:{hoje:%Y%m%d}"
        vez = Operacao.objects.filter(chave__startswith=base, situacao__in=ENCERRADAS).count() + 1
        novas.append(
            NovaOperacao(
                tipo=LISTAR,
                chave=f"{base}:{vez}",
                pedido={"canal": canal.codigo, "periodo": competencia.isoformat()},
                acesso=canal.acesso,
                empresa_id=canal.empresa_id,
                competencia=competencia,
            )
        )
    if not novas:
        return None
    quantas = contar(len(novas), "empresa", "empresas")
    titulo = f"Buscar notas recebidas de {quantas} em {format_competencia(competencia)}"
    return criar(LISTAR, titulo, usuario, competencia, novas)


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


def gravar(canal: CanalNfse, baixada: Baixada, periodo: date) -> tuple[NotaRecebida, Documento]:
    """Keep a note as its XML tells it; what cannot be read is kept with its file, to be looked at by a person."""
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
            "situacao": NotaRecebida.Situacao.CANCELADA if cancelada else NotaRecebida.Situacao.NORMAL,
            "xml": documento,
        },
    )
    return nota, documento


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
