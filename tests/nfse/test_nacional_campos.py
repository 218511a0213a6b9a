"""What the national layout alone has: from the screens to the DPS, each thing at its field when it is wrong."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import etree

from comum.models import Usuario
from empresas.models import Carteira, Empresa
from nfse.models import CanalNfse, Nota, Tomador
from nfse.models.detalhes import DETALHES, Detalhes
from nfse.providers.nacional import dps
from nfse.providers.nacional.esquemas import Esquema, validar
from nfse.providers.nacional.parametros import Convenio
from nfse.services import exigencias
from nfse.services import nacional as servico_nacional
from nfse.services.acoes import substituir
from nfse.services.correcoes import CAMPOS, sugeridos
from nfse.services.emissao import com_tudo, prevoo
from nfse.services.exigencias import Exigencias
from nfse.services.iguais import aplicar_as_iguais
from nfse.services.mensalidades import gerar
from nfse.services.nacional import guardar_convenio
from nfse.services.pedidos import emissao_de, para_json
from nfse.services.validacao import Contexto, problemas
from tests.cast import cnpj_valido, criar_empresa
from tests.nfse.apoio import OUTUBRO, autorizar, criar_canal, criar_item, criar_nota
from tests.nfse.fabrica import RECIFE, criar_contrato, criar_servico, criar_tomador
from tests.nfse.test_telas_nova import HTMX, NOVA, digitar, texto

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hoje")]
CORRETOR = cnpj_valido(811)
LINHA = {"codigo_nacional": "171901", "nbs": "114061100", "aliquota": ""}
EXPORTACAO = {
    "exigibilidade": "exportacao",
    "pais_resultado": "Portugal",
    "comex_modo": "1",
    "comex_vinculo": "0",
    "comex_moeda": "EUR",
    "comex_valor": "180,50",
}
ENDERECO = {"cep": "50030-230", "logradouro": "Rua do Sol", "numero": "10", "bairro": "Centro"}


@pytest.fixture
def prestador(carteira: Carteira) -> Empresa:
    guardar_convenio(RECIFE, Convenio(True, True, True, True, True))
    return criar_empresa(1, carteira=carteira, regime="presumido", municipio=RECIFE)


@pytest.fixture
def canal(prestador: Empresa) -> CanalNfse:
    cargas: dict[str, Any] = {"carga_federal": Decimal(13), "carga_estadual": Decimal(0), "carga_municipal": Decimal(3)}
    return criar_canal(prestador, "nacional", serie="1", **cargas)


@pytest.fixture
def tomador(prestador: Empresa) -> Tomador:
    return criar_tomador(prestador)


@pytest.fixture
def em_lisboa(prestador: Empresa) -> Tomador:
    fora = {"pais": "PT", "cidade_exterior": "Lisboa", "regiao_exterior": "Lisboa", "codigo_postal": "1100-148"}
    campos: dict[str, Any] = {"documento": "", "municipio_id": None, "cep": "", "nif": "PT501", **fora}
    return criar_tomador(prestador, 60, **campos)


def digitada(cliente: Client, quem: Tomador, linha: dict[str, str] | None = None, **cabeca: Any) -> Nota:
    """A draft as the browser sends it."""
    resposta = cliente.post(NOVA, digitar(quem.empresa, quem, LINHA | (linha or {}), **cabeca))
    assert resposta.status_code == 302, resposta.context["edicao"].form.errors
    return Nota.objects.latest("pk")


def dps_de(nota: Nota) -> etree._Element:
    """The document as the worker would build it from the stored pedido; it passes the official schema."""
    (nota,) = com_tudo([nota.pk])
    contexto = Contexto([nota.empresa])
    canal = contexto.rotas.rota(nota.empresa, nota.competencia).canal
    assert canal is not None
    quando = timezone.now() - timedelta(minutes=1)
    emissao = replace(emissao_de(nota, nota.itens.all(), canal, emissao=quando), serie="1", numero=1)
    pedido = {
        "emissao": para_json(emissao),
        "declaracao": contexto.declaracao(nota, canal, emissao.municipio_incidencia),
    }
    montado = dps.montar(servico_nacional.dps_do_pedido(json.loads(json.dumps(pedido))))
    documento = etree.fromstring(montado.documento())
    assert validar(documento, Esquema.DPS) == []
    return documento


def ditos(documento: etree._Element, grupo: str) -> dict[str, str]:
    """The elements of a group, by name."""
    achado = documento.find(f".//{{*}}{grupo}")
    assert achado is not None, grupo
    return {etree.QName(um).localname: (um.text or "").strip() for um in achado.iter() if len(um) == 0}


def achados(nota: Nota) -> dict[str, str]:
    (nota,) = com_tudo([nota.pk])
    return {p.campo: p.mensagem for p in problemas(nota, nota.itens.all(), Contexto([nota.empresa])) if p.campo}


def com(canal: CanalNfse, usuario: Usuario, quem: Tomador | None = None, **campos: Any) -> Nota:
    """A stored draft whose Exigencias and Detalhes are these."""
    detalhes = Detalhes(**{nome: campos.pop(nome) for nome in list(campos) if nome in DETALHES})
    ditas = {nome: campos.pop(nome) for nome in list(campos) if nome in Exigencias.__dataclass_fields__}
    item = criar_item(**({"codigo_nacional": "171901", "nbs": "114061100"} | campos.pop("item", {})))
    return criar_nota(
        canal, usuario, quem, item, exigencias=Exigencias(**ditas, detalhes=detalhes.para_json()), **campos
    )


# -- withholdings ------------------------------------------------------------------------------------------------------


def test_withholdings_and_own_debit_reach_the_dps_and_the_net_amount(como_bruno, canal, tomador) -> None:
    linha = {"pis": "6,50", "cofins": "30,00", "csll": "10,00", "ir": "15,00", "inss": "110,00"}
    proprios = {"pis_cofins_situacao": "01", "pis_aliquota": "0,65", "cofins_aliquota": "3"}
    nota = digitada(como_bruno, tomador, linha, **proprios)
    assert nota.valor_liquido == Decimal("1000.00") - Decimal("171.50")
    assert ditos(dps_de(nota), "tribFed") == {
        "CST": "01",
        "vBCPisCofins": "1000.00",
        "pAliqPis": "0.65",
        "pAliqCofins": "3.00",
        "vPis": "6.50",
        "vCofins": "30.00",
        "tpRetPisCofins": "3",
        "vRetCP": "110.00",
        "vRetIRRF": "15.00",
        "vRetCSLL": "46.50",
    }
    assert achados(nota) == {}


@pytest.mark.parametrize(
    ("linha", "tipo"),
    [
        ({"pis": "6,50", "cofins": "30,00"}, "4"),
        ({"pis": "6,50"}, "5"),
        ({"cofins": "30,00"}, "6"),
        ({"cofins": "30,00", "csll": "10,00"}, "7"),
        ({"csll": "10,00"}, "8"),
        ({"pis": "6,50", "csll": "10,00"}, "9"),
    ],
)
def test_which_are_withheld_is_told_by_one_code(como_bruno, canal, tomador, linha: dict[str, str], tipo: str) -> None:
    nota = digitada(como_bruno, tomador, linha, pis_cofins_situacao="08")
    assert ditos(dps_de(nota), "piscofins") == {"CST": "08", "tpRetPisCofins": tipo}


@pytest.mark.parametrize(
    ("cabeca", "onde", "dito"),
    [
        ({}, "pis_cofins_situacao", "informe a situação tributária (CST)"),
        ({"pis_cofins_situacao": "06", "pis_aliquota": "0,65"}, "pis_aliquota", "a alíquota é zero"),
        ({"pis_cofins_situacao": "01", "pis_cofins_base": "9.000,00"}, "pis_cofins_base", "ao valor do serviço"),
    ],
)
def test_what_is_wrong_with_pis_and_cofins_stands_at_its_field(
    como_bruno, canal, tomador, cabeca: dict[str, str], onde: str, dito: str
) -> None:
    dados = digitar(tomador.empresa, tomador, LINHA | {"pis": "6,50"}, acao="conferir", **cabeca)
    resposta = como_bruno.post(NOVA, dados, headers=HTMX)
    assert dito in resposta.context["edicao"].form.errors[onde][0]
    assert f'id="id_{onde}"' in texto(resposta)
    assert 'value="6,50"' in texto(resposta)


def test_a_note_begins_with_the_own_debit_of_its_servico(como_bruno, canal, tomador, prestador) -> None:
    servico = criar_servico(prestador, pis_cofins_situacao="01", pis_aliquota="0.65", cofins_aliquota="3")
    dados = digitar(prestador, tomador, LINHA | {"servico": str(servico.pk)}, acao="servico-0")
    form = como_bruno.post(reverse("nfse:calcular"), dados, headers=HTMX).context["edicao"].form
    assert [str(form[nome].value()) for nome in ("pis_cofins_situacao", "pis_aliquota")] == ["01", "0,65"]


def test_the_servico_keeps_its_own_debit(como_bruno, prestador) -> None:
    servico = criar_servico(prestador)
    dados = {
        "empresa": str(prestador.pk),
        "codigo": "HON",
        "nome": "Honorários",
        "item_lc116": "17.19",
        "descricao": "Honorários",
        "ativo": "on",
        "pis_cofins_situacao": "01",
        "pis_aliquota": "1,65",
        "cofins_aliquota": "7,60",
        "imunidade": "3",
    }
    url = reverse("nfse:servico_alterar", args=[servico.pk])
    recusado = como_bruno.post(url, dados | {"exigibilidade": "exportacao"})
    assert "Imunidade" in recusado.context["form"].errors["imunidade"][0]
    como_bruno.post(url, dados | {"exigibilidade": "imunidade"})
    servico.refresh_from_db()
    assert (servico.pis_cofins_situacao, servico.pis_aliquota) == ("01", Decimal("1.65"))
    pagina = texto(como_bruno.get(servico.get_absolute_url()))
    assert "COFINS 7,6%" in pagina
    assert "Imunidade, tipo 3" in pagina


def test_the_note_of_a_contrato_begins_with_what_its_servico_says(canal, prestador, ana) -> None:
    codigos: dict[str, Any] = {"codigo_nacional": "171901", "nbs": "114061100", "retem_csll": Decimal(1)}
    servico = criar_servico(prestador, exigibilidade="imunidade", imunidade="3", pis_cofins_situacao="08", **codigos)
    contrato = criar_contrato(prestador, servico=servico)
    gerar([contrato.pk], OUTUBRO, ana)
    nota = Nota.objects.get()
    assert nota.detalhes == {"imunidade": "3", "pis_cofins_situacao": "08"}
    assert achados(nota) == {}


def test_one_correction_gives_many_notes_their_cst(canal, ana) -> None:
    notas = [com(canal, ana, item={"pis": Decimal("6.50")}) for _ in range(2)]
    assert sugeridos("nacional-pis_cofins.situacao_tributaria", "pis_cofins_situacao")[0].nome == "pis_cofins_situacao"
    valor = CAMPOS["pis_cofins_situacao"].valor("8")
    mudadas, fora = aplicar_as_iguais(notas, "pis_cofins_situacao", valor, ana)
    assert (len(mudadas), fora) == (2, [])
    assert [nota.detalhes for nota in Nota.objects.all()] == [{"pis_cofins_situacao": "08"}] * 2


# -- tribISSQN ---------------------------------------------------------------------------------------------------------


def test_an_exported_service_goes_with_country_and_comercio_exterior(como_bruno, canal, em_lisboa) -> None:
    nota = digitada(como_bruno, em_lisboa, {"aliquota": "5"}, **EXPORTACAO)
    documento = dps_de(nota)
    assert ditos(documento, "tribMun") == {"tribISSQN": "3", "cPaisResult": "PT", "tpRetISSQN": "1"}
    assert ditos(documento, "comExt") == {
        "mdPrestacao": "1",
        "vincPrest": "0",
        "tpMoeda": "978",
        "vServMoeda": "180.50",
        "mecAFComexP": "01",
        "mecAFComexT": "01",
        "movTempBens": "1",
        "mdic": "0",
    }
    assert achados(nota) == {}
    # The rate is kept for another day, and no ISS is counted of it.
    assert (nota.valor_iss, nota.itens.get().aliquota) == (Decimal(0), Decimal(5))


def test_an_immune_note_says_by_which_clause(como_bruno, canal, tomador) -> None:
    nota = digitada(como_bruno, tomador, exigibilidade="imunidade", imunidade="3")
    assert ditos(dps_de(nota), "tribMun") == {"tribISSQN": "2", "tpImunidade": "3", "tpRetISSQN": "1"}
    assert achados(nota) == {}


def test_a_note_without_incidence(como_bruno, canal, tomador) -> None:
    nota = digitada(como_bruno, tomador, exigibilidade="nao_incidencia")
    assert ditos(dps_de(nota), "tribMun") == {"tribISSQN": "4", "tpRetISSQN": "1"}


def test_a_suspended_iss_goes_with_its_process(como_bruno, canal, tomador) -> None:
    nota = digitada(como_bruno, tomador, exigibilidade="susp_judicial", processo="0801234-56.2026.4.05.8300")
    esperado = "08012345620264058300".zfill(30)
    feito = ditos(dps_de(nota), "tribMun")
    assert feito == {"tribISSQN": "1", "tpSusp": "1", "nProcesso": esperado, "tpRetISSQN": "1"}


@pytest.mark.parametrize(
    ("campos", "onde", "dito"),
    [
        ({"exigibilidade": "imunidade"}, "imunidade", "Diga qual é a imunidade"),
        ({"imunidade": "1"}, "imunidade", "Apague-o"),
        ({"exigibilidade": "exportacao"}, "pais_resultado", "informe o país"),
        ({"exigibilidade": "exportacao"}, "comex_modo", "preencha os dados do comércio exterior"),
        ({"pais_resultado": "PT"}, "pais_resultado", "só vale para exportação"),
        ({"exigibilidade": "susp_admin"}, "processo", "Informe o número do processo"),
        ({"processo": "1".zfill(30)}, "processo", "só vai com a exigibilidade suspensa"),
        ({"comex_mdic": True}, "comex_modo", "Apague-os"),
        ({"pais_prestacao": "US"}, "comex_modo", "fora do Brasil"),
        ({"exigibilidade": "exportacao", "comex_modo": "1"}, "comex_vinculo", "escolha o vínculo"),
        ({"exigibilidade": "exportacao", "comex_modo": "1"}, "comex_moeda", "220 é o dólar"),
        ({"exigibilidade": "exportacao", "comex_modo": "1"}, "comex_valor", "na moeda estrangeira"),
        ({"exigibilidade": "exportacao", "comex_bens": "3"}, "comex_exportacao", "registro de exportação"),
    ],
)
def test_what_lacks_or_is_too_much_is_told_at_its_field(canal, ana, campos: dict[str, Any], onde: str, dito) -> None:
    assert dito in achados(com(canal, ana, **campos))[onde]


def test_choosing_another_tributacao_shows_what_it_asks_for(como_bruno, canal, tomador, prestador) -> None:
    dados = digitar(prestador, tomador, LINHA, exigibilidade="imunidade", acao="mudar")
    pagina = texto(como_bruno.post(reverse("nfse:calcular"), dados, headers=HTMX))
    assert "Tipo de imunidade" in pagina
    assert "Tipo de imunidade" not in texto(como_bruno.get(NOVA, {"empresa": prestador.pk}))


# -- who is abroad -----------------------------------------------------------------------------------------------------


def test_a_tomador_abroad_goes_with_nif_and_address(canal, ana, em_lisboa) -> None:
    feito = ditos(dps_de(com(canal, ana, em_lisboa)), "toma")
    assert {
        "NIF": "PT501",
        "cPais": "PT",
        "cEndPost": "1100-148",
        "xCidade": "Lisboa",
        "xEstProvReg": "Lisboa",
    }.items() <= (feito.items())


def test_who_has_no_nif_says_why(como_bruno, canal, ana, em_lisboa) -> None:
    url = reverse("nfse:tomador_alterar", args=[em_lisboa.pk])
    form = como_bruno.get(url).context["form"]
    dados = {nome: str(form[nome].value() or "") for nome in form.fields} | {"ativo": "on"}
    recusado = como_bruno.post(url, dados | {"sem_nif": "2"})
    assert "apague o motivo" in recusado.context["form"].errors["sem_nif"][0]
    como_bruno.post(url, dados | {"nif": "", "sem_nif": "2"})
    em_lisboa.refresh_from_db()
    assert "O país não exige NIF" in texto(como_bruno.get(em_lisboa.get_absolute_url()))
    assert ditos(dps_de(com(canal, ana, em_lisboa)), "toma")["cNaoNIF"] == "2"


def test_half_an_address_abroad_is_told_of_the_tomador(canal, ana, em_lisboa) -> None:
    Tomador.objects.filter(pk=em_lisboa.pk).update(codigo_postal="", nif="")
    dito = achados(com(canal, ana, em_lisboa))["tomador"]
    assert "código postal" in dito or "NIF" in dito or "número fiscal" in dito


@pytest.mark.parametrize("tipo", ["sisgenfe", "integranotas"])
def test_the_other_channels_refuse_who_is_abroad_and_say_where_it_goes(prestador, ana, em_lisboa, tipo: str) -> None:
    nota = criar_nota(criar_canal(prestador, tipo), ana, em_lisboa)
    assert "vai pela NFS-e Nacional" in achados(nota)["tomador"]


# -- site, event, intermediário, approximate taxes ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("campos", "esperado"),
    [
        ({"obra_codigo": "90.012", "obra_inscricao": "77"}, {"inscImobFisc": "77", "cObra": "90.012"}),
        ({"obra_cib": "1234567-8"}, {"cCIB": "12345678"}),
        (
            {f"obra_{nome}": valor for nome, valor in ENDERECO.items()},
            {"CEP": "50030230", "xLgr": "Rua do Sol", "nro": "10", "xBairro": "Centro"},
        ),
    ],
)
def test_a_site_is_named_in_each_of_its_ways(como_bruno, canal, tomador, campos, esperado) -> None:
    nota = digitada(como_bruno, tomador, {"codigo_nacional": "070201", "item_lc116": "7.02", "nbs": ""}, **campos)
    assert ditos(dps_de(nota), "obra") == esperado
    assert achados(nota) == {}


@pytest.mark.parametrize("local", [{"evento_codigo": "EV-9"}, {f"evento_{n}": v for n, v in ENDERECO.items()}])
def test_an_event_goes_with_its_days_and_place(como_bruno, canal, tomador, local: dict[str, str]) -> None:
    cabeca = {"evento_nome": "Congresso", "evento_inicio": "10/10/2026", "evento_fim": "12/10/2026", **local}
    linha = {"codigo_nacional": "120101", "item_lc116": "12.01", "nbs": ""}
    nota = digitada(como_bruno, tomador, linha, **cabeca)
    feito = ditos(dps_de(nota), "atvEvento")
    assert (feito["xNome"], feito["dtIni"], feito["dtFim"]) == ("Congresso", "2026-10-10", "2026-10-12")
    assert achados(nota) == {}


@pytest.mark.parametrize(
    ("codigo", "campos", "onde", "dito"),
    [
        ("070201", {}, "obra_codigo", "Este serviço é de obra"),
        ("171901", {"obra_cib": "12345678"}, "obra_codigo", "não é de obra"),
        ("171901", {"obra_art": "PE1"}, "", ""),
        ("120101", {}, "evento_nome", "Este serviço é de evento"),
        ("171901", {"evento_nome": "Show"}, "evento_nome", "não é de evento"),
        ("120101", {"evento_nome": "Show", "evento_codigo": "1"}, "evento_inicio", "em que o evento começa"),
        (
            "120101",
            {"evento_nome": "Show", "evento_inicio": date(2026, 10, 3), "evento_fim": date(2026, 10, 2)},
            "evento_fim",
            "termina antes de começar",
        ),
        ("120101", {"evento_nome": "Show"}, "evento_cep", "código ou o endereço"),
        ("070201", {"obra_codigo": "1", "obra_cib": "12345678"}, "obra_codigo", "por um só"),
        ("070201", {"obra_cep": "50030230"}, "obra_logradouro", "falta o logradouro"),
        ("999999", {}, "codigo_nacional", "não está na tabela oficial"),
    ],
)
def test_the_official_table_says_which_service_needs_which_group(canal, ana, codigo, campos, onde, dito) -> None:
    ditas = {
        campo.rpartition(".")[2]: texto
        for campo, texto in achados(com(canal, ana, item={"codigo_nacional": codigo}, **campos)).items()
    }
    assert dito in ditas[onde] if onde else ditas == {}


DE_OUTRO = "O código nacional 120101 é do item 12.01 da LC 116, e o serviço está no item 12.07. Corrija um dos dois."


@pytest.mark.parametrize("acao", ["salvar", "conferir", "emitir"])
def test_a_national_code_of_another_item_is_refused_at_its_field(como_bruno, canal, tomador, acao: str) -> None:
    linha = LINHA | {"item_lc116": "12.07", "codigo_nacional": "120101"}
    resposta = como_bruno.post(NOVA, digitar(tomador.empresa, tomador, linha, acao=acao))
    assert resposta.status_code == 422
    assert resposta.context["edicao"].itens.forms[0].errors == {"codigo_nacional": [DE_OUTRO]}
    assert not Nota.objects.exists()


def test_a_stored_note_with_a_code_of_another_item_is_kept_from_going(canal, ana) -> None:
    nota = com(canal, ana, item={"item_lc116": "12.07", "codigo_nacional": "120101", "nbs": ""})
    assert achados(nota)["itens.0.codigo_nacional"] == DE_OUTRO
    assert [campo.nome for campo in sugeridos("lc116-do-codigo-nacional", "itens.0.codigo_nacional")] == [
        "codigo_nacional",
        "item_lc116",
    ]


def test_the_gateway_that_sends_the_code_keeps_it_too_and_one_that_does_not_lets_it_go(prestador, ana) -> None:
    gateway = criar_canal(prestador, versao_emissao=2)
    nota = criar_nota(gateway, ana, None, criar_item(item_lc116="12.07", codigo_nacional="120101", atividade=None))
    assert achados(nota)["itens.0.codigo_nacional"] == DE_OUTRO
    CanalNfse.objects.update(versao_emissao=1)
    assert "itens.0.codigo_nacional" not in achados(nota)


def test_the_tomador_is_mended_in_another_tab_and_the_note_checked_again(como_bruno, canal, tomador) -> None:
    Tomador.objects.update(bairro="")
    dita = digitar(tomador.empresa, tomador, LINHA, acao="conferir")
    primeira = como_bruno.post(NOVA, dita, headers=HTMX)
    alterar = reverse("nfse:tomador_alterar", args=[tomador.pk])
    assert "tomador" in primeira.context["edicao"].form.errors
    endereco = f'<a href="{alterar}" target="_blank" rel="noopener">'
    assert f"{endereco}Corrigir o cadastro em outra aba</a>" in " ".join(texto(primeira).split())

    form = como_bruno.get(alterar).context["form"]
    campos = {nome: form[nome].value() or "" for nome in form.fields} | {"bairro": "Centro"}
    assert como_bruno.post(alterar, campos).status_code == 302
    segunda = como_bruno.post(NOVA, dita, headers=HTMX)
    assert "tomador" not in segunda.context["edicao"].form.errors
    assert "Corrigir o cadastro" not in texto(segunda)
    assert f"{endereco}cadastro<" in texto(segunda)


def test_the_pages_of_a_note_say_its_national_code_in_words(como_bruno, canal, ana) -> None:
    nota = com(canal, ana)
    for nome in ("nfse:nota", "nfse:emitir"):
        pagina = texto(como_bruno.get(reverse(nome, args=[nota.pk])))
        assert "LC 116 17.19 · código nacional 171901 Contabilidade, inclusive" in pagina


def test_the_iss_may_be_withheld_by_the_tomador_or_by_the_intermediario(como_bruno, canal, tomador) -> None:
    linha = {"aliquota": "5"}
    do_tomador = digitada(como_bruno, tomador, linha, iss_retido="on")
    quem = {"intermediario_documento": CORRETOR, "intermediario_nome": "Corretora Inventada Ltda"}
    do_outro = digitada(como_bruno, tomador, linha, iss_retido="on", responsavel_retencao="intermediario", **quem)
    assert ditos(dps_de(do_tomador), "tribMun")["tpRetISSQN"] == "2"
    documento = dps_de(do_outro)
    assert (ditos(documento, "tribMun")["tpRetISSQN"], ditos(documento, "interm")["CNPJ"]) == ("3", CORRETOR)
    assert do_outro.valor_liquido == Decimal("950.00")


def test_the_amounts_of_a_note_stand_in_for_the_percentages_of_its_canal(como_bruno, canal, tomador) -> None:
    valores = {"tributos_federais": "134,50", "tributos_estaduais": "0,00", "tributos_municipais": "50,00"}
    nota = digitada(como_bruno, tomador, {}, **valores)
    assert ditos(dps_de(nota), "totTrib") == {"vTotTribFed": "134.50", "vTotTribEst": "0.00", "vTotTribMun": "50.00"}
    dados = digitar(tomador.empresa, tomador, LINHA, tributos_federais="134,50")
    assert "os três" in como_bruno.post(NOVA, dados).context["edicao"].form.errors["tributos_estaduais"][0]


@pytest.mark.parametrize(("codigos", "avisos"), [({}, 1), ({"ibs_cbs_situacao": "000"}, 0)])
def test_the_prevoo_says_what_goes_without_ibs_and_cbs(canal, ana, monkeypatch, codigos, avisos: int) -> None:
    monkeypatch.setattr("nfse.services.validacao.impedimento_de", lambda canal: "")
    todos = codigos and codigos | {"ibs_cbs_classificacao": "000001", "ibs_cbs_fornecimento": "100301"}
    previa = prevoo(com_tudo([com(canal, ana, **todos).pk]))
    assert len(previa.prontas) == 1
    assert [dito for dito in previa.avisos if "IBS e CBS" in dito][:1] == previa.avisos[:avisos]
    assert len(previa.avisos) == avisos


# -- kept, shown, and of this channel alone ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("campo", "digitado", "dito"),
    [
        ("pais_resultado", "Atlântida", "não encontrado"),
        ("pais_resultado", "Brasil", "país do exterior"),
        ("comex_moeda", "dólar", "código de 3 números"),
        ("processo", "12A", "só tem números"),
        ("obra_cib", "123", "8 posições"),
        ("evento_cep", "1", "são 8"),
        ("evento_inicio", "31/02/2026", "não existe"),
    ],
)
def test_what_cannot_be_read_is_said_and_stays_as_typed(como_bruno, canal, tomador, campo, digitado, dito) -> None:
    resposta = como_bruno.post(NOVA, digitar(tomador.empresa, tomador, LINHA, **{campo: digitado}))
    assert resposta.status_code == 422
    assert dito in resposta.context["edicao"].form.errors[campo][0]
    assert f'value="{digitado}"' in texto(resposta)


def test_what_was_stored_comes_back_to_the_fields(como_bruno, canal, em_lisboa) -> None:
    nota = digitada(como_bruno, em_lisboa, {}, **EXPORTACAO)
    pagina = texto(como_bruno.get(reverse("nfse:editar", args=[nota.pk])))
    assert 'value="Portugal"' in pagina
    assert 'value="180,50"' in pagina


def test_a_note_that_says_nothing_stores_nothing(como_bruno, canal, tomador) -> None:
    assert digitada(como_bruno, tomador).detalhes == {}


def test_a_copy_and_a_replacement_say_the_same(como_bruno, canal, em_lisboa, ana, monkeypatch) -> None:
    monkeypatch.setattr("nfse.services.validacao.impedimento_de", lambda canal: "")
    nota = autorizar(digitada(como_bruno, em_lisboa, {}, **EXPORTACAO), ana)
    copia = como_bruno.get(NOVA, {"copia": nota.pk}).context["edicao"]
    assert copia.form["pais_resultado"].value() == "Portugal"
    assert substituir(nota, "99", "O valor saiu errado na nota", ana).detalhes == nota.detalhes
    pagina = texto(como_bruno.get(nota.get_absolute_url()))
    assert "978 euro" in pagina
    assert "Lisboa, Portugal" in pagina


def test_no_other_channel_asks_for_it_nor_loses_it(como_bruno, prestador, tomador, ana) -> None:
    canal = criar_canal(prestador, "integranotas", versao_emissao=2)
    nota = com(canal, ana, imunidade="1")
    pagina = como_bruno.get(reverse("nfse:editar", args=[nota.pk]))
    assert not set(DETALHES) & set(pagina.context["edicao"].form.fields)
    como_bruno.post(reverse("nfse:editar", args=[nota.pk]), digitar(prestador, tomador, LINHA, versao=str(nota.versao)))
    nota.refresh_from_db()
    assert nota.detalhes == {"imunidade": "1"}
    assert exigencias.em_palavras(nota, canal) == []


def test_a_pedido_of_the_first_release_still_goes(canal, ana) -> None:
    nota = com(canal, ana)
    (nota,) = com_tudo([nota.pk])
    antiga = Contexto([nota.empresa]).declaracao(nota, canal, RECIFE)
    del antiga["detalhes"], antiga["suspensao"]
    emissao = replace(emissao_de(nota, nota.itens.all(), canal, emissao=timezone.now()), serie="1", numero=1)
    feita = servico_nacional.dps_de(emissao, antiga)
    assert (feita.imunidade, feita.suspensao, feita.comercio_exterior) == ("", None, None)
