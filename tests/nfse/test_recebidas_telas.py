"""Notas recebidas on the screens: the month, its sums, its files, and the search that brings them."""

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from arquivo.services import abrir, guardar
from comum.models import Usuario
from empresas.models import Empresa
from nfse.models import CanalNfse, NotaRecebida, TipoCanal
from nfse.services.recebidas import Baixada, gravar
from operacoes.models import Operacao, Pausa, Processamento
from tests.cast import cnpj_valido
from tests.nfse.test_recebidas import ABRASF, NACIONAL

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hoje")]

LISTA, BUSCAR = reverse("nfse:recebidas"), reverse("nfse:recebidas_buscar")
OUTUBRO = date(2026, 10, 1)


def criar_canal(empresa: Empresa, codigo: int = 1, **campos: Any) -> CanalNfse:
    return CanalNfse.objects.create(
        codigo=codigo, empresa=empresa, **{"tipo": TipoCanal.INTEGRANOTAS, "token": b"selado", **campos}
    )


def receber(empresa: Empresa, qual: int = 1, **campos: Any) -> NotaRecebida:
    canal = empresa.canais.first() or criar_canal(empresa, empresa.pk % 90_000)
    padrao: dict[str, Any] = {
        "competencia": OUTUBRO,
        "prestador": cnpj_valido(80_000 + qual),
        "prestador_nome": f"Prestador {qual:03d}",
        "numero": str(qual),
        "emissao": date(2026, 10, 5),
        "valor_servicos": Decimal("1000.00"),
        "valor_liquido": Decimal("1000.00"),
        "xml": guardar(
            f"<nota{qual}/>".encode(),
            empresa=empresa,
            tipo="recebida_xml",
            nome=f"nota-{qual}.xml",
            competencia=OUTUBRO,
            mime="application/xml",
        ),
    }
    chave = f"{qual:9>50}"  # nothing that a search of these tests means
    return NotaRecebida.objects.create(empresa=empresa, canal=canal, chave=chave, **(padrao | campos))


def numeros(resposta: Any) -> set[str]:
    return {nota.numero for nota in resposta.context["lista"].pagina}


def test_the_list_shows_the_month_of_ones_own_empresas(como_bruno: Client, minha: Empresa, alheia: Empresa) -> None:
    receber(minha, 1)
    receber(minha, 2, competencia=date(2026, 9, 1))
    receber(alheia, 3)
    assert numeros(como_bruno.get(LISTA)) == {"1"}
    assert numeros(como_bruno.get(LISTA, {"periodo": "todos"})) == {"1", "2"}


def test_an_empty_list_of_all_months_does_not_speak_of_one(como_bruno: Client, minha: Empresa) -> None:
    assert "Nenhuma nota recebida nesta competência" in como_bruno.get(LISTA).content.decode()
    todos = como_bruno.get(LISTA, {"periodo": "todos"}).content.decode()
    assert "Nenhuma nota recebida ainda" in todos
    assert "nesta competência" not in todos


@pytest.mark.parametrize(
    ("filtro", "achadas"),
    [
        ({"retencao": "com"}, {"2"}),
        ({"retencao": "inss"}, set()),
        ({"situacao": "cancelada"}, {"3"}),
        ({"situacao": "normal"}, {"1", "2"}),
        ({"q": "prestador 002"}, {"2"}),
        ({"prestador": cnpj_valido(80_001)}, {"1"}),
        ({"prestador": "123"}, set()),
        ({"situacao": "surpresa"}, set()),
    ],
)
def test_filters(como_bruno: Client, minha: Empresa, filtro: dict[str, str], achadas: set[str]) -> None:
    receber(minha, 1)
    receber(minha, 2, iss=Decimal("50.00"), valor_liquido=Decimal("950.00"))
    receber(minha, 3, situacao=NotaRecebida.Situacao.CANCELADA)
    assert numeros(como_bruno.get(LISTA, filtro)) == achadas


def test_the_sums_leave_cancelled_notes_out(como_bruno: Client, minha: Empresa) -> None:
    receber(minha, 1, iss=Decimal("50.00"), valor_liquido=Decimal("950.00"))
    receber(minha, 2)
    receber(minha, 3, situacao=NotaRecebida.Situacao.CANCELADA)
    soma = como_bruno.get(LISTA).context["soma"]
    assert (soma["quantas"], soma["valor_servicos"], soma["iss"]) == (2, Decimal("2000.00"), Decimal("50.00"))
    assert soma["valor_liquido"] == Decimal("1950.00")


def test_queries_do_not_grow_with_the_rows(
    como_bruno: Client, minha: Empresa, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for qual in range(1, 31):
        receber(minha, qual)
    with django_assert_max_num_queries(20):
        assert como_bruno.get(LISTA).status_code == 200


def test_the_export_has_each_withholding(como_bruno: Client, minha: Empresa) -> None:
    receber(minha, 1, ir=Decimal("15.00"), valor_liquido=Decimal("985.00"))
    resposta = como_bruno.post(f"{reverse('nfse:recebidas_exportar')}?formato=csv&todas=1", {"lista": ""})
    texto = b"".join(resposta.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    (linha,) = csv.DictReader(io.StringIO(texto), delimiter=";")
    assert (linha["Valor dos serviços"], linha["IR retido"], linha["Valor líquido"]) == ("1000,00", "15,00", "985,00")


def test_the_zip_has_only_the_files_of_ones_own(como_bruno: Client, minha: Empresa, alheia: Empresa) -> None:
    notas = [receber(minha, 1), receber(alheia, 2)]
    resposta = como_bruno.post(reverse("nfse:recebidas_zip"), {"ids": [nota.pk for nota in notas]})
    pacote = zipfile.ZipFile(io.BytesIO(b"".join(resposta.streaming_content)))  # type: ignore[attr-defined]
    assert [nome.rpartition("/")[2] for nome in pacote.namelist()] == ["nota-1.xml"]


def test_the_zip_of_nothing_says_so(como_bruno: Client) -> None:
    resposta = como_bruno.post(reverse("nfse:recebidas_zip"), follow=True)
    assert "Nenhuma nota marcada" in resposta.content.decode()


def test_one_note_tells_what_its_xml_says(como_bruno: Client, minha: Empresa) -> None:
    nota, _ = gravar(criar_canal(minha), Baixada("9" * 50, ABRASF.encode(), cancelada=False), OUTUBRO)
    texto = como_bruno.get(nota.get_absolute_url()).content.decode()
    assert "NFS-e 77 de Oficina Inventada" in texto
    assert "Servico › Valores › ValorInss" in texto
    assert "O XML diz outro tomador" in texto  # it was issued to somebody else


def test_contributions_that_the_xml_does_not_part_are_told_as_a_sum(como_bruno: Client, minha: Empresa) -> None:
    juntas = NACIONAL.replace("PisCofins>2<", "PisCofins>4<")
    juntas = juntas.replace("</piscofins>", "</piscofins><vRetCSLL>9.99</vRetCSLL>")
    nota, _ = gravar(criar_canal(minha), Baixada("9" * 50, juntas.encode(), cancelada=False), OUTUBRO)
    assert nota.csll == Decimal("9.99")
    assert "é a soma de PIS + COFINS:" in como_bruno.get(nota.get_absolute_url()).content.decode()


def test_an_event_of_the_service_is_shown(como_bruno: Client, minha: Empresa) -> None:
    baixada = Baixada("9" * 50, ABRASF.encode(), cancelada=True, eventos=(("cancelamento", None),))
    nota, _ = gravar(criar_canal(minha), baixada, OUTUBRO)
    assert nota.situacao == NotaRecebida.Situacao.CANCELADA
    assert "Cancelamento" in como_bruno.get(nota.get_absolute_url()).content.decode()


def test_the_xml_of_a_cancellation_is_kept_too(minha: Empresa) -> None:
    baixada = Baixada("9" * 50, ABRASF.encode(), cancelada=True, cancelamento=b"<evento/>")
    _, documentos = gravar(criar_canal(minha), baixada, OUTUBRO)
    assert [(um.tipo, um.chave, abrir(um)) for um in documentos] == [
        ("recebida_xml", "9" * 50, ABRASF.encode()),
        ("cancel_xml", "9" * 50, b"<evento/>"),
    ]


def test_a_note_that_cannot_be_read_says_so_and_offers_its_file(como_bruno: Client, minha: Empresa) -> None:
    nota, (documento,) = gravar(criar_canal(minha), Baixada("9" * 50, b"<cidade/>", cancelada=False), OUTUBRO)
    texto = como_bruno.get(nota.get_absolute_url()).content.decode()
    assert nota.ilegivel
    assert "layouts conhecidos" in texto
    assert reverse("arquivo:documento", args=[documento.pk]) in texto
    assert "Nota não lida" in como_bruno.get(LISTA).content.decode()


def test_the_same_note_read_well_later_is_mended(minha: Empresa) -> None:
    canal = criar_canal(minha)
    gravar(canal, Baixada("9" * 50, b"<cidade/>", cancelada=False), OUTUBRO)
    nota, _ = gravar(canal, Baixada("9" * 50, ABRASF.encode(), cancelada=False), OUTUBRO)
    assert (nota.ilegivel, nota.ordem) == (False, "oficina inventada")
    assert NotaRecebida.objects.procurar("oficina 77").count() == 1


def test_the_search_tells_who_is_asked_and_who_is_not(como_bruno: Client, minha: Empresa, alheia: Empresa) -> None:
    canal = criar_canal(minha, 1)
    criar_canal(alheia, 2)
    assert como_bruno.get(BUSCAR).context["previa"].canais == [canal]
    Pausa.objects.create(acesso=canal.acesso, motivo="token recusado")
    ((fora, motivo),) = como_bruno.get(BUSCAR).context["previa"].fora
    assert fora == canal
    assert "parados" in motivo


@pytest.mark.parametrize(("campos", "porque"), [({"ativo": False}, "está inativo"), ({"token": b""}, "Falta o token")])
def test_a_canal_that_cannot_be_used_is_left_out(
    como_bruno: Client, minha: Empresa, campos: dict[str, Any], porque: str
) -> None:
    criar_canal(minha, **campos)
    assert porque in como_bruno.get(BUSCAR).content.decode()


def test_the_search_becomes_one_operacao_for_each_canal(como_bruno: Client, bruno: Usuario, minha: Empresa) -> None:
    criar_canal(minha)
    resposta = como_bruno.post(BUSCAR)
    (processamento,) = Processamento.objects.all()
    assert resposta["Location"] == reverse("operacoes:processamento", args=[processamento.pk])
    assert Operacao.objects.get().competencia == OUTUBRO


def test_the_outcomes_of_a_search_are_told_too(como_bruno: Client, minha: Empresa) -> None:
    criar_canal(minha)
    run = como_bruno.post(BUSCAR)["Location"]
    linhas = b"".join(como_bruno.get(f"{run}resultados.csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert "Buscar notas recebidas" in linhas


def test_a_second_click_asks_nothing_again(como_bruno: Client, minha: Empresa) -> None:
    criar_canal(minha)
    como_bruno.post(BUSCAR)
    assert como_bruno.post(BUSCAR)["Location"] == BUSCAR
    assert Operacao.objects.count() == 1


def test_the_search_of_one_day_and_one_prestador_asks_for_nothing_else(como_bruno: Client, minha: Empresa) -> None:
    criar_canal(minha)
    como_bruno.post(BUSCAR, {"dia": "05/10/2026", "cnpj": "12.ABC.345/01DE-35"})
    pedido = Operacao.objects.get().pedido
    assert (pedido["dia"], pedido["cnpj"]) == ("2026-10-05", "12ABC34501DE35")
    titulo = Processamento.objects.get().titulo
    assert "do dia 05/10/2026, do prestador 12.ABC.345/01DE-35" in titulo


@pytest.mark.parametrize(
    ("campos", "porque"),
    [
        ({"dia": "05/11/2026"}, "não é de 10/2026"),
        ({"dia": "31/02/2026"}, "31/02/2026"),
        ({"cnpj": "529.982.247-25"}, "só busca por CNPJ"),
        ({"cnpj": "123"}, "CNPJ"),
    ],
)
def test_a_search_that_makes_no_sense_asks_nothing(
    como_bruno: Client, minha: Empresa, campos: dict[str, str], porque: str
) -> None:
    criar_canal(minha)
    resposta = como_bruno.post(BUSCAR, campos)
    assert (resposta.status_code, Operacao.objects.count()) == (422, 0)
    (erros,) = resposta.context["form"].errors.values()
    assert porque in erros[0]


def test_who_only_consults_does_not_search(client: Client, carla: Usuario, minha: Empresa) -> None:
    criar_canal(minha)
    client.force_login(carla)
    assert "Buscar notas do mês" not in client.get(LISTA).content.decode()
    assert client.post(BUSCAR).status_code == 403


def test_a_carteira_of_somebody_else_finds_no_canal(como_bruno: Client, minha: Empresa, alheia: Empresa) -> None:
    criar_canal(alheia)
    assert como_bruno.get(BUSCAR, {"carteira": str(alheia.carteira_id)}).context["previa"].canais == []
