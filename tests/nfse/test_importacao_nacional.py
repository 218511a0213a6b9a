"""The CSV of notas and of tomadores with what the national layout asks for."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from empresas.models import Carteira, Empresa, Importacao
from nfse.importacao.colunas_notas import ACEITA, COLUNAS, DAS_EXIGENCIAS, DOS_DETALHES, EXEMPLOS
from nfse.models import CanalNfse, Nota, TipoCanal, Tomador
from nfse.models.detalhes import Detalhes
from nfse.providers.nacional.parametros import Convenio
from nfse.services.exigencias import CAMPOS
from nfse.services.nacional import guardar_convenio
from tests.cast import cnpj_valido, criar_empresa
from tests.nfse.apoio_lote import HOJE, RECIFE, conferir, empresa_no_sisgenfe, importar
from tests.nfse.fabrica import criar_servico, criar_tomador
from tests.nfse.test_importacao_tomadores import enviar as conferir_tomadores

pytestmark = pytest.mark.django_db
PADRAO = {
    "empresa": "0001",
    "CPF ou CNPJ do tomador": cnpj_valido(50),
    "serviço": "HON",
    "competência": "10/2026",
    "data de emissão": "20/10/2026",
    "valor unitário": "1.000,00",
}
DE_FORA = (
    "empresa;CNPJ ou CPF;nome;país;cidade;estado ou província no exterior;código postal no exterior;por que sem NIF"
)
EXPORTACAO = {
    "tributação do ISS": "Exportação",
    "país do resultado": "Portugal",
    "modo de prestação": "1",
    "vínculo entre as partes": "0 - Sem vínculo",
    "moeda": "EUR",
    "valor na moeda": "180,50",
}


@pytest.fixture(autouse=True)
def hoje() -> Iterator[None]:
    with time_machine.travel(HOJE, tick=False):
        yield


@pytest.fixture
def empresa(carteira: Carteira) -> Empresa:
    """At the national system, with a tomador and a serviço that has all its codes."""
    empresa = criar_empresa(1, carteira=carteira, regime="presumido", municipio=RECIFE)
    guardar_convenio(RECIFE, Convenio(True, True, True, True, True))
    cargas = {"carga_federal": Decimal(13), "carga_estadual": Decimal(0), "carga_municipal": Decimal(3)}
    CanalNfse.objects.create(codigo=1, empresa=empresa, tipo=TipoCanal.NACIONAL, serie="1", **cargas)
    criar_tomador(empresa)
    criar_servico(empresa, codigo_nacional="171901", nbs="114061100")
    return empresa


def com(celulas: dict[str, str]) -> str:
    linha = PADRAO | celulas
    return ";".join(linha) + "\n" + ";".join(linha.values()) + "\n"


def motivos(importacao: Importacao) -> list[tuple[str, str, str]]:
    """(column, reason, weight), the canal's own certificate aside."""
    ditas = [(c, m, (*p, "recusa")[0]) for _, c, _, m, *p in importacao.recusas]
    return [dita for dita in ditas if "certificado" not in dita[1].lower()]


def test_the_columns_are_fields_of_the_note_and_each_is_explained() -> None:
    assert set(DAS_EXIGENCIAS) <= set(CAMPOS)
    assert set(DOS_DETALHES) <= set(vars(Detalhes()))
    nomes = {coluna.nome for coluna in COLUNAS}
    assert nomes == set(ACEITA)
    assert all(set(exemplo) <= nomes for exemplo in EXEMPLOS)


def test_withholdings_and_own_debit_come_of_the_line(bruno, empresa) -> None:
    proprios = {"CST do PIS e da COFINS": "1", "PIS próprio (%)": "0,65"}
    conferida = conferir(bruno, com({"PIS": "6,50", "COFINS": "30,00", "CSLL": "10,00", **proprios}))
    assert motivos(conferida) == []
    importar(conferida)
    nota = Nota.objects.get()
    assert nota.detalhes == {"pis_cofins_situacao": "01", "pis_aliquota": "0.65"}
    assert nota.valor_liquido == Decimal("953.50")


@pytest.mark.parametrize("item", [{}, {"serviço": "", "item LC 116": "17.19", "descrição": "Honorários"}])
def test_a_national_code_of_another_item_is_refused_at_its_cell(bruno, empresa, item: dict[str, str]) -> None:
    ((coluna, motivo, peso),) = motivos(conferir(bruno, com(item | {"código nacional": "120101", "NBS": "114061100"})))
    assert (coluna, peso) == ("código nacional", "recusa")
    assert "é do item 12.01 da LC 116, e o serviço está no item 17.19" in motivo


def test_the_servico_gives_what_the_line_leaves_blank(bruno, empresa) -> None:
    empresa.servicos.update(pis_cofins_situacao="01", pis_aliquota="0.65", cofins_aliquota="3")
    importar(conferir(bruno, com({"COFINS própria (%)": "7,6"})))
    assert Nota.objects.get().detalhes == {
        "pis_cofins_situacao": "01",
        "pis_aliquota": "0.65",
        "cofins_aliquota": "7.6",
    }


def test_discount_benefit_and_ibs_and_cbs_come_of_the_line(bruno, empresa) -> None:
    outro = criar_tomador(empresa, 61, nome="Quem Recebe Ltda")
    celulas = {
        "alíquota": "5",
        "desconto condicionado": "10,00",
        "benefício municipal": f"{RECIFE}0100007",
        "redução do benefício (%)": "20",
        "CST do IBS e da CBS": "000",
        "cClassTrib": "000001",
        "cIndOp": "020101",
        "destinatário": outro.documento,
        "CIB do imóvel": "1234-5678",
        "diferimento da CBS (%)": "50",
        "tpOper": "5",
        "tpEnteGov": "4 - Município",
    }
    conferida = conferir(bruno, com(celulas))
    assert motivos(conferida) == []
    importar(conferida)
    nota = Nota.objects.get()
    assert (nota.destinatario, nota.valor_iss, nota.valor_liquido) == (outro, Decimal("40.00"), Decimal("990.00"))
    assert nota.detalhes == {
        "desconto_condicionado": "10.00",
        "beneficio_numero": f"{RECIFE}0100007",
        "beneficio_percentual": "20.0",
        "imovel_cib": "12345678",
        "diferimento_cbs": "50.0",
        "tipo_operacao": "5",
        "ente_governamental": "4",
    }


@pytest.mark.parametrize(
    ("celulas", "coluna", "dito"),
    [
        ({"destinatário": cnpj_valido(99)}, "CPF ou CNPJ do destinatário", "Cadastre o destinatário antes"),
        ({"redução do benefício (%)": "101"}, "redução do benefício (%)", "100"),
        ({"benefício municipal": "1"}, "benefício municipal", "14 números"),
    ],
)
def test_what_the_new_columns_do_not_take(bruno, empresa, celulas: dict[str, str], coluna: str, dito: str) -> None:
    assert [(onde, dito in motivo) for onde, motivo, _ in motivos(conferir(bruno, com(celulas)))][:1] == [
        (coluna, True)
    ]


def test_a_percentage_deducted_comes_of_the_line(bruno, empresa) -> None:
    assert motivos(conferir(bruno, com({"percentual da dedução": "0"})))[0][::2] == ("percentual da dedução", "recusa")
    as_duas = motivos(conferir(bruno, com({"percentual da dedução": "10", "dedução": "5,00"})))
    assert [(coluna, peso) for coluna, _, peso in as_duas] == [("dedução", "recusa")]
    importar(conferir(bruno, com({"percentual da dedução": "12,5"})))
    nota = Nota.objects.get()
    assert (nota.detalhes["deducao_percentual"], nota.valor_deducoes) == ("12.5", Decimal("125.00"))


def test_the_process_that_suspends_the_iss_comes_of_the_line(bruno, empresa) -> None:
    suspensa = {"tributação do ISS": "Suspensa por decisão judicial"}
    sem_numero = ("processo da suspensão", "Informe o número do processo que suspende o ISS.", "aviso")
    assert motivos(conferir(bruno, com(suspensa))) == [sem_numero]
    conferida = conferir(bruno, com(suspensa | {"processo da suspensão": "0801234-56.2026"}))
    assert motivos(conferida) == []
    importar(conferida)
    assert Detalhes.do_json(Nota.objects.get().detalhes).processo == "0801234562026".zfill(30)


def test_a_withholding_without_its_cst_enters_and_waits(bruno, empresa) -> None:
    conferida = conferir(bruno, com({"PIS": "6,50"}))
    assert [(coluna, peso) for coluna, _, peso in motivos(conferida)] == [("CST do PIS e da COFINS", "aviso")]
    importar(conferida)
    assert Nota.objects.get().itens.get().pis == Decimal("6.50")


def test_an_exported_service_for_a_tomador_abroad(bruno, empresa) -> None:
    fora = {"pais": "PT", "cidade_exterior": "Lisboa", "regiao_exterior": "Lisboa", "codigo_postal": "1100-148"}
    quem = criar_tomador(empresa, 60, documento="", municipio_id=None, cep="", nif="PT501", **fora)
    conferida = conferir(bruno, com({"CPF ou CNPJ do tomador": "", "NIF do tomador": "pt501", **EXPORTACAO}))
    assert motivos(conferida) == []
    importar(conferida)
    nota = Nota.objects.get()
    assert (nota.tomador, nota.exigibilidade) == (quem, "exportacao")
    assert nota.detalhes == {
        "pais_resultado": "PT",
        "comex_modo": "1",
        "comex_vinculo": "0",
        "comex_moeda": "978",
        "comex_valor": "180.50",
    }


@pytest.mark.parametrize(
    ("celulas", "coluna", "motivo"),
    [
        ({"tributação do ISS": "Talvez"}, "tributação do ISS", "não encontrada na lista"),
        ({"CST do PIS e da COFINS": "77"}, "CST do PIS e da COFINS", "99 - Outras operações."),
        ({"processo da suspensão": "1"}, "processo da suspensão", "só vai com a exigibilidade suspensa"),
        ({"moeda": "dólar"}, "moeda", "código de 3 números"),
        ({"país do resultado": "Atlântida"}, "país do resultado", "não encontrado"),
        ({"tipo de imunidade": "1"}, "tipo de imunidade", "só vale para nota imune"),
        ({"código da obra": "90.1"}, "código da obra", "não é de obra"),
        ({"CST do IBS e da CBS": "12"}, "CST do IBS e da CBS", "3 números"),
        ({"NIF do tomador": "PT501"}, "NIF do tomador", "não os dois"),
        ({"CPF ou CNPJ do tomador": "", "NIF do tomador": "PT9"}, "NIF do tomador", "tem este NIF"),
        ({"CPF ou CNPJ do tomador": ""}, "CPF ou CNPJ do tomador", "vai pelo NIF"),
    ],
)
def test_a_bad_cell_refuses_its_line_at_its_column(bruno, empresa, celulas: dict[str, str], coluna, motivo) -> None:
    achados = motivos(conferir(bruno, com(celulas)))
    assert [(c, p) for c, m, p in achados if motivo in m] == [(coluna, "recusa")]
    assert all(peso == "recusa" or c != coluna for c, _, peso in achados)


def test_what_the_channel_does_not_take_is_refused_at_its_column(bruno, carteira) -> None:
    empresa = empresa_no_sisgenfe(1, carteira)
    criar_tomador(empresa)
    criar_servico(empresa, atividade=78, cnae_id="6920601")
    (achado,) = motivos(conferir(bruno, com({"CST do PIS e da COFINS": "01"})))
    assert achado[0] == "CST do PIS e da COFINS"
    assert "O SISGENF-e não leva esta coluna" in achado[1]


def test_a_tomador_abroad_comes_with_its_region_postal_code_and_reason(bruno, empresa) -> None:
    texto = f"{DE_FORA}\n0001;;Acme Inc;US;Austin;Texas;78701;2 - o país não exige\n"
    importar(conferir_tomadores(bruno, texto))
    quem = Tomador.objects.get(nome="Acme Inc")
    assert (quem.regiao_exterior, quem.codigo_postal, quem.sem_nif) == ("Texas", "78701", "2")


@pytest.mark.parametrize(
    ("linha", "dito"),
    [
        ("0001;52998224725;Ana;;;Texas;;", "é de tomador no exterior"),
        ("0001;52998224725;Ana;;;;;1", "é de tomador no exterior"),
        ("0001;;Acme;US;Austin;;;3", "é 1 (dispensado) ou 2"),
    ],
)
def test_what_is_of_who_is_abroad_is_refused_of_others(bruno, empresa, linha: str, dito: str) -> None:
    conferida: Any = conferir_tomadores(bruno, f"{DE_FORA}\n{linha}\n")
    assert dito in str(conferida.recusas)
