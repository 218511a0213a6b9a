"""The screens of many notes: import, contratos to notes, the pré-voo of a filter, one correction for all."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from comum.models import Usuario
from empresas.models import Importacao
from nfse.models import Contrato, Nota
from nfse.services.mensalidades import gerar
from operacoes.models import Processamento
from tests.nfse.apoio_lote import CONTABIL, HOJE, OUTUBRO, conferir, empresa_no_sisgenfe, importar, item, rascunhos
from tests.nfse.fabrica import criar_contrato, criar_servico, criar_tomador
from tests.nfse.test_importacao_notas import COLUNAS, linha

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def hoje() -> Iterator[None]:
    with time_machine.travel(HOJE, tick=False):
        yield


@pytest.fixture
def empresa(carteira):
    empresa = empresa_no_sisgenfe(1, carteira)
    criar_tomador(empresa)
    criar_servico(empresa, atividade=CONTABIL, cnae_id="6920601")
    return empresa


def entrar(usuario: Usuario) -> Client:
    """In the competência 10/2026, which is the month before today's."""
    cliente = Client()
    cliente.force_login(usuario)
    return cliente


@pytest.fixture
def como_bruno(bruno) -> Client:
    return entrar(bruno)


def texto(resposta: Any) -> str:
    return str(resposta.content.decode())


# -- import -----------------------------------------------------------------------------------------------------------


def test_the_import_page_tells_every_column_and_keeps_the_file(como_bruno, empresa) -> None:
    pagina = texto(como_bruno.get(reverse("nfse:importar")))
    assert all(rotulo in pagina for rotulo in ("CPF ou CNPJ do tomador", "local da prestação", "item LC 116"))
    arquivo = SimpleUploadedFile("notas.csv", (COLUNAS + linha()).encode())
    resposta = como_bruno.post(reverse("nfse:importar"), {"arquivo": arquivo, "empresa": empresa.pk})
    importacao = Importacao.objects.get()
    assert resposta["Location"] == reverse("empresas:importacao", args=[importacao.pk])
    assert (importacao.tipo, importacao.parametros) == ("notas", {"empresa": empresa.pk})


def test_the_template_can_be_sent_back(como_bruno, bruno, empresa) -> None:
    modelo = como_bruno.get(reverse("nfse:importar_modelo")).content
    conferida = conferir(bruno, modelo)
    assert conferida.linhas == 3
    assert {coluna for _, coluna, *_ in conferida.recusas} <= {"empresa"}  # the office's own are not the example's


def test_refusals_and_warnings_are_shown_and_downloaded_apart(como_bruno, bruno, empresa) -> None:
    empresa.tomadores.update(cep="")
    conferida = conferir(bruno, COLUNAS + linha() + linha(referencia="R-2", valor="x"))
    pagina = texto(como_bruno.get(reverse("empresas:importacao", args=[conferida.pk])))
    assert "Linhas recusadas" in pagina
    assert "Linhas com aviso" in pagina
    arquivo = como_bruno.get(reverse("empresas:recusadas", args=[conferida.pk]))
    baixado = b"".join(arquivo.streaming_content).decode("utf-8-sig").splitlines()
    efeitos = [linha.rsplit(";", 1)[1].strip('"') for linha in baixado]
    assert efeitos == ["efeito", "recusada", "entra, com aviso"]


def test_what_was_imported_leads_to_the_pré_voo_of_those_notes(como_bruno, bruno, empresa) -> None:
    rascunhos([empresa], bruno)
    feita = importar(conferir(bruno, COLUNAS + linha() + linha(referencia="R-2", emissao="")))
    pagina = texto(como_bruno.get(reverse("empresas:importacao", args=[feita.pk])))
    assert "Conferir e emitir as 2 notas importadas" in pagina
    previa = como_bruno.get(reverse("nfse:prevoo"), {"periodo": "todos", "importacao": str(feita.pk)})
    assert "Emitir 2 notas" in texto(previa)


def test_an_import_of_somebody_else_filters_nothing_in(como_bruno, ana, empresa) -> None:
    feita = importar(conferir(ana, COLUNAS + linha()))
    resposta = como_bruno.get(reverse("nfse:prevoo"), {"periodo": "todos", "importacao": str(feita.pk)})
    assert resposta.status_code == 302


def test_the_pré_voo_without_a_filter_goes_back_to_the_list(como_bruno, bruno, empresa) -> None:
    rascunhos([empresa], bruno)
    assert como_bruno.get(reverse("nfse:prevoo"))["Location"] == reverse("nfse:notas")


# -- contratos to notes -----------------------------------------------------------------------------------------------


@pytest.fixture
def contratos(empresa) -> list[Contrato]:
    servico = empresa.servicos.get()
    return [
        criar_contrato(empresa, tomador=criar_tomador(empresa, numero), servico=servico, valor=Decimal(numero), dia=10)
        for numero in (100, 200, 300)
    ]


def test_the_month_of_the_contratos(como_bruno, bruno, contratos) -> None:
    gerar([contratos[0].pk], OUTUBRO, bruno)
    pagina = texto(como_bruno.get(reverse("nfse:contratos_gerar")))
    assert "Gerar notas dos contratos de 10/2026" in pagina
    assert "R$ 500,00" in pagina  # of the two that lack their note
    assert "Gerar as 2 que faltam" in pagina


def test_generating_leads_to_the_pré_voo(como_bruno, contratos) -> None:
    resposta = como_bruno.post(reverse("nfse:contratos_gerar"), {"todos_que_faltam": "1"}, follow=True)
    assert Nota.objects.count() == 3
    assert "Emitir 3 notas · R$ 600,00" in texto(resposta)


def test_only_the_marked_ones(como_bruno, contratos) -> None:
    como_bruno.post(reverse("nfse:contratos_gerar"), {"ids": [str(contratos[1].pk)]})
    assert Nota.objects.get().contrato == contratos[1]


@pytest.mark.parametrize(
    ("data", "motivo"),
    [
        ("22/11/2026", "ainda não chegou"),
        ("30/09/2026", "antes da competência 10/2026"),
        ("31/11/2026", "não existe no calendário"),
    ],
)
def test_a_bad_date_for_all_is_said_at_its_field(como_bruno, contratos, data, motivo) -> None:
    dados = {"todos_que_faltam": "1", "quando": "uma", "emissao": data}
    resposta = como_bruno.post(reverse("nfse:contratos_gerar"), dados)
    assert resposta.status_code == 422
    assert motivo in texto(resposta)
    assert f'value="{data}"' in texto(resposta)
    assert not Nota.objects.exists()


def test_contratos_of_another_carteira_are_not_there(como_bruno, contratos, outra_carteira) -> None:
    outra = criar_contrato(empresa_no_sisgenfe(2, outra_carteira))
    assert outra.tomador.documento_mascarado not in texto(como_bruno.get(reverse("nfse:contratos_gerar")))
    como_bruno.post(reverse("nfse:contratos_gerar"), {"ids": [str(outra.pk)]})
    assert not Nota.objects.exists()


def test_who_only_consults_generates_nothing(carla, contratos) -> None:
    assert entrar(carla).post(reverse("nfse:contratos_gerar"), {"todos_que_faltam": "1"}).status_code == 403


def test_the_page_of_the_month_costs_a_constant_number_of_queries(como_bruno, contratos, django_assert_max_num_queries):
    como_bruno.get(reverse("nfse:contratos_gerar"))
    with django_assert_max_num_queries(24):
        como_bruno.get(reverse("nfse:contratos_gerar"))


# -- the equal ones ---------------------------------------------------------------------------------------------------


@pytest.fixture
def erradas(bruno, empresa) -> list[Nota]:
    return [rascunhos([empresa], bruno, item(aliquota=Decimal(7)), iss_retido=True)[0] for _ in range(3)]


def selecao(notas: list[Nota], **campos: str) -> dict[str, Any]:
    return {"ids": [nota.pk for nota in notas], "codigo": "iss-fora-da-faixa", **campos}


def test_the_pré_voo_offers_to_correct_a_group_at_once(como_bruno, erradas) -> None:
    pagina = texto(como_bruno.post(reverse("nfse:agir", args=["emitir"]), selecao(erradas)))
    assert 'name="codigo" value="iss-fora-da-faixa"' in pagina
    assert "Corrigir as 3 de uma vez" in pagina


def test_the_page_shows_the_first_and_asks_for_what_is_wrong(como_bruno, erradas) -> None:
    pagina = texto(como_bruno.post(reverse("nfse:iguais"), selecao(erradas)))
    assert "3 notas com o mesmo problema" in pagina
    assert '<option value="aliquota" selected>' in pagina
    assert "Aplicar às 3 iguais" in pagina


def test_the_effect_is_shown_before_anything_is_written(como_bruno, erradas) -> None:
    dados = selecao(erradas, campo="aliquota", valor="2", passo="efeito")
    resposta = como_bruno.post(reverse("nfse:iguais"), dados, headers={"HX-Request": "true"})
    assert "3 notas mudam; 3 passam no pré-voo" in texto(resposta)
    assert "<html" not in texto(resposta)
    assert erradas[0].itens.get().aliquota == Decimal(7)


def test_applied_they_are_in_the_pré_voo_again(como_bruno, erradas) -> None:
    resposta = como_bruno.post(reverse("nfse:iguais"), selecao(erradas, campo="aliquota", valor="2", passo="aplicar"))
    assert "3 notas corrigidas. Alíquota do ISS: 2%." in texto(resposta)
    assert "Emitir 3 notas · R$ 3.000,00" in texto(resposta)


def test_a_value_that_cannot_be_read_stays_typed_with_its_reason(como_bruno, erradas) -> None:
    resposta = como_bruno.post(
        reverse("nfse:iguais"), selecao(erradas, campo="aliquota", valor="sete", passo="aplicar")
    )
    assert resposta.status_code == 422
    assert "Percentual fora do formato" in texto(resposta)
    assert 'value="sete"' in texto(resposta)


def test_another_field_asks_for_its_own_value(como_bruno, erradas) -> None:
    dados = selecao(erradas, campo="iss_retido", valor="7", passo="campo")
    parte = texto(como_bruno.post(reverse("nfse:iguais"), dados, headers={"HX-Request": "true"}))
    assert '<option value="S">' in parte
    assert "<html" not in parte


def test_notes_of_another_carteira_are_not_corrected(como_bruno, ana, outra_carteira) -> None:
    outras = rascunhos([empresa_no_sisgenfe(2, outra_carteira)], ana, item(aliquota=Decimal(7)), iss_retido=True)
    como_bruno.post(reverse("nfse:iguais"), selecao(outras, campo="aliquota", valor="2", passo="aplicar"))
    assert outras[0].itens.get().aliquota == Decimal(7)


def test_who_only_consults_corrects_nothing(carla, erradas) -> None:
    dados = selecao(erradas, campo="aliquota", valor="2", passo="aplicar")
    assert entrar(carla).post(reverse("nfse:iguais"), dados).status_code == 403


def test_a_second_click_on_the_confirmation_finds_the_run(como_bruno, bruno, empresa) -> None:
    rascunhos([empresa], bruno)
    filtro = {"todos": "1", "filtro": "situacao=rascunho"}
    marca = como_bruno.post(reverse("nfse:agir", args=["emitir"]), filtro).context["previa"].marca
    primeira = como_bruno.post(reverse("nfse:agir", args=["emitir"]), filtro | {"marca": marca})
    segunda = como_bruno.post(reverse("nfse:agir", args=["emitir"]), filtro | {"marca": marca})
    assert primeira["Location"] == segunda["Location"] == Processamento.objects.get().get_absolute_url()
