"""The XML of a note: the layout of ABRASF for municipal towns, the one of the national system for the others.

Both carry what identifies the note and its values, are drawn from the same row every time to the same bytes, and say
SEM VALOR FISCAL.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from sandbox.integranotas.comportamento import NACIONAL
from sandbox.integranotas.models import Emitente, Nota
from sandbox.integranotas.notas import pedido
from sandbox.nucleo.ajustes import BRASILIA

AVISO = "SEM VALOR FISCAL"
ABRASF = "http://www.abrasf.org.br/nfse.xsd"
NACIONAL_NS = "http://www.sped.fazenda.gov.br/nfse"
_PROIBIDOS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # no XML may have them
CABECALHO = f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- {AVISO}: documento de teste do sandbox -->\n'


def no(nome: str, valor: object) -> str:
    return "" if valor in (None, "") else f"<{nome}>{escape(_PROIBIDOS.sub(' ', str(valor)))}</{nome}>"


def documento_(documento: str, cnpj: str = "Cnpj", cpf: str = "Cpf") -> str:
    return no(cpf if len(documento) == 11 else cnpj, documento)


def _instante(nota: Nota) -> str:
    return (nota.autorizada or nota.criada).astimezone(BRASILIA).isoformat(timespec="seconds")


def _soma(nota: Nota, campo: str) -> Decimal:
    linhas = pedido.linhas(nota.pedido)
    partes = [linha.get(campo) or (linha.get("tributos_municipais") or {}).get(campo) for linha in linhas]
    return sum((Decimal(str(parte)) for parte in partes if parte), Decimal("0.00"))


def desenhar(nota: Nota, emitente: Emitente) -> bytes:
    corpo = _nacional(nota, emitente) if nota.comportamento["padrao"] == NACIONAL else _abrasf(nota, emitente)
    return (CABECALHO + corpo).encode()


def _abrasf(nota: Nota, emitente: Emitente) -> str:
    servicos = "".join(_servico(linha) for linha in pedido.linhas(nota.pedido))
    prestador = documento_(emitente.documento) + no("InscricaoMunicipal", emitente.dados.get("im"))
    rps = no("Numero", nota.numero) + no("Serie", nota.serie) + no("Tipo", 1)
    declaracao = (
        f"<Rps><IdentificacaoRps>{rps}</IdentificacaoRps>{no('DataEmissao', nota.emissao.date())}</Rps>"
        f"{no('Competencia', nota.competencia)}{servicos}<Prestador>{prestador}</Prestador>{_tomador(nota)}"
    )
    info = (
        no("Numero", nota.numero_nfse)
        + no("CodigoVerificacao", nota.codigo_verificacao)
        + no("DataEmissao", _instante(nota))
        + no("OutrasInformacoes", AVISO)
        + f"<ValoresNfse>{no('ValorLiquidoNfse', f'{nota.valor:.2f}')}</ValoresNfse>"
        + f"<PrestadorServico>{no('RazaoSocial', emitente.dados.get('razao'))}</PrestadorServico>"
        + f"<OrgaoGerador>{no('CodigoMunicipio', nota.municipio)}</OrgaoGerador>"
        + f"<DeclaracaoPrestacaoServico>{declaracao}</DeclaracaoPrestacaoServico>"
    )
    return (
        f'<CompNfse xmlns="{ABRASF}"><Nfse versao="2.04"><InfNfse Id="{nota.chave}">{info}</InfNfse></Nfse>'
        f"{_cancelamento_abrasf(nota)}</CompNfse>"
    )


def _servico(linha: Mapping[str, Any]) -> str:
    valores = "".join(
        no(nome, linha.get(campo))
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
        f"<Servico><Valores>{valores}</Valores>{no('ItemListaServico', linha.get('codigo'))}"
        f"{no('CodigoTributacaoMunicipio', linha.get('codigo_tributacao_municipio'))}"
        f"{no('Discriminacao', linha['discriminacao'])}</Servico>"
    )


def _tomador(nota: Nota) -> str:
    tomador = nota.pedido["tomador"]
    lugar = tomador["endereco"]
    endereco = "".join(
        no(nome, lugar.get(campo))
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
    quem = f"<CpfCnpj>{documento_(nota.tomador)}</CpfCnpj>{no('InscricaoMunicipal', tomador.get('im'))}"
    return (
        f"<TomadorServico><IdentificacaoTomador>{quem}</IdentificacaoTomador>"
        f"{no('RazaoSocial', tomador['razao_social'])}<Endereco>{endereco}</Endereco></TomadorServico>"
    )


def _cancelada_em(nota: Nota) -> str:
    instante = nota.cancelada or (nota.prefeitura_em if nota.prefeitura == "cancelada" else None)
    return instante.astimezone(BRASILIA).isoformat(timespec="seconds") if instante else ""


def _cancelamento_abrasf(nota: Nota) -> str:
    if not (quando := _cancelada_em(nota)):
        return ""
    pedido_ = no("Numero", nota.numero_nfse) + no("CodigoCancelamento", nota.codigo_cancelamento)
    return (
        f"<NfseCancelamento><Confirmacao><Pedido>{pedido_}</Pedido>{no('DataHora', quando)}</Confirmacao>"
        "</NfseCancelamento>"
    )


def _nacional(nota: Nota, emitente: Emitente) -> str:
    servico, tomador = nota.pedido["servico"], nota.pedido["tomador"]["razao_social"]
    codigo = no("cTribNac", servico.get("codigo")) + no("xDescServ", servico["discriminacao"])
    codigo += no("cNBS", servico.get("codigo_nbs"))
    dps = (
        no("tpAmb", 2)
        + no("dhEmi", nota.emissao.isoformat(timespec="seconds"))
        + no("serie", nota.serie)
        + no("nDPS", nota.numero)
        + no("dCompet", nota.competencia)
        + no("cLocEmi", nota.municipio)
        + f"<prest>{documento_(emitente.documento, 'CNPJ', 'CPF')}</prest>"
        + f"<toma>{documento_(nota.tomador, 'CNPJ', 'CPF')}{no('xNome', tomador)}</toma>"
        + f"<serv><cServ>{codigo}</cServ></serv>"
        + f"<valores><vServPrest>{no('vServ', f'{nota.valor:.2f}')}</vServPrest></valores>"
    )
    info = (
        no("nNFSe", nota.numero_nfse)
        + no("xOutInf", AVISO)
        + no("cStat", 101 if _cancelada_em(nota) else 100)
        + no("dhProc", _cancelada_em(nota) or _instante(nota))
        + f"<emit>{documento_(emitente.documento, 'CNPJ', 'CPF')}{no('xNome', emitente.dados.get('razao'))}</emit>"
        + f"<valores>{no('vISSQN', f'{_soma(nota, "valor_iss"):.2f}')}{no('vLiq', f'{nota.valor:.2f}')}</valores>"
        + f"<DPS><infDPS>{dps}</infDPS></DPS>"
    )
    chave = nota.chave_nacional or nota.chave
    return f'<NFSe xmlns="{NACIONAL_NS}" versao="1.00"><infNFSe Id="NFS{chave}">{info}</infNFSe></NFSe>'
