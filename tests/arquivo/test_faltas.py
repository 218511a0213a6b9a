"""What should be in the archive and is not."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from arquivo.faltas import fontes
from comum.models import Adicional, Usuario
from empresas.models import Carteira, Empresa
from guias.models import Apuracao, DeclaracaoDctfweb, DeclaracaoDefis, Guia
from nfse.models import Nota, NumeroLivre
from nfse.services.numeros_de_fora import Numeracao, guardar
from operacoes.models import Processamento
from tests.cast import criar_empresa
from tests.nfse.apoio import criar_canal, criar_nota
from tests.pagar.documentos import guia as desenhar

pytestmark = pytest.mark.django_db

MES = date(2026, 10, 1)


@pytest.fixture
def empresa(carteira: Carteira) -> Empresa:
    return criar_empresa(1, carteira=carteira)


@pytest.fixture
def cliente(client: Client, bruno: Usuario) -> Client:
    client.force_login(bruno)
    return client


def notas(empresa: Empresa, usuario: Usuario, *numeros: int, serie: str = "1") -> list[Nota]:
    canal = empresa.canais.first() or criar_canal(empresa)
    feitas = []
    for numero in numeros:
        nota = criar_nota(canal, usuario)
        Nota.objects.filter(pk=nota.pk).update(
            canal=canal,
            serie=serie,
            numero=numero,
            situacao=Nota.Situacao.AUTORIZADA,
            numero_nfse=str(9000 + numero),
            chave=f"{serie}{numero}",
            autorizada_em=timezone.now(),
        )
        feitas.append(nota)
    return feitas


def faltas(cliente: Client, de: str) -> list[Any]:
    resposta = cliente.get(reverse("arquivo:faltas"), {"de": de})
    assert resposta.status_code == 200
    achadas: list[Any] = resposta.context["faltas"]
    assert resposta.context["lista"].total == len(achadas)
    return achadas


def test_gaps_are_of_one_canal_and_serie(cliente: Client, bruno: Usuario, empresa: Empresa) -> None:
    notas(empresa, bruno, 10, 11, 15, 17)
    notas(empresa, bruno, 3, 4, 5, serie="2")
    NumeroLivre.objects.create(canal=empresa.canais.get(), serie="1", numero=16)
    NumeroLivre.objects.create(canal=empresa.canais.get(), serie="1", numero=12)
    ditas = sorted(falta.motivo for falta in faltas(cliente, "numeracao"))
    assert len(ditas) == 2
    assert ditas[0].startswith("Falta o número 16. De notas abandonadas")
    assert ditas[1].startswith("Faltam os números 12 a 14 (3). 1 está livre")


def de_fora(empresa: Empresa, *numeros: int, serie: str = "1", nacional: bool = False) -> None:
    guardar((empresa.pk, Numeracao(serie, numero, nacional)) for numero in numeros)


def test_a_gap_wholly_of_another_system_is_none_and_a_part_of_one_says_what_lacks(
    cliente: Client, bruno: Usuario, empresa: Empresa
) -> None:
    notas(empresa, bruno, 1, 4, 12, 30, serie="001")
    outra = criar_empresa(2, carteira=empresa.carteira)
    notas(outra, bruno, 1, 4)
    de_fora(empresa, 2, 3)
    de_fora(empresa, 3, 5, 6, 9, 11)  # the third is told twice
    de_fora(empresa, *range(13, 30), nacional=True)  # of a DPS, and the canal numbers RPS
    de_fora(outra, *range(1, 4), serie="2")
    ditas = {falta.nome: falta.motivo for falta in faltas(cliente, "numeracao")}
    assert set(ditas) == {"Série 001, antes do 12", "Série 001, antes do 30", "Série 1, antes do 4"}
    assert ditas["Série 001, antes do 12"].startswith("Faltam os números 7 a 8 e 10 (3). Veja no serviço")
    de_fora(empresa, 7, 8, 10, *range(13, 30, 2))
    de_fora(outra, 3)
    ditas = {falta.nome: falta.motivo for falta in faltas(cliente, "numeracao")}
    assert set(ditas) == {"Série 001, antes do 30", "Série 1, antes do 4"}
    assert ditas["Série 1, antes do 4"].startswith("Falta o número 2. ")
    de_fora(empresa, *range(13, 30))
    assert len(faltas(cliente, "numeracao")) == 1


def test_a_free_number_that_another_system_used_is_not_free(cliente: Client, bruno: Usuario, empresa: Empresa) -> None:
    notas(empresa, bruno, 1, 4)
    NumeroLivre.objects.create(canal=empresa.canais.get(), serie="1", numero=3)
    de_fora(empresa, 2)
    (falta,) = faltas(cliente, "numeracao")
    assert falta.motivo.startswith("Falta o número 3. De notas abandonadas")
    de_fora(empresa, 3)
    assert faltas(cliente, "numeracao") == []


def test_many_holes_in_one_gap_are_told_in_few_words(cliente: Client, bruno: Usuario, empresa: Empresa) -> None:
    notas(empresa, bruno, 1, 100_000)
    de_fora(empresa, *range(2, 60, 2))
    (falta,) = faltas(cliente, "numeracao")
    assert falta.motivo.startswith(
        "Faltam os números 3, 5, 7, 9, 11, 13, 15, 17, 19, 21 e mais 19 intervalos (99.969)."
    )


def test_notes_without_xml_are_read_again(
    cliente: Client, bruno: Usuario, empresa: Empresa, outra_carteira: Carteira
) -> None:
    (nota,) = notas(empresa, bruno, 1)
    notas(criar_empresa(2, carteira=outra_carteira), bruno, 1)
    assert [falta.chave for falta in faltas(cliente, "notas-sem-xml")] == [nota.pk]
    pagina = cliente.get(reverse("arquivo:faltas"), {"de": "notas-sem-xml"})
    cliente.post(pagina.context["acao"].url, {"ids": [nota.pk]})
    assert Processamento.objects.get().operacoes.get().tipo.endswith(".reler")


def test_it_opens_on_what_lacks_something(cliente: Client, bruno: Usuario, empresa: Empresa) -> None:
    notas(empresa, bruno, 10, 12)
    Nota.objects.update(situacao=Nota.Situacao.ABANDONADA)
    assert cliente.get(reverse("arquivo:faltas")).context["fonte"].nome == "numeracao"
    assert cliente.get(reverse("arquivo:faltas"), {"de": "notas-sem-xml"}).context["fonte"].nome == "notas-sem-xml"


def test_where_the_service_gives_no_xml_nobody_is_told_to_read_again(
    cliente: Client, bruno: Usuario, empresa: Empresa
) -> None:
    criar_canal(empresa, "sisgenfe")
    notas(empresa, bruno, 1)
    (falta,) = faltas(cliente, "notas-sem-xml")
    assert "o SISGENF-e não entrega" in falta.motivo


def test_guias_without_pdf(cliente: Client, empresa: Empresa, adicional_216: Adicional) -> None:
    guia = desenhar(empresa, 1)
    Guia.objects.filter(pk=guia.pk).update(documento=None)
    desenhar(criar_empresa(2, carteira=empresa.carteira), 2)
    (falta,) = faltas(cliente, "guias-sem-pdf")
    assert (falta.chave, falta.url) == (guia.pk, reverse("guias:guia", args=[guia.pk]))
    assert cliente.get(falta.url).status_code == 200
    acao = cliente.get(reverse("arquivo:faltas"), {"de": "guias-sem-pdf"}).context["acao"]
    assert guia.numero in cliente.post(acao.url, {"ids": [guia.pk]}).content.decode()


def test_declarations_without_receipt(cliente: Client, empresa: Empresa, adicional_216: Adicional) -> None:
    apuracao = Apuracao.objects.create(
        empresa=empresa, competencia=MES, situacao=Apuracao.Situacao.TRANSMITIDA, id_declaracao="1" * 17
    )
    dctfweb = DeclaracaoDctfweb.objects.create(
        empresa=empresa, competencia=MES, situacao=DeclaracaoDctfweb.Situacao.TRANSMITIDA
    )
    defis = DeclaracaoDefis.objects.create(empresa=empresa, ano=2025, numero="1")
    for de, registro in {
        "pgdasd-sem-recibo": apuracao,
        "dctfweb-sem-recibo": dctfweb,
        "defis-sem-recibo": defis,
    }.items():
        (falta,) = faltas(cliente, de)
        assert falta.chave == registro.pk
        assert cliente.get(falta.url).status_code == 200


def test_without_the_add_on_only_the_notes_are_there(cliente: Client) -> None:
    Adicional.objects.update(ativo=False)
    assert {fonte.nome for fonte in fontes()} == {"notas-sem-xml", "numeracao"}
    assert cliente.get(reverse("arquivo:faltas"), {"de": "guias-sem-pdf"}).status_code == 200


def test_the_cost_of_the_page_does_not_grow_with_the_rows(cliente: Client, bruno: Usuario, empresa: Empresa) -> None:
    def consultas(de: str) -> int:
        cliente.get(reverse("arquivo:faltas"), {"de": de})
        with CaptureQueriesContext(connection) as feitas:
            cliente.get(reverse("arquivo:faltas"), {"de": de})
        return len(feitas)

    notas(empresa, bruno, 1, 3)
    de_fora(empresa, 2, 4, serie="9")
    poucas = [consultas(de) for de in ("numeracao", "notas-sem-xml")]
    notas(empresa, bruno, *range(5, 40, 2))
    assert [consultas(de) for de in ("numeracao", "notas-sem-xml")] == poucas


def test_who_only_consults_is_offered_no_act(client: Client, carla: Usuario, empresa: Empresa, bruno: Usuario) -> None:
    notas(empresa, bruno, 1)
    client.force_login(carla)
    resposta = client.get(reverse("arquivo:faltas"), {"de": "notas-sem-xml"})
    assert resposta.context["acao"] is None
    assert "NFS-e" in resposta.content.decode()
