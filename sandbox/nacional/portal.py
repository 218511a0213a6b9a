"""Notes that somebody issued on the service's own portal: to one of our companies, or by one of them behind the back of
whoever follows its numbers. They carry an unsigned DPS of the series of the portal."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sandbox.municipios import municipio as municipio_do_ibge
from sandbox.nacional import cadastro, chaves, emissao, pacote
from sandbox.nacional.calculo import ME_EPP, MEI, arredondar
from sandbox.nacional.esquema import NS
from sandbox.nacional.models import Nota
from sandbox.nacional.nfse import instante
from sandbox.nacional.opcoes import Opcoes
from sandbox.nacional.texto_xml import campo, grupo, se_houver
from sandbox.nucleo.livro import gravacao, proximo

SERIE = "70000"
SERVICO_PADRAO, MUNICIPIO_PADRAO = "170101", "4106902"


@dataclass(frozen=True)
class Pedido:
    """What is told of a note. `tomador` may be empty."""

    emitente: str
    tomador: str
    valor: Decimal
    competencia: date
    servico: str = SERVICO_PADRAO
    municipio: str = MUNICIPIO_PADRAO
    descricao: str = "Serviço emitido no portal"


def emitir(pedido: Pedido, opcoes: Opcoes, agora: datetime) -> Nota:
    """Raises Recusa as for any other DPS, the signature aside."""
    with gravacao():
        numero = str(proximo(f"nacional_portal_{pedido.emitente}"))
        xml = _dps(pedido, numero, opcoes, agora)
        return emissao.emitir(emissao.ler(pacote.fechar(xml), opcoes), opcoes, agora, "", web=True)


def _documento(documento: str) -> str:
    return campo("CPF" if len(documento) == 11 else "CNPJ", documento)


def _dps(pedido: Pedido, numero: str, opcoes: Opcoes, agora: datetime) -> bytes:
    registro = cadastro.inscrito(pedido.emitente)
    simples = cadastro.opcao_do_simples(registro, pedido.competencia) or ME_EPP
    total = campo("indTotTrib", 0) if simples == MEI else campo("pTotTribSN", "6.00")
    if simples not in (MEI, ME_EPP):
        partes = (campo(f"pTotTrib{ente}", "0.00") for ente in ("Fed", "Est", "Mun"))
        total = grupo("pTotTrib", *partes)
    corpo = "".join(
        (
            campo("tpAmb", opcoes["ambiente"]),
            campo("dhEmi", instante(agora)),
            campo("verAplic", "EmissorWeb"),
            campo("serie", SERIE),
            campo("nDPS", numero),
            campo("dCompet", pedido.competencia),
            campo("tpEmit", 1),
            campo("cLocEmi", pedido.municipio),
            grupo(
                "prest",
                _documento(pedido.emitente),
                se_houver("IM", registro.im if registro else ""),
                grupo(
                    "regTrib",
                    campo("opSimpNac", simples),
                    campo("regApTribSN", 1) if simples == ME_EPP else "",
                    campo("regEspTrib", 0),
                ),
            ),
            _tomador(pedido) if pedido.tomador else "",
            grupo(
                "serv",
                grupo("locPrest", campo("cLocPrestacao", pedido.municipio)),
                grupo("cServ", campo("cTribNac", pedido.servico), campo("xDescServ", pedido.descricao)),
            ),
            grupo(
                "valores",
                grupo("vServPrest", campo("vServ", arredondar(pedido.valor))),
                grupo(
                    "trib",
                    grupo("tribMun", campo("tribISSQN", 1), campo("tpRetISSQN", 1)),
                    grupo("totTrib", total),
                ),
            ),
        )
    )
    id_dps = chaves.id_dps(pedido.municipio, pedido.emitente, SERIE, numero)
    return f'<DPS xmlns="{NS}" versao="1.01"><infDPS Id="{id_dps}">{corpo}</infDPS></DPS>'.encode()


def _tomador(pedido: Pedido) -> str:
    local = municipio_do_ibge(pedido.municipio)
    return grupo(
        "toma",
        _documento(pedido.tomador),
        campo("xNome", cadastro.nome(pedido.tomador, cadastro.inscrito(pedido.tomador))),
        grupo(
            "end",
            grupo("endNac", campo("cMun", local.ibge if local else pedido.municipio), campo("CEP", "80010000")),
            campo("xLgr", "Rua de Teste"),
            campo("nro", "1"),
            campo("xBairro", "Centro"),
        ),
    )
