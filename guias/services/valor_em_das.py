"""What the DAS of a pré-voo come to on the day they are to be paid, by our own estimate."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from comum.formatos import contar, format_data, format_dinheiro
from empresas.models import Empresa
from guias.services.acesso import Contexto
from guias.services.acoes import Acao
from guias.services.acrescimos import Estimativa, estimar, selic
from guias.services.avisos import Aviso
from guias.services.das import a_pagar, consolidacao_das, ha_das, resta
from operacoes.motor import NovaOperacao


@dataclass(frozen=True)
class ValorEmDas:
    """Amounts in reais. `pagamento`: the day to which what is overdue is brought; None up to the due date."""

    vencimento: date
    pagamento: date | None
    itens: list[tuple[Empresa, Estimativa]]

    @property
    def total(self) -> Decimal:
        """Without the interest of those of which it is not known."""
        return self._soma(lambda feita: feita.principal + feita.multa + (feita.juros or Decimal(0)))

    @property
    def sem_juros(self) -> int:
        """Of how many the interest is not known before the Receita computes it."""
        return sum(feita.juros is None for _, feita in self.itens)

    @property
    def rotulo(self) -> str:
        return f"DAS para pagar em {format_data(self.pagamento)}" if self.pagamento else "Valor dos DAS"

    @property
    def dito(self) -> str:
        """What the total has in it, in pt-BR."""
        if self.pagamento is None:
            return "sem multa e juros: ainda no prazo"
        return "estimativa com multa, sem os juros" if self.sem_juros else "estimativa com multa e juros"

    def avisos(self) -> list[Aviso]:
        """The fine and interest of what is overdue, by empresa."""
        if self.pagamento is None:
            return []
        multa = self._soma(lambda feita: feita.multa)
        texto = (
            f"{contar(len(self.itens), 'DAS vencido', 'DAS vencidos')} em {format_data(self.vencimento)}: para pagar "
            f"em {format_data(self.pagamento)}, multa de {format_dinheiro(multa)} e juros "
        )
        if self.sem_juros:
            texto += "que só a Receita diz ao emitir, porque falta ao Guichê a Selic de algum mês."
        else:
            juros = self._soma(lambda feita: feita.juros or Decimal(0))
            texto += f"de {format_dinheiro(juros)}, pela nossa estimativa. Vale o que a Receita calcular."
        return [Aviso("das_vencido", texto, [(empresa, _dita(feita)) for empresa, feita in self.itens])]

    def _soma(self, de: Callable[[Estimativa], Decimal]) -> Decimal:
        return sum((de(feita) for _, feita in self.itens), Decimal(0))


def em_das(
    acao: str, prontas: Sequence[Empresa], novas: Sequence[NovaOperacao], contexto: Contexto
) -> ValorEmDas | None:
    """Of the DAS that are drawn, and of the late declarations, whose DAS follow; None where there is nothing to say."""
    principais, pagamento = _principais(acao, novas, contexto)
    if not principais:
        return None
    taxas, empresas = selic(), {empresa.pk: empresa for empresa in prontas}
    itens = [
        (empresas[pk], estimar(principal, contexto.prazo, pagamento or contexto.prazo, taxas))
        for pk, principal in principais.items()
    ]
    return ValorEmDas(contexto.prazo, pagamento, itens)


def _principais(acao: str, novas: Sequence[NovaOperacao], contexto: Contexto) -> tuple[dict[int, Decimal], date | None]:
    """Of each empresa what its DAS asks for, in reais, and the day to which they are brought."""
    apuracoes = {nova.empresa_id or 0: contexto.fatos[nova.empresa_id or 0].apuracao for nova in novas}
    if acao == Acao.EMITIR_DAS:
        dia = next((nova.pedido["consolidacao"] for nova in novas), None)
        todas = {pk: a_pagar(a, contexto.pagos[a.pk]) for pk, a in apuracoes.items() if a is not None}
        return todas, date.fromisoformat(dia) if dia else None
    atrasado = consolidacao_das(contexto.prazo, contexto.dia_de_pagar)
    if acao != Acao.TRANSMITIR or atrasado is None:
        return {}, None
    faltam = {}
    for nova in novas:
        apuracao = apuracoes[nova.empresa_id or 0]
        declarado = sum((Decimal(valor) for valor in nova.pedido["comparar"].values()), Decimal(0))
        if apuracao is not None and ha_das(falta := resta(apuracao, declarado, contexto.pagos[apuracao.pk])):
            faltam[apuracao.empresa_id] = falta
    return faltam, atrasado


def _dita(feita: Estimativa) -> str:
    dito = f"{format_dinheiro(feita.principal)}, multa {format_dinheiro(feita.multa)}"
    if feita.juros is None or feita.total is None:
        return f"{dito}, mais os juros"
    return f"{dito}, juros {format_dinheiro(feita.juros)}: {format_dinheiro(feita.total)}"
