"""The pré-voo of a bulk action (what would go, what would not and why, at zero cost) and the run that it confirms."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import transaction

from comum.formatos import format_competencia, format_dinheiro
from comum.models import Usuario
from credentials.models import Servico, Vinculo
from empresas.models import Empresa
from guias.models import Apuracao, Caminho, Escritorio
from guias.services import avisos, intencoes
from guias.services.acesso import (
    Acessos,
    Codigo,
    Contexto,
    Fora,
    acesso_ou_motivo,
    exigidos,
    grupos,
    segurar,
    sem_servico,
)
from guias.services.acoes import DEFINICOES, Acao, Definicao
from guias.services.avisos import Aviso
from guias.services.intencoes import Item
from guias.services.valor_em_das import ValorEmDas, em_das
from operacoes import custos
from operacoes.custos import Orcamento, orcar, teto
from operacoes.models import Classe, Processamento
from operacoes.motor import NovaOperacao
from operacoes.processamentos.criacao import DeFora, criar

_PERIODOS_DITOS = 6  # named one by one up to so many


@dataclass
class Prevoo:
    """What would run and what would not; what it costs and does to the billing period. `avisos` stop nobody.
    `por_caminho`: R$ of the declarations of these empresas, to the transmission, by each Caminho; empty for other
    actions. `em_das`: what the DAS come to, where they are drawn or late. `periodos`: of which what is asked is, in
    words, where it is not of the competência of the screen."""

    acao: str
    competencia: date
    novas: list[NovaOperacao] = field(default_factory=list)
    prontas: list[Empresa] = field(default_factory=list)
    fora: list[Fora] = field(default_factory=list)
    orcamento: Orcamento = field(default_factory=Orcamento)
    das_em_seguida: bool = False
    caminho: str = Caminho.ECONOMICO
    avisos: list[Aviso] = field(default_factory=list)  # what should be known before, and stops nobody
    por_caminho: dict[str, Decimal] = field(default_factory=dict)
    em_das: ValorEmDas | None = None
    periodos: Sequence[str] = ()

    @property
    def de_quando(self) -> str:
        """Of which competência, or periods, it is (pt-BR); empty for what is of none."""
        if self.definicao.mensal:
            return f"Competência {format_competencia(self.competencia)}."
        if len(self.periodos) > _PERIODOS_DITOS:
            return f"{len(self.periodos)} períodos de apuração."
        quais = "Período de apuração" if len(self.periodos) == 1 else "Períodos de apuração"
        return f"{quais} {', '.join(self.periodos)}." if self.periodos else ""

    @property
    def definicao(self) -> Definicao:
        return DEFINICOES[self.acao]

    @property
    def custo(self) -> Decimal:
        return self.orcamento.total

    @property
    def titulo(self) -> str:
        base = self.definicao.titulo(len(self.novas), self.de_novo)
        return f"{base} e emitir os DAS" if self.das_em_seguida else base

    @property
    def de_novo(self) -> int:
        """How many take the place of a guia that is still to be paid."""
        return sum(aviso.quantas for aviso in self.avisos if aviso.codigo == avisos.SUBSTITUI)

    @property
    def rotulo(self) -> str:
        """The words of the button."""
        valor = "" if self.valor is None else f" · valor {format_dinheiro(self.valor)}"
        return f"{self.titulo}{valor} · custo {format_dinheiro(self.custo)}"

    @property
    def pedidos(self) -> list[tuple[Empresa, str]]:
        """Each empresa that goes, with what is asked for it where its name is not enough."""
        dizer, ditos = self.definicao.dizer, defaultdict[int | None, list[str]](list)
        valores = self.em_das.itens if self.em_das else {}
        for nova in self.novas if dizer else ():
            um = valores.get(nova.chave)
            dito = f"{format_competencia(um.mes)}, {um.em_palavras}" if um else dizer(nova) if dizer else ""
            ditos[nova.empresa_id].append(dito)
        return [(empresa, ("; " if valores else ", ").join(ditos[empresa.pk])) for empresa in self.prontas]

    @property
    def valor(self) -> Decimal | None:
        """R$ that would be declared, or drawn to be paid; None for an action without amounts."""
        um = self.definicao.valor
        return None if um is None else sum((um(nova) for nova in self.novas), Decimal(0))

    @property
    def por_aprovar(self) -> int:
        """How many would go if their values were approved."""
        return sum(item.codigo == Codigo.NAO_CONFERIDA for item in self.fora)

    @property
    def por_simular(self) -> int:
        """How many stay out until they are simulated, by the caminho chosen."""
        return sum(item.codigo == Codigo.NAO_SIMULADA for item in self.fora)

    @property
    def pausadas(self) -> int:
        """How many stay out because their credencial is paused."""
        return sum(item.codigo == Codigo.PAUSADA for item in self.fora)

    @property
    def palavras_de_fora(self) -> str:
        """What is left out, in the words of the count: of one empresa several may be, or some go and others do not."""
        vezes = Counter(item.empresa.pk for item in self.fora)
        vezes.update(empresa.pk for empresa in self.prontas)
        return "caso,casos" if any(vezes[item.empresa.pk] > 1 for item in self.fora) else "empresa,empresas"

    @property
    def marca(self) -> str:
        """Changes when what would be sent does, or through whom; the confirmation carries it."""
        partes = sorted((nova.chave, nova.acesso, json.dumps(nova.pedido, sort_keys=True)) for nova in self.novas)
        return hashlib.sha256(json.dumps(partes).encode()).hexdigest()[:24]

    @property
    def grupos(self) -> list[tuple[str, list[Fora]]]:
        return grupos(self.fora)


def prevoo(
    acao: str,
    empresas: Iterable[Empresa],
    competencia: date,
    *,
    das_em_seguida: bool = False,
    via_nova: bool = False,
    caminho: str = "",
    parametros: Mapping[str, str] | None = None,
) -> Prevoo:
    """What would happen, without asking anyone outside. `via_nova`: another copy of a guia is wanted; `caminho`: how
    the values are proved, empty for the office's choice; `parametros`: what else the action was told on its screen, for
    its `montar`."""
    todas = list(empresas)
    resultado = Prevoo(acao, competencia, das_em_seguida=das_em_seguida and acao == Acao.TRANSMITIR)
    resultado.caminho = caminho or Escritorio.atual().caminho
    if not todas:
        return resultado
    definicao = resultado.definicao
    contexto = definicao.contexto(todas, competencia, definicao.tipos)
    for empresa in todas:
        feito = _acesso(acao, empresa, contexto)
        if not isinstance(feito, Fora) and resultado.das_em_seguida and Servico.DAS not in feito.servicos:
            feito = Fora(empresa, Codigo.SERVICO, sem_servico(Servico.DAS))
        if not isinstance(feito, Fora):
            item = Item(
                empresa, contexto, feito, resultado.das_em_seguida, via_nova, resultado.caminho, parametros or {}
            )
            montadas = definicao.montar(item)
            for nova in [montadas] if isinstance(montadas, NovaOperacao | Fora) else montadas:
                if isinstance(nova, Fora):
                    resultado.fora.append(nova)
                    continue
                resultado.novas.append(nova)
                if resultado.prontas[-1:] != [empresa]:
                    resultado.prontas.append(empresa)
            continue
        resultado.fora.append(feito)
    custear(resultado)
    resultado.avisos = substituicoes(resultado)
    resultado.avisos += avisos.dos_acessos(resultado.novas, contexto, exigidos(definicao.servico, definicao.poderes))
    resultado.avisos += avisos.dias_sem_banco(resultado.prontas, _dias_de_pagar(resultado.novas))
    if definicao.avisar is not None:
        resultado.avisos += definicao.avisar(resultado.prontas, contexto, parametros or {})
    if valor := em_das(acao, resultado.prontas, resultado.novas, contexto):
        resultado.em_das = valor
        resultado.avisos += valor.avisos()
    if acao in (Acao.SIMULAR, Acao.TRANSMITIR) and isinstance(contexto, Contexto):
        resultado.avisos += avisos.de(resultado.prontas, contexto)
        resultado.por_caminho = _por_caminho(resultado, contexto)
    return resultado


def _dias_de_pagar(novas: Iterable[NovaOperacao]) -> list[tuple[int, date, date]]:
    """(empresa, day of payment, due date) of what is asked for a day: only what is overdue is, so that one without a
    due date of its own counts as overdue."""
    return [
        (
            nova.empresa_id or 0,
            date.fromisoformat(nova.pedido["consolidacao"]),
            nova.prazo if nova.prazo and nova.prazo < date.max else date.min,
        )
        for nova in novas
        if nova.pedido.get("consolidacao")
    ]


def substituicoes(resultado: Prevoo) -> list[Aviso]:
    divida = resultado.definicao.divida
    return avisos.substituidas(resultado.prontas, [(nova, divida(nova)) for nova in resultado.novas] if divida else [])


def custear(resultado: Prevoo) -> None:
    """What the cap of cost keeps out stays out of the run; the rest is priced."""
    _parar_no_teto(resultado)
    resultado.orcamento = orcar(resultado.novas)


def segurar_teto(empresas: Iterable[Empresa | int]) -> None:
    """Until the commit, whoever submits under the same cap of cost comes wholly before, or after."""
    vinculos = Vinculo.objects.filter(empresa__in=list(empresas)).select_related("credencial")
    teto.segurar({vinculo.credencial.acesso for vinculo in vinculos})


def _parar_no_teto(resultado: Prevoo) -> None:
    motivos = {nova.chave: motivo for nova, motivo in teto.barrar(resultado.novas)}
    if not motivos:
        return
    empresas = {empresa.pk: empresa for empresa in resultado.prontas}
    barradas = [nova for nova in resultado.novas if nova.chave in motivos]
    resultado.novas = [nova for nova in resultado.novas if nova.chave not in motivos]
    ficam = {nova.empresa_id for nova in resultado.novas}
    resultado.prontas = [empresa for empresa in resultado.prontas if empresa.pk in ficam]
    resultado.fora += [Fora(empresas[nova.empresa_id or 0], Codigo.TETO, motivos[nova.chave]) for nova in barradas]


def _por_caminho(resultado: Prevoo, contexto: Contexto) -> dict[str, Decimal]:
    """To simulate first is one call more for each that was never simulated; the values of both ways end at the
    transmission of all of them."""
    simuladas = {
        empresa.pk
        for empresa in resultado.prontas
        if (apuracao := contexto.fatos[empresa.pk].apuracao) is not None and apuracao.total_simulado is not None
    }
    uma = Counter(nova.acesso for nova in resultado.novas)
    mais = Counter(nova.acesso for nova in resultado.novas if nova.empresa_id not in simuladas)
    previsao, classe = custos.Previsao(uma), Classe.DECLARACAO.value
    uma_vez, duas = ({(classe, a): n + extra[a] for a, n in uma.items()} for extra in (Counter[str](), mais))
    return {
        Caminho.ECONOMICO: sum(previsao.de_todas(uma_vez).values(), Decimal(0)),
        Caminho.SIMULAR: sum(previsao.de_todas(duas).values(), Decimal(0)),
    }


def _acesso(acao: str, empresa: Empresa, contexto: Acessos) -> Vinculo | Fora:
    """The receita is looked at before the access: the order in which the month's list tells the reasons."""
    if acao in (Acao.SIMULAR, Acao.TRANSMITIR) and isinstance(contexto, Contexto):
        apuracao = intencoes.com_receita(contexto.fatos[empresa.pk])
        if isinstance(apuracao, Fora):
            return apuracao
    definicao = DEFINICOES[acao]
    return acesso_ou_motivo(definicao.servico, empresa, contexto, definicao.poderes)


class Mudou(Exception):
    """Between the pré-voo that was shown and the confirmation, what would run changed. Carries the new one."""

    def __init__(self, prevoo: Prevoo) -> None:
        super().__init__("changed")
        self.prevoo = prevoo


def processar(
    acao: str,
    empresas: Iterable[Empresa],
    competencia: date,
    usuario: Usuario,
    *,
    marca: str,
    das_em_seguida: bool = False,
    via_nova: bool = False,
    caminho: str = "",
    parametros: Mapping[str, str] | None = None,
) -> Processamento:
    """Start the bulk run that was shown; `marca` is its Prevoo's. Raises Mudou when it is no longer the same."""
    todas = list(empresas)

    def agora() -> Prevoo:
        return prevoo(
            acao,
            todas,
            competencia,
            das_em_seguida=das_em_seguida,
            via_nova=via_nova,
            caminho=caminho,
            parametros=parametros,
        )

    with transaction.atomic():
        segurar(e.pk for e in todas)
        # The receitas are written under the same locks, so what is read here is what is sent.
        meses = DEFINICOES[acao].meses
        lidos = {competencia, *(meses(parametros or {}) if meses else ())}
        travadas = Apuracao.objects.filter(empresa__in=[e.pk for e in todas], competencia__in=lidos).order_by("pk")
        list(travadas.select_for_update().values_list("pk"))
        segurar_teto(todas)  # after the apurações, as in a recording
        atual = agora()
        if atual.marca != marca or not atual.novas:
            raise Mudou(atual)
        criado = criar(
            tipo=DEFINICOES[acao].tipo,
            titulo=f"{atual.titulo} de {format_competencia(competencia)}" if atual.definicao.mensal else atual.titulo,
            usuario=usuario,
            competencia=competencia,
            novas=atual.novas,
            fora=[
                DeFora(item.empresa.pk, item.codigo.value, item.motivo, str(item.codigo.label)) for item in atual.fora
            ],
            parametros={
                "acao": str(acao),
                "das_em_seguida": atual.das_em_seguida,
                "caminho": str(atual.caminho),
                "marca": marca,
                **({"pedido": dict(parametros)} if parametros else {}),
            },
        )
        if not criado.operacoes.exists():  # somebody else confirmed the same at the same moment
            raise Mudou(agora())
        # The forecast counts the DAS that follow each transmission too.
        criado.custo_previsto = atual.custo
        criado.save(update_fields=["custo_previsto"])
    return criado
