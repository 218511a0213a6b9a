"""The XML of a note that somebody issued to an emitente, with its withholdings, in the layout of its town."""

from decimal import Decimal

from sandbox.integranotas.models import NACIONAL, PROPRIO, Recebida
from sandbox.integranotas.notas.tributos import (
    Apurado,
    reais,
    tributos_nacionais,
    valores_nacionais,
    valores_nfse,
)
from sandbox.integranotas.notas.xml import ABRASF, AVISO, CABECALHO, NACIONAL_NS, documento_, evento, no
from sandbox.nucleo.ajustes import BRASILIA

_ALIQUOTA = Decimal(2)  # percent, of notes whose ISS the provider pays itself


def desenhar(nota: Recebida) -> bytes:
    leiaute = {NACIONAL: _nacional, PROPRIO: _proprio}.get(nota.leiaute, _abrasf)
    return (CABECALHO + leiaute(nota)).encode()


def _apurado(nota: Recebida) -> Apurado:
    """Every note has an ISS, whoever pays it."""
    retencoes = {tributo: Decimal(valor) for tributo, valor in nota.retencoes.items()}
    iss = retencoes.get("iss") or nota.valor * _ALIQUOTA / 100
    return Apurado(nota.valor, retencoes, iss, nota.valor, iss * 100 / nota.valor if nota.valor else _ALIQUOTA)


def _emissao(nota: Recebida) -> str:
    return nota.emissao.astimezone(BRASILIA).isoformat(timespec="seconds")


def _abrasf(nota: Recebida) -> str:
    apurado = _apurado(nota)
    federais = (("ValorPis", "pis"), ("ValorCofins", "cofins"), ("ValorInss", "inss"), ("ValorIr", "ir"))
    retidos = [*federais, ("ValorCsll", "csll")]
    valores = reais("ValorServicos", nota.valor)
    valores += "".join(reais(nome, apurado.retencoes.get(tributo)) for nome, tributo in retidos)
    valores += reais("ValorIss", apurado.iss) + reais("Aliquota", apurado.aliquota)
    iss_retido = no("IssRetido", 1 if apurado.retem("iss") else 2)
    servico = f"<Valores>{valores}</Valores>{iss_retido}{no('Discriminacao', nota.discriminacao)}"
    declaracao = (
        f"{no('Competencia', nota.competencia)}<Servico>{servico}</Servico>"
        f"<Prestador><CpfCnpj>{documento_(nota.prestador)}</CpfCnpj></Prestador>"
        f"<TomadorServico>{documento_(nota.emitente.documento)}</TomadorServico>"
    )
    info = (
        no("Numero", nota.numero)
        + no("DataEmissao", _emissao(nota))
        + no("OutrasInformacoes", AVISO)
        + valores_nfse(apurado)
        + f"<PrestadorServico>{no('RazaoSocial', nota.nome)}</PrestadorServico>"
        + f"<OrgaoGerador>{no('CodigoMunicipio', nota.municipio)}</OrgaoGerador><DeclaracaoPrestacaoServico>"
        + f"<InfDeclaracaoPrestacaoServico>{declaracao}</InfDeclaracaoPrestacaoServico></DeclaracaoPrestacaoServico>"
    )
    corpo = f'<CompNfse xmlns="{ABRASF}"><Nfse versao="2.04"><InfNfse Id="{nota.chave}">{info}</InfNfse></Nfse>'
    if nota.cancelada:
        quando = nota.cancelada.astimezone(BRASILIA).isoformat()
        corpo += f"<NfseCancelamento>{no('DataHora', quando)}</NfseCancelamento>"
    return f"{corpo}</CompNfse>"


def _nacional(nota: Recebida) -> str:
    """The same file for ever: a cancellation is an event, and changes nothing in it."""
    apurado, dia = _apurado(nota), nota.emissao.astimezone(BRASILIA).date()
    dps = (
        no("tpAmb", 2)
        + no("dhEmi", _emissao(nota))
        + no("dCompet", nota.competencia or dia)
        + no("cLocEmi", nota.municipio)
        + f"<prest>{documento_(nota.prestador, 'CNPJ', 'CPF')}</prest>"
        + f"<toma>{documento_(nota.emitente.documento, 'CNPJ', 'CPF')}</toma>"
        + f"<serv><cServ>{no('xDescServ', nota.discriminacao)}</cServ></serv>"
        + f"<valores><vServPrest>{reais('vServ', nota.valor)}</vServPrest>"
        + f"{tributos_nacionais(apurado, dia, debito=True)}</valores>"
    )
    info = (
        no("nNFSe", nota.numero)
        + no("cStat", 100)
        + f"<emit>{documento_(nota.prestador, 'CNPJ', 'CPF')}{no('xNome', nota.nome)}</emit>"
        + valores_nacionais(apurado)
        + no("xOutInf", AVISO)
        + f"<DPS><infDPS>{dps}</infDPS></DPS>"
    )
    return f'<NFSe xmlns="{NACIONAL_NS}" versao="1.00"><infNFSe Id="NFS{nota.chave}">{info}</infNFSe></NFSe>'


def _proprio(nota: Recebida) -> str:
    return f"<notaDaCidade><aviso>{AVISO}</aviso>{no('numeroDaNota', nota.numero)}</notaDaCidade>"


def evento_de_cancelamento(nota: Recebida) -> bytes:
    quando = nota.cancelada.astimezone(BRASILIA).isoformat(timespec="seconds") if nota.cancelada else ""
    return evento(nota.chave, nota.prestador, quando)
