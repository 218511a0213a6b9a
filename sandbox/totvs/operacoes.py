"""The six operations: verb, path, body, who carries each one out; and what a call is about before it is read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.nucleo import ajustes as ajustes_do_nucleo
from sandbox.nucleo.livro import gravacao
from sandbox.totvs import acesso, erros, registros
from sandbox.totvs.chaves import Chave
from sandbox.totvs.erros import Recusa
from sandbox.totvs.esquema import corpos, json_exato
from sandbox.totvs.esquema.campos import Esquema, Leitor
from sandbox.totvs.esquema.corpos import DOCUMENTO, ITENS, LOTE
from sandbox.totvs.esquema.json_exato import achar, itens
from sandbox.totvs.exame import Exame, contribuinte
from sandbox.totvs.models import Usuario
from sandbox.totvs.opcoes import Opcoes
from sandbox.totvs.regras import antecipacao, atualizacao, estorno, impostos, lote, pagamento
from sandbox.totvs.respostas import Sucesso

IMPOSTOS = "impostos"
_RETIDOS = "PendentTaxInformation"


@dataclass(frozen=True)
class Escrita:
    """How a body is read (`forma` finds what the table of fields cannot say) and carried out."""

    raiz: str
    esquema: Esquema
    forma: Callable[[Exame, dict[str, Any]], None]
    executar: Callable[[Exame, dict[str, Any], str, str], Sucesso]


@dataclass(frozen=True)
class Operacao:
    """`opcao` tells the path, below the resource for those that write."""

    nome: str
    metodo: str
    opcao: str
    escrita: Escrita | None = None


OPERACOES = (
    Operacao("lote", "POST", "caminho_lote", Escrita(LOTE, corpos.E1, lote.forma, lote.executar)),
    Operacao(
        "antecipacao",
        "POST",
        "caminho_antecipacao",
        Escrita(DOCUMENTO, corpos.E2, antecipacao.forma, antecipacao.executar),
    ),
    Operacao("pagamento", "POST", "caminho_pagamento", Escrita(LOTE, corpos.E3, pagamento.forma, pagamento.executar)),
    Operacao("estorno", "PUT", "caminho_estorno", Escrita(DOCUMENTO, corpos.E4, estorno.forma, estorno.executar)),
    Operacao(
        "atualizacao",
        "PUT",
        "caminho_atualizacao",
        Escrita(DOCUMENTO, corpos.E5, atualizacao.forma, atualizacao.executar),
    ),
    Operacao(IMPOSTOS, "GET", "caminho_impostos"),
)
_POR_NOME = {operacao.nome: operacao for operacao in OPERACOES}


def nomes() -> list[str]:
    return list(_POR_NOME)


def executar(escrita: Escrita, bruto: Any, usuario: Usuario, ajustes: ajustes_do_nucleo.Ajustes, tag: str) -> Sucesso:
    """Shape and sizes together, then access, then the rules together, then the effect. Raises Recusa."""
    leitor = Leitor(Opcoes(ajustes))
    com_barras = escrita.esquema is corpos.E1 and leitor.opcoes["barras_no_lote"]
    esquema = corpos.E1_COM_BARRAS if com_barras else escrita.esquema
    lido = leitor.objeto(esquema, bruto, "")
    corpo = lido[escrita.raiz]
    exame = Exame(ajustes, usuario, tag, lido["ExternalOrganizationTranslationMatrixCode"], leitor.falhas)
    if corpo is not None:
        escrita.forma(exame, corpo)
    if exame.falhas or corpo is None:
        _recusar_forma(exame, bruto, escrita)
    for documento in (corpo, *corpo.get(ITENS, ())):
        if _RETIDOS in documento:
            impostos.descartar_enchimento(exame, documento)
    with gravacao():
        empresa, estabelecimento = _onde(exame, escrita, corpo)
        _acesso(usuario, corpo, estabelecimento)
        if not (empresa and estabelecimento):
            raise Recusa(400, exame.falhas, negocio=True)
        return escrita.executar(exame, corpo, empresa, estabelecimento)


def _recusar_forma(exame: Exame, bruto: Any, escrita: Escrita) -> None:
    if achar(bruto, escrita.raiz) is None:
        mensagem = f"O corpo deve ter o objeto {escrita.raiz} na raiz."
        exame.falhas.insert(0, erros.Falha(erros.JSON, mensagem, escrita.raiz))
    raise Recusa(400, exame.falhas)


def _campo_do_ramo(corpo: dict[str, Any]) -> str:
    if "BranchCode" in corpo:
        return "BranchCode"
    return "BordereauBranchCode" if not corpo["ReferenceBranchCode"] else "ReferenceBranchCode"


def _onde(exame: Exame, escrita: Escrita, corpo: dict[str, Any]) -> tuple[str, str]:
    """Company and branch of a body, as registered; empty, and told, when one is not."""
    ramo, raiz = _campo_do_ramo(corpo), escrita.raiz
    estabelecimento = exame.codigo(corpo, raiz, ramo, "estabelecimentos", externo="ExternalBranchCode")
    if "CompanyCode" not in corpo:
        return (exame.registros.empresa_de(estabelecimento), estabelecimento) if estabelecimento else ("", "")
    externa = "ExternalCompanyCode" if "ExternalCompanyCode" in corpo else ""
    empresa = exame.codigo(corpo, raiz, "CompanyCode", "empresas", externo=externa)
    exame.estabelecimento(empresa, estabelecimento, f"{raiz}.{ramo}")
    return empresa, estabelecimento


def _acesso(usuario: Usuario, corpo: dict[str, Any], estabelecimento: str) -> None:
    if estabelecimento:
        acesso.exigir_estabelecimento(usuario, estabelecimento)
    for item in corpo.get(ITENS, ()):
        if item.get("BranchCode"):
            acesso.exigir_estabelecimento(usuario, item["BranchCode"])


def assunto(escrita: Escrita, bruto: Any) -> tuple[str, str, str]:
    """Company and branch, month (AAAAMM) and documents of a body that may still be wrong. The documents are the
    keys of its titles, with `; ` between them."""
    corpo = achar(bruto, escrita.raiz)
    ramo = next(
        (
            valor
            for nome in ("BranchCode", "BordereauBranchCode", "ReferenceBranchCode")
            if isinstance(valor := achar(corpo, nome), str) and valor
        ),
        "",
    )
    empresa = _texto(achar(corpo, "CompanyCode")) or _empresa_do(ramo)
    dia = achar(corpo, "TransactionDate") or achar(corpo, "PrintDate")
    pa = f"{dia[:4]}{dia[5:7]}" if isinstance(dia, str) else ""
    titulos = itens(achar(corpo, ITENS)) if escrita.raiz == LOTE else itens(corpo)
    documentos = "; ".join(str(_chave(titulo, ramo)) for titulo in titulos)
    onde = contribuinte(empresa, ramo)
    return onde, pa if len(pa) == 6 and pa.isdecimal() else "", documentos


def _empresa_do(ramo: str) -> str:
    lidos = registros.ler()
    achado = lidos.codigo("estabelecimentos", ramo)
    return lidos.empresa_de(achado) if achado else ""


def _texto(valor: Any) -> str:
    return valor if isinstance(valor, str) else ""


def _chave(titulo: Any, ramo: str) -> Chave:
    fornecedor = achar(titulo, "SupplierCode")
    return Chave(
        _texto(achar(titulo, "BranchCode")) or ramo,
        _texto(achar(titulo, "DocumentClassCode")),
        _texto(achar(titulo, "DocumentSerieCode")),
        fornecedor if isinstance(fornecedor, int) else 0,
        _texto(achar(titulo, "DocumentNumber")),
        _texto(achar(titulo, "DocumentParcelNumber")),
    )


def cumprir_adiado(pedido: dict[str, Any]) -> None:
    """Carry out a request whose connection was dropped; a refusal leaves no effect, as it would have."""
    usuario = Usuario.objects.filter(pk=pedido["usuario"]).first()
    escrita = _POR_NOME[pedido["operacao"]].escrita
    if usuario is None or escrita is None:
        return
    try:
        bruto = json_exato.ler(pedido["corpo"].encode())
        executar(escrita, bruto, usuario, ajustes_do_nucleo.ler(), pedido["tag"])
    except Recusa:
        return
