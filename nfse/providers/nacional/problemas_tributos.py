"""What is wrong with the taxes of a declaration: ISS, federal taxes, approximate taxes."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from comum.formatos import format_percentual
from nfse.providers.interface import ZERO, Problema
from nfse.providers.nacional import presencas
from nfse.providers.nacional.dps_valores import forma
from nfse.providers.nacional.presencas import Presenca
from nfse.providers.nacional.problemas_pessoas import falta
from nfse.providers.nacional.valores import Beneficio, Dps, PisCofins, TotalTributos

_TETO = Decimal(5)  # LC 116, art. 8
_CENTAVO = Decimal("0.01")
_SEM_ISS = "99"  # the national codes of operations without ISS begin so (Anexo B, NT 007)
SEM_BASE = frozenset({"00", "08", "09"})  # CST of PIS and COFINS that need no base
_SEM_ALIQUOTA = frozenset({"04", "06"})
_CST = re.compile(r"0[0-9]|49|5[0-6]|6[0-7]|7[0-5]|98|99")

# What the table forbids, in words: field of the table -> field of ours, message.
_PROIBICOES = {
    "regEspTrib": (
        "regime_tributacao",
        "O regime especial de tributação não se usa nesta nota (MEI, ISS pelo Simples ou operação não tributável). "
        "Deixe-o em branco.",
    ),
    "retencao": (
        "iss_retido",
        "O ISS não pode ser retido nesta nota (MEI, regime especial, exigibilidade suspensa ou operação não "
        "tributável). Desmarque a retenção.",
    ),
    "exigSusp": (
        "suspensao",
        "A exigibilidade suspensa só vale para operação tributável. Apague o processo ou mude a tributação.",
    ),
    "vDedRed": (
        "itens.0.deducao",
        "Esta nota não leva dedução (MEI, regime especial ou operação não tributável). Apague-a.",
    ),
    "tribFed": (
        "itens.0.retencoes",
        "O emitente desta nota (MEI ou pessoa física) não informa tributos federais nem retenções. Apague-os.",
    ),
}


def tributos(dps: Dps, tracos: frozenset[str], quando: date) -> Iterator[Problema]:
    usados = {
        "regEspTrib": dps.regime_especial != "0",
        "retencao": dps.retencao != "1",
        "exigSusp": dps.suspensao is not None,
        "vDedRed": bool(dps.deducao or dps.deducoes or dps.deducao_percentual is not None),
        "tribFed": bool(dps.retido_em_tributos) or dps.pis_cofins is not None,
    }
    for campo, usado in usados.items():
        linha = presencas.linha(campo, tracos, quando)
        if usado and linha.presenca is Presenca.PROIBIDA:
            onde, dito = _PROIBICOES[campo]
            yield falta(campo_da_deducao(dps) if campo == "vDedRed" else onde, dito, linha.codigo)
    yield from _do_simples(dps, tracos, quando)
    yield from _tributacao(dps)
    yield from _aliquota(dps, tracos, quando)
    yield from _federais(dps)
    yield from _total(dps.total_tributos, tracos, quando)


def campo_da_deducao(dps: Dps) -> str:
    """Where the deduction is told: by papers, by percentage, or in the item."""
    if dps.deducoes:
        return "deducoes"
    return "itens.0.deducao" if dps.deducao_percentual is None else "deducao_percentual"


def _do_simples(dps: Dps, tracos: frozenset[str], quando: date) -> Iterator[Problema]:
    linha = presencas.linha("regApTribSN", tracos, quando)
    if linha.presenca is Presenca.OBRIGATORIA and dps.emissao.regime_apuracao not in ("1", "2", "3"):
        yield falta(
            "regime_apuracao", "Diga no canal da empresa como ela apura os tributos no Simples Nacional.", linha.codigo
        )


def _tributacao(dps: Dps) -> Iterator[Problema]:
    tipo = dps.tributacao
    if tipo not in ("1", "2", "3", "4"):
        yield falta("exigibilidade", "A tributação do ISS escolhida não existe no layout nacional. Escolha outra.")
    codigo = dps.emissao.itens[0].codigo.strip()
    if tipo == "1" and codigo.startswith(_SEM_ISS):
        yield falta(
            "exigibilidade",
            f"O código nacional {codigo} é de operação sem ISS. Escolha a não incidência, ou outro código no serviço.",
            "E0529",
        )
    if (tipo == "2") != bool(dps.imunidade):
        yield falta(
            "imunidade",
            "Diga qual é a imunidade." if tipo == "2" else "O tipo de imunidade só vale para nota imune. Apague-o.",
            "E0592",
        )
    elif dps.imunidade == "0":
        yield falta("imunidade", "O tipo de imunidade não pode ficar sem definição. Escolha um.", "E0593")
    if (tipo == "3") != bool(dps.pais_resultado):
        exportacao = tipo == "3"
        yield falta(
            "pais_resultado",
            "Exportação: informe o país onde se verificou o resultado do serviço."
            if exportacao
            else "O país do resultado só vale para exportação. Apague-o.",
            "E0590" if exportacao else "E0591",
        )
    if dps.suspensao is not None and dps.suspensao.tipo not in ("1", "2"):
        yield falta(
            "suspensao.processo",
            "O processo só vai com a exigibilidade suspensa. Escolha a suspensão, ou apague o número.",
        )
    elif dps.suspensao is not None and not dps.suspensao.processo:
        yield falta("suspensao.processo", "Informe o número do processo que suspende o ISS.")
    elif dps.suspensao is not None and not re.fullmatch(r"[0-9]{30}", dps.suspensao.processo):
        yield falta("suspensao.processo", "O número do processo tem exatamente 30 algarismos. Complete com zeros.")
    if dps.beneficio is not None:
        yield from _beneficio(dps, dps.beneficio)


def _beneficio(dps: Dps, beneficio: Beneficio) -> Iterator[Problema]:
    if not re.fullmatch(r"[0-9]{14}", beneficio.numero):
        yield falta("beneficio.numero", "O número do benefício municipal tem 14 algarismos. Confira-o com o município.")
    elif not beneficio.numero.startswith(dps.emissao.municipio_incidencia):
        yield falta(
            "beneficio.numero",
            f"O benefício é de outro município: o número começa pelo código do IBGE do de incidência do ISS "
            f"({dps.emissao.municipio_incidencia}). Confira os dois.",
            "E0533",
        )
    if dps.tributacao != "1":
        yield falta(
            "beneficio.numero",
            "O benefício municipal reduz a base do ISS, e esta operação não é tributável. Apague-o ou mude a "
            "tributação.",
        )
    if beneficio.valor is not None and beneficio.percentual is not None:
        yield falta("beneficio.percentual", "A redução vai em reais ou em percentual. Apague um dos dois.")
    elif beneficio.valor is not None and beneficio.valor <= 0:
        yield falta("beneficio.valor", "A redução da base é maior que zero. Corrija-a, ou deixe em branco.")
    elif beneficio.percentual is not None and not ZERO < beneficio.percentual <= 100:
        yield falta("beneficio.percentual", "A redução vai de mais que 0 a 100 %. Corrija-a, ou deixe em branco.")


def _aliquota(dps: Dps, tracos: frozenset[str], quando: date) -> Iterator[Problema]:
    linha = presencas.linha("pAliq", tracos, quando)
    if linha.presenca is Presenca.PROIBIDA:
        return  # withheld: the Sefin knows the rate
    aliquotas = {item.aliquota for item in dps.emissao.itens}
    aliquota = dps.emissao.itens[0].aliquota
    if linha.presenca is Presenca.OBRIGATORIA and aliquota is None:
        yield falta("itens.0.aliquota", "Nesta situação a alíquota do ISS é de quem emite. Informe-a.", linha.codigo)
    if len(aliquotas) > 1:
        yield falta("itens", "A NFS-e nacional tem uma só alíquota, e os itens têm várias. Iguale-as.")
    if aliquota is None:
        return
    piso = presencas.linha("pAliqMin", tracos, quando).valor or ZERO
    if aliquota > _TETO:
        yield falta("itens.0.aliquota", "A alíquota do ISS passa de 5 %, o teto da LC 116. Confira-a.", "E0595")
    elif aliquota < piso:
        yield falta(
            "itens.0.aliquota", f"A alíquota do ISS é menor que {format_percentual(piso)}, o mínimo. Confira-a."
        )


def _federais(dps: Dps) -> Iterator[Problema]:
    retidos = [item.retencoes for item in dps.emissao.itens]
    for campo, nomes, codigo in (
        ("inss", ("inss",), "E0699"),
        ("ir", ("ir",), "E0700"),
        ("csll", ("pis", "cofins", "csll"), "E0701"),
    ):
        soma = sum((getattr(r, nome) for r in retidos for nome in nomes), ZERO)
        if any(getattr(r, nome) < 0 for r in retidos for nome in nomes):
            yield falta(f"itens.0.retencoes.{campo}", "Retenções não podem ser negativas. Confira-as.", codigo)
        elif soma and soma >= dps.valor:
            yield falta(
                f"itens.0.retencoes.{campo}", "O valor retido tem de ser menor que o do serviço. Confira-o.", codigo
            )
    if any(r.pis or r.cofins or r.csll for r in retidos) and dps.pis_cofins is None:
        yield falta(
            "pis_cofins.situacao_tributaria",
            "Há PIS, COFINS ou CSLL retidos: informe a situação tributária (CST) do PIS e da COFINS.",
            "E0701",
        )
    if any(valor for r in retidos for _, valor in r.outras):
        yield falta("itens.0.retencoes.outras", "O layout nacional não tem campo para outras retenções. Apague-as.")
    if dps.pis_cofins is not None:
        yield from _pis_cofins(dps.pis_cofins, dps.valor)


def _pis_cofins(proprio: PisCofins, valor: Decimal) -> Iterator[Problema]:
    cst, base = proprio.situacao_tributaria, proprio.base
    if not _CST.fullmatch(cst):
        yield falta("pis_cofins.situacao_tributaria", "Este CST de PIS/COFINS não existe. Escolha um da tabela.")
    if base is None:
        if cst not in SEM_BASE:
            yield falta("pis_cofins.base", "Este CST pede a base de cálculo do PIS e da COFINS. Informe-a.", "E0678")
        return
    if not ZERO < base <= valor:
        yield falta("pis_cofins.base", "A base do PIS e da COFINS vai de zero ao valor do serviço.", "E0682")
    for nome, aliquota, devido, codigo in (
        ("pis", proprio.aliquota_pis, proprio.pis, "E0694"),
        ("cofins", proprio.aliquota_cofins, proprio.cofins, "E0696"),
    ):
        if cst in _SEM_ALIQUOTA and aliquota:
            yield falta(f"pis_cofins.aliquota_{nome}", "Com este CST a alíquota é zero. Confira-a.", "E0688")
        if aliquota is not None and devido is not None:
            certo = (base * aliquota / 100).quantize(_CENTAVO)
            if abs(certo - devido) > _CENTAVO:
                yield falta(f"pis_cofins.{nome}", f"O valor do {nome.upper()} não é base vezes alíquota.", codigo)


def _total(total: TotalTributos, tracos: frozenset[str], quando: date) -> Iterator[Problema]:
    formas = [total.valores is not None, total.percentuais is not None, total.simples is not None, total.nao_informar]
    if sum(formas) != 1:
        yield falta(
            "total_tributos",
            "Informe no canal da empresa os tributos aproximados (Lei 12.741/2012): a alíquota do Simples, só de ME e "
            "EPP, ou os três percentuais.",
        )
        return
    linha_da_forma = forma(total)
    if linha_da_forma in ("indTotTrib", "pTotTribSN"):
        linha = presencas.linha(linha_da_forma, tracos, quando)
        if linha.presenca is Presenca.PROIBIDA:
            yield falta(
                "total_tributos",
                "O regime da empresa não admite este modo de informar os tributos aproximados. Informe os três "
                "percentuais no canal dela.",
                linha.codigo,
            )
