"""The CSV of notas: what is refused and why, what waits for a register, what is written, and never twice."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
import time_machine

from comum.models import Auditoria
from empresas.models import Empresa, Importacao
from nfse.models import CanalNfse, EventoNota, Nota, NotaItem, ReferenciaCanal, RegraCanal, Tomador
from nfse.services.notas import abandonar
from operacoes.models import Operacao
from tests.cast import cnpj_valido, criar_empresa
from tests.nfse.apoio_lote import (
    CONTABIL,
    HOJE,
    OUTUBRO,
    RECIFE,
    conferir,
    empresa_no_integranotas,
    empresa_no_sisgenfe,
    importar,
)
from tests.nfse.fabrica import criar_servico, criar_tomador

pytestmark = pytest.mark.django_db
NOVO = cnpj_valido(60)
COLUNAS = (
    "referência;empresa;CPF ou CNPJ do tomador;serviço;item LC 116;CNAE;descrição;competência;data de emissão;"
    "quantidade;valor unitário;alíquota;dedução;ISS retido;PIS;local da prestação;observação\n"
)
PADRAO = {
    "referencia": "R-1",
    "empresa": "0001",
    "tomador": cnpj_valido(50),
    "servico": "HON",
    "item": "",
    "cnae": "",
    "descricao": "",
    "competencia": "10/2026",
    "emissao": "20/10/2026",
    "quantidade": "",
    "valor": "1.500,00",
    "aliquota": "",
    "deducao": "",
    "retido": "",
    "pis": "",
    "local": "",
    "observacao": "",
}


@pytest.fixture(autouse=True)
def hoje() -> Iterator[None]:
    with time_machine.travel(HOJE, tick=False):
        yield


@pytest.fixture
def empresa(carteira) -> Empresa:
    """Of Bruno's carteira, at SISGENF-e, with a tomador and a serviço."""
    empresa = empresa_no_sisgenfe(1, carteira)
    criar_tomador(empresa)
    criar_servico(empresa, atividade=CONTABIL, cnae_id="6920601")
    return empresa


def linha(**celulas: str) -> str:
    return ";".join((PADRAO | celulas).values()) + "\n"


def motivos(importacao: Importacao) -> list[tuple[int, str, str]]:
    return [(numero, coluna, motivo) for numero, coluna, _, motivo, *_ in importacao.recusas]


# -- what is written --------------------------------------------------------------------------------------------------


def test_a_line_becomes_a_draft_as_its_serviço_makes_it(bruno, empresa) -> None:
    importar(conferir(bruno, COLUNAS + linha()))
    nota = Nota.objects.get()
    assert (nota.situacao, nota.referencia, nota.competencia) == (Nota.Situacao.RASCUNHO, "R-1", OUTUBRO)
    assert (nota.emissao, nota.valor_servicos) == (date(2026, 10, 20), Decimal("1500.00"))
    item = nota.itens.get()
    assert item.descricao == "Honorários contábeis de outubro de 2026"
    assert (item.item_lc116_id, item.atividade) == ("17.19", CONTABIL)


def test_checking_writes_nothing_and_importing_sends_nothing(bruno, empresa) -> None:
    conferida = conferir(bruno, COLUNAS + linha())
    assert not Nota.objects.exists()
    importar(conferida)
    assert Nota.objects.get().eventos.get().tipo == EventoNota.Tipo.CRIADA
    assert not Operacao.objects.exists()


def test_what_a_town_asks_for_comes_of_the_serviço_and_what_lacks_waits_in_the_draft(bruno, carteira) -> None:
    empresa = empresa_no_integranotas(2, carteira)
    criar_tomador(empresa)
    criar_servico(empresa, aliquota_iss=Decimal(2), exigibilidade="exigivel", exige_obra=True)
    conferida = conferir(bruno, COLUNAS + linha(empresa="0002"))
    assert [(motivo[:19], peso) for _, _, _, motivo, peso in conferida.recusas] == [("O serviço é de obra", "aviso")]
    importar(conferida)
    assert Nota.objects.get().exigibilidade == "exigivel"


def test_what_the_line_says_prevails_over_the_serviço(bruno, empresa) -> None:
    texto = linha(
        descricao="Balanço de {ANO}", quantidade="2,5", aliquota="2", retido="S", pis="9,75", local="Recife/PE"
    )
    importar(conferir(bruno, COLUNAS + texto))
    nota, item = Nota.objects.get(), NotaItem.objects.get()
    assert (item.descricao, item.quantidade, item.valor) == ("Balanço de 2026", Decimal("2.5"), Decimal("3750.00"))
    assert (item.aliquota, item.iss, item.pis) == (Decimal(2), Decimal("75.00"), Decimal("9.75"))
    assert (nota.iss_retido, nota.municipio_prestacao_id) == (True, RECIFE)
    assert nota.valor_liquido == Decimal("3750.00") - Decimal("75.00") - Decimal("9.75")


def test_without_a_serviço_the_only_atividade_of_the_item_is_taken(bruno, empresa) -> None:
    importar(conferir(bruno, COLUNAS + linha(servico="", item="17.19", descricao="Contabilidade de {MES}")))
    item = NotaItem.objects.get()
    assert (item.atividade, item.descricao) == (CONTABIL, "Contabilidade de outubro")


def test_the_cnae_chooses_atividade_and_item(bruno, empresa) -> None:
    importar(conferir(bruno, COLUNAS + linha(servico="", cnae="8599-6/04", descricao="Curso")))
    item = NotaItem.objects.get()
    assert (item.atividade, item.item_lc116_id, item.cnae) == (79, "8.02", "8599604")


def test_blank_emission_is_today_and_blank_price_is_the_serviços(bruno, empresa) -> None:
    importar(conferir(bruno, COLUNAS + linha(emissao="", valor="")))
    nota = Nota.objects.get()
    assert (nota.emissao, nota.valor_servicos) == (date(2026, 11, 21), Decimal("500.00"))


def test_the_context_gives_the_empresa_of_lines_without_one(bruno, empresa) -> None:
    conferida = conferir(bruno, COLUNAS + linha(empresa=""), empresa=empresa.pk)
    assert importar(conferida).resultado["novas"] == 1


def test_an_import_leaves_one_audit_row_that_names_the_notes(bruno, empresa) -> None:
    feita = importar(conferir(bruno, COLUNAS + linha() + linha(referencia="R-2")))
    registro = Auditoria.objects.get(acao="notas.importar")
    assert registro.dados["novas"] == 2
    assert sorted(feita.resultado["extras"]["notas"]) == sorted(Nota.objects.values_list("pk", flat=True))


TOMADOR = ";nome do tomador;CEP;logradouro;número;bairro;município;UF;e-mail do tomador"
DESCRITO = ";Padaria Nova Ltda;53020-140;Rua do Sol;120;Carmo;Olinda;PE;contato@padaria.com.br"


def com_tomador(*linhas: str, descricao: str = DESCRITO) -> str:
    """Lines whose tomador is described by columns of their own."""
    return COLUNAS.rstrip("\n") + TOMADOR + "\n" + "".join(f"{uma.rstrip()}{descricao}\n" for uma in linhas)


def test_a_tomador_that_is_not_there_is_made_once_from_its_columns(bruno, empresa) -> None:
    texto = com_tomador(linha(tomador=NOVO), linha(tomador=NOVO, referencia="R-2"))
    conferida = conferir(bruno, texto)
    assert "1 tomador novo será cadastrado." in conferida.resultado["avisos"]
    importar(conferida)
    tomador = Tomador.objects.get(documento=NOVO)
    assert (tomador.nome, tomador.municipio_id, tomador.cep) == ("Padaria Nova Ltda", "2609600", "53020140")
    assert tomador.notas.count() == 2


def test_a_tomador_that_is_there_stays_as_it_is(bruno, empresa) -> None:
    importar(conferir(bruno, com_tomador(linha(), descricao=DESCRITO.replace("53020-140", "cep ruim"))))
    assert Tomador.objects.get().nome == "Tomador Inventado 0050"


def test_lines_refused_for_something_else_make_no_tomador(bruno, empresa) -> None:
    texto = com_tomador(linha(tomador=NOVO, valor="1,234"), linha(referencia="R-2"))
    importar(conferir(bruno, texto))
    assert not Tomador.objects.filter(documento=NOVO).exists()


# -- what is refused --------------------------------------------------------------------------------------------------

RUINS = [
    ({"valor": "1.500,005"}, "valor unitário", "mais de duas casas decimais"),
    ({"valor": "0,00"}, "valor unitário", "maior que zero"),
    ({"valor": "-5,00"}, "valor unitário", "não pode ser negativo"),
    ({"valor": "1,500.00"}, "valor unitário", "formato americano"),
    ({"emissao": "22/11/2026"}, "data de emissão", "ainda não chegou"),
    ({"emissao": "31/02/2026"}, "data de emissão", "não existe no calendário"),
    ({"competencia": "13/2026"}, "competência", "Não existe o mês"),
    ({"competencia": "12/2026"}, "competência", "é depois da data de emissão"),
    ({"competencia": "01/2031"}, "competência", "fora do período"),
    ({"competencia": ""}, "competência", "Falta a competência"),
    ({"tomador": ""}, "CPF ou CNPJ do tomador", "Falta o CPF ou CNPJ do tomador"),
    ({"tomador": NOVO[:-1] + str(9 - int(NOVO[-1]))}, "CPF ou CNPJ do tomador", "dígito verificador errado"),
    ({"tomador": "12ABC34501DE3X"}, "CPF ou CNPJ do tomador", "são sempre números"),
    ({"tomador": "1,23457E+13"}, "CPF ou CNPJ do tomador", "notação científica"),
    ({"tomador": NOVO}, "CPF ou CNPJ do tomador", "não cadastrado nesta empresa"),
    ({"empresa": "9999"}, "empresa", "não cadastrada, ou fora das suas carteiras"),
    ({"empresa": ""}, "empresa", "Falta a empresa"),
    ({"servico": "NADA"}, "serviço", "não está cadastrado em"),
    ({"servico": "", "descricao": "x"}, "serviço", "Falta o que foi prestado"),
    ({"servico": "", "item": "17.19"}, "descrição", "Falta a descrição"),
    ({"item": "17.99"}, "item LC 116", "Não existe o item 17.99"),
    ({"item": "17.1"}, "item LC 116", "zero do fim"),
    ({"item": "8.02"}, "item LC 116", "é do item 17.19"),
    ({"cnae": "6201-5/01"}, "CNAE", "não é do prestador no SISGENF-e"),
    ({"cnae": "0000-0/00"}, "CNAE", "não há divisão 00"),
    ({"aliquota": "7", "retido": "S"}, "alíquota", "passa do máximo de 5 %"),
    ({"aliquota": "cinco"}, "alíquota", "Percentual fora do formato"),
    ({"quantidade": "1.000"}, "quantidade", "duas leituras"),
    ({"quantidade": "0"}, "quantidade", "A quantidade precisa ser maior que zero"),
    ({"deducao": "2.000,00", "aliquota": "2", "retido": "S"}, "dedução", "passam do valor do item"),
    ({"pis": "2.000,00"}, "PIS", "As retenções"),
    ({"retido": "talvez"}, "ISS retido", "Esperado sim ou não"),
    ({"local": "Olindda/PE"}, "local da prestação", "Seria Olinda/PE?"),
    ({"descricao": "Festa 🎉"}, "descrição", "não aceitam: 🎉"),
    ({"descricao": "a" * 2001}, "descrição", "2.001 caracteres; cabem 2.000"),
    ({"observacao": "b" * 2001}, "observação", "2.001 caracteres; cabem 2.000"),
    ({"descricao": "c" * 10_000}, "descrição", "10000 caracteres; o máximo são 4000"),
    ({"referencia": "x" * 61}, "referência", "61 posições; cabem 60"),
    ({"referencia": "csv:abc:2"}, "referência", "são do Guichê"),
]


@pytest.mark.parametrize(("celulas", "coluna", "motivo"), RUINS, ids=[f"{c}-{m[:20]}" for _, c, m in RUINS])
def test_a_bad_line_is_refused_with_its_number_column_and_reason(bruno, empresa, celulas, coluna, motivo) -> None:
    conferida = conferir(bruno, COLUNAS + linha(referencia="boa") + linha(**celulas))
    assert [(n, c) for n, c, m in motivos(conferida) if motivo in m] == [(3, coluna)], motivos(conferida)
    assert conferida.resultado["novas"] == 1


def test_a_line_with_ten_faults_is_told_all_of_them(bruno, empresa) -> None:
    ruim = linha(
        tomador="123",
        item="99",
        cnae="x",
        descricao="🎉",
        competencia="hoje",
        emissao="amanhã",
        quantidade="muitas",
        valor="1.500,005",
        aliquota="101",
        retido="?",
        local="Atlântida",
    )
    conferida = conferir(bruno, COLUNAS + ruim)
    assert len({coluna for _, coluna, _ in motivos(conferida)}) == 11, motivos(conferida)
    assert conferida.resultado["recusadas"] == 1


def test_nothing_of_a_cell_that_cannot_be_read_is_said_twice(bruno, empresa) -> None:
    conferida = conferir(bruno, COLUNAS + linha(competencia="?") + linha(empresa="9999", referencia="R-2"))
    assert [coluna for _, coluna, _ in motivos(conferida)] == ["competência", "empresa"]


def test_only_the_good_lines_of_a_mixed_file_become_drafts(bruno, empresa) -> None:
    texto = COLUNAS + "".join(linha(referencia=f"R-{n}", valor="x" if n % 3 == 0 else "10,00") for n in range(1, 31))
    feita = importar(conferir(bruno, texto))
    assert (feita.resultado["novas"], feita.resultado["recusadas"]) == (20, 10)
    assert feita.resultado["por_coluna"] == [["valor unitário", 10]]
    assert Nota.objects.count() == 20


@pytest.mark.parametrize(
    ("troca", "coluna", "motivo"),
    [
        (("53020-140", ""), "CEP", "falta CEP. A prefeitura exige o endereço inteiro"),
        (("Padaria Nova Ltda", ""), "nome do tomador", "Falta o nome do tomador"),
        (("53020-140", "5302014"), "CEP", "zero do começo"),
        (("Olinda;PE", "Olindda;PE"), "município", "Seria Olinda/PE?"),
        (("contato@padaria.com.br", "contato"), "e-mail do tomador", "E-mail inválido"),
    ],
)
def test_a_new_tomador_badly_described_refuses_its_line(bruno, empresa, troca, coluna, motivo) -> None:
    conferida = conferir(bruno, com_tomador(linha(tomador=NOVO), descricao=DESCRITO.replace(*troca)))
    assert [(n, c) for n, c, m in motivos(conferida) if motivo in m] == [(2, coluna)], motivos(conferida)


def test_a_bad_description_is_told_of_each_line_that_needs_it(bruno, empresa) -> None:
    descrita = linha(tomador=NOVO).rstrip() + DESCRITO.replace("53020-140", "1") + "\n"
    outra = linha(tomador=NOVO, referencia="R-2").rstrip() + ";" * 8 + "\n"
    conferida = conferir(bruno, COLUNAS.rstrip() + TOMADOR + "\n" + descrita + outra)
    assert [(n, "(o tomador está descrito na linha 2)" in m) for n, _, m in motivos(conferida)] == [
        (2, False),
        (3, True),
    ]


def test_what_is_of_another_carteira_is_not_there(bruno, empresa, outra_carteira) -> None:
    empresa_no_sisgenfe(2, outra_carteira)
    conferida = conferir(bruno, COLUNAS + linha(empresa="0002"))
    assert "fora das suas carteiras" in motivos(conferida)[0][2]


def test_an_inactive_empresa_is_refused(bruno, empresa, carteira) -> None:
    empresa_no_sisgenfe(2, carteira, ativa=False)
    conferida = conferir(bruno, COLUNAS + linha(empresa="0002", servico="", item="17.19", descricao="x"))
    assert any("está inativa" in motivo for _, coluna, motivo in motivos(conferida) if coluna == "empresa")


def test_notes_of_the_simples_are_told_to_go_nationally_since_november(bruno, empresa, carteira) -> None:
    RegraCanal.objects.create(regime="simples", canal="nacional", desde=date(2026, 11, 1))
    simples = criar_empresa(3, carteira=carteira)
    CanalNfse.objects.create(codigo=3, empresa=simples, tipo="integranotas", serie="1", token=b"selado")
    criar_tomador(simples)
    resto = {"empresa": "0003", "servico": "", "item": "17.19", "descricao": "x", "emissao": "20/11/2026"}
    novembro = linha(**resto, competencia="11/2026")
    outubro = linha(**resto, competencia="10/2026", referencia="R-2")
    conferida = conferir(bruno, COLUNAS + novembro + outubro)
    assert [(n, c) for n, c, _ in motivos(conferida)] == [(2, "empresa")]
    assert "NFS-e Nacional" in motivos(conferida)[0][2]


# -- what waits for a register ----------------------------------------------------------------------------------------


def test_a_register_to_complete_is_a_warning_and_the_draft_enters(bruno, empresa) -> None:
    Tomador.objects.update(cep="")
    conferida = conferir(bruno, COLUNAS + linha())
    assert conferida.resultado["novas"] == 1
    ((texto, acao, url),) = conferida.resultado["pendencias"]
    assert "1 nota entra como rascunho e para no pré-voo (linha 2): Falta o endereço completo" in texto
    assert (acao, url.endswith("?endereco=falta")) == ("Abrir os tomadores", True)
    assert conferida.recusas[0][4] == "aviso"


def test_an_empresa_without_a_channel_is_a_warning(bruno, carteira) -> None:
    empresa = criar_empresa(4, carteira=carteira, regime="presumido")
    criar_tomador(empresa)
    conferida = conferir(bruno, COLUNAS + linha(empresa="0004", servico="", item="17.19", descricao="x"))
    assert conferida.resultado["novas"] == 1
    assert "Falta um canal de NFS-e" in conferida.resultado["pendencias"][0][0]


def test_atividades_that_were_never_read_are_a_warning(bruno, empresa) -> None:
    ReferenciaCanal.objects.all().delete()
    conferida = conferir(bruno, COLUNAS + linha(servico="", item="17.19", descricao="x"))
    assert conferida.resultado["novas"] == 1
    assert conferida.resultado["pendencias"][0][1] == "Abrir os canais"


@pytest.mark.parametrize(
    ("celulas", "aviso"),
    [
        ({"valor": "1.234"}, "foi lido em milhares (R$ 1.234,00): confira linha 2."),
        ({"aliquota": "0,05"}, "Alíquota abaixo de 1%: confira linha 2."),
        ({"aliquota": "3"}, "não será usada, porque o município a decide: linha 2."),
    ],
)
def test_what_may_be_a_slip_is_said(bruno, empresa, celulas, aviso) -> None:
    conferida = conferir(bruno, COLUNAS + linha(**celulas))
    assert conferida.resultado["novas"] == 1
    assert any(aviso in dito for dito in conferida.resultado["avisos"])


# -- never twice ------------------------------------------------------------------------------------------------------


def test_the_same_file_again_creates_nothing_and_says_so(bruno, empresa) -> None:
    texto = COLUNAS + linha() + linha(referencia="")
    importar(conferir(bruno, texto))
    conferida = conferir(bruno, texto)
    assert (conferida.resultado["novas"], conferida.resultado["iguais"]) == (0, 2)
    assert "2 notas já foram importadas antes" in conferida.resultado["avisos"][0]


def test_a_corrected_file_without_references_makes_only_the_lines_that_were_refused(bruno, empresa) -> None:
    boa, igual, ruim = linha(referencia=""), linha(referencia="", valor="20,00"), linha(referencia="", valor="x")
    importar(conferir(bruno, COLUNAS + boa + igual + igual + ruim))
    conferida = conferir(bruno, COLUNAS + linha(referencia="", valor="30,00") + igual + igual + boa)
    assert (conferida.resultado["novas"], conferida.resultado["iguais"]) == (1, 3)
    assert "linhas 3, 4 e 5" in conferida.resultado["avisos"][0]


def test_two_equal_lines_are_two_notes_and_it_is_said(bruno, empresa) -> None:
    conferida = conferir(bruno, COLUNAS + linha(referencia="") * 2)
    assert conferida.resultado["novas"] == 2
    assert "As linhas 2 e 3 são iguais e serão 2 notas." in conferida.resultado["avisos"][0]


def test_a_referência_of_another_note_is_refused_naming_it(bruno, empresa) -> None:
    importar(conferir(bruno, COLUNAS + linha()))
    conferida = conferir(bruno, COLUNAS + linha(valor="99,00"))
    assert [coluna for _, coluna, _ in motivos(conferida)] == ["referência"]
    assert "R$ 1.500,00" in motivos(conferida)[0][2]


def test_a_referência_repeated_in_the_file_names_the_first_line(bruno, empresa) -> None:
    conferida = conferir(bruno, COLUNAS + linha() + linha(valor="2,00"))
    assert motivos(conferida)[0][:2] == (3, "referência")
    assert "linha 2" in motivos(conferida)[0][2]


def test_the_referência_of_an_abandoned_note_may_be_used_again(bruno, empresa) -> None:
    importar(conferir(bruno, COLUNAS + linha()))
    abandonar(Nota.objects.get(), bruno)
    assert conferir(bruno, COLUNAS + linha()).resultado["novas"] == 1


def test_the_same_file_checked_twice_is_imported_once(bruno, empresa) -> None:
    primeira, segunda = conferir(bruno, COLUNAS + linha()), conferir(bruno, COLUNAS + linha())
    importar(primeira)
    assert importar(segunda).situacao == Importacao.Situacao.CONFERIDA
    assert Nota.objects.count() == 1


def test_a_price_that_changed_after_the_check_is_shown_again(bruno, empresa) -> None:
    conferida = conferir(bruno, COLUNAS + linha(valor=""))
    empresa.servicos.update(valor=Decimal("650.00"))
    assert importar(conferida).situacao == Importacao.Situacao.CONFERIDA
    assert not Nota.objects.exists()


# -- form and size ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codificacao", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separador", [";", ","])
def test_encodings_and_separators(bruno, empresa, codificacao, separador) -> None:
    texto = (COLUNAS + linha(valor="1500", descricao="Revisão de março")).replace(";", separador)
    importar(conferir(bruno, texto.encode(codificacao)))
    assert NotaItem.objects.get().descricao == "Revisão de março"


def test_two_channels_and_many_lines_cost_a_constant_number_of_queries(
    bruno, empresa, carteira, django_assert_max_num_queries
) -> None:
    for numero in range(2, 8):
        outra = (empresa_no_sisgenfe if numero % 2 else empresa_no_integranotas)(numero, carteira)
        criar_tomador(outra)
        criar_servico(outra, atividade=CONTABIL, cnae_id="6920601")
    texto = COLUNAS + "".join(
        linha(referencia=f"R-{n}", empresa=f"{n % 7 + 1:04d}", valor=f"{n},00") for n in range(1, 301)
    )
    conferida = conferir(bruno, texto)
    assert conferida.resultado["recusadas"] == 0, conferida.recusas[:3]
    with django_assert_max_num_queries(45):
        importar(conferida)
    assert Nota.objects.count() == 300
