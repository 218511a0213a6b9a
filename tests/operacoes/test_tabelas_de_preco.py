"""Prices as dated data: what a table must have, and that no table touches a period that is closed."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comum.models import Auditoria, Usuario
from empresas.importacao import base
from empresas.models import Importacao
from operacoes import custos
from operacoes.custos.precos import Faixa, Precos, periodo, problemas_das_faixas
from operacoes.models import FaixaPreco, TabelaPreco
from tests.operacoes.apoio import ACESSO, Servico

pytestmark = pytest.mark.django_db

INICIO, FIM = periodo(timezone.localdate())
CABECALHO = "vigente desde;classe;até (chamadas);preço (R$)\n"


def linhas(desde: date, **troca: str) -> str:
    boas = {"c1": "300;0,25", "c2": ";0,22", "e1": "500;0,3351", "e2": ";0,30", "d1": "100;0,42", "d2": ";0,37"}
    nomes = {"c": "Consulta", "e": "emissao", "d": "Declaração"}
    ditas = ((nomes[chave[0]], valor) for chave, valor in (boas | troca).items() if valor)
    return CABECALHO + "".join(f"{desde:%d/%m/%Y};{classe};{valor}\n" for classe, valor in ditas)


def importar(conteudo: str, usuario: Usuario, codificacao: str = "utf-8") -> Importacao:
    importacao = base.receber(
        tipo="precos",
        usuario=usuario,
        nome_arquivo="precos.csv",
        conteudo=conteudo.encode(codificacao),
        parametros={"fonte": "3º aditivo", "certeza": "Conferido com a fatura."},
        agendar=False,
    )
    base.conferir(importacao.pk)
    importacao.refresh_from_db()
    if importacao.resultado.get("novas"):
        base.pedir_importar(importacao, agendar=False)
        base.importar(importacao.pk)
        importacao.refresh_from_db()
    return importacao


@pytest.mark.parametrize("codificacao", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_table_of_a_newer_date_is_imported_whole(servico: Servico, ana: Usuario, codificacao: str) -> None:
    desde = FIM + timedelta(days=1)
    assert importar(linhas(desde), ana, codificacao).situacao == "importada"
    tabela = TabelaPreco.objects.get(pk=desde)
    assert (tabela.fonte, tabela.faixas.count()) == ("3º aditivo", 6)
    precos = Precos.ler()
    assert precos.unitario("emissao", 1, desde) == Decimal("0.3351")
    assert precos.unitario("emissao", 1, FIM) == Decimal("0.32")
    assert custos.previsto("declaracao", 1, ACESSO, FIM) == Decimal("0.40")
    assert Auditoria.objects.filter(acao="custos.precos").count() == 1


@pytest.mark.parametrize(
    ("conteudo", "trecho"),
    [
        (linhas(INICIO - timedelta(days=1)), "não mudam mais"),
        (linhas(FIM, e2=""), "a última faixa fica com o limite em branco"),
        (linhas(FIM, e1=";0,33"), "a última faixa fica com o limite em branco"),
        (linhas(FIM, d1="", d2=""), "Falta a classe Declaração"),
        (linhas(FIM, c3="300;0,20"), "duas faixas com o mesmo limite"),
        (linhas(FIM, c1="x;0,20"), "O limite é um número de chamadas"),
        (linhas(FIM, c1="300;0"), "O preço é maior que zero"),
        (linhas(FIM, c1="300;0,12345"), "até quatro casas"),
        (linhas(FIM).replace("Consulta", "Outra"), "A classe é Consulta, Emissão ou Declaração"),
    ],
)
def test_a_bad_table_is_refused_by_line_and_nothing_of_it_enters(
    servico: Servico, ana: Usuario, conteudo: str, trecho: str
) -> None:
    antes = FaixaPreco.objects.count()
    importacao = importar(conteudo, ana)
    assert any(trecho in motivo for *_, motivo in importacao.recusas), importacao.recusas
    assert all(linha >= 2 for linha, *_ in importacao.recusas)
    assert FaixaPreco.objects.count() == antes
    assert TabelaPreco.objects.count() == 1


def test_a_date_that_has_a_table_is_not_imported_again(servico: Servico, ana: Usuario) -> None:
    importar(linhas(FIM), ana)
    assert "Já há uma tabela" in importar(linhas(FIM), ana).recusas[0][3]


def test_only_the_administrador_imports_prices(servico: Servico, ana: Usuario, bruno: Usuario, client: Client) -> None:
    assert importar(linhas(FIM), bruno).situacao == "falhou"
    client.force_login(bruno)
    assert client.get(reverse("custos:importar_precos")).status_code == 403
    assert client.get(reverse("custos:precos")).status_code == 200
    client.force_login(ana)
    vazio = client.post(reverse("custos:importar_precos"), {"fonte": ""})
    assert vazio.status_code == 422
    assert "Diga de onde vêm os preços" in vazio.content.decode()
    arquivo = SimpleUploadedFile("precos.csv", linhas(FIM).encode())
    feito = client.post(reverse("custos:importar_precos"), {"fonte": "Aditivo", "arquivo": arquivo})
    assert feito.status_code == 302
    assert Importacao.objects.get(tipo="precos", usuario=ana).parametros == {"fonte": "Aditivo", "certeza": ""}


def test_the_page_shows_source_certainty_and_tiers(servico: Servico, carla: Usuario, client: Client) -> None:
    client.force_login(carla)
    pagina = client.get(reverse("custos:precos")).content.decode()
    for dito in ("Anexo de um contrato do SERPRO", "todo ano pelo IPCA", "até 5.000", "R$ 0,29", "em vigor"):
        assert dito in pagina


def _post(desde: date, faixas: list[tuple[str, str, str]]) -> dict[str, Any]:
    dados: dict[str, Any] = {
        "vigente_desde": f"{desde:%d/%m/%Y}",
        "fonte": "Aditivo",
        "certeza": "",
        "faixas-TOTAL_FORMS": len(faixas),
        "faixas-INITIAL_FORMS": 0,
    }
    for n, (classe, ate, preco) in enumerate(faixas):
        dados |= {f"faixas-{n}-classe": classe, f"faixas-{n}-ate": ate, f"faixas-{n}-preco": preco}
    return dados


BOAS = [("consulta", "", "0,30"), ("emissao", "100", "0,40"), ("emissao", "", "0,35"), ("declaracao", "", "0,50")]


def test_the_admin_adds_a_whole_table_and_leaves_closed_periods_alone(
    servico: Servico, ana: Usuario, client: Client
) -> None:
    client.force_login(ana)
    url = reverse("admin:operacoes_tabelapreco_add")
    assert client.get(url).status_code == 200
    ruim = client.post(url, _post(FIM, BOAS[:2]))
    assert "a última faixa fica com o limite em branco" in ruim.content.decode(), ruim.context["errors"]
    velha = client.post(url, _post(INICIO - timedelta(days=1), BOAS))
    assert "não mudam mais" in velha.content.decode()
    assert client.post(url, _post(FIM, BOAS)).status_code == 302
    assert TabelaPreco.objects.get(pk=FIM).faixas.count() == 4
    publicada = TabelaPreco.objects.order_by("vigente_desde").first()
    assert publicada is not None
    vista = client.get(reverse("admin:operacoes_tabelapreco_change", args=[publicada.pk.isoformat()]))
    assert vista.status_code == 200
    assert b'name="_save"' not in vista.content
    assert client.post(
        reverse("admin:operacoes_tabelapreco_delete", args=[publicada.pk.isoformat()]), {"post": "yes"}
    ).status_code in (302, 403)
    assert TabelaPreco.objects.filter(pk=publicada.pk).exists()


def test_tiers_are_checked_as_one_table() -> None:
    boas = {"consulta": [Faixa(None, Decimal(1))], "emissao": [Faixa(5, Decimal(2)), Faixa(None, Decimal(1))]}
    assert problemas_das_faixas(boas | {"declaracao": [Faixa(None, Decimal(1))]}) == []
    assert [classe for classe, _ in problemas_das_faixas(boas)] == ["declaracao"]
