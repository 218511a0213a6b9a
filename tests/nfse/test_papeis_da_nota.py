"""The papers that a national note lists: from the form to the DPS, each fault at its row, with nothing typed lost."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from empresas.models import Empresa
from nfse.models import CanalNfse, Tomador
from nfse.models.detalhes import Detalhes
from nfse.models.papeis import PapelDeDeducao, PapelReembolsado
from nfse.services.acoes import substituir
from nfse.services.correcoes import sugeridos
from tests.cast import cnpj_valido
from tests.nfse.apoio import autorizar
from tests.nfse.fabrica import RECIFE
from tests.nfse.nacional.test_papeis import CTE, NFE
from tests.nfse.test_nacional_campos import (  # noqa: F401 - fixtures
    LINHA,
    achados,
    canal,
    com,
    digitada,
    ditos,
    dps_de,
    prestador,
    tomador,
)
from tests.nfse.test_telas_nova import HTMX, NOVA, digitar, texto

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hoje")]
CALCULAR = reverse("nfse:calcular")
IBSCBS = {"ibs_cbs_situacao": "000", "ibs_cbs_classificacao": "000001", "ibs_cbs_fornecimento": "100301"}
LOJA = {
    "fornecedor_documento": cnpj_valido(900),
    "fornecedor_nome": "Depósito do Norte",
    "fornecedor_cep": "50030-230",
    "fornecedor_logradouro": "Rua do Sol",
    "fornecedor_numero": "10",
    "fornecedor_bairro": "Centro",
    "fornecedor_municipio": RECIFE,
}
MATERIAL = {"forma": "nfe", "documento": NFE, "tipo": "2", "emissao": "10/10/2026", "dedutivel": "300,00"}
BILHETE = {
    "forma": "outro",
    "documento": "B-7",
    "descricao_documento": "Bilhete aéreo",
    "tipo": "02",
    "emissao": "10/10/2026",
    "valor": "400,00",
}


def lista(nome: str, *papeis: dict[str, str]) -> dict[str, Any]:
    """The rows of a list as the browser sends them."""
    dados = {f"{nome}-TOTAL_FORMS": str(len(papeis)), f"{nome}-INITIAL_FORMS": "0"}
    return dados | {f"{nome}-{n}-{campo}": valor for n, papel in enumerate(papeis) for campo, valor in papel.items()}


def deducoes(*papeis: dict[str, str]) -> dict[str, Any]:
    return lista("deducoes", *papeis)


def reembolsos(*papeis: dict[str, str]) -> dict[str, Any]:
    return lista("reembolsos", *papeis) | IBSCBS


def reenviados(edicao: Any) -> Any:
    """What an open form would store if it were sent as it is."""
    lida = edicao.digitada()
    assert lida.valida()
    return lida.dados().exigencias.detalhes


# -- from the form to the DPS ------------------------------------------------------------------------------------------


def test_documents_of_a_deduction_go_in_the_dps_and_out_of_the_base(como_bruno, canal, tomador) -> None:  # noqa: F811
    municipal = {"forma": "nfse_municipal", "documento": "19", "municipio": RECIFE, "verificacao": "AB1"}
    papel = {"forma": "em_papel", "documento": "7", "modelo": "1", "serie": "A", "tipo": "99", "descricao": "Frete"}
    linhas = [MATERIAL | LOJA | {"deduzido": "100,00"}, MATERIAL | municipal | {"dedutivel": "50,00"}, MATERIAL | papel]
    nota = digitada(como_bruno, tomador, {"aliquota": "2"}, **deducoes(*linhas))
    documento = dps_de(nota)
    assert ditos(documento, "docDedRed") == {
        "chNFe": NFE,
        "tpDedRed": "2",
        "dtEmiDoc": "2026-10-10",
        "vDedutivelRedutivel": "300.00",
        "vDeducaoReducao": "100.00",
        "CNPJ": cnpj_valido(900),
        "xNome": "Depósito do Norte",
        "cMun": RECIFE,
        "CEP": "50030230",
        "xLgr": "Rua do Sol",
        "nro": "10",
        "xBairro": "Centro",
    }
    assert ditos(documento, "NFSeMun") == {"cMunNFSeMun": RECIFE, "nNFSeMun": "19".zfill(15), "cVerifNFSeMun": "AB1"}
    assert ditos(documento, "NFNFS") == {"nNFS": "0000007", "modNFS": "1".zfill(15), "serieNFS": "A"}
    assert achados(nota) == {}
    assert (nota.valor_deducoes, nota.valor_iss, nota.valor_liquido) == (Decimal(450), Decimal(11), Decimal(1000))
    assert nota.itens.get().deducao is None
    pagina = texto(como_bruno.get(nota.get_absolute_url()))
    assert "R$ 450,00 (3 documentos)" in pagina
    assert "Depósito do Norte" in pagina


def test_a_percentage_is_deducted_of_the_value(como_bruno, canal, tomador) -> None:  # noqa: F811
    nota = digitada(como_bruno, tomador, {"aliquota": "5"}, deducao_percentual="12,34")
    assert ditos(dps_de(nota), "vDedRed") == {"pDR": "12.34"}
    assert (nota.valor_deducoes, nota.valor_iss) == (Decimal("123.40"), Decimal("43.83"))
    assert "R$ 123,40 (12,34% do valor)" in texto(como_bruno.get(nota.get_absolute_url()))


def test_what_is_reimbursed_goes_with_ibs_and_cbs_and_out_of_the_base(como_bruno, canal, tomador) -> None:  # noqa: F811
    chave = {"forma": "cte", "documento": CTE, "competencia": "01/10/2026", "valor": "50,00", "tipo": "01"}
    quem = {"fornecedor_documento": "529.982.247-25", "fornecedor_nome": "Ana"}
    nota = digitada(como_bruno, tomador, {"aliquota": "5"}, **reembolsos(BILHETE | quem, BILHETE | chave))
    documento = dps_de(nota)
    primeiro, segundo = documento.findall(".//{*}gReeRepRes/{*}documentos")
    assert [um.text for um in primeiro.iter() if len(um) == 0] == [
        *("B-7", "Bilhete aéreo", "52998224725", "Ana", "2026-10-10", "2026-10-10", "02", "400.00")
    ]
    assert [um.text for um in segundo.iter() if len(um) == 0] == [
        *("3", CTE, "2026-10-10", "2026-10-01", "01", "50.00")
    ]
    assert achados(nota) == {}
    assert (nota.valor_deducoes, nota.valor_iss, nota.valor_liquido) == (Decimal(0), Decimal("27.50"), Decimal(1000))
    assert "R$ 450,00 (2 documentos)" in texto(como_bruno.get(nota.get_absolute_url()))


def test_the_summary_says_what_is_deducted_and_where_it_comes_from(como_bruno, canal, tomador) -> None:  # noqa: F811
    dados = digitar(tomador.empresa, tomador, LINHA | {"aliquota": "5"}, **deducoes(MATERIAL), **reembolsos(BILHETE))
    resumo = como_bruno.post(CALCULAR, dados, headers=HTMX)
    assert resumo.context["resumo"].totais.iss == Decimal("15.00")
    assert "Deduções<small>1 documento</small>" in texto(resumo)
    assert "−400,00" in texto(resumo)
    percentual = digitar(tomador.empresa, tomador, LINHA, deducao_percentual="10")
    assert "<small>10% do valor</small>" in texto(como_bruno.post(CALCULAR, percentual, headers=HTMX))


# -- what is wrong -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dados", "onde", "dito"),
    [
        (deducoes(MATERIAL, MATERIAL | {"dedutivel": ""}), "deducoes.1.dedutivel", "deixa deduzir"),
        (deducoes(MATERIAL | {"tipo": ""}), "deducoes.0.tipo", "Escolha na lista"),
        (deducoes(MATERIAL | {"documento": NFE[:-1] + "0"}), "deducoes.0.documento", "E0460"),
        (deducoes(MATERIAL | {"deduzido": "300,01"}), "deducoes.0.deduzido", "E0474"),
        (deducoes(MATERIAL | {"tipo": "99"}), "deducoes.0.descricao", "E0468"),
        (deducoes(MATERIAL | LOJA | {"fornecedor_documento": "1"}), "deducoes.0.fornecedor_documento", "14"),
        (deducoes(MATERIAL | {"fornecedor_nome": "Loja"}), "deducoes.0.fornecedor_documento", "Falta o documento"),
        (
            deducoes(MATERIAL | {"fornecedor_documento": cnpj_valido(9), "fornecedor_nome": "L"}),
            *("deducoes.0.fornecedor_cep", "E0492"),
        ),
        (deducoes(MATERIAL | {"forma": "nfse_municipal", "municipio": "9"}), "deducoes.0.municipio", "não encontrado"),
        (reembolsos(BILHETE | {"forma": "fiscal", "municipio": RECIFE}), "reembolsos.0.forma", "E0942"),
        (reembolsos(BILHETE | {"valor": "1.000,00"}), "reembolsos_colar", "E1534"),
        (lista("reembolsos", BILHETE), "reembolsos_colar", "vão com o IBS"),
        (deducoes(*[MATERIAL] * 4), "deducoes_colar", "E0427"),
    ],
)
def test_each_fault_stands_at_its_row(
    como_bruno: Client,
    canal: CanalNfse,  # noqa: F811
    tomador: Tomador,  # noqa: F811
    dados: dict[str, str],
    onde: str,
    dito: str,
) -> None:
    resposta = como_bruno.post(NOVA, digitar(tomador.empresa, tomador, LINHA | {"acao": ""}, **dados, acao="conferir"))
    edicao = resposta.context["edicao"]
    nome, _, resto = onde.partition(".")
    numero, _, campo = resto.partition(".")
    form = edicao.listas[nome].linhas.usadas[int(numero)] if numero else edicao.form
    assert dito in form.errors[campo or nome][0]
    assert resposta.status_code == 422
    assert form[campo or nome].id_for_label + '">' in texto(resposta)  # the summary leads to it


def test_no_correction_of_the_note_is_offered_for_a_fault_of_a_paper() -> None:
    assert sugeridos("nacional-deducoes.data", "deducoes.0.emissao") == []
    assert [campo.nome for campo in sugeridos("emissao-futura", "emissao")] == ["emissao"]


def test_one_way_of_deducting_alone(canal, ana) -> None:  # noqa: F811
    papel = PapelDeDeducao("outro", "9", tipo="2", emissao=date(2026, 10, 1), dedutivel=Decimal(9), deduzido=Decimal(9))
    assert (
        "um só modo" in achados(com(canal, ana, deducoes=(papel,), deducao_percentual=Decimal(5)))["deducao_percentual"]
    )
    item = {"deducao": Decimal(5)}
    assert "um só modo" in achados(com(canal, ana, deducoes=(papel,), item=item))["itens.0.deducao"]


# -- rows and pasted lists ---------------------------------------------------------------------------------------------


def rever(cliente: Client, quem: Tomador, acao: str, **dados: str) -> Any:
    resposta = cliente.post(CALCULAR, digitar(quem.empresa, quem, LINHA, **dados, acao=acao), headers=HTMX)
    assert resposta.status_code == 200
    return resposta


def test_rows_come_and_go_with_nothing_lost(como_bruno, canal, tomador) -> None:  # noqa: F811
    ilegivel = {"forma": "outro", "documento": "77", "dedutivel": "abc"}
    resposta = rever(como_bruno, tomador, "deducoes-incluir", **deducoes(MATERIAL, ilegivel), observacao="Fica")
    linhas = resposta.context["edicao"].listas["deducoes"].linhas
    assert [um["documento"].value() for um in linhas] == [NFE, "77", None]
    assert linhas.forms[1]["dedutivel"].value() == "abc"
    assert resposta.context["edicao"].form["observacao"].value() == "Fica"
    assert "data-focar" in texto(resposta)
    resposta = rever(como_bruno, tomador, "deducoes-tirar-0", **deducoes(MATERIAL, ilegivel), **reembolsos(BILHETE))
    listas = resposta.context["edicao"].listas
    assert [um["documento"].value() for um in listas["deducoes"].linhas] == ["77"]
    assert [um["documento"].value() for um in listas["reembolsos"].linhas] == ["B-7"]


def test_the_way_to_name_a_paper_shows_its_fields(como_bruno, canal, tomador) -> None:  # noqa: F811
    pagina = texto(rever(como_bruno, tomador, "mudar", **deducoes(MATERIAL | {"forma": "em_papel"})))
    assert 'name="deducoes-0-modelo"' in pagina
    assert 'name="deducoes-0-verificacao"' not in pagina
    assert 'name="deducoes-0-descricao"' not in pagina
    assert 'name="deducoes-0-descricao"' in texto(rever(como_bruno, tomador, "mudar", **deducoes({"tipo": "99"})))


COLADA = (
    "tipo de documento\tchave ou número\ttipo\tdata\tdedutível\tdeduzido\tmunicípio da nota\tcódigo de verificação\n"
    f"\t{NFE}\tMateriais\t10/10/2026\t1.300,00\t100,00\t\t\n"
    "NFS-e só do município\t19\t08 - Subempreitada\t10/10/2026\t50\t\tRecife/PE\tAB1\n"
)


def test_a_pasted_list_becomes_rows(como_bruno, canal, tomador) -> None:  # noqa: F811
    resposta = rever(como_bruno, tomador, "deducoes-colar", deducoes_colar=COLADA, **deducoes({"forma": "nfe"}))
    crus = [
        {n: um[n].value() for n in um.fields if um[n].value()}
        for um in resposta.context["edicao"].listas["deducoes"].linhas
    ]
    comum = {"tipo": "2", "emissao": "10/10/2026"}
    assert crus == [
        {"forma": "nfe", "documento": NFE, "dedutivel": "1.300,00", "deduzido": "100,00"} | comum,
        {"forma": "nfse_municipal", "documento": "19", "dedutivel": "50", "municipio": RECIFE, "verificacao": "AB1"}
        | comum
        | {"tipo": "8"},
    ]
    assert not resposta.context["edicao"].form["deducoes_colar"].value()


def test_a_pasted_list_counts_as_it_stands(como_bruno, canal, tomador) -> None:  # noqa: F811
    nota = digitada(como_bruno, tomador, deducoes_colar=COLADA)
    assert [papel.deduzido for papel in Detalhes.do_json(nota.detalhes).deducoes] == [100, 50]
    assert nota.valor_deducoes == 150


@pytest.mark.parametrize(
    ("colada", "dito"),
    [
        ("a\tb\n1\t2\n", "chave ou número"),
        (COLADA.replace("1.300,00", "mil"), "Linha 2: Valor dedutível"),
        (COLADA.replace("Materiais", "Pregos"), "Linha 2: “Pregos” não é tipo que se conheça. Use um destes: 1 - Alim"),
        (COLADA.replace("NFS-e só do", "recibo do"), "Linha 3: “recibo do município” não é tipo de documento"),
        (COLADA.replace("Recife/PE", "Atlântida/PE"), "Linha 3: Município da nota: Município não encontrado"),
        (COLADA.replace("100,00", "1.300,01"), "Linha 2: O deduzido passa"),
    ],
)
def test_what_is_wrong_with_a_pasted_list_is_told_by_line(
    como_bruno: Client,
    canal: CanalNfse,  # noqa: F811
    tomador: Tomador,  # noqa: F811
    colada: str,
    dito: str,
) -> None:
    resposta = como_bruno.post(NOVA, digitar(tomador.empresa, tomador, LINHA, deducoes_colar=colada, acao="conferir"))
    assert any(dito in erro for erro in resposta.context["edicao"].form.errors["deducoes_colar"])
    assert resposta.context["edicao"].form["deducoes_colar"].value() == colada


@pytest.mark.parametrize(
    ("colada", "dito"),
    [
        (COLADA.partition("\n")[2], "Cole também a linha dos títulos"),
        (COLADA.replace("NFS-e só do município", "foo"), "“foo” não é tipo de documento que se conheça. Use um destes"),
    ],
)
def test_what_does_not_become_rows_stays_and_says_why(como_bruno, canal, tomador, colada, dito) -> None:  # noqa: F811
    resposta = rever(como_bruno, tomador, "deducoes-colar", deducoes_colar=colada)
    assert dito in texto(resposta)
    assert "parta do modelo" not in texto(resposta)
    edicao = resposta.context["edicao"]
    assert edicao.form["deducoes_colar"].value() == colada
    assert not edicao.listas["deducoes"].linhas.forms


def test_the_summary_of_errors_says_of_which_row_each_is(como_bruno, canal, tomador) -> None:  # noqa: F811
    dados = deducoes(MATERIAL, MATERIAL | {"forma": ""})
    resposta = como_bruno.post(NOVA, digitar(tomador.empresa, tomador, LINHA, acao="conferir", **dados))
    assert ">Documento (dedução 2)</a>" in texto(resposta)


def test_a_list_beyond_the_screen_stays_in_the_text(como_bruno, canal, tomador) -> None:  # noqa: F811
    cabeca, linha, _ = COLADA.splitlines()
    muitas = "\n".join([cabeca, *[linha.replace("100,00", "1,00")] * 101])
    ficou = rever(como_bruno, tomador, "deducoes-colar", deducoes_colar=muitas).context["edicao"]
    assert len(ficou.listas["deducoes"].linhas.forms) == 0
    nota = digitada(como_bruno, tomador, deducoes_colar=muitas)
    assert nota.valor_deducoes == 101
    aberta = como_bruno.get(reverse("nfse:editar", args=[nota.pk])).context["edicao"]
    assert aberta.listas["deducoes"].quantos == 101
    assert reenviados(aberta) == nota.detalhes
    assert "e mais 91 na nota" in texto(como_bruno.get(nota.get_absolute_url()))


# -- kept --------------------------------------------------------------------------------------------------------------


def test_what_was_stored_comes_back_to_the_rows(como_bruno, canal, tomador) -> None:  # noqa: F811
    nota = digitada(como_bruno, tomador, **deducoes(MATERIAL | LOJA), **reembolsos(BILHETE))
    edicao = como_bruno.get(reverse("nfse:editar", args=[nota.pk])).context["edicao"]
    assert edicao.abre_papeis
    assert reenviados(edicao) == nota.detalhes
    vazia = como_bruno.post(
        reverse("nfse:editar", args=[nota.pk]),
        digitar(tomador.empresa, tomador, LINHA, nota=str(nota.pk), versao=str(nota.versao), **deducoes()),
    )
    assert vazia.status_code == 302
    nota.refresh_from_db()
    assert (dict(nota.detalhes), nota.valor_deducoes) == ({}, Decimal(0))


def test_a_copy_leaves_the_papers_with_the_note_that_used_them(como_bruno, canal, tomador) -> None:  # noqa: F811
    nota = digitada(como_bruno, tomador, **deducoes(MATERIAL), **reembolsos(BILHETE), beneficio_numero="2" * 14)
    pagina = como_bruno.get(f"{NOVA}?copia={nota.pk}")
    assert reenviados(pagina.context["edicao"]) == {"beneficio_numero": "2" * 14}
    assert "são da nota copiada" in texto(pagina)


MAIOR = "999.999.999.999,99"


@pytest.mark.parametrize(
    ("linhas", "demais"),
    [
        ([LINHA], deducoes(MATERIAL | {"dedutivel": MAIOR}, BILHETE | {"tipo": "2", "dedutivel": "1,00"})),
        ([LINHA | {"deducao": MAIOR, "valor_unitario": MAIOR}], {"deducao_percentual": "1"}),
        ([LINHA | {"valor_unitario": MAIOR}] * 2, {}),
    ],
    ids=["papeis", "percentual", "itens"],
)
def test_what_no_note_can_hold_is_refused_with_nothing_lost(
    linhas: list[dict[str, str]],
    demais: dict[str, Any],
    como_bruno: Client,
    canal: CanalNfse,  # noqa: F811
    tomador: Tomador,  # noqa: F811
) -> None:
    resposta = como_bruno.post(NOVA, digitar(tomador.empresa, tomador, *linhas, **demais))
    assert resposta.status_code == 422
    assert "passam do que cabe" in texto(resposta)
    assert MAIOR in texto(resposta)


def test_more_rows_than_the_screen_bears_are_refused_and_not_cut(como_bruno, canal, tomador) -> None:  # noqa: F811
    demais = deducoes(*[MATERIAL | {"dedutivel": "1,00", "tipo": "2"}] * 101)
    resposta = como_bruno.post(NOVA, digitar(tomador.empresa, tomador, LINHA, **demais))
    assert resposta.status_code == 422
    assert "mais de 100 linhas" in texto(resposta)


def test_a_replacement_has_the_papers_of_the_replaced(como_bruno, canal, tomador, ana, monkeypatch) -> None:  # noqa: F811
    monkeypatch.setattr("nfse.services.validacao.impedimento_de", lambda canal: "")
    nota = autorizar(digitada(como_bruno, tomador, **deducoes(MATERIAL)), ana)
    nova = substituir(nota, "99", "O valor saiu errado na nota", ana)
    assert (nova.detalhes, nova.valor_deducoes) == (nota.detalhes, Decimal(300))


def test_a_pedido_of_an_older_release_has_no_papers(canal, ana) -> None:  # noqa: F811
    assert Detalhes.do_json({"imunidade": "3"}).deducoes == ()
    papel = PapelReembolsado("outro", "9", valor=Decimal("1.50"), emissao=date(2026, 10, 1))
    assert Detalhes.do_json(Detalhes(reembolsos=(papel,)).para_json()).reembolsos == (papel,)


def test_typing_costs_the_same_whatever_the_papers(
    como_bruno: Client,
    canal: CanalNfse,  # noqa: F811
    tomador: Tomador,  # noqa: F811
    prestador: Empresa,  # noqa: F811
    django_assert_max_num_queries: Any,
) -> None:
    def pedir(quantos: int) -> None:
        municipal = MATERIAL | {"forma": "nfse_municipal", "municipio": RECIFE, "verificacao": "A1"} | LOJA
        dados = digitar(prestador, tomador, LINHA, **deducoes(*[municipal] * quantos))
        como_bruno.post(CALCULAR, dados, headers=HTMX)

    with django_assert_max_num_queries(60) as poucos:
        pedir(1)
    with django_assert_max_num_queries(len(poucos)):
        pedir(20)
