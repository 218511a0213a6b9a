"""One write being examined: the body as read, the registers, and everything found wrong; then what it did."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.livro import registrar
from sandbox.totvs import erros, registros
from sandbox.totvs.chaves import Chave, referencia_usada
from sandbox.totvs.erros import Falhas
from sandbox.totvs.models import Movimento, Titulo, Usuario
from sandbox.totvs.opcoes import SERVICO, Opcoes
from sandbox.totvs.registros import Registros

ZERO = Decimal(0)
MOEDA_NACIONAL = "REAL"
_ROTULOS = {
    "empresas": "a empresa",
    "estabelecimentos": "o estabelecimento",
    "especies": "a espécie",
    "portadores": "o portador",
    "moedas": "a moeda",
    "unidades": "a unidade de negócio",
    "fluxos": "o tipo de fluxo financeiro",
}


@dataclass
class Exame:
    """`baixas` is how much of other titles this body has already taken, by their pk; `novas` the keys it opens."""

    ajustes: Ajustes
    usuario: Usuario
    tag: str = ""
    matriz: str = ""
    falhas: Falhas = field(default_factory=Falhas)
    baixas: dict[int, Decimal] = field(default_factory=dict)
    novas: set[str] = field(default_factory=set)

    @cached_property
    def opcoes(self) -> Opcoes:
        return Opcoes(self.ajustes)

    @cached_property
    def registros(self) -> Registros:
        return registros.ler()

    @cached_property
    def agora(self) -> datetime:
        return self.ajustes.agora()

    @property
    def exemplos(self) -> bool:
        return bool(self.opcoes["exemplos_da_pagina"])

    def falha(self, codigo: str, caminho: str, mensagem: str) -> None:
        self.falhas.add(codigo, caminho, mensagem)

    def traduzir(self, registro: str, externo: str, caminho: str) -> str:
        """The internal code of an external one; empty, and told, when the matrix has none."""
        matriz = self.registros.matriz(self.matriz)
        if matriz is None:
            nome = "ExternalOrganizationTranslationMatrixCode"
            self.falha(erros.MATRIZ, nome, f"Não há a matriz de tradução {self.matriz}.")
            return ""
        achado = matriz.get(registro, {}).get(externo, "")
        if not achado:
            self.falha(erros.MATRIZ, caminho, f"O código externo {externo} não está na matriz de tradução.")
        return achado

    def codigo(self, objeto: dict[str, Any], caminho: str, nome: str, registro: str, *, externo: str = "") -> str:
        """A code as registered, the external one translated when the internal is blank; empty when none is there."""
        informado, onde = objeto[nome], f"{caminho}.{nome}"
        if not informado and externo and objeto[externo]:
            onde = f"{caminho}.{externo}"
            informado = self.traduzir(registro, objeto[externo], onde)
        if not informado:
            return ""
        achado = self.registros.codigo(registro, informado)
        if not achado:
            self.falha(erros.CADASTRO, onde, f"Não há {_ROTULOS[registro]} {informado} no ERP.")
        return achado

    def fornecedor(self, codigo: int, caminho: str) -> None:
        if not self.registros.fornecedor_ativo(codigo):
            self.falha(erros.CADASTRO, f"{caminho}.SupplierCode", f"O fornecedor {codigo} não existe ou está inativo.")

    def estabelecimento(self, empresa: str, codigo: str, onde: str) -> None:
        """The branch must be of the company."""
        if codigo and empresa and self.registros.empresa_de(codigo) != empresa:
            self.falha(erros.CADASTRO, onde, f"O estabelecimento {codigo} não é da empresa {empresa}.")

    def forma(self, codigo: str, onde: str) -> None:
        if codigo and codigo.upper() not in {forma.upper() for forma in self.opcoes["formas_pagamento"]}:
            self.falha(erros.CADASTRO, onde, f"Não há a forma de pagamento {codigo} no ERP.")

    def aberta(self, dia: date, caminho: str) -> None:
        if not self.registros.aberto(dia):
            onde = f"{caminho}.TransactionDate"
            self.falha(erros.DATA, onde, f"{dia:%d/%m/%Y} não está em um período aberto do contas a pagar.")

    def referencia(self, empresa: str, estabelecimento: str, referencia: str, onde: str) -> None:
        if referencia and referencia_usada(empresa, estabelecimento, referencia):
            mensagem = f"A referência {referencia} já foi usada no estabelecimento {estabelecimento}."
            self.falha(erros.REFERENCIA, onde, mensagem)

    def titulo(self, empresa: str, chave: Chave) -> Titulo | None:
        """The title of a key; of two, the one that lives."""
        achados = Titulo.objects.filter(empresa=empresa, chave=str(chave))
        return achados.order_by("situacao").first() if self.opcoes["chave_cancelada_livre"] else achados.first()

    def livro(self, tipo: str, titulo: Titulo, dia: date, numero: str, valor: Decimal) -> None:
        """A row of the ledger, which names the title by its whole key. Inside `gravacao`."""
        registrar(
            instante=self.agora,
            servico=SERVICO,
            tipo=tipo,
            contribuinte=contribuinte(titulo.empresa, titulo.estabelecimento),
            pa=f"{dia:%Y%m}",
            numero=numero,
            valor=valor,
            tag=self.tag,
            documento=titulo.chave,
        )


def contribuinte(empresa: str, estabelecimento: str) -> str:
    """Company and branch, where other services have a taxpayer."""
    return f"{empresa}/{estabelecimento}"[:14]


def mostrar(titulo: Titulo) -> dict[str, Any]:
    """A title in an answer."""
    return {
        "BranchCode": titulo.estabelecimento,
        "DocumentClassCode": titulo.especie,
        "DocumentSerieCode": titulo.serie,
        "SupplierCode": titulo.fornecedor,
        "DocumentNumber": titulo.numero,
        "DocumentParcelNumber": titulo.parcela,
        "IdVendorsPayments": titulo.pk,
        "DocumentBalanceValue": titulo.saldo,
    }


def movimentar(titulo: Titulo, tipo: str, referencia: str, dia: date, valor: Decimal, **dados: Any) -> Movimento:
    """Inside `gravacao`. `valor` is what the balance loses; the balance itself is the caller's to change."""
    return Movimento.objects.create(titulo=titulo, tipo=tipo, referencia=referencia, data=dia, valor=valor, dados=dados)
