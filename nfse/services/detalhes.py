"""What a note says in the national layout alone, as its DPS takes it: from Detalhes to the values of the provider, the
fields of the note's form behind the declaration's paths, and the words of the screens."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from comum.formatos import format_cep, format_data, format_dinheiro, format_percentual
from nfse.models.detalhes import (
    MOEDAS,
    BensTemporarios,
    Detalhes,
    EnteGovernamental,
    Imunidade,
    MecanismoPrestador,
    MecanismoTomador,
    ModoPrestacao,
    SituacaoPisCofins,
    TipoOperacao,
    Vinculo,
)
from nfse.models.exigencias import Exigibilidade
from nfse.models.guardado import dito
from nfse.paises import nome_do_pais
from nfse.providers.interface import ZERO, Endereco, Obra, Pessoa
from nfse.providers.nacional.problemas_tributos import SEM_BASE
from nfse.providers.nacional.valores import (
    Beneficio,
    ComercioExterior,
    DetalhesIbsCbs,
    Dps,
    Evento,
    Imovel,
    PisCofins,
    Suspensao,
    TotalTributos,
    por_cento,
)
from nfse.services import papeis
from nfse.services.calculo import Linha, reduzir

DO_COMEX = tuple(nome for nome in vars(Detalhes()) if nome.startswith("comex_"))
DO_EVENTO = tuple(nome for nome in vars(Detalhes()) if nome.startswith("evento_"))
DA_OBRA = tuple(nome for nome in vars(Detalhes()) if nome.startswith("obra_"))
DO_PIS_COFINS = ("pis_cofins_situacao", "pis_cofins_base", "pis_aliquota", "cofins_aliquota")
DOS_TRIBUTOS = ("tributos_federais", "tributos_estaduais", "tributos_municipais")
DO_BENEFICIO = ("beneficio_numero", "beneficio_valor", "beneficio_percentual")
DO_IMOVEL = tuple(nome for nome in vars(Detalhes()) if nome.startswith("imovel_"))
DO_DIFERIMENTO = ("diferimento_uf", "diferimento_municipio", "diferimento_cbs")
DA_REGULAR = ("regular_situacao", "regular_classificacao")
DAS_COMPRAS_PUBLICAS = ("ente_governamental", "tipo_operacao", "referidas")
DO_IBS_CBS = (*DO_IMOVEL, *DO_DIFERIMENTO, *DA_REGULAR, "credito_presumido", *DAS_COMPRAS_PUBLICAS)
# tpSusp: which exigibilidade is a suspended one. The layout has it beside the tribISSQN, not as one of its values.
SUSPENSAS: Mapping[str, str] = {Exigibilidade.SUSPENSA_JUDICIAL: "1", Exigibilidade.SUSPENSA_ADMINISTRATIVA: "2"}


def disse(detalhes: Detalhes, nomes: tuple[str, ...]) -> bool:
    return any(dito(getattr(detalhes, nome)) for nome in nomes)


def nas_linhas(linhas: Sequence[Linha], detalhes: Detalhes) -> list[Linha]:
    """The lines with what the note as a whole takes off the base of their ISS: what is deducted and reimbursed by its
    papers, and of what is left the part of the municipal benefit."""
    abatidas = papeis.nas_linhas(linhas, detalhes)
    reducao, percentual = detalhes.beneficio_valor or ZERO, detalhes.beneficio_percentual
    if percentual is not None:
        reducao = por_cento(sum((linha.base for linha in abatidas), ZERO), percentual)
    return reduzir(abatidas, reducao)


# -- the DPS -----------------------------------------------------------------------------------------------------------


def na_dps(dps: Dps, detalhes: Detalhes, suspensao: str, destinatario: Pessoa | None) -> Dps:
    """The declaration with what the note says; `suspensao` is the tpSusp, empty for none."""
    feita = replace(
        dps,
        imunidade=detalhes.imunidade,
        suspensao=Suspensao(suspensao, detalhes.processo) if suspensao or detalhes.processo else None,
        pais_prestacao=detalhes.pais_prestacao,
        pais_resultado=detalhes.pais_resultado,
        comercio_exterior=_comercio_exterior(detalhes),
        evento=_evento(detalhes),
        pis_cofins=pis_cofins(detalhes, dps.valor - dps.desconto),
        total_tributos=_total(detalhes) or dps.total_tributos,
        desconto_condicionado=detalhes.desconto_condicionado or ZERO,
        beneficio=_beneficio(detalhes),
        detalhes_ibs_cbs=_ibs_cbs(detalhes, destinatario),
    )
    return papeis.na_dps(feita, detalhes)


def _beneficio(d: Detalhes) -> Beneficio | None:
    if not disse(d, DO_BENEFICIO):
        return None
    return Beneficio(d.beneficio_numero, d.beneficio_valor, d.beneficio_percentual)


def _ibs_cbs(d: Detalhes, destinatario: Pessoa | None) -> DetalhesIbsCbs | None:
    if destinatario is None and not disse(d, DO_IBS_CBS):
        return None
    diferidos = tuple(ZERO if valor is None else valor for valor in (getattr(d, nome) for nome in DO_DIFERIMENTO))
    return DetalhesIbsCbs(
        tipo_operacao=d.tipo_operacao,
        referidas=d.referidas,
        ente_governamental=d.ente_governamental,
        destinatario=destinatario,
        imovel=Imovel(d.imovel_inscricao, d.imovel_cib, _endereco(d, "imovel")) if disse(d, DO_IMOVEL) else None,
        credito_presumido=d.credito_presumido,
        situacao_regular=d.regular_situacao,
        classificacao_regular=d.regular_classificacao,
        diferimento=diferidos if disse(d, DO_DIFERIMENTO) else None,  # type: ignore[arg-type]  # three of them
    )


def pis_cofins(detalhes: Detalhes, valor: Decimal) -> PisCofins | None:
    """The own debit. A base left blank is the value less discount, where the CST has a base."""
    situacao = detalhes.pis_cofins_situacao
    if not disse(detalhes, DO_PIS_COFINS):
        return None
    base = detalhes.pis_cofins_base
    if base is None and situacao and situacao not in SEM_BASE:
        base = valor

    def devido(aliquota: Decimal | None) -> Decimal | None:
        return None if base is None or aliquota is None else por_cento(base, aliquota)

    pis, cofins = detalhes.pis_aliquota, detalhes.cofins_aliquota
    return PisCofins(situacao, base, pis, cofins, devido(pis), devido(cofins))


def _comercio_exterior(d: Detalhes) -> ComercioExterior | None:
    if not disse(d, DO_COMEX):
        return None
    return ComercioExterior(
        modo=d.comex_modo,
        vinculo=d.comex_vinculo,
        moeda=d.comex_moeda,
        valor=d.comex_valor or ZERO,
        mecanismo_prestador=d.comex_mecanismo_prestador or MecanismoPrestador.NENHUM,
        mecanismo_tomador=d.comex_mecanismo_tomador or MecanismoTomador.NENHUM,
        bens_temporarios=d.comex_bens or BensTemporarios.NAO,
        importacao=d.comex_importacao,
        exportacao=d.comex_exportacao,
        mdic="1" if d.comex_mdic else "0",
    )


def _evento(d: Detalhes) -> Evento | None:
    if not disse(d, DO_EVENTO):
        return None
    return Evento(d.evento_nome, d.evento_inicio, d.evento_fim, d.evento_codigo, _endereco(d, "evento"))


def obra(codigo: str, art: str, detalhes: Detalhes) -> Obra | None:
    if not (codigo or art or disse(detalhes, DA_OBRA)):
        return None
    return Obra(codigo, art, detalhes.obra_cib, detalhes.obra_inscricao, _endereco(detalhes, "obra"))


_PARTES = ("logradouro", "numero", "bairro", "cep", "complemento")


def _endereco(detalhes: Detalhes, de: str) -> Endereco | None:
    partes = {parte: getattr(detalhes, f"{de}_{parte}") for parte in _PARTES}
    return Endereco(**partes, municipio="", uf="") if any(partes.values()) else None


def _total(d: Detalhes) -> TotalTributos | None:
    federais, estaduais, municipais = d.tributos_federais, d.tributos_estaduais, d.tributos_municipais
    if federais is None or estaduais is None or municipais is None:
        return None
    return TotalTributos(valores=(federais, estaduais, municipais))


# -- where a problem of the declaration stands in the form of the note -----------------------------------------------

_LUGARES = {
    "imunidade": "imunidade",
    "pais_resultado": "pais_resultado",
    "pais_prestacao": "pais_prestacao",
    "suspensao": "processo",
    "suspensao.processo": "processo",
    "pis_cofins": "pis_cofins_situacao",
    "pis_cofins.situacao_tributaria": "pis_cofins_situacao",
    "pis_cofins.base": "pis_cofins_base",
    "pis_cofins.aliquota_pis": "pis_aliquota",
    "pis_cofins.aliquota_cofins": "cofins_aliquota",
    "comercio_exterior": "comex_modo",
    "comercio_exterior.bens_temporarios": "comex_bens",
    "obra.inscricao_imobiliaria": "obra_inscricao",
    "evento": "evento_nome",
    "evento.endereco": "evento_cep",
    "obra.endereco": "obra_cep",
    "desconto_condicionado": "desconto_condicionado",
    "beneficio": "beneficio_numero",
    "beneficio.numero": "beneficio_numero",
    "beneficio.valor": "beneficio_valor",
    "beneficio.percentual": "beneficio_percentual",
    "detalhes_ibs_cbs.imovel": "imovel_cib",
    "detalhes_ibs_cbs.imovel.inscricao_imobiliaria": "imovel_inscricao",
    "detalhes_ibs_cbs.referidas": "referidas",
    "detalhes_ibs_cbs.tipo_operacao": "tipo_operacao",
    "detalhes_ibs_cbs.ente_governamental": "ente_governamental",
    "detalhes_ibs_cbs.credito_presumido": "credito_presumido",
    "detalhes_ibs_cbs.situacao_regular": "regular_situacao",
    "detalhes_ibs_cbs.classificacao_regular": "regular_classificacao",
    "detalhes_ibs_cbs.diferimento": "diferimento_uf",
}
_GRUPOS = {"comercio_exterior": "comex"}


def lugar(caminho: str) -> str:
    """The field of the form behind a path of the declaration; empty when it is none of these."""
    if achado := _LUGARES.get(caminho) or papeis.lugar(caminho):
        return achado
    inicio, _, resto = caminho.removeprefix("detalhes_ibs_cbs.").partition(".")
    nome = f"{_GRUPOS.get(inicio, inicio)}_{resto.rpartition('.')[2]}"
    return nome if nome in (*DO_COMEX, *DO_EVENTO, *DA_OBRA, *DO_IMOVEL) else ""


# -- in words ----------------------------------------------------------------------------------------------------------


def em_palavras(detalhes: Detalhes, valor: Decimal) -> list[tuple[str, str]]:
    """(label, words) of what was said; `valor` is the note's, less discount."""
    d = detalhes
    ditas = [
        ("Imunidade", _rotulo(Imunidade, d.imunidade)),
        ("Processo da suspensão", d.processo),
        ("Prestado em", nome_do_pais(d.pais_prestacao)),
        ("País do resultado", nome_do_pais(d.pais_resultado)),
        ("Comércio exterior", _dizer_comex(d)),
        ("PIS e COFINS próprios", _dizer_pis_cofins(d, valor)),
        ("Local da obra", _juntar(("CIB ", d.obra_cib), ("inscrição ", d.obra_inscricao), ("", _rua(d, "obra")))),
        ("Evento", _dizer_evento(d)),
        ("Tributos aproximados", _dizer_tributos(d)),
        ("Desconto condicionado", _em_reais(d.desconto_condicionado)),
        ("Benefício municipal", _dizer_beneficio(d)),
        ("Imóvel", _juntar(("CIB ", d.imovel_cib), ("inscrição ", d.imovel_inscricao), ("", _rua(d, "imovel")))),
        ("Diferimento", _dizer_diferimento(d)),
        ("Tributação regular", _juntar(("CST ", d.regular_situacao), ("cClassTrib ", d.regular_classificacao))),
        ("Crédito presumido", d.credito_presumido),
        ("Ente governamental", _rotulo(EnteGovernamental, d.ente_governamental)),
        ("Tipo de operação", _rotulo(TipoOperacao, d.tipo_operacao)),
        ("Notas referidas", " · ".join(d.referidas)),
    ]
    return [(rotulo, texto) for rotulo, texto in ditas if texto]


def _rotulo(escolha: Any, valor: str) -> str:
    return str(escolha(valor).label) if valor else ""


def dizer_moeda(codigo: str) -> str:
    return f"{codigo} {MOEDAS[codigo][1]}" if codigo in MOEDAS else codigo


def _dizer_comex(d: Detalhes) -> str:
    if not disse(d, DO_COMEX):
        return ""
    em_moeda = "" if d.comex_valor is None else format_dinheiro(d.comex_valor).removeprefix("R$").strip()
    return _juntar(
        ("modo ", _rotulo(ModoPrestacao, d.comex_modo)),
        ("vínculo ", _rotulo(Vinculo, d.comex_vinculo)),
        ("", f"{em_moeda} ({dizer_moeda(d.comex_moeda)})" if em_moeda or d.comex_moeda else ""),
        ("apoio ao prestador ", _rotulo(MecanismoPrestador, d.comex_mecanismo_prestador)),
        ("apoio ao tomador ", _rotulo(MecanismoTomador, d.comex_mecanismo_tomador)),
        ("bens ", _rotulo(BensTemporarios, d.comex_bens)),
        ("DI ", d.comex_importacao),
        ("RE ", d.comex_exportacao),
        ("", "enviar ao MDIC" if d.comex_mdic else ""),
    )


def _dizer_pis_cofins(d: Detalhes, valor: Decimal) -> str:
    proprio = pis_cofins(d, valor)
    if proprio is None:
        return ""
    return _juntar(
        ("CST ", _rotulo(SituacaoPisCofins, proprio.situacao_tributaria)),
        ("base ", format_dinheiro(proprio.base) if proprio.base is not None else ""),
        ("PIS ", _dizer_devido(proprio.aliquota_pis, proprio.pis)),
        ("COFINS ", _dizer_devido(proprio.aliquota_cofins, proprio.cofins)),
    )


def _dizer_devido(aliquota: Decimal | None, devido: Decimal | None) -> str:
    if aliquota is None:
        return ""
    return format_percentual(aliquota) + (f" ({format_dinheiro(devido)})" if devido is not None else "")


def _dizer_evento(d: Detalhes) -> str:
    datas = [format_data(dia) for dia in (d.evento_inicio, d.evento_fim) if dia]
    return _juntar(("", d.evento_nome), ("", " a ".join(datas)), ("código ", d.evento_codigo), ("", _rua(d, "evento")))


def _rua(d: Detalhes, de: str) -> str:
    logradouro, numero, bairro, cep, complemento = (getattr(d, f"{de}_{parte}") for parte in _PARTES)
    return ", ".join(parte for parte in (logradouro, numero, complemento, bairro, format_cep(cep)) if parte)


def _dizer_tributos(d: Detalhes) -> str:
    partes = (("federais ", d.tributos_federais), ("estaduais ", d.tributos_estaduais))
    todas = (*partes, ("municipais ", d.tributos_municipais))
    return _juntar(*((nome, _em_reais(valor)) for nome, valor in todas))


def _em_reais(valor: Decimal | None) -> str:
    return "" if valor is None else format_dinheiro(valor)


def _dizer_beneficio(d: Detalhes) -> str:
    percentual = "" if d.beneficio_percentual is None else format_percentual(d.beneficio_percentual)
    return _juntar(
        ("nº ", d.beneficio_numero),
        ("base reduzida em ", _em_reais(d.beneficio_valor)),
        ("base reduzida em ", percentual),
    )


def _dizer_diferimento(d: Detalhes) -> str:
    partes = (("UF ", d.diferimento_uf), ("município ", d.diferimento_municipio), ("CBS ", d.diferimento_cbs))
    return _juntar(*((nome, "" if valor is None else format_percentual(valor)) for nome, valor in partes))


def _juntar(*partes: tuple[str, str]) -> str:
    return " · ".join(f"{antes}{texto}" for antes, texto in partes if texto)
