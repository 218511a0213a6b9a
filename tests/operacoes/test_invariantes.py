"""Whatever dies, is lost or lands late, in whatever order: one effect outside, and our tables know of it in the end."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operacoes.errors import OutcomeUnknown, ProviderUnavailable
from operacoes.models import Circuito, Operacao, Situacao
from operacoes.motor import execucao, recuperacao, submeter
from operacoes.motor.tomada import tomar
from tests.operacoes.apoio import Servico, Unico, escoar, executar, nova, passar_o_tempo, vencer

pytestmark = pytest.mark.django_db

PERDIDA = OutcomeUnknown("caiu", codigo="SEM-RESPOSTA")
FORA = ProviderUnavailable("fora", codigo="SEM-CONEXAO")
ASSENTADAS = (Situacao.CONCLUIDA, Situacao.AGUARDA_PESSOA, Situacao.RECUSADA)
EVENTOS = st.sampled_from(
    [
        "envia",
        "perde a resposta",
        "perde o pedido",
        "chega atrasado",
        "fora do ar",
        "morre antes de enviar",
        "morre depois de enviar",
        "acorda tarde",
        "falha ao gravar",
        "repete o trabalho",
        "submete de novo",
        "passa pouco tempo",
        "passa muito tempo",
    ]
)


class Mundo:
    """One Operacao and the service; effects under way land before the service's longest time is over."""

    def __init__(self, servico: Servico) -> None:
        self.servico = servico
        self.a_chegar = 0
        self.operacao = submeter([nova("a")], usuario=None).criadas[0]

    def acontecer(self, evento: str) -> None:
        self.operacao.refresh_from_db()
        Circuito.objects.all().delete()
        if evento == "passa pouco tempo":
            vencer(self.operacao)
        elif evento == "passa muito tempo":
            self.chegar()
            passar_o_tempo(self.operacao, Unico.demora_maxima + timedelta(minutes=30))
        elif evento == "submete de novo":
            submeter([nova("a")], usuario=None)
        else:
            self.trabalhar(evento)

    def trabalhar(self, evento: str) -> None:
        tomada = tomar(self.operacao.balde)
        if tomada is None:
            return
        envia = tomada.operacao.situacao == Situacao.ENVIANDO
        if evento.startswith("morre") or evento == "acorda tarde":
            if envia and evento == "morre depois de enviar":
                self.servico.livro.append("a")
            vencer(self.operacao)
            recuperacao.recuperar_abandonadas()
            if evento == "acorda tarde" and not envia:
                executar(tomada)
            return
        roteiro = {"perde a resposta": ("depois", PERDIDA), "perde o pedido": PERDIDA, "fora do ar": FORA}
        if envia and evento in roteiro:
            self.servico.roteiro["a"] = [roteiro[evento]]
        if envia and evento == "chega atrasado":
            self.servico.roteiro["a"] = [PERDIDA]
            self.a_chegar += 1
        Unico.ao_aplicar = _falhar if evento == "falha ao gravar" else None
        executar(tomada)
        Unico.ao_aplicar = None
        if evento == "repete o trabalho":
            execucao.drenar(self.operacao.balde)

    def chegar(self) -> None:
        self.servico.livro += ["a"] * self.a_chegar
        self.a_chegar = 0

    def acabar(self) -> Operacao:
        """Good weather from here on, and a few rounds more once it is settled."""
        self.servico.roteiro.clear()
        assentada = 0
        for _ in range(20):
            self.acontecer("passa muito tempo")
            recuperacao.recuperar_abandonadas()
            escoar()
            self.operacao.refresh_from_db()
            assentada += self.operacao.situacao in ASSENTADAS
            if assentada == 3:
                break
        return self.operacao


def _falhar(_operacao: Operacao) -> None:
    raise ValueError("disk full")


@given(st.lists(EVENTOS, max_size=12))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_never_two_effects_and_none_is_lost(servico: Servico, eventos: list[str]) -> None:
    servico.limpar()
    with transaction.atomic():
        mundo = Mundo(servico)
        for evento in eventos:
            mundo.acontecer(evento)
            assert servico.livro.count("a") + mundo.a_chegar <= 1
        operacao = mundo.acabar()
        assert servico.livro.count("a") <= 1
        if operacao.situacao == Situacao.CONCLUIDA:
            assert servico.livro == ["a"]
        else:
            assert operacao.situacao in ASSENTADAS
        if servico.livro:
            assert operacao.situacao in (Situacao.CONCLUIDA, Situacao.AGUARDA_PESSOA)
        assert Operacao.objects.count() == 1
        transaction.set_rollback(True)
