"""The declarations of DCTFWeb: which one a request is about, its XML, and what brings debits into it."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from sandbox.calendario import dia_bancario, pa_valido, soma_meses
from sandbox.integra_contador import novidades
from sandbox.integra_contador.envelope import Pedido, ler_json
from sandbox.integra_contador.erros import Recusa
from sandbox.integra_contador.models import Dctfweb
from sandbox.nucleo.livro import gravacao

CATEGORIAS = {
    "GERAL_MENSAL": 40,
    "GERAL_13o_SALARIO": 41,
    "AFERICAO": 44,
    "ESPETACULO_DESPORTIVO": 45,
    "RECLAMATORIA_TRABALHISTA": 46,
    "PF_MENSAL": 50,
    "PF_13o_SALARIO": 51,
}
ANUAIS, AFERICAO, ESPETACULO, RECLAMATORIA = (41, 51), 44, 45, 46
ORIGENS = (1, 5, 6, 7, 8)
NAMESPACE = "http://www.receita.fazenda.gov.br/sandbox/dctfweb/v1"


def recusa(codigo: str, texto: str) -> Recusa:
    """A business refusal: HTTP 200 with MSGIC01 before the message itself (servicos.responder)."""
    return Recusa(200, codigo, texto)


def invalido(texto: str) -> Recusa:
    return recusa("MG20", texto)


@dataclass(frozen=True)
class Alvo:
    """What a request names: period as AAAA, AAAAMM or AAAAMMDD."""

    contribuinte: str
    categoria: int
    periodo: str
    identificador: str
    recibo: str
    origens: tuple[int, ...]
    dados: dict[str, Any]


_CAMPOS = {"categoria", "anoPA", "mesPA", "diaPA", "cnoAfericao", "numProcReclamatoria"}


def ler(pedido: Pedido, *outros: str) -> Alvo:
    try:
        dados: Any = ler_json(pedido.dados)
    except ValueError:
        dados = None
    if not isinstance(dados, dict):
        raise invalido("O campo dados não foi informado ou é inválido.")
    if estranho := sorted(set(dados) - _CAMPOS - set(outros)):
        raise invalido(f"Campo inválido: {estranho[0]}.")
    categoria: Any = CATEGORIAS.get(str(dados.get("categoria")), dados.get("categoria"))
    if categoria not in CATEGORIAS.values():
        raise invalido("Categoria inválida.")
    return Alvo(
        contribuinte=pedido.contribuinte.numero,
        categoria=int(categoria),
        periodo=_periodo(dados, int(categoria)),
        identificador=_identificador(dados, int(categoria)),
        recibo=_recibo(dados.get("numeroReciboEntrega")),
        origens=_origens(dados),
        dados=dados,
    )


def _recibo(numero: Any) -> str:
    """Of the 15 digits on the paper, told as a number: without the zeros in front."""
    if numero is None:
        return ""
    if not isinstance(numero, int) or isinstance(numero, bool) or numero <= 0:
        raise invalido("O campo numeroReciboEntrega deve ser um número.")
    return f"{numero:015d}"


def _parte(dados: dict[str, Any], campo: str, tamanho: int, *, pede: bool) -> str:
    valor = dados.get(campo)
    if not pede:
        if valor is not None:
            raise invalido(f"O campo {campo} não se aplica à categoria.")
        return ""
    if not isinstance(valor, str) or not re.fullmatch(rf"\d{{{tamanho}}}", valor):
        raise invalido(f"O campo {campo} deve ter {tamanho} dígitos, em texto.")
    return valor


def _periodo(dados: dict[str, Any], categoria: int) -> str:
    ano = _parte(dados, "anoPA", 4, pede=True)
    mes = _parte(dados, "mesPA", 2, pede=categoria not in ANUAIS)
    dia = _parte(dados, "diaPA", 2, pede=categoria == ESPETACULO)
    if mes and not pa_valido(int(ano + mes)):
        raise recusa("MG07", "Período de apuração inválido.")
    if dia:
        try:
            date(int(ano), int(mes), int(dia))
        except ValueError:
            raise recusa("MG07", "Período de apuração inválido.") from None
    return ano + mes + dia


def _identificador(dados: dict[str, Any], categoria: int) -> str:
    cno, processo = dados.get("cnoAfericao"), dados.get("numProcReclamatoria")
    if (cno is not None) != (categoria == AFERICAO) or (cno is not None and not isinstance(cno, int)):
        raise invalido("O campo cnoAfericao é um número, obrigatório só na categoria AFERICAO.")
    if (processo is not None) != (categoria == RECLAMATORIA) or (processo is not None and not str(processo).strip()):
        raise invalido("O campo numProcReclamatoria é obrigatório só na categoria RECLAMATORIA_TRABALHISTA.")
    return str(cno or processo or "")


def _origens(dados: dict[str, Any]) -> tuple[int, ...]:
    origens = dados.get("idsSistemaOrigem")
    if origens is None:
        return ()
    if not isinstance(origens, list) or not origens or any(origem not in ORIGENS for origem in origens):
        raise recusa("APIGUIA03", "Sistema de origem inválido.")
    return tuple(origens)


def de(alvo: Alvo) -> list[Dctfweb]:
    """All of that period, the last one first."""
    return list(
        Dctfweb.objects.filter(
            contribuinte=alvo.contribuinte,
            categoria=alvo.categoria,
            periodo=alvo.periodo,
            identificador=alvo.identificador,
        ).order_by("-sequencia")
    )


def em_andamento(alvo: Alvo) -> Dctfweb:
    achadas = de(alvo)
    if not achadas or achadas[0].transmitida:
        raise recusa("MG08", "Não foi encontrada declaração em andamento para os parâmetros informados.")
    return achadas[0]


def ativa(alvo: Alvo) -> Dctfweb:
    """The active one, or that of the receipt that was given."""
    achadas = de(alvo)
    if not achadas:
        raise recusa("MG08", "Não foi encontrada declaração para os parâmetros informados.")
    if alvo.recibo:
        do_recibo = next((item for item in achadas if item.recibo == alvo.recibo), None)
        if do_recibo is None:
            raise recusa("MG09", "O número do recibo informado não corresponde à declaração.")
        return do_recibo
    if not achadas[0].transmitida:
        if len(achadas) == 1:
            raise recusa("MG08", "Não foi encontrada declaração ativa para os parâmetros informados.")
        raise recusa("MG10", "A última declaração está em andamento. Informe o número do recibo de entrega.")
    return achadas[0]


def somar(
    contribuinte: str,
    categoria: int,
    periodo: str,
    debitos: list[dict[str, Any]],
    agora: datetime,
    *,
    identificador: str = "",
) -> Dctfweb:
    """Bring debits of an origin into the declaration in progress, which is opened when there is none: those that the
    origin had in it before are replaced."""
    alvo = Alvo(contribuinte, categoria, periodo, identificador, "", (), {})
    with gravacao():
        achadas = de(alvo)
        if achadas and not achadas[0].transmitida:
            declaracao = achadas[0]
        else:
            anterior = achadas[0] if achadas else None
            declaracao = Dctfweb(
                contribuinte=contribuinte,
                categoria=categoria,
                periodo=periodo,
                identificador=identificador,
                sequencia=anterior.sequencia + 1 if anterior else 1,
                debitos=list(anterior.debitos) if anterior else [],
            )
        novas = {debito["origem"] for debito in debitos}
        declaracao.debitos = [debito for debito in declaracao.debitos if debito["origem"] not in novas] + debitos
        declaracao.calculada = agora
        declaracao.save()
        novidades.ocorreu(contribuinte, novidades.DCTFWEB, agora)
    return declaracao


def total(declaracao: Dctfweb, origens: tuple[int, ...] = ()) -> Decimal:
    valores = (Decimal(d["valor"]) for d in declaracao.debitos if not origens or d["origem"] in origens)
    return sum(valores, Decimal(0))


def prazo(declaracao: Dctfweb) -> date:
    """Last day to transmit: the last working day of the next month; 20 December of the year in annual ones."""
    if declaracao.categoria in ANUAIS:
        dia = date(int(declaracao.periodo), 12, 20)
    else:
        depois = soma_meses(int(declaracao.periodo[:6]), 2)
        dia = date(depois // 100, depois % 100, 1) - timedelta(days=1)
    while not dia_bancario(dia):
        dia -= timedelta(days=1)
    return dia


def vencimento(declaracao: Dctfweb) -> date:
    """Last day to pay: the 20th of the next month, or the working day before it."""
    if declaracao.categoria in ANUAIS:
        dia = date(int(declaracao.periodo), 12, 20)
    else:
        seguinte = soma_meses(int(declaracao.periodo[:6]), 1)
        dia = date(seguinte // 100, seguinte % 100, 20)
    while not dia_bancario(dia):
        dia -= timedelta(days=1)
    return dia


def xml(declaracao: Dctfweb) -> bytes:
    """The document to be signed; another each time the declaration is calculated."""
    numero = f"{declaracao.contribuinte}{declaracao.categoria}{declaracao.periodo}{declaracao.sequencia:03d}"
    debitos = "".join(
        f'<debito origem="{d["origem"]}"><codigo>{escape(str(d["codigo"]))}</codigo>'
        f"<valor>{d['valor']}</valor></debito>"
        for d in declaracao.debitos
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ProcDctf xmlns="{NAMESPACE}" versao="1.0">\n'
        f'  <ConteudoDeclaracao id="DCTF{numero}">\n'
        f"    <contribuinte>{declaracao.contribuinte}</contribuinte><categoria>{declaracao.categoria}</categoria>"
        f"<periodo>{declaracao.periodo}</periodo><identificador>{escape(declaracao.identificador)}</identificador>\n"
        f"    <calculo>{declaracao.calculada.isoformat()}</calculo>\n"
        f"    <debitos>{debitos}</debitos><total>{total(declaracao)}</total>\n"
        f"  </ConteudoDeclaracao>\n</ProcDctf>\n"
    ).encode()
