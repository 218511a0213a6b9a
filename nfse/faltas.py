"""What the archive lacks of the notes: their XML, and numbers that no note has."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.urls import reverse

from arquivo.faltas import Acao, Falta, Fonte, registrar
from comum.formatos import contar
from comum.models import Usuario
from nfse.models import Nota, NumeroLivre, TipoCanal

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
    the highest number below."""
    mesma = Nota.objects.filter(canal=OuterRef("canal"), serie=OuterRef("serie"))
    menores = mesma.filter(numero__lt=OuterRef("numero")).order_by("-numero")
    com_numero = Nota.objects.visiveis(usuario).filter(numero__isnull=False)
    return com_numero.filter(~Exists(mesma.filter(numero=OuterRef("numero") - 1)), Exists(menores)).annotate(
        anterior=Subquery(menores.values("numero")[:1])
    )


def _saltos(notas: Sequence[Any]) -> list[Falta]:
    livres: dict[tuple[UUID, str], list[int]] = {}
    for livre in NumeroLivre.objects.filter(canal__in={nota.canal_id for nota in notas}):
        livres.setdefault((livre.canal_id, livre.serie), []).append(livre.numero)
    faltas = []
    for nota in notas:
        primeiro, ultimo = nota.anterior + 1, nota.numero - 1
        quantos = ultimo - primeiro + 1
        vagos = sum(primeiro <= livre <= ultimo for livre in livres.get((nota.canal_id, nota.serie), []))
        faixa = str(primeiro) if quantos == 1 else f"{primeiro} a {ultimo}"
        dito = f"Falta o número {faixa}." if quantos == 1 else f"Faltam os números {faixa} ({quantos})."
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
        "Números de RPS ou DPS que nenhuma nota tem, por canal e série. Nenhum serviço devolve uma nota só pelo número "
        "que falta: procure no painel dele e importe o XML.",
        lambda usuario: saltos(usuario).select_related("canal"),
        _saltos,
    )
)
