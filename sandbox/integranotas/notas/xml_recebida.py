"""The XML of a note that somebody issued to an emitente, with its withholdings, in the layout of its town."""

from collections.abc import Iterable
from decimal import Decimal

from sandbox.integranotas.models import NACIONAL, PROPRIO, Recebida
from sandbox.integranotas.notas.xml import ABRASF, AVISO, CABECALHO, NACIONAL_NS, documento_, no
from sandbox.nucleo.ajustes import BRASILIA

TRIBUTOS = ("iss", "ir", "pis", "cofins", "csll", "inss")


def desenhar(nota: Recebida) -> bytes:
    leiaute = {NACIONAL: _nacional, PROPRIO: _proprio}.get(nota.leiaute, _abrasf)
    return (CABECALHO + leiaute(nota)).encode()


def _retido(nota: Recebida, *tributos: str) -> Decimal:
    return sum((Decimal(nota.retencoes.get(tributo, "0")) for tributo in tributos), Decimal("0.00"))


def _valores(nota: Recebida, campos: Iterable[tuple[str, str]]) -> str:
    """The elements of the taxes that are withheld."""
    return "".join(no(nome, f"{_retido(nota, tributo):.2f}") for nome, tributo in campos if nota.retencoes.get(tributo))


def _liquido(nota: Recebida) -> str:
    return f"{nota.valor - _retido(nota, *TRIBUTOS):.2f}"


def _emissao(nota: Recebida) -> str:
    return nota.emissao.astimezone(BRASILIA).isoformat(timespec="seconds")


def _abrasf(nota: Recebida) -> str:
    federais = (("ValorPis", "pis"), ("ValorCofins", "cofins"), ("ValorInss", "inss"), ("ValorIr", "ir"))
    valores = no("ValorServicos", f"{nota.valor:.2f}") + _valores(nota, [*federais, ("ValorCsll", "csll")])
    valores += _valores(nota, [("ValorIss", "iss")])
    iss_retido = no("IssRetido", 1 if nota.retencoes.get("iss") else 2)
    servico = f"<Valores>{valores}</Valores>{iss_retido}{no('Discriminacao', nota.discriminacao)}"
    info = (
        no("Numero", nota.numero)
        + no("DataEmissao", _emissao(nota))
        + no("OutrasInformacoes", AVISO)
        + f"<ValoresNfse>{no('ValorLiquidoNfse', _liquido(nota))}</ValoresNfse>"
        + f"<PrestadorServico><Prestador>{documento_(nota.prestador)}</Prestador>{no('RazaoSocial', nota.nome)}"
        + f"</PrestadorServico><OrgaoGerador>{no('CodigoMunicipio', nota.municipio)}</OrgaoGerador>"
        + f"<DeclaracaoPrestacaoServico>{no('Competencia', nota.competencia)}<Servico>{servico}</Servico>"
        + f"<TomadorServico>{documento_(nota.emitente.documento)}</TomadorServico></DeclaracaoPrestacaoServico>"
    )
    corpo = f'<CompNfse xmlns="{ABRASF}"><Nfse versao="2.04"><InfNfse Id="{nota.chave}">{info}</InfNfse></Nfse>'
    if nota.cancelada:
        quando = nota.cancelada.astimezone(BRASILIA).isoformat()
        corpo += f"<NfseCancelamento>{no('DataHora', quando)}</NfseCancelamento>"
    return f"{corpo}</CompNfse>"


def _nacional(nota: Recebida) -> str:
    """tpRetISSQN: 1 not withheld, 2 by the taker. tpRetPisCofins: 1 withheld, 2 not."""
    retem_iss, retem_contribuicoes = bool(nota.retencoes.get("iss")), bool(_retido(nota, "pis", "cofins"))
    contribuicoes = _valores(nota, [("vPis", "pis"), ("vCofins", "cofins")])
    contribuicoes += no("tpRetPisCofins", 1 if retem_contribuicoes else 2)
    federais = _valores(nota, [("vRetCP", "inss"), ("vRetIRRF", "ir"), ("vRetCSLL", "csll")])
    municipal = f"<tribMun>{no('tpRetISSQN', 2 if retem_iss else 1)}</tribMun>"
    tributos = f"{municipal}<tribFed><piscofins>{contribuicoes}</piscofins>{federais}</tribFed>"
    dps = (
        no("tpAmb", 2)
        + no("dhEmi", _emissao(nota))
        + no("dCompet", nota.competencia or nota.emissao.astimezone(BRASILIA).date())
        + no("cLocEmi", nota.municipio)
        + f"<prest>{documento_(nota.prestador, 'CNPJ', 'CPF')}</prest>"
        + f"<toma>{documento_(nota.emitente.documento, 'CNPJ', 'CPF')}</toma>"
        + f"<serv><cServ>{no('xDescServ', nota.discriminacao)}</cServ></serv>"
        + f"<valores><vServPrest>{no('vServ', f'{nota.valor:.2f}')}</vServPrest><trib>{tributos}</trib></valores>"
    )
    valores = no("vISSQN", f"{_retido(nota, 'iss'):.2f}") if retem_iss else ""
    info = (
        no("nNFSe", nota.numero)
        + no("xOutInf", AVISO)
        + no("cStat", 101 if nota.cancelada else 100)
        + f"<emit>{documento_(nota.prestador, 'CNPJ', 'CPF')}{no('xNome', nota.nome)}</emit>"
        + f"<valores>{valores}{no('vLiq', _liquido(nota))}</valores><DPS><infDPS>{dps}</infDPS></DPS>"
    )
    return f'<NFSe xmlns="{NACIONAL_NS}" versao="1.00"><infNFSe Id="NFS{nota.chave}">{info}</infNFSe></NFSe>'


def _proprio(nota: Recebida) -> str:
    return f"<notaDaCidade><aviso>{AVISO}</aviso>{no('numeroDaNota', nota.numero)}</notaDaCidade>"


def evento_de_cancelamento(nota: Recebida) -> bytes:
    quando = nota.cancelada.astimezone(BRASILIA).isoformat(timespec="seconds") if nota.cancelada else ""
    info = no("chNFSe", nota.chave) + no("dhEvento", quando) + no("xDesc", f"Cancelamento - {AVISO}")
    return f'{CABECALHO}<evento xmlns="{NACIONAL_NS}"><infEvento>{info}</infEvento></evento>'.encode()
