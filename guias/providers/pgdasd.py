"""PGDASD: the monthly declaration of the Simples Nacional, its DAS and what the Receita has of a period.

Source: SERPRO, API Integra Contador, pages of PGDASD; docs/integra-contador.md.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from guias.providers import wire
from guias.providers.arrecadacao import das_de, guia_de
from guias.providers.catalogo import achar
from guias.providers.cliente import IntegraContador, NadaEncontrado, Resposta, lendo
from guias.providers.interface import (
    Atividade,
    Calculo,
    DasEmitido,
    DasListado,
    Declaracao,
    DeclaracaoListada,
    Estabelecimento,
    Multa,
    Parcela,
    Partes,
    Periodo,
    Recibo,
    Reducao,
    Suspensao,
    Transmitida,
    TributoAvulso,
    Tributos,
)
from operacoes.http import Chamadas

TRANSDECLARACAO11 = achar("PGDASD", "TRANSDECLARACAO11")
SIMULACAO11 = replace(TRANSDECLARACAO11, repetivel=True)  # nothing is stored
GERARDAS12 = achar("PGDASD", "GERARDAS12")
CONSDECLARACAO13 = achar("PGDASD", "CONSDECLARACAO13")
CONSULTIMADECREC14 = achar("PGDASD", "CONSULTIMADECREC14")
CONSDECREC15 = achar("PGDASD", "CONSDECREC15")
CONSEXTRATO16 = achar("PGDASD", "CONSEXTRATO16")
GERARDASCOBRANCA17 = achar("PGDASD", "GERARDASCOBRANCA17")
GERARDASPROCESSO18 = achar("PGDASD", "GERARDASPROCESSO18")
GERARDASAVULSO19 = achar("PGDASD", "GERARDASAVULSO19")


def simular(cliente: IntegraContador, partes: Partes, declaracao: Declaracao, *, chamadas: Chamadas) -> Calculo:
    dados = _declaracao_para_envio(declaracao, transmitir=False, comparar=None)
    resposta = cliente.chamar(SIMULACAO11, partes, dados, chamadas)
    with lendo(SIMULACAO11):
        return Calculo(_tributos(resposta.dados["valoresDevidos"]))


def transmitir(
    cliente: IntegraContador, partes: Partes, declaracao: Declaracao, *, comparar: Tributos, chamadas: Chamadas
) -> Transmitida:
    """Transmit, on condition that the Receita computes exactly `comparar` (refusal 035 otherwise)."""
    dados = _declaracao_para_envio(declaracao, transmitir=True, comparar=comparar)
    resposta = cliente.chamar(TRANSDECLARACAO11, partes, dados, chamadas)
    with lendo(TRANSDECLARACAO11):
        corpo = resposta.dados
        return Transmitida(
            id_declaracao=str(corpo["idDeclaracao"]),
            transmitida_em=wire.instante(corpo["dataHoraTransmissao"]),
            valores=_tributos(corpo["valoresDevidos"]),
            declaracao=wire.pdf(corpo.get("declaracao")),
            recibo=wire.pdf(corpo.get("recibo")),
            multa=_multa(corpo.get("notificacaoMaed"), corpo.get("darf"), corpo.get("detalhamentoDarfMaed")),
            avisos=resposta.avisos,
        )


def emitir_das(
    cliente: IntegraContador, partes: Partes, competencia: date, *, consolidacao: date | None, chamadas: Chamadas
) -> DasEmitido:
    """Draw the DAS of a declared period; `consolidacao` is the day of payment, when after the due date."""
    dados: dict[str, Any] = {"periodoApuracao": f"{competencia:%Y%m}"}
    if consolidacao is not None:
        dados["dataConsolidacao"] = f"{consolidacao:%Y%m%d}"
    resposta = cliente.chamar(GERARDAS12, partes, dados, chamadas)
    with lendo(GERARDAS12):
        return das_de(wire.um(resposta.dados))


def periodo(cliente: IntegraContador, partes: Partes, competencia: date, *, chamadas: Chamadas) -> Periodo:
    try:
        resposta = cliente.chamar(CONSDECLARACAO13, partes, {"periodoApuracao": f"{competencia:%Y%m}"}, chamadas)
    except NadaEncontrado:
        return Periodo(competencia)
    with lendo(CONSDECLARACAO13):
        return _periodo(resposta, competencia)


def ano(cliente: IntegraContador, partes: Partes, ano: int, *, chamadas: Chamadas) -> list[Periodo]:
    """The competências of a year of which the service has anything, in their order."""
    try:
        resposta = cliente.chamar(CONSDECLARACAO13, partes, {"anoCalendario": str(ano)}, chamadas)
    except NadaEncontrado:
        return []
    with lendo(CONSDECLARACAO13):
        lidos = {str(item["periodoApuracao"]) for item in _periodos(resposta)}
        return [_periodo(resposta, date(int(pa[:4]), int(pa[4:]), 1)) for pa in sorted(lidos)]


def ultima_declaracao(
    cliente: IntegraContador, partes: Partes, competencia: date, *, chamadas: Chamadas
) -> Recibo | None:
    try:
        resposta = cliente.chamar(CONSULTIMADECREC14, partes, {"periodoApuracao": f"{competencia:%Y%m}"}, chamadas)
    except NadaEncontrado:
        return None
    with lendo(CONSULTIMADECREC14):
        return _recibo(resposta.dados)


def declaracao(cliente: IntegraContador, partes: Partes, numero: str, *, chamadas: Chamadas) -> Recibo | None:
    """One declaration by its number, with its receipt; None when the taxpayer has none such."""
    try:
        resposta = cliente.chamar(CONSDECREC15, partes, {"numeroDeclaracao": numero}, chamadas)
    except NadaEncontrado:
        return None
    with lendo(CONSDECREC15):
        return _recibo(resposta.dados)


def das_de_cobranca(cliente: IntegraContador, partes: Partes, competencia: date, *, chamadas: Chamadas) -> DasEmitido:
    """Draw the DAS of a debt that is being collected."""
    resposta = cliente.chamar(GERARDASCOBRANCA17, partes, {"periodoApuracao": f"{competencia:%Y%m}"}, chamadas)
    with lendo(GERARDASCOBRANCA17):
        return das_de(wire.um(resposta.dados))


def das_de_processo(cliente: IntegraContador, partes: Partes, processo: str, *, chamadas: Chamadas) -> DasEmitido:
    """Draw the DAS of a process (17 digits); its period may be several ("Diversos"), its due date none."""
    resposta = cliente.chamar(GERARDASPROCESSO18, partes, {"numeroProcesso": processo}, chamadas)
    with lendo(GERARDASPROCESSO18):
        return das_de(wire.um(resposta.dados))


def das_avulso(
    cliente: IntegraContador,
    partes: Partes,
    competencia: date,
    tributos: Sequence[TributoAvulso],
    *,
    consolidacao: date | None,
    prorrogacao: int | None = None,
    chamadas: Chamadas,
) -> DasEmitido:
    """Draw a DAS of these tributes of a period; `consolidacao` is the day of payment, when after the due date;
    `prorrogacao` the special extension of its due date (1 and 2: quotas of 2021; 3 and 4: federal and other tributes
    of 2020)."""
    dados: dict[str, Any] = {
        "periodoApuracao": f"{competencia:%Y%m}",
        "listaTributos": [_avulso(tributo) for tributo in tributos],
    }
    if consolidacao is not None:
        dados["dataConsolidacao"] = f"{consolidacao:%Y%m%d}"
    if prorrogacao is not None:
        dados["prorrogacaoEspecial"] = prorrogacao
    resposta = cliente.chamar(GERARDASAVULSO19, partes, dados, chamadas)
    with lendo(GERARDASAVULSO19):
        return das_de(wire.um(resposta.dados))


def extrato(cliente: IntegraContador, partes: Partes, numero_das: str, *, chamadas: Chamadas) -> bytes:
    resposta = cliente.chamar(CONSEXTRATO16, partes, {"numeroDas": numero_das}, chamadas)
    with lendo(CONSEXTRATO16):
        return wire.pdf_obrigatorio(resposta.dados["extrato"]["pdf"])


# -- our values to the wire ------------------------------------------------------------------------------------------
def _declaracao_para_envio(declaracao: Declaracao, *, transmitir: bool, comparar: Tributos | None) -> dict[str, Any]:
    corpo: dict[str, Any] = {
        "tipoDeclaracao": 2 if declaracao.retificadora else 1,
        "receitaPaCompetenciaInterno": wire.numero(declaracao.interno),
        "receitaPaCompetenciaExterno": wire.numero(declaracao.externo),
        "estabelecimentos": [_estabelecimento(item) for item in declaracao.estabelecimentos],
    }
    if declaracao.caixa is not None:
        interno, externo = declaracao.caixa
        corpo |= {"receitaPaCaixaInterno": wire.numero(interno), "receitaPaCaixaExterno": wire.numero(externo)}
    if declaracao.fixo_icms is not None:
        corpo["valorFixoIcms"] = wire.numero(declaracao.fixo_icms)
    if declaracao.fixo_iss is not None:
        corpo["valorFixoIss"] = wire.numero(declaracao.fixo_iss)
    if declaracao.anteriores:
        corpo["receitasBrutasAnteriores"] = [
            {
                "pa": wire.pa(mes.competencia),
                "valorInterno": wire.numero(mes.interno),
                "valorExterno": wire.numero(mes.externo),
            }
            for mes in declaracao.anteriores
        ]
    if (processo := declaracao.nao_optante) is not None:
        corpo["naoOptante"] = {
            "esferaAdm": str(processo.esfera),
            "uf": processo.uf,
            "codMunicipio": processo.municipio_tom,
            "processo": processo.processo,
        }
    if declaracao.folhas:
        corpo["folhasSalario"] = [
            {"pa": wire.pa(folha.competencia), "valor": wire.numero(folha.valor)} for folha in declaracao.folhas
        ]
    dados: dict[str, Any] = {
        "cnpjCompleto": declaracao.cnpj,
        "pa": wire.pa(declaracao.competencia),
        "indicadorTransmissao": transmitir,
        "indicadorComparacao": comparar is not None,
        "declaracao": corpo,
    }
    if comparar is not None:
        dados["valoresParaComparacao"] = [
            {"codigoTributo": int(codigo), "valor": wire.numero(valor)} for codigo, valor in sorted(comparar.items())
        ]
    return dados


def _estabelecimento(estabelecimento: Estabelecimento) -> dict[str, Any]:
    """Without movement the key `atividades` is left out: an empty list is refused (MSG_ISN_023)."""
    corpo: dict[str, Any] = {"cnpjCompleto": estabelecimento.cnpj}
    if estabelecimento.atividades:
        corpo["atividades"] = [_atividade(atividade) for atividade in estabelecimento.atividades]
    return corpo


def _atividade(atividade: Atividade) -> dict[str, Any]:
    return {
        "idAtividade": atividade.id,
        "valorAtividade": wire.numero(atividade.valor),
        "receitasAtividade": [_parcela(parcela) for parcela in atividade.parcelas],
    }


def _parcela(parcela: Parcela) -> dict[str, Any]:
    corpo: dict[str, Any] = {"valor": wire.numero(parcela.valor)}
    if parcela.municipio_tom:
        corpo["codigoOutroMunicipio"] = parcela.municipio_tom
    if parcela.uf:
        corpo["outraUf"] = parcela.uf
    if parcela.qualificacoes:
        corpo["qualificacoesTributarias"] = [
            {"codigoTributo": item.tributo, "id": item.motivo} for item in parcela.qualificacoes
        ]
    isencoes = [_reducao(item, parcela.valor) for item in parcela.reducoes if item.percentual is None]
    reducoes = [_reducao(item, parcela.valor) for item in parcela.reducoes if item.percentual is not None]
    suspensoes = [_suspensao(item) for item in parcela.suspensoes]
    listas = {"isencoes": isencoes, "reducoes": reducoes, "exigibilidadesSuspensas": suspensoes}
    return corpo | {nome: itens for nome, itens in listas.items() if itens}


def _reducao(item: Reducao, valor: Decimal) -> dict[str, Any]:
    corpo: dict[str, Any] = {
        "codTributo": item.tributo,
        "valor": wire.numero(valor),
        "identificador": item.identificador,
    }
    if item.percentual is not None:
        corpo["percentualReducao"] = wire.numero(item.percentual)
    return corpo


def _suspensao(item: Suspensao) -> dict[str, Any]:
    corpo: dict[str, Any] = {
        "codTributo": item.tributo,
        "numeroProcesso": int(item.processo),
        "uf": item.uf,
        "vara": item.vara,
        "existeDeposito": item.deposito,
        "motivo": item.motivo,
    }
    if item.municipio_tom:
        corpo["codMunicipio"] = item.municipio_tom
    return corpo


def _avulso(tributo: TributoAvulso) -> dict[str, Any]:
    corpo: dict[str, Any] = {"codigo": int(tributo.codigo), "valor": wire.numero(tributo.valor)}
    if tributo.municipio_tom:
        corpo["codMunicipio"] = tributo.municipio_tom
    if tributo.uf:
        corpo["uf"] = tributo.uf
    return corpo


def _recibo(corpo: dict[str, Any]) -> Recibo:
    maed = corpo.get("maed") or {}
    return Recibo(
        numero=str(corpo["numeroDeclaracao"]),
        declaracao=wire.pdf(corpo["declaracao"]["pdf"]),
        recibo=wire.pdf(corpo["recibo"]["pdf"]),
        multa=_multa(maed.get("pdfNotificacao"), maed.get("pdfDarf")),
    )


def _tributos(itens: Any) -> Tributos:
    valores: Tributos = {}
    for item in itens or []:
        codigo = str(item["codigoTributo"])
        valores[codigo] = valores.get(codigo, Decimal(0)) + wire.dinheiro(item["valor"])
    return valores


def _multa(notificacao: Any, darf: Any, detalhe: Any = None) -> Multa | None:
    if not (notificacao or darf or detalhe):
        return None
    papel = wire.pdf(darf)
    return Multa(wire.pdf(notificacao), papel, guia_de(wire.um(detalhe), papel) if detalhe else None)


def _periodos(resposta: Resposta) -> list[dict[str, Any]]:
    corpo = resposta.dados or {}
    achados = corpo.get("periodo") or corpo.get("periodos") or []
    return achados if isinstance(achados, list) else [achados]


def _malha(valor: Any) -> str:
    """No list of its values is published: text as it comes; a mark without words says only that it is held."""
    if isinstance(valor, bool):
        return "retida" if valor else ""
    return str(valor or "").strip()


def _periodo(resposta: Resposta, competencia: date) -> Periodo:
    declaracoes, guias = [], []
    for periodo in _periodos(resposta):
        if str(periodo.get("periodoApuracao")) != f"{competencia:%Y%m}":
            continue
        for operacao in periodo.get("operacoes") or []:
            if declaracao := operacao.get("indiceDeclaracao"):
                declaracoes.append(
                    DeclaracaoListada(
                        str(declaracao["numeroDeclaracao"]),
                        wire.instante(declaracao["dataHoraTransmissao"]),
                        str(operacao.get("tipoOperacao") or ""),
                        _malha(declaracao.get("malha")),
                    )
                )
            if das := operacao.get("indiceDas"):
                emissao = das.get("datahoraEmissaoDas") or das["dataHoraEmissaoDas"]
                guias.append(DasListado(str(das["numeroDas"]), wire.instante(emissao), bool(das.get("dasPago"))))
    return Periodo(competencia, tuple(declaracoes), tuple(guias), resposta.agora)
