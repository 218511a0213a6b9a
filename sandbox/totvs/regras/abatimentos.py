"""Write-offs: of prepayments, which pay for a title, and of forecasts, which it takes the place of."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.totvs import erros
from sandbox.totvs.chaves import Chave
from sandbox.totvs.exame import ZERO, Exame, movimentar
from sandbox.totvs.models import Movimento, Titulo
from sandbox.totvs.registros import ANTECIPACAO, PREVISAO, PROVISAO

ABATIMENTO = "PEC"


@dataclass
class Abatimentos:
    """What a document takes of others: pk of the prepayment or forecast and how much."""

    antecipacoes: list[tuple[int, Decimal]] = field(default_factory=list)
    previsoes: list[tuple[int, Decimal]] = field(default_factory=list)

    @property
    def abatido(self) -> Decimal:
        return sum((valor for _, valor in self.antecipacoes), ZERO)

    @property
    def total(self) -> Decimal:
        return self.abatido + sum((valor for _, valor in self.previsoes), ZERO)

    def como_json(self) -> dict[str, list[list[str]]]:
        return {
            "antecipacoes": [[str(pk), str(valor)] for pk, valor in self.antecipacoes],
            "previsoes": [[str(pk), str(valor)] for pk, valor in self.previsoes],
        }


def de_json(dados: dict[str, Any]) -> Abatimentos:
    antecipacoes, previsoes = (
        [(int(pk), Decimal(valor)) for pk, valor in dados.get(nome, ())] for nome in ("antecipacoes", "previsoes")
    )
    return Abatimentos(antecipacoes, previsoes)


def conferir(
    exame: Exame, documento: dict[str, Any], caminho: str, empresa: str, fornecedor: int, limite: Decimal
) -> Abatimentos:
    """What the lists of a document take; those of prepayments cannot pass `limite`."""
    feitos = Abatimentos()
    vistas: set[int] = set()
    for nome, tipos, destino in (
        ("PrepaymentWriteOffInformation", (ANTECIPACAO,), feitos.antecipacoes),
        ("ProvisionWriteOffInformation", (PREVISAO, PROVISAO), feitos.previsoes),
    ):
        for posicao, linha in enumerate(documento.get(nome, ())):
            onde = f"{caminho}.{nome}[{posicao}]"
            achado = _achar(exame, linha, onde, empresa, fornecedor, tipos)
            if achado is None:
                continue
            if achado.pk in vistas:
                exame.falha(erros.ABATIMENTO, onde, f"{achado.chave} aparece mais de uma vez neste item.")
                continue
            vistas.add(achado.pk)
            destino.append((achado.pk, _baixa(exame, achado, linha, onde)))
    if feitos.abatido > limite:
        onde = f"{caminho}.PrepaymentWriteOffInformation"
        mensagem = f"Os abatimentos somam {feitos.abatido:.2f}, mais que o valor de {limite:.2f}."
        exame.falha(erros.ABATIMENTO, onde, mensagem)
    return feitos


def _achar(
    exame: Exame, linha: dict[str, Any], onde: str, empresa: str, fornecedor: int, tipos: tuple[str, ...]
) -> Titulo | None:
    estabelecimento = linha["BranchCode"]
    if not estabelecimento and linha.get("ExternalBranchCode"):
        externo = f"{onde}.ExternalBranchCode"
        estabelecimento = exame.traduzir("estabelecimentos", linha["ExternalBranchCode"], externo)
    chave = Chave(
        estabelecimento,
        linha["DocumentClassCode"],
        linha["DocumentSerieCode"],
        linha.get("SupplierCode") or fornecedor,
        linha["DocumentNumber"],
        linha["DocumentParcelNumber"],
    )
    titulo = exame.titulo(empresa, chave)
    quem = "a antecipação" if ANTECIPACAO in tipos else "a previsão"
    if titulo is None or titulo.tipo not in tipos:
        if not exame.exemplos:
            exame.falha(erros.ABATIMENTO, f"{onde}.DocumentNumber", f"Não há {quem} {chave}.")
        return None
    if titulo.situacao != Titulo.Situacao.ABERTO:
        mensagem = f"Não se pode abater {quem} {chave}: está {titulo.get_situacao_display().lower()}."
        exame.falha(erros.ABATIMENTO, f"{onde}.DocumentNumber", mensagem)
        return None
    if titulo.tipo == ANTECIPACAO and exame.opcoes["antecipacao_paga_antes"] and not titulo.pago:
        exame.falha(erros.ABATIMENTO, f"{onde}.DocumentNumber", f"A antecipação {chave} ainda não foi paga.")
        return None
    return titulo


def _baixa(exame: Exame, titulo: Titulo, linha: dict[str, Any], onde: str) -> Decimal:
    """How much of the title is taken; a forecast may be dropped whole."""
    valor: Decimal = linha["WriteOffValue"]
    resta = titulo.saldo - exame.baixas.get(titulo.pk, ZERO)
    if valor > resta:
        mensagem = f"O saldo de {titulo.chave} é {resta:.2f}, menos que o abatimento de {valor:.2f}."
        exame.falha(erros.ABATIMENTO, f"{onde}.WriteOffValue", mensagem)
    elif linha.get("IsZeroBal"):
        valor = resta
    exame.baixas[titulo.pk] = exame.baixas.get(titulo.pk, ZERO) + valor
    return valor


def aplicar(feitos: Abatimentos, dia: date, referencia: str) -> None:
    """Lower the balances of the others. Inside `gravacao`."""
    for pk, valor in (*feitos.antecipacoes, *feitos.previsoes):
        outro = Titulo.objects.get(pk=pk)
        outro.saldo -= valor
        if not outro.saldo:
            outro.situacao = Titulo.Situacao.LIQUIDADO
        outro.save(update_fields=["saldo", "situacao"])
        movimentar(outro, ABATIMENTO, referencia, dia, valor)


def desfazer(feitos: Abatimentos, referencia: str) -> None:
    """Give back what was taken under a reference. Inside `gravacao`."""
    for pk, valor in (*feitos.antecipacoes, *feitos.previsoes):
        outro = Titulo.objects.get(pk=pk)
        outro.saldo += valor
        if outro.situacao == Titulo.Situacao.LIQUIDADO:
            outro.situacao = Titulo.Situacao.ABERTO
        outro.save(update_fields=["saldo", "situacao"])
        seus = Movimento.objects.filter(
            titulo=outro, tipo=ABATIMENTO, referencia=referencia, valor=valor, estornado=False
        )
        if (feito := seus.first()) is not None:
            feito.estornado = True
            feito.save(update_fields=["estornado"])
