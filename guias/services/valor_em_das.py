"""What the DAS of a pré-voo come to on the day they are to be paid, by our own estimate."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from comum.formatos import contar, format_data, format_dinheiro
from empresas.models import Empresa
from guias.services import mei
from guias.services.acesso import Acessos, Contexto
from guias.services.acoes import Acao
from guias.services.acrescimos import Estimativa, estimar, selic
from guias.services.avisos import Aviso
from guias.services.das import a_pagar, consolidacao_das, ha_das, resta
from guias.services.esperado_mei import esperados
from operacoes.motor import NovaOperacao


@dataclass(frozen=True)
class UmDas:
    """`pagamento`: the day to which what is overdue is brought; None up to the due date. `estimativa`: None where
    nothing is known of the value, and `dito` says why; else `dito` says where the principal comes from, if not from
    what was declared."""

    empresa: Empresa
    mes: date
    vencimento: date
    pagamento: date | None
    estimativa: Estimativa | None
    dito: str = ""

    @property
    def em_palavras(self) -> str:
        """Day and value, in pt-BR."""
        dia = f"vence em {format_data(self.vencimento)}"
        if self.pagamento:
            dia = f"vencimento {format_data(self.vencimento)}, para pagar em {format_data(self.pagamento)}"
        if self.estimativa is None:
            return f"{dia}, valor só na emissão: {self.dito}"
        return f"{dia}: {_dita(self.estimativa)}" + (f" ({self.dito})" if self.dito else "")


@dataclass(frozen=True)
class ValorEmDas:
    """By the chave of each Operacao; amounts in reais. `nome`: of what is drawn. `estimado`: the principal too is our
    own figure."""

    itens: Mapping[str, UmDas]
    nome: str = "DAS"
    estimado: bool = False

    @property
    def total(self) -> Decimal:
        """Without the interest of those of which it is not known, and without those of which nothing is."""
        return _soma(self._conhecidos, lambda feita: feita.principal + feita.multa + (feita.juros or Decimal(0)))

    @property
    def sem_juros(self) -> int:
        """Of how many the interest is not known before the Receita computes it."""
        return sum(feita.juros is None for feita in self._conhecidos)

    @property
    def sem_valor(self) -> int:
        """Of how many nothing is known before they are drawn."""
        return len(self.itens) - len(self._conhecidos)

    @property
    def so_na_emissao(self) -> bool:
        return not self._conhecidos

    @property
    def pagamento(self) -> date | None:
        """The day to which what is overdue is brought."""
        return next((um.pagamento for um in self.itens.values() if um.pagamento), None)

    @property
    def rotulo(self) -> str:
        dia = self.pagamento
        if dia is None or not all(um.pagamento for um in self.itens.values()):
            return f"Valor dos {self.nome}"
        return f"{self.nome} para pagar em {format_data(dia)}"

    @property
    def dito(self) -> str:
        """What the total has in it, in pt-BR."""
        if self.pagamento is None:
            dito = "sem multa e juros: ainda no prazo"
            dito = f"estimativa nossa, {dito}" if self.estimado else dito
        else:
            dito = "estimativa com multa, sem os juros" if self.sem_juros else "estimativa com multa e juros"
        if self.sem_valor:
            dito += f", fora {contar(self.sem_valor, 'de valor desconhecido', 'de valor desconhecido')}"
        return dito

    def avisos(self) -> list[Aviso]:
        """The fine and interest of what is overdue, by empresa and due date."""
        vencidos: dict[tuple[date, date], list[UmDas]] = {}
        for um in self.itens.values():
            if um.pagamento:
                vencidos.setdefault((um.vencimento, um.pagamento), []).append(um)
        return [self._aviso(*dias, vencidos[dias]) for dias in sorted(vencidos)]

    def _aviso(self, vencimento: date, pagamento: date, vencidos: list[UmDas]) -> Aviso:
        feitas = [um.estimativa for um in vencidos if um.estimativa]
        multa = _soma(feitas, lambda feita: feita.multa)
        texto = (
            f"{contar(len(vencidos), self.nome, self.nome)} com vencimento em {format_data(vencimento)}: "
            f"para pagar em {format_data(pagamento)}, multa de {format_dinheiro(multa)} e juros "
        )
        if any(feita.juros is None for feita in feitas):
            texto += "que só a Receita diz ao emitir, porque falta ao Guichê a Selic de algum mês."
        else:
            juros = _soma(feitas, lambda feita: feita.juros or Decimal(0))
            texto += f"de {format_dinheiro(juros)}, pela nossa estimativa. Vale o que a Receita calcular."
        ditos = [(um.empresa, _dita(um.estimativa) if um.estimativa else um.dito) for um in vencidos]
        return Aviso("das_vencido", texto, ditos)

    @property
    def _conhecidos(self) -> list[Estimativa]:
        return [um.estimativa for um in self.itens.values() if um.estimativa]


def _soma(feitas: Sequence[Estimativa], de: Callable[[Estimativa], Decimal]) -> Decimal:
    return sum((de(feita) for feita in feitas), Decimal(0))


def em_das(
    acao: str, prontas: Sequence[Empresa], novas: Sequence[NovaOperacao], contexto: Acessos
) -> ValorEmDas | None:
    """Of the DAS and DAS-MEI that are drawn, and of the late declarations, whose DAS follow; None where there is
    nothing to say."""
    empresas = {empresa.pk: empresa for empresa in prontas}
    if isinstance(contexto, mei.ContextoMei):
        return _em_das_mei(empresas, novas, contexto) if acao in (mei.EMISSAO, mei.SO_BARRAS) and novas else None
    if not isinstance(contexto, Contexto):
        return None
    principais, pagamento = _principais(acao, novas, contexto)
    if not principais:
        return None
    taxas, dia = selic(), pagamento or contexto.prazo
    chaves = {nova.empresa_id or 0: nova.chave for nova in novas}
    itens = {
        chaves[pk]: UmDas(
            empresas[pk],
            contexto.competencia,
            contexto.prazo,
            pagamento,
            estimar(principal, contexto.prazo, dia, taxas),
        )
        for pk, principal in principais.items()
    }
    return ValorEmDas(itens)


def _em_das_mei(
    empresas: Mapping[int, Empresa], novas: Sequence[NovaOperacao], contexto: mei.ContextoMei
) -> ValorEmDas:
    """The value of the table of the month, by the activities; of what was drawn before, that of the copy."""
    taxas, itens = selic(), {}
    pedidos = [(nova, empresas[nova.empresa_id or 0], date.fromisoformat(nova.pedido["competencia"])) for nova in novas]
    pares = [(empresa, mes) for _, empresa, mes in pedidos]
    com_beneficio = {
        (empresa.pk, mes)
        for empresa, mes in pares
        if contexto.beneficios.get((empresa.pk, str(mes.year)), {}).get(f"{mes:%Y%m}")
    }
    da_tabela = esperados(pares, com_beneficio)
    for nova, empresa, mes in pedidos:
        vencimento, consolidacao = contexto.prazo_de(mes), nova.pedido["consolidacao"]
        pagamento = date.fromisoformat(consolidacao) if consolidacao else None
        esperado, anterior = da_tabela[empresa.pk, mes], contexto.guias.get(mei.divida(empresa.pk, mes))
        principal, dito = esperado.total, esperado.fonte or esperado.motivo
        if anterior is not None and anterior.principal and not anterior.so_a_soma:
            principal, dito = anterior.principal, "pela via anterior"
        feita = None if principal is None else estimar(principal, vencimento, pagamento or vencimento, taxas)
        itens[nova.chave] = UmDas(empresa, mes, vencimento, pagamento, feita, dito)
    return ValorEmDas(itens, "DAS-MEI", estimado=True)


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
    if not feita.multa and not feita.juros and feita.juros is not None:
        return format_dinheiro(feita.principal)
    dito = f"{format_dinheiro(feita.principal)}, multa {format_dinheiro(feita.multa)}"
    if feita.juros is None or feita.total is None:
        return f"{dito}, mais os juros"
    return f"{dito}, juros {format_dinheiro(feita.juros)}: {format_dinheiro(feita.total)}"
