"""The bodies of v1 and v2, and what is refused before anything is sent."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from nfse.providers.integranotas import payload
from nfse.providers.interface import CargaMunicipal, DadosInvalidos, IbsCbs, Item, Obra, Pessoa, Retencoes
from tests.nfse.apoio_integranotas import CHAVE, ENDERECO, MOTIVO, NACIONAL, NOTA

ITEM = NOTA.itens[0]
CHEIO = replace(
    ITEM,
    codigo="171901",
    codigo_municipal="02879",
    cnae="6920-6/01",
    nbs="1.1402.11.00",
    aliquota=Decimal("2.5"),
    deducao=Decimal("50.00"),
    desconto=Decimal("10"),
    base=Decimal("790.00"),
    iss=Decimal("19.75"),
    retencoes=Retencoes(
        pis=Decimal("5.53"), inss=Decimal("93.50"), outras=(("CPP", Decimal("1.10")), ("Taxa", Decimal("2.20")))
    ),
)


def test_v1_sends_only_what_is_used() -> None:
    assert payload.corpo_emissao(NOTA, 1) == {
        "numero": "19",
        "serie": "1",
        "tipo": "1",
        "status": "1",
        "data_emissao": "2026-10-20T14:30:00-03:00",
        "tomador": {
            "cnpj": "12ABC34501DE35",
            "razao_social": "Padaria Três Irmãos Ltda",
            "email": "contato@padaria.exemplo",
            "endereco": {
                "logradouro": "Rua das Flores",
                "numero": "100",
                "bairro": "Centro",
                "codigo_municipio": "3550308",
                "uf": "SP",
                "cep": "01310100",
            },
        },
        "servico": {
            "codigo_municipio": "3550308",
            "codigo_municipio_prestacao": "3550308",
            "iss_retido": False,
            "itens": [{"codigo": "17.19", "discriminacao": "Contabilidade de outubro", "valor_servicos": "850.00"}],
        },
    }


def test_v1_item_carries_taxes_deductions_and_codes() -> None:
    nota = replace(NOTA, itens=(CHEIO,), exigibilidade="1")
    assert payload.corpo_emissao(nota, 1)["servico"]["itens"][0] == {
        "codigo": "171901",
        "codigo_tributacao_municipio": "02879",
        "discriminacao": "Contabilidade de outubro",
        "valor_servicos": "850.00",
        "valor_aliquota": "2.50",
        "valor_iss": "19.75",
        "valor_base_calculo": "790.00",
        "valor_deducoes": "50.00",
        "valor_desconto_incondicionado": "10.00",
        "valor_pis": "5.53",
        "valor_inss": "93.50",
        "valor_outras": "3.30",
        "codigo_cnae": "6920601",
        "codigo_nbs": "114021100",
        "exigibilidade_iss": "1",
    }


def test_v1_sends_every_item() -> None:
    nota = replace(NOTA, itens=(ITEM, replace(ITEM, descricao="Folha de outubro")))
    itens = payload.corpo_emissao(nota, 1)["servico"]["itens"]
    assert [item["discriminacao"] for item in itens] == ["Contabilidade de outubro", "Folha de outubro"]


def test_the_unit_goes_along_where_it_is_named() -> None:
    item = Item("Horas", Decimal("2.125"), Decimal("99.10"), lc116="17.01", unidade="HORA")
    enviado = payload.corpo_emissao(replace(NOTA, itens=(item,)), 1)["servico"]["itens"][0]
    assert (enviado["unidade_quantidade"], enviado["unidade_valor"], enviado["valor_servicos"]) == (
        "2.125",
        "99.10",
        "210.59",
    )


def test_v2_has_one_block_of_service_with_its_taxes_apart() -> None:
    nota = replace(
        NACIONAL,
        itens=(replace(CHEIO, deducao=None, base=Decimal("840.00"), iss=Decimal("21.00")),),
        iss_retido=True,
        responsavel_retencao="2",
        exigibilidade="1",
        carga_municipal=CargaMunicipal(percentual=Decimal("2.5"), valor=Decimal("19.75")),
    )
    assert payload.corpo_emissao(nota, 2)["servico"] == {
        "codigo": "171901",
        "codigo_tributacao_municipio": "02879",
        "codigo_nbs": "114021100",
        "discriminacao": "Contabilidade de outubro",
        "valor_servicos": "850.00",
        "valor_desconto_incondicionado": "10.00",
        "endereco_local_prestacao": {"codigo_municipio": "3550308", "codigo_municipio_prestacao": "3550308"},
        "tributos_municipais": {
            "iss_retido": True,
            "tipo_operacao": "1",
            "responsavel_retencao": "2",
            "valor_base_calculo_iss": "840.00",
            "aliquota_iss": "2.50",
            "valor_iss": "21.00",
        },
        "tributos_nacionais": {"valor_pis": "5.53", "valor_inss": "93.50", "valor_outras": "3.30"},
        "tributos_totais": {"percentual_tributos_municipais": "2.50", "valor_tributos_municipais": "19.75"},
    }


def test_v2_says_who_issues_and_that_the_taker_is_in_the_country() -> None:
    corpo = payload.corpo_emissao(NACIONAL, 2)
    assert (corpo["tipo_emitente"], corpo["tomador"]["tipo_destinatario"]) == ("1", "0")


@pytest.mark.parametrize("versao", [1, 2])
def test_what_only_some_towns_ask_goes_where_it_is_given(versao: int) -> None:
    nota = replace(
        NACIONAL,
        natureza="1",
        regime_tributacao="6",
        regime_apuracao="1",
        incentivo_fiscal=False,
        observacao="Contrato 12",
        intermediario=Pessoa("90.000.001/0001-29", "Corretora Modelo"),
        obra=Obra(codigo="123", art="77"),
        ibs_cbs=IbsCbs(situacao_tributaria="000", classificacao_tributaria="000001"),
    )
    corpo = payload.corpo_emissao(nota, versao)
    assert {nome: corpo[nome] for nome in ("natureza_operacao", "regime_tributacao", "regime_apuracao")} == {
        "natureza_operacao": "1",
        "regime_tributacao": "6",
        "regime_apuracao": "1",
    }
    assert corpo["intermediario"] == {"cnpj": "90000001000129", "razao_social": "Corretora Modelo"}
    assert corpo["obra"] == {"codigo": "123", "art": "77"}
    assert (corpo["incentivo_fiscal"], corpo["informacoes_complementares"]) == (False, "Contrato 12")
    assert corpo["servico"]["ibs_cbs"] == {"situacao_tributaria": "000", "classificacao_tributaria": "000001"}


def test_a_cpf_goes_unmasked_under_its_own_name() -> None:
    nota = replace(NOTA, tomador=Pessoa("529.982.247-25", "Consultora", telefone="(11) 98765-4321"))
    tomador = payload.corpo_emissao(nota, 1)["tomador"]
    assert tomador == {"cpf": "52998224725", "razao_social": "Consultora", "telefone": "11987654321"}


def test_the_competencia_goes_only_when_it_is_another_month() -> None:
    nota = replace(NOTA, competencia=date(2026, 9, 1))
    assert payload.corpo_emissao(nota, 1)["data_competencia"] == "2026-09-01T00:00:00-03:00"


def test_the_month_of_issue_is_read_in_brasilia() -> None:
    nota = replace(NOTA, emissao=datetime(2026, 11, 1, 1, 0, tzinfo=UTC))
    corpo = payload.corpo_emissao(nota, 1)
    assert corpo["data_emissao"] == "2026-10-31T22:00:00-03:00"
    assert "data_competencia" not in corpo


# -- refused here --------------------------------------------------------------------------------------------


def campos(nota, versao: int) -> list[str]:
    return [problema.campo for problema in payload.problemas(nota, versao)]


def test_a_text_that_is_too_long_is_refused_with_its_size_and_the_limit() -> None:
    nota = replace(NOTA, itens=(replace(ITEM, descricao="x" * 2150),))
    with pytest.raises(DadosInvalidos, match=r"Discriminação do serviço: 2\.150 caracteres, e o limite é 2\.000"):
        payload.corpo_emissao(nota, 1)


def test_every_problem_is_told_at_once() -> None:
    endereco = replace(ENDERECO, bairro="b" * 31, uf="São Paulo")
    nota = replace(NOTA, numero=None, serie="123456", tomador=replace(NOTA.tomador, nome="n" * 76, endereco=endereco))
    assert campos(nota, 1) == [
        "numero",
        "serie",
        "tomador.razao_social",
        "tomador.endereco.bairro",
        "tomador.endereco.uf",
    ]


def test_the_path_of_an_item_says_which_one() -> None:
    nota = replace(NOTA, itens=(ITEM, replace(ITEM, nbs="12")))
    assert campos(nota, 1) == ["servico.itens.1.codigo_nbs"]


@pytest.mark.parametrize("documento", ["", "123"])
def test_a_taker_without_document_is_refused(documento: str) -> None:
    assert campos(replace(NOTA, tomador=Pessoa(documento, "Alguém")), 1) == ["tomador"]


def test_a_taker_abroad_is_refused() -> None:
    endereco = replace(ENDERECO, municipio="", uf="", cep="", cidade="Lisboa", pais="PT")
    assert campos(replace(NOTA, tomador=replace(NOTA.tomador, endereco=endereco)), 2)[0] == "tomador.endereco"


@pytest.mark.parametrize(
    "item",
    [
        replace(ITEM, valor_unitario=Decimal(0)),
        replace(ITEM, valor_unitario=Decimal("-1.00")),
        replace(ITEM, desconto=Decimal("-1.00")),
        replace(ITEM, unidade="HORA", quantidade=Decimal("0.33333")),
        replace(ITEM, unidade="HORA", valor_unitario=Decimal("1.005")),
    ],
)
def test_amounts_that_make_no_note_are_refused(item: Item) -> None:
    assert len(campos(replace(NOTA, itens=(item,)), 1)) == 1


def test_v2_takes_one_service_only() -> None:
    nota = replace(NACIONAL, itens=(NACIONAL.itens[0], NACIONAL.itens[0]))
    assert campos(nota, 2) == ["servico"]


def test_v2_asks_for_the_national_code() -> None:
    assert campos(NOTA, 2) == ["servico.codigo"]


def test_v2_does_not_lose_a_deduction() -> None:
    nota = replace(NACIONAL, itens=(replace(NACIONAL.itens[0], deducao=Decimal("50.00")),))
    assert campos(nota, 2) == ["servico"]


def test_fractions_of_a_cent_are_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="2 decimals"):
        payload.corpo_emissao(replace(NOTA, itens=(replace(ITEM, iss=Decimal("1.005")),)), 1)


def test_what_is_larger_than_the_service_takes_is_told_before_it_is_sent() -> None:
    enorme = replace(NOTA, itens=(replace(ITEM, descricao="ç" * 2000),) * 500)
    (problema,) = payload.problemas(enorme, 1)
    assert "bytes, e o limite é 2.000.000" in problema.mensagem


# -- cancel, substitute --------------------------------------------------------------------------------------


def test_the_reason_of_a_cancellation_goes_under_both_names() -> None:
    assert payload.corpo_cancelamento(CHAVE, "2", f" {MOTIVO} ") == {
        "chave": CHAVE,
        "codigo_cancelamento": "2",
        "motivo_cancelamento": MOTIVO,
        "justificativa": MOTIVO,
    }


@pytest.mark.parametrize("motivo", ["duplicidade", "x" * 81])
def test_a_reason_of_another_length_is_refused_with_its_size(motivo: str) -> None:
    with pytest.raises(DadosInvalidos, match=f"{len(motivo)} caracteres, e são de 15 a 80"):
        payload.corpo_cancelamento(CHAVE, "2", motivo)


def test_a_chave_of_another_length_is_refused() -> None:
    with pytest.raises(DadosInvalidos, match="44 ou 50 caracteres, e esta tem 3"):
        payload.corpo_cancelamento("123", "2", MOTIVO)


def test_a_substitution_is_the_new_note_with_the_old_chave() -> None:
    corpo = payload.corpo_substituicao(NACIONAL, 2, chave=CHAVE, codigo="1", motivo=MOTIVO)
    extra = {"chave": CHAVE, "codigo_cancelamento": "1", "motivo_cancelamento": MOTIVO}
    assert corpo == payload.corpo_emissao(NACIONAL, 2) | extra
