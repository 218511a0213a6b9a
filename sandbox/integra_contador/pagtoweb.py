"""PAGTOWEB: what was paid at the bank (PAGAMENTOS71), its count (CONTACONSDOCARRPG73) and proof (COMPARRECADACAO72)."""

import base64
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from sandbox.integra_contador.bancos import DARF, DAS_SIMPLES
from sandbox.integra_contador.catalogo import SERVICO
from sandbox.integra_contador.envelope import Pedido, Resultado, ler_json
from sandbox.integra_contador.erros import Recusa
from sandbox.integra_contador.models import Arrecadacao
from sandbox.integra_contador.simulado import Simulado, tem_efeito
from sandbox.nucleo.ajustes import BRASILIA, Ajustes
from sandbox.nucleo.cadastro import NOME_PADRAO, contribuinte
from sandbox.nucleo.livro import gravacao, registrar
from sandbox.pdf import caixa, marca_dagua, montar, reais, texto

_TIPOS = {
    "04": "Documento de Arrecadação de Receitas Federais",
    "07": "Documento para Depósitos Judiciais e Extrajudiciais",
    "08": "DARF Simples",
    "09": "Documento de Arrecadação do Simples Nacional",
    "10": "Documento de Arrecadação do eSocial",
}
_ABREVIADOS = {DARF: "DARF", DAS_SIMPLES: "DAS"}
_PAGINA_MAXIMA = 100
_SUCESSO = [("[Sucesso-PAGTOWEB-00000]", "Requisição efetuada com sucesso.")]


def _invalido(texto: str) -> Recusa:
    return Recusa(400, "[EntradaIncorreta-PAGTOWEB-00001]", texto)


def _textos(maximo: int, aceita: Callable[[str], bool]) -> Callable[[Any], list[str]]:
    def ler(valor: Any) -> list[str]:
        if (
            not isinstance(valor, list)
            or not valor
            or not all(isinstance(item, str) and aceita(item) for item in valor)
        ):
            raise ValueError
        if len(valor) > maximo:
            raise ValueError
        return valor

    return ler


def _intervalo(inicio: str, fim: str, ler: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, Any]]:
    def ler_intervalo(valor: Any) -> tuple[Any, Any]:
        if not isinstance(valor, dict) or set(valor) != {inicio, fim}:
            raise ValueError
        de, ate = ler(valor[inicio]), ler(valor[fim])
        if de > ate:
            raise ValueError
        return de, ate

    return ler_intervalo


def _data(valor: Any) -> date:
    if not isinstance(valor, str) or len(valor) != 10:
        raise ValueError
    return date.fromisoformat(valor)


def _numero(valor: Any) -> Decimal:
    if isinstance(valor, bool) or not isinstance(valor, int | Decimal):
        raise ValueError
    return Decimal(valor)


def _natural(minimo: int, maximo: int) -> Callable[[Any], int]:
    def ler(valor: Any) -> int:
        if isinstance(valor, bool) or not isinstance(valor, int) or not minimo <= valor <= maximo:
            raise ValueError
        return valor

    return ler


def _digitos(maximo: int) -> Callable[[str], bool]:
    return lambda texto: texto.isascii() and texto.isdecimal() and 0 < len(texto) <= maximo


_FILTROS: dict[str, Callable[[Any], Any]] = {
    "numeroDocumentoLista": _textos(100, _digitos(17)),
    "codigoReceitaLista": _textos(100, _digitos(6)),
    "intervaloDataArrecadacao": _intervalo("dataInicial", "dataFinal", _data),
    "intervaloValorTotalDocumento": _intervalo("valorInicial", "valorFinal", _numero),
    "codigoTipoDocumentoLista": _textos(len(_TIPOS), lambda texto: texto in _TIPOS),
}
_PAGINACAO: dict[str, Callable[[Any], Any]] = {
    "primeiroDaPagina": _natural(0, 10**9),
    "tamanhoDaPagina": _natural(1, _PAGINA_MAXIMA),
}
_CAMPOS = {
    "numeroDocumentoLista": "numero__in",
    "codigoReceitaLista": "receita__in",
    "intervaloDataArrecadacao": "dia__range",
    "intervaloValorTotalDocumento": "total__range",
}


def _ler(dados: str, obrigatorios: dict[str, Callable[[Any], Any]]) -> dict[str, Any]:
    try:
        bruto: Any = ler_json(dados)
    except ValueError:
        bruto = None
    if not isinstance(bruto, dict):
        raise _invalido("Os dados devem ser um objeto JSON.")
    leitores = _FILTROS | obrigatorios
    lido = {}
    for chave, valor in bruto.items():
        if chave not in leitores:
            raise _invalido(f"Campo desconhecido: {chave[:60]}.")
        try:
            lido[chave] = leitores[chave](valor)
        except ValueError:
            raise _invalido(f"Valor inválido no campo {chave}.") from None
    if faltam := [chave for chave in obrigatorios if chave not in lido]:
        raise _invalido(f"Campo obrigatório ausente: {faltam[0]}.")
    if not set(lido) & set(_FILTROS):
        raise _invalido("Informe ao menos um filtro.")
    return lido


def _achadas(pedido: Pedido, filtros: dict[str, Any]) -> QuerySet[Arrecadacao]:
    achadas = Arrecadacao.objects.filter(contribuinte=pedido.contribuinte.numero).order_by("dia", "pk")
    for nome, campo in _CAMPOS.items():
        if nome in filtros:
            achadas = achadas.filter(**{campo: filtros[nome]})
    if "codigoTipoDocumentoLista" in filtros:
        achadas = achadas.filter(tipo__in=[int(tipo) for tipo in filtros["codigoTipoDocumentoLista"]])
    return achadas


def listar(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    dados = _ler(pedido.dados, _PAGINACAO)
    de = dados["primeiroDaPagina"]
    return Resultado([_saida(a) for a in _achadas(pedido, dados)[de : de + dados["tamanhoDaPagina"]]], _SUCESSO)


def contar(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    return Resultado(str(_achadas(pedido, _ler(pedido.dados, {})).count()), _SUCESSO)


def _instante(dia: date | None) -> str | None:
    return datetime(dia.year, dia.month, dia.day, tzinfo=BRASILIA).isoformat() if dia else None


def _periodo(pa: int | None) -> date | None:
    return date(pa // 100, pa % 100, 1) if pa else None


def _saida(paga: Arrecadacao) -> dict[str, Any]:
    datas = {
        "periodoApuracao": _instante(_periodo(paga.pa)),
        "dataArrecadacao": _instante(paga.dia),
        "dataVencimento": _instante(paga.vencimento),
    }
    valores = {
        "valorTotal": paga.total,
        "valorPrincipal": paga.principal,
        "valorMulta": paga.multa,
        "valorJuros": paga.juros,
        "valorSaldoTotal": Decimal("0.00"),
        "valorSaldoPrincipal": None if paga.principal is None else Decimal("0.00"),
        "valorSaldoMulta": None if paga.multa is None else Decimal("0.00"),
        "valorSaldoJuros": None if paga.juros is None else Decimal("0.00"),
    }
    receita = {"codigo": paga.receita or None, "descricao": None, "extensaoReceita": None}
    return {
        "numeroDocumento": paga.numero,
        "tipo": {
            "codigo": str(paga.tipo),
            "descricao": _TIPOS[f"{paga.tipo:02d}"],
            "descricaoAbreviada": _ABREVIADOS.get(paga.tipo, "DARF"),
        },
        **datas,
        "receitaPrincipal": receita,
        "referencia": None,
        **valores,
        "desmembramentos": [
            {
                "sequencial": n,
                "receitaPrincipal": receita | {"codigo": codigo},
                **datas,
                "valorPrincipal": Decimal(valor),
            }
            for n, (codigo, valor) in enumerate(paga.composicao.items(), 1)
        ],
    }


def comprovante(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    try:
        dados: Any = ler_json(pedido.dados)
    except ValueError:
        dados = None
    numero = dados.get("numeroDocumento") if isinstance(dados, dict) and set(dados) == {"numeroDocumento"} else None
    if not isinstance(numero, str) or not _digitos(17)(numero):
        raise Recusa(400, "[EntradaIncorreta-PAGTOWEB-00002]", "Informe o numeroDocumento, com até 17 dígitos.")
    paga = Arrecadacao.objects.filter(contribuinte=pedido.contribuinte.numero, numero=numero).order_by("-pk").first()
    if paga is None:
        raise Recusa(400, "[EntradaIncorreta-PAGTOWEB-00002]", f"Não há arrecadação do documento {numero}.")
    with gravacao():
        registrar(
            instante=ajustes.agora(),
            servico=SERVICO,
            tipo="comprovante_emitido",
            contribuinte=paga.contribuinte,
            documento=numero,
            tag=tag,
        )
    return Resultado({"pdf": base64.b64encode(_papel(paga)).decode()}, _SUCESSO)


def _papel(paga: Arrecadacao) -> bytes:
    partes = [
        marca_dagua("SEM VALOR FISCAL"),
        "0.6 w\n",
        caixa(40, 36, 515, 44),
        texto(48, 54, "Comprovante de Arrecadação", tamanho=13, fonte="negrito"),
        texto(48, 71, "Sandbox - documento de teste, SEM VALOR FISCAL", tamanho=9),
        texto(46, 112, paga.contribuinte, tamanho=10, fonte="fixa"),
        texto(200, 112, (contribuinte(paga.contribuinte).razao_social or NOME_PADRAO)[:60], tamanho=10),
        texto(46, 146, f"Documento {paga.numero}", tamanho=10, fonte="fixa"),
        texto(46, 166, f"Arrecadado em {paga.dia:%d/%m/%Y}. Total R$ {reais(paga.total)}", tamanho=10),
    ]
    return montar("".join(partes), titulo=f"Comprovante {paga.numero}")


SERVICOS = {
    "PAGAMENTOS71": Simulado(listar),
    "COMPARRECADACAO72": Simulado(comprovante, tem_efeito),
    "CONTACONSDOCARRPG73": Simulado(contar),
}
