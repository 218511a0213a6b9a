"""What is on the screen of a new payment: its header, and one row for each title, whose rest is loaded on demand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from comum.documentos import Invalido
from comum.formatos import contar, format_dinheiro, parse_dinheiro
from pagar.forms.campos import folhas
from pagar.forms.corpo import CorpoDigitado, Cru
from pagar.forms.titulo import PAIS
from pagar.models import Pagamento, Titulo
from pagar.providers.blocos import Imposto
from pagar.providers.campos import Problema
from pagar.providers.interface import LotePagamento, TipoPagamento, TituloPago
from pagar.services import acesso, pagamentos, registro, retencoes

ZERO = Decimal(0)
MAXIMO_DE_TITULOS = 1000
# What of a title stands in its row.
NA_LINHA = ("valor", "juros", "multa", "desconto", "correcao", "forma_pagamento")
_SEM_DO_PAGAMENTO = ("empresa", "referencia", "matriz")
_SEM_DO_TITULO = (
    "empresa", "referencia", "estabelecimento", "especie", "serie", "fornecedor", "numero", "parcela", "sequencia",
    "previsoes.estabelecimento_externo",
)  # fmt: skip


class LinhaPagamento:
    """One title. Until its details are asked for, they are what the title says by itself (pagamentos.item_de)."""

    def __init__(
        self,
        titulo: Titulo,
        *,
        dados: QueryDict | None = None,
        crus: Cru | None = None,
        detalhada: bool,
        a_reter: tuple[Imposto, ...] | None = None,
        antes: TituloPago | None = None,
    ) -> None:
        self.titulo, self._a_reter = titulo, a_reter
        if antes is not None:
            detalhada, self.item = _diferem(antes, self.item), antes
        self.detalhada = detalhada
        # What the title was when its row was drawn.
        self.versao = titulo.versao if dados is None else _versao(dados.get(f"t{titulo.pk}-versao", ""))
        formato = acesso.formato_de(titulo.conta)
        sem: set[str] = set(_SEM_DO_TITULO)
        if not detalhada:
            sem |= {folha.nome for folha in folhas(TituloPago, formato)} - set(NA_LINHA)
            sem |= {"antecipacoes", "previsoes", "rateio", "impostos", "cambio"}
        self.digitado: CorpoDigitado[TituloPago] = CorpoDigitado(
            TituloPago,
            formato,
            dados=dados,
            inicial=None if dados is not None or crus is not None else self.item,
            crus=crus,
            sem=sem,
            prefixo=f"t{titulo.pk}",
            padroes={"impostos": Imposto(pais=PAIS, classe=1, moeda=titulo.conta.moeda)},
        )

    @cached_property
    def item(self) -> TituloPago:
        return pagamentos.item_de(self.titulo, self._a_reter)

    def pago(self) -> TituloPago:
        """What was typed over what the title says by itself."""
        lido: dict[str, Any] = {
            folha.nome: self.digitado.form.lido()[folha.nome] for folha in self.digitado.form.folhas.values()
        }
        if self.detalhada:
            corpo = self.digitado.corpo()
            lido |= {nome: getattr(corpo, nome) for nome in self.digitado.listas}
        return replace(self.item, **lido)

    @property
    def celulas(self) -> list[tuple[forms.BoundField, str, str]]:
        return self.digitado.form.desenhados(NA_LINHA)

    @property
    def ditos(self) -> list[str]:
        """What is wrong in the row, said below it."""
        form = self.digitado.form
        return [
            f"{form.fields[nome].label}: {texto}" if nome in NA_LINHA else str(texto)
            for nome, textos in form.errors.items()
            if nome in NA_LINHA or nome == "__all__"
            for texto in textos
        ]

    @property
    def retido(self) -> Decimal:
        return registro.retido(self.item.impostos)


@dataclass(frozen=True)
class ResumoDoPagamento:
    quantos: int
    valor: Decimal
    juros: Decimal
    desconto: Decimal

    @property
    def rotulo(self) -> str:
        """Of the button that sends it, and what is asked before it does."""
        return f"Pagar {contar(self.quantos, 'título', 'títulos')} · {format_dinheiro(self.valor)}"


class EdicaoPagamento:
    """`titulos` are of one company of one ERP. `recusado`: the payment that is corrected, as it was asked."""

    def __init__(
        self,
        titulos: Sequence[Titulo],
        *,
        dados: QueryDict | None = None,
        crus: Cru | None = None,
        recusado: Pagamento | None = None,
    ) -> None:
        self.titulos = list(titulos)
        antes = pagamentos.itens_de(recusado) if recusado is not None else {}
        conta = self.titulos[0].conta
        self.conta = conta
        self.digitado: CorpoDigitado[LotePagamento] = CorpoDigitado(
            LotePagamento,
            acesso.formato_de(conta),
            dados=dados if crus is None else None,
            inicial=self._inicial(recusado) if dados is None and crus is None else None,
            crus=crus,
            sem=_SEM_DO_PAGAMENTO,
        )
        a_reter = retencoes.a_reter(self.titulos)
        self.linhas = [
            LinhaPagamento(t, dados=dados, detalhada=_detalhada(dados, t), a_reter=a_reter[t.pk], antes=antes.get(t.pk))
            for t in self.titulos
        ]
        for numero, linha in enumerate(self.linhas, start=1):
            for campo in linha.digitado.form.fields.values():
                campo.label = f"{campo.label}, título {numero}"

    def _inicial(self, recusado: Pagamento | None = None) -> LotePagamento:
        if recusado is not None:
            return replace(pagamentos.cabeca_de(recusado), data=max(recusado.data, timezone.localdate()))
        conta, primeiro = self.conta, self.titulos[0]
        portador = conta.portador_do_bordero or conta.portador
        estabelecimento = primeiro.estabelecimento
        return LotePagamento(
            tipo=TipoPagamento.BORDERO,
            data=timezone.localdate(),
            moeda=conta.moeda,
            portador=portador,
            estabelecimento_bordero=estabelecimento,
            bordero=pagamentos.proximo_bordero(conta, primeiro.empresa_erp, estabelecimento, portador),
        )

    @property
    def partes(self) -> list[forms.Form]:
        return [*self.digitado.todos(), *(form for linha in self.linhas for form in linha.digitado.todos())]

    def legivel(self) -> bool:
        lidos = [form.is_valid() for form in self.partes]
        return all(lidos)

    def corpo(self) -> LotePagamento:
        corpo: LotePagamento = self.digitado.corpo()
        return corpo

    def itens(self) -> list[TituloPago]:
        return [linha.pago() for linha in self.linhas]

    @property
    def versoes(self) -> dict[int, int | None]:
        return {linha.titulo.pk: linha.versao for linha in self.linhas}

    def problemas(self) -> list[Problema]:
        """What changed is told once: the rows are drawn again as the titles are now."""
        self.legivel()
        mudados = pagamentos.mudaram(self.titulos, self.versoes)
        for linha in self.linhas:
            linha.versao = linha.titulo.versao
        return mudados + pagamentos.problemas(self.titulos, self.itens(), self.corpo())

    def marcar(self, problemas: Sequence[Problema]) -> None:
        for problema in problemas:
            nome, _, resto = problema.campo.partition(".")
            numero, _, campo = resto.partition(".")
            if nome != "titulos" or not numero.isdecimal() or int(numero) >= len(self.linhas):
                self.digitado.marcar([problema])
                continue
            linha = self.linhas[int(numero)]
            campos = {*linha.digitado.form.folhas, *linha.digitado.listas}
            onde = campo if campo.partition(".")[0] in campos else ""
            linha.digitado.marcar([Problema(onde, _do_titulo(problema.mensagem))])

    def com_tipo(self, dados: QueryDict) -> "EdicaoPagamento":
        """The same as typed, the header as its kind wants it. `self` is it as posted."""
        crus = self.digitado.crus_dos(dados)
        form, primeiro, inicial = crus["form"], self.titulos[0], self._inicial()
        bordero = form.get("tipo") == TipoPagamento.BORDERO
        form["bordero"] = inicial.bordero if bordero else ""
        form["estabelecimento_bordero"] = primeiro.estabelecimento if bordero else ""
        form["estabelecimento_referencia"] = "" if bordero else primeiro.estabelecimento
        return EdicaoPagamento(self.titulos, dados=dados, crus=crus)

    def resumo(self, dados: QueryDict | None = None) -> ResumoDoPagamento:
        """Of what is typed in the rows, read without the forms: it is asked at each key."""
        if dados is None:
            itens = [linha.item for linha in self.linhas]
            mais = [valor for item in itens for valor in (item.juros, item.multa, item.correcao)]
            return ResumoDoPagamento(
                len(itens), _soma(item.valor for item in itens), _soma(mais), _soma(item.desconto for item in itens)
            )
        return resumo_de(dados, [titulo.pk for titulo in self.titulos])


def _soma(valores: Iterable[Decimal | None]) -> Decimal:
    return sum((valor for valor in valores if valor is not None), ZERO)


def resumo_de(dados: QueryDict, pks: Sequence[int]) -> ResumoDoPagamento:
    def soma(*nomes: str) -> Decimal:
        lidos = (parse_dinheiro(dados.get(f"t{pk}-{nome}", "")) for pk in pks for nome in nomes)
        return _soma(lido for lido in lidos if not isinstance(lido, Invalido))

    return ResumoDoPagamento(len(pks), soma("valor"), soma("juros", "multa", "correcao"), soma("desconto"))


def detalhes_de(titulo: Titulo, dados: QueryDict, acao: str) -> LinhaPagamento:
    """The details of one title for the screen: loaded now, or with their lines changed; its row stays as typed."""
    if not _detalhada(dados, titulo):
        return LinhaPagamento(titulo, detalhada=True)
    postada = LinhaPagamento(titulo, dados=dados, detalhada=True)
    return LinhaPagamento(
        titulo, crus=postada.digitado.com_acao(postada.digitado.crus_dos(dados), acao), detalhada=True
    )


def _versao(texto: str) -> int | None:
    return int(texto) if texto.isdecimal() and texto.isascii() and len(texto) < 10 else None


def _diferem(antes: TituloPago, agora: TituloPago) -> bool:
    """Whether more of a payment is other than what its row shows."""
    na_linha: dict[str, Any] = {nome: getattr(agora, nome) for nome in (*NA_LINHA, "sequencia")}
    return replace(antes, **na_linha) != agora


def _detalhada(dados: QueryDict | None, titulo: Titulo) -> bool:
    return dados is not None and dados.get(f"t{titulo.pk}-detalhes") == "1"


def _do_titulo(mensagem: str) -> str:
    """A message as it stands at its title: "Título 3, imposto 1: ..." without the title's number."""
    inicio, separa, resto = mensagem.partition(": ")
    if not (separa and inicio.startswith("Título ")):
        return mensagem
    _, _, parte = inicio.partition(", ")
    dito = f"{parte}: {resto}" if parte else resto
    return dito[:1].upper() + dito[1:]
