"""From the values of a note to the XML of its DPS, layout 1.01, in the order of the schema.

Nothing is decided here but form: what is sent and what is withheld comes from the table of presencas.py, what is wrong
from problemas.py. Text that the layout restricts is transliterated (escrita.restrito).
"""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from nfse.providers.nacional import presencas
from nfse.providers.nacional.dps_ibscbs import ibscbs
from nfse.providers.nacional.dps_servico import servico
from nfse.providers.nacional.dps_valores import valores
from nfse.providers.nacional.escrita import Montado, campo, dia, grupo, instante, nome, restrito
from nfse.providers.nacional.identificadores import id_dps
from nfse.providers.nacional.partes import pessoa, so_algarismos
from nfse.providers.nacional.valores import Dps, Emitente, Substituicao

APLICATIVO = "Guiche"
BRASILIA = ZoneInfo("America/Sao_Paulo")
# The Sefin refuses what is later than its own clock (E0008): whoever dates a DPS says the present less this.
FOLGA = timedelta(seconds=60)


def montar(dps: Dps, *, aplicativo: str = APLICATIVO) -> Montado:
    """The document, ready to be signed. Raises IdentificadorInvalido when the Id cannot be made, ValueError when an
    amount has more than two decimals: problemas() says both in words, and comes first."""
    emissao = dps.emissao
    identificador = id_dps(dps.emitente.municipio, dps.emitente.documento, emissao.serie, emissao.numero or 0)
    quando, tracos = dia_do_servico(dps), presencas.tracos(dps)
    corpo = "".join(
        (
            campo("tpAmb", "1" if dps.producao else "2"),
            campo("dhEmi", instante(emissao.emissao.astimezone(BRASILIA))),
            campo("verAplic", aplicativo),
            campo("serie", str(int(emissao.serie))),
            campo("nDPS", str(emissao.numero)),
            campo("dCompet", dia(quando)),
            campo("tpEmit", "1"),
            campo("cLocEmi", dps.emitente.municipio),
            _substituicao(dps.substituicao),
            _prestador(dps, tracos, quando),
            pessoa("toma", emissao.tomador),
            pessoa("interm", emissao.intermediario),
            servico(dps),
            valores(dps, tracos, quando),
            ibscbs(dps) if presencas.vai("IBSCBS", tracos, quando) else "",
        )
    )
    return Montado("DPS", "infDPS", identificador, corpo)


def dia_do_servico(dps: Dps) -> date:
    """dCompet: the day told; else that of the emission, or the last of an earlier competência."""
    if dps.data_servico is not None:
        return dps.data_servico
    emitida = dps.emissao.emissao.astimezone(BRASILIA).date()
    mes = dps.emissao.competencia
    ultimo = (mes.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return min(emitida, ultimo)


def _prestador(dps: Dps, tracos: frozenset[str], quando: date) -> str:
    emitente: Emitente = dps.emitente
    regime = grupo(
        "regTrib",
        campo("opSimpNac", emitente.simples),
        campo("regApTribSN", dps.emissao.regime_apuracao) if presencas.vai("regApTribSN", tracos, quando) else "",
        campo("regEspTrib", dps.regime_especial),
    )
    return grupo(
        "prest",
        campo("CNPJ" if len(emitente.documento) == 14 else "CPF", emitente.documento),
        campo("CAEPF", so_algarismos(emitente.caepf)),
        campo("IM", nome(emitente.inscricao_municipal)),
        campo("fone", so_algarismos(emitente.telefone)),
        campo("email", restrito(emitente.email)),
        regime,
    )


def _substituicao(substituicao: Substituicao | None) -> str:
    if substituicao is None:
        return ""
    return grupo(
        "subst",
        campo("chSubstda", substituicao.chave),
        campo("cMotivo", substituicao.codigo),
        campo("xMotivo", restrito(substituicao.motivo)),
    )
