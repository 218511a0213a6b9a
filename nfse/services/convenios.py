"""What each município agreed to with the national system, kept with its age: read again when it is old, before a note
goes by it. When that fails the older reading stands, and says how old it is."""

import time
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.timesince import timesince

from nfse.models import CanalNfse, ConvenioNacional, Nota, TipoCanal
from nfse.services import acesso, nacional
from operacoes import avulsas
from operacoes.errors import ProviderError

# A person waits for the pré-voo: what is not read again by then goes by the older reading.
PRAZO = 10.0  # seconds, all of them together
OUTROS_MUNICIPIOS = 5  # of the drafts of a canal, beside its own
DEPOIS_DA_FALHA = timedelta(minutes=10)


def validade() -> timedelta:
    """How long a reading is taken for the present."""
    return timedelta(hours=settings.NFSE_NACIONAL_CONVENIO_HORAS)


def velho(convenio: ConvenioNacional) -> bool:
    return timezone.now() - convenio.lido_em > validade()


def aviso(convenio: ConvenioNacional) -> str:
    """What the pré-voo says of an old reading, in pt-BR."""
    falha = f" A última leitura falhou: {convenio.falha}" if convenio.falha else ""
    return (
        f"O convênio de {convenio.municipio} com a NFS-e Nacional foi lido {timesince(convenio.lido_em)} atrás, e vale "
        f"o que se leu então.{falha}"
    )


def municipios_de(canal: CanalNfse) -> list[str]:
    """The empresa's own, and those where the ISS of its drafts is due."""
    em_preparo = canal.empresa.notas.filter(situacao__in=Nota.EDITAVEIS, municipio_incidencia__isnull=False)
    outros = em_preparo.order_by().values_list("municipio_incidencia", flat=True).distinct()[:OUTROS_MUNICIPIOS]
    return list(dict.fromkeys([canal.empresa.municipio_id or "", *outros]))


def ler(canal: CanalNfse, municipio: str, *, prazo: float = PRAZO) -> ConvenioNacional:
    """Read it now, with the certificate of this canal. Not inside a transaction. Raises the error family, and then what
    was read before stands."""
    try:
        cliente = acesso.abrir_nacional(canal).cliente
        limites = acesso.limites_do_acesso(canal.acesso, TipoCanal.NACIONAL)
        lido = avulsas.ler(
            lambda chamadas: cliente.parametros.convenio(municipio, chamadas=chamadas), limites, prazo=prazo
        )
    except ProviderError as erro:
        ConvenioNacional.objects.filter(pk=municipio).update(falhou_em=timezone.now(), falha=str(erro)[:300])
        raise
    return nacional.guardar_convenio(municipio, lido)


def renovar(notas: Sequence[Nota], *, prazo: float = PRAZO) -> None:
    """Before these notes (with their empresas) are judged: read what was never read, or is old."""
    canais = CanalNfse.objects.filter(
        tipo=TipoCanal.NACIONAL, ativo=True, empresa__in={nota.empresa_id for nota in notas}
    ).select_related("empresa", "certificado")
    por_empresa = {canal.empresa_id: canal for canal in canais}
    if not por_empresa:
        return
    com: dict[str, CanalNfse] = {}
    for nota in notas:
        if (canal := por_empresa.get(nota.empresa_id)) is not None:
            for municipio in (canal.empresa.municipio_id, nota.municipio_incidencia_id):
                if municipio:
                    com.setdefault(municipio, canal)
    _ler_os_velhos(com, prazo)


def renovar_todos(quantos: int, *, prazo: float) -> None:
    """Those of the municípios with an active canal, so that seldom anybody waits for one."""
    canais = CanalNfse.objects.filter(tipo=TipoCanal.NACIONAL, ativo=True).select_related("empresa", "certificado")
    velhos = ConvenioNacional.objects.filter(lido_em__lt=timezone.now() - validade()).values("municipio")
    dos_velhos = canais.filter(empresa__municipio__in=velhos).order_by("empresa__municipio_id", "codigo")
    um_de_cada = dos_velhos.distinct("empresa__municipio_id")[:quantos]
    _ler_os_velhos({canal.empresa.municipio_id or "": canal for canal in um_de_cada}, prazo)


def _ler_os_velhos(com: dict[str, CanalNfse], prazo: float) -> None:
    fim = time.monotonic() + prazo
    em_dia = _em_dia(com)
    for municipio, canal in com.items():
        resta = fim - time.monotonic()
        if resta <= 0:
            return
        if municipio in em_dia or acesso.impedimento_de(canal):
            continue
        try:
            ler(canal, municipio, prazo=resta)
        except ProviderError:
            continue  # kept with the reading: the screens tell it


def _em_dia(municipios: Iterable[str]) -> set[str]:
    """Read lately, or asked for in vain a moment ago."""
    agora = timezone.now()
    servem = Q(lido_em__gte=agora - validade()) | Q(falhou_em__gte=agora - DEPOIS_DA_FALHA)
    lidos = ConvenioNacional.objects.filter(servem, municipio__in=list(municipios))
    return set(lidos.values_list("municipio", flat=True))
