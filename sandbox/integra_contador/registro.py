"""What may be told to this simulator from the control page: declarations made elsewhere, debts, news, MEIs and
parcelamentos."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.calendario import pa_de, pa_valido, soma_meses
from sandbox.documentos import cpf_valido
from sandbox.integra_contador import novidades
from sandbox.integra_contador.dctfweb import declaracoes
from sandbox.integra_contador.models import Debito, Declaracao, Mei, Parcelamento
from sandbox.integra_contador.parcelamentos.servicos import ATIVO, FAMILIAS
from sandbox.integra_contador.pgdasd.registros import ultima_declaracao
from sandbox.nucleo import ajustes
from sandbox.nucleo.documentos_teste import DOCUMENTOS


def declarar_no_portal(cnpj: str, pa: int, receita: tuple[Decimal, Decimal], valores: dict[str, str]) -> None:
    """A declaration transmitted by the taxpayer's own hands; it is no effect of an API call, so not in the ledger."""
    anterior = ultima_declaracao(cnpj, pa)
    sequencia = anterior.sequencia + 1 if anterior else 1
    Declaracao.objects.create(
        contribuinte=cnpj,
        pa=pa,
        sequencia=sequencia,
        numero=f"{cnpj[:8]}{pa}{sequencia:03d}",
        tipo=2 if anterior else 1,
        transmitida=ajustes.ler().agora(),
        portal=True,
        receita_interna=receita[0],
        receita_externa=receita[1],
        valores=valores,
    )


def cobrar(cnpj: str, pa: int | None, processo: str, valores: dict[str, str]) -> None:
    """A debt in collection by its period, or in a process by its number."""
    Debito.objects.update_or_create(contribuinte=cnpj, pa=pa or 0, processo=processo, defaults={"valores": valores})


def noticiar(documento: str, evento: str, quando: datetime) -> bool:
    """Something changed in a system; False when there is no such event."""
    if evento not in novidades.EVENTOS:
        return False
    novidades.ocorreu(documento, evento, quando)
    return True


def fechar_na_origem(
    documento: str, categoria: int, periodo: str, identificador: str, debitos: list[dict[str, Any]], *, portal: bool
) -> None:
    """eSocial, Reinf or Sero closed a period: its debits are in the DCTFWeb in progress. With `portal` it was also
    transmitted, by the taxpayer's own hands; that is no effect of an API call, so not in the ledger."""
    agora = ajustes.ler().agora()
    declaracao = declaracoes.somar(documento, categoria, periodo, debitos, agora, identificador=identificador)
    if portal:
        declaracao.transmitida, declaracao.recibo = agora, f"9{declaracao.pk:014d}"
        declaracao.save()


def salarios_validos(valor: Any) -> bool:
    """{"2027": "1700.00"}."""
    if not isinstance(valor, dict):
        return False
    try:
        return all(len(ano) == 4 and ano.isdecimal() and Decimal(wage) > 0 for ano, wage in valor.items())
    except (InvalidOperation, TypeError, AttributeError):
        return False


def _meses(valor: Any) -> bool:
    return isinstance(valor, list) and all(isinstance(pa, int) and pa_valido(pa) for pa in valor)


def _data(valor: Any) -> bool:
    try:
        return valor is None or bool(date.fromisoformat(valor))
    except (TypeError, ValueError):
        return False


def _texto(valor: Any) -> bool:
    return isinstance(valor, str) and len(valor) <= 150


def _logico(valor: Any) -> bool:
    return isinstance(valor, bool)


def _valor(valor: Any) -> bool:
    try:
        return isinstance(valor, str) and Decimal(valor) >= 0
    except InvalidOperation:
        return False


def _inscritos(valor: Any) -> bool:
    chaves = {"pa", "tributo", "valor", "ente", "situacao"}
    return isinstance(valor, list) and all(
        isinstance(linha, dict) and set(linha) == chaves and _meses([linha["pa"]]) and _valor(linha["valor"])
        for linha in valor
    )


def _parcelas(valor: Any) -> bool:
    return isinstance(valor, list) and all(
        isinstance(linha, dict)
        and {"pa", "valor"} <= set(linha) <= {"pa", "valor", "paga", "numero_das"}
        and _meses([linha["pa"]])
        and _valor(linha["valor"])
        and _data(linha.get("paga"))
        for linha in valor
    )


_DO_MEI: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("icms", "iss", "caminhoneiro"), _logico),
    **dict.fromkeys(("desde", "baixada"), _data),
    **dict.fromkeys(("beneficios", "pagos"), _meses),
    "cpf": lambda valor: valor == "" or (isinstance(valor, str) and cpf_valido(valor)),
    "ocupacao": _texto,
    "cnae": lambda valor: isinstance(valor, str) and len(valor) in (0, 7),
    "divida": _inscritos,
    "sem_dasn": lambda valor: isinstance(valor, list) and all(isinstance(ano, int) for ano in valor),
}
_DO_PARCELAMENTO: dict[str, Callable[[Any], bool]] = {
    "familia": lambda valor: valor in FAMILIAS,
    "numero": lambda valor: isinstance(valor, int) and 0 < valor < 10**8,
    "situacao": _texto,
    "pedido": _data,
    "desde": _data,
    "condicao": lambda valor: valor in ("", "reconsolidado", "so_portal", "aguarda_primeira"),
    "ilegivel": _logico,
    "parcelas": _parcelas,
}


def _conferir(dados: Any, campos: dict[str, Callable[[Any], bool]], onde: str) -> dict[str, Any]:
    """Raises ValueError (pt-BR) for what makes no sense."""
    if not isinstance(dados, dict):
        raise ValueError(f"{onde} deve ser um objeto.")
    for nome, valor in dados.items():
        if nome not in campos or not campos[nome](valor):
            raise ValueError(f"{onde}: {nome} é desconhecido ou inválido.")
    return dados


def cadastrar_mei(documento: str, dados: Any) -> None:
    """Put a taxpayer in the SIMEI, or change what is known of it. Raises ValueError (pt-BR)."""
    Mei.objects.update_or_create(documento=documento, defaults=_conferir(dados, _DO_MEI, "mei"))


def cadastrar_parcelamento(documento: str, dados: Any) -> None:
    """One parcelamento, by family and number. Raises ValueError (pt-BR)."""
    lidos = _conferir_parcelamento(dados)
    chave = {"contribuinte": documento, "familia": lidos.pop("familia"), "numero": lidos.pop("numero")}
    Parcelamento.objects.update_or_create(**chave, defaults=lidos)


def _conferir_parcelamento(dados: Any) -> dict[str, Any]:
    lidos = dict(_conferir(dados, _DO_PARCELAMENTO, "parcelamentos"))
    if not {"familia", "numero", "pedido"} <= set(lidos):
        raise ValueError("parcelamentos: informe familia, numero e pedido.")
    return {"desde": lidos["pedido"]} | lidos


def semear() -> None:
    """The test documents that are MEIs or have a parcelamento. Their months are counted from the sandbox's today."""
    if Mei.objects.exists():
        return
    hoje = ajustes.ler().hoje()
    Mei.objects.bulk_create(
        Mei(documento=documento.cnpj, **_conferir(documento.mei, _DO_MEI, "mei"))
        for documento in DOCUMENTOS
        if documento.mei is not None
    )
    Parcelamento.objects.bulk_create(
        [
            Parcelamento(contribuinte=documento.cnpj, **_conferir_parcelamento(_de_teste(documento.parcelamento, hoje)))
            for documento in DOCUMENTOS
            if documento.parcelamento is not None
        ],
        update_conflicts=True,
        unique_fields=["contribuinte", "familia", "numero"],
        update_fields=["situacao", "pedido", "desde", "condicao", "ilegivel", "parcelas"],
    )


def _de_teste(dados: dict[str, Any], hoje: date) -> dict[str, Any]:
    """`pagas` and `abertas` say how many instalments; the last open one is of this month."""
    lidos = dict(dados)
    pagas, abertas = lidos.pop("pagas"), lidos.pop("abertas")
    meses = [soma_meses(pa_de(hoje), -n) for n in reversed(range(pagas + abertas))]
    pedido = soma_meses(meses[0], -1)
    return {
        "numero": 1,
        "situacao": ATIVO,
        "pedido": f"{pedido // 100}-{pedido % 100:02d}-10",
        "parcelas": [
            {"pa": pa, "valor": "350.00"} | ({"paga": f"{pa // 100}-{pa % 100:02d}-20"} if posicao < pagas else {})
            for posicao, pa in enumerate(meses)
        ],
        **lidos,
    }
