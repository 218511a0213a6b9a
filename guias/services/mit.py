"""A month of MIT: what was typed, its check, and what can be asked of the Receita about it."""

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from comum.formatos import contar, format_competencia, format_dinheiro
from comum.models import Usuario
from credentials.models import Servico
from empresas.calendario import somar_meses
from empresas.models import Empresa
from guias.models import ApuracaoMit
from guias.providers.mit import PARCIAIS, Debito, Encerramento, Evento
from guias.providers.mit import Apuracao as Listada
from guias.providers.mit import Situacao as NaReceita
from guias.services import suspensoes_mit
from guias.services.acesso import Acessos, Codigo, Fora
from guias.services.acoes import DEFINICOES, Definicao
from guias.services.avisos import Aviso
from guias.services.dctfweb import prazo
from guias.services.debitos_mit import ROTULOS, Conhecido, conhecidos, para_pedido, postergado, reler
from guias.services.intencoes import Item
from guias.services.pedidos import Pedido
from operacoes.models import ABERTAS, Classe
from operacoes.motor import NovaOperacao

TIPO_ENCERRAR, TIPO_LISTAR, TIPO_DETALHE = "guias.mit.encerrar", "guias.mit.listar", "guias.mit.detalhe"
ACAO_ENCERRAR, ACAO_LISTAR, ACAO_DETALHE = "mit_encerrar", "mit_listar", "mit_detalhe"
Situacao = ApuracaoMit.Situacao

# Domains of the service.
QUALIFICACOES = (
    (1, "PJ em geral"),
    (2, "Banco, agência de fomento ou outra do art. 22, § 1º, da Lei 8.212/1991"),
    (3, "Cooperativa de crédito"),
    (4, "Corretora de seguros"),
    (5, "Seguradora, capitalização ou previdência aberta com fins lucrativos"),
    (6, "Previdência fechada, ou aberta sem fins lucrativos"),
    (7, "Sociedade cooperativa"),
    (8, "Cooperativa de produção agropecuária ou de consumo"),
    (9, "Autarquia ou fundação pública"),
    (10, "Empresa pública, economia mista ou PJ do art. 34, III, da Lei 10.833/2003"),
    (11, "Estado, DF, município ou órgão público"),
    (12, "Mais de uma qualificação no mês"),
)
TRIBUTACOES = (
    (1, "Real anual, por estimativa"),
    (2, "Real trimestral"),
    (3, "Presumido"),
    (4, "Arbitrado"),
    (5, "Imune do IRPJ"),
    (6, "Isenta do IRPJ"),
    (7, "Simples Nacional"),
)
PRESUMIDO, SIMPLES = 3, 7
VARIACOES = ((1, "Regime de caixa"), (2, "Regime de competência"), (3, "Caixa, por elevada oscilação do câmbio"))
REGIMES = ((1, "Não cumulativo"), (2, "Cumulativo"), (3, "Os dois"), (4, "Não se aplica"))
EVENTOS = (
    (1, "Extinção"),
    (2, "Fusão"),
    (3, "Cisão total"),
    (4, "Cisão parcial"),
    (5, "Incorporada por outra"),
    (6, "Incorporou outra"),
)
MAIS_EVENTOS = 5
SEM_CPF = "Falta o CPF do responsável pela apuração."
# Group -> the qualificações that may have it (None: all), and those that may not.
_SO_DE = {"Cpss": (2, 9, 11, 12), "RetPagamentoUnificado": (1, 7, 10, 12)}
_NAO_DE = {"Irpj": (11,), "Csll": (11,), "Irrf": (9, 11), "Ipi": (2, 3, 4, 5, 6)}
_NAO_DO_SIMPLES = ("Csll", "Irrf", "Ipi", "Cpss", "RetPagamentoUnificado")
_DA_RECEITA = {
    NaReceita.COM_PENDENCIAS: Situacao.PENDENTE,
    NaReceita.EM_EDICAO: Situacao.EDICAO,
    NaReceita.ENCERRADA: Situacao.ENCERRADA,
    NaReceita.ENCERRANDO: Situacao.ENCERRANDO,
}
_EDITAVEIS, _ENVIADOS = (Situacao.EDICAO, Situacao.PENDENTE), (Situacao.ENCERRANDO, Situacao.ENCERRADA)


class Mudou(Exception):
    """Somebody else changed the month, or it was sent meanwhile; the text (pt-BR) says so."""


def total(debitos: Iterable[dict[str, Any]]) -> Decimal:
    return sum((Decimal(debito["valor"]) for debito in debitos), Decimal(0))


def editavel(apuracao: ApuracaoMit) -> bool:
    return apuracao.situacao in _EDITAVEIS


@transaction.atomic
def gravar(apuracao: ApuracaoMit, usuario: Usuario, versao: int) -> ApuracaoMit:
    """Save what was typed, if nobody changed the month since `versao` and it was not sent. Raises Mudou."""
    chave = {"empresa": apuracao.empresa, "competencia": apuracao.competencia}
    guardada = ApuracaoMit.objects.select_for_update().filter(**chave).first()
    apuracao.preparada_por, apuracao.total = usuario, total(apuracao.debitos)
    if guardada is None:
        if versao:
            raise Mudou("Este mês não existe mais. Abra-o de novo.")
        apuracao.save()
        return apuracao
    if guardada.versao != versao:
        raise Mudou("Outra pessoa mudou este mês depois que a tela abriu. Nada foi gravado: abra de novo e confira.")
    if not editavel(guardada):
        raise Mudou("Este mês já foi enviado para encerramento: não se altera.")
    for campo in (
        "sem_movimento", "qualificacao", "tributacao", "variacoes", "regime", "cpf_responsavel", "balanco", "eventos",
        "debitos", "suspensoes", "total", "preparada_por",
    ):  # fmt: skip
        setattr(guardada, campo, getattr(apuracao, campo))
    guardada.versao += 1
    guardada.save()
    return guardada


def problemas(apuracao: ApuracaoMit, tabela: Mapping[str, Conhecido]) -> list[str]:
    """What keeps a month from being sent, in pt-BR. `tabela`: debitos_mit.conhecidos()."""
    ditos = []
    if not apuracao.cpf_responsavel:
        ditos.append(SEM_CPF)
    if apuracao.sem_movimento and apuracao.debitos:
        ditos.append("O mês está sem movimento e tem débitos: apague-os, ou desmarque Sem movimento.")
    if not apuracao.sem_movimento and not apuracao.debitos:
        ditos.append("O mês não tem débitos. Informe-os, ou marque Sem movimento.")
    ditos += [dito for debito in apuracao.debitos for dito in reler(debito, tabela, apuracao.empresa.documento)]
    ditos += _dos_eventos(apuracao) + _dos_grupos(apuracao) + _dos_postergados(apuracao)
    if apuracao.suspensoes and (apuracao.sem_movimento or apuracao.eventos):
        ditos.append("Mês sem movimento ou com evento especial não tem suspensões: o MIT não as recebe. Apague-as.")
        return ditos
    return ditos + suspensoes_mit.problemas(apuracao.suspensoes, apuracao.debitos)


def _dos_postergados(apuracao: ApuracaoMit) -> list[str]:
    """A debit put off is of one of the five years before, or of an earlier quarter of this one."""
    ditos = []
    mes = apuracao.competencia
    for debito in apuracao.debitos:
        if (de := postergado(debito)) is None:
            continue
        ano, trimestre = de
        deste = ano == mes.year and 0 < trimestre < (mes.month + 2) // 3
        if not (deste or mes.year - 5 <= ano < mes.year):
            ditos.append(
                f"O débito {debito['codigo']} é de {debito['referente']}: o postergado é de um dos cinco anos "
                f"anteriores a {mes.year}, ou de trimestre anterior ao do mês. Corrija o período."
            )
    return ditos


def _dos_eventos(apuracao: ApuracaoMit) -> list[str]:
    dias = [evento["dia"] for evento in apuracao.eventos]
    tipos = [evento["tipo"] for evento in apuracao.eventos]
    ultimo = monthrange(apuracao.competencia.year, apuracao.competencia.month)[1]
    ditos = []
    if len(dias) > MAIS_EVENTOS:
        ditos.append(f"Um mês tem até {MAIS_EVENTOS} eventos especiais.")
    if len(set(dias)) < len(dias):
        ditos.append("Dois eventos especiais estão no mesmo dia. Corrija um deles.")
    if any(not 1 <= dia <= ultimo for dia in dias):
        ditos.append(f"O dia do evento especial vai de 1 a {ultimo}.")
    if sum(tipo not in PARCIAIS for tipo in tipos) > 1:
        ditos.append("Só cisão parcial e incorporação de outra empresa podem repetir-se no mês.")
    continuam = {n for n, e in enumerate(apuracao.eventos, 1) if e["tipo"] in PARCIAIS and e["dia"] < ultimo}
    return ditos + [
        f"O débito {debito['codigo']} é de depois do evento {debito['evento']}, que não está no mês ou depois do qual "
        "não há débito. Corrija o número do evento."
        for debito in apuracao.debitos
        if debito.get("evento") and int(debito["evento"]) not in continuam
    ]


def _dos_grupos(apuracao: ApuracaoMit) -> list[str]:
    """The debits that this kind of company does not have."""
    ditos = []
    for tributo in sorted({debito["tributo"] for debito in apuracao.debitos} & set(ROTULOS)):
        de_outra = apuracao.qualificacao in _NAO_DE.get(tributo, ())
        de_outra |= apuracao.qualificacao not in _SO_DE.get(tributo, (apuracao.qualificacao,))
        if de_outra or (apuracao.tributacao == SIMPLES and tributo in _NAO_DO_SIMPLES):
            ditos.append(f"Com esta qualificação e tributação não há débito de {ROTULOS[tributo]}. Corrija-as.")
    return ditos


def para_envio(apuracao: ApuracaoMit) -> Pedido:
    return {
        "apuracao": apuracao.pk,
        "versao": apuracao.versao,
        "competencia": apuracao.competencia.isoformat(),
        "qualificacao": apuracao.qualificacao,
        "tributacao": apuracao.tributacao,
        "variacoes": apuracao.variacoes,
        "regime": apuracao.regime,
        "cpf_responsavel": apuracao.cpf_responsavel,
        "debitos": [] if apuracao.sem_movimento else apuracao.debitos,
        "eventos": apuracao.eventos,
        "balanco": apuracao.balanco,
        "anterior": apuracao.id_apuracao,
        "suspensoes": apuracao.suspensoes,
    }


def de_json(pedido: Pedido) -> Encerramento:
    return Encerramento(
        competencia=date.fromisoformat(pedido["competencia"]),
        qualificacao=pedido["qualificacao"],
        tributacao=pedido["tributacao"],
        variacoes=pedido["variacoes"],
        regime=pedido["regime"],
        cpf_responsavel=pedido["cpf_responsavel"],
        debitos=tuple(Debito(valor=Decimal(d["valor"]), **para_pedido(d)) for d in pedido["debitos"]),
        eventos=tuple(Evento(e["dia"], e["tipo"]) for e in pedido.get("eventos", [])),
        balanco=pedido.get("balanco", False),
        suspensoes=suspensoes_mit.para_pedido(pedido.get("suspensoes", []), pedido["debitos"]),
    )


def anotar(empresa: int, ano: int, listadas: Iterable[Listada]) -> None:
    """What the Receita says of the months of a year, the last word on each; those it does not list stay as they are.
    One that was sent and is open again there (the portal reopens it) is sent as another closing."""
    agora = timezone.now()
    for listada in listadas:
        ApuracaoMit.objects.get_or_create(empresa_id=empresa, competencia=listada.competencia)
        linha = ApuracaoMit.objects.filter(empresa=empresa, competencia=listada.competencia)
        situacao = _DA_RECEITA[listada.situacao]
        reabre = When(situacao__in=_ENVIADOS, then=Value(int(situacao in _EDITAVEIS)))
        linha.update(
            envio=F("envio") + Case(reabre, default=Value(0)),
            situacao=situacao,
            id_apuracao=listada.id,
            encerrada_em=listada.encerrada_em,
            total_na_receita=listada.total,
            consultada_em=agora,
            versao=F("versao") + 1,
        )
    ApuracaoMit.objects.filter(empresa=empresa, competencia__year=ano).update(consultada_em=agora)


# -- the actions -------------------------------------------------------------------------------------------------------


class ContextoMit(Acessos):
    def __init__(self, empresas: Sequence[Empresa], competencia: date, tipos: Iterable[str] = ()) -> None:
        super().__init__(empresas, competencia, (TIPO_ENCERRAR, TIPO_LISTAR, TIPO_DETALHE, *tipos))
        antes = somar_meses(competencia, -1)
        lidas = ApuracaoMit.objects.filter(empresa__in=[e.pk for e in empresas], competencia__in=(antes, competencia))
        por_mes: dict[date, dict[int, ApuracaoMit]] = {antes: {}, competencia: {}}
        for apuracao in lidas:
            por_mes[apuracao.competencia][apuracao.empresa_id] = apuracao
        self.anteriores, self.apuracoes = por_mes[antes], por_mes[competencia]
        for empresa in empresas:
            if empresa.pk in self.apuracoes:
                self.apuracoes[empresa.pk].empresa = empresa
        self._prazo = prazo(competencia)

    @property
    def prazo(self) -> date:
        return self._prazo

    @cached_property
    def tabela(self) -> dict[str, Conhecido]:
        return conhecidos()


def _do_contexto(item: Item) -> ContextoMit:
    if not isinstance(item.contexto, ContextoMit):
        raise TypeError("this action reads the months of MIT")
    return item.contexto


def _apuracao(item: Item) -> ApuracaoMit | None:
    return _do_contexto(item).apuracoes.get(item.empresa.pk)


def _enviando(item: Item) -> Fora | None:
    for tipo, _, situacao in item.contexto.operacoes[item.empresa.pk]:
        if tipo == TIPO_ENCERRAR and situacao in ABERTAS:
            return item.fora(Codigo.ANDAMENTO, "O encerramento deste mês está em andamento. Espere que termine.")
    return None


def encerramento(item: Item) -> NovaOperacao | Fora:
    apuracao = _apuracao(item)
    if apuracao is None:
        return item.fora(Codigo.DADOS, f"O MIT de {item.mes} não foi preparado. Informe os débitos, ou Sem movimento.")
    if parada := _enviando(item):
        return parada
    if apuracao.situacao == Situacao.ENCERRADA:
        return item.fora(Codigo.TRANSMITIDA, "O mês já está encerrado no MIT.")
    if apuracao.situacao == Situacao.ENCERRANDO:
        return item.fora(Codigo.ANDAMENTO, "A Receita está encerrando este mês. Consulte as apurações mais tarde.")
    if ditos := problemas(apuracao, _do_contexto(item).tabela):
        return item.fora(Codigo.DADOS, " ".join(ditos))
    chave = f"mit.encerrar:{item.empresa.pk}:{apuracao.competencia:%Y%m}:{apuracao.envio}"
    return item.nova(TIPO_ENCERRAR, chave, para_envio(apuracao))


def _repetidas(prontas: Sequence[Empresa], contexto: Acessos, _: Mapping[str, str]) -> list[Aviso]:
    """Those with the debits of the month before, to the cent: often a sheet that was copied and not corrected."""
    if not isinstance(contexto, ContextoMit):
        raise TypeError("this action reads the months of MIT")
    itens = []
    for empresa in prontas:
        agora, antes = contexto.apuracoes[empresa.pk], contexto.anteriores.get(empresa.pk)
        if antes is not None and agora.debitos and agora.debitos == antes.debitos:
            itens.append((empresa, format_dinheiro(agora.total)))
    quantas = contar(len(itens), "empresa tem", "empresas têm")
    mes = format_competencia(somar_meses(contexto.competencia, -1))
    texto = f"{quantas} os mesmos débitos de {mes}, até o centavo. Confira se o mês foi mesmo igual."
    return [Aviso("igual", texto, itens)] if itens else []


def _confessado(nova: NovaOperacao) -> Decimal:
    return total(nova.pedido["debitos"])


def _dizer_debitos(nova: NovaOperacao) -> str:
    debitos = nova.pedido["debitos"]
    if not debitos:
        return "sem movimento"
    dito = f"{contar(len(debitos), 'débito', 'débitos')}: {format_dinheiro(_confessado(nova))}"
    suspenso = suspensoes_mit.total(nova.pedido["suspensoes"])
    return f"{dito}, com {format_dinheiro(suspenso)} suspensos" if suspenso else dito


def _pergunta(tipo: str, dados: Callable[[Item], Pedido | Fora]) -> Callable[[Item], NovaOperacao | Fora]:
    def montar(item: Item) -> NovaOperacao | Fora:
        if len(item.empresa.documento) != 14:
            return item.fora(Codigo.REGIME, "O MIT é só de CNPJ.")
        lidos = dados(item)
        if isinstance(lidos, Fora):
            return lidos
        chave = f"{tipo.removeprefix('guias.')}:{item.empresa.pk}:{lidos['chave']}:{timezone.localtime():%Y%m%d%H}"
        if item.contexto.feita(item.empresa.pk, chave):
            return item.fora(Codigo.JA_CONSULTADA, "Já consultada nesta hora. Espere a próxima, ou use o que chegou.")
        return item.nova(tipo, chave, lidos | {"competencia": item.contexto.competencia.isoformat()})

    return montar


def _do_ano(item: Item) -> Pedido:
    ano = item.contexto.competencia.year
    return {"chave": str(ano), "parametros": {"ano": ano}, "ano": ano}


def _da_apuracao(item: Item) -> Pedido | Fora:
    apuracao = _apuracao(item)
    if apuracao is None or not apuracao.id_apuracao:
        return item.fora(Codigo.DADOS, "A Receita não disse o número desta apuração. Consulte antes as do ano.")
    numero = apuracao.id_apuracao
    return {"chave": numero, "parametros": {"id": numero}, "id": numero, "apuracao": apuracao.pk}


DEFINICOES[ACAO_ENCERRAR] = Definicao(
    "Encerrar",
    "mês do MIT",
    "meses do MIT",
    TIPO_ENCERRAR,
    Servico.DCTFWEB,
    Classe.DECLARACAO,
    "Leva os débitos para a DCTFWeb em andamento, e não se desfaz por aqui: um mês encerrado só se reabre no e-CAC. A "
    "Receita responde por um protocolo, que é seguido sem custo até dizer que encerrou.",
    encerramento,
    contexto=ContextoMit,
    dizer=_dizer_debitos,
    valor=_confessado,
    valor_dito=("Valor declarado", "os débitos que vão para a DCTFWeb"),
    avisar=_repetidas,
)
DEFINICOES[ACAO_LISTAR] = Definicao(
    "Consultar o MIT de",
    "empresa",
    "empresas",
    TIPO_LISTAR,
    Servico.DCTFWEB,
    Classe.CONSULTA,
    "Traz a situação de todos os meses do ano. Cada consulta é cobrada.",
    _pergunta(TIPO_LISTAR, _do_ano),
    contexto=ContextoMit,
)
DEFINICOES[ACAO_DETALHE] = Definicao(
    "Consultar as pendências de",
    "apuração do MIT",
    "apurações do MIT",
    TIPO_DETALHE,
    Servico.DCTFWEB,
    Classe.CONSULTA,
    "Diz por que a Receita não encerrou o mês. Cada consulta é cobrada.",
    _pergunta(TIPO_DETALHE, _da_apuracao),
    contexto=ContextoMit,
)
