"""The four obligations of a company of the Simples, and the list that shows the companies in each state."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone

from comum.models import Usuario
from credentials.models import Credencial
from empresas.models import Carteira, Empresa
from guias.models import Apuracao
from guias.services.etapas import OBRIGACOES, etapas, filtro_de_etapa
from guias.services.quadro import ESTADOS, PASSO, PRESO, lista, quadro
from operacoes.models import Classe, Efeito, Operacao, Situacao
from tests.cast import criar_empresa
from tests.guias.apoio import credencial_falsa, vincular

pytestmark = pytest.mark.django_db

OUT = date(2026, 10, 1)


@pytest.fixture
def credencial(adicional_216: object) -> Credencial:
    return credencial_falsa()


class Mes:
    """Companies of one carteira, each brought to a point of the month."""

    def __init__(self, carteira: Carteira, credencial: Credencial, usuario: Usuario) -> None:
        self.carteira, self.credencial, self.usuario, self.quantas = carteira, credencial, usuario, 0

    def empresa(self, *, vinculada: bool = True, **campos: Any) -> Empresa:
        self.quantas += 1
        empresa = criar_empresa(self.quantas, carteira=self.carteira)
        if vinculada:
            vincular(empresa, self.credencial, self.usuario)
        if campos:
            Apuracao.objects.create(empresa=empresa, competencia=OUT, **campos)
        return empresa

    def operacao(self, empresa: Empresa, tipo: str, situacao: str) -> None:
        Operacao.objects.create(
            tipo=tipo,
            chave=f"{tipo}:{empresa.pk}",
            pedido={"versao": 1},
            acesso="credencial:1",
            balde="x",
            servico="integra_contador",
            efeito=Efeito.UNICO,
            classe=Classe.DECLARACAO,
            situacao=situacao,
            encerrada_em=timezone.now() if situacao == Situacao.RECUSADA else None,
            empresa=empresa,
            usuario=self.usuario,
            competencia=OUT,
        )


@pytest.fixture
def mes(carteira: Carteira, credencial: Credencial, bruno: Usuario) -> Mes:
    return Mes(carteira, credencial, bruno)


PRONTA: dict[str, Any] = {"receita_total": Decimal(1000), "total_calculado": Decimal(40)}
CONFERIDA: dict[str, Any] = PRONTA | {"situacao": "conferida", "total_aprovado": Decimal(40)}
TRANSMITIDA: dict[str, Any] = PRONTA | {
    "situacao": "transmitida",
    "id_declaracao": "1" * 17,
    "total_declarado": Decimal(40),
}


def vistas(usuario: Usuario, empresa: Empresa) -> dict[str, str]:
    return da_linha(quadro(usuario, OUT).annotate(passo=PASSO, preso=PRESO).get(pk=empresa.pk))


def da_linha(linha: Any) -> dict[str, str]:
    return etapas(linha.estado, linha.passo, linha.op_tipo or "", linha.preso, sem_movimento=bool(linha.ap_parada))


def listadas(usuario: Usuario, valor: str) -> set[int]:
    do_mes = lista(QueryDict(f"etapa={valor}"), usuario, OUT)
    do_mes.filtros = [*do_mes.filtros, filtro_de_etapa()]
    return {empresa.pk for empresa in do_mes.pagina}


def conferida(mes: Mes, **campos: Any) -> Empresa:
    return mes.empresa(**CONFERIDA | {"conferida_por": mes.usuario} | campos)


def test_each_situation_is_told_of_each_obligation(mes: Mes, bruno: Usuario) -> None:
    esperado: dict[int, tuple[str, ...]] = {}

    def espera(empresa: Empresa, *estados: str) -> None:
        esperado[empresa.pk] = estados

    espera(mes.empresa(), "falta", "espera", "espera", "espera")
    espera(mes.empresa(receita_total=Decimal(1000)), "informada", "nao_calculada", "espera", "espera")
    espera(mes.empresa(**PRONTA), "informada", "a_conferir", "espera", "espera")
    espera(mes.empresa(**PRONTA, exige_simulacao=True), "informada", "simular_de_novo", "espera", "espera")
    espera(mes.empresa(**PRONTA, situacao="simulada"), "informada", "simulada", "espera", "espera")
    espera(conferida(mes), "informada", "conferida", "a_transmitir", "espera")
    sem_movimento: dict[str, Any] = {"sem_movimento": True, "receita_total": Decimal(0)}
    espera(conferida(mes, **sem_movimento), "sem_movimento", "conferida", "a_transmitir", "espera")
    espera(conferida(mes, vinculada=False), "informada", "conferida", "sem_acesso", "espera")
    espera(mes.empresa(vinculada=False, **PRONTA), "informada", "a_conferir", "sem_acesso", "espera")
    espera(mes.empresa(**TRANSMITIDA), "informada", "conferida", "transmitida", "a_emitir")
    espera(mes.empresa(vinculada=False, **TRANSMITIDA), "informada", "conferida", "transmitida", "sem_acesso")
    zero, pouco = {"total_declarado": Decimal(0)}, {"total_declarado": Decimal(5)}
    espera(mes.empresa(**TRANSMITIDA | zero), "informada", "conferida", "transmitida", "sem_valor")
    espera(mes.empresa(**TRANSMITIDA | pouco), "informada", "conferida", "transmitida", "abaixo_do_minimo")
    simulando, transmitindo, emitindo = mes.empresa(**PRONTA), conferida(mes), mes.empresa(**TRANSMITIDA)
    mes.operacao(simulando, "guias.pgdasd.simular", Situacao.PENDENTE)
    mes.operacao(transmitindo, "guias.pgdasd.transmitir", Situacao.AGUARDA_PESSOA)
    mes.operacao(emitindo, "guias.das.emitir", Situacao.RECUSADA)
    espera(simulando, "informada", "em_andamento", "espera", "espera")
    espera(transmitindo, "informada", "conferida", "duvida", "espera")
    espera(emitindo, "informada", "conferida", "transmitida", "recusada")

    linhas = quadro(bruno, OUT).annotate(passo=PASSO, preso=PRESO).filter(pk__in=esperado)
    assert {linha.pk: tuple(da_linha(linha).values()) for linha in linhas} == esperado
    for valor in dict(filtro_de_etapa().opcoes or ()):
        nome, estado = valor.split(".")
        onde = list(OBRIGACOES).index(nome)
        assert listadas(bruno, valor) == {pk for pk, estados in esperado.items() if estados[onde] == estado}, valor


def test_every_estado_of_the_list_has_its_four_states() -> None:
    for estado in ESTADOS:
        ditas = etapas(estado, "conferida", "guias.das.emitir", sem_movimento=False)
        assert list(ditas) == list(OBRIGACOES)
