"""The ERP dies in the middle of a batch, and comes back as it was."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from comum.models import Usuario
from pagar.models import Titulo
from tests import sandbox_fixture
from tests.pagar.fluxos.escritorio import Escritorio, chave_la, reler, trabalhar

pytestmark = pytest.mark.django_db(transaction=True)


class Mortal:
    """A simulator of the test's own, which may be killed and started again at the same addresses."""

    def __init__(self, pasta: Path) -> None:
        self.pasta = pasta
        self.processo = sandbox_fixture.iniciar(pasta)
        self.vivo = sandbox_fixture.vivo_em(pasta)

    def matar(self) -> None:
        self.processo.kill()

    def voltar(self) -> None:
        self.processo.wait()
        self.processo = sandbox_fixture.iniciar(self.pasta, enderecos=self.vivo.enderecos)


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Mortal]:
    mortal = Mortal(tmp_path / "erp")
    yield mortal
    mortal.vivo.controle.close()
    sandbox_fixture.parar(mortal.processo)


@pytest.mark.parametrize("quando", ["antes", "depois"])
def test_an_erp_killed_in_the_middle_of_a_batch_has_each_title_once(
    mortal: Mortal, settings: Any, ana: Usuario, quando: str
) -> None:
    settings.DATASUL_CA = mortal.vivo.ca
    erp = Escritorio(mortal.vivo, ana, titulos_por_lote=4)
    erp.falhar("lento", "lote", parametros={"ms": 20_000, "quando": quando})
    titulos = [erp.titulo() for _ in range(12)]
    erp.enviar(*titulos)
    morte = threading.Timer(1.5, mortal.matar)
    morte.start()
    trabalhar(voltas=1)
    morte.join()
    mortal.voltar()
    trabalhar()
    reler(*titulos)
    assert {titulo.situacao for titulo in titulos} == {Titulo.Situacao.ABERTO}
    assert sorted(erp.livro("titulo")) == sorted(map(chave_la, titulos))
    erp.conferir_saldos()
