"""PGDASD queries: CONSDECLARACAO13, CONSULTIMADECREC14, CONSDECREC15, CONSEXTRATO16."""

from typing import Any

from sandbox.integra_contador.envelope import Pedido, Resultado
from sandbox.integra_contador.erros import pgdasd
from sandbox.integra_contador.models import Das, Declaracao
from sandbox.integra_contador.pgdasd import papeis
from sandbox.integra_contador.pgdasd.das import ler_pa, ler_textos
from sandbox.integra_contador.pgdasd.registros import ultima_declaracao
from sandbox.integra_contador.pgdasd.transmitir import base64_de
from sandbox.nucleo.ajustes import BRASILIA, Ajustes
from sandbox.nucleo.cadastro import contribuinte

# Setting: number of a declaration -> what is said of its being held. Nothing says so by itself.
MALHA = "integra_contador.malha"
_SUCESSO = [("[Sucesso-PGDASD]", "Requisição efetuada com sucesso.")]
_VAZIO = [("[Aviso-PGDASD-MSG_ISN_005]", "Nenhuma declaração encontrada.")]


def malha_valida(valor: Any) -> bool:
    return isinstance(valor, dict) and all(
        isinstance(numero, str) and isinstance(dito, str) and dito for numero, dito in valor.items()
    )


def listar(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    """By year or by period, never both. Nothing found is a 200 with an empty list and a warning."""
    dados = ler_textos(pedido.dados, {"anoCalendario": False, "periodoApuracao": False})
    if len(dados) != 1:
        raise pgdasd(2, "Informe anoCalendario ou periodoApuracao, nunca os dois.")
    retidas: dict[str, str] = ajustes.valores[MALHA]
    declaracoes = Declaracao.objects.filter(contribuinte=pedido.contribuinte.numero).prefetch_related("das")
    if "periodoApuracao" in dados:
        pa = ler_pa(dados["periodoApuracao"])
        do_pa = list(declaracoes.filter(pa=pa).order_by("sequencia"))
        return Resultado(
            {"anoCalendario": pa // 100, "periodo": _periodo(pa, do_pa, retidas)}, _SUCESSO if do_pa else _VAZIO
        )
    ano = dados["anoCalendario"]
    if len(ano) != 4 or not ano.isdecimal():
        raise pgdasd(2, "O anoCalendario deve ser AAAA.")
    por_pa: dict[int, list[Declaracao]] = {}
    for declaracao in declaracoes.filter(pa__range=(int(ano) * 100, int(ano) * 100 + 99)).order_by("pa", "sequencia"):
        por_pa.setdefault(declaracao.pa, []).append(declaracao)
    periodos = [_periodo(pa, lista, retidas) for pa, lista in por_pa.items()]
    return Resultado({"anoCalendario": int(ano), "periodos": periodos}, _SUCESSO if periodos else _VAZIO)


def _periodo(pa: int, declaracoes: list[Declaracao], retidas: dict[str, str]) -> dict[str, Any]:
    operacoes: list[dict[str, Any]] = []
    for declaracao in declaracoes:
        operacoes.append(_operacao_declaracao(declaracao, retidas))
        operacoes += [_operacao_das(das) for das in sorted(declaracao.das.all(), key=lambda das: das.pk)]
    return {"periodoApuracao": pa, "operacoes": operacoes}


def _operacao_declaracao(declaracao: Declaracao, retidas: dict[str, str]) -> dict[str, Any]:
    return {
        "tipoOperacao": "Retificadora" if declaracao.tipo == 2 else "Original",
        "indiceDeclaracao": {
            "numeroDeclaracao": declaracao.numero,
            "dataHoraTransmissao": declaracao.transmitida.astimezone(BRASILIA).strftime("%Y%m%d%H%M%S"),
            "malha": retidas.get(declaracao.numero),
        },
        "indiceDas": None,
    }


def _operacao_das(das: Das) -> dict[str, Any]:
    return {
        "tipoOperacao": "Geração de DAS",
        "indiceDeclaracao": None,
        "indiceDas": {
            "numeroDas": das.numero,
            "datahoraEmissaoDas": das.emitido.astimezone(BRASILIA).strftime("%Y%m%d%H%M%S"),
            "dasPago": das.pago is not None,
        },
    }


def ultima(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    pa = ler_pa(ler_textos(pedido.dados, {"periodoApuracao": True})["periodoApuracao"])
    declaracao = ultima_declaracao(pedido.contribuinte.numero, pa)
    if declaracao is None:
        raise pgdasd(5, f"Nenhuma declaração encontrada para o período {pa}.")
    return Resultado(_documentos(declaracao), _SUCESSO)


def por_numero(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    numero = ler_textos(pedido.dados, {"numeroDeclaracao": True})["numeroDeclaracao"]
    declaracao = Declaracao.objects.filter(contribuinte=pedido.contribuinte.numero, numero=numero).first()
    if declaracao is None:
        raise pgdasd(27, f"Declaração {numero[:17]} não encontrada.")
    return Resultado(_documentos(declaracao), _SUCESSO)


def _documentos(declaracao: Declaracao) -> dict[str, Any]:
    registro, numero = contribuinte(declaracao.contribuinte), declaracao.numero
    maed = None
    if declaracao.maed:
        maed = {
            "nomeArquivoNotificacao": f"PGDASD-NOTIFICACAO-MAED-{numero}.pdf",
            "pdfNotificacao": base64_de(papeis.notificacao_maed(declaracao, registro)),
            "nomeArquivoDarf": f"PGDASD-DARF-MAED-{numero}.pdf",
            "pdfDarf": base64_de(papeis.darf_maed(declaracao, registro)),
        }
    return {
        "numeroDeclaracao": numero,
        "recibo": {
            "nomeArquivo": f"PGDASD-RECIBO-{numero}.pdf",
            "pdf": base64_de(papeis.recibo(declaracao, registro)),
        },
        "declaracao": {
            "nomeArquivo": f"PGDASD-DECLARACAO-{numero}.pdf",
            "pdf": base64_de(papeis.declaracao(declaracao, registro)),
        },
        "maed": maed,
    }


def extrato(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    numero = ler_textos(pedido.dados, {"numeroDas": True})["numeroDas"]
    das = Das.objects.filter(declaracao__contribuinte=pedido.contribuinte.numero, numero=numero)
    achado = das.select_related("declaracao").first()
    if achado is None:
        raise pgdasd(27, f"DAS {numero[:17]} não encontrado.")
    pdf = base64_de(papeis.extrato(achado, contribuinte(pedido.contribuinte.numero)))
    arquivo = {"nomeArquivo": f"PGDASD-EXTRATO-{numero}.pdf", "pdf": pdf}
    return Resultado({"numeroDas": numero, "extrato": arquivo}, _SUCESSO)
