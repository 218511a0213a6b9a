"""An access that stops being accepted in mid-run, against the living sandbox: one pause with one message, nothing
refused, and after it is mended everything once in the sandbox's ledger."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from comum import segredos
from comum.models import Usuario
from credentials.models import CertificadoA1, Credencial
from credentials.providers import serpro
from credentials.services import credenciais
from credentials.services.credenciais import DadosCredencial
from empresas.models import Carteira, Empresa
from guias import sessao
from guias.services import aprovacao, prevoo
from guias.services.acoes import Acao
from operacoes.models import Operacao, Pausa, Processamento, Situacao
from operacoes.motor import execucao
from operacoes.motor.tomada import tomar
from tests.cast import criar_empresa
from tests.guias.apoio import OUTUBRO, credencial_do_sandbox, informar, trabalhar, vincular
from tests.operacoes.apoio import executar
from tests.sandbox_fixture import SandboxVivo

pytestmark = pytest.mark.django_db(transaction=True)

ANTES = 4  # sent before the access is lost
TOTAL = 12


@pytest.fixture
def credencial_viva(serpro_vivo: SandboxVivo, adicional_216: object) -> Credencial:
    return credencial_do_sandbox(serpro_vivo)


@pytest.fixture
def escritorio(credencial_viva: Credencial, carteira: Carteira, ana: Usuario) -> list[Empresa]:
    criadas = [criar_empresa(numero, carteira=carteira) for numero in range(1, TOTAL + 1)]
    for empresa in criadas:
        informar(empresa)
        vincular(empresa, credencial_viva, ana)
    return criadas


@pytest.fixture
def run(escritorio: list[Empresa], ana: Usuario) -> Processamento:
    """Twelve declarations under way, the first four already transmitted."""
    aprovacao.aprovar(escritorio, OUTUBRO, ana, diferentes=set())
    previa = prevoo.prevoo(Acao.TRANSMITIR, escritorio, OUTUBRO, das_em_seguida=False)
    prevoo.processar(Acao.TRANSMITIR, escritorio, OUTUBRO, ana, marca=previa.marca, das_em_seguida=False)
    balde = Operacao.objects.values_list("balde", flat=True)[0]
    for _ in range(ANTES):
        tomada = tomar(balde)
        assert tomada is not None
        executar(tomada)
    assert Operacao.objects.filter(situacao=Situacao.CONCLUIDA).count() == ANTES
    return Processamento.objects.get()


def esquecer() -> None:
    """As another worker would begin: no client and no token at hand."""
    sessao.esquecer()
    serpro.esquecer()


def dados(credencial: Credencial, **resto: Any) -> DadosCredencial:
    return DadosCredencial(
        codigo=credencial.codigo,
        descricao=credencial.descricao,
        tipo_certificado=credencial.tipo_certificado,
        ativa=True,
        **resto,
    )


def segredo_de(sandbox: SandboxVivo) -> str:
    return sandbox.controle.contratantes()[0]["consumerSecret"]


def revogar(credencial: Credencial, sandbox: SandboxVivo, secret: str = "revogado") -> None:
    """SERPRO gave out another Secret and drops the tokens of the old one: what table 102 keeps opens nothing."""
    segredos.selar(credencial, "consumer_secret", secret)
    credencial.save(update_fields=["consumer_secret"])
    Credencial.objects.update(alterada_em=timezone.now() - timedelta(hours=1))
    sandbox.controle.cenario(acao="token_expirado", operacao="TRANSDECLARACAO11", vezes=1)
    sessao.esquecer()


def uma_pausa_e_nada_recusado(sandbox: SandboxVivo) -> Pausa:
    (pausa,) = Pausa.objects.all()
    situacoes = list(Operacao.objects.values_list("situacao", flat=True))
    assert situacoes.count(Situacao.PENDENTE) == TOTAL - ANTES
    assert situacoes.count(Situacao.CONCLUIDA) == ANTES
    assert len(sandbox.controle.ledger(tipo="declaracao_transmitida")) == ANTES
    return pausa


def tudo_uma_vez(sandbox: SandboxVivo, empresas: list[Empresa]) -> None:
    assert set(Operacao.objects.values_list("situacao", flat=True)) == {Situacao.CONCLUIDA}
    declaradas = [efeito["contribuinte"] for efeito in sandbox.controle.ledger(tipo="declaracao_transmitida")]
    assert sorted(declaradas) == sorted(empresa.documento for empresa in empresas)


def test_a_revoked_secret_pauses_once_and_saving_the_new_one_goes_on(
    run: Processamento,
    escritorio: list[Empresa],
    credencial_viva: Credencial,
    serpro_vivo: SandboxVivo,
    ana: Usuario,
    client: Client,
) -> None:
    revogar(credencial_viva, serpro_vivo)
    trabalhar()
    pausa = uma_pausa_e_nada_recusado(serpro_vivo)
    assert "Consumer Secret" in pausa.motivo
    tentadas = len(serpro_vivo.controle.chamadas(operacao="authenticate"))
    trabalhar(voltas=3)
    assert len(serpro_vivo.controle.chamadas(operacao="authenticate")) == tentadas  # nothing leaves while it lasts
    client.force_login(ana)
    for endereco in ("/", run.get_absolute_url()):
        pagina = client.get(endereco).content.decode()
        assert "8 aguardam" in pagina
        assert pagina[: pagina.find("<table")].count(pausa.motivo) == 1

    credenciais.salvar(
        usuario=ana,
        dados=dados(credencial_viva, consumer_secret=segredo_de(serpro_vivo)),
        credencial=credencial_viva,
        versao=credencial_viva.versao,
    )
    assert not Pausa.objects.exists()
    esquecer()
    trabalhar()
    tudo_uma_vez(serpro_vivo, escritorio)


def test_an_expired_certificate_pauses_once_and_a_passing_test_goes_on(
    run: Processamento, escritorio: list[Empresa], credencial_viva: Credencial, serpro_vivo: SandboxVivo, ana: Usuario
) -> None:
    certificado = CertificadoA1.objects.get()
    valido_ate = certificado.valido_ate
    CertificadoA1.objects.update(valido_ate=timezone.now() - timedelta(minutes=1))
    Credencial.objects.update(alterada_em=timezone.now() - timedelta(hours=1))
    esquecer()
    trabalhar()
    assert "venceu" in uma_pausa_e_nada_recusado(serpro_vivo).motivo
    teste = credenciais.testar(usuario=ana, credencial=Credencial.objects.get())
    assert not teste.ok
    assert Pausa.objects.exists()

    CertificadoA1.objects.update(valido_ate=valido_ate)
    assert credenciais.testar(usuario=ana, credencial=Credencial.objects.get()).ok
    assert not Pausa.objects.exists()
    esquecer()
    trabalhar()
    tudo_uma_vez(serpro_vivo, escritorio)


def test_an_expired_token_is_renewed_without_a_pause(
    run: Processamento, escritorio: list[Empresa], serpro_vivo: SandboxVivo
) -> None:
    serpro_vivo.controle.cenario(acao="token_expirado", operacao="TRANSDECLARACAO11", vezes=1)
    trabalhar()
    assert not Pausa.objects.exists()
    tudo_uma_vez(serpro_vivo, escritorio)


def test_a_try_that_began_before_the_mending_pauses_nothing(
    run: Processamento, escritorio: list[Empresa], credencial_viva: Credencial, serpro_vivo: SandboxVivo, ana: Usuario
) -> None:
    """The call goes out with the old Secret and comes back denied after the new one was saved."""
    revogar(credencial_viva, serpro_vivo)
    tomada = tomar(Operacao.objects.filter(situacao=Situacao.PENDENTE).values_list("balde", flat=True)[0])
    assert tomada is not None
    retorno = execucao.chamar(tomada)
    credenciais.salvar(
        usuario=ana,
        dados=dados(credencial_viva, consumer_secret=segredo_de(serpro_vivo)),
        credencial=credencial_viva,
        versao=credencial_viva.versao,
    )
    execucao.registrar(tomada, retorno)
    assert not Pausa.objects.exists()
    esquecer()
    trabalhar()
    tudo_uma_vez(serpro_vivo, escritorio)
