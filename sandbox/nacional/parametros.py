"""The parameters of a município as `/parametrizacao` gives them. Keys are camelCase inside wrappers that are not."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from sandbox.municipios import municipio as municipio_do_ibge
from sandbox.nacional import municipios
from sandbox.nacional.codigos import sem_codigo
from sandbox.nacional.municipios import ParametrosMunicipais
from sandbox.nacional.servicos import servicos

_PONTUADO = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{2})\.[0-9]{3}", re.ASCII)
_REGIMES = ("1", "2", "3", "4", "5", "6", "9")


def _municipio(opcoes: Mapping[str, Any], ibge: str) -> ParametrosMunicipais:
    if municipio_do_ibge(ibge) is None:
        raise sem_codigo(400, "O código do município é inválido.")
    achado = municipios.de(opcoes, ibge)
    if achado.aderente != 1:
        raise sem_codigo(404, "O município não parametrizou o convênio com o Sistema Nacional NFS-e.")
    return achado


def _dia(texto: str) -> date:
    try:
        return date.fromisoformat(texto)
    except ValueError:
        raise sem_codigo(400, "A competência deve ser AAAA-MM-DD.") from None


def _codigo(opcoes: Mapping[str, Any], servico: str) -> str:
    """The six digits of a service: some servers want 01.07.01.000 in the route."""
    escrito = _PONTUADO.fullmatch(servico)
    codigo = "".join(escrito.groups()) if escrito else servico
    if bool(escrito) != opcoes["servico_pontuado"] or codigo not in servicos():
        raise sem_codigo(400, "O código do serviço é inválido.")
    return codigo


def _vigencias(opcoes: Mapping[str, Any], municipio: str, servico: str) -> list[dict[str, Any]]:
    parametros = _municipio(opcoes, municipio)
    linhas = parametros.vigencias(_codigo(opcoes, servico))
    if not linhas:
        raise sem_codigo(404, "O município não parametrizou a alíquota do serviço.")
    return linhas


def _aliquota(linha: dict[str, Any]) -> dict[str, Any]:
    fim = linha.get("fim")
    return {
        "Incidencia": "Própria",
        "Aliq": float(linha["aliq"]),
        "DtIni": f"{linha['inicio']}T00:00:00",
        "DtFim": f"{fim}T00:00:00" if fim else None,
    }


def convenio(opcoes: Mapping[str, Any], municipio: str) -> dict[str, Any]:
    if municipio_do_ibge(municipio) is None:
        raise sem_codigo(400, "O código do município é inválido.")
    dele = municipios.de(opcoes, municipio)
    return {
        "mensagem": None,
        "parametrosConvenio": {
            "tipoConvenio": dele.tipo_convenio,
            "aderenteAmbienteNacional": dele.aderente,
            "aderenteEmissorNacional": dele.emissor_nacional,
            "situacaoEmissaoPadraoContribuintesRFB": dele.ativo,
            "aderenteMAN": dele.man,
            "permiteAproveitametoDeCreditos": dele.creditos,
        },
    }


def aliquota(opcoes: Mapping[str, Any], municipio: str, servico: str, competencia: str) -> dict[str, Any]:
    dia = _dia(competencia).isoformat()
    linhas = [
        linha
        for linha in _vigencias(opcoes, municipio, servico)
        if linha["inicio"] <= dia and (not linha.get("fim") or dia <= linha["fim"])
    ]
    if not linhas:
        raise sem_codigo(404, "O município não parametrizou a alíquota do serviço na competência.")
    return {"mensagem": None, "aliquotas": {servico: [_aliquota(linha) for linha in linhas]}}


def historico(opcoes: Mapping[str, Any], municipio: str, servico: str) -> dict[str, Any]:
    linhas = _vigencias(opcoes, municipio, servico)
    return {"mensagem": None, "aliquotas": {servico: [_aliquota(linha) for linha in linhas]}}


def regimes_especiais(opcoes: Mapping[str, Any], municipio: str, servico: str, competencia: str) -> dict[str, Any]:
    _dia(competencia)
    dele = _municipio(opcoes, municipio)
    _vigencias(opcoes, municipio, servico)
    situacoes = {regime: [{"situacao": dele.regimes.get(regime, 1)}] for regime in _REGIMES}
    return {"mensagem": None, "regimesEspeciais": {servico: situacoes}}


def retencoes(opcoes: Mapping[str, Any], municipio: str, competencia: str) -> dict[str, Any]:
    _dia(competencia)
    dele = _municipio(opcoes, municipio)
    municipais = [{"descricao": "Retenção por pessoa física", "habilitado": True}] if dele.retencao_cpf else []
    return {
        "mensagem": None,
        "retencoes": {"artigoSexto": {"habilitado": dele.artigo_sexto}, "retencoesMunicipais": municipais},
    }


def beneficio(opcoes: Mapping[str, Any], municipio: str, beneficio: str, competencia: str) -> dict[str, Any]:
    _dia(competencia)
    achado = _municipio(opcoes, municipio).beneficios.get(beneficio)
    if achado is None:
        raise sem_codigo(404, "O município não parametrizou o benefício.")
    return {"mensagem": None, "beneficio": {"numero": beneficio, **achado}}
