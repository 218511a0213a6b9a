"""Where our figures and those of the Receita part, tribute by tribute, and what most likely makes it, in pt-BR.

The likely reason is proved, not guessed, where that can be done: the month is computed again as the Receita may see it
(another RBT12, fator r on the other side of 0.28, ICMS and ISS in or out of the DAS, a tribute collected or not
upstream), and what gives the Receita's own figures is said.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from comum.formatos import format_dinheiro, format_percentual
from guias.calculo.anexos import TabelaAnexos
from guias.calculo.atividades import ATIVIDADES, Mercado
from guias.calculo.memoria import Receita
from guias.calculo.rbt12 import ReceitaMes
from guias.calculo.simples import Entrada, Resultado, calcular
from guias.calculo.tributos import ICMS_ISS, POR_CODIGO, Tributo, nome_do_codigo

Valores = Mapping[str, Decimal]
_ZERO = Decimal("0.00")
_CENTAVO = Decimal("0.01")
_COMPARADOS = frozenset(POR_CODIGO.values())


@dataclass(frozen=True, slots=True)
class Diferenca:
    """One tribute that is not the same, in reais: ours, the Receita's, and the sentence that tells it."""

    codigo: str
    nome: str
    nosso: Decimal
    dele: Decimal
    dito: str

    @property
    def valor(self) -> Decimal:
        return self.dele - self.nosso


def diferencas(nossos: Valores, deles: Valores) -> list[Diferenca]:
    """The tributes that are not the same, each told in plain words."""
    codigos = sorted(codigo for codigo in {*nossos, *deles} if nossos.get(codigo, _ZERO) != deles.get(codigo, _ZERO))
    return [_diferenca(codigo, nossos.get(codigo, _ZERO), deles.get(codigo, _ZERO)) for codigo in codigos]


def _diferenca(codigo: str, nosso: Decimal, dele: Decimal) -> Diferenca:
    nome = nome_do_codigo(codigo)
    if not nosso:
        dito = f"{nome}: a Receita cobra {format_dinheiro(dele)}, e nós não."
    elif not dele:
        dito = f"{nome}: nós calculamos {format_dinheiro(nosso)}, e a Receita não cobra."
    else:
        quanto, lado = abs(dele - nosso), "a mais" if dele > nosso else "a menos"
        dito = f"{nome}: a Receita calculou {format_dinheiro(dele)}, {format_dinheiro(quanto)} {lado} que os nossos "
        dito += f"{format_dinheiro(nosso)}."
        if quanto <= 2 * _CENTAVO:
            dito += " É arredondamento de centavo."
    return Diferenca(codigo, nome, nosso, dele, dito)


def razao(entrada: Entrada, tabela: TabelaAnexos, deles: Valores) -> str:
    """Why the Receita's figures are others, as far as computing the month again shows it (pt-BR); empty when they are
    the same. Tributes without a published code take no part: of the Receita's, which are they cannot be told."""
    nosso = calcular(entrada, tabela)
    if not isinstance(nosso, Resultado):
        return nosso.motivo
    alvo = {POR_CODIGO[codigo]: valor for codigo, valor in deles.items() if codigo in POR_CODIGO and valor}
    partes = {tributo: alvo.get(tributo, _ZERO) - nosso.valores.get(tributo, _ZERO) for tributo in _COMPARADOS}
    maior = max(abs(valor) for valor in partes.values())
    if not maior:
        return ""
    if maior <= _CENTAVO * max(2, len(nosso.grupos)):
        return (
            "São centavos de arredondamento: a Receita arredonda cada tributo de outro modo. O valor dela é o que vale."
        )
    for tentar in _HIPOTESES:
        for outra, dito in tentar(entrada, nosso, tabela, alvo):
            feito = calcular(outra, tabela)
            if isinstance(feito, Resultado) and _iguais(feito.valores, alvo):
                return dito
    return _sem_prova(nosso, alvo)


def _iguais(a: Mapping[Tributo, Decimal], b: Mapping[Tributo, Decimal]) -> bool:
    return all(abs(a.get(tributo, _ZERO) - b.get(tributo, _ZERO)) <= 2 * _CENTAVO for tributo in _COMPARADOS)


Hipoteses = Iterator[tuple[Entrada, str]]


def _fator_r(entrada: Entrada, nosso: Resultado, tabela: TabelaAnexos, alvo: Mapping[Tributo, Decimal]) -> Hipoteses:
    if nosso.fator_r is None:
        return
    terceiro = any(grupo.anexo == "III" and ATIVIDADES[grupo.atividades[0]].fator_r for grupo in nosso.grupos)
    receita = nosso.rbt12.total or Decimal(1)
    outro, folha = ("V", Decimal(0)) if terceiro else ("III", receita)
    dito = (
        f"A Receita usou o Anexo {outro}, e nós o {'III' if terceiro else 'V'}: a folha ou a receita dos 12 meses "
        "que ela conhece põe o fator r do outro lado de 0,28. Confira a folha de cada mês no histórico."
    )
    yield replace(entrada, folha12=folha), dito


def _outra_rbt12(
    entrada: Entrada, nosso: Resultado, tabela: TabelaAnexos, alvo: Mapping[Tributo, Decimal]
) -> Hipoteses:
    """RBT12 as implied by a tribute that only one group owes: its share of the revenue gives the effective rate."""
    grupos = [grupo for grupo in nosso.grupos if grupo.mercado is Mercado.INTERNO and grupo.receita]
    if len(grupos) != 1 or len(nosso.grupos) != 1:
        return
    grupo = grupos[0]
    presentes = sum((grupo.partes.values()), _ZERO)
    if not presentes or not grupo.aliquota_efetiva:
        return
    total, comparados = sum(alvo.values(), _ZERO), _COMPARADOS & grupo.partes.keys()
    for faixa in tabela.faixas[grupo.anexo]:
        # The tributes that stay are the same part of the effective rate in every band but the last.
        ficam = sum((parte for tributo, parte in faixa.particao.items() if tributo in comparados), _ZERO)
        if not ficam:
            continue
        efetiva = total / grupo.receita * 10000 / ficam
        if efetiva >= faixa.aliquota or not faixa.deducao:
            continue
        implicita = faixa.deducao * 100 / (faixa.aliquota - efetiva)
        if implicita > faixa.limite or implicita <= 0:
            continue
        perto = implicita.quantize(_CENTAVO)
        dito = (
            f"A Receita usou a alíquota efetiva de {format_percentual(efetiva.quantize(Decimal('0.0001')))}, de uma "
            f"RBT12 de cerca de {format_dinheiro(perto.quantize(Decimal(1)))}, e a nossa é de "
            f"{format_dinheiro(nosso.rbt12.interno)}. Algum mês anterior está com outra receita lá: confira o "
            "histórico com as declarações."
        )
        yield replace(entrada, rbt12=ReceitaMes(perto, nosso.rbt12.externo)), dito


def _sublimite(entrada: Entrada, nosso: Resultado, tabela: TabelaAnexos, alvo: Mapping[Tributo, Decimal]) -> Hipoteses:
    if nosso.rbt12.interno < min(entrada.sublimite, entrada.sublimite_anterior or entrada.sublimite) / 2:
        return  # too far from it
    if nosso.valores.keys() & ICMS_ISS:
        dito = (
            "A Receita tirou o ICMS e o ISS do DAS: para ela, a empresa passou do sublimite. Confira a receita do ano "
            "anterior e a deste ano no histórico."
        )
        yield replace(entrada, icms_iss_fora=True), dito
    elif alvo.keys() & ICMS_ISS:
        dito = (
            "A Receita cobra ICMS ou ISS no DAS: para ela, a empresa não passou do sublimite. Confira a receita dos "
            "meses anteriores no histórico."
        )
        yield replace(entrada, anteriores={}, rbt12=nosso.rbt12), dito


def _tratamento(entrada: Entrada, nosso: Resultado, tabela: TabelaAnexos, alvo: Mapping[Tributo, Decimal]) -> Hipoteses:
    """One receita whose tribute was left out and is due, or the other way round."""
    for n, receita in enumerate(entrada.receitas):
        padrao = ATIVIDADES[receita.atividade].removidos_padrao if receita.removidos is None else receita.removidos
        for tributo in sorted(padrao | receita.afastados):
            sem = replace(receita, removidos=padrao - {tributo}, afastados=receita.afastados - {tributo})
            dito = (
                f"A Receita não descontou {tributo.rotulo} dos {format_dinheiro(receita.valor)} da atividade "
                f"{receita.atividade}. Confira o tratamento ou o ajuste dessa receita."
            )
            yield replace(entrada, receitas=_com(entrada.receitas, n, sem)), dito
        for tributo in sorted(receita.reducoes):
            outras = {outro: valor for outro, valor in receita.reducoes.items() if outro is not tributo}
            dito = (
                f"A Receita não aceitou a isenção ou redução de {tributo.rotulo} nos "
                f"{format_dinheiro(receita.valor)} da atividade {receita.atividade}."
            )
            yield replace(entrada, receitas=_com(entrada.receitas, n, replace(receita, reducoes=outras))), dito
        for tributo in sorted(_COMPARADOS & nosso.valores.keys() - alvo.keys()):
            com = replace(receita, afastados=receita.afastados | {tributo})
            dito = (
                f"A Receita não cobrou {tributo.rotulo} nos {format_dinheiro(receita.valor)} da atividade "
                f"{receita.atividade}. Confira se há retenção, substituição ou isenção que falta informar."
            )
            yield replace(entrada, receitas=_com(entrada.receitas, n, com)), dito


def _com(receitas: tuple[Receita, ...], n: int, nova: Receita) -> tuple[Receita, ...]:
    return (*receitas[:n], nova, *receitas[n + 1 :])


_Hipotese = Callable[[Entrada, Resultado, TabelaAnexos, Mapping[Tributo, Decimal]], Hipoteses]
_HIPOTESES: tuple[_Hipotese, ...] = (_fator_r, _sublimite, _tratamento, _outra_rbt12)


def _sem_prova(nosso: Resultado, alvo: Mapping[Tributo, Decimal]) -> str:
    """What the shape of the difference suggests, when nothing tried gives the Receita's figures."""
    nossos = {tributo: valor for tributo, valor in nosso.valores.items() if tributo in _COMPARADOS}
    total, iss = sum(alvo.values(), _ZERO) - sum(nossos.values(), _ZERO), Tributo.ISS
    if abs(total) <= 2 * _CENTAVO and alvo.get(iss) != nosso.valores.get(iss):
        return (
            "O total é o mesmo e o que muda é a divisão entre o ISS e os tributos federais: é o teto de 5 % do ISS, "
            "aplicado de outro modo."
        )
    if alvo.keys() == nossos.keys():
        return (
            "Todos os tributos são os mesmos, com outros valores: a RBT12 ou a receita do mês é outra para a Receita. "
            "Confira os meses anteriores no histórico e as atividades."
        )
    return "Os tributos não são os mesmos: confira a atividade, o tratamento e os ajustes de cada receita."


_PAR = re.compile(r"(?<!\d)(10\d{2})\D{1,40}?(\d{1,3}(?:\.\d{3})+,\d{2}|\d+[.,]\d{1,2}|\d+)(?!\d)")


def listas_da_recusa(texto: str, enviados: Valores) -> Valores | None:
    """The values that the Receita computed, from the words of its refusal 035, which bring the list that was sent and
    the computed one. None when the words do not bring both: the sent one has to be there as it was sent."""
    pares = [(codigo, _valor(numero)) for codigo, numero in _PAR.findall(texto) if codigo in POR_CODIGO]
    sem_zeros = {codigo: valor for codigo, valor in enviados.items() if valor}
    for meio in range(1, len(pares)):
        antes, depois = dict(pares[:meio]), dict(pares[meio:])
        if len(antes) + len(depois) != len(pares):
            continue  # a code twice in one list: the other begins elsewhere
        listas = [{codigo: valor for codigo, valor in lista.items() if valor} for lista in (antes, depois)]
        if sem_zeros in listas:
            return listas[1] if listas[0] == sem_zeros else listas[0]
    return None


def _valor(texto: str) -> Decimal:
    limpo = texto.replace(".", "").replace(",", ".") if "," in texto else texto
    return Decimal(limpo).quantize(_CENTAVO)
