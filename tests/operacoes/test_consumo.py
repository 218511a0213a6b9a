"""SERPRO's consumption report: read as it comes, kept once, and compared with our own record tag by tag."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comum.models import Usuario
from empresas.importacao import base
from empresas.models import Importacao
from operacoes import contrato
from operacoes.custos import contas
from operacoes.custos.consumo import Comparacao, Grupo
from operacoes.custos.precos import meia_noite, periodo
from operacoes.models import Consumo, LinhaConsumo, Tentativa
from tests.operacoes.apoio import Servico
from tests.operacoes.custos_apoio import cobrar

pytestmark = pytest.mark.django_db

CONTA = "90000001000188"
INICIO, _ = periodo(timezone.localdate())
CABECALHO = "DATA;CNPJ/CPF;URL;RESPONSE_CODE;IP;OBSERVAÇÃO;TAG;QUANTIDADE"


@pytest.fixture(autouse=True)
def contratante(servico: Servico) -> None:
    contas.dizer("conta:1", CONTA, "Escritório Modelo", "1 · Matriz")
    contas.dizer("conta:2", "90000002000177", "Outro Escritório", "2 · Outro")


def linha(tag: str, rota: str = "Consultar", status: int = 200, quantidade: int | str = 1, **troca: str) -> str:
    quando = troca.get("quando", f"{timezone.localtime():%d/%m/%Y} 23:59:59")
    documento = troca.get("documento", CONTA)
    return f"{quando};{documento};/integra-contador/v1/{rota};{status};10.0.0.1;OBS;{tag};{quantidade}"


def importar(linhas: list[str], usuario: Usuario, *, codificacao: str = "utf-8", separador: str = ";") -> Importacao:
    texto = "\n".join([CABECALHO, *linhas]).replace(";", separador)
    importacao = base.receber(
        tipo="consumo_serpro",
        usuario=usuario,
        nome_arquivo="consumo.csv",
        conteudo=texto.encode(codificacao),
        parametros={"conta": CONTA, "nome_arquivo": "consumo.csv"},
        agendar=False,
    )
    base.conferir(importacao.pk)
    importacao.refresh_from_db()
    if importacao.resultado.get("novas"):
        base.pedir_importar(importacao, agendar=False)
        base.importar(importacao.pk)
        importacao.refresh_from_db()
    return importacao


def test_differences_by_tag_fall_into_groups(ana: Usuario, client: Client) -> None:
    igual, falta, outra = cobrar("consulta", 2), cobrar("declaracao", 1), cobrar("emissao", 3)
    perdida = cobrar("emissao", 0, cobrada=False, cobrancas=[], desfecho="incerta")
    incerta = cobrar("emissao", 1, incertas=["emissao"])
    recusada = cobrar("consulta", 1)
    gratis = cobrar("consulta", 0, cobrada=False, cobrancas=[], desfecho="recusada")
    importar(
        [
            linha(igual.tag, quantidade=2),
            linha(outra.tag, "Emitir", quantidade=1),
            linha(perdida.tag, "Emitir"),
            linha(incerta.tag, "Emitir", 504),
            linha(recusada.tag, "Consultar", 400),
            linha(gratis.tag, "Consultar", 400),
            linha("outro-sistema", "Declarar", quantidade=4),
            linha("", "Consultar"),
            linha("", "Apoiar", quantidade=9),
        ],
        ana,
    )
    comparacao = Comparacao(Consumo.objects.get())
    grupos = {g.grupo: (g.linhas, g.aqui, g.la, g.diferenca) for g in comparacao.grupos}
    assert grupos == {
        Grupo.FALTAM: (1, 1, 0, Decimal("-0.40")),
        Grupo.ALHEIAS: (2, 0, 5, Decimal("1.84")),  # 4 x 0,40 and 0,24
        Grupo.TALVEZ: (1, 0, 1, Decimal("0.32")),
        Grupo.DIFEREM: (2, 4, 1, Decimal("-0.88")),  # 2 x 0,32 and 0,24
        Grupo.INCERTAS: (1, 1, 1, Decimal("0.00")),
        Grupo.IGUAIS: (1, 2, 2, Decimal("0.00")),
    }
    assert comparacao.diferenca == sum(g.diferenca for g in comparacao.grupos)
    (faltam,) = comparacao.linhas(Grupo.FALTAM)
    assert (faltam.tag, faltam.tentativa) == (falta.tag, falta)
    client.force_login(ana)
    url = Consumo.objects.get().get_absolute_url()
    for grupo in Grupo:
        pagina = client.get(url, {"grupo": grupo.value}).content.decode()
        assert str(grupo.label) in pagina
    assert "outro-sistema" in client.get(url, {"grupo": "alheias"}).content.decode()
    csv = b"".join(client.get(url, {"formato": "csv"}).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert csv.count("\n") == 1 + sum(g[0] for g in grupos.values())


def test_calls_made_after_the_report_was_drawn_are_not_missing_from_it(ana: Usuario) -> None:
    antes = cobrar("consulta", 1, quando=meia_noite(INICIO) + timedelta(hours=1))
    cobrar("consulta", 1, quando=meia_noite(INICIO) + timedelta(hours=3))
    importar([linha(antes.tag, quando=f"{INICIO:%d/%m/%Y} 02:00:00")], ana)
    assert [g.grupo for g in Comparacao(Consumo.objects.get()).grupos] == [Grupo.IGUAIS]


def test_the_volume_of_the_report_prices_its_side(ana: Usuario) -> None:
    cobrar("declaracao", 90)
    importar(
        [linha("x" * 8, "Declarar", quantidade=60), linha(Tentativa.objects.get().tag, "Declarar", quantidade=90)], ana
    )
    declaracao = Comparacao(Consumo.objects.get()).classes[2]
    assert (declaracao.valor_aqui, declaracao.valor_la) == (Decimal("36.00"), Decimal("54.00"))  # 90 x 0,40; 150 x 0,36


@pytest.mark.parametrize(
    ("codificacao", "separador"), [("utf-8-sig", ";"), ("cp1252", ";"), ("utf-8", ","), ("utf-8", "\t")]
)
def test_it_is_read_in_every_form(ana: Usuario, codificacao: str, separador: str) -> None:
    importacao = importar([linha("a" * 32), linha("b" * 32)], ana, codificacao=codificacao, separador=separador)
    assert importacao.situacao == "importada", importacao.mensagem
    assert LinhaConsumo.objects.count() == 2


def test_the_same_file_is_imported_once(ana: Usuario) -> None:
    importar([linha("a" * 32)], ana)
    outra = importar([linha("a" * 32)], ana)
    assert (outra.resultado["novas"], outra.resultado["iguais"]) == (0, 1)
    assert "já foi importado" in outra.resultado["avisos"][0]
    consumo = Consumo.objects.get()
    assert (consumo.linhas, consumo.importado_por, consumo.inicio) == (1, ana, INICIO)


@pytest.mark.parametrize(
    ("ruim", "coluna", "trecho"),
    [
        (linha("a", quando="ontem"), "DATA", "Data não entendida"),
        (linha("a", quando="31/02/2026 10:00:00"), "DATA", "Data não entendida"),
        (linha("a", quantidade="x"), "QUANTIDADE", "número inteiro"),
        (linha("a", quantidade=0), "QUANTIDADE", "a partir de 1"),
        (linha("a", rota="Outra"), "URL", "não termina em uma rota"),
        (linha("a", status=7), "RESPONSE_CODE", "três algarismos"),
        (linha("a", documento="90.000.002/0001-77"), "CNPJ/CPF", "outro contratante, Outro Escritório"),
        (linha("a" * 65), "TAG", "longo demais"),
        (linha("a", quando="21/01/2025 10:00:00"), "DATA", "esta linha é de outro"),
    ],
)
def test_a_bad_line_is_told_and_the_others_enter(ana: Usuario, ruim: str, coluna: str, trecho: str) -> None:
    importacao = importar([linha("b" * 32), ruim, linha("c" * 32)], ana)
    (recusa,) = importacao.recusas
    assert (recusa[0], recusa[1]) == (3, coluna)
    assert trecho in recusa[3]
    assert LinhaConsumo.objects.count() == 2


def test_a_file_of_another_contratante_is_refused_in_one_sentence(ana: Usuario) -> None:
    importacao = importar([linha(tag * 32, documento="90.000.002/0001-77") for tag in "abc"], ana)
    assert (importacao.situacao, importacao.recusas) == (Importacao.Situacao.FALHOU, [])
    assert "consumo de Outro Escritório" in importacao.mensagem


@pytest.mark.parametrize("conteudo", ["", "nada;disso\n1;2", "\x00\x01", f"{CABECALHO}\n"])
def test_a_file_of_another_kind_is_refused_whole(ana: Usuario, conteudo: str, client: Client) -> None:
    client.force_login(ana)
    arquivo = SimpleUploadedFile("x.csv", conteudo.encode())
    resposta = client.post(reverse("custos:importar_consumo"), {"conta": CONTA, "arquivo": arquivo})
    assert resposta.status_code in (302, 422)
    for importacao in Importacao.objects.all():
        base.conferir(importacao.pk)
        importacao.refresh_from_db()
        assert not importacao.resultado.get("novas")
    assert not Consumo.objects.exists()


def test_only_the_administrador_sees_the_reports(bruno: Usuario, client: Client) -> None:
    client.force_login(bruno)
    for nome in ("consumos", "importar_consumo", "modelo_de_consumo"):
        assert client.get(reverse(f"custos:{nome}")).status_code == 403


@pytest.mark.parametrize(
    ("url", "status", "esperada"),
    [
        ("/integra-contador/v1/Consultar", 200, ("consulta", "sim")),
        ("https://gateway/integra-contador/v1/Emitir", 202, ("emissao", "sim")),
        ("/v1/Declarar", 403, ("declaracao", "sim")),
        ("/v1/Declarar", 504, ("declaracao", "incerta")),
        *[("/v1/Declarar", status, ("declaracao", "nao")) for status in (204, 304, 400, 401, 404, 429, 500, 503)],
        ("/v1/Apoiar", 200, ("gratis", "nao")),
        ("/v1/Monitorar", 504, ("gratis", "nao")),
        ("/authenticate", 200, ("gratis", "nao")),
    ],
)
def test_what_the_contract_charges(url: str, status: int, esperada: tuple[str, str]) -> None:
    classe: Any = contrato.classe_da_url(url)
    assert (classe, contrato.cobranca(classe, status)) == esperada
