from collections.abc import Iterator

import pytest

from operacoes import custos
from operacoes.motor import execucao
from tests.operacoes import apoio


@pytest.fixture
def servico() -> Iterator[apoio.Servico]:
    apoio.SERVICO.limpar()
    custos.limpar_memoria()
    execucao.parar.clear()
    yield apoio.SERVICO
    apoio.SemConsulta.arquivos.clear()
    for classe in (apoio.Unico, apoio.Papel, apoio.Demorado, apoio.SemConsulta, apoio.ComAdicional):
        classe.ao_aplicar = None
