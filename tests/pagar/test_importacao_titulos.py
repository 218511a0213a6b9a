"""The CSV of titles: what it makes, what it refuses and where, and what it makes only once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comum.models import Usuario
from comum.planilhas import escrever_csv
from empresas.importacao import base
from empresas.models import Empresa, Importacao
from pagar.importacao.colunas_titulos import ACEITA, COLUNAS, EXEMPLOS, ROTULOS
from pagar.models import ContaErp, Fornecedor, Origem, Titulo
from pagar.services import implantacao
from pagar.services.rascunhos import REPETE_OUTRO, regra_de
from sandbox import arrecadacao
from tests.cast import criar_empresa
from tests.pagar import fabricas
from tests.pagar.documentos import receita_federal, regra

pytestmark = pytest.mark.django_db
HOJE = timezone.localdate()
BOA = {
    "empresa": "0012",
    "fornecedor": "95",
    "numero": "4471",
    "emissao": f"{HOJE:%d/%m/%Y}",
    "vencimento": f"{HOJE + timedelta(days=30):%d/%m/%Y}",
    "valor": "1.000,00",
}


@pytest.fixture
def conta() -> ContaErp:
    feita = fabricas.conta()
    regra(feita, Origem.NOTA, forma_pagamento="BOL")
    return feita


@pytest.fixture
def fornecedor(conta: ContaErp) -> Fornecedor:
    return fabricas.fornecedor(conta, codigo=95)


@pytest.fixture
def empresa(carteira: Any) -> Empresa:
    return criar_empresa(12, carteira=carteira)


def conferir(usuario: Usuario, *linhas: dict[str, str], nome: str = "titulos.csv") -> Importacao:
    nomes = list(ROTULOS)
    conteudo = b"".join(
        escrever_csv([ROTULOS[n] for n in nomes], ([linha.get(n, "") for n in nomes] for linha in linhas))
    )
    importacao = base.receber(
        tipo="titulos", usuario=usuario, nome_arquivo=nome, conteudo=conteudo, parametros={}, agendar=False
    )
    base.conferir(importacao.pk)
    importacao.refresh_from_db()
    return importacao


def importar(importacao: Importacao) -> Importacao:
    base.pedir_importar(importacao, agendar=False)
    base.importar(importacao.pk)
    importacao.refresh_from_db()
    assert importacao.situacao == Importacao.Situacao.IMPORTADA, importacao.mensagem
    return importacao


def test_lines_become_drafts_ready_to_go(fornecedor: Fornecedor, empresa: Empresa, bruno: Usuario) -> None:
    codigo = arrecadacao.codigo_barras(Decimal(1000), HOJE, "07202632500000001", arrecadacao.ORGAO_SIMPLES)
    digitada = arrecadacao.linha_digitavel(codigo)
    linha = BOA | {"codigo_barras": digitada, "competencia": "10/2026"}
    conferida = conferir(bruno, linha)
    assert conferida.recusas == []
    feita = importar(conferida)
    titulo = Titulo.objects.get()
    assert (titulo.empresa, titulo.fornecedor, titulo.valor, titulo.parcela) == (
        empresa,
        fornecedor,
        Decimal(1000),
        "1",
    )
    assert (titulo.especie, titulo.corpo["forma_pagamento"], titulo.competencia.month) == ("DP", "BOL", 10)
    assert (titulo.barras, titulo.codigo_barras) == (Titulo.Barras.PENDENTE, codigo)
    assert implantacao.problemas(titulo) == []
    proxima = base.importador_de("titulos").depois(feita)
    assert proxima is not None
    assert str(feita.pk) in proxima[1]


def test_a_slip_is_paid_by_one_line_and_by_one_title(fornecedor: Fornecedor, empresa: Empresa, bruno: Usuario) -> None:
    codigo = arrecadacao.codigo_barras(Decimal(1000), HOJE, "07202632500000001", arrecadacao.ORGAO_SIMPLES)
    boas = [BOA | {"numero": numero, "codigo_barras": codigo} for numero in ("88", "89")]
    na_linha = conferir(bruno, *boas)
    assert [(recusa[0], recusa[1]) for recusa in na_linha.recusas] == [(3, "código de barras")]
    assert "já está na linha 2" in na_linha.recusas[0][3]
    importar(conferir(bruno, boas[0]))
    (no_titulo,) = conferir(bruno, boas[1]).recusas
    assert "já está no título" in no_titulo[3]


def test_lines_of_one_key_are_one_title_split(fornecedor: Fornecedor, empresa: Empresa, bruno: Usuario) -> None:
    outra = {"conta": "11031601", "valor_rateio": "400,00"}
    importacao = conferir(bruno, BOA | {"valor_rateio": "600,00"}, BOA | outra)
    assert importacao.resultado["avisos"] == ["As 2 linhas novas são 1 título: há rateios em mais de uma linha."]
    importar(importacao)
    rateio = Titulo.objects.get().corpo["rateio"]
    assert [(linha["conta"], linha["valor"]) for linha in rateio] == [("21010606", "600.00"), ("11031601", "400.00")]


@pytest.mark.parametrize(
    ("linhas", "coluna", "dito"),
    [
        ([{"valor_rateio": "600,00"}, {"valor_rateio": "399,99"}], "valor do rateio", "Faltam R$ 0,01"),
        ([{"vencimento": f"{HOJE - timedelta(days=1):%d/%m/%Y}"}], "vencimento", "anterior"),
        ([{"numero": "12345678901234567"}], "número", "17 caracteres, e o limite é 16"),
        ([{"fornecedor": "96"}], "fornecedor", "Não há fornecedor ativo"),
        ([{"valor": "0"}], "valor", "maior que zero"),
        ([{"valor": "-1,00"}], "valor", "negativo"),
        ([{"valor": "1,005"}], "valor", "casas"),
        ([{"vencimento": ""}], "vencimento", "Falta"),
        ([{"codigo_barras": "123"}], "código de barras", "3 números"),
        ([{}, {}], "número", "já está na linha 2"),
        ([{"parcela": "1"}, {"especie": "dp"}], "número", "já está na linha 2"),
        ([{}, {"empresa": "0013"}], "empresa", "já está na linha 2, de outra empresa"),
        ([{"titulo_no_banco": "123456789012345678901"}], "número do documento", "21 caracteres, e o limite é 20"),
        ([{"especie": "AN"}], "espécie", "AN é a espécie das antecipações"),
        ([{"valor_rateio": "1,00"}, {"valor_rateio": "999,00", "valor": "999,00"}], "valor", "Diferente da linha 2"),
        ([{"empresa": ""}], "empresa", "Falta a empresa"),
        ([{"plano_centro_custo": "CC"}], "centro de custo", "juntos"),
        ([{"desconto": "10,00"}], "data limite do desconto", "desconto"),
    ],
)
def test_a_bad_line_says_what_and_where(
    linhas: list[dict[str, str]], coluna: str, dito: str, fornecedor: Fornecedor, empresa: Empresa, bruno: Usuario
) -> None:
    criar_empresa(13, carteira=empresa.carteira)
    importacao = conferir(bruno, *(BOA | linha for linha in linhas))
    ditas = [(recusa[1], recusa[3]) for recusa in importacao.recusas]
    assert any(onde == coluna and dito in motivo for onde, motivo in ditas), ditas
    assert importacao.resultado["novas"] == 0


def test_a_line_is_written_as_the_form_would(conta: ContaErp, empresa: Empresa, bruno: Usuario) -> None:
    regra(conta, Origem.DAS, forma_pagamento="TRB")
    receita = receita_federal(conta)
    importar(conferir(bruno, BOA | {"fornecedor": str(receita.codigo)}))
    titulo = Titulo.objects.get()
    assert (titulo.especie, titulo.corpo["forma_pagamento"]) == ("IM", "TRB")
    assert regra_de(receita) == conta.regras.get(origem=Origem.DAS)


def test_what_exists_is_not_made_again(fornecedor: Fornecedor, empresa: Empresa, bruno: Usuario) -> None:
    importar(conferir(bruno, BOA | {"referencia": "2026-1"}))
    de_novo = conferir(bruno, BOA | {"referencia": "2026-1"}, nome="de novo.csv")
    assert (de_novo.resultado["iguais"], de_novo.resultado["novas"]) == (1, 0)
    outra = conferir(bruno, BOA | {"referencia": "2026-2"}, BOA | {"referencia": "2026-1", "numero": "9"})
    assert [(r[0], r[1]) for r in outra.recusas] == [(2, "número"), (3, "referência")]
    assert Titulo.objects.count() == 1


def test_the_key_of_a_title_of_another_carteira_is_refused_without_telling_of_it(
    fornecedor: Fornecedor, empresa: Empresa, outra_carteira: Any, bruno: Usuario
) -> None:
    importar(conferir(bruno, BOA))
    Titulo.objects.update(empresa=criar_empresa(13, carteira=outra_carteira))
    (recusa,) = conferir(bruno, BOA, nome="de novo.csv").recusas
    assert recusa[3] == REPETE_OUTRO


def test_only_ones_own_empresas(fornecedor: Fornecedor, empresa: Empresa, davi: Usuario) -> None:
    assert "fora das suas carteiras" in conferir(davi, BOA).recusas[0][3]


def test_the_cost_does_not_grow_with_the_lines(
    fornecedor: Fornecedor, empresa: Empresa, bruno: Usuario, django_assert_max_num_queries: Any
) -> None:
    linhas = [BOA | {"numero": str(n)} for n in range(1, 60)]
    with CaptureQueriesContext(connection) as poucas:
        importar(conferir(bruno, BOA | {"numero": "9999"}))
    with django_assert_max_num_queries(len(poucas)):
        importar(conferir(bruno, *linhas))
    assert Titulo.objects.count() == 60


def test_the_example_file_is_good(conta: ContaErp, carteira: Any, bruno: Usuario) -> None:
    assert set(ACEITA) == {coluna.nome for coluna in COLUNAS}
    criar_empresa(12, carteira=carteira)
    fabricas.fornecedor(conta, codigo=95)
    fabricas.fornecedor(conta, documento="12ABC34501DE35")
    feita = conferir(bruno, *EXEMPLOS)
    assert (feita.recusas, feita.resultado["novas"]) == ([], 3)


def test_the_page_sends_a_file(cliente: Client) -> None:
    pagina = cliente.get("/pagar/titulos/importar/").content.decode()
    assert "valor do rateio" in pagina
    assert cliente.get("/pagar/titulos/importar/modelo/").content.decode("utf-8-sig").startswith('"referência"')
