"""The screens of DARF, DCTFWeb and MIT, and their CSV files: nothing here reaches a service."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comum.models import Usuario
from credentials.models import Credencial, Servico
from empresas.calendario import somar_meses
from empresas.models import Empresa, Regime
from guias.importacao.darf import ImportadorDeDarfs
from guias.importacao.mit import ImportadorDoMit
from guias.models import ApuracaoMit, Darf, DeclaracaoDctfweb, Guia, ReceitaSicalc, TaxaSelic
from guias.services import acrescimos, darfs, periodos
from guias.services.periodos import Periodo
from operacoes.models import Operacao, Processamento
from tests.cast import criar_empresa
from tests.guias.apoio import MES, vincular

pytestmark = pytest.mark.django_db

HOJE = timezone.localdate()
_BASE: dict[str, Any] = {
    "codigo": "02",
    "descricao": "",
    "tipo_pa": "ME",
    "obrigatorios": ["dataPA"],
    "opcionais": [],
    "manual": False,
    "calculado": True,
    "codigo_barras": True,
    "exige_matriz": False,
    "veda_valor": False,
    "pf": False,
    "pj": True,
    "descricao_referencia": "",
    "criacao": "1997-01-01",
    "extincao": None,
}


def receita(numero: str, **mudancas: Any) -> ReceitaSicalc:
    return ReceitaSicalc.objects.create(
        pk=numero, denominacao=f"Receita {numero}", extensoes=[_BASE | mudancas], consultada_em=timezone.now()
    )


@pytest.fixture(autouse=True)
def receitas() -> None:
    receita("8109")
    receita("2089", codigo="01", tipo_pa="TR", opcionais=["cota"])
    receita("1162", codigo="01", obrigatorios=["dataPA", "cnpjPrestador"], opcionais=["cno"])
    receita("6190", codigo="01", tipo_pa="DI", obrigatorios=["dataPA", "valorMulta", "valorJuros"], manual=True)


@pytest.fixture
def empresa(carteira: Any, credencial: Credencial, ana: Usuario) -> Empresa:
    nova = criar_empresa(1, carteira=carteira, regime=Regime.PRESUMIDO)
    vincular(nova, credencial, ana, Servico.DARF, Servico.DCTFWEB)
    return nova


def digitado(empresa: Empresa, **mudancas: str) -> dict[str, str]:
    return {
        "empresa": str(empresa.pk),
        "receita": "8109-02",
        "extensao": "02",
        "periodo": f"{MES:%m%Y}",
        "valor": "650,00",
        "vencimento": f"{HOJE + timedelta(days=2):%d/%m/%Y}",
        "consolidacao": f"{HOJE:%d/%m/%Y}",
        **mudancas,
    }


# -- the form ----------------------------------------------------------------------------------------------------------


def test_a_darf_is_typed_saved_and_shown_in_its_previa(empresa: Empresa, ana: Usuario, entrar: Any) -> None:
    cliente = entrar(ana)
    resposta = cliente.post(reverse("guias:darf_novo"), digitado(empresa, emitir="1"))
    darf = Darf.objects.get()
    assert (darf.periodo, darf.valor, darf.competencia) == (f"{MES:%m/%Y}", Decimal("650.00"), MES)
    assert resposta.status_code == 302
    previa = cliente.get(resposta["Location"])
    assert "Emitir 1 DARF" in previa.content.decode()
    assert f"Período de apuração {MES:%m/%Y}." in previa.content.decode()
    assert not Operacao.objects.exists()


def test_the_confirmation_starts_one_run_and_a_second_click_finds_it(
    empresa: Empresa, ana: Usuario, entrar: Any
) -> None:
    cliente = entrar(ana)
    cliente.post(reverse("guias:darf_novo"), digitado(empresa))
    endereco = reverse("guias:darf_emitir")
    pk = Darf.objects.get().pk
    marca = cliente.get(endereco, {"ids": pk}).context["previa"].marca
    primeira = cliente.post(endereco, {"ids": pk, "marca": marca})
    segunda = cliente.post(endereco, {"ids": pk, "marca": marca})
    assert primeira["Location"] == segunda["Location"]
    assert (Processamento.objects.count(), Operacao.objects.count()) == (1, 1)
    assert Operacao.objects.get().darf.pk == pk


def test_the_previa_is_headed_by_the_periods_of_its_darfs(empresa: Empresa, ana: Usuario, entrar: Any) -> None:
    cliente, antes = entrar(ana), somar_meses(MES, -1)
    um = digitado(empresa, periodo=f"{antes:%m/%Y}", emitir="1")
    previa = cliente.get(cliente.post(reverse("guias:darf_novo"), um)["Location"])
    assert f"Período de apuração {antes:%m/%Y}." in previa.content.decode()
    assert f"Competência {MES:%m/%Y}." not in previa.content.decode()
    cliente.post(reverse("guias:darf_novo"), digitado(empresa, receita="2089-01", extensao="01", periodo="03/2026"))
    ids = {"ids": list(Darf.objects.values_list("pk", flat=True))}
    juntos = cliente.post(reverse("guias:darf_emitir"), ids).context["previa"]
    assert juntos.de_quando == f"Períodos de apuração {antes:%m/%Y}, 3º trimestre de 2026."


def test_the_error_of_the_period_has_the_word_of_its_field(empresa: Empresa, ana: Usuario, entrar: Any) -> None:
    pagina = entrar(ana).post(reverse("guias:darf_novo"), digitado(empresa, periodo="")).content.decode()
    assert re.search(r">Mês</a>:\s+Falta informar, como 10/2026", pagina)
    assert "Período de apuração" not in pagina


@pytest.mark.parametrize(
    ("enviado", "vence"),
    [
        ({"vencimento": "25/09/2026", "proposto": "25/09/2026"}, "23/10/2026"),
        ({"vencimento": "", "proposto": ""}, "23/10/2026"),
        ({"vencimento": "25/09/2026", "proposto": "25/09/2026", "receita": "0001-01", "extensao": "01"}, ""),
    ],
    ids=["another period", "the first period", "no rule"],
)
def test_a_due_date_proposed_for_another_period_is_shown_anew_and_not_saved(
    empresa: Empresa, ana: Usuario, entrar: Any, enviado: dict[str, str], vence: str
) -> None:
    receita("0001", codigo="01")
    cliente = entrar(ana)
    dados = digitado(empresa, periodo="09/2026") | enviado
    resposta = cliente.post(reverse("guias:darf_novo"), dados)
    assert resposta.status_code == 422
    assert not Darf.objects.exists()
    form = resposta.context["form"]
    assert form["vencimento"].value() == vence
    if vence:
        dito = "Para o período 09/2026, o vencimento proposto é 23/10/2026."
        assert dito in resposta.content.decode()
        confirmado = dados | {"vencimento": vence, "proposto": resposta.context["proposto"]}
        assert cliente.post(reverse("guias:darf_novo"), confirmado).status_code == 302
        assert Darf.objects.get().vencimento == date(2026, 10, 23)


def test_a_due_date_that_was_typed_is_saved_whatever_the_period(empresa: Empresa, ana: Usuario, entrar: Any) -> None:
    dados = digitado(empresa, periodo="09/2026", vencimento="30/11/2026", proposto="25/09/2026")
    assert entrar(ana).post(reverse("guias:darf_novo"), dados).status_code == 302
    assert Darf.objects.get().vencimento == date(2026, 11, 30)


ERRADOS = [
    ({"periodo": "13/2026"}, "Não existe o mês 13"),
    ({"periodo": ""}, "Falta informar, como 10/2026"),
    ({"valor": "9,99"}, "R$ 10,00"),
    ({"consolidacao": "01/01/2020"}, "já passou"),
    ({"receita": "1162-01", "extensao": "01"}, "pede CNPJ do prestador"),
    ({"receita": "1162-01", "extensao": "01", "cnpj_prestador": "11.222.333/0001-99"}, "CNPJ"),
    ({"receita": "6190-01", "extensao": "01", "periodo": "20/10/2026"}, "pede multa"),
    ({"receita": "9"}, "não são conhecidas"),
    ({"so_barras": "on", "receita": ""}, "Escolha a receita"),
]


@pytest.mark.parametrize(("mudancas", "dito"), ERRADOS, ids=[dito for _, dito in ERRADOS])
def test_what_the_receita_refuses_is_told_at_its_field_and_nothing_typed_is_lost(
    empresa: Empresa, ana: Usuario, entrar: Any, mudancas: dict[str, str], dito: str
) -> None:
    resposta = entrar(ana).post(reverse("guias:darf_novo"), digitado(empresa, observacao="não me perca", **mudancas))
    pagina = resposta.content.decode()
    assert resposta.status_code == 422
    assert dito in pagina
    if mudancas.get("receita", "8109") not in ("", "9"):
        assert "não me perca" in pagina
    assert not Darf.objects.exists()


def test_a_field_that_the_receita_does_not_have_is_not_asked_for(empresa: Empresa, ana: Usuario, entrar: Any) -> None:
    cliente = entrar(ana)
    do_pis = cliente.get(reverse("guias:darf_campos"), digitado(empresa)).content.decode()
    da_retencao = cliente.get(
        reverse("guias:darf_campos"), digitado(empresa, receita="1162-01", extensao="01")
    ).content.decode()
    assert 'name="cnpj_prestador"' not in do_pis
    assert 'name="cnpj_prestador"' in da_retencao
    assert 'name="referencia"' not in da_retencao


def test_the_due_date_is_proposed_and_one_that_was_typed_stays(empresa: Empresa, ana: Usuario, entrar: Any) -> None:
    cliente = entrar(ana)
    vazio = cliente.get(reverse("guias:darf_campos"), digitado(empresa, periodo="10/2026", vencimento=""))
    assert vazio.context["proposto"] == "25/11/2026"
    assert 'value="25/11/2026"' in vazio.content.decode()
    do_usuario = cliente.get(
        reverse("guias:darf_campos"), digitado(empresa, periodo="10/2026", vencimento="20/11/2026")
    )
    assert 'value="20/11/2026"' in do_usuario.content.decode()


@pytest.mark.parametrize(
    ("antes", "no_meio", "depois", "vence"),
    [
        ({"periodo": "08/2026"}, {"periodo": "13/2026"}, {"periodo": "09/2026"}, "23/10/2026"),
        ({"periodo": "08/2026"}, {"receita": "2089-01", "extensao": ""}, {"periodo": "3/2026"}, "30/10/2026"),
    ],
    ids=["periodo", "receita"],
)
def test_a_proposal_never_counts_as_typed_whatever_is_typed_between(
    empresa: Empresa,
    ana: Usuario,
    entrar: Any,
    antes: dict[str, str],
    no_meio: dict[str, str],
    depois: dict[str, str],
    vence: str,
) -> None:
    cliente = entrar(ana)

    def vencimento_depois(vencimento: str) -> str:
        tela = digitado(empresa, vencimento=vencimento, proposto="")
        for mudanca in (antes, no_meio, depois):
            tela |= mudanca
            contexto = cliente.get(reverse("guias:darf_campos"), tela).context
            tela |= {"vencimento": contexto["form"]["vencimento"].value(), "proposto": contexto["proposto"]}
        return tela["vencimento"]

    assert vencimento_depois("") == vence
    assert vencimento_depois("20/09/2026") == "20/09/2026"


def test_a_proposal_is_known_as_one_when_the_form_comes_back(empresa: Empresa, ana: Usuario, entrar: Any) -> None:
    cliente = entrar(ana)
    proposto = {"vencimento": "25/11/2026", "proposto": "25/11/2026"}
    for mudanca in ({"periodo": "10/2026", "valor": "1"}, {"periodo": "13/2026"}):
        recusado = cliente.post(reverse("guias:darf_novo"), digitado(empresa, **proposto, **mudanca))
        assert (recusado.status_code, recusado.context["proposto"]) == (422, "25/11/2026")


def test_the_same_debt_is_not_prepared_twice(empresa: Empresa, ana: Usuario, entrar: Any) -> None:
    cliente = entrar(ana)
    cliente.post(reverse("guias:darf_novo"), digitado(empresa))
    repetido = cliente.post(reverse("guias:darf_novo"), digitado(empresa, valor="700,00"))
    assert repetido.status_code == 422
    assert "Já há um DARF a emitir" in repetido.content.decode()
    pk = Darf.objects.get().pk
    assert cliente.post(reverse("guias:darf", args=[pk]), digitado(empresa, valor="700,00")).status_code == 302
    assert Darf.objects.get().valor == Decimal("700.00")


def test_the_look_up_finds_by_code_and_by_words(ana: Usuario, entrar: Any, credencial: Credencial) -> None:
    cliente = entrar(ana)
    for texto in ("8109", "pis cumulativo"):
        assert 'data-valor="8109-02"' in cliente.get(reverse("guias:darf_receitas"), {"q": texto}).content.decode()
    assert 'data-valor="7777"' in cliente.get(reverse("guias:darf_receitas"), {"q": "7777"}).content.decode()


def test_the_list_asks_the_same_number_of_queries_for_any_number_of_rows(
    empresa: Empresa, ana: Usuario, entrar: Any
) -> None:
    cliente = entrar(ana)

    def consultas() -> int:
        with CaptureQueriesContext(
            connection,
        ) as feitas:
            assert cliente.get(reverse("guias:darfs")).status_code == 200
        return len(feitas)

    cliente.post(reverse("guias:darf_novo"), digitado(empresa))
    consultas()  # the message of what was saved
    poucas = consultas()
    for cota in range(2, 7):
        outro = Darf.objects.first()
        assert outro is not None
        outro.pk, outro.cota = None, cota
        outro.nomear()
        outro.save()
    assert consultas() == poucas


def test_who_only_consults_prepares_and_sends_nothing(empresa: Empresa, carla: Usuario, entrar: Any) -> None:
    cliente = entrar(carla)
    for nome in ("darf_novo", "darfs_importar", "mit_importar", "dctfweb_outra"):
        assert cliente.get(reverse(f"guias:{nome}")).status_code == 403
    assert cliente.get(reverse("guias:darfs")).status_code == 200
    assert cliente.post(reverse("guias:mit_agir", args=["mit_encerrar"]), {"ids": empresa.pk}).status_code == 403


# -- estimate and periods ----------------------------------------------------------------------------------------------


def test_the_estimate_names_the_months_whose_selic_nobody_told() -> None:
    vencimento, pagamento = date(2026, 7, 24), date(2026, 11, 23)
    sem = acrescimos.estimar(Decimal("1000.00"), vencimento, pagamento, {})
    assert (sem.multa, sem.juros, sem.total) == (Decimal("200.00"), None, None)
    assert sem.faltam == (date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1))
    TaxaSelic.objects.bulk_create([TaxaSelic(mes=mes, taxa=Decimal("1.00")) for mes in sem.faltam])
    com = acrescimos.estimar(Decimal("1000.00"), vencimento, pagamento, acrescimos.selic())
    assert (com.juros, com.total) == (Decimal("40.00"), Decimal("1240.00"))  # as the sandbox computes it, apart


@pytest.mark.parametrize(
    ("tipo", "texto", "lido", "mes"),
    [
        ("ME", "102026", "10/2026", date(2026, 10, 1)),
        ("ME", "1/2026", "01/2026", date(2026, 1, 1)),
        ("TR", "3/2026", "03/2026", date(2026, 9, 1)),
        ("AN", "2025", "2025", date(2025, 12, 1)),
        ("DC", "1/10/2026", "01/10/2026", date(2026, 10, 1)),
        ("DI", "15102026", "15/10/2026", date(2026, 10, 1)),
    ],
)
def test_each_kind_of_period_has_its_own_form(tipo: str, texto: str, lido: str, mes: date) -> None:
    periodo = periodos.ler(tipo, texto)
    assert isinstance(periodo, Periodo)
    assert (periodo.texto, periodo.competencia) == (lido, mes)


@pytest.mark.parametrize(
    ("tipo", "texto"),
    [("TR", "5/2026"), ("DC", "4/10/2026"), ("DI", "31/02/2026"), ("ME", "out/26"), ("QZ", "10/2026")],
)
def test_a_period_that_does_not_exist_is_told(tipo: str, texto: str) -> None:
    assert not isinstance(periodos.ler(tipo, texto), Periodo)


# -- CSV ---------------------------------------------------------------------------------------------------------------


def importar(tipo: type[Any], usuario: Usuario, texto: str) -> tuple[Any, Any]:
    importador = tipo(usuario, {})
    importador.ler(texto.encode(), lambda _: None)
    return importador, importador.conferir()


def test_a_file_of_darfs_takes_the_good_lines_and_names_the_bad_ones(empresa: Empresa, ana: Usuario) -> None:
    doc = empresa.documento
    linhas = [
        "cnpj;receita;período;valor;vencimento;quota",
        f"{doc};8109-02;10/2026;650,00;;",
        f"{doc};8109;10/2026;650,00;;",  # the same debt
        f"{doc};2089-01;03/2026;3.200,00;30/12/2026;1",
        f"{doc};8109;13/2026;650,00;;",
        f"{doc};8109;09/2026;9,00;25/12/2026;",
        "11222333000181;8109;10/2026;650,00;;",
        f"{doc};8109;08/2026;650,00;;2",
        f"{doc};81;08/2026;650,00;;",
        f"{doc};8109;07/2026;abc;;",
    ]
    importador, conferencia = importar(ImportadorDeDarfs, ana, "\n".join(linhas))
    ditos = {recusa.linha: recusa.motivo for recusa in conferencia.recusas}
    assert conferencia.novas == 2
    assert set(ditos) == {3, 5, 6, 7, 8, 9, 10}
    assert "Repete a linha 2" in ditos[3]
    assert "não aceita quota" in ditos[8]
    importador.gravar()
    assert list(Darf.objects.order_by("pk").values_list("receita", "cota")) == [("8109", None), ("2089", 1)]
    _, outra_vez = importar(ImportadorDeDarfs, ana, "\n".join(linhas[:2]))
    assert outra_vez.novas == 0
    assert "Já há um DARF a emitir" in outra_vez.recusas[0].motivo


@pytest.mark.parametrize("nome", ["darfs_importar", "mit_importar"])
def test_every_column_of_a_file_is_explained(empresa: Empresa, ana: Usuario, entrar: Any, nome: str) -> None:
    assert entrar(ana).get(reverse(f"guias:{nome}")).status_code == 200


def test_a_file_of_mit_is_the_whole_month_or_nothing_of_it(empresa: Empresa, ana: Usuario, carteira: Any) -> None:
    outra, parada = (criar_empresa(n, carteira=carteira, regime=Regime.REAL) for n in (2, 3))
    linhas = [
        "cnpj;competência;código;valor;CPF do responsável;sem movimento",
        f"{empresa.documento};10/2026;8109-02;650,00;529.982.247-25;",
        f"{empresa.documento};10/2026;2172-01;3.000,00;;",
        f"{outra.documento};10/2026;8109-02;100,00;;",
        f"{outra.documento};10/2026;9999-01;100,00;;",
        f"{parada.documento};10/2026;;;;S",
    ]
    importador, conferencia = importar(ImportadorDoMit, ana, "\n".join(linhas))
    assert conferencia.novas == 2
    assert any("fica de fora inteiro" in recusa.motivo for recusa in conferencia.recusas)
    importador.gravar()
    gravada = ApuracaoMit.objects.get(empresa=empresa)
    assert (gravada.total, [d["tributo"] for d in gravada.debitos]) == (Decimal("3650.00"), ["PisPasep", "Cofins"])
    assert ApuracaoMit.objects.get(empresa=parada).sem_movimento
    assert not ApuracaoMit.objects.filter(empresa=outra).exists()
    assert importar(ImportadorDoMit, ana, "\n".join(linhas[:3]))[1].iguais == 1


def test_a_file_of_mit_has_debits_put_off_and_keeps_the_suspensions(empresa: Empresa, ana: Usuario) -> None:
    suspensao = {"processo": "1" * 17, "motivo": "0", "debito": "810902|||||", "valor": "5.00"}
    antes = [{"tributo": "PisPasep", "codigo": "810902", "valor": "10.00"}]
    ApuracaoMit.objects.create(empresa=empresa, competencia=MES, debitos=antes, suspensoes=[suspensao])
    linhas = [
        "cnpj;competência;código;valor;referente a",
        f"{empresa.documento};{MES:%m/%Y};8109-02;650,00;",
        f"{empresa.documento};{MES:%m/%Y};2089-10;30,00;2/2024",
    ]
    importador, conferencia = importar(ImportadorDoMit, ana, "\n".join(linhas))
    assert not conferencia.recusas
    importador.gravar()
    gravada = ApuracaoMit.objects.get(empresa=empresa)
    assert gravada.debitos[1]["referente"] == "2/2024"
    assert gravada.suspensoes == [suspensao]
    sem = [linhas[0], linhas[2]]
    assert any("não está mais no mês" in r.motivo for r in importar(ImportadorDoMit, ana, "\n".join(sem))[1].recusas)


def test_a_file_of_mit_says_where_the_gold_came_from(empresa: Empresa, ana: Usuario) -> None:
    cabeca = "cnpj;competência;código;valor;período do débito;referente a"
    linha = f"{empresa.documento};{MES:%m/%Y};4028-02;30,00;1"
    importador, conferencia = importar(ImportadorDoMit, ana, f"{cabeca}\n{linha};Itaituba/PA")
    assert not conferencia.recusas
    importador.gravar()
    assert ApuracaoMit.objects.get(empresa=empresa).debitos[0]["referente"] == "1503606"
    (recusa,) = importar(ImportadorDoMit, ana, f"{cabeca}\n{linha};")[1].recusas[:1]
    assert "município de origem" in recusa.motivo


# -- DCTFWeb and MIT ---------------------------------------------------------------------------------------------------


def test_the_months_list_has_presumido_and_real_and_all_when_asked(
    empresa: Empresa, ana: Usuario, entrar: Any, carteira: Any
) -> None:
    do_simples = criar_empresa(5, carteira=carteira)
    cliente = entrar(ana)
    for nome in ("dctfweb", "mit"):
        pagina = cliente.get(reverse(f"guias:{nome}")).content.decode()
        assert empresa.razao_social in pagina
        assert do_simples.razao_social not in pagina
        assert do_simples.razao_social in cliente.get(reverse(f"guias:{nome}"), {"quem": "todas"}).content.decode()


def test_nothing_is_transmitted_before_its_xml_was_fetched(empresa: Empresa, ana: Usuario, entrar: Any) -> None:
    resposta = entrar(ana).post(
        reverse("guias:dctfweb_agir", args=["dctfweb_transmitir"]), {"ids": empresa.pk, "categoria": "40"}
    )
    pagina = resposta.content.decode()
    assert "não se desfaz" in pagina
    assert "não foi buscado" in pagina
    assert resposta.context["previa"].novas == []


def test_the_guia_asks_for_what_it_is_of_and_goes_on_to_the_previa(empresa: Empresa, ana: Usuario, entrar: Any) -> None:
    cliente, endereco = entrar(ana), reverse("guias:dctfweb_guia")
    base = {"ids": empresa.pk, "categoria": "40"}
    assert "De qual declaração" in cliente.post(endereco, base).content.decode()
    errada = cliente.post(
        endereco, base | {"de": "dctfweb_guia_andamento", "pagamento": f"{HOJE + timedelta(days=10):%d/%m/%Y}"}
    )
    assert errada.status_code == 422
    previa = cliente.post(endereco, base | {"de": "dctfweb_guia", "origens": ["1", "8"]}).context["previa"]
    assert previa.novas[0].pedido["origens"] == [1, 8]
    confirmada = cliente.post(endereco, base | {"de": "dctfweb_guia", "origens": "1,8", "marca": previa.marca})
    assert confirmada.status_code == 302
    assert Operacao.objects.get().pedido["origens"] == [1, 8]


def _ja_emitida(operacao: Operacao, tipo: str, divida: str) -> None:
    operacao.pk, operacao.chave = None, f"{operacao.chave}:{divida}"
    operacao.save(force_insert=True)
    Guia.objects.create(
        tipo=tipo, empresa=Empresa(pk=operacao.empresa_id), divida=divida, competencia=MES, numero=tipo,
        vencimento=HOJE, limite=HOJE, principal=10, multa=0, juros=0, total=10, operacao=operacao,
    )  # fmt: skip


def test_another_copy_says_so_and_stops_first_at_the_cap(empresa: Empresa, ana: Usuario, entrar: Any) -> None:
    cliente, endereco = entrar(ana), reverse("guias:dctfweb_guia")
    base = {"ids": empresa.pk, "categoria": "40", "de": "dctfweb_guia", "origens": "1"}
    previa = cliente.post(endereco, base).context["previa"]
    cliente.post(endereco, base | {"marca": previa.marca})
    primeira = Operacao.objects.get()
    assert (primeira.pedido["via"], primeira.opcional) == (1, False)
    _ja_emitida(primeira, Guia.Tipo.DARF_DCTFWEB, primeira.pedido["divida"])
    (outra,) = cliente.post(endereco, base | {"outra_via": "on"}).context["previa"].novas
    assert outra.pedido["via"] == 2

    cliente.post(reverse("guias:darf_novo"), digitado(empresa))
    darf = Darf.objects.get()
    (primeiro,) = darfs.previa(Darf.objects.all(), MES).novas
    assert primeiro.pedido["via"] == 1
    _ja_emitida(primeira, Guia.Tipo.DARF, darf.divida)
    (segundo,) = darfs.previa(Darf.objects.all(), MES).novas
    assert segundo.pedido["via"] == 2


def test_a_claim_is_included_and_asked_about_by_its_process(empresa: Empresa, ana: Usuario, entrar: Any) -> None:
    cliente = entrar(ana)
    sem = cliente.post(reverse("guias:dctfweb_outra"), {"empresa": empresa.pk, "categoria": "46"})
    assert sem.status_code == 422
    cliente.post(
        reverse("guias:dctfweb_outra"), {"empresa": empresa.pk, "categoria": "46", "identificador": "0001234-55"}
    )
    assert DeclaracaoDctfweb.objects.get().identificador == "0001234-55"
    assert "0001234-55" in cliente.get(reverse("guias:dctfweb")).content.decode()
    previa = cliente.post(
        reverse("guias:dctfweb_agir", args=["dctfweb_xml"]),
        {"empresa": empresa.pk, "categoria": "46", "identificador": "0001234-55"},
    ).context["previa"]
    assert previa.novas[0].pedido["identificador"] == "0001234-55"


def mes(empresa: Empresa) -> str:
    return reverse("guias:mit_mes", args=[empresa.pk, f"{MES:%Y%m}"])


def do_mes(**mudancas: Any) -> dict[str, Any]:
    return {
        "cpf_responsavel": "529.982.247-25",
        "qualificacao": "1",
        "tributacao": "2",
        "variacoes": "1",
        "regime": "2",
        "versao": "0",
        "codigo": ["8109-02", "2172-01", ""],
        "valor": ["650,00", "3.000,00", ""],
        "periodo": ["", "", ""],
        "cnpj_scp": ["", "", ""],
        **mudancas,
    }


def test_a_month_of_mit_is_typed_and_goes_to_its_previa(empresa: Empresa, ana: Usuario, entrar: Any) -> None:
    cliente = entrar(ana)
    assert cliente.post(mes(empresa), do_mes()).status_code == 302
    assert ApuracaoMit.objects.get().total == Decimal("3650.00")
    previa = cliente.post(reverse("guias:mit_agir", args=["mit_encerrar"]), {"ids": empresa.pk}).context["previa"]
    assert len(previa.novas) == 1
    assert 'value="529.982.247-25"' in cliente.get(mes(empresa)).content.decode()
    assert "3.650,00" in cliente.get(reverse("guias:mit_ano", args=[empresa.pk])).content.decode()


@pytest.mark.parametrize(
    ("mudancas", "dito"),
    [
        ({"codigo": ["9999-99"], "valor": ["1,00"]}, "Linha 1"),
        ({"valor": ["0,00", "3.000,00", ""]}, "maior que zero"),
        ({"codigo": ["8109-02", "8109-02", ""]}, "Repete a linha 1"),
        ({"sem_movimento": "on"}, "sem movimento e tem débitos"),
        ({"codigo": [], "valor": []}, "não tem débitos"),
        ({"cpf_responsavel": "111.111.111-11"}, "CPF"),
        ({"versao": "7"}, "não existe mais"),
    ],
)
def test_a_month_that_cannot_be_sent_is_told_and_kept_as_typed(
    empresa: Empresa, ana: Usuario, entrar: Any, mudancas: dict[str, Any], dito: str
) -> None:
    resposta = entrar(ana).post(mes(empresa), do_mes(**mudancas))
    assert resposta.status_code == 422
    assert dito in resposta.content.decode()
    assert not ApuracaoMit.objects.exists()


def test_two_people_do_not_write_over_each_other(empresa: Empresa, ana: Usuario, entrar: Callable[..., Client]) -> None:
    cliente = entrar(ana)
    cliente.post(mes(empresa), do_mes())
    cliente.post(mes(empresa), do_mes(versao="1"))
    atrasado = cliente.post(mes(empresa), do_mes(versao="1"))
    assert atrasado.status_code == 422
    assert "Outra pessoa mudou" in atrasado.content.decode()


def test_a_closed_month_is_not_typed_over(empresa: Empresa, ana: Usuario, entrar: Any) -> None:
    ApuracaoMit.objects.create(empresa=empresa, competencia=MES, situacao=ApuracaoMit.Situacao.ENCERRADA)
    resposta = entrar(ana).post(mes(empresa), do_mes(versao="1"))
    assert "não se altera" in resposta.content.decode()
    assert ApuracaoMit.objects.get().debitos == []
