"""The tab Consultas of SISGENF-e: each query of the service on the screen, beside what Guichê knows."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from comum.models import Usuario
from nfse.models import CanalNfse
from nfse.providers.interface import Estado, NotaNoServico
from nfse.views.base_canais import com_as_nossas
from tests.nfse.escritorio import rascunho

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hoje")]


def consultar(cliente: Client, canal: CanalNfse, qual: str, **campos: Any) -> Any:
    return cliente.post(reverse("nfse:canal_ler_consulta", args=[canal.codigo]), {"qual": qual, **campos})


def test_the_tables_of_the_service_are_read(como_ana: Client, canal: CanalNfse) -> None:
    unidades = consultar(como_ana, canal, "unidades").context
    assert "Metro" in {lida.nome for lida in unidades["linhas"]}
    municipios = consultar(como_ana, canal, "municipios", uf="PE").context
    assert "2601409" in {lido.ibge for lido in municipios["linhas"]}
    atividades = consultar(como_ana, canal, "cnae", lc116="7.13").context
    assert {lida.lc116 for lida in atividades["linhas"]} == {"7.13"}


@pytest.mark.parametrize("qual", ["notas", "tomadores"])
def test_a_new_prestador_has_nothing(como_ana: Client, canal: CanalNfse, qual: str) -> None:
    assert "O serviço não tem nada assim" in consultar(como_ana, canal, qual).content.decode()


@pytest.mark.parametrize(
    ("qual", "campos", "erro"),
    [
        ("cnae", {}, "Informe o item da LC 116"),
        ("cnae", {"lc116": "sete"}, "tem a forma 7.05"),
        ("tomadores", {"documento": "123"}, "documento"),
        ("notas", {"numero": "0"}, "começa em 1"),
        ("tudo", {}, "qual"),
    ],
)
def test_what_cannot_be_asked_is_told_with_its_field(
    como_ana: Client, canal: CanalNfse, qual: str, campos: dict[str, str], erro: str
) -> None:
    resposta = consultar(como_ana, canal, qual, **campos)
    assert resposta.status_code == 422
    assert erro in resposta.content.decode()


def test_each_note_stands_beside_ours(canal: CanalNfse, ana: Usuario) -> None:
    nossa = rascunho(canal, ana)
    type(nossa).objects.filter(pk=nossa.pk).update(canal=canal, numero_nfse="7")
    lidas = [NotaNoServico(Estado.AUTORIZADA, numero=numero) for numero in ("7", "8")]
    assert [ours and ours.pk for _, ours in com_as_nossas(canal, lidas)] == [nossa.pk, None]
