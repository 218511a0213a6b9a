"""The month to be closed, as ENCAPURACAO314 takes it: keys in PascalCase, none unknown, debits typed.

Source: SERPRO, API Integra Contador, "Encerrar apuração" and messages of MIT (10/04/2026).
"""

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sandbox.calendario import pa_de, pa_valido
from sandbox.documentos import cnpj_valido, cpf_valido
from sandbox.integra_contador.envelope import ler_json
from sandbox.integra_contador.mit import suspensoes
from sandbox.integra_contador.mit.recusas import recusa
from sandbox.integra_contador.sicalc.receitas import receitas
from sandbox.municipios import municipio

TRIBUTOS = (
    "Irpj", "Csll", "Irrf", "Ipi", "Iof", "PisPasep", "Cofins", "ContribuicoesDiversas", "Cpss",
    "RetPagamentoUnificado",
)  # fmt: skip
_DOMINIOS = {"TributacaoLucro": 7, "VariacoesMonetarias": 3, "RegimePisCofins": 4}
_RAIZ = {
    "PeriodoApuracao", "DadosIniciais", "ListaEventosEspeciais", "Debitos", "ListaSuspensoes", "TransmissaoImediata",
}  # fmt: skip
_INICIAIS = {"SemMovimento", "QualificacaoPj", *_DOMINIOS, "ResponsavelApuracao"}
_RESPONSAVEL = {"CpfResponsavel", "TelResponsavel", "EmailResponsavel", "RegistroCrc"}
_DO_DEBITO = {
    "IdDebito", "IdEventoDebito", "CodigoDebito", "PaDebito", "CnpjEstabelecimento", "CnpjIncorporacao", "CnpjScp",
    "ValorDebito", "AnoPostergado", "TrimPostergado", "CodigoMunicipioOuro",
}  # fmt: skip
_MAIS_EVENTOS, _QUALIFICACOES, _TIPOS, _PARCIAIS = 5, 12, 6, (4, 6)
_REAL_ANUAL, _SIMPLES, _ORGAO_PUBLICO = 1, 7, 11
_SO_DE = {"Cpss": (2, 9, 11, 12), "RetPagamentoUnificado": (1, 7, 10, 12)}
_NAO_DE = {"Irpj": (11,), "Csll": (11,), "Irrf": (9, 11), "Ipi": (2, 3, 4, 5, 6)}
_NAO_DO_SIMPLES = ("Csll", "Irrf", "Ipi", "Cpss", "RetPagamentoUnificado")
_COM_SCP = ("Irpj", "Csll", "PisPasep", "Cofins")
_OURO = "402802"


@dataclass(frozen=True)
class Enviado:
    """`pendencias` are found only while the month is being closed."""

    pa: int
    debitos: list[dict[str, str]]
    total: Decimal
    pendencias: list[dict[str, str]]
    com_evento: bool


def objeto(texto: str) -> dict[str, Any]:
    try:
        lido: Any = ler_json(texto)
    except ValueError:
        lido = None
    if not isinstance(lido, dict):
        raise recusa(2, "O Json contém dados inválidos.")
    return lido


def _chaves(valor: Any, aceitas: set[str], onde: str) -> dict[str, Any]:
    if not isinstance(valor, dict):
        raise recusa(29, f"O campo {onde} é obrigatório.")
    if estranho := sorted(set(valor) - aceitas):
        raise recusa(2, f"O Json contém dados inválidos - {estranho[0]} em {onde}.")
    return valor


def _inteiro(valor: Any, campo: str, maximo: int) -> int:
    if not isinstance(valor, int) or isinstance(valor, bool) or not 1 <= valor <= maximo:
        raise recusa(3, f"O campo {campo} possui valor inválido ou nulo.")
    return valor


def ler(texto: str, hoje: date) -> Enviado:
    corpo = _chaves(objeto(texto), _RAIZ, "apuração")
    periodo = _chaves(corpo.get("PeriodoApuracao"), {"MesApuracao", "AnoApuracao"}, "PeriodoApuracao")
    pa = _inteiro(periodo.get("AnoApuracao"), "AnoApuracao", 9999) * 100
    pa += _inteiro(periodo.get("MesApuracao"), "MesApuracao", 12)
    if not pa_valido(pa) or pa < 202501 or pa > pa_de(hoje):
        raise recusa(19, "O campo PeriodoApuracao precisa estar entre 01/2025 e o mês corrente.")
    eventos = _eventos(corpo.get("ListaEventosEspeciais"), pa)
    iniciais = _chaves(corpo.get("DadosIniciais"), _INICIAIS, "DadosIniciais")
    sem_movimento = iniciais.get("SemMovimento")
    if not isinstance(sem_movimento, bool):
        raise recusa(3, "O campo SemMovimento possui valor inválido ou nulo.")
    qualificacao = _inteiro(iniciais.get("QualificacaoPj"), "QualificacaoPj", _QUALIFICACOES)
    responsavel = _chaves(iniciais.get("ResponsavelApuracao"), _RESPONSAVEL, "ResponsavelApuracao")
    if not cpf_valido(str(responsavel.get("CpfResponsavel") or "")):
        raise recusa(3, "O campo CpfResponsavel possui valor inválido ou nulo.")
    if sem_movimento:
        return _parada(pa, corpo, iniciais, bool(eventos))
    if "TransmissaoImediata" in corpo:
        raise recusa(20, "O campo transmissaoImediata só deve ser enviado para apuração sem movimento.")
    tributacao = 0
    for campo, maximo in _DOMINIOS.items():
        if campo == "TributacaoLucro" and qualificacao == _ORGAO_PUBLICO:
            continue
        if campo not in iniciais:
            raise recusa(5, f"Para apuração com movimento é obrigatório informar o campo {campo}.")
        lido = _inteiro(iniciais[campo], campo, maximo)
        tributacao = lido if campo == "TributacaoLucro" else tributacao
    enviado = _com_debitos(pa, corpo.get("Debitos"), qualificacao, tributacao, eventos)
    suspensos = suspensoes.ler(corpo.get("ListaSuspensoes"), enviado.debitos, bool(eventos), hoje)
    return replace(enviado, debitos=suspensoes.abater(enviado.debitos, suspensos))


def _parada(pa: int, corpo: dict[str, Any], iniciais: dict[str, Any], com_evento: bool) -> Enviado:
    for campo in _DOMINIOS:
        if campo in iniciais:
            raise recusa(4, f"Para apuração sem movimento não é permitido informar o campo {campo}.")
    for campo in ("Debitos", "ListaSuspensoes"):
        if campo in corpo:
            raise recusa(4, f"Para apuração sem movimento não é permitido informar o campo {campo}.")
    if not isinstance(corpo.get("TransmissaoImediata"), bool):
        raise recusa(6, "O campo TransmissaoImediata é obrigatório quando SemMovimento for true.")
    return Enviado(pa, [], Decimal(0), [], com_evento)


@dataclass(frozen=True)
class _Evento:
    dia: int
    tipo: int


def _eventos(bruto: Any, pa: int) -> list[_Evento]:
    if bruto is None:
        return []
    if not isinstance(bruto, list) or not bruto:
        raise recusa(15, "A lista ListaEventosEspeciais está vazia. Se não há conteúdo, não deve ser enviada.")
    if len(bruto) > _MAIS_EVENTOS:
        raise recusa(34, "São permitidos o total de 5 eventos especiais por apuração.")
    ultimo = monthrange(pa // 100, pa % 100)[1]
    eventos = []
    for numero, item in enumerate(bruto, 1):
        evento = _chaves(item, {"IdEvento", "DiaEvento", "TipoEvento"}, "ListaEventosEspeciais")
        if evento.get("IdEvento") != numero:
            raise recusa(9, "Os valores de IdEvento devem ser uma sequência numérica começando em 1.")
        dia = _inteiro(evento.get("DiaEvento"), "DiaEvento", ultimo)
        eventos.append(_Evento(dia, _inteiro(evento.get("TipoEvento"), "TipoEvento", _TIPOS)))
    if any(depois.dia <= antes.dia for antes, depois in pairwise(eventos)):
        raise recusa(3, "O campo DiaEvento possui valor inválido ou nulo.")
    if sum(evento.tipo not in _PARCIAIS for evento in eventos) > 1:
        raise recusa(30, "Não é permitido mais de um eventoSituacaoEspecial para o tipoEvento diferente de 4 ou 6.")
    return eventos


def _com_debitos(pa: int, bruto: Any, qualificacao: int, tributacao: int, eventos: list[_Evento]) -> Enviado:
    grupos = dict(_chaves(bruto, {*TRIBUTOS, "BalancoLucroReal"}, "Debitos"))
    ultimo = monthrange(pa // 100, pa % 100)[1]
    encerram = any(e.tipo not in _PARCIAIS or e.dia == ultimo for e in eventos)
    exige_balanco = tributacao == _REAL_ANUAL and not encerram
    if isinstance(grupos.pop("BalancoLucroReal", None), bool) != exige_balanco:
        raise recusa(6, "O campo BalancoLucroReal é obrigatório quando TributacaoLucro for 1, e só então.")
    if [tributo for tributo in TRIBUTOS if tributo in grupos] != list(grupos):
        raise recusa(2, "O Json contém dados inválidos - ordem dos grupos de Debitos.")
    continuam = {n for n, e in enumerate(eventos, 1) if e.tipo in _PARCIAIS and e.dia < ultimo}
    debitos: list[dict[str, str]] = []
    pendencias, vistos = [], set()
    for tributo, grupo in grupos.items():
        de_outra = qualificacao in _NAO_DE.get(tributo, ()) or qualificacao not in _SO_DE.get(tributo, (qualificacao,))
        if de_outra or (tributacao == _SIMPLES and tributo in _NAO_DO_SIMPLES):
            texto = f"O campo {tributo} é incompatível com o valor informado no(s) campo(s) DadosIniciais."
            raise recusa(35, f"{texto}QualificacaoPj e/ou DadosIniciais.TributacaoLucro")
        listas = _chaves(grupo, {"ListaDebitos", "ListaDebitosAposEvento"}, tributo)
        if not listas:
            raise recusa(13, f"É obrigatório o preenchimento do campo ListaDebitos para o tributo {tributo}.")
        for nome, lista in listas.items():
            if not isinstance(lista, list) or not lista:
                raise recusa(15, f"A lista {nome} está vazia. Se não há conteúdo, não deve ser enviada.")
            for item in lista:
                debito = _chaves(item, _DO_DEBITO, f"débito de {tributo}")
                codigo, valor = _do_debito(debito, tributo, len(debitos) + 1)
                _do_postergado(debito, tributo, codigo, pa)
                _do_evento(debito, nome, continuam)
                chave = tuple(str(debito.get(campo)) for campo in sorted(_DO_DEBITO - {"IdDebito", "ValorDebito"}))
                if chave in vistos:
                    raise recusa(28, "Existem débitos duplicados.")
                vistos.add(chave)
                extensoes = receitas().get(codigo[:4], {})
                conhecido = codigo[4:] in extensoes or (tributo, codigo) == ("Iof", _OURO)
                if not conhecido and not (extensoes and _postergado(tributo, codigo)):
                    texto = f"O código de débito {codigo} não consta da tabela do MIT."
                    pendencias.append({"codigo": "PEND-01", "descricao": texto})
                debitos.append({"codigo": codigo, "valor": f"{valor:.2f}"})
    if not debitos:
        raise recusa(5, "Para apuração com movimento é obrigatório informar o campo Debitos.")
    total = sum((Decimal(d["valor"]) for d in debitos), Decimal(0))
    return Enviado(pa, debitos, total, pendencias, bool(eventos))


def _do_debito(debito: dict[str, Any], tributo: str, numero: int) -> tuple[str, Decimal]:
    codigo, valor = debito.get("CodigoDebito"), debito.get("ValorDebito")
    if debito.get("IdDebito") != numero:
        raise recusa(9, "Os valores de IdDebito devem ser uma sequência numérica começando em 1.")
    if not isinstance(codigo, str) or not re.fullmatch(r"[0-9]{6}", codigo):
        raise recusa(3, "O campo CodigoDebito possui valor inválido ou nulo.")
    if not isinstance(valor, int | Decimal) or isinstance(valor, bool) or Decimal(valor) <= 0:
        raise recusa(12, f"O campo ValorDebito do codigoDebito {codigo} possui valor inválido.")
    if "PaDebito" in debito:
        _inteiro(debito["PaDebito"], "PaDebito", 31)
    _do_estabelecimento(debito, tributo, codigo)
    _do_ouro(debito, codigo)
    if "CnpjScp" in debito:
        if tributo not in _COM_SCP:
            raise recusa(14, f"O campo CnpjScp só deve ser preenchido para o(s) tributo(s) {', '.join(_COM_SCP)}.")
        if not isinstance(debito["CnpjScp"], str) or not cnpj_valido(debito["CnpjScp"]):
            raise recusa(22, "Não encontrado o CnpjScp no cadastro CNPJ.")
    return codigo, Decimal(valor)


def _do_estabelecimento(debito: dict[str, Any], tributo: str, codigo: str) -> None:
    curto, inteiro = re.compile(r"[0-9A-Z]{4}[0-9]{2}"), re.compile(r"[0-9A-Z]{12}[0-9]{2}")
    estabelecimento, incorporacao = debito.get("CnpjEstabelecimento"), debito.get("CnpjIncorporacao")
    if tributo == "Ipi" and estabelecimento is None:
        raise recusa(13, "É obrigatório o preenchimento do campo CnpjEstabelecimento para o tributo Ipi.")
    if estabelecimento is not None:
        if tributo not in ("Ipi", "ContribuicoesDiversas"):
            raise recusa(14, "O campo CnpjEstabelecimento só deve ser preenchido para o(s) tributo(s) Ipi, CIDE.")
        if not curto.fullmatch(str(estabelecimento)):
            raise recusa(12, f"O campo CnpjEstabelecimento do codigoDebito {codigo} possui valor inválido.")
    if incorporacao is not None:
        if tributo != "RetPagamentoUnificado":
            raise recusa(14, "O campo CnpjIncorporacao só deve ser preenchido para o tributo RetPagamentoUnificado.")
        if not (curto.fullmatch(str(incorporacao)) or inteiro.fullmatch(str(incorporacao))):
            raise recusa(12, f"O campo CnpjIncorporacao do codigoDebito {codigo} possui valor inválido.")


def _do_ouro(debito: dict[str, Any], codigo: str) -> None:
    lugar = debito.get("CodigoMunicipioOuro")
    if codigo != _OURO:
        if "CodigoMunicipioOuro" in debito:
            raise recusa(14, f"O campo CodigoMunicipioOuro só deve ser preenchido para o codigoDebito {_OURO}.")
    elif lugar is None:
        raise recusa(13, f"É obrigatório o preenchimento do campo CodigoMunicipioOuro para o codigoDebito {_OURO}.")
    elif not isinstance(lugar, str) or municipio(lugar) is None:
        raise recusa(12, f"O campo CodigoMunicipioOuro do codigoDebito {codigo} possui valor inválido.")


def _postergado(tributo: str, codigo: str) -> bool:
    return tributo in ("Irpj", "Csll") and codigo.endswith("10")


def _do_postergado(debito: dict[str, Any], tributo: str, codigo: str, pa: int) -> None:
    ano, trimestre = debito.get("AnoPostergado"), debito.get("TrimPostergado")
    if not _postergado(tributo, codigo):
        if "AnoPostergado" in debito or "TrimPostergado" in debito:
            raise recusa(14, "O campo AnoPostergado só deve ser preenchido para o(s) tributo(s) Irpj, Csll.")
        return
    if ano is None:
        raise recusa(13, f"É obrigatório o preenchimento do campo AnoPostergado para o tributo {tributo}.")
    por_trimestre = any(extensao.tipo_pa == "TR" for extensao in receitas().get(codigo[:4], {}).values())
    if por_trimestre != (trimestre is not None):
        raise recusa(13, f"É obrigatório o preenchimento do campo TrimPostergado para o tributo {tributo}.")
    if trimestre is not None:
        _inteiro(trimestre, "TrimPostergado", 4)
    do_ano, do_trimestre = pa // 100, (pa % 100 + 2) // 3
    _inteiro(ano, "AnoPostergado", do_ano)
    if ano < do_ano - 5 or (ano == do_ano and not (trimestre and trimestre < do_trimestre)):
        raise recusa(12, f"O campo AnoPostergado do codigoDebito {codigo} possui valor inválido.")


def _do_evento(debito: dict[str, Any], lista: str, continuam: set[int]) -> None:
    depois = lista == "ListaDebitosAposEvento"
    if depois and not continuam:
        raise recusa(8, "O campo ListaDebitosAposEvento só pode existir se existir evento especial de tipo 4 ou 6.")
    if ("IdEventoDebito" in debito) != depois:
        raise recusa(7, "O campo IdEventoDebito é obrigatório quando o débito é posterior ao evento, e só então.")
    if depois and debito["IdEventoDebito"] not in continuam:
        raise recusa(11, "O campo IdEventoDebito precisa ter um correspondente em ListaEventosEspeciais.")
