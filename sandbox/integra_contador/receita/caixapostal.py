"""CAIXAPOSTAL: the flag (63), the list in pages of 50 (61) and one message (62), which is read by being asked for.

Every value is text, as in the official examples; the models keep their marks, ++VARIAVEL++ and ++n++.
"""

import re
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from sandbox.integra_contador.envelope import Pedido, Resultado, ler_json
from sandbox.integra_contador.erros import Recusa
from sandbox.integra_contador.models import MensagemCaixa
from sandbox.integra_contador.simulado import Simulado
from sandbox.nucleo.ajustes import BRASILIA, Ajustes
from sandbox.nucleo.livro import gravacao

POR_PAGINA = 50
_FEITO = [("[Sucesso-CAIXAPOSTAL-00]", "Requisição efetuada com sucesso.")]


def _validacao(texto: str) -> Recusa:
    return Recusa(400, "[EntradaIncorreta-CAIXAPOSTAL-0C]", f"Erro de validação. {texto}")


def _ler(pedido: Pedido, obrigatorios: dict[str, int], opcionais: dict[str, int]) -> dict[str, str]:
    """An object of digits in text (a CNPJ may have letters); the numbers are the lengths."""
    try:
        dados: Any = ler_json(pedido.dados)
    except ValueError:
        dados = None
    if not isinstance(dados, dict):
        raise _validacao("O campo dados deve ser um objeto.")
    tamanhos = obrigatorios | opcionais
    for nome, valor in dados.items():
        if nome not in tamanhos:
            raise _validacao(f"O campo {nome} não é conhecido.")
        forma = r"[0-9A-Z]{12}[0-9]{2}" if nome == "cnpjReferencia" else rf"[0-9]{{{tamanhos[nome]}}}"
        if not isinstance(valor, str) or not re.fullmatch(forma, valor):
            raise _validacao(f"O campo {nome} deve conter somente dígitos e ter tamanho igual a {tamanhos[nome]}")
    for nome in obrigatorios:
        if nome not in dados:
            raise _validacao(f"O campo {nome} deve ser informado.")
    return dados


def novas(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    if pedido.dados:
        raise _validacao("O campo dados deve vir vazio.")
    por_ler = MensagemCaixa.objects.filter(contribuinte=pedido.contribuinte.numero, lida=None).count()
    return _conteudo([{"indicadorMensagensNovas": str(min(por_ler, 2))}])


def listar(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    dados = _ler(
        pedido,
        {"statusLeitura": 1, "indicadorPagina": 1},
        {"ponteiroPagina": 14, "indicadorFavorito": 1, "cnpjReferencia": 14},
    )
    if dados["statusLeitura"] not in "012":
        raise Recusa(400, "[EntradaIncorreta-CAIXAPOSTAL-08]", "Status fora do domínio.")
    if dados["indicadorPagina"] not in "01" or (dados["indicadorPagina"] == "1") != ("ponteiroPagina" in dados):
        raise _validacao("indicadorPagina e ponteiroPagina não combinam.")
    todas = _da_caixa(pedido, dados["statusLeitura"])
    inicio = int(dados.get("ponteiroPagina", "0"))
    pagina = list(todas[inicio : inicio + POR_PAGINA])
    if not pagina:
        texto = "Contribuinte não possui mensagem para filtro fornecido."
        return Resultado({"codigo": "02", "conteudo": []}, [("[Erro-CAIXAPOSTAL-02]", texto)])
    ultima = inicio + POR_PAGINA >= todas.count()
    return _conteudo(
        [
            {
                "quantidadeMensagens": str(len(pagina)),
                "indicadorUltimaPagina": "S" if ultima else "N",
                "ponteiroPaginaRetornada": f"{inicio:014d}",
                "ponteiroProximaPagina": "" if ultima else f"{inicio + POR_PAGINA:014d}",
                "cnpjMatriz": pedido.contribuinte.numero,
                "listaMensagens": [_resumo(mensagem) for mensagem in pagina],
            }
        ]
    )


def _da_caixa(pedido: Pedido, status: str) -> QuerySet[MensagemCaixa]:
    todas = MensagemCaixa.objects.filter(contribuinte=pedido.contribuinte.numero).order_by("-enviada", "-pk")
    if status == "0":
        return todas
    return todas.filter(lida__isnull=status == "2")


def ler(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    isn = _ler(pedido, {"isn": 10}, {})["isn"]
    with gravacao():
        mensagem = MensagemCaixa.objects.filter(contribuinte=pedido.contribuinte.numero, pk=int(isn)).first()
        if mensagem is None:
            raise Recusa(400, "[Erro-CAIXAPOSTAL-02]", "ISN não encontrado.")
        if mensagem.validade is not None and mensagem.validade < ajustes.hoje():
            raise Recusa(400, "[Erro-CAIXAPOSTAL-03]", "Mensagem expirada não pode ser lida.")
        if mensagem.lida is None:
            mensagem.lida = ajustes.agora()
            mensagem.save(update_fields=["lida"])
    return _conteudo(
        [
            {
                **_resumo(mensagem),
                "dataCiencia": _dia(mensagem.lida),
                "dataExpiracao": _dia(mensagem.validade),
                "corpoModelo": mensagem.corpo,
                "variaveis": mensagem.variaveis,
            }
        ]
    )


def _conteudo(conteudo: list[dict[str, Any]]) -> Resultado:
    return Resultado({"codigo": "00", "conteudo": conteudo}, _FEITO)


def _resumo(mensagem: MensagemCaixa) -> dict[str, str]:
    lida, enviada = mensagem.lida, mensagem.enviada
    return {
        "codigoSistemaRemetente": "00001",
        "codigoModelo": "00001",
        "dataEnvio": _dia(enviada),
        "horaEnvio": _hora(enviada),
        "numeroControle": f"{mensagem.controle:<20}",
        "indicadorLeitura": "0" if lida is None else "1",
        "dataLeitura": _dia(lida),
        "horaLeitura": _hora(lida),
        "dataExclusao": "",
        "horaExclusao": "",
        "dataCiencia": "",
        "assuntoModelo": mensagem.assunto,
        "dataValidade": _dia(mensagem.validade),
        "origemModelo": "2",
        "valorParametroAssunto": mensagem.parametro,
        "relevancia": "2" if mensagem.relevante else "1",
        "isn": f"{mensagem.pk:010d}",
        "tipoOrigem": "1",
        "descricaoOrigem": mensagem.remetente,
        "indicadorFavorito": "0",
    }


def _dia(valor: datetime | date | None) -> str:
    if isinstance(valor, datetime):
        valor = valor.astimezone(BRASILIA)
    return "" if valor is None else valor.strftime("%Y%m%d")


def _hora(valor: datetime | None) -> str:
    return "" if valor is None else valor.astimezone(BRASILIA).strftime("%H%M%S")


SERVICOS = {
    "INNOVAMSG63": Simulado(novas),
    "MSGCONTRIBUINTE61": Simulado(listar),
    "MSGDETALHAMENTO62": Simulado(ler),
}
