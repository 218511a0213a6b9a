"""A month of MIT: what was typed, its check, and what can be asked of the Receita about it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from comum.models import Usuario
from credentials.models import Servico
from empresas.models import Empresa, ReceitaFederal
from guias.models import ApuracaoMit
from guias.providers.mit import TRIBUTOS, Debito, Encerramento
from guias.providers.mit import Apuracao as Listada
from guias.providers.mit import Situacao as NaReceita
from guias.services.acesso import Acessos, Codigo, Fora
from guias.services.acoes import DEFINICOES, Definicao
from guias.services.dctfweb import prazo
from guias.services.intencoes import Item
from guias.services.pedidos import Pedido
from operacoes.models import ABERTAS, Classe
from operacoes.motor import NovaOperacao

TIPO_ENCERRAR, TIPO_LISTAR, TIPO_DETALHE = "guias.mit.encerrar", "guias.mit.listar", "guias.mit.detalhe"
ACAO_ENCERRAR, ACAO_LISTAR, ACAO_DETALHE = "mit_encerrar", "mit_listar", "mit_detalhe"
Situacao = ApuracaoMit.Situacao

ROTULOS = {
    "Irpj": "IRPJ",
    "Csll": "CSLL",
    "Irrf": "IRRF",
    "Ipi": "IPI",
    "Iof": "IOF",
    "PisPasep": "PIS/Pasep",
    "Cofins": "Cofins",
    "ContribuicoesDiversas": "Contribuições diversas",
    "Cpss": "CPSS",
    "Cprb": "CPRB",
    "OutrasReceitas": "Outras receitas",
}
# Tribute of the official table of revenue codes -> the group that takes it.
DO_TRIBUTO = {
    "IRPJ": "Irpj",
    "CSLL": "Csll",
    "IRRF": "Irrf",
    "IPI": "Ipi",
    "IOF": "Iof",
    "PIS/Pasep": "PisPasep",
    "Cofins": "Cofins",
    "Cide": "ContribuicoesDiversas",
    "CSRF": "ContribuicoesDiversas",
    "CPRB": "Cprb",
}
# Domains of the service; the words are ours (docs/integra-contador.md).
QUALIFICACOES = ((1, "PJ em geral"), (2, "Instituição financeira"), (3, "Seguradora"), (4, "Imune ou isenta"))
TRIBUTACOES = (
    (1, "Real, estimativa"),
    (2, "Presumido"),
    (3, "Real, trimestral"),
    (4, "Arbitrado"),
    (5, "Imune do IRPJ"),
    (6, "Isenta do IRPJ"),
    (7, "Simples Nacional"),
)
VARIACOES = ((1, "Regime de caixa"), (2, "Regime de competência"), (3, "Não se aplica"))
REGIMES = ((1, "Não cumulativo"), (2, "Cumulativo"), (3, "Os dois"), (4, "Não se aplica"))
_DA_RECEITA = {
    NaReceita.COM_PENDENCIAS: Situacao.PENDENTE,
    NaReceita.EM_EDICAO: Situacao.EDICAO,
    NaReceita.ENCERRADA: Situacao.ENCERRADA,
    NaReceita.ENCERRANDO: Situacao.ENCERRANDO,
}


CODIGO_ERRADO = "O código do débito tem 6 algarismos, receita e extensão, de um tributo do MIT, como 810902."


def grupos_por_codigo() -> dict[str, str]:
    """Revenue code (4 digits) -> the group of debits that takes it, by the official table."""
    tributos = ReceitaFederal.objects.values_list("codigo_receita", "tributo")
    return {codigo: DO_TRIBUTO[tributo] for codigo, tributo in tributos if tributo in DO_TRIBUTO}


class Mudou(Exception):
    """Somebody else changed the month, or it was sent meanwhile; the text (pt-BR) says so."""


def total(debitos: Iterable[dict[str, Any]]) -> Decimal:
    return sum((Decimal(debito["valor"]) for debito in debitos), Decimal(0))


def editavel(apuracao: ApuracaoMit) -> bool:
    return apuracao.situacao in (Situacao.EDICAO, Situacao.PENDENTE)


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
        "sem_movimento", "qualificacao", "tributacao", "variacoes", "regime", "cpf_responsavel", "debitos", "total",
        "preparada_por",
    ):  # fmt: skip
        setattr(guardada, campo, getattr(apuracao, campo))
    guardada.versao += 1
    guardada.save()
    return guardada


def problemas(apuracao: ApuracaoMit) -> list[str]:
    """What keeps a month from being sent, in pt-BR."""
    ditos = []
    if not apuracao.cpf_responsavel:
        ditos.append("Falta o CPF do responsável pela apuração.")
    if apuracao.sem_movimento and apuracao.debitos:
        ditos.append("O mês está sem movimento e tem débitos: apague-os, ou desmarque Sem movimento.")
    if not apuracao.sem_movimento and not apuracao.debitos:
        ditos.append("O mês não tem débitos. Informe-os, ou marque Sem movimento.")
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
    }


def de_json(pedido: Pedido) -> Encerramento:
    return Encerramento(
        competencia=date.fromisoformat(pedido["competencia"]),
        qualificacao=pedido["qualificacao"],
        tributacao=pedido["tributacao"],
        variacoes=pedido["variacoes"],
        regime=pedido["regime"],
        cpf_responsavel=pedido["cpf_responsavel"],
        debitos=tuple(
            Debito(d["tributo"], d["codigo"], Decimal(d["valor"]), d.get("periodo", ""), d.get("cnpj_scp", ""))
            for d in pedido["debitos"]
        ),
    )


def anotar(empresa: int, ano: int, listadas: Iterable[Listada]) -> None:
    """What the Receita says of the months of a year, the last word on each; those it does not list stay as they are."""
    agora = timezone.now()
    for listada in listadas:
        ApuracaoMit.objects.get_or_create(empresa_id=empresa, competencia=listada.competencia)
        linha = ApuracaoMit.objects.filter(empresa=empresa, competencia=listada.competencia)
        linha.update(
            situacao=_DA_RECEITA[listada.situacao],
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
        do_mes = ApuracaoMit.objects.filter(empresa__in=[e.pk for e in empresas], competencia=competencia)
        self.apuracoes = {apuracao.empresa_id: apuracao for apuracao in do_mes}
        self._prazo = prazo(competencia)

    @property
    def prazo(self) -> date:
        return self._prazo


def _apuracao(item: Item) -> ApuracaoMit | None:
    contexto = item.contexto
    if not isinstance(contexto, ContextoMit):
        raise TypeError("this action reads the months of MIT")
    return contexto.apuracoes.get(item.empresa.pk)


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
    if ditos := problemas(apuracao):
        return item.fora(Codigo.DADOS, " ".join(ditos))
    chave = f"mit.encerrar:{item.empresa.pk}:{apuracao.competencia:%Y%m}:{apuracao.envio}"
    return item.nova(TIPO_ENCERRAR, chave, para_envio(apuracao))


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
assert set(ROTULOS) == set(TRIBUTOS)  # noqa: S101 - every group of the service has its words
