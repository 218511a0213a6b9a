"""The XML of a note: the layout of ABRASF for municipal towns, the one of the national system for the others.

Both carry what identifies the note and its values, are drawn from the same row every time to the same bytes, and say
SEM VALOR FISCAL.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from sandbox.integranotas.comportamento import NACIONAL
from sandbox.integranotas.models import Emitente, Nota, Recebida
from sandbox.integranotas.notas import pedido
from sandbox.nucleo.ajustes import BRASILIA

AVISO = "SEM VALOR FISCAL"
_ABRASF = "http://www.abrasf.org.br/nfse.xsd"
_NACIONAL = "http://www.sped.fazenda.gov.br/nfse"
_CABECALHO = f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- {AVISO}: documento de teste do sandbox -->\n'


def _no(nome: str, valor: object) -> str:
    return "" if valor in (None, "") else f"<{nome}>{escape(str(valor))}</{nome}>"


def _documento(documento: str, cnpj: str = "Cnpj", cpf: str = "Cpf") -> str:
    return _no(cpf if len(documento) == 11 else cnpj, documento)


def _instante(nota: Nota) -> str:
    return (nota.autorizada or nota.criada).astimezone(BRASILIA).isoformat(timespec="seconds")


def _soma(nota: Nota, campo: str) -> Decimal:
    linhas = pedido.linhas(nota.pedido)
    partes = [linha.get(campo) or (linha.get("tributos_municipais") or {}).get(campo) for linha in linhas]
    return sum((Decimal(str(parte)) for parte in partes if parte), Decimal("0.00"))


def desenhar(nota: Nota, emitente: Emitente) -> bytes:
    corpo = _nacional(nota, emitente) if nota.comportamento["padrao"] == NACIONAL else _abrasf(nota, emitente)
    return (_CABECALHO + corpo).encode()


def _abrasf(nota: Nota, emitente: Emitente) -> str:
    servicos = "".join(_servico(linha) for linha in pedido.linhas(nota.pedido))
    prestador = _documento(emitente.documento) + _no("InscricaoMunicipal", emitente.dados.get("im"))
    rps = _no("Numero", nota.numero) + _no("Serie", nota.serie) + _no("Tipo", 1)
    declaracao = (
        f"<Rps><IdentificacaoRps>{rps}</IdentificacaoRps>{_no('DataEmissao', nota.emissao.date())}</Rps>"
        f"{_no('Competencia', nota.competencia)}{servicos}<Prestador>{prestador}</Prestador>{_tomador(nota)}"
    )
    info = (
        _no("Numero", nota.numero_nfse)
        + _no("CodigoVerificacao", nota.codigo_verificacao)
        + _no("DataEmissao", _instante(nota))
        + _no("OutrasInformacoes", AVISO)
        + f"<ValoresNfse>{_no('ValorLiquidoNfse', f'{nota.valor:.2f}')}</ValoresNfse>"
        + f"<PrestadorServico>{_no('RazaoSocial', emitente.dados.get('razao'))}</PrestadorServico>"
        + f"<OrgaoGerador>{_no('CodigoMunicipio', nota.municipio)}</OrgaoGerador>"
        + f"<DeclaracaoPrestacaoServico>{declaracao}</DeclaracaoPrestacaoServico>"
    )
    return (
        f'<CompNfse xmlns="{_ABRASF}"><Nfse versao="2.04"><InfNfse Id="{nota.chave}">{info}</InfNfse></Nfse>'
        f"{_cancelamento_abrasf(nota)}</CompNfse>"
    )


def _servico(linha: Mapping[str, Any]) -> str:
    valores = "".join(
        _no(nome, linha.get(campo))
        for nome, campo in (
            ("ValorServicos", "valor_servicos"),
            ("ValorDeducoes", "valor_deducoes"),
            ("DescontoIncondicionado", "valor_desconto_incondicionado"),
            ("ValorPis", "valor_pis"),
            ("ValorCofins", "valor_cofins"),
            ("ValorInss", "valor_inss"),
            ("ValorIr", "valor_ir"),
            ("ValorCsll", "valor_csll"),
            ("Aliquota", "valor_aliquota"),
            ("ValorIss", "valor_iss"),
        )
    )
    return (
        f"<Servico><Valores>{valores}</Valores>{_no('ItemListaServico', linha.get('codigo'))}"
        f"{_no('CodigoTributacaoMunicipio', linha.get('codigo_tributacao_municipio'))}"
        f"{_no('Discriminacao', linha['discriminacao'])}</Servico>"
    )


def _tomador(nota: Nota) -> str:
    tomador = nota.pedido["tomador"]
    lugar = tomador["endereco"]
    endereco = "".join(
        _no(nome, lugar.get(campo))
        for nome, campo in (
            ("Endereco", "logradouro"),
            ("Numero", "numero"),
            ("Complemento", "complemento"),
            ("Bairro", "bairro"),
            ("CodigoMunicipio", "codigo_municipio"),
            ("Uf", "uf"),
            ("Cep", "cep"),
        )
    )
    quem = f"<CpfCnpj>{_documento(nota.tomador)}</CpfCnpj>{_no('InscricaoMunicipal', tomador.get('im'))}"
    return (
        f"<TomadorServico><IdentificacaoTomador>{quem}</IdentificacaoTomador>"
        f"{_no('RazaoSocial', tomador['razao_social'])}<Endereco>{endereco}</Endereco></TomadorServico>"
    )


def _cancelada_em(nota: Nota) -> str:
    instante = nota.cancelada or (nota.prefeitura_em if nota.prefeitura == "cancelada" else None)
    return instante.astimezone(BRASILIA).isoformat(timespec="seconds") if instante else ""


def _cancelamento_abrasf(nota: Nota) -> str:
    if not (quando := _cancelada_em(nota)):
        return ""
    pedido_ = _no("Numero", nota.numero_nfse) + _no("CodigoCancelamento", nota.codigo_cancelamento)
    return (
        f"<NfseCancelamento><Confirmacao><Pedido>{pedido_}</Pedido>{_no('DataHora', quando)}</Confirmacao>"
        "</NfseCancelamento>"
    )


def _nacional(nota: Nota, emitente: Emitente) -> str:
    servico, tomador = nota.pedido["servico"], nota.pedido["tomador"]["razao_social"]
    codigo = _no("cTribNac", servico.get("codigo")) + _no("xDescServ", servico["discriminacao"])
    codigo += _no("cNBS", servico.get("codigo_nbs"))
    dps = (
        _no("tpAmb", 2)
        + _no("dhEmi", nota.emissao.isoformat(timespec="seconds"))
        + _no("serie", nota.serie)
        + _no("nDPS", nota.numero)
        + _no("dCompet", nota.competencia)
        + _no("cLocEmi", nota.municipio)
        + f"<prest>{_documento(emitente.documento, 'CNPJ', 'CPF')}</prest>"
        + f"<toma>{_documento(nota.tomador, 'CNPJ', 'CPF')}{_no('xNome', tomador)}</toma>"
        + f"<serv><cServ>{codigo}</cServ></serv>"
        + f"<valores><vServPrest>{_no('vServ', f'{nota.valor:.2f}')}</vServPrest></valores>"
    )
    info = (
        _no("nNFSe", nota.numero_nfse)
        + _no("xOutInf", AVISO)
        + _no("cStat", 101 if _cancelada_em(nota) else 100)
        + _no("dhProc", _cancelada_em(nota) or _instante(nota))
        + f"<emit>{_documento(emitente.documento, 'CNPJ', 'CPF')}{_no('xNome', emitente.dados.get('razao'))}</emit>"
        + f"<valores>{_no('vISSQN', f'{_soma(nota, "valor_iss"):.2f}')}{_no('vLiq', f'{nota.valor:.2f}')}</valores>"
        + f"<DPS><infDPS>{dps}</infDPS></DPS>"
    )
    chave = nota.chave_nacional or nota.chave
    return f'<NFSe xmlns="{_NACIONAL}" versao="1.00"><infNFSe Id="NFS{chave}">{info}</infNFSe></NFSe>'


def recebida(nota: Recebida) -> bytes:
    info = (
        _no("Numero", nota.numero)
        + _no("DataEmissao", nota.emissao.astimezone(BRASILIA).isoformat(timespec="seconds"))
        + _no("OutrasInformacoes", AVISO)
        + f"<ValoresNfse>{_no('ValorLiquidoNfse', f'{nota.valor:.2f}')}</ValoresNfse>"
        + f"<PrestadorServico><Prestador>{_documento(nota.prestador)}</Prestador>{_no('RazaoSocial', nota.nome)}"
        + f"</PrestadorServico><OrgaoGerador>{_no('CodigoMunicipio', nota.municipio)}</OrgaoGerador>"
        + f"<DeclaracaoPrestacaoServico><Servico>{_no('Discriminacao', nota.discriminacao)}</Servico>"
        + f"<TomadorServico>{_documento(nota.emitente.documento)}</TomadorServico></DeclaracaoPrestacaoServico>"
    )
    corpo = f'<CompNfse xmlns="{_ABRASF}"><Nfse versao="2.04"><InfNfse Id="{nota.chave}">{info}</InfNfse></Nfse>'
    if nota.cancelada:
        corpo += (
            f"<NfseCancelamento>{_no('DataHora', nota.cancelada.astimezone(BRASILIA).isoformat())}</NfseCancelamento>"
        )
    return f"{_CABECALHO}{corpo}</CompNfse>".encode()


def evento_de_cancelamento(nota: Recebida) -> bytes:
    quando = nota.cancelada.astimezone(BRASILIA).isoformat(timespec="seconds") if nota.cancelada else ""
    info = _no("chNFSe", nota.chave) + _no("dhEvento", quando) + _no("xDesc", f"Cancelamento - {AVISO}")
    return f'{_CABECALHO}<evento xmlns="{_NACIONAL}"><infEvento>{info}</infEvento></evento>'.encode()
