"""The month to be closed, as ENCAPURACAO314 takes it: keys in PascalCase, none unknown, debits typed."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.calendario import pa_de, pa_valido
from sandbox.documentos import cpf_valido
from sandbox.integra_contador.envelope import ler_json
from sandbox.integra_contador.erros import Recusa
from sandbox.integra_contador.sicalc.receitas import receitas

TRIBUTOS = (
    "Irpj", "Csll", "Irrf", "Ipi", "Iof", "PisPasep", "Cofins", "ContribuicoesDiversas", "Cpss", "Cprb",
    "OutrasReceitas",
)  # fmt: skip
_DOMINIOS = {"TributacaoLucro": 7, "VariacoesMonetarias": 3, "RegimePisCofins": 4}
_RAIZ = {"PeriodoApuracao", "DadosIniciais", "ListaEventosEspeciais", "Debitos"}
_INICIAIS = {"SemMovimento", "QualificacaoPj", *_DOMINIOS, "ResponsavelApuracao"}
_DO_DEBITO = {"IdDebito", "CodigoDebito", "ValorDebito", "PaDebito", "CnpjScp"}
_MAIS_EVENTOS = 5


def recusa(numero: int, texto: str, *, tipo: str = "EntradaIncorreta", http: int = 400) -> Recusa:
    return Recusa(http, f"[{tipo}-MIT-MSG_{numero:04d}]", texto)


@dataclass(frozen=True)
class Enviado:
    """`pendencias` are found only while the month is being closed."""

    pa: int
    debitos: list[dict[str, str]]
    total: Decimal
    pendencias: list[dict[str, str]]


def objeto(texto: str) -> dict[str, Any]:
    try:
        lido: Any = ler_json(texto)
    except ValueError:
        lido = None
    if not isinstance(lido, dict):
        raise recusa(1, "Dados de entrada inválidos.")
    return lido


def _chaves(valor: Any, aceitas: set[str], onde: str) -> dict[str, Any]:
    if not isinstance(valor, dict):
        raise recusa(2, f"Campo {onde} não informado ou inválido.")
    if estranho := sorted(set(valor) - aceitas):
        raise recusa(3, f"Campo {estranho[0]} desconhecido em {onde}.")
    return valor


def _inteiro(valor: Any, campo: str, maximo: int) -> int:
    if not isinstance(valor, int) or isinstance(valor, bool) or not 1 <= valor <= maximo:
        raise recusa(4, f"Campo {campo} inválido.")
    return valor


def ler(texto: str, hoje: date) -> Enviado:
    corpo = _chaves(objeto(texto), _RAIZ, "apuração")
    periodo = _chaves(corpo.get("PeriodoApuracao"), {"MesApuracao", "AnoApuracao"}, "PeriodoApuracao")
    pa = _inteiro(periodo.get("AnoApuracao"), "AnoApuracao", 9999) * 100
    pa += _inteiro(periodo.get("MesApuracao"), "MesApuracao", 12)
    if not pa_valido(pa) or pa < 202501 or pa > pa_de(hoje):
        raise recusa(5, "Período de apuração inválido: o MIT começa em 01/2025 e não aceita mês futuro.")
    iniciais = _chaves(corpo.get("DadosIniciais"), _INICIAIS, "DadosIniciais")
    sem_movimento = iniciais.get("SemMovimento")
    if not isinstance(sem_movimento, bool):
        raise recusa(6, "Campo SemMovimento inválido.")
    _inteiro(iniciais.get("QualificacaoPj"), "QualificacaoPj", 99)
    for campo, maximo in _DOMINIOS.items():
        _inteiro(iniciais.get(campo), campo, maximo)
    responsavel = iniciais.get("ResponsavelApuracao")
    if not isinstance(responsavel, dict) or not cpf_valido(str(responsavel.get("CpfResponsavel") or "")):
        raise recusa(7, "CPF do responsável pela apuração inválido.")
    eventos = corpo.get("ListaEventosEspeciais", [])
    if not isinstance(eventos, list) or len(eventos) > _MAIS_EVENTOS:
        raise recusa(8, "ListaEventosEspeciais aceita até 5 eventos.")
    if sem_movimento:
        if "Debitos" in corpo:
            raise recusa(9, "Apuração sem movimento não aceita débitos.")
        return Enviado(pa, [], Decimal(0), [])
    return _com_debitos(pa, corpo.get("Debitos"))


def _com_debitos(pa: int, bruto: Any) -> Enviado:
    grupos = _chaves(bruto, set(TRIBUTOS), "Debitos")
    debitos, pendencias, vistos = [], [], set()
    for tributo, grupo in grupos.items():
        lista = _chaves(grupo, {"ListaDebitos"}, tributo).get("ListaDebitos")
        if not isinstance(lista, list) or not lista:
            raise recusa(10, f"ListaDebitos de {tributo} não informada.")
        for item in lista:
            debito = _chaves(item, _DO_DEBITO, f"débito de {tributo}")
            codigo, valor, numero = debito.get("CodigoDebito"), debito.get("ValorDebito"), debito.get("IdDebito")
            if not isinstance(codigo, str) or not re.fullmatch(r"\d{6}", codigo):
                raise recusa(11, f"CodigoDebito de {tributo} deve ter 6 dígitos, em texto.")
            if not isinstance(valor, int | Decimal) or isinstance(valor, bool) or Decimal(valor) <= 0:
                raise recusa(12, f"ValorDebito do código {codigo} deve ser maior que zero.")
            if not isinstance(numero, int) or numero in vistos:
                raise recusa(13, "IdDebito não informado ou repetido.")
            vistos.add(numero)
            if codigo[4:] not in receitas().get(codigo[:4], {}):
                texto = f"O código de débito {codigo} não consta da tabela do MIT."
                pendencias.append({"codigo": "PEND-01", "descricao": texto})
            debitos.append({"codigo": codigo, "valor": f"{Decimal(valor):.2f}"})
    if not debitos:
        raise recusa(14, "Apuração com movimento exige débitos.")
    return Enviado(pa, debitos, sum((Decimal(d["valor"]) for d in debitos), Decimal(0)), pendencias)
