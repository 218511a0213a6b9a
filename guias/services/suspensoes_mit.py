"""The debits of a month of MIT whose exigibility a process suspends: typed one row for each process and debit, sent
one suspension for each process with the debits of it."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from comum.documentos import Invalido
from comum.formatos import format_dinheiro, parse_data, parse_dinheiro
from empresas.municipios import Municipios
from guias.providers.mit import DEPOSITO_INTEGRAL, Suspensao
from guias.services.debitos_mit import repetido

COLUNAS = ("processo", "motivo", "deposito", "terceiro", "decisao", "vara", "municipio", "debito", "suspenso")
ADMINISTRATIVA = "0"
# Domain of the service, after the administrative one.
MOTIVOS = (
    (ADMINISTRATIVA, "Administrativa"),
    ("1", "Liminar em mandado de segurança"),
    ("2", "Depósito judicial do montante integral"),
    ("4", "Antecipação de tutela"),
    ("5", "Liminar em medida cautelar"),
    ("8", "Sentença em mandado de segurança"),
    ("9", "Sentença em ação ordinária, confirmada pelo TRF"),
    ("10", "Acórdão do TRF"),
    ("11", "Acórdão do STJ em recurso especial"),
    ("12", "Acórdão do STF em recurso extraordinário"),
    ("13", "Sentença de 1ª instância com efeito suspensivo"),
)
_SO_JUDICIAIS = ("deposito", "terceiro", "decisao", "vara", "municipio")
_TAMANHO = {True: 20, False: 17}  # of the number of a process, judicial or not
_SIM_NAO = {"": "", "1": "1"}


def chave(debito: Mapping[str, str]) -> str:
    """What names a debit of the month, whatever its row."""
    return "|".join(repetido(debito))


def ler(
    textos: Mapping[str, str], por_linha: Mapping[int, str], municipios: Callable[[], Municipios], hoje: date
) -> tuple[dict[str, str], dict[str, str]]:
    """(the suspension of a debit, what is wrong by column) of what was typed in COLUNAS. `por_linha`: row of the sheet
    of debits -> chave()."""
    erros: dict[str, str] = {}
    motivo = textos["motivo"]
    if motivo not in dict(MOTIVOS):
        erros["motivo"] = "Escolha o que suspende o débito."
    judicial = motivo != ADMINISTRATIVA
    processo = re.sub(r"[\s./-]", "", textos["processo"])
    if not re.fullmatch(rf"[0-9]{{{_TAMANHO[judicial]}}}", processo):
        de = "judicial tem 20" if judicial else "administrativo tem 17"
        erros["processo"] = f"O número do processo {de} algarismos."
    lida = {
        "processo": processo,
        "motivo": motivo,
        "debito": _debito(textos["debito"], por_linha, erros),
        "valor": _valor(textos["suspenso"], erros),
    }
    if not judicial:
        if any(textos[nome] for nome in _SO_JUDICIAIS):
            erros["motivo"] = "Depósito, terceiro, decisão, vara e município são só de processo judicial."
        return lida, erros
    return lida | {
        "deposito": _SIM_NAO.get(textos["deposito"], ""),
        "terceiro": _SIM_NAO.get(textos["terceiro"], ""),
        "decisao": _decisao(textos["decisao"], hoje, erros),
        "vara": _vara(textos["vara"], erros),
        "municipio": _municipio(textos["municipio"], municipios, erros),
    }, erros


def _debito(texto: str, por_linha: Mapping[int, str], erros: dict[str, str]) -> str:
    achada = por_linha.get(int(texto)) if re.fullmatch(r"[0-9]{1,3}", texto) else None
    if achada is None:
        erros["debito"] = "Informe a linha do débito na folha acima, como 1."
    return achada or ""


def _valor(texto: str, erros: dict[str, str]) -> str:
    lido = parse_dinheiro(texto)
    if isinstance(lido, Invalido):
        erros["suspenso"] = f"Valor suspenso: {lido.mensagem}"
    elif lido <= 0:
        erros["suspenso"] = "O valor suspenso é maior que zero."
    return str(lido)


def _decisao(texto: str, hoje: date, erros: dict[str, str]) -> str:
    lida = parse_data(texto)
    if isinstance(lida, Invalido):
        erros["decisao"] = f"Dia da decisão: {lida.mensagem}"
        return ""
    if lida > hoje:
        erros["decisao"] = "O dia da decisão ainda não chegou."
    return lida.isoformat()


def _vara(texto: str, erros: dict[str, str]) -> str:
    if not re.fullmatch(r"[0-9]{1,4}", texto) or not int(texto):
        erros["vara"] = "A vara é um número de 1 a 9999."
    return texto.lstrip("0")


def _municipio(texto: str, municipios: Callable[[], Municipios], erros: dict[str, str]) -> str:
    lido = municipios().achar(texto)
    if isinstance(lido, Invalido):
        erros["municipio"] = lido.mensagem if texto else "Informe o município da vara, como Olinda/PE."
        return ""
    return lido


def total(suspensoes: Sequence[Mapping[str, str]]) -> Decimal:
    return sum((Decimal(suspensao["valor"]) for suspensao in suspensoes), Decimal(0))


def problemas(suspensoes: Sequence[Mapping[str, str]], debitos: Sequence[Mapping[str, str]]) -> list[str]:
    """What is wrong with those of a month beside its debits, in pt-BR."""
    devidos = {chave(debito): (debito["codigo"], Decimal(debito["valor"])) for debito in debitos}
    ditos, suspensos = [], dict.fromkeys(devidos, Decimal(0))
    vistas: set[tuple[str, str]] = set()
    feitas: dict[str, dict[str, str]] = {}
    for suspensao in suspensoes:
        processo, de = suspensao["processo"], suspensao["debito"]
        if de not in devidos:
            codigo = de.partition("|")[0]
            ditos.append(f"O débito {codigo}, que o processo {processo} suspende, não está mais no mês. Corrija-o.")
            continue
        if (processo, de) in vistas:
            ditos.append(f"O processo {processo} suspende duas vezes o débito {devidos[de][0]}. Some as duas linhas.")
        vistas.add((processo, de))
        if feitas.setdefault(processo, _do_processo(suspensao)) != _do_processo(suspensao):
            ditos.append(f"O processo {processo} tem dados diferentes em duas linhas. Deixe-os iguais.")
        suspensos[de] += Decimal(suspensao["valor"])
    return ditos + [
        f"O débito {codigo} tem {format_dinheiro(suspensos[de])} suspensos, mais que o seu valor. Corrija um dos dois."
        for de, (codigo, valor) in devidos.items()
        if suspensos[de] > valor
    ]


def _do_processo(suspensao: Mapping[str, str]) -> dict[str, str]:
    return {nome: valor for nome, valor in suspensao.items() if nome not in ("debito", "valor")}


def para_pedido(suspensoes: Sequence[Mapping[str, str]], debitos: Sequence[Mapping[str, str]]) -> tuple[Suspensao, ...]:
    """Of stored rows, in the order of the first of each process."""
    posicoes = {chave(debito): posicao for posicao, debito in enumerate(debitos)}
    por_processo: dict[str, list[Mapping[str, str]]] = {}
    for suspensao in suspensoes:
        por_processo.setdefault(suspensao["processo"], []).append(suspensao)
    return tuple(
        Suspensao(
            processo=processo,
            motivo=int(suas[0]["motivo"]) or None,
            deposito=bool(suas[0].get("deposito")) or suas[0]["motivo"] == str(DEPOSITO_INTEGRAL),
            terceiro=bool(suas[0].get("terceiro")),
            decisao=date.fromisoformat(suas[0]["decisao"]) if suas[0].get("decisao") else None,
            vara=int(suas[0].get("vara") or 0),
            municipio=suas[0].get("municipio", ""),
            debitos=tuple((posicoes[linha["debito"]], Decimal(linha["valor"])) for linha in suas),
        )
        for processo, suas in por_processo.items()
    )
