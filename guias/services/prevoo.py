"""The pré-voo of a bulk action (what would go, what would not and why, at zero cost) and the run that it confirms."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import transaction

from comum.formatos import format_competencia, format_dinheiro
from comum.models import Usuario
from credentials.models import Servico, Vinculo
from empresas.models import Empresa
from guias.models import Apuracao
from guias.services import intencoes
from guias.services.acesso import Acessos, Codigo, Contexto, Fora, acesso_ou_motivo, grupos, segurar, sem_servico
from guias.services.acoes import DEFINICOES, Acao, Definicao
from guias.services.das import ha_das
from guias.services.intencoes import Item
from operacoes import custos
from operacoes.models import Classe, Processamento
from operacoes.motor import NovaOperacao
from operacoes.processamentos.criacao import DeFora, criar


@dataclass
class Prevoo:
    """What would run and what would not. `custos` are R$ by billing class."""

    acao: str
    competencia: date
    novas: list[NovaOperacao] = field(default_factory=list)
    prontas: list[Empresa] = field(default_factory=list)
    fora: list[Fora] = field(default_factory=list)
    custos: dict[Classe, Decimal] = field(default_factory=dict)
    das_em_seguida: bool = False

    @property
    def definicao(self) -> Definicao:
        return DEFINICOES[self.acao]

    @property
    def custo(self) -> Decimal:
        return sum(self.custos.values(), Decimal(0))

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
        if self.acao != Acao.TRANSMITIR:
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
    acao: str,
    empresas: Iterable[Empresa],
    competencia: date,
    *,
    das_em_seguida: bool = False,
    via_nova: bool = False,
    parametros: Mapping[str, str] | None = None,
) -> Prevoo:
    """What would happen, without asking anyone outside. `via_nova`: another copy of a guia is wanted; `parametros`:
    what else the action was told on its screen, for its `montar`."""
    todas = list(empresas)
    resultado = Prevoo(acao, competencia, das_em_seguida=das_em_seguida and acao == Acao.TRANSMITIR)
    if not todas:
        return resultado
    definicao = resultado.definicao
    contexto = definicao.contexto(todas, competencia, definicao.tipos)
    das = 0
    for empresa in todas:
        feito = _acesso(acao, empresa, contexto)
        if not isinstance(feito, Fora) and resultado.das_em_seguida and Servico.DAS not in feito.servicos:
            feito = Fora(empresa, Codigo.SERVICO, sem_servico(Servico.DAS))
        if not isinstance(feito, Fora):
            item = Item(empresa, contexto, feito, resultado.das_em_seguida, via_nova, parametros or {})
            nova = definicao.montar(item)
            if isinstance(nova, NovaOperacao):
                resultado.novas.append(nova)
                resultado.prontas.append(empresa)
                das += _com_das(nova)
                continue
            feito = nova
        resultado.fora.append(feito)
    resultado.custos = _custos(resultado, das)
    return resultado


def _acesso(acao: str, empresa: Empresa, contexto: Acessos) -> Vinculo | Fora:
    """The receita is looked at before the access: the order in which the month's list tells the reasons."""
    if acao in (Acao.SIMULAR, Acao.TRANSMITIR) and isinstance(contexto, Contexto):
        apuracao = intencoes.com_receita(contexto.fatos[empresa.pk])
        if isinstance(apuracao, Fora):
            return apuracao
    definicao = DEFINICOES[acao]
    return acesso_ou_motivo(definicao.servico, empresa, contexto, definicao.poderes)


def _com_das(nova: NovaOperacao) -> bool:
    """Whether a DAS follows the transmission."""
    if not nova.pedido.get("emitir_das"):
        return False
    return ha_das(_declarado(nova))


def _declarado(nova: NovaOperacao) -> Decimal:
    return sum((Decimal(valor) for valor in nova.pedido["comparar"].values()), Decimal(0))


def _custos(resultado: Prevoo, das: int) -> dict[Classe, Decimal]:
    por_acesso = Counter(nova.acesso for nova in resultado.novas)
    previsao = custos.Previsao(por_acesso)
    classe = resultado.definicao.classe
    custo = {classe: sum((previsao.custo(classe, n, acesso) for acesso, n in por_acesso.items()), Decimal(0))}
    if das:
        com_das = Counter(nova.acesso for nova in resultado.novas if _com_das(nova))
        custo[Classe.EMISSAO] = sum(
            (previsao.custo(Classe.EMISSAO, n, acesso) for acesso, n in com_das.items()), Decimal(0)
        )
    return custo


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
    parametros: Mapping[str, str] | None = None,
) -> Processamento:
    """Start the bulk run that was shown; `marca` is its Prevoo's. Raises Mudou when it is no longer the same."""
    todas = list(empresas)

    def agora() -> Prevoo:
        return prevoo(acao, todas, competencia, das_em_seguida=das_em_seguida, via_nova=via_nova, parametros=parametros)

    with transaction.atomic():
        segurar(e.pk for e in todas)
        # The receitas are written under the same locks, so what is read here is what is sent.
        travadas = Apuracao.objects.filter(empresa__in=[e.pk for e in todas], competencia=competencia).order_by("pk")
        list(travadas.select_for_update().values_list("pk"))
        atual = agora()
        if atual.marca != marca or not atual.novas:
            raise Mudou(atual)
        criado = criar(
            tipo=DEFINICOES[acao].tipo,
            titulo=f"{atual.titulo} de {format_competencia(competencia)}" if atual.definicao.do_mes else atual.titulo,
            usuario=usuario,
            competencia=competencia,
            novas=atual.novas,
            fora=[
                DeFora(item.empresa.pk, item.codigo.value, item.motivo, str(item.codigo.label)) for item in atual.fora
            ],
            parametros={
                "acao": str(acao),
                "das_em_seguida": atual.das_em_seguida,
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
