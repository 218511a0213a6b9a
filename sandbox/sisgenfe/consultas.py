"""The five queries and their small language: `limit`, `offset`, `where` with `eq` and `ge` over dotted fields.

Everything combines with AND; an operator, field or key that is not known is refused. Customers and notes are asked of
the database, the tables of the service are read here.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

from sandbox.nucleo import rapido
from sandbox.sisgenfe import notas, tabelas
from sandbox.sisgenfe.contexto import Contexto
from sandbox.sisgenfe.erros import invalido
from sandbox.sisgenfe.formatos import mascarar, numero
from sandbox.sisgenfe.leitura import Campos
from sandbox.sisgenfe.models import Nota, Tomador

_LIMITE_PADRAO = 10
_MAIOR_DESLOCAMENTO = 10**12
_NUMERO = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,10})?", re.ASCII)
_OPERADORES = {"eq": "=", "ge": ">="}
# A fixed order that is nobody's: far from that of the ids, and the same on every page.
_EMBARALHADO = (7919, 10007)


class Tipo(Enum):
    TEXTO = "um texto"
    NUMERO = "um número"
    BOOLEANO = "true ou false"
    DOCUMENTO = "um documento com máscara"


_ESTADO = {"id": Tipo.NUMERO, "nome": Tipo.TEXTO, "uf": Tipo.TEXTO, "codigo": Tipo.TEXTO}
_MUNICIPIO_SEM_ESTADO = {"id": Tipo.NUMERO, "nome": Tipo.TEXTO, "codigo": Tipo.TEXTO, "codigoCompleto": Tipo.TEXTO}


def _sob(prefixo: str, campos: Mapping[str, Tipo]) -> dict[str, Tipo]:
    return {f"{prefixo}.{nome}": tipo for nome, tipo in campos.items()}


_MUNICIPIO = {**_MUNICIPIO_SEM_ESTADO, **_sob("estado", _ESTADO)}
_DADOS_DO_TOMADOR = dict.fromkeys(("razaoSocial", "email", "rua", "bairro", "numero", "cep"), Tipo.TEXTO)
_TOMADOR = {
    "documento": Tipo.DOCUMENTO,
    "isPessoaFisica": Tipo.BOOLEANO,
    "isPessoaFisicaAsString": Tipo.TEXTO,
    **_sob("dadosTomador", {**_DADOS_DO_TOMADOR, "data": Tipo.TEXTO, **_sob("municipio", _MUNICIPIO)}),
}
_NOTA = {
    "numero": Tipo.NUMERO,
    "valor": Tipo.NUMERO,
    "issPagoTomador": Tipo.BOOLEANO,
    **dict.fromkeys(("key", "serie", "observacao", "valorAsString"), Tipo.TEXTO),
    **dict.fromkeys(("dataEmissao", "dataEmissaoAsString"), Tipo.TEXTO),
    **_sob("municipio", _MUNICIPIO),
    "tomador.documento": Tipo.DOCUMENTO,
    "tomador.isPessoaFisicaAsString": Tipo.TEXTO,
    **_sob("tomador.dadosTomador", {**_DADOS_DO_TOMADOR, **_sob("municipio", _MUNICIPIO_SEM_ESTADO)}),
}
_ATIVIDADE = {
    "id": Tipo.NUMERO,
    "nome": Tipo.TEXTO,
    "codigo": Tipo.TEXTO,
    **_sob("lei116", {"id": Tipo.NUMERO, "codigo": Tipo.TEXTO, "descricao": Tipo.TEXTO}),
}
_UNIDADE = {"id": Tipo.NUMERO, "nome": Tipo.TEXTO}


@dataclass(frozen=True)
class Condicao:
    """`operador` is that of SQL; the value has the type of its field."""

    campo: str
    operador: str
    valor: str | bool | Decimal


@dataclass(frozen=True)
class Consulta:
    limite: int
    deslocamento: int
    condicoes: tuple[Condicao, ...]


def ler(pedido: Campos, contexto: Contexto, campos: Mapping[str, Tipo], *, ignora: bool = False) -> Consulta:
    """Raises Recusa 400. `ignora` drops the fields that are not known instead of refusing them."""
    maximo = contexto.opcao("limite_maximo")
    limite = pedido.inteiro("limit", min(_LIMITE_PADRAO, maximo))
    if not 1 <= limite <= maximo:
        raise invalido("limit", f"limit deve estar entre 1 e {maximo}.")
    deslocamento = pedido.inteiro("offset", 0)
    if not 0 <= deslocamento <= _MAIOR_DESLOCAMENTO:
        raise invalido("offset", "offset deve ser zero ou mais.")
    onde = Campos(pedido.bruto("where", {}), "where")
    condicoes = [
        _condicao(operador, nome, dos_campos, contexto, campos)
        for operador in _OPERADORES
        for dos_campos in [onde.objeto(operador, {})]
        for nome in dos_campos.nomes()
        if nome in campos or not ignora
    ]
    for desconhecida in onde.nomes():
        if desconhecida not in _OPERADORES:
            raise invalido(f"where.{desconhecida}", f"Operador desconhecido: {desconhecida}. Use eq ou ge.")
    pedido.fim()
    return Consulta(limite, deslocamento, tuple(condicoes))


def _condicao(
    operador: str, nome: str, dos_campos: Campos, contexto: Contexto, aceitos: Mapping[str, Tipo]
) -> Condicao:
    onde = dos_campos.caminho(nome)
    if nome not in aceitos:
        raise invalido(onde, f"Não há o campo {nome} nesta consulta.")
    valor = _valor(dos_campos.bruto(nome), aceitos[nome], onde)
    if aceitos[nome] is Tipo.DOCUMENTO and contexto.opcao("aceita_sem_mascara"):
        valor = mascarar(str(valor))
    return Condicao(nome, _OPERADORES[operador], valor)


def _valor(bruto: Any, tipo: Tipo, onde: str) -> str | bool | Decimal:
    """A text with a number in it is worth the number where the field is one; never the other way round."""
    if tipo is Tipo.BOOLEANO and isinstance(bruto, bool):
        return bruto
    if tipo is Tipo.NUMERO and isinstance(bruto, int | Decimal | str):
        if _NUMERO.fullmatch(texto := str(bruto)):
            return Decimal(texto)
    elif tipo in (Tipo.TEXTO, Tipo.DOCUMENTO) and isinstance(bruto, str):
        return bruto
    raise invalido(onde, f"{onde} deve ser {tipo.value}.")


def tomadores(pedido: Campos, contexto: Contexto) -> list[str]:
    consulta = ler(pedido, contexto, _TOMADOR)
    achados = _no_banco(Tomador._meta.db_table, "corpo", "id", consulta, contexto)
    return [corpo for (corpo,) in achados]


def das_notas(pedido: Campos, contexto: Contexto) -> list[str]:
    consulta = ler(pedido, contexto, _NOTA)
    achadas = _no_banco(Nota._meta.db_table, "corpo, situacao", "numero", consulta, contexto)
    return [notas.mostrar(Nota(corpo=corpo, situacao=situacao), contexto) for corpo, situacao in achadas]


# What has a column of its own is not looked for inside the JSON.
_COLUNAS = {
    ("sisgenfe_tomador", "documento"): "documento",
    ("sisgenfe_nota", "numero"): "numero",
    ("sisgenfe_nota", "key"): "chave",
    ("sisgenfe_nota", "observacao"): "observacao",
    ("sisgenfe_nota", "tomador.documento"): "tomador",
}


def _no_banco(tabela: str, colunas: str, ordem: str, consulta: Consulta, contexto: Contexto) -> list[tuple[Any, ...]]:
    """Rows of the prestador. Names of fields come from the tables above, never from the request."""
    onde, valores = ["ambiente = %s", "prestador_id = %s"], [contexto.ambiente, contexto.prestador.pk]
    for condicao in consulta.condicoes:
        expressao = _COLUNAS.get((tabela, condicao.campo), f"json_extract(corpo, '$.{condicao.campo}')")
        onde.append(f"{expressao} {condicao.operador} %s")
        valores.append(numero(condicao.valor) if isinstance(condicao.valor, Decimal) else condicao.valor)
    if contexto.opcao("embaralha_consultas"):
        ordem = "({0} * {1}) %% {2}, {0}".format(ordem, *_EMBARALHADO)
    sql = f"SELECT {colunas} FROM {tabela} WHERE {' AND '.join(onde)} ORDER BY {ordem} LIMIT %s OFFSET %s"  # noqa: S608
    return rapido.todas(sql, [*valores, consulta.limite, consulta.deslocamento])


def municipios(pedido: Campos, contexto: Contexto) -> list[dict[str, Any]]:
    consulta = ler(pedido, contexto, _MUNICIPIO)
    linhas: Iterable[dict[str, Any]] = tabelas.municipios().values()
    if igual := next((condicao for condicao in consulta.condicoes if condicao.operador == "="), None):
        linhas = _municipios_por(igual.campo).get(igual.valor, [])
    return _na_tabela(linhas, consulta, contexto)


@cache
def _municipios_por(campo: str) -> Mapping[Any, list[dict[str, Any]]]:
    """The thousands of municipalities by the value of one field."""
    achados: dict[Any, list[dict[str, Any]]] = {}
    for municipio in tabelas.municipios().values():
        achados.setdefault(_alcancar(municipio, campo), []).append(municipio)
    return achados


def atividades(pedido: Campos, contexto: Contexto) -> list[dict[str, Any]]:
    consulta = ler(pedido, contexto, _ATIVIDADE)
    todas = do_prestador(contexto) if contexto.opcao("cnae_do_prestador") else _todas_as_atividades()
    return _na_tabela(todas, consulta, contexto)


def unidades(pedido: Campos, contexto: Contexto) -> list[dict[str, Any]]:
    consulta = ler(pedido, contexto, _UNIDADE, ignora=contexto.opcao("unidade_ignora_campo"))
    return _na_tabela(tabelas.UNIDADES.values(), consulta, contexto)


def do_prestador(contexto: Contexto) -> list[dict[str, Any]]:
    """The activities assigned to the prestador, by id unless the settings say that no order is kept."""
    suas = [atividade for atividade in _todas_as_atividades() if contexto.tem_atividade(atividade["id"])]
    return sorted(suas, key=_ordem(contexto))


def _todas_as_atividades() -> list[dict[str, Any]]:
    return [atividade.corpo for atividade in tabelas.atividades().values()]


def _ordem(contexto: Contexto) -> Callable[[dict[str, Any]], tuple[int, int]]:
    vezes, modulo = _EMBARALHADO if contexto.opcao("embaralha_consultas") else (0, 1)
    return lambda linha: (linha["id"] * vezes % modulo, linha["id"])


def _na_tabela(linhas: Iterable[dict[str, Any]], consulta: Consulta, contexto: Contexto) -> list[dict[str, Any]]:
    achadas = [linha for linha in linhas if all(_combina(linha, condicao) for condicao in consulta.condicoes)]
    achadas.sort(key=_ordem(contexto))
    return achadas[consulta.deslocamento :][: consulta.limite]


def _combina(linha: dict[str, Any], condicao: Condicao) -> bool:
    valor = _alcancar(linha, condicao.campo)
    return bool(valor == condicao.valor if condicao.operador == "=" else valor >= condicao.valor)


def _alcancar(linha: dict[str, Any], campo: str) -> Any:
    valor: Any = linha
    for nome in campo.split("."):
        valor = valor[nome]
    return valor
