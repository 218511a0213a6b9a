"""What may be told to these simulators from the control page. Refusals are ValueError with a text in pt-BR."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sandbox.documentos import cnpj_valido, cpf_valido
from sandbox.integra_contador import novidades
from sandbox.integra_contador.models import (
    Defis,
    Enquadramento,
    MensagemCaixa,
    OpcaoDeRegime,
    PedidoDeRenuncia,
    ProcessoDigital,
    ProtocoloSitfis,
    VinculoContabil,
)
from sandbox.integra_contador.receita.defis import guardar
from sandbox.integra_contador.receita.dte import TEXTOS
from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.livro import gravacao, proximo


def contar(dados: dict[str, Any], ajustes: Ajustes) -> dict[str, int]:
    """Lists by the names of _CONTAM ({"mensagens": [...], "dte": [...]}); all or nothing."""
    if estranho := sorted(set(dados) - set(_CONTAM)):
        raise ValueError(f"Lista desconhecida: {estranho[0]}. As conhecidas são: {', '.join(_CONTAM)}.")
    with gravacao():
        for nome, itens in dados.items():
            if not isinstance(itens, list) or not all(isinstance(item, dict) for item in itens):
                raise ValueError(f"{nome} é uma lista de objetos.")
            for item in itens:
                _CONTAM[nome](item, ajustes)
    return {nome: len(itens) for nome, itens in dados.items()}


def numeros(documentos: list[str]) -> dict[str, dict[str, Any]]:
    """How the last message, DEFIS and renúncia of each document are numbered."""
    mensagens = MensagemCaixa.objects.filter(contribuinte__in=documentos).order_by("pk")
    defis = Defis.objects.filter(contribuinte__in=documentos).order_by("pk")
    renuncias = PedidoDeRenuncia.objects.filter(cnpj__in=documentos).order_by("pk")
    return {
        "mensagens": {documento: f"{pk:010d}" for documento, pk in mensagens.values_list("contribuinte", "pk")},
        "defis": dict(defis.values_list("contribuinte", "numero")),
        "renuncias": dict(renuncias.values_list("cnpj", "numero")),
    }


def _documento(item: dict[str, Any], campo: str = "documento") -> str:
    valor = item.get(campo)
    if not isinstance(valor, str) or not (cnpj_valido(valor) or cpf_valido(valor)):
        raise ValueError(f"{campo}: CNPJ ou CPF inválido: {valor!r}.")
    return valor


def _ano(item: dict[str, Any]) -> int:
    ano = item.get("ano")
    if not isinstance(ano, int) or not 2000 <= ano <= 2099:
        raise ValueError("ano: informe um número de quatro dígitos.")
    return ano


def _dia(item: dict[str, Any], campo: str) -> date | None:
    valor = item.get(campo)
    if valor is None:
        return None
    try:
        return date.fromisoformat(str(valor))
    except ValueError:
        raise ValueError(f"{campo}: informe AAAA-MM-DD.") from None


def _mensagem(item: dict[str, Any], ajustes: Ajustes) -> None:
    """`dias`: how long ago it was sent; `lida`: read already; `vezes`: as many alike."""
    variaveis = item.get("variaveis", [])
    if not isinstance(variaveis, list) or not all(isinstance(valor, str) for valor in variaveis):
        raise ValueError("variaveis é uma lista de textos.")
    enviada = ajustes.agora() - timedelta(days=int(item.get("dias", 0)), hours=1)
    documento = _documento(item)
    novidades.ocorreu(documento, novidades.CAIXA_POSTAL, enviada)
    for _ in range(int(item.get("vezes", 1))):
        MensagemCaixa.objects.create(
            contribuinte=documento,
            assunto=str(item.get("assunto", "Aviso"))[:300],
            parametro=str(item.get("parametro", ""))[:50],
            corpo=str(item.get("corpo", "")),
            variaveis=variaveis,
            remetente=str(item.get("remetente", "RECEITA FEDERAL DO BRASIL"))[:100],
            controle=str(item.get("controle", ""))[:20],
            relevante=bool(item.get("relevante", False)),
            enviada=enviada.astimezone(UTC),
            validade=_dia(item, "validade"),
            lida=enviada if item.get("lida") else None,
        )


def _dte(item: dict[str, Any], ajustes: Ajustes) -> None:
    if item.get("indicador") not in TEXTOS:
        raise ValueError("indicador: um destes: " + ", ".join(map(str, TEXTOS)))
    Enquadramento.objects.update_or_create(contribuinte=_documento(item), defaults={"dte": item["indicador"]})


def _regime(item: dict[str, Any], ajustes: Ajustes) -> None:
    if item.get("regime") not in ("CAIXA", "COMPETENCIA"):
        raise ValueError("regime: CAIXA ou COMPETENCIA.")
    OpcaoDeRegime.objects.update_or_create(
        contribuinte=_documento(item),
        ano=_ano(item),
        defaults={"regime": item["regime"], "feita": _instante_da_opcao(_ano(item))},
    )


def _instante_da_opcao(ano: int) -> datetime:
    return datetime(ano - 1, 12, 10, 15, tzinfo=UTC)


def _defis(item: dict[str, Any], ajustes: Ajustes) -> None:
    guardar(_documento(item), _ano(item), ajustes, portal=True)


def _vinculo(item: dict[str, Any], ajustes: Ajustes) -> None:
    VinculoContabil.objects.update_or_create(
        contador=_documento(item, "contador"),
        cnpj=_documento(item),
        defaults={"uf": str(item.get("uf", "SP"))[:2], "municipio": str(item.get("municipio", ""))[:60]},
    )


def _renuncia(item: dict[str, Any], ajustes: Ajustes) -> None:
    """One granted yesterday, by other hands."""
    ontem = ajustes.agora() - timedelta(days=1)
    PedidoDeRenuncia.objects.create(
        solicitacao=f"PNRCONTADOR-{uuid4().hex[:20]}",
        contador=_documento(item, "contador"),
        cnpj=_documento(item),
        responsavel="00000000000",
        numero=1000 + proximo("renuncia"),
        pedida=ontem,
        decidida=ontem,
    )


def _processo(item: dict[str, Any], ajustes: Ajustes) -> None:
    ProcessoDigital.objects.create(
        contribuinte=_documento(item),
        numero=str(item.get("numero", ""))[:17],
        protocolo=_dia(item, "protocolo") or ajustes.hoje(),
        tipo=str(item.get("tipo", "PEDIDO"))[:60],
        subtipo=str(item.get("subtipo", ""))[:60],
        localizacao=str(item.get("localizacao", ""))[:60],
        situacao=str(item.get("situacao", "EM ANDAMENTO"))[:40],
    )


def _sitfis_perdido(item: dict[str, Any], ajustes: Ajustes) -> None:
    ProtocoloSitfis.objects.filter(contribuinte=_documento(item), dia=ajustes.hoje()).update(perdido=True)


_CONTAM: dict[str, Callable[[dict[str, Any], Ajustes], None]] = {
    "mensagens": _mensagem,
    "dte": _dte,
    "regimes": _regime,
    "defis": _defis,
    "vinculos": _vinculo,
    "processos": _processo,
    "renuncias": _renuncia,
    "sitfis_perdidos": _sitfis_perdido,
}
