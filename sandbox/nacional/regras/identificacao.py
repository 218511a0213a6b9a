"""Rules about the DPS itself, its emitente and where it is issued."""

from collections.abc import Iterator

from sandbox.documentos import cnpj_valido, cpf_valido
from sandbox.municipios import municipio as municipio_do_ibge
from sandbox.nacional import cadastro, chaves
from sandbox.nacional.calculo import ME_EPP, MEI, REGIME_UNICO
from sandbox.nacional.regras.exame import Exame

_SERIES_PROPRIAS = range(1, 50_000)
_SERIES_DA_WEB = range(70_000, 80_000)
_PRESTADOR = "1"
_NENHUM_REGIME = "0"


def da_dps(exame: Exame) -> Iterator[str]:
    dps = exame.dps
    montado = chaves.id_dps(dps.texto("cLocEmi"), exame.prestador, dps.texto("serie"), dps.texto("nDPS"))
    if montado != exame.id_dps:
        yield "E0004"
    if dps.texto("tpAmb") != str(exame.opcoes["ambiente"]):
        yield "E0006"
    if exame.emissao > exame.agora:
        yield "E0008"
    if int(dps.texto("serie")) not in (_SERIES_DA_WEB if exame.web else _SERIES_PROPRIAS):
        yield "E0010"
    if exame.competencia > exame.emissao.date():
        yield "E0015"
    if exame.competencia.isoformat() < exame.municipio.inicio:
        yield "E0016"
    if dps.texto("tpEmit") != _PRESTADOR:
        yield "E9996"
    elif dps.tem("cMotivoEmisTI") or dps.tem("chNFSeRej"):
        yield "E0029"


def do_municipio(exame: Exame) -> Iterator[str]:
    """A MEI issues wherever it is."""
    if municipio_do_ibge(exame.dps.texto("cLocEmi")) is None:
        yield "E0037"
    elif exame.simples != MEI:
        if exame.municipio.aderente != 1:
            yield "E0037"
        elif exame.municipio.ativo != 1:
            yield "E0038"
        elif exame.municipio.emissor_nacional != 1:
            yield "E0039"


def do_prestador(exame: Exame) -> Iterator[str]:
    dps, registro = exame.dps, exame.registro
    if dps.tem("prest/CPF"):
        if not cpf_valido(exame.prestador):
            yield "E0096"
            return
    elif not cnpj_valido(exame.prestador):
        yield "E0080"
        return
    if registro is None and not exame.opcoes["cadastro_aberto"]:
        yield "E0082"
    if registro is not None:
        if registro.abertura is not None and exame.competencia < registro.abertura:
            yield "E0018"
        if registro.municipio and registro.municipio != dps.texto("cLocEmi"):
            yield "E0084"
    yield from _inscricao(exame)
    if dps.texto("tpEmit") == _PRESTADOR:
        if dps.tem("prest/xNome"):
            yield "E0121"
        if dps.tem("prest/end"):
            yield "E0128"


def _inscricao(exame: Exame) -> Iterator[str]:
    informada = exame.dps.texto("prest/IM")
    do_cnc = exame.registro.im if exame.registro is not None else ""
    if do_cnc and not informada:
        yield "E0116"
    elif informada and not do_cnc:
        yield "E0120"
    elif informada.zfill(15) != do_cnc.zfill(15):
        yield "E0119"


def do_regime(exame: Exame) -> Iterator[str]:
    conhecida = cadastro.opcao_do_simples(exame.registro, exame.competencia)
    if conhecida and conhecida != exame.simples:
        yield "E0160"
    if exame.simples == ME_EPP:
        if not exame.apuracao:
            yield "E0166"
    elif exame.apuracao:
        yield "E0162"
    if exame.regime_especial == _NENHUM_REGIME:
        return
    if not exame.tributavel:
        yield "E0172"
    if exame.simples == MEI:
        yield "E0174"
    elif exame.apuracao == REGIME_UNICO:
        yield "E0175"
    elif not exame.municipio.admite_regime(exame.regime_especial):
        yield "E0178"
