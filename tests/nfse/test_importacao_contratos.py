"""Import of contratos: recognised by empresa, tomador, serviço and beginning; each refusal with its reason."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from comum.models import Usuario
from comum.planilhas import escrever_csv
from empresas.importacao import base
from empresas.models import Carteira, Empresa, Importacao
from nfse.listas import CABECALHO_CONTRATOS, contratos_exportados
from nfse.models import Contrato
from tests.cast import cnpj_valido, criar_empresa
from tests.nfse.fabrica import criar_contrato, criar_servico, criar_tomador

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hoje")]

A = cnpj_valido(61)
CABECALHO = "empresa;cnpj;serviço;valor;vigência de;vigência até;dia;mês do reajuste;índice;valor desde"


def enviar(usuario: Usuario, *corpo: str, cabecalho: str = CABECALHO, conteudo: bytes = b"", **pede: Any) -> Importacao:
    texto = conteudo or "\n".join([cabecalho, *corpo]).encode()
    importacao = base.receber(
        tipo="contratos", usuario=usuario, nome_arquivo="c.csv", conteudo=texto, parametros=pede, agendar=False
    )
    base.conferir(importacao.pk)
    importacao.refresh_from_db()
    return importacao


def importar(importacao: Importacao) -> Importacao:
    base.pedir_importar(importacao, agendar=False)
    base.importar(importacao.pk)
    importacao.refresh_from_db()
    return importacao


def contagens(importacao: Importacao) -> list[int]:
    return [importacao.resultado[nome] for nome in ("novas", "alteradas", "iguais", "recusadas")]


@pytest.fixture
def pronta(minha: Empresa) -> Empresa:
    """The empresa with a tomador and a serviço."""
    criar_tomador(minha, 61, nome="Zebra")
    criar_servico(minha)
    return minha


def test_a_new_contrato_has_all_that_its_line_says(ana: Usuario, pronta: Empresa) -> None:
    importar(enviar(ana, f"1;{A};HON;1.250,00;01/03/2024;31/12/2027;5;março;IPCA;01/03/2026"))
    contrato = Contrato.objects.get()
    assert (contrato.valor, contrato.de, contrato.ate, contrato.dia) == (
        Decimal("1250.00"),
        date(2024, 3, 1),
        date(2027, 12, 31),
        5,
    )
    assert (contrato.mes_do_reajuste, contrato.indice, contrato.valor_desde) == (3, "IPCA", date(2026, 3, 1))
    assert (contrato.ordem, contrato.tomador.nome) == ("zebra", "Zebra")


def test_an_export_comes_back_equal(ana: Usuario, pronta: Empresa) -> None:
    criar_contrato(pronta, 61, mes_do_reajuste=3, indice="IPCA", descricao="Mensalidade de {MES}")
    linhas = contratos_exportados(Contrato.objects.all())
    importacao = enviar(ana, conteudo=b"".join(escrever_csv(CABECALHO_CONTRATOS, linhas)))
    assert (contagens(importacao), importacao.recusas) == ([0, 0, 1, 0], [])


def test_a_new_price_from_a_later_date_keeps_the_one_before(ana: Usuario, pronta: Empresa) -> None:
    contrato = criar_contrato(pronta, 61)
    importacao = enviar(ana, f"1;{A};HON;1100;01/01/2026;;;;;01/07/2026")
    assert [a[2:] for a in importacao.previa["alteracoes"]] == [
        ["valor mensal", "1.000,00", "1.100,00"],
        ["valor desde", "01/01/2026", "01/07/2026"],
    ]
    importar(importacao)
    contrato.refresh_from_db()
    assert [contrato.valor_na(date(2026, mes, 1)) for mes in (6, 7)] == [Decimal(1000), Decimal(1100)]
    assert contrato.dia == 5


@pytest.mark.parametrize(
    ("linha", "coluna", "motivo"),
    [
        (f"99;{A};HON;1;01/01/2026;;;;;", "empresa", "Empresa de código 99"),
        (";" + A + ";HON;1;01/01/2026;;;;;", "empresa", "Falta a empresa"),
        ("1;;HON;1;01/01/2026;;;;;", "CNPJ ou CPF", "Falta CNPJ ou CPF"),
        ("1;90.000.061/0001-00;HON;1;01/01/2026;;;;;", "CNPJ ou CPF", "dígito verificador"),
        (f"1;{cnpj_valido(62)};HON;1;01/01/2026;;;;;", "CNPJ ou CPF", "não está cadastrado nesta empresa"),
        (f"1;{A};XYZ;1;01/01/2026;;;;;", "serviço", "Serviço não está cadastrado"),
        (f"1;{A};OLD;1;01/01/2026;;;;;", "serviço", "Serviço está inativo"),
        (f"1;{A};HON;;01/01/2026;;;;;", "valor mensal", "Falta valor mensal"),
        (f"1;{A};HON;0;01/01/2026;;;;;", "valor mensal", "não pode ser zero"),
        (f"1;{A};HON;1;31/02/2026;;;;;", "vigência de", "não existe no calendário"),
        (f"1;{A};HON;1;01/01/2026;31/12/2025;;;;", "vigência até", "Termina antes de começar"),
        (f"1;{A};HON;1;01/01/2026;;32;;;", "dia", "de 1 a 31"),
        (f"1;{A};HON;1;01/01/2026;;;treze;;", "mês do reajuste", "Mês de 1 a 12"),
        (f"1;{A};HON;1;01/01/2026;;;;IPCA;", "mês do reajuste", "Escolha o mês"),
    ],
)
def test_each_kind_of_error_has_its_column_and_reason(
    ana: Usuario, pronta: Empresa, linha: str, coluna: str, motivo: str
) -> None:
    criar_servico(pronta, "OLD", ativo=False)
    ((numero, onde, _, porque),) = enviar(ana, linha).recusas
    assert (numero, onde) == (2, coluna)
    assert motivo in porque


def test_the_same_contrato_twice_keeps_the_first_line(ana: Usuario, pronta: Empresa) -> None:
    importacao = enviar(ana, *[f"1;{A};HON;{valor};01/01/2026;;;;;" for valor in (1, 2)])
    assert contagens(importacao) == [1, 0, 0, 1]
    assert "é o contrato da linha 2" in importacao.recusas[0][3]


def test_two_stored_alike_are_not_guessed(ana: Usuario, pronta: Empresa) -> None:
    criar_contrato(pronta, 61)
    criar_contrato(pronta, 61)
    assert "mais de um contrato" in enviar(ana, f"1;{A};HON;5;01/01/2026;;;;;").recusas[0][3]


def test_an_operador_reaches_only_the_empresas_of_their_carteiras(
    bruno: Usuario, pronta: Empresa, alheia: Empresa
) -> None:
    criar_tomador(alheia, 61)
    criar_servico(alheia)
    importacao = enviar(bruno, f"0002;{A};HON;1;01/01/2026;;;;;", f"0001;{A};HON;1;01/01/2026;;;;;")
    assert contagens(importacao) == [1, 0, 0, 1]


def test_the_page_and_its_template(como_bruno: Client, bruno: Usuario, carteira: Carteira) -> None:
    empresa = criar_empresa(12, carteira=carteira)
    criar_tomador(empresa, documento="12ABC34501DE35")
    criar_servico(empresa)
    modelo = como_bruno.get(reverse("nfse:contratos_modelo"))
    assert contagens(enviar(bruno, conteudo=modelo.content)) == [1, 0, 0, 0]
    arquivo = SimpleUploadedFile("c.csv", modelo.content)
    como_bruno.post(reverse("nfse:contratos_importar"), {"arquivo": arquivo, "empresa": ""})
    assert Importacao.objects.latest("criada_em").tipo == "contratos"
