"""What the pages say a period costs, against the bill of the living sandbox, to the cent."""

from collections import Counter
from decimal import Decimal
from typing import Any

import httpx
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comum.formatos import format_dinheiro
from comum.models import Usuario
from credentials.models import Credencial
from empresas.importacao import base
from empresas.models import Empresa, Importacao
from guias.models import Apuracao
from guias.services import aprovacao, consultas, prevoo
from guias.services.acoes import Acao
from guias.views.base import nova_intencao
from operacoes.custos.consumo import Comparacao, Grupo
from operacoes.custos.extrato import extrato
from operacoes.custos.precos import COBRADAS, Precos, periodo
from operacoes.models import Consumo, Operacao, Tentativa
from tests.cast import criar_empresa
from tests.guias.apoio import OUTUBRO, credencial_do_sandbox, informar, trabalhar, vincular
from tests.sandbox_fixture import SandboxVivo

pytestmark = pytest.mark.django_db(transaction=True)

_DA_ROTA = {"Consultar": "consulta", "Emitir": "emissao", "Declarar": "declaracao"}


@pytest.fixture
def credencial(serpro_vivo, adicional_216) -> Credencial:
    return credencial_do_sandbox(serpro_vivo)


@pytest.fixture
def mes(serpro_vivo, carteira, ana, credencial) -> list[Empresa]:
    """A month with every kind of answer: charged (200, 403), free (400, 404, 500), unsure (504), lost."""
    empresas = [criar_empresa(numero, carteira=carteira) for numero in range(1, 9)]
    for empresa in empresas:
        informar(empresa, f"{40_000 + 100 * int(empresa.codigo)}.00")
        vincular(empresa, credencial, ana)
    controle = serpro_vivo.controle

    _processar(Acao.PROCURACOES, empresas, ana)
    _processar(Acao.SIMULAR, empresas[:4], ana)
    controle.cenario(
        acao="recusar",
        operacao="TRANSDECLARACAO11",
        contribuinte=empresas[4].documento,
        parametros={"http": 403, "codigo": "AcessoNegado-ICGERENCIADOR-022", "texto": "Sem procuração."},
    )
    controle.cenario(
        acao="recusar",
        operacao="TRANSDECLARACAO11",
        contribuinte=empresas[5].documento,
        parametros={"http": 400, "codigo": "EntradaIncorreta-PGDASD-MSG_ISN_999", "texto": "Não serve."},
    )
    controle.cenario(
        acao="recusar",
        operacao="GERARDAS12",
        contribuinte=empresas[1].documento,
        parametros={"http": 404, "codigo": "EntradaIncorreta-PGDASD-MSG_ISN_999", "texto": "Nada."},
    )
    controle.cenario(acao="tempo_esgotado", operacao="GERARDAS12", contribuinte=empresas[2].documento, vezes=1)
    controle.cenario(acao="perder_resposta", operacao="GERARDAS12", contribuinte=empresas[3].documento, vezes=1)
    controle.cenario(acao="token_expirado", operacao="TRANSDECLARACAO11", contribuinte=empresas[0].documento, vezes=1)
    controle.cenario(
        acao="erro",
        operacao="CONSDECLARACAO13",
        vezes=1,
        parametros={"http": 500},
        contribuinte=empresas[0].documento,
    )
    aprovacao.aprovar(empresas, OUTUBRO, ana, diferentes=set())
    _processar(Acao.TRANSMITIR, empresas, ana, das_em_seguida=True)
    for empresa in empresas[:2]:
        apuracao = Apuracao.objects.get(empresa=empresa, competencia=OUTUBRO)
        consultas.consultar_periodo(apuracao, ana, nova_intencao())
        consultas.buscar_recibo(apuracao, ana, nova_intencao())
    trabalhar()
    return empresas


def _processar(acao: Acao, empresas: list[Empresa], usuario: Usuario, **opcoes: Any) -> None:
    previa = prevoo.prevoo(acao, empresas, OUTUBRO, **opcoes)
    prevoo.processar(acao, empresas, OUTUBRO, usuario, marca=previa.marca, **opcoes)
    trabalhar()


def _conta_do_sandbox(sandbox: SandboxVivo) -> dict[str, Counter[str]]:
    """Calls by class of what its ledger of calls says is charged (`sim`), unsure (`incerta`) or free (`nao`)."""
    conta: dict[str, Counter[str]] = {"sim": Counter(), "incerta": Counter(), "nao": Counter()}
    for chamada in sandbox.controle.chamadas(servico="integra_contador", ambiente="producao"):
        if chamada["rota"] in _DA_ROTA:
            conta[chamada["cobranca"]][_DA_ROTA[chamada["rota"]]] += 1
    return conta


def _reais(volume: Counter[str]) -> Decimal:
    precos, hoje = Precos.ler(), timezone.localdate()
    return sum((precos.custo(classe, volume[classe], hoje) for classe in COBRADAS), Decimal(0))


def _inicio() -> Any:
    return periodo(timezone.localdate())[0]


def test_the_page_agrees_with_the_sandboxs_bill_to_the_cent(mes, serpro_vivo, credencial, ana, client: Client) -> None:
    conta = _conta_do_sandbox(serpro_vivo)
    statuses = {c["status_http"] for c in serpro_vivo.controle.chamadas(servico="integra_contador")}
    assert {200, 400, 401, 403, 404, 500, 504} <= statuses
    visto = extrato(Tentativa.objects.all(), credencial.contratante, _inicio())
    nossas = Counter({linha.classe.value: linha.chamadas for linha in visto.classes})
    perdidas = visto.talvez.chamadas

    # What answered is known; the one whose answer was lost is the difference, and the page tells it apart.
    assert nossas + perdidas == conta["sim"] + conta["incerta"]
    assert visto.incertas.chamadas == conta["incerta"] == Counter({"emissao": 1})
    assert perdidas == Counter({"emissao": 1})
    assert visto.total + visto.talvez.valor == _reais(conta["sim"] + conta["incerta"])
    assert visto.total == sum(linha.valor for linha in visto.classes)
    assert sum((soma.valor for soma in visto.por_acesso.values()), Decimal(0)) == visto.total

    client.force_login(ana)
    pagina = client.get(reverse("custos:periodo")).content.decode()
    assert f"<b>{format_dinheiro(visto.total)}</b>" in pagina
    assert f"<b>{format_dinheiro(visto.talvez.valor)}</b>" in pagina


def test_each_operacao_carries_class_price_and_tag(mes, serpro_vivo) -> None:
    tags = {c["tag"] for c in serpro_vivo.controle.chamadas(servico="integra_contador") if c["cobranca"] == "sim"}
    assert tags <= {tentativa.tag for tentativa in Tentativa.objects.all()}
    assert not Tentativa.objects.filter(cobrada=True, custo=0).exists()
    assert not Tentativa.objects.filter(cobrada=True, http_status__in=[400, 401, 404, 500]).exists()
    assert Tentativa.objects.filter(cobrada=True, http_status=403).count() == 1
    assert sum(Operacao.objects.values_list("custo", flat=True)) == sum(
        Tentativa.objects.values_list("custo", flat=True)
    )


def test_the_consumption_report_of_the_sandbox_differs_only_in_the_lost_answer(
    mes, serpro_vivo, credencial, ana, client: Client
) -> None:
    conteudo = httpx.get(f"{serpro_vivo.enderecos['controle']}controle/api/consumo", trust_env=False).content
    importacao = _importar(conteudo, credencial.contratante, ana)
    assert importacao.situacao == "importada", importacao.mensagem
    comparacao = Comparacao(Consumo.objects.get())

    grupos = {grupo.grupo: (grupo.linhas, grupo.aqui, grupo.la) for grupo in comparacao.grupos}
    iguais = grupos.pop(Grupo.IGUAIS)
    assert iguais[1] == iguais[2]
    assert grupos == {Grupo.TALVEZ: (1, 0, 1), Grupo.INCERTAS: (1, 1, 1)}
    assert comparacao.valor_la == _reais(
        sum((_conta_do_sandbox(serpro_vivo)[c] for c in ("sim", "incerta")), Counter())
    )
    assert comparacao.diferenca == Decimal("0.32")

    client.force_login(ana)
    for aberto in ("", *Grupo):
        pagina = client.get(Consumo.objects.get().get_absolute_url(), {"grupo": aberto})
        assert pagina.status_code == 200
    assert _importar(conteudo, credencial.contratante, ana).resultado["novas"] == 0
    assert Consumo.objects.count() == 1


def _importar(conteudo: bytes, conta: str, usuario: Usuario) -> Importacao:
    importacao = base.receber(
        tipo="consumo_serpro",
        usuario=usuario,
        nome_arquivo="consumo.csv",
        conteudo=conteudo,
        parametros={"conta": conta, "nome_arquivo": "consumo.csv"},
        agendar=False,
    )
    base.conferir(importacao.pk)
    importacao.refresh_from_db()
    if importacao.resultado.get("novas"):
        base.pedir_importar(importacao, agendar=False)
        base.importar(importacao.pk)
        importacao.refresh_from_db()
    return importacao
