"""Rows of accounts payable for tests: an account that can be used, a supplier, titles, payments. Invented data only."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import connection
from django.utils import timezone

from comum import segredos
from comum.models import Usuario
from empresas.models import Empresa
from operacoes.models import ENCERRADAS, Classe, Efeito, Operacao, Processamento, Situacao
from pagar.models import ContaErp, Fornecedor, ItemPagamento, Lote, Movimento, Pagamento, Titulo
from pagar.providers import interface
from pagar.providers.blocos import Imposto, Rateio
from pagar.providers.campos import campos_de
from pagar.providers.pedidos import guardar
from tests.cast import cnpj_valido

COMPETENCIA = date(2026, 10, 1)
VENCIMENTO = date(2026, 11, 20)
BARRAS = "85800000001000003282632407202632500000001000"  # a DAS of R$ 100,00
_proximo = count(1)


def conta(**campos: Any) -> ContaErp:
    """An account with user and password."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('pagar_conta_codigo')")
        codigo = cursor.fetchone()[0]
    nova = ContaErp(
        codigo=codigo,
        base="http://erp.exemplo:8280",
        usuario="guiche",
        empresa="1",
        estabelecimento="101",
        portador="341",
        portador_do_bordero="341",
        **{"nome": f"Datasul {codigo}"} | campos,
    )
    segredos.selar(nova, "senha", "senha-do-erp")
    nova.save()
    return nova


def fornecedor(conta: ContaErp, nome: str = "Limpadora Inventada Ltda", **campos: Any) -> Fornecedor:
    numero = next(_proximo)
    padrao = {"codigo": 5000 + numero, "documento": cnpj_valido(70_000 + numero)}
    return Fornecedor.objects.create(conta=conta, nome=nome, **padrao | campos)


def corpo_do_titulo(
    fornecedor: Fornecedor, numero: str, valor: Decimal, vencimento: date, **campos: Any
) -> interface.Titulo:
    """One that the ERP's rules take."""
    padrao: dict[str, Any] = {
        "especie": "DP",
        "portador": "341",
        "emissao": date(2026, 11, 1),
        "rateio": (
            Rateio(plano_contas="GERAL", conta="21101001", unidade_negocio="00", fluxo="10.06.01", valor=valor),
        ),
    }
    return interface.Titulo(
        fornecedor=fornecedor.codigo, numero=numero, valor=valor, vencimento=vencimento, **padrao | campos
    )


def imposto(valor: str = "15.00", **campos: Any) -> Imposto:
    """A withheld IRRF."""
    padrao: dict[str, Any] = {
        "pais": "BRA",
        "imposto": "3",
        "classe": 1,
        "classificacao": "1708",
        "rendimento": Decimal(1000),
        "base": Decimal(1000),
        "valor": Decimal(valor),
        "vencimento": VENCIMENTO,
        "moeda": "Real",
        "fornecedor": 9,
    }
    return Imposto(**padrao | campos)


def novo_titulo(
    empresa: Empresa,
    fornecedor: Fornecedor,
    *,
    numero: str = "",
    valor: str | Decimal = "100.00",
    vencimento: date = VENCIMENTO,
    corpo: dict[str, Any] | None = None,
    **campos: Any,
) -> Titulo:
    """Not saved. `corpo` are fields of interface.Titulo; the others are columns. A prepayment by its `tipo`."""
    numero, valor = numero or f"QX{next(_proximo):06d}", Decimal(valor)  # found by letters, that no document has
    adiantado = campos.get("tipo") == Titulo.Tipo.ANTECIPACAO
    enviado: interface.Titulo | interface.Antecipacao = corpo_do_titulo(
        fornecedor, numero, valor, vencimento, **corpo or {}
    )
    if adiantado:
        comuns = {nome for nome, _ in campos_de(interface.Antecipacao)} - {"antecipacoes"}
        lidos = {nome: getattr(enviado, nome) for nome, _ in campos_de(interface.Titulo) if nome in comuns}
        conta = fornecedor.conta
        enviado = interface.Antecipacao(
            **lidos | {"empresa": conta.empresa, "estabelecimento": conta.estabelecimento, "especie": "AN"}
        )
    saldo = Decimal(0) if campos.get("situacao") in (*Titulo.MORTOS, Titulo.Situacao.LIQUIDADO) else valor
    padrao: dict[str, Any] = {
        "competencia": COMPETENCIA,
        "empresa_erp": fornecedor.conta.empresa,
        "estabelecimento": fornecedor.conta.estabelecimento,
        "especie": enviado.especie,
        "serie": enviado.serie,
        "parcela": enviado.parcela,
        "emissao": enviado.emissao,
        "saldo": saldo,
        "corpo": guardar(enviado),
    }
    return Titulo(
        conta=fornecedor.conta,
        empresa=empresa,
        fornecedor=fornecedor,
        numero=numero,
        valor=valor,
        vencimento=vencimento,
        **padrao | campos,
    )


def titulo(empresa: Empresa, fornecedor: Fornecedor, **campos: Any) -> Titulo:
    """A draft, unless `situacao` says else; as novo_titulo()."""
    novo = novo_titulo(empresa, fornecedor, **campos)
    novo.save()
    return novo


def aberto(empresa: Empresa, fornecedor: Fornecedor, **campos: Any) -> Titulo:
    """A title that the ERP has, with the movement of its beginning."""
    feito = titulo(empresa, fornecedor, **{"situacao": Titulo.Situacao.ABERTO} | campos)
    Movimento.objects.create(
        titulo=feito,
        tipo=Movimento.Tipo.IMPLANTADO,
        data=date(2026, 11, 3),
        referencia=f"I{feito.pk}"[:10],
        valor=feito.valor,
        saldo=feito.saldo,
    )
    return feito


def lote(titulos: Sequence[Titulo], **campos: Any) -> Lote:
    """The batch in which these titles are, not sent."""
    primeiro = titulos[0]
    padrao: dict[str, Any] = {
        "referencia": f"I{next(_proximo):09d}",
        "data": date(2026, 11, 3),
        "quantidade": len(titulos),
        "total": sum((titulo.valor for titulo in titulos), Decimal(0)),
    }
    feito = Lote.objects.create(
        conta=primeiro.conta,
        empresa_erp=primeiro.empresa_erp,
        estabelecimento=primeiro.estabelecimento,
        **padrao | campos,
    )
    Titulo.objects.filter(pk__in=[titulo.pk for titulo in titulos]).update(lote=feito)
    return feito


def operacao(
    conta: ContaErp,
    tipo: str,
    chave: str,
    pedido: dict[str, Any],
    *,
    usuario: Usuario | None = None,
    empresa: Empresa | None = None,
    situacao: str = Situacao.PENDENTE,
    processamento: Processamento | None = None,
    **campos: Any,
) -> Operacao:
    """As the engine would have made it, without its queue."""
    if situacao in ENCERRADAS:
        campos = {"encerrada_em": timezone.now()} | campos
    return Operacao.objects.create(
        tipo=tipo,
        chave=chave,
        pedido=pedido,
        acesso=conta.acesso,
        balde=f"datasul:{conta.acesso}",
        servico="datasul",
        efeito=Efeito.UNICO,
        classe=Classe.GRATIS,
        situacao=situacao,
        usuario=usuario,
        empresa=empresa,
        processamento=processamento,
        **campos,
    )


def pagamento(
    titulos: Sequence[Titulo], *, bordero: int | None = 12, situacao: str = Pagamento.Situacao.GERADO, **campos: Any
) -> Pagamento:
    """A borderô of the whole of these, or with bordero=None a payment batch."""
    primeiro = titulos[0]
    padrao: dict[str, Any] = {
        "tipo": Pagamento.Tipo.LOTE if bordero is None else Pagamento.Tipo.BORDERO,
        "referencia": f"P{next(_proximo):09d}" if bordero is None else "",
        "data": date(2026, 11, 10),
        "total": sum((titulo.valor for titulo in titulos), Decimal(0)),
    }
    feito = Pagamento.objects.create(
        conta=primeiro.conta,
        empresa_erp=primeiro.empresa_erp,
        estabelecimento=primeiro.estabelecimento,
        portador="341",
        bordero=bordero,
        situacao=situacao,
        quantidade=len(titulos),
        **padrao | campos,
    )
    ItemPagamento.objects.bulk_create(
        ItemPagamento(
            pagamento=feito,
            titulo=titulo,
            valor=titulo.valor,
            baixa=titulo.valor,
            corpo=guardar(
                interface.TituloPago(
                    empresa=titulo.empresa_erp,
                    estabelecimento=titulo.estabelecimento,
                    especie=titulo.especie,
                    fornecedor=titulo.fornecedor.codigo,
                    numero=titulo.numero,
                    valor=titulo.valor,
                    sequencia=ordem * 10,
                )
            ),
        )
        for ordem, titulo in enumerate(titulos, start=1)
    )
    return feito


def erros_da_pagina(resposta: Any) -> dict[str, str]:
    """What the page says is wrong: id of the field -> sentence, from its summary."""
    achados: dict[str, str] = {}
    for parte in resposta.context["edicao"].partes:
        for nome, textos in parte.errors.items():
            onde = "" if nome == "__all__" else nome
            achados[parte.add_prefix(onde).rstrip("-") if parte.prefix else onde] = " ".join(textos)
    return achados
