"""What the archive lacks of the notes: their XML, and numbers that no note has."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.urls import reverse

from arquivo.faltas import Acao, Dono, Falta, Fonte, registrar, registrar_donos
from arquivo.models import Documento
from comum.formatos import contar, format_numero
from comum.models import Usuario
from nfse.models import Nota, NotaRecebida, NumeroDeFora, NumeroLivre, TipoCanal
from nfse.services.acoes import por_que_nao_reler

# Whose number is of a DPS: the canal of the national system, and those that are on its layout.
_DO_NACIONAL = ExpressionWrapper(Q(canal__versao_emissao=2), output_field=BooleanField())
_FAIXAS = 10  # as many are told of one gap
_COM_XML = (*Nota.VALIDAS, Nota.Situacao.CANCELADA, Nota.Situacao.SUBSTITUIDA)


def notas_sem_xml(usuario: Usuario) -> QuerySet[Nota]:
    return Nota.objects.visiveis(usuario).filter(xml__isnull=True, situacao__in=_COM_XML)


def _sem_xml(notas: Sequence[Nota]) -> list[Falta]:
    return [
        Falta(
            nota.pk,
            nota.empresa,
            nota.competencia,
            f"NFS-e {nota.nome}",
            nota.get_absolute_url(),
            _como_ter_o_xml(nota),
            nota.get_situacao_display(),
        )
        for nota in notas
    ]


def _como_ter_o_xml(nota: Nota) -> str:
    if nota.canal is not None and nota.canal.tipo == TipoCanal.SISGENFE:
        return "Sem XML, que o SISGENF-e não entrega. Baixe-o na página do município e use Importar."
    return "Sem XML. Releia a nota: o serviço devolve o XML enquanto o tem."


def saltos(usuario: Usuario) -> QuerySet[Nota]:
    """The notes whose number (RPS or DPS) does not follow on another of the same canal and série, each with `anterior`,
    the highest number below. A gap whose every number is of a known note of another system is none."""
    mesma = Nota.objects.filter(canal=OuterRef("canal"), serie=OuterRef("serie"))
    menores = mesma.filter(numero__lt=OuterRef("numero")).order_by("-numero")
    de_fora = NumeroDeFora.objects.filter(
        empresa=OuterRef("empresa"), nacional=OuterRef("do_nacional"), serie=OuterRef("serie_sem_zeros")
    )
    entre = de_fora.filter(numero__gt=OuterRef("anterior"), numero__lt=OuterRef("numero"))
    quantos = entre.order_by().values("empresa").annotate(quantos=Count("*")).values("quantos")
    com_numero = Nota.objects.visiveis(usuario).filter(numero__isnull=False)
    # In a CASE, which keeps the order: of most notes the one right before is there, and nothing else is looked for.
    segue = Exists(mesma.filter(numero=OuterRef("numero") - 1))
    return (
        com_numero.annotate(
            anterior=Case(When(~segue, then=Subquery(menores.values("numero")[:1]))),
            do_nacional=_DO_NACIONAL,
            serie_sem_zeros=Func("serie", Value("0"), function="LTRIM"),
        )
        .filter(anterior__isnull=False)
        .filter(
            ~Exists(de_fora.filter(numero=OuterRef("numero") - 1))
            | Q(numero__gt=F("anterior") + 1 + Coalesce(Subquery(quantos), 0))
        )
    )


def _saltos(notas: Sequence[Any]) -> list[Falta]:
    livres: dict[tuple[UUID, str], list[int]] = {}
    for livre in NumeroLivre.objects.filter(canal__in={nota.canal_id for nota in notas}):
        livres.setdefault((livre.canal_id, livre.serie), []).append(livre.numero)
    de_fora = _de_fora(notas)
    faltas = []
    for nota in notas:
        usados = set(de_fora[nota.pk])
        faixas = _faixas(nota.anterior, sorted(usados), nota.numero)
        quantos = nota.numero - nota.anterior - 1 - len(usados)
        vagos = sum(
            nota.anterior < livre < nota.numero and livre not in usados
            for livre in livres.get((nota.canal_id, nota.serie), [])
        )
        ditas = _em_palavras(faixas)
        dito = f"Falta o número {ditas}." if quantos == 1 else f"Faltam os números {ditas} ({format_numero(quantos)})."
        if vagos == quantos:
            dito += " De notas abandonadas: as próximas os usam."
        else:
            dito += (
                f" {contar(vagos, 'está livre para a próxima nota', 'estão livres para as próximas notas')}; dos "
                "outros, veja no serviço se outro sistema os usou e importe o XML."
                if vagos
                else " Veja no serviço se outro sistema os usou e importe o XML."
            )
        faltas.append(
            Falta(
                nota.pk,
                nota.empresa,
                nota.competencia,
                f"Série {nota.serie}, antes do {nota.numero}" if nota.serie else f"Antes do {nota.numero}",
                nota.get_absolute_url(),
                dito,
                f"canal {nota.canal.codigo}" if nota.canal else "",
            )
        )
    return faltas


def _de_fora(notas: Sequence[Any]) -> dict[int, list[int]]:
    """By note, the numbers inside its gap that are of known notes of other systems."""
    achados: dict[int, list[int]] = {nota.pk: [] for nota in notas}
    por_serie: dict[tuple[int, bool, str], list[Any]] = {}
    pedidos = Q(pk__in=[])
    for nota in notas:
        da_nota = (nota.empresa_id, nota.do_nacional, nota.serie_sem_zeros)
        por_serie.setdefault(da_nota, []).append(nota)
        empresa, nacional, serie = da_nota
        pedidos |= Q(empresa=empresa, nacional=nacional, serie=serie, numero__gt=nota.anterior, numero__lt=nota.numero)
    for empresa, nacional, serie, numero in NumeroDeFora.objects.filter(pedidos).values_list(
        "empresa", "nacional", "serie", "numero"
    ):
        for nota in por_serie[empresa, nacional, serie]:
            if nota.anterior < numero < nota.numero:
                achados[nota.pk].append(numero)
    return achados


def _faixas(anterior: int, usados: Sequence[int], numero: int) -> list[tuple[int, int]]:
    """The numbers between two that are not among `usados`, as (first, last)."""
    cercas = [anterior, *usados, numero]
    return [(antes + 1, depois - 1) for antes, depois in pairwise(cercas) if depois - antes > 1]


def _em_palavras(faixas: Sequence[tuple[int, int]]) -> str:
    ditas = [str(um) if um == outro else f"{um} a {outro}" for um, outro in faixas[:_FAIXAS]]
    if sobram := len(faixas) - len(ditas):
        return f"{', '.join(ditas)} e mais {contar(sobram, 'intervalo', 'intervalos')}"
    return " e ".join(filter(None, (", ".join(ditas[:-1]), ditas[-1])))


_DO_FIM = (Documento.Tipo.CANCELAMENTO_XML, Documento.Tipo.CANCELAMENTO_PDF, Documento.Tipo.EVENTO_XML)


def _donos(usuario: Usuario, documentos: Sequence[Documento]) -> Iterator[tuple[UUID, Dono]]:
    pks = {d.pk for d in documentos}
    do_fim = {d.pk: (d.empresa_id, d.chave) for d in documentos if d.chave and d.tipo in _DO_FIM}
    # The notes have no index by document: they are of the same empresa and month.
    notas = Nota.objects.visiveis(usuario).filter(
        Q(xml__in=pks) | Q(pdf__in=pks) | Q(chave__in={chave for _, chave in do_fim.values()}),
        empresa__in={d.empresa_id for d in documentos},
        competencia__in={d.competencia for d in documentos},
    )
    for nota in notas.select_related("canal"):
        nome, url = f"NFS-e {nota.nome}", nota.get_absolute_url()
        yield from ((pk, Dono(nome, url)) for pk, de in do_fim.items() if de == (nota.empresa_id, nota.chave))
        dono = Dono(nome, url, como_ter_de_novo(nota))
        yield from ((pk, dono) for pk in (nota.xml_id, nota.pdf_id) if pk in pks)
    if recebidas := [d for d in documentos if d.tipo == Documento.Tipo.NFSE_RECEBIDA]:
        de_quem = {d.empresa_id for d in recebidas}
        for uma in NotaRecebida.objects.visiveis(usuario).filter(xml__in=recebidas, empresa__in=de_quem):
            if uma.xml_id:
                yield uma.xml_id, Dono(f"NFS-e recebida {uma.numero}", uma.get_absolute_url())


def como_ter_de_novo(nota: Nota) -> Acao | None:
    """What asks the service for the files of a note once more; none where it does not give them."""
    if nota.canal is None or nota.canal.tipo == TipoCanal.SISGENFE or por_que_nao_reler(nota):
        return None
    url = reverse("nfse:reler", args=[nota.pk])
    if nota.canal.tipo == TipoCanal.INTEGRANOTAS:
        return Acao("Buscar XML e PDF de novo", url, {"documentos": "1"})
    return Acao("Reler no serviço", url)


registrar_donos(_donos)
registrar(
    Fonte(
        "notas-sem-xml",
        "Notas sem XML",
        "Marque e releia: cada nota é perguntada ao serviço dela, que devolve o XML enquanto o tem. As do SISGENF-e, "
        "que não o entrega, entram por Importar.",
        lambda usuario: notas_sem_xml(usuario).select_related("canal"),
        _sem_xml,
        acao=lambda: Acao("Reler as marcadas", reverse("nfse:agir", args=["reler"])),
    )
)
registrar(
    Fonte(
        "numeracao",
        "Saltos na numeração",
        "Números de RPS ou DPS que nenhuma nota tem, por canal e série, nem entre as de outro sistema que o "
        "Guichê conhece pelo XML. Nenhum serviço devolve uma nota só pelo número "
        "que falta: procure no painel dele e importe o XML.",
        lambda usuario: saltos(usuario).select_related("canal"),
        _saltos,
    )
)
