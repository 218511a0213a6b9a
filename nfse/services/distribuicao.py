"""The distribution of the ADN, read: who is asked and when, how far each CNPJ was read, what a person should see.

The ADN keeps no cursor of its own: whoever has the certificate asks from any NSU, and nothing there tells. So another
system that reads cannot be seen; what it does can: notes of this CNPJ that are not ours, and numbers that never came.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q
from django.utils import timezone

from comum.auditoria import registrar
from comum.formatos import contar
from comum.models import Usuario
from empresas.models import Empresa
from nfse.models import PREFIXO, CanalNfse, CursorAdn, DocumentoAdn, TipoCanal
from nfse.models.canais import CanalQuerySet
from nfse.models.distribuicao import DocumentoAdnQuerySet
from nfse.services.acesso import impedimento_de
from operacoes.models import ENCERRADAS, Operacao, Pausa, Processamento
from operacoes.motor import NovaOperacao, submeter
from operacoes.processamentos.criacao import DeFora, criar

LER = "nfse.nacional.distribuir"
_MOSTRADOS = 5


# -- asking ------------------------------------------------------------------------------------------------------------


def pedir(canais: CanalQuerySet, usuario: Usuario) -> tuple[Processamento | None, list[tuple[CanalNfse, str]]]:
    """Read the canais of the national system among these now. The run, None where none can be asked, and those left
    out, each with why (pt-BR)."""
    vao, fora = quem_vai(canais)
    if not vao:
        return None, fora
    titulo = f"Ler as notas e os eventos de {contar(len(vao), 'empresa', 'empresas')} na NFS-e Nacional"
    de_fora = [DeFora(canal.empresa_id, "leitura", motivo, "Não podem ser lidas agora.") for canal, motivo in fora]
    return criar(LER, titulo, usuario, None, [nova(canal) for canal in vao], fora=de_fora), fora


def pedir_de_todos() -> int:
    """What nobody asked for: every canal that can be read. How many were asked."""
    vao, _ = quem_vai(CanalNfse.objects.filter(ativo=True))
    return len(submeter([nova(canal) for canal in vao], usuario=None).criadas)


def quem_vai(canais: CanalQuerySet) -> tuple[list[CanalNfse], list[tuple[CanalNfse, str]]]:
    """Its queries do not grow with the canais."""
    nacionais = canais.filter(tipo=TipoCanal.NACIONAL).select_related("empresa", "certificado")
    candidatos = list(nacionais.order_by("empresa__ordem"))
    acessos = [canal.acesso for canal in candidatos]
    pausados = set(Pausa.objects.filter(acesso__in=acessos).values_list("acesso", flat=True))
    abertas = Operacao.objects.filter(tipo=LER, acesso__in=acessos).exclude(situacao__in=ENCERRADAS)
    andando = set(abertas.values_list("acesso", flat=True))
    vao, fora = [], []
    for canal in candidatos:
        motivo = _motivo(canal, pausado=canal.acesso in pausados, andando=canal.acesso in andando)
        if motivo:
            fora.append((canal, motivo))
        else:
            vao.append(canal)
    return vao, fora


def _motivo(canal: CanalNfse, *, pausado: bool, andando: bool) -> str:
    if not canal.empresa.ativa:
        return "A empresa está inativa."
    if not canal.ativo:
        return f"O canal {canal.codigo} está inativo. Ative-o em Canais."
    if impedimento := impedimento_de(canal):
        return impedimento
    if pausado:
        return f"Os envios do canal {canal.codigo} estão parados. Corrija o acesso e teste o canal."
    return "A leitura já está em andamento. Acompanhe em Processamentos." if andando else ""


def nova(canal: CanalNfse, vez: str = "", continua: Operacao | None = None) -> NovaOperacao:
    """The intent of one reading, or of one that goes on where another ended."""
    vez = vez or f"{timezone.now():%Y%m%d%H%M%S%f}"
    pedido: dict[str, Any] = {"documento": canal.empresa.documento, "vez": vez}
    return NovaOperacao(
        tipo=LER,
        chave=f"{LER}:{canal.empresa.documento}:{vez}" + (f":{continua.pk}" if continua else ""),
        pedido=pedido | ({"continua": continua.pk} if continua else {}),
        acesso=canal.acesso,
        empresa_id=canal.empresa_id,
    )


# -- the cursor --------------------------------------------------------------------------------------------------------


def nsu_de(documento: str) -> int:
    return CursorAdn.objects.filter(pk=documento).values_list("nsu", flat=True).first() or 0


def travado(empresa: Empresa) -> CursorAdn:
    """The cursor of its CNPJ or CPF, locked, made when it is the first time."""
    CursorAdn.objects.get_or_create(pk=empresa.documento, defaults={"empresa": empresa})
    return CursorAdn.objects.select_for_update().get(pk=empresa.documento)


def falhou(empresa: Empresa, mensagem: str) -> None:
    cursor = travado(empresa)
    cursor.falha, cursor.falhou_em = mensagem, timezone.now()
    cursor.save(update_fields=["falha", "falhou_em"])


# -- what a person sees ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Situacao:
    """Of the readings of some canais: how many there are and were never read, the oldest of the last readings, whether
    one is going on, and what went wrong or should be known, the first ones in words (canal, what)."""

    canais: int
    nunca: int
    mais_antiga: datetime | None
    em_curso: bool
    problemas: list[tuple[CanalNfse, str]]
    ha_mais: bool


def situacao(usuario: Usuario, empresa: Empresa | None) -> Situacao | None:
    """None where no active canal is of the national system. A constant number of queries."""
    canais = CanalNfse.objects.visiveis(usuario).filter(tipo=TipoCanal.NACIONAL, ativo=True)
    canais = canais if empresa is None else canais.filter(empresa=empresa)
    quantos = canais.count()
    if not quantos:
        return None
    cursores = CursorAdn.objects.filter(lida_em__isnull=False, empresa__in=canais.values("empresa"))
    lidos = cursores.aggregate(n=Count("pk"), quando=Min("lida_em"))
    abertas = Operacao.objects.abertas().filter(tipo=LER, empresa__in=canais.values("empresa"))
    problemas = _problemas(canais, usuario)
    return Situacao(
        canais=quantos,
        nunca=max(quantos - lidos["n"], 0),
        mais_antiga=lidos["quando"],
        em_curso=abertas.exists(),
        problemas=problemas[:_MOSTRADOS],
        ha_mais=len(problemas) > _MOSTRADOS,
    )


def _problemas(canais: CanalQuerySet, usuario: Usuario) -> list[tuple[CanalNfse, str]]:
    """The first few; each query reads only rows that say something is wrong."""
    parados = [
        int(acesso.removeprefix(PREFIXO))
        for acesso in Pausa.objects.filter(acesso__startswith=PREFIXO).values_list("acesso", flat=True)
    ]
    falhas = dict(
        CursorAdn.objects.filter(empresa__in=canais.values("empresa"))
        .exclude(falha="")
        .values_list("empresa", "falha")[: _MOSTRADOS * 20]
    )
    a_ver = DocumentoAdn.objects.visiveis(usuario).a_ver().order_by()
    por_empresa = {
        linha["empresa"]: linha
        for linha in a_ver.values("empresa").annotate(
            saltos=Count("pk", filter=Q(salto__gt=0)),
            ilegiveis=Count("pk", filter=Q(papel=DocumentoAdn.Papel.ILEGIVEL)),
            de_fora=Count("pk", filter=Q(papel=DocumentoAdn.Papel.EMITIDA)),
        )[: _MOSTRADOS * 20]
    }
    quais = canais.filter(Q(codigo__in=parados) | Q(empresa__in={*falhas, *por_empresa}))
    ditos = []
    for canal in quais.select_related("empresa").order_by("empresa__ordem")[: _MOSTRADOS + 1]:
        partes = [falhas.get(canal.empresa_id, "")]
        if canal.codigo in parados and not partes[0]:
            partes.append(f"Os envios do canal {canal.codigo} estão parados: corrija o acesso e teste o canal.")
        if linha := por_empresa.get(canal.empresa_id):
            partes.append(em_palavras(linha["saltos"], linha["ilegiveis"], linha["de_fora"]))
        ditos.append((canal, " ".join(filter(None, partes))))
    return ditos


def em_palavras(saltos: int, ilegiveis: int, de_fora: int) -> str:
    """What there is to see, in one sentence; empty for nothing."""
    partes = [
        contar(de_fora, "nota emitida fora do Guichê", "notas emitidas fora do Guichê") if de_fora else "",
        contar(saltos, "salto na numeração", "saltos na numeração") if saltos else "",
        contar(ilegiveis, "documento não lido", "documentos não lidos") if ilegiveis else "",
    ]
    ditas = [parte for parte in partes if parte]
    return f"Há {', '.join(ditas)}." if ditas else ""


def explicado(documento: DocumentoAdn) -> str:
    """Why a person should see it, in pt-BR with what next."""
    ditos = []
    if documento.salto:
        quantos = contar(documento.salto, "número não veio", "números não vieram")
        ditos.append(
            f"Antes deste, {quantos}. O ADN não entregou esses documentos a este CNPJ, ou outro sistema usa este "
            "certificado: confira no portal nacional se falta alguma nota."
        )
    if documento.papel == DocumentoAdn.Papel.ILEGIVEL:
        ditos.append(f"{documento.motivo} Guardado como veio; confira a nota no portal nacional.")
    if documento.papel == DocumentoAdn.Papel.EMITIDA and documento.nota_id is None:
        ditos.append(
            "Emitida por outro sistema, ou no portal, com este CNPJ. O XML está no arquivo; se não foi a empresa, "
            "troque o certificado."
        )
    return " ".join(ditos)


def dar_ciencia(canal: CanalNfse, usuario: Usuario) -> int:
    """Take what there is to see of this canal's empresa off the screens. How many; audited."""
    vistos: DocumentoAdnQuerySet = DocumentoAdn.objects.filter(empresa=canal.empresa_id).a_ver()
    quantos = vistos.update(visto_em=timezone.now(), visto_por=usuario)
    if quantos:
        registrar(
            usuario=usuario,
            acao="nfse.distribuicao_vista",
            objeto=canal,
            resumo=f"Ciente de {contar(quantos, 'aviso', 'avisos')} da leitura do canal {canal.codigo}",
            dados={"quantos": quantos},
        )
    return quantos


def documentos_de(canal: CanalNfse, quantos: int) -> Iterable[DocumentoAdn]:
    """The last ones read, the newest first."""
    linhas = DocumentoAdn.objects.filter(cursor=canal.empresa.documento).select_related("nota__tomador", "recebida")
    return linhas.defer("bruto", "nota__busca", "recebida__busca").order_by("-pk")[:quantos]
