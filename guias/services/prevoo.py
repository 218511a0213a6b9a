"""The pré-voo of a bulk action (what would go, what would not and why, at zero cost) and the run that it confirms."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.db import transaction

from comum.formatos import contar, format_competencia, format_dinheiro
from comum.models import Usuario
from credentials.models import Servico, Vinculo
from empresas.models import Empresa
from guias.models import Apuracao
from guias.services import intencoes
from guias.services.acesso import Codigo, Contexto, Fora, acesso_ou_motivo, grupos, segurar, sem_servico
from guias.services.intencoes import Item
from operacoes.custos import Orcamento, orcar, teto
from operacoes.models import Classe, Processamento
from operacoes.motor import NovaOperacao
from operacoes.processamentos.criacao import DeFora, criar


class Acao(StrEnum):
    SIMULAR = "simular"
    TRANSMITIR = "transmitir"
    EMITIR_DAS = "das"
    PROCURACOES = "procuracoes"


@dataclass(frozen=True)
class Definicao:
    """How an action is told on screen and what it needs. `verbo` and `nome` make "Transmitir 171 declarações"."""

    verbo: str
    singular: str
    plural: str
    tipo: str
    servico: Servico
    classe: Classe
    aviso: str

    def titulo(self, quantas: int) -> str:
        return f"{self.verbo} {contar(quantas, self.singular, self.plural)}"

    @property
    def palavras(self) -> str:
        """For the filter `contar`."""
        return f"{self.singular},{self.plural}"


DEFINICOES: dict[Acao, Definicao] = {
    Acao.SIMULAR: Definicao(
        "Simular",
        "apuração",
        "apurações",
        "guias.pgdasd.simular",
        Servico.PGDASD,
        Classe.DECLARACAO,
        "A Receita calcula e nada é transmitido. Cada simulação é cobrada como uma declaração.",
    ),
    Acao.TRANSMITIR: Definicao(
        "Transmitir",
        "declaração",
        "declarações",
        "guias.pgdasd.transmitir",
        Servico.PGDASD,
        Classe.DECLARACAO,
        "Tem efeito fiscal. Só é aceita se a Receita calcular exatamente os valores aprovados; depois, corrige-se por "
        "declaração retificadora. Se uma resposta se perder, as consultas que conferem a dúvida custam à parte.",
    ),
    Acao.EMITIR_DAS: Definicao(
        "Emitir",
        "DAS",
        "DAS",
        "guias.das.emitir",
        Servico.DAS,
        Classe.EMISSAO,
        "Cada DAS emitido é cobrado, também quando é emitido de novo.",
    ),
    Acao.PROCURACOES: Definicao(
        "Consultar procurações de",
        "empresa",
        "empresas",
        "guias.procuracoes.consultar",
        Servico.PROCURACOES,
        Classe.CONSULTA,
        "Cada consulta é cobrada; a resposta fica guardada na empresa.",
    ),
}


@dataclass
class Prevoo:
    """What would run and what would not; what it costs and does to the billing period."""

    acao: Acao
    competencia: date
    novas: list[NovaOperacao] = field(default_factory=list)
    prontas: list[Empresa] = field(default_factory=list)
    fora: list[Fora] = field(default_factory=list)
    orcamento: Orcamento = field(default_factory=Orcamento)
    das_em_seguida: bool = False

    @property
    def definicao(self) -> Definicao:
        return DEFINICOES[self.acao]

    @property
    def custo(self) -> Decimal:
        return self.orcamento.total

    @property
    def titulo(self) -> str:
        base = self.definicao.titulo(len(self.novas))
        return f"{base} e emitir os DAS" if self.das_em_seguida else base

    @property
    def rotulo(self) -> str:
        """The words of the button."""
        valor = "" if self.valor is None else f" · valor {format_dinheiro(self.valor)}"
        return f"{self.titulo}{valor} · custo {format_dinheiro(self.custo)}"

    @property
    def valor(self) -> Decimal | None:
        """R$ that would be declared, the DAS of a transmission; None for an action without amounts."""
        if self.acao is not Acao.TRANSMITIR:
            return None
        return sum((_declarado(nova) for nova in self.novas), Decimal(0))

    @property
    def por_aprovar(self) -> int:
        """How many would go if their values were approved."""
        return sum(item.codigo == Codigo.NAO_CONFERIDA for item in self.fora)

    @property
    def pausadas(self) -> int:
        """How many stay out because their credencial is paused."""
        return sum(item.codigo == Codigo.PAUSADA for item in self.fora)

    @property
    def marca(self) -> str:
        """Changes when what would be sent does, or through whom; the confirmation carries it."""
        partes = sorted((nova.chave, nova.acesso, json.dumps(nova.pedido, sort_keys=True)) for nova in self.novas)
        return hashlib.sha256(json.dumps(partes).encode()).hexdigest()[:24]

    @property
    def grupos(self) -> list[tuple[str, list[Fora]]]:
        return grupos(self.fora)


def prevoo(
    acao: Acao, empresas: Iterable[Empresa], competencia: date, *, das_em_seguida: bool = False, via_nova: bool = False
) -> Prevoo:
    """What would happen, without asking anyone outside. `via_nova`: a second copy of a DAS is wanted."""
    todas = list(empresas)
    resultado = Prevoo(acao, competencia, das_em_seguida=das_em_seguida and acao is Acao.TRANSMITIR)
    if not todas:
        return resultado
    contexto = Contexto(todas, competencia)
    montar = _MONTAR[acao]
    for empresa in todas:
        feito = _acesso(acao, empresa, contexto)
        if not isinstance(feito, Fora) and resultado.das_em_seguida and Servico.DAS not in feito.servicos:
            feito = Fora(empresa, Codigo.SERVICO, sem_servico(Servico.DAS))
        if not isinstance(feito, Fora):
            nova = montar(Item(empresa, contexto, feito, resultado.das_em_seguida, via_nova))
            if isinstance(nova, NovaOperacao):
                resultado.novas.append(nova)
                resultado.prontas.append(empresa)
                continue
            feito = nova
        resultado.fora.append(feito)
    _parar_no_teto(resultado)
    resultado.orcamento = orcar(resultado.novas)
    return resultado


def _parar_no_teto(resultado: Prevoo) -> None:
    """What the cap of cost keeps out stays out of the run."""
    motivos = {nova.chave: motivo for nova, motivo in teto.barrar(resultado.novas)}
    pares = list(zip(resultado.novas, resultado.prontas, strict=True))
    resultado.novas = [nova for nova, _ in pares if nova.chave not in motivos]
    resultado.prontas = [empresa for nova, empresa in pares if nova.chave not in motivos]
    barradas = [(nova, empresa) for nova, empresa in pares if nova.chave in motivos]
    resultado.fora += [Fora(empresa, Codigo.TETO, motivos[nova.chave]) for nova, empresa in barradas]


def _acesso(acao: Acao, empresa: Empresa, contexto: Contexto) -> Vinculo | Fora:
    """The receita is looked at before the access: the order in which the month's list tells the reasons."""
    if acao in (Acao.SIMULAR, Acao.TRANSMITIR):
        apuracao = intencoes.com_receita(contexto.fatos[empresa.pk])
        if isinstance(apuracao, Fora):
            return apuracao
    return acesso_ou_motivo(DEFINICOES[acao].servico, empresa, contexto)


def _declarado(nova: NovaOperacao) -> Decimal:
    return sum((Decimal(valor) for valor in nova.pedido["comparar"].values()), Decimal(0))


_MONTAR: Mapping[Acao, Callable[[Item], NovaOperacao | Fora]] = {
    Acao.SIMULAR: intencoes.simulacao,
    Acao.TRANSMITIR: intencoes.transmissao,
    Acao.EMITIR_DAS: intencoes.emissao,
    Acao.PROCURACOES: intencoes.consulta_de_procuracoes,
}


class Mudou(Exception):
    """Between the pré-voo that was shown and the confirmation, what would run changed. Carries the new one."""

    def __init__(self, prevoo: Prevoo) -> None:
        super().__init__("changed")
        self.prevoo = prevoo


def processar(
    acao: Acao,
    empresas: Iterable[Empresa],
    competencia: date,
    usuario: Usuario,
    *,
    marca: str,
    das_em_seguida: bool = False,
    via_nova: bool = False,
) -> Processamento:
    """Start the bulk run that was shown; `marca` is its Prevoo's. Raises Mudou when it is no longer the same."""
    todas = list(empresas)
    with transaction.atomic():
        segurar(e.pk for e in todas)
        # The receitas are written under the same locks, so what is read here is what is sent.
        travadas = Apuracao.objects.filter(empresa__in=[e.pk for e in todas], competencia=competencia).order_by("pk")
        list(travadas.select_for_update().values_list("pk"))
        # After the apurações, as in a recording: whoever submits under the same cap comes wholly before, or after.
        vinculos = Vinculo.objects.filter(empresa__in=todas).select_related("credencial")
        teto.segurar({vinculo.credencial.acesso for vinculo in vinculos})
        atual = prevoo(acao, todas, competencia, das_em_seguida=das_em_seguida, via_nova=via_nova)
        if atual.marca != marca or not atual.novas:
            raise Mudou(atual)
        criado = criar(
            tipo=DEFINICOES[acao].tipo,
            titulo=f"{atual.titulo} de {format_competencia(competencia)}",
            usuario=usuario,
            competencia=competencia,
            novas=atual.novas,
            fora=[
                DeFora(item.empresa.pk, item.codigo.value, item.motivo, str(item.codigo.label)) for item in atual.fora
            ],
            parametros={"acao": acao.value, "das_em_seguida": atual.das_em_seguida, "marca": marca},
        )
        if not criado.operacoes.exists():  # somebody else confirmed the same at the same moment
            raise Mudou(prevoo(acao, todas, competencia, das_em_seguida=das_em_seguida, via_nova=via_nova))
        # The forecast counts the DAS that follow each transmission too.
        criado.custo_previsto = atual.custo
        criado.save(update_fields=["custo_previsto"])
    return criado
