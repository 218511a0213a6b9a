"""The register of empresas: regimes by date, matriz and filial, and one audit row for each change."""

from datetime import date

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from comum.models import Auditoria, Usuario
from empresas import services
from empresas.models import Carteira, Empresa, Regime, RegimeEmpresa
from empresas.services import CadastroRecusado, Regra, salvar_empresa
from tests.cast import cnpj_valido, criar_empresa

pytestmark = pytest.mark.django_db

SIMPLES_2026 = Regra("simples", date(2026, 1, 1))
CPF = "52998224725"


def nova(**campos: object) -> Empresa:
    return Empresa(**{"documento": cnpj_valido(7), "razao_social": "Padaria São João"} | campos)


def test_a_new_empresa_is_written_with_its_regimes_and_one_audit_row(ana: Usuario) -> None:
    regras = [Regra("mei", date(2024, 1, 1)), SIMPLES_2026, Regra("presumido", date(2030, 1, 1))]
    empresa = salvar_empresa(empresa=nova(), regimes=regras, usuario=ana)
    assert empresa.regime == Regime.SIMPLES
    assert [(r.regime, r.desde) for r in empresa.regimes.order_by("desde")] == [(r.regime, r.desde) for r in regras]
    assert Auditoria.objects.get().acao == "empresas.incluir"


def test_a_change_of_regime_adds_a_row_and_keeps_the_past(ana: Usuario) -> None:
    empresa = salvar_empresa(empresa=nova(), regimes=[SIMPLES_2026], usuario=ana)
    salvar_empresa(empresa=empresa, regimes=[SIMPLES_2026, Regra("real", date(2026, 11, 1))], usuario=ana)
    assert (empresa.regime_em(date(2026, 10, 31)), empresa.regime_em(date(2026, 11, 1))) == ("simples", "real")
    assert empresa.regime == "real"


def test_a_regime_taken_out_of_the_history_goes(ana: Usuario) -> None:
    empresa = salvar_empresa(empresa=nova(), regimes=[SIMPLES_2026, Regra("real", date(2026, 6, 1))], usuario=ana)
    salvar_empresa(empresa=empresa, regimes=[SIMPLES_2026], usuario=ana)
    assert [r.regime for r in empresa.regimes.all()] == ["simples"]


def test_the_audit_says_what_was_and_what_is(ana: Usuario, carteira: Carteira) -> None:
    empresa = salvar_empresa(empresa=nova(), regimes=[SIMPLES_2026], usuario=ana)
    empresa.carteira, empresa.ativa = carteira, False
    salvar_empresa(empresa=empresa, regimes=[Regra("mei", date(2026, 1, 1))], usuario=ana)
    assert Auditoria.objects.get(acao="empresas.alterar").dados["campos"] == {
        "carteira": ["", "Fiscal A"],
        "ativa": ["sim", "não"],
        "regime": ["Simples Nacional desde 01/01/2026", "MEI desde 01/01/2026"],
    }


def test_saving_without_a_change_writes_nothing(ana: Usuario) -> None:
    empresa = salvar_empresa(empresa=nova(), regimes=[SIMPLES_2026], usuario=ana)
    antes = empresa.alterada_em
    salvar_empresa(empresa=Empresa.objects.get(pk=empresa.pk), regimes=[SIMPLES_2026], usuario=ana)
    empresa.refresh_from_db()
    assert (empresa.alterada_em, Auditoria.objects.count()) == (antes, 1)


def test_an_empresa_without_regime_is_refused(ana: Usuario) -> None:
    with pytest.raises(CadastroRecusado, match="Informe o regime"):
        salvar_empresa(empresa=nova(), regimes=[], usuario=ana)


def test_a_cpf_has_no_regime_of_a_cnpj(ana: Usuario) -> None:
    with pytest.raises(CadastroRecusado, match="CPF só pode ter o regime Outro"):
        salvar_empresa(empresa=nova(documento=CPF), regimes=[SIMPLES_2026], usuario=ana)


def test_the_document_does_not_change(ana: Usuario) -> None:
    empresa = salvar_empresa(empresa=nova(), regimes=[SIMPLES_2026], usuario=ana)
    empresa.documento = cnpj_valido(8)
    with pytest.raises(CadastroRecusado, match="não muda depois do cadastro"):
        salvar_empresa(empresa=empresa, regimes=[SIMPLES_2026], usuario=ana)


@pytest.mark.parametrize(
    ("campos", "mensagem"),
    [
        ({"codigo": "0001"}, "Este código já é"),
        ({"codigo": "9", "documento": cnpj_valido(1)}, "Já cadastrada agora há"),
    ],
)
def test_losing_a_race_is_a_message(ana: Usuario, campos: dict[str, str], mensagem: str) -> None:
    criar_empresa(1)
    with pytest.raises(CadastroRecusado, match=mensagem):
        salvar_empresa(empresa=nova(**campos), regimes=[SIMPLES_2026], usuario=ana)


# -- matriz and filial -------------------------------------------------------------------------------------------------


def test_the_matriz_of_a_numeric_filial_is_proposed() -> None:
    matriz = criar_empresa(1)
    assert services.matriz_proposta(cnpj_valido(1, ordem="0002")) == matriz


@pytest.mark.parametrize(
    "documento", [cnpj_valido(1), cnpj_valido(2, ordem="0002"), cnpj_valido(1, letras=True, ordem="0002"), CPF]
)
def test_no_matriz_is_guessed(documento: str) -> None:
    criar_empresa(1)
    criar_empresa(3, documento=cnpj_valido(1, letras=True))
    assert services.matriz_proposta(documento) is None


def test_a_filial_keeps_its_matriz(ana: Usuario) -> None:
    matriz = criar_empresa(1)
    filial = nova(documento=cnpj_valido(1, ordem="0002"), matriz=matriz)
    salvar_empresa(empresa=filial, regimes=[SIMPLES_2026], usuario=ana)
    assert list(matriz.filiais.all()) == [filial]


def test_a_matriz_of_another_root_is_refused(ana: Usuario) -> None:
    with pytest.raises(CadastroRecusado, match="outra raiz de CNPJ"):
        salvar_empresa(empresa=nova(matriz=criar_empresa(1)), regimes=[SIMPLES_2026], usuario=ana)


def test_a_filial_is_nobodys_matriz(ana: Usuario) -> None:
    matriz = criar_empresa(1)
    filial = nova(documento=cnpj_valido(1, ordem="0002"), matriz=matriz)
    salvar_empresa(empresa=filial, regimes=[SIMPLES_2026], usuario=ana)
    neta = nova(documento=cnpj_valido(1, ordem="0003"), matriz=filial)
    with pytest.raises(CadastroRecusado, match="é filial"):
        salvar_empresa(empresa=neta, regimes=[SIMPLES_2026], usuario=ana)


def test_a_matriz_with_filiais_does_not_become_a_filial(ana: Usuario) -> None:
    matriz = criar_empresa(1)
    irma = criar_empresa(2, documento=cnpj_valido(1, ordem="0003"))
    filial = nova(documento=cnpj_valido(1, ordem="0002"), matriz=matriz)
    salvar_empresa(empresa=filial, regimes=[SIMPLES_2026], usuario=ana)
    matriz.matriz = irma
    with pytest.raises(CadastroRecusado, match="tem filiais, então é matriz"):
        salvar_empresa(empresa=matriz, regimes=[SIMPLES_2026], usuario=ana)


def test_a_cpf_has_no_matriz(ana: Usuario) -> None:
    with pytest.raises(CadastroRecusado, match="Só CNPJ tem matriz"):
        salvar_empresa(
            empresa=nova(documento=CPF, matriz=criar_empresa(1)),
            regimes=[Regra("outro", date(2026, 1, 1))],
            usuario=ana,
        )


# -- what the database refuses by itself -------------------------------------------------------------------------------


def _recusa(comando: str) -> str:
    with pytest.raises(IntegrityError) as erro, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{comando}; SET CONSTRAINTS ALL IMMEDIATE")
    return str(erro.value)


@pytest.mark.parametrize(
    ("mudanca", "regra"),
    [
        ("matriz_id = (SELECT max(id) FROM empresas_empresa)", "empresa_matriz_mesma_raiz"),
        ("matriz_id = id", "empresa_matriz_outra"),
        ("regime = 'lucro'", "empresa_regime_conhecido"),
        ("documento = '123'", "empresa_documento_formato"),
        ("codigo = '0002'", "empresa_codigo_unico"),
    ],
)
def test_the_database_keeps_the_rules(mudanca: str, regra: str) -> None:
    primeira = criar_empresa(1)
    criar_empresa(2)
    assert regra in _recusa(f"UPDATE empresas_empresa SET {mudanca} WHERE id = {primeira.pk}")


def test_one_regime_a_date() -> None:
    empresa = criar_empresa(1)
    assert "regime_unico_na_data" in _recusa(
        f"INSERT INTO empresas_regimeempresa (empresa_id, regime, desde) VALUES ({empresa.pk}, 'mei', '2020-01-01')"
    )


# -- regime in force ---------------------------------------------------------------------------------------------------


def test_the_day_a_future_regime_begins_the_list_shows_it() -> None:
    empresa = criar_empresa(1)
    RegimeEmpresa.objects.create(empresa=empresa, regime="real", desde=date(2027, 1, 1))
    with time_machine.travel("2026-12-31T22:00:00-03:00", tick=False):
        services.atualizar_regimes()
        empresa.refresh_from_db()
        assert empresa.regime == "simples"
    with time_machine.travel("2027-01-01T00:30:00-03:00", tick=False):
        services.atualizar_regimes()
        empresa.refresh_from_db()
        assert empresa.regime == "real"


def test_refreshing_again_changes_nothing() -> None:
    empresa = criar_empresa(1)
    RegimeEmpresa.objects.create(empresa=empresa, regime="real", desde=date(2021, 1, 1))
    assert (services.atualizar_regimes(), services.atualizar_regimes()) == (1, 0)


def test_before_the_first_regime_the_first_one_shows() -> None:
    assert (
        services.regime_vigente([Regra("real", date(2030, 1, 1)), Regra("mei", date(2031, 1, 1))], date(2026, 1, 1))
        == "real"
    )


@pytest.mark.parametrize(
    ("hoje", "desde"), [(date(2026, 11, 21), date(2026, 1, 1)), (date(2027, 1, 5), date(2026, 1, 1))]
)
def test_a_new_regime_counts_from_the_year_of_the_last_competencia(hoje: date, desde: date) -> None:
    assert services.desde_padrao(hoje) == desde


# -- many at once ------------------------------------------------------------------------------------------------------


def test_moving_many_counts_those_that_moved_with_one_audit_row(ana: Usuario, carteira: Carteira) -> None:
    criar_empresa(1, carteira=carteira)
    criar_empresa(2)
    criar_empresa(3)
    assert services.mudar_carteira(Empresa.objects.all(), carteira, ana) == 2
    linha = Auditoria.objects.get()
    assert (linha.resumo, len(linha.dados["empresas"])) == ("2 empresas para a carteira Fiscal A", 2)


def test_taking_out_of_the_carteira(ana: Usuario, carteira: Carteira) -> None:
    empresa = criar_empresa(1, carteira=carteira)
    assert services.mudar_carteira(Empresa.objects.all(), None, ana) == 1
    empresa.refresh_from_db()
    assert empresa.carteira is None


def test_a_second_click_finds_nothing_to_do(ana: Usuario) -> None:
    criar_empresa(1)
    assert (services.ativar(Empresa.objects.all(), False, ana), services.ativar(Empresa.objects.all(), False, ana)) == (
        1,
        0,
    )
    assert Auditoria.objects.count() == 1


# -- search and order --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "texto",
    [
        "0007",
        "acai",
        "AÇAÍ",
        "12.ABC.345/01DE-35",
        "12abc345",
        "345/01de",
        "d'oeste ltda",
        "loja do ze",
        "  acai   0007 ",
        "a.b",
        "ab",
        "embu-guacu",
        "Embu Guaçu",
    ],
)
def test_an_empresa_is_found_by_any_part_of_code_names_or_document(texto: str) -> None:
    Empresa.objects.create(
        codigo="0007",
        documento="12ABC34501DE35",
        razao_social="Açaí D'Oeste Ltda",
        nome_fantasia="Loja do Zé A.B. Embu-Guaçu",
        regime="mei",
    )
    criar_empresa(1)
    assert [e.codigo for e in Empresa.objects.procurar(texto)] == ["0007"]


@pytest.mark.parametrize("texto", ["acai zzz", "99", "12.ABC.346"])
def test_what_matches_no_word_is_not_found(texto: str) -> None:
    Empresa.objects.create(codigo="1", documento="12ABC34501DE35", razao_social="Açaí", regime="mei")
    assert not Empresa.objects.procurar(texto).exists()


def test_codes_without_zeros_in_front_sort_as_numbers() -> None:
    for n, codigo in enumerate(["10", "9", "100", "0002"]):
        Empresa.objects.create(codigo=codigo, documento=cnpj_valido(n), razao_social="X", regime="mei")
    assert [e.codigo for e in Empresa.objects.order_by("codigo_ordem")] == ["0002", "9", "10", "100"]
