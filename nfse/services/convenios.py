"""What each município agreed to with the national system, kept with its age: read again when it is old, before a note
goes by it. When that fails the older reading stands, and says how old it is."""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.timesince import timesince

from nfse.models import PREFIXO, CanalNfse, ConvenioNacional, Nota, TipoCanal
from nfse.services import acesso, nacional
from operacoes import avulsas
from operacoes.errors import ProviderError
from operacoes.models import Pausa

# A person waits for the pré-voo: what is not read again by then goes by the older reading.
PRAZO = 10.0  # seconds, all of them together
OUTROS_MUNICIPIOS = 5  # of the drafts of a canal, beside its own
DEPOIS_DA_FALHA = timedelta(minutes=10)
_POR_VEZ = 1000


def validade() -> timedelta:
    """How long a reading is taken for the present."""
    return timedelta(hours=settings.NFSE_NACIONAL_CONVENIO_HORAS)


def velho(convenio: ConvenioNacional) -> bool:
    """Old, or never read."""
    return convenio.lido_em is None or timezone.now() - convenio.lido_em > validade()


def aviso(convenio: ConvenioNacional) -> str:
    """What the pré-voo says of an old reading, or of none, in pt-BR."""
    do_municipio = f"O convênio de {convenio.municipio} com a NFS-e Nacional"
    if convenio.lido_em is None:
        return f"{do_municipio} ainda não foi lido.{falha(convenio)}"
    return f"{do_municipio} foi lido {timesince(convenio.lido_em)} atrás, e vale o que se leu então.{falha(convenio)}"


def falha(convenio: ConvenioNacional) -> str:
    """Why the last reading brought nothing, to end a message with; empty where it did."""
    return f" A última leitura falhou: {convenio.falha}" if convenio.falha else ""


def municipios_de(canal: CanalNfse) -> list[str]:
    """The empresa's own, and those where the ISS of its drafts is due."""
    em_preparo = canal.empresa.notas.filter(situacao__in=Nota.EDITAVEIS, municipio_incidencia__isnull=False)
    outros = em_preparo.order_by().values_list("municipio_incidencia", flat=True).distinct()[:OUTROS_MUNICIPIOS]
    return [municipio for municipio in dict.fromkeys([canal.empresa.municipio_id, *outros]) if municipio]


def ler(canal: CanalNfse, municipio: str, *, prazo: float = PRAZO) -> ConvenioNacional:
    """Read it now, with the certificate of this canal. Not inside a transaction. Raises the error family, and then what
    was read before stands; where nothing was, the failure is kept all the same, so that it is not asked for again at
    once."""
    try:
        cliente = acesso.abrir_nacional(canal).cliente
        limites = acesso.limites_do_acesso(canal.acesso, TipoCanal.NACIONAL)
        lido = avulsas.ler(
            lambda chamadas: cliente.parametros.convenio(municipio, chamadas=chamadas), limites, prazo=prazo
        )
    except ProviderError as erro:
        ConvenioNacional.objects.update_or_create(
            municipio_id=municipio, defaults={"falhou_em": timezone.now(), "falha": str(erro)[:300]}
        )
        raise
    return nacional.guardar_convenio(municipio, lido)


def renovar(notas: Sequence[Nota], *, prazo: float = PRAZO) -> None:
    """Before these notes (with their empresas) are judged: read what was never read, or is old."""
    por_empresa = canais_que_leem(notas)
    com: dict[str, CanalNfse] = {}
    for nota in notas:
        if (canal := por_empresa.get(nota.empresa_id)) is not None:
            for municipio in (canal.empresa.municipio_id, nota.municipio_incidencia_id):
                if municipio:
                    com.setdefault(municipio, canal)
    _ler_os_velhos(com, prazo)


def canais_que_leem(notas: Iterable[Nota]) -> dict[int, CanalNfse]:
    """Of each empresa of these notes, the canal of the national system that can call it."""
    canais = _ativos().filter(empresa__in={nota.empresa_id for nota in notas}).select_related("empresa", "certificado")
    return {canal.empresa_id: canal for canal in canais if not acesso.impedimento_de(canal)}


def renovar_todos(quantos: int, *, prazo: float) -> None:
    """Those of the municípios with an active canal, so that seldom anybody waits for one: of each, by the first canal
    that can call the service and is not paused."""
    velhos = ConvenioNacional.objects.exclude(_servem()).values("municipio")
    candidatos = _ativos().filter(empresa__municipio__in=velhos).select_related("empresa", "certificado")
    colunas = candidatos.only(
        "codigo", "tipo", "empresa__documento", "empresa__municipio", "certificado__documento",
        "certificado__valido_ate",
    )  # fmt: skip
    pausados = set(Pausa.objects.filter(acesso__startswith=PREFIXO).values_list("acesso", flat=True))
    um_de_cada: dict[str, UUID] = {}
    for canal in colunas.order_by("empresa__municipio_id", "codigo").iterator(_POR_VEZ):
        municipio = canal.empresa.municipio_id or ""
        if municipio in um_de_cada or canal.acesso in pausados or acesso.impedimento_de(canal):
            continue
        um_de_cada[municipio] = canal.pk
        if len(um_de_cada) == quantos:
            break
    canais = CanalNfse.objects.select_related("empresa", "certificado").in_bulk(um_de_cada.values())
    _ler_os_velhos({municipio: canais[pk] for municipio, pk in um_de_cada.items() if pk in canais}, prazo)


def _ativos() -> QuerySet[CanalNfse]:
    return CanalNfse.objects.filter(tipo=TipoCanal.NACIONAL, ativo=True)


def _ler_os_velhos(com: Mapping[str, CanalNfse], prazo: float) -> None:
    fim = time.monotonic() + prazo
    servem = ConvenioNacional.objects.filter(_servem(), municipio__in=list(com))
    em_dia = set(servem.values_list("municipio", flat=True))
    for municipio, canal in com.items():
        resta = fim - time.monotonic()
        if resta <= 0:
            return
        if municipio in em_dia:
            continue
        try:
            ler(canal, municipio, prazo=resta)
        except ProviderError:
            continue  # kept with the reading: the screens tell it


def _servem() -> Q:
    """Read lately, or asked for in vain a moment ago."""
    agora = timezone.now()
    return Q(lido_em__gte=agora - validade()) | Q(falhou_em__gte=agora - DEPOIS_DA_FALHA)
