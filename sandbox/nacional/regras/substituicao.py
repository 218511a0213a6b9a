"""Rules about a DPS that replaces an NFS-e."""

from collections.abc import Iterator
from datetime import timedelta

from sandbox.nacional import chaves, municipios
from sandbox.nacional.eventos import estado
from sandbox.nacional.models import Nota
from sandbox.nacional.regras.exame import Exame

_OUTROS = "99"
_AMBIENTE_SEFIN = "2"


def substituida(exame: Exame) -> Nota | None:
    """The note that the DPS replaces, when there is one."""
    return Nota.objects.filter(chave=exame.dps.texto("subst/chSubstda")).first()


def da_substituicao(exame: Exame) -> Iterator[str]:
    if not exame.dps.tem("subst"):
        return
    if exame.dps.texto("subst/cMotivo") == _OUTROS and not exame.dps.tem("subst/xMotivo"):
        yield "E0078"
    if not exame.dps.tem("toma"):
        yield "E0056"
    chave = exame.dps.texto("subst/chSubstda")
    if not chaves.chave_valida(chave):
        yield "E0042"
    elif chave[7] != _AMBIENTE_SEFIN:
        yield "E0065"
    elif (nota := substituida(exame)) is None:
        yield "E0044"
    else:
        yield from _da_nota(exame, nota)


def _da_nota(exame: Exame, nota: Nota) -> Iterator[str]:
    if nota.emitente != exame.prestador:
        yield "E0058"
    if nota.cancelamento:
        yield "E0046"
        return
    dias = municipios.de(exame.opcoes, nota.municipio).substituicao_dias
    if dias is not None and exame.agora > nota.emissao + timedelta(days=dias):
        yield "E0050"
    yield from estado.impede_substituicao(nota)
