"""What PGMEI lets in, and how it says no: mostly with HTTP 200 and always with `status` as text."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from time import sleep
from typing import Any

from sandbox.calendario import pa_de, pa_valido
from sandbox.integra_contador.envelope import Pedido, Resultado, ler_json
from sandbox.nucleo.ajustes import Ajustes

SALARIO, DEMORA = "integra_contador.salario_minimo", "integra_contador.pgmei_ms"
_TEXTOS = {
    13011: ("Aviso", 200, "O período encontra-se inscrito em dívida ativa: não há DAS a emitir."),
    13012: ("Aviso", 200, "Parte dos débitos do período está inscrita em dívida ativa."),
    23004: ("Aviso", 200, "A taxa Selic do mês da data de consolidação ainda não é conhecida."),
    23008: ("EntradaIncorreta", 200, "O contribuinte não é optante pelo SIMEI no período."),
    23013: ("EntradaIncorreta", 200, "O contribuinte está baixado no ano-calendário."),
    23015: ("EntradaIncorreta", 200, "A declaração anual (DASN-SIMEI) do ano-calendário não foi entregue."),
    23016: ("EntradaIncorreta", 200, "O salário mínimo do período ainda não está cadastrado."),
    23017: ("Aviso", 200, "O valor do DAS é inferior a R$ 10,00."),
    23018: ("Aviso", 200, "O período já está pago."),
    23019: ("Aviso", 200, "Não há DAS a emitir no período."),
    23030: ("EntradaIncorreta", 400, "Parâmetro inválido: {detalhe}"),
    23099: ("Erro", 500, "Há uma solicitação anterior do contribuinte e do ano-calendário em processamento."),
    25001: ("Aviso", 200, "Não há débitos em dívida ativa no ano-calendário."),
}


class RecusaPgmei(Exception):
    """One of the messages of PGMEI."""

    def __init__(self, numero: int, detalhe: str = "") -> None:
        super().__init__(numero)
        self.numero, self.detalhe = numero, detalhe


def mensagem(numero: int, detalhe: str = "") -> tuple[str, str]:
    tipo, _, texto = _TEXTOS[numero]
    return f"{tipo}-PGMEI-MSG_{numero}", texto.format(detalhe=detalhe)


def responder(dados: Any, *avisos: int) -> Resultado:
    mensagens = [("Sucesso-PGMEI", "Requisição efetuada com sucesso."), *(mensagem(numero) for numero in avisos)]
    return Resultado(dados, mensagens, status_em_texto=True)


Servico = Callable[[Pedido, Ajustes, str], Resultado]


def dizendo(servico: Servico) -> Servico:
    """A refusal of PGMEI as the answer it is."""

    def atender(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
        try:
            return servico(pedido, ajustes, tag)
        except RecusaPgmei as recusa:
            http = _TEXTOS[recusa.numero][1]
            return Resultado(None, [mensagem(recusa.numero, recusa.detalhe)], http, status_em_texto=True)

    return atender


_correndo: set[tuple[str, int]] = set()
_trava = threading.Lock()


@contextmanager
def um_por_vez(cnpj: str, ano: int, ajustes: Ajustes) -> Iterator[None]:
    """One request at a time for each CNPJ and year; the setting says how long one takes."""
    with _trava:
        if (cnpj, ano) in _correndo:
            raise RecusaPgmei(23099)
        _correndo.add((cnpj, ano))
    try:
        if espera := ajustes.valores[DEMORA]:
            sleep(espera / 1000)
        yield
    finally:
        with _trava:
            _correndo.discard((cnpj, ano))


def ler(dados: str, aceitos: dict[str, bool]) -> dict[str, Any]:
    """An object with these keys (True: required) and no others."""
    try:
        lido: Any = ler_json(dados)
    except ValueError:
        lido = None
    if not isinstance(lido, dict):
        raise RecusaPgmei(23030, "JSON inválido.")
    if estranha := sorted(set(lido) - set(aceitos)):
        raise RecusaPgmei(23030, f"campo desconhecido: {estranha[0]}.")
    if falta := [chave for chave, exigida in aceitos.items() if exigida and chave not in lido]:
        raise RecusaPgmei(23030, f"campo obrigatório: {falta[0]}.")
    return lido


def ler_pa(valor: Any, hoje: date) -> int:
    """A period as text AAAAMM, neither future nor out of time (five years)."""
    if not isinstance(valor, str) or len(valor) != 6 or not valor.isascii() or not valor.isdecimal():
        raise RecusaPgmei(23030, "periodoApuracao deve ser texto AAAAMM.")
    pa = int(valor)
    if not pa_valido(pa):
        raise RecusaPgmei(23030, "periodoApuracao inexistente.")
    if pa > pa_de(hoje):
        raise RecusaPgmei(23030, "periodoApuracao futuro.")
    if pa // 100 < hoje.year - 5:
        raise RecusaPgmei(23030, "periodoApuracao decaído.")
    return pa


def ler_ano(valor: Any, hoje: date) -> int:
    texto = str(valor)
    if len(texto) != 4 or not texto.isdecimal() or not 2009 <= int(texto) <= hoje.year:
        raise RecusaPgmei(23030, "anoCalendario inválido.")
    return int(texto)


def ler_consolidacao(valor: Any, hoje: date) -> date | None:
    if valor is None:
        return None
    try:
        dia = date.fromisoformat(valor) if isinstance(valor, str) and len(valor) == 8 else None
    except ValueError:
        dia = None
    if dia is None:
        raise RecusaPgmei(23030, "dataConsolidacao deve ser texto AAAAMMDD.")
    if dia < hoje:
        raise RecusaPgmei(23030, "dataConsolidacao no passado.")
    return dia
