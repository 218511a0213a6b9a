"""E3: a payment batch, settled at once, or a borderô, which the bank confirms later."""

from dataclasses import dataclass
from typing import Any

from sandbox.totvs import erros
from sandbox.totvs.chaves import gastar_referencia, nova_referencia
from sandbox.totvs.erros import Recusa
from sandbox.totvs.esquema.corpos import ITENS, LOTE
from sandbox.totvs.exame import ZERO, Exame, mostrar
from sandbox.totvs.models import Bordero, ItemBordero, Titulo
from sandbox.totvs.regras import comum, impostos, rateio
from sandbox.totvs.regras.baixas import baixar
from sandbox.totvs.regras.item_pago import Pago, conferir
from sandbox.totvs.respostas import Sucesso

BORDERO, EM_LOTE = "bordero", "lote"


@dataclass(frozen=True)
class Cabecalho:
    """Where and how a request pays. `tipo` is BORDERO or EM_LOTE, empty when the number has no meaning."""

    empresa: str
    estabelecimento: str
    portador: str
    tipo: str
    ja: bool


def tipo(exame: Exame, corpo: dict[str, Any]) -> str:
    return str(exame.opcoes["tipos_pagamento"].get(str(corpo["TransactionType"]), ""))


def forma(exame: Exame, corpo: dict[str, Any]) -> None:
    """What each kind of update requires, and what it does not take."""
    qual = tipo(exame, corpo)
    exigidos, recusados = {
        BORDERO: (("BordereauBranchCode", "StatementNumber"), ("ReferenceBranchCode", "Reference")),
        EM_LOTE: (("ReferenceBranchCode", "Reference"), ()),
    }.get(qual, ((), ()))
    for nome in exigidos:
        externo = nome.endswith("BranchCode") and corpo["ExternalBranchCode"]
        if not corpo[nome] and not externo:
            exame.falha(erros.FALTA, f"{LOTE}.{nome}", f"Informe {nome}: é obrigatório neste tipo de atualização.")
    for nome in recusados:
        if corpo[nome]:
            exame.falha(erros.TIPO, f"{LOTE}.{nome}", f"{nome} fica em branco em um borderô.")
    for posicao, item in enumerate(corpo[ITENS]):
        _forma_do_item(exame, item, f"{LOTE}.{ITENS}[{posicao}]")


def _forma_do_item(exame: Exame, item: dict[str, Any], onde: str) -> None:
    if not item["PrepaymentReference"]:
        for nome in ("BranchCode", "DocumentClassCode", "SupplierCode", "DocumentNumber"):
            if not item[nome]:
                exame.falha(erros.FALTA, f"{onde}.{nome}", f"Informe {nome}, ou PrepaymentReference.")
    if bool(item["CheckbookNumber"]) != bool(item["CheckNumber"]):
        exame.falha(erros.FALTA, f"{onde}.CheckNumber", "CheckbookNumber e CheckNumber vão juntos.")
    for nome in ("CheckBranchCode", "CheckBearer", "CheckBearerName"):
        if item[nome] and not item["CheckNumber"]:
            exame.falha(erros.FALTA, f"{onde}.{nome}", f"{nome} só se informa com um cheque: falta CheckNumber.")
    rateio.centros(exame, item, onde)


def executar(exame: Exame, corpo: dict[str, Any], empresa: str, estabelecimento: str) -> Sucesso:
    """Inside `gravacao`. Raises Recusa with everything that the rules refuse; with IsPartialBatchGenerated the good
    items are paid and the others told."""
    cabecalho = _cabecalho(exame, corpo, empresa, estabelecimento)
    pagos, avisos = _itens(exame, corpo, cabecalho)
    if exame.falhas or not pagos:
        raise Recusa(400, [*exame.falhas, *avisos], negocio=True)
    referencia = _referencia(corpo, cabecalho)
    bordero = _abrir_bordero(corpo, cabecalho) if cabecalho.tipo == BORDERO else None
    for pago in pagos:
        _pagar(exame, corpo, cabecalho, pago, bordero, referencia)
    feito = "Borderô" if bordero else "Lote de pagamento"
    mensagem = f"{feito} gerado com {len(pagos)} título(s)" + (f"; {len(avisos)} aviso(s)." if avisos else ".")
    return Sucesso(mensagem, referencia, [mostrar(pago.titulo) for pago in pagos], avisos)


def _cabecalho(exame: Exame, corpo: dict[str, Any], empresa: str, estabelecimento: str) -> Cabecalho:
    qual = tipo(exame, corpo)
    if not qual:
        aceitos = ", ".join(exame.opcoes["tipos_pagamento"])
        exame.falha(erros.FORA_DA_TABELA, f"{LOTE}.TransactionType", f"TransactionType deve ser um destes: {aceitos}.")
    portador = exame.codigo(corpo, LOTE, "CollectorCode", "portadores", externo="ExternalCollectorCode")
    exame.codigo(corpo, LOTE, "CurrencyCode", "moedas")
    exame.aberta(corpo["TransactionDate"], LOTE)
    if corpo["SupplierCode"]:
        exame.fornecedor(corpo["SupplierCode"], LOTE)
    if corpo["TenNineNineInformation"] is not None:
        onde = f"{LOTE}.TenNineNineInformation"
        comum.dos_eua(exame, corpo["TenNineNineInformation"], onde, "TaxIndentificationNumber")
    _tabelas(exame, corpo)
    _totais(exame, corpo)
    if qual == BORDERO:
        _numero_livre(exame, corpo, empresa, estabelecimento, portador)
    else:
        exame.referencia(empresa, estabelecimento, corpo["Reference"], f"{LOTE}.Reference")
    ja = qual != BORDERO or bool(corpo["IsReferenceUpdated"])
    return Cabecalho(empresa, estabelecimento, portador, qual, ja)


def _tabelas(exame: Exame, corpo: dict[str, Any]) -> None:
    if corpo["IsStatementSent"] and not corpo["IsStatementEletronic"]:
        mensagem = "Só um borderô escritural (IsStatementEletronic) pode já ter sido enviado ao banco."
        exame.falha(erros.FORA_DA_TABELA, f"{LOTE}.IsStatementSent", mensagem)
    if corpo["EconomicPurposeCode"].upper() not in ("", "CORRENTE"):
        mensagem = "EconomicPurposeCode fica em branco ou é Corrente."
        exame.falha(erros.FORA_DA_TABELA, f"{LOTE}.EconomicPurposeCode", mensagem)


def _totais(exame: Exame, corpo: dict[str, Any]) -> None:
    soma = sum((item["PaymentValue"] for item in corpo[ITENS]), ZERO)
    for nome in ("TotalPaymentValue", "TotalInformedValue"):
        if corpo[nome] and corpo[nome] != soma:
            mensagem = f"{nome} é {corpo[nome]:.2f} e os pagamentos somam {soma:.2f}."
            exame.falha(erros.TOTAL, f"{LOTE}.{nome}", mensagem)


def _numero_livre(exame: Exame, corpo: dict[str, Any], empresa: str, estabelecimento: str, portador: str) -> None:
    numero = corpo["StatementNumber"]
    iguais = Bordero.objects.filter(empresa=empresa, estabelecimento=estabelecimento, portador=portador, numero=numero)
    if iguais.exists():
        mensagem = f"O borderô {numero} já existe no estabelecimento {estabelecimento} e portador {portador}."
        exame.falha(erros.BORDERO, f"{LOTE}.StatementNumber", mensagem)


def _itens(exame: Exame, corpo: dict[str, Any], cabecalho: Cabecalho) -> tuple[list[Pago], list[erros.Falha]]:
    """The items that may be paid, and what is wrong with the others when the batch may be partial."""
    parcial, vistos, sequencias = bool(corpo["IsPartialBatchGenerated"]), set[int](), set[int]()
    pagos: list[Pago] = []
    avisos: list[erros.Falha] = []
    do_cabecalho = list(exame.falhas)
    for posicao, item in enumerate(corpo[ITENS]):
        exame.falhas.clear()
        onde, baixas = f"{LOTE}.{ITENS}[{posicao}]", dict(exame.baixas)
        if item["Sequence"] in sequencias:
            exame.falha(erros.SEQUENCIA, f"{onde}.Sequence", f"A sequência {item['Sequence']} está repetida.")
        sequencias.add(item["Sequence"])
        pago = conferir(exame, corpo, item, onde, cabecalho.empresa, vistos)
        if not exame.falhas and pago is not None:
            pagos.append(pago)
        else:
            exame.baixas = baixas
        (avisos if parcial else do_cabecalho).extend(exame.falhas)
    exame.falhas[:] = do_cabecalho
    return pagos, avisos


def _referencia(corpo: dict[str, Any], cabecalho: Cabecalho) -> str:
    """The batch's own, or one that the ERP makes for a borderô settled at once; none for one that waits."""
    empresa, estabelecimento, dia = cabecalho.empresa, cabecalho.estabelecimento, corpo["TransactionDate"]
    if cabecalho.tipo == BORDERO:
        return nova_referencia(empresa, estabelecimento, dia, "B") if cabecalho.ja else ""
    gastar_referencia(empresa, estabelecimento, corpo["Reference"])
    return str(corpo["Reference"])


def _abrir_bordero(corpo: dict[str, Any], cabecalho: Cabecalho) -> Bordero:
    return Bordero.objects.create(
        empresa=cabecalho.empresa,
        estabelecimento=cabecalho.estabelecimento,
        portador=cabecalho.portador,
        numero=corpo["StatementNumber"],
        data=corpo["TransactionDate"],
        confirmado=cabecalho.ja,
    )


def _pagar(
    exame: Exame, corpo: dict[str, Any], cabecalho: Cabecalho, pago: Pago, bordero: Bordero | None, referencia: str
) -> None:
    titulo, dia = pago.titulo, corpo["TransactionDate"]
    abertos = impostos.gravar(exame, pago.item, titulo, pago.chave, dia, referencia)
    if bordero is not None:
        dados = pago.baixa.como_json() | {"impostos": abertos}
        ItemBordero.objects.create(bordero=bordero, titulo=titulo, dados=dados)
        exame.livro("bordero", titulo, dia, str(bordero.numero), pago.baixa.pago)
    if cabecalho.ja:
        baixar(exame, titulo, pago.baixa, dia, referencia, abertos)
    else:
        titulo.situacao = Titulo.Situacao.BORDERO
        titulo.save(update_fields=["situacao"])
