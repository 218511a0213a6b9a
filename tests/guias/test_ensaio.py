"""The office of the fault harness: some of its empresas are asked about by a procurador, so that the exchange of the
Termo de Autorização is under fault too."""

import itertools
import random
from typing import Any

import httpx
import pytest
from django.utils import timezone

from comum.models import Usuario
from credentials.models import Autor
from guias import ensaio
from guias.services.acoes import Acao
from guias.services.prevoo import prevoo
from operacoes.ensaio import Palco
from operacoes.handlers import handler_de
from operacoes.models import Operacao, Situacao
from operacoes.motor import submeter
from tests.guias.apoio import trabalhar
from tests.sandbox_fixture import SandboxVivo

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def palco(serpro_vivo: SandboxVivo, ana: Usuario) -> Palco:
    def controle(caminho: str, corpo: dict[str, Any] | None) -> Any:
        return serpro_vivo.controle.get(caminho) if corpo is None else serpro_vivo.controle.post(caminho, corpo).json()

    def baixar(url: str) -> bytes:
        return httpx.get(url, trust_env=False).raise_for_status().content

    numeros = itertools.count(1)
    return Palco(random.Random(1), ana, timezone.localdate(), numeros, controle, baixar)


def test_a_third_is_asked_about_by_procuradores_and_the_faults_find_their_termo(
    palco: Palco, serpro_vivo: SandboxVivo
) -> None:
    empresas = ensaio.empresas_vinculadas(palco, 9)
    assert sum(empresa.vinculo.autor == Autor.PROCURADOR for empresa in empresas) == 3
    novas = prevoo(Acao.PROCURACOES, empresas, ensaio.competencia(palco)).novas
    assert len(novas) == 9
    perto = [campos for nova in novas for campos in handler_de(nova.tipo).no_sandbox.perto(nova)]
    assert {campos["operacao"] for campos in perto} == {"ENVIOXMLASSINADO81"}
    assert len({campos["contribuinte"] for campos in perto}) == 3
    for campos in perto:
        serpro_vivo.controle.cenario(servico="integra_contador", acao="cortar", vezes=1, **campos)
    submeter(novas, usuario=palco.usuario)
    trabalhar()
    assert set(Operacao.objects.values_list("situacao", flat=True)) == {Situacao.CONCLUIDA}
    termos = serpro_vivo.controle.chamadas(operacao="ENVIOXMLASSINADO81")
    assert len([chamada for chamada in termos if chamada["cenario"]]) == 3
