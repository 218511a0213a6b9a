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
from sandbox.integranotas.notas.tributos import Apurado, reais, tributos_nacionais, valores_nacionais, valores_nfse
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


def _apurado(nota: Nota) -> Apurado:
    """The sums over what was sent: the items of v1, the block of v2. A note that tells no ISS has none."""
    linhas = [_achatada(linha) for linha in pedido.linhas(nota.pedido)]
    retido = any(linha.get("iss_retido") for linha in (*linhas, nota.pedido["servico"]))

    def soma(*campos: str) -> Decimal:
        return sum((Decimal(str(linha.get(campo) or 0)) for linha in linhas for campo in campos), Decimal("0.00"))

    iss, descontos = soma("valor_iss"), soma("valor_desconto_incondicionado")
    base = soma("valor_servicos") - descontos - soma("valor_deducoes")
    retencoes = {tributo: soma(f"valor_{tributo}") for tributo in ("ir", "pis", "cofins", "csll", "inss")}
    return Apurado(
        nota.valor,
        retencoes | ({"iss": iss} if retido else {}),
        iss,
        base if iss else None,
        iss * 100 / base if iss and base else None,
        descontos,
        soma("valor_outras"),
    )


def _achatada(linha: Mapping[str, Any]) -> dict[str, Any]:
    """A line of v1; one of v2 with its taxes brought to the top, under the names of v1."""
    plana = {**linha, **(linha.get("tributos_nacionais") or {}), **(linha.get("tributos_municipais") or {})}
    return plana | {"valor_aliquota": plana.get("valor_aliquota") or plana.get("aliquota_iss")}


def na_prefeitura(nota: Nota, emitente: Emitente) -> bytes:
    """What the town's own site gives of a note: where it is national and cancelled there, the event that says so."""
    quando = _cancelada_em(nota)
    if nota.comportamento["padrao"] == NACIONAL and quando:
        return evento(nota.chave_nacional or nota.chave, emitente.documento, quando)
    return desenhar(nota, emitente)


def desenhar(nota: Nota, emitente: Emitente) -> bytes:
    corpo = _nacional(nota, emitente) if nota.comportamento["padrao"] == NACIONAL else _abrasf(nota, emitente)
    return (CABECALHO + corpo).encode()


def _abrasf(nota: Nota, emitente: Emitente) -> str:
    apurado = _apurado(nota)
    iss_retido = no("IssRetido", 1 if apurado.retem("iss") else 2)
    servicos = "".join(_servico(_achatada(linha), iss_retido) for linha in pedido.linhas(nota.pedido))
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
        + valores_nfse(apurado)
        + f"<PrestadorServico>{no('RazaoSocial', emitente.dados.get('razao'))}</PrestadorServico>"
        + f"<OrgaoGerador>{no('CodigoMunicipio', nota.municipio)}</OrgaoGerador>"
        + f"<DeclaracaoPrestacaoServico><InfDeclaracaoPrestacaoServico>{declaracao}"
        + "</InfDeclaracaoPrestacaoServico></DeclaracaoPrestacaoServico>"
    )
    return (
        f'<CompNfse xmlns="{ABRASF}"><Nfse versao="2.04"><InfNfse Id="{nota.chave}">{info}</InfNfse></Nfse>'
        f"{_cancelamento_abrasf(nota)}</CompNfse>"
    )


def _servico(linha: Mapping[str, Any], iss_retido: str) -> str:
    valores = "".join(
        no(nome, linha.get(campo))
        for nome, campo in (
            ("ValorServicos", "valor_servicos"),
            ("ValorDeducoes", "valor_deducoes"),
            ("ValorPis", "valor_pis"),
            ("ValorCofins", "valor_cofins"),
            ("ValorInss", "valor_inss"),
            ("ValorIr", "valor_ir"),
            ("ValorCsll", "valor_csll"),
            ("OutrasRetencoes", "valor_outras"),
            ("ValorIss", "valor_iss"),
            ("Aliquota", "valor_aliquota"),
            ("DescontoIncondicionado", "valor_desconto_incondicionado"),
        )
    )
    return (
        f"<Servico><Valores>{valores}</Valores>{iss_retido}{no('ItemListaServico', linha.get('codigo'))}"
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
    servico, tomador, apurado = nota.pedido["servico"], nota.pedido["tomador"]["razao_social"], _apurado(nota)
    dia = nota.emissao.astimezone(BRASILIA).date()
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
        + f"<valores><vServPrest>{reais('vServ', nota.valor)}</vServPrest>"
        + (f"<vDescCondIncond>{reais('vDescIncond', apurado.descontos)}</vDescCondIncond>" if apurado.descontos else "")
        + f"{tributos_nacionais(apurado, dia, debito=False)}</valores>"
    )
    info = (
        no("nNFSe", nota.numero_nfse)
        + no("cStat", 100)  # a cancellation is an event, and changes nothing in the file
        + no("dhProc", _instante(nota))
        + f"<emit>{documento_(emitente.documento, 'CNPJ', 'CPF')}{no('xNome', emitente.dados.get('razao'))}</emit>"
        + valores_nacionais(apurado)
        + no("xOutInf", AVISO)
        + f"<DPS><infDPS>{dps}</infDPS></DPS>"
    )
    chave = nota.chave_nacional or nota.chave
    return f'<NFSe xmlns="{NACIONAL_NS}" versao="1.00"><infNFSe Id="NFS{chave}">{info}</infNFSe></NFSe>'


def evento(chave: str, autor: str, quando: str) -> bytes:
    """The event by which the emitter cancels a national note."""
    motivo = no("xDesc", "Cancelamento de NFS-e") + no("cMotivo", 1) + no("xMotivo", f"Erro na emissão - {AVISO}")
    quem = documento_(autor, "CNPJAutor", "CPFAutor")
    pedido_ = no("tpAmb", 2) + no("dhEvento", quando) + quem + no("chNFSe", chave) + f"<e101101>{motivo}</e101101>"
    registro = f'<pedRegEvento versao="1.01"><infPedReg Id="PRE{chave}101101">{pedido_}</infPedReg></pedRegEvento>'
    info = no("ambGer", 2) + no("nSeqEvento", 1) + no("dhProc", quando) + registro
    return (
        f'{CABECALHO}<evento xmlns="{NACIONAL_NS}" versao="1.01"><infEvento Id="EVT{chave}101101001">{info}</infEvento>'
        "</evento>"
    ).encode()
