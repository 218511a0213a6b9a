"""The group IBSCBS of the DPS: what is declared for IBS and CBS (LC 214/2025). The Sefin computes the amounts.

NT 009 rewrites this area without a schema yet: it will be another module, chosen by the version of the layout.
"""

from nfse.providers.interface import Pessoa
from nfse.providers.nacional.escrita import campo, dia, dinheiro, grupo, nome, percentual, restrito
from nfse.providers.nacional.partes import documento_de, endereco, endereco_simples, so_algarismos
from nfse.providers.nacional.valores import DetalhesIbsCbs, Dps, Imovel, Reembolso

_NENHUM = DetalhesIbsCbs()


def ibscbs(dps: Dps) -> str:
    codigos = dps.emissao.ibs_cbs
    if codigos is None:
        return ""
    mais = dps.detalhes_ibs_cbs or _NENHUM
    return grupo(
        "IBSCBS",
        campo("finNFSe", "0"),
        campo("indFinal", codigos.consumidor_final or "0"),
        campo("cIndOp", codigos.codigo_fornecimento),
        campo("tpOper", mais.tipo_operacao),
        grupo("gRefNFSe", *(campo("refNFSe", chave) for chave in mais.referidas)),
        campo("tpEnteGov", mais.ente_governamental),
        campo("indDest", codigos.tipo_destinatario or "0"),
        _destinatario(mais.destinatario),
        _imovel(mais.imovel),
        grupo(
            "valores",
            grupo("gReeRepRes", *map(_reembolso, mais.reembolsos)),
            grupo("trib", _situacao(codigos.situacao_tributaria, codigos.classificacao_tributaria, mais)),
        ),
    )


def _situacao(situacao: str, classificacao: str, mais: DetalhesIbsCbs) -> str:
    diferido = zip(("pDifUF", "pDifMun", "pDifCBS"), mais.diferimento or (), strict=False)
    return grupo(
        "gIBSCBS",
        campo("CST", situacao),
        campo("cClassTrib", classificacao),
        campo("cCredPres", mais.credito_presumido),
        grupo(
            "gTribRegular",
            campo("CSTReg", mais.situacao_regular),
            campo("cClassTribReg", mais.classificacao_regular),
        ),
        grupo("gDif", *(campo(elemento, percentual(valor)) for elemento, valor in diferido)),
    )


def _destinatario(quem: Pessoa | None) -> str:
    if quem is None:
        return ""
    return grupo(
        "dest",
        documento_de(quem),
        campo("xNome", restrito(quem.nome)),
        endereco(quem.endereco),
        campo("fone", so_algarismos(quem.telefone)),
        campo("email", restrito(quem.email)),
    )


def _imovel(imovel: Imovel | None) -> str:
    if imovel is None:
        return ""
    return grupo(
        "imovel",
        campo("inscImobFisc", nome(imovel.inscricao_imobiliaria)),
        campo("cCIB", nome(imovel.cib)) or endereco_simples(imovel.endereco),
    )


def _reembolso(papel: Reembolso) -> str:
    if papel.chave:
        documento = grupo(
            "dFeNacional",
            campo("tipoChaveDFe", papel.tipo_chave),
            campo("xTipoChaveDFe", restrito(papel.descricao_chave)),
            campo("chaveDFe", papel.chave),
        )
    elif papel.fiscal:
        documento = grupo(
            "docFiscalOutro",
            campo("cMunDocFiscal", papel.municipio),
            campo("nDocFiscal", restrito(papel.fiscal)),
            campo("xDocFiscal", restrito(papel.descricao_documento)),
        )
    else:
        documento = grupo(
            "docOutro", campo("nDoc", restrito(papel.outro)), campo("xDoc", restrito(papel.descricao_documento))
        )
    fornecedor = papel.fornecedor
    return grupo(
        "documentos",
        documento,
        grupo("fornec", documento_de(fornecedor), campo("xNome", restrito(fornecedor.nome))) if fornecedor else "",
        campo("dtEmiDoc", dia(papel.emissao)),
        campo("dtCompDoc", dia(papel.competencia)),
        campo("tpReeRepRes", papel.tipo),
        campo("xTpReeRepRes", restrito(papel.descricao)),
        campo("vlrReeRepRes", dinheiro(papel.valor)),
    )
