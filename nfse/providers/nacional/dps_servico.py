"""The group `serv` of the DPS: place, code and words of the service, and what some services ask for besides."""

from nfse.providers.interface import Obra
from nfse.providers.nacional.escrita import campo, dia, dinheiro, grupo, nome, paragrafos, restrito
from nfse.providers.nacional.partes import endereco_simples, so_algarismos
from nfse.providers.nacional.valores import ComercioExterior, Dps, Evento, Informacoes

_NENHUMA = Informacoes()


def servico(dps: Dps) -> str:
    primeiro = dps.emissao.itens[0]
    return grupo(
        "serv",
        grupo(
            "locPrest",
            campo("cPaisPrestacao", dps.pais_prestacao) or campo("cLocPrestacao", dps.emissao.municipio_prestacao),
        ),
        grupo(
            "cServ",
            campo("cTribNac", primeiro.codigo.strip()),
            campo("cTribMun", primeiro.codigo_municipal.strip()),
            campo("xDescServ", descricao(dps)),
            campo("cNBS", so_algarismos(primeiro.nbs)),
            campo("cIntContrib", dps.codigo_interno),
        ),
        _comercio_exterior(dps.comercio_exterior),
        _obra(dps.emissao.obra),
        _evento(dps.evento),
        _informacoes(dps),
    )


def descricao(dps: Dps) -> str:
    """One text of all items: the layout has one service, and no lines."""
    return paragrafos("\n".join(item.descricao for item in dps.emissao.itens))


def _comercio_exterior(comercio: ComercioExterior | None) -> str:
    if comercio is None:
        return ""
    return grupo(
        "comExt",
        campo("mdPrestacao", comercio.modo),
        campo("vincPrest", comercio.vinculo),
        campo("tpMoeda", comercio.moeda),
        campo("vServMoeda", dinheiro(comercio.valor)),
        campo("mecAFComexP", comercio.mecanismo_prestador),
        campo("mecAFComexT", comercio.mecanismo_tomador),
        campo("movTempBens", comercio.bens_temporarios),
        campo("nDI", restrito(comercio.importacao)),
        campo("nRE", restrito(comercio.exportacao)),
        campo("mdic", comercio.mdic),
    )


def _obra(obra: Obra | None) -> str:
    if obra is None:
        return ""
    return grupo(
        "obra",
        campo("inscImobFisc", nome(obra.inscricao_imobiliaria)),
        campo("cObra", nome(obra.codigo)) or campo("cCIB", nome(obra.cib)) or endereco_simples(obra.endereco),
    )


def _evento(evento: Evento | None) -> str:
    if evento is None:
        return ""
    return grupo(
        "atvEvento",
        campo("xNome", restrito(evento.nome)),
        campo("dtIni", dia(evento.inicio)),
        campo("dtFim", dia(evento.fim)),
        campo("idAtvEvt", nome(evento.codigo)) or endereco_simples(evento.endereco),
    )


def _informacoes(dps: Dps) -> str:
    mais = dps.informacoes or _NENHUMA
    art = dps.emissao.obra.art if dps.emissao.obra else ""
    return grupo(
        "infoCompl",
        campo("idDocTec", nome(mais.documento_tecnico or art)),
        campo("docRef", restrito(mais.documento_referido)),
        campo("xPed", restrito(mais.pedido)),
        grupo("gItemPed", *(campo("xItemPed", restrito(item)) for item in mais.itens_do_pedido)),
        campo("xInfComp", restrito(dps.emissao.observacao)),
    )
