"""The list of guias, their ZIP and their second copies."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from empresas.calendario import somar_meses
from guias.models import Apuracao, Guia
from operacoes.models import Operacao
from operacoes.motor import NovaOperacao, submeter
from tests.guias.apoio import MES, emitir_guia, informar, vincular

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adicional_216")]


def test_the_list_of_guias_sums_everything_filtered(entrar, carla, empresas) -> None:
    for indice, empresa in enumerate(empresas, 1):
        emitir_guia(empresa, informar(empresa, competencia=MES), f"{indice:017d}", f"{indice}.10")
    apuracao = Apuracao.objects.get(empresa=empresas[0])
    emitir_guia(empresas[0], apuracao, f"{9:017d}", "1.25", via=2)
    cliente = entrar(carla)
    resposta = cliente.get(reverse("guias:lista"))
    soma = resposta.context["soma"]
    assert (resposta.context["lista"].total, soma.n, soma.total) == (4, 3, Decimal("6.45"))
    for filtro, total, somadas in (
        ("situacao=emitida", 3, Decimal("6.45")),
        ("situacao=substituida", 1, Decimal(0)),
        ("situacao=paga", 0, Decimal(0)),
        ("situacao=sem_substituidas", 3, Decimal("6.45")),
        ("situacao=sem_substituidas&q=0002", 1, Decimal("2.10")),
        ("q=0002", 1, Decimal("2.10")),
        ("situacao=emitida&q=0002", 1, Decimal("2.10")),
        ("entrega=falta", 3, Decimal("6.45")),
        ("situacao=inventada", 0, Decimal(0)),
    ):
        contexto = cliente.get(reverse("guias:lista") + f"?{filtro}").context
        assert (filtro, contexto["lista"].total, contexto["soma"].total) == (filtro, total, somadas)
        assert [n for _, _, n in contexto["abas"]] == [3, 0, 0, 1]


def test_tabs_total_and_footer_of_a_situacao_are_one_pass(entrar, carla, empresas) -> None:
    emitir_guia(empresas[0], informar(empresas[0], competencia=MES), f"{1:017d}")
    cliente = entrar(carla)
    for filtro in ("", "?situacao=emitida"):
        with CaptureQueriesContext(connection) as vistas:
            cliente.get(reverse("guias:lista") + filtro)
        somas = {consulta["sql"] for consulta in vistas if "SUM(" in consulta["sql"]}
        assert len(somas) == 1
        assert not [
            consulta for consulta in vistas if consulta["sql"].startswith('SELECT COUNT(*) AS "__count" FROM "guias')
        ]


def test_the_darf_of_a_fine_is_named_apart_from_that_of_a_tribute(entrar, carla, empresas) -> None:
    a, b, _ = empresas
    for empresa, divida in ((a, "maed:90000001202610001"), (b, "darf:1")):
        guia = emitir_guia(empresa, informar(empresa, competencia=MES), f"{empresa.pk:017d}")
        Guia.objects.filter(pk=guia.pk).update(tipo="darf", divida=divida, apuracao=None)
    cliente = entrar(carla)
    lista = cliente.get(reverse("guias:lista"))
    assert [guia.nome for guia in lista.context["guias"]] == ["DARF da MAED", "DARF"]
    assert lista.content.decode().partition("<tbody")[2].count(">DARF da MAED<") == 1
    da_multa = Guia.objects.get(empresa=a)
    assert f"DARF da MAED de {MES:%m/%Y}" in cliente.get(reverse("guias:guia", args=[da_multa.pk])).content.decode()
    assert str(da_multa) == f"DARF da MAED {da_multa.numero}"


def test_the_zip_has_one_folder_for_each_company(entrar, carla, empresas) -> None:
    guias = [
        emitir_guia(empresa, informar(empresa, competencia=MES), f"{indice:017d}")
        for indice, empresa in enumerate(empresas[:2], 1)
    ]
    resposta = entrar(carla).post(reverse("guias:zip"), {"ids": [g.pk for g in guias]})
    pacote = ZipFile(BytesIO(b"".join(resposta.streaming_content)))
    assert sorted(pacote.namelist()) == [
        "0001 Empresa Inventada 0001 Ltda/DAS-00000000000000001.pdf",
        "0002 Empresa Inventada 0002 Ltda/DAS-00000000000000002.pdf",
    ]


def test_a_second_copy_is_another_charge_and_says_so(entrar, bruno, empresas, credencial, ana) -> None:
    a = empresas[0]
    apuracao = informar(a, competencia=MES)
    Apuracao.objects.filter(pk=apuracao.pk).update(
        situacao="transmitida", id_declaracao="1" * 17, total_declarado=Decimal("100.00")
    )
    guia = emitir_guia(a, apuracao, "1" * 17)
    vincular(a, credencial, ana)
    client = entrar(bruno)

    fora = client.post(reverse("guias:agir", args=["das"]), {"ids": [a.pk]}).context["previa"].fora
    endereco, hoje = reverse("guias:emitir_de_novo"), f"{timezone.localdate():%d/%m/%Y}"
    estimativa = client.post(endereco, {"ids": [guia.pk]})
    resposta = client.post(endereco, {"ids": [guia.pk], "pagamento": hoje})

    assert [item.codigo for item in fora] == ["das_emitido"]
    assert [p.guia.pk for p in estimativa.context["prontas"]] == [guia.pk]
    assert "Emitir de novo 1 DAS · custo R$ 0,32" in resposta.content.decode()
    assert resposta.context["previa"].novas[0].pedido["via"] == 2


def test_guias_of_several_months_are_drawn_again_in_one_run(entrar, bruno, ana, empresas, credencial) -> None:
    antes = somar_meses(MES, -1)
    guias = []
    for n, (empresa, mes) in enumerate(((empresas[0], MES), (empresas[0], antes), (empresas[1], antes)), start=1):
        apuracao = informar(empresa, competencia=mes, meses=0)
        Apuracao.objects.filter(pk=apuracao.pk).update(
            situacao="transmitida", id_declaracao=f"{n:017d}", total_declarado=Decimal("100.00")
        )
        guia = emitir_guia(empresa, apuracao, f"{n:017d}")
        Guia.objects.filter(pk=guia.pk).update(competencia=mes)
        guias.append(guia.pk)
    for empresa in empresas[:2]:
        vincular(empresa, credencial, ana)
    client, endereco = entrar(bruno), reverse("guias:emitir_de_novo")
    estimativa = client.post(endereco, {"ids": guias}).context["por_mes"]
    assert [(mes, n) for mes, n, _, _ in estimativa] == [(antes, 2), (MES, 1)]
    pedido = {"ids": guias, "pagamento": f"{timezone.localdate():%d/%m/%Y}"}
    resposta = client.post(endereco, pedido)
    previa, pagina = resposta.context["previa"], resposta.content.decode()
    assert "Emitir de novo 3 DAS · custo R$ 0,96" in pagina
    assert f"{antes:%m/%Y}" in pagina
    client.post(endereco, pedido | {"marca": previa.marca})
    feitas = Operacao.objects.filter(processamento__isnull=False).values_list("empresa", "competencia", "pedido__via")
    assert set(feitas) == {(empresas[0].pk, MES, 2), (empresas[0].pk, antes, 2), (empresas[1].pk, antes, 2)}
    # The month of one empresa that was not marked is not drawn, and what is on its way says of which month it is.
    de_novo = client.post(endereco, pedido).context["previa"]
    assert not de_novo.novas
    assert {item.motivo.partition(":")[0] for item in de_novo.fora} == {f"{antes:%m/%Y}", f"{MES:%m/%Y}"}


def test_the_line_is_read_in_its_four_blocks_and_copied_whole(entrar, carla, empresas) -> None:
    linha = "858000000470849003852630260716263269000002970007"
    guia = emitir_guia(empresas[0], informar(empresas[0], competencia=MES), f"{7:017d}")
    Guia.objects.filter(pk=guia.pk).update(codigo_barras="".join(linha[i : i + 11] for i in range(0, 48, 12)))
    pagina = entrar(carla).get(reverse("guias:guia", args=[guia.pk])).content.decode()
    assert ">858000000470 849003852630 260716263269 000002970007<" in pagina
    assert f'data-copiar="{linha}"' in pagina


def test_a_guia_known_by_its_line_alone_does_not_say_that_it_has_no_fine(entrar, carla, empresas) -> None:
    """The simulator draws the DARF of a DCTFWeb due on 19/11 (20/11 is a holiday) with the fine of whoever pays on
    22/11; its line says the sum alone."""
    guia = emitir_guia(empresas[0], informar(empresas[0], competencia=MES), f"{1:017d}", "1009.90")
    pedido = {"categoria": 40, "dia": 0, "identificador": "", "origens": [], "competencia": MES.isoformat()}
    nova = NovaOperacao("guias.dctfweb.guia", "teste:dctfweb", pedido, "credencial:1", empresas[0].pk, MES)
    em_atraso = {"vencimento": date(2026, 11, 19), "limite": date(2026, 11, 22)}
    operacao = submeter([nova], usuario=None).criadas[0]
    Guia.objects.update(tipo=Guia.Tipo.DARF_DCTFWEB, apuracao=None, operacao=operacao, **em_atraso)
    client, endereco = entrar(carla), reverse("guias:guia", args=[guia.pk])
    so_a_linha = client.get(endereco).content.decode()
    assert "sem multa e juros" not in so_a_linha
    assert "com a multa e os juros até 22/11/2026: a linha digitável só diz a soma" in so_a_linha
    Guia.objects.update(limite=date(2026, 11, 19))
    assert "sem multa e juros" in client.get(endereco).content.decode()
