"""The papers of a note of the national layout, and the percentage of its deduction: to the values of the provider, to
the arithmetic, to the fields of the form, and in words."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from comum.documentos import mascarar
from comum.formatos import contar, format_dinheiro, format_percentual
from nfse.models.detalhes import Detalhes
from nfse.models.papeis import (
    LISTAS,
    FormaDeducao,
    FormaReembolso,
    PapelDeDeducao,
    PapelReembolsado,
    TipoDeducao,
    TipoReembolso,
)
from nfse.providers.interface import ZERO, Endereco, Pessoa
from nfse.providers.nacional.problemas_papeis import MODELOS_DE_CTE
from nfse.providers.nacional.valores import (
    DetalhesIbsCbs,
    DocumentoDeDeducao,
    DocumentoEmPapel,
    DocumentoOutroMunicipio,
    Dps,
    Reembolso,
    por_cento,
)
from nfse.services.calculo import Linha, abater

_TIPO_DA_CHAVE = {FormaReembolso.NFSE: "1", FormaReembolso.NFE: "2", FormaReembolso.CTE: "3", FormaReembolso.DFE: "9"}
_MOSTRADOS = 10  # papers told one by one on the note's page


# -- arithmetic --------------------------------------------------------------------------------------------------------


def deduzido(detalhes: Detalhes, valor: Decimal) -> Decimal:
    """What is deducted of the note as a whole; `valor` is that of its services."""
    if detalhes.deducoes:
        return sum((papel.deduzido or ZERO for papel in detalhes.deducoes), ZERO)
    return ZERO if detalhes.deducao_percentual is None else por_cento(valor, detalhes.deducao_percentual)


def nas_linhas(linhas: Sequence[Linha], detalhes: Detalhes) -> list[Linha]:
    """The lines with what the note as a whole takes off their bases."""
    valor = sum((linha.valor for linha in linhas), ZERO)
    reembolso = sum((papel.valor or ZERO for papel in detalhes.reembolsos), ZERO)
    return abater(linhas, deducao=deduzido(detalhes, valor), reembolso=reembolso)


def forma_da_chave(texto: str) -> str:
    """What a chave is of, where nothing says it: by its length, and of a DF-e by its model; empty for no chave."""
    if len(texto) == 44:
        return FormaReembolso.CTE if texto[20:22] in MODELOS_DE_CTE else FormaReembolso.NFE
    return FormaReembolso.NFSE if len(texto) == 50 else ""


# -- the DPS -----------------------------------------------------------------------------------------------------------


def na_dps(dps: Dps, detalhes: Detalhes) -> Dps:
    feita = replace(
        dps,
        deducao_percentual=detalhes.deducao_percentual,
        deducoes=tuple(_deducao(papel) for papel in detalhes.deducoes),
    )
    if not detalhes.reembolsos:
        return feita
    reembolsos = tuple(_reembolso(papel) for papel in detalhes.reembolsos)
    return replace(feita, detalhes_ibs_cbs=replace(dps.detalhes_ibs_cbs or DetalhesIbsCbs(), reembolsos=reembolsos))


def _deducao(papel: PapelDeDeducao) -> DocumentoDeDeducao:
    assert papel.emissao is not None  # noqa: S101 - the form asks for it
    numero, forma = papel.documento, papel.forma
    municipal = forma == FormaDeducao.NFSE_MUNICIPAL
    return DocumentoDeDeducao(
        tipo=papel.tipo,
        data=papel.emissao,
        dedutivel=papel.dedutivel or ZERO,
        deduzido=papel.deduzido or ZERO,
        chave_nfse=numero if forma == FormaDeducao.NFSE else "",
        chave_nfe=numero if forma == FormaDeducao.NFE else "",
        nfse_municipal=DocumentoOutroMunicipio(papel.municipio, numero.zfill(15), papel.verificacao)
        if municipal
        else None,
        em_papel=DocumentoEmPapel(numero.zfill(7), papel.modelo.zfill(15), papel.serie)
        if forma == FormaDeducao.EM_PAPEL
        else None,
        fiscal=numero if forma == FormaDeducao.FISCAL else "",
        outro=numero if forma == FormaDeducao.OUTRO else "",
        descricao=papel.descricao,
        fornecedor=_fornecedor(papel),
    )


_DO_ENDERECO = ("logradouro", "numero", "bairro", "cep", "municipio", "complemento")


def _fornecedor(papel: PapelDeDeducao) -> Pessoa | None:
    partes = {nome: getattr(papel, f"fornecedor_{nome}") for nome in _DO_ENDERECO}
    if not (papel.fornecedor_documento or papel.fornecedor_nome or any(partes.values())):
        return None
    onde = Endereco(**partes, uf="") if any(partes.values()) else None
    return Pessoa(papel.fornecedor_documento, papel.fornecedor_nome, endereco=onde)


def _reembolso(papel: PapelReembolsado) -> Reembolso:
    assert papel.emissao is not None  # noqa: S101 - the form asks for both
    assert papel.competencia is not None  # noqa: S101
    chave = _TIPO_DA_CHAVE.get(FormaReembolso(papel.forma), "")
    fiscal, outro = papel.forma == FormaReembolso.FISCAL, papel.forma == FormaReembolso.OUTRO
    nomeado = papel.fornecedor_documento or papel.fornecedor_nome
    return Reembolso(
        tipo=papel.tipo,
        emissao=papel.emissao,
        competencia=papel.competencia,
        valor=papel.valor or ZERO,
        descricao=papel.descricao,
        tipo_chave=chave,
        descricao_chave=papel.descricao_documento if papel.forma == FormaReembolso.DFE else "",
        chave=papel.documento if chave else "",
        municipio=papel.municipio,
        fiscal=papel.documento if fiscal else "",
        outro=papel.documento if outro else "",
        descricao_documento=papel.descricao_documento if fiscal or outro else "",
        fornecedor=Pessoa(papel.fornecedor_documento, papel.fornecedor_nome) if nomeado else None,
    )


# -- where a problem of the declaration stands in the form -------------------------------------------------------------

_NO_FORMULARIO = {"chave_nfse": "documento", "chave_nfe": "documento", "data": "emissao"}


def lugar(caminho: str) -> str:
    """The field of the form behind a path of the declaration; empty when it is none of these."""
    if caminho == "deducao_percentual":
        return caminho
    lista, _, resto = caminho.removeprefix("detalhes_ibs_cbs.").partition(".")
    if lista not in LISTAS:
        return ""
    numero, _, campo = resto.partition(".")
    if not numero.isdecimal():
        return lista  # said of the list: our own rule of it, or the schema, which does not number
    if campo.startswith("fornecedor."):
        parte = campo.rpartition(".")[2]
        campo = f"fornecedor_{'cep' if parte == 'endereco' else parte}"
    return f"{lista}.{numero}.{_NO_FORMULARIO.get(campo, campo)}"


# -- in words ----------------------------------------------------------------------------------------------------------


def em_palavras(detalhes: Detalhes, valor: Decimal) -> list[tuple[str, str]]:
    """(label, words); `valor` is that of the services."""
    reembolsado = sum((papel.valor or ZERO for papel in detalhes.reembolsos), ZERO)
    ditas = [("Dedução", _com_total(origem_da_deducao(detalhes), deduzido(detalhes, valor)))]
    ditas += _em_linhas("Documento da dedução", map(_dizer_deducao, detalhes.deducoes))
    ditas.append(("Reembolso, repasse e ressarcimento", _com_total(_quantos(detalhes.reembolsos), reembolsado)))
    ditas += _em_linhas("Documento do reembolso", map(_dizer_reembolso, detalhes.reembolsos))
    return [(rotulo, texto) for rotulo, texto in ditas if texto]


def origem_da_deducao(detalhes: Detalhes) -> str:
    """Where the deduction of the note as a whole comes from; empty when there is none."""
    percentual = detalhes.deducao_percentual
    return _quantos(detalhes.deducoes) or ("" if percentual is None else f"{format_percentual(percentual)} do valor")


def _quantos(papeis: Sequence[PapelDeDeducao | PapelReembolsado]) -> str:
    return contar(len(papeis), "documento", "documentos") if papeis else ""


def _com_total(origem: str, total: Decimal) -> str:
    return f"{format_dinheiro(total)} ({origem})" if origem else ""


def _em_linhas(rotulo: str, ditos: Iterable[str]) -> list[tuple[str, str]]:
    todos = list(ditos)
    linhas = [(f"{rotulo} {ordem}", texto) for ordem, texto in enumerate(todos[:_MOSTRADOS], 1)]
    sobram = len(todos) - _MOSTRADOS
    return linhas if sobram <= 0 else [*linhas, (rotulo, f"e mais {contar(sobram, 'na nota', 'na nota')}")]


def _dizer_deducao(papel: PapelDeDeducao) -> str:
    tipo = papel.descricao or TipoDeducao(papel.tipo).label
    em_reais = f"{format_dinheiro(papel.deduzido or ZERO)} de {format_dinheiro(papel.dedutivel or ZERO)}"
    return _juntar(FormaDeducao(papel.forma).label, papel.documento, tipo, em_reais, _de_quem(papel))


def _dizer_reembolso(papel: PapelReembolsado) -> str:
    tipo = papel.descricao or TipoReembolso(papel.tipo).label
    forma = papel.descricao_documento or FormaReembolso(papel.forma).label
    return _juntar(forma, papel.documento, tipo, format_dinheiro(papel.valor or ZERO), _de_quem(papel))


def _de_quem(papel: PapelDeDeducao | PapelReembolsado) -> str:
    return " ".join(parte for parte in (papel.fornecedor_nome, mascarar(papel.fornecedor_documento)) if parte)


def _juntar(*partes: str) -> str:
    return " · ".join(str(parte) for parte in partes if parte)
