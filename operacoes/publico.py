"""How often one address may ask something of a page that needs no log-in: a bucket of its own in the database, as
those of the outside services, so that every process and host counts the same."""

from datetime import timedelta
from ipaddress import ip_address, ip_network

from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from operacoes import throttle
from operacoes.handlers import Limite
from operacoes.models import Balde

_PREFIXO = "publico:"
_GUARDAR = timedelta(hours=1)


def espera(pagina: str, endereco: str | None, *, por_minuto: int) -> float:
    """Seconds until this address may ask again; 0: now, and this question is counted. The address itself is not kept.
    One of IPv6 counts with its network (64 bits), which is of one customer."""
    balde = f"{_PREFIXO}{pagina}:{salted_hmac(_PREFIXO, _rede(endereco), algorithm='sha256').hexdigest()[:24]}"
    throttle.garantir([Limite(balde, por_minuto, timedelta(minutes=1), rajada=por_minuto)])
    if throttle.tomar([balde], 0.0) is not None:
        return 0.0
    return max(1.0, throttle.falta([balde]))


def esquecer() -> None:
    """Drop the buckets of addresses that have been quiet for long."""
    Balde.objects.filter(nome__startswith=_PREFIXO, tat__lt=Now() - _GUARDAR).delete()


def _rede(endereco: str | None) -> str:
    try:
        lido = ip_address(endereco or "")
    except ValueError:
        return ""
    return str(lido if lido.version == 4 else ip_network((lido, 64), strict=False))
