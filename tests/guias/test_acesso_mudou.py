"""A denial beside a mending of its credencial: no pause outlives the mending, whatever the clocks and the order."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from comum.banco import relogio
from comum.models import Usuario
from credentials.models import Credencial
from credentials.services import credenciais
from credentials.services.credenciais import DadosCredencial
from guias.handlers import Simular
from operacoes import motor
from operacoes.conexao import Teste
from operacoes.errors import AccessDenied, Alcance
from operacoes.handlers import handler_de
from operacoes.http import Chamadas
from operacoes.models import Operacao, Pausa, Situacao
from operacoes.motor import NovaOperacao, execucao, submeter
from operacoes.motor.tomada import Tomada, tomar

NEGADO = AccessDenied("O Consumer Secret foi recusado.", alcance=Alcance.CREDENCIAL, codigo="SECRET")

Mender = Callable[[], None]


@pytest.fixture(params=["salvar", "testar"])
def consertar(
    request: pytest.FixtureRequest, credencial: Credencial, ana: Usuario, monkeypatch: pytest.MonkeyPatch
) -> Mender:
    """What lifts the pause of an access: another Secret is saved, or a test of the connection passes."""
    Credencial.objects.update(alterada_em=Now() - timedelta(hours=2))
    monkeypatch.setattr(credenciais, "_autenticar", lambda _: Teste(True, "Conectou."))
    dados = DadosCredencial(
        codigo=credencial.codigo,
        descricao=credencial.descricao,
        tipo_certificado=credencial.tipo_certificado,
        ativa=True,
        consumer_secret="novo",
    )

    def salvar() -> None:
        credenciais.salvar(usuario=ana, dados=dados, credencial=credencial, versao=credencial.versao)

    def testar() -> None:
        credenciais.testar(usuario=ana, credencial=credencial)

    return salvar if request.param == "salvar" else testar


@pytest.fixture
def tomada(credencial: Credencial) -> Tomada:
    intento = NovaOperacao(tipo=Simular.tipo, chave="a", pedido={}, acesso=credencial.acesso)
    (operacao,) = submeter([intento], usuario=None).criadas
    tomada = tomar(operacao.balde)
    assert tomada is not None
    return tomada


def negar(tomada: Tomada) -> None:
    chamadas = Chamadas(tag=tomada.tag, deadline=tomada.limite)
    execucao.registrar(tomada, execucao.Retorno(chamadas, erro=NEGADO))


def _espera_uma_trava() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def ate_o_fim_ou_uma_trava(ato: Callable[[], None]) -> threading.Thread:
    """Run it in a connection of its own, until it ended or waits for us."""

    def rodar() -> None:
        try:
            ato()
        finally:
            connection.close()

    fio = threading.Thread(target=rodar)
    fio.start()
    while fio.is_alive() and not _espera_uma_trava():
        fio.join(0.02)
    return fio


@pytest.mark.django_db
@pytest.mark.parametrize("adiantado", [timedelta(hours=1), timedelta(hours=-1)], ids=["adiantado", "atrasado"])
def test_the_clock_of_the_web_host_has_no_say(
    consertar: Mender, credencial: Credencial, adiantado: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    do_banco, agora = relogio(), timezone.now
    antes = do_banco()
    with monkeypatch.context() as trocas:
        trocas.setattr(timezone, "now", lambda: agora() + adiantado)
        consertar()
    mudou = handler_de(Simular.tipo).acesso_mudou
    assert mudou(credencial.acesso, antes)
    assert not mudou(credencial.acesso, do_banco() + timedelta(minutes=1))


@pytest.mark.django_db
def test_a_row_denied_beside_the_mending_waits_a_while(consertar: Mender, tomada: Tomada) -> None:
    consertar()
    negar(tomada)
    assert not Pausa.objects.exists()
    assert Operacao.objects.filter(situacao=Situacao.PENDENTE, proxima_em__gt=Now()).count() == 1


@pytest.mark.django_db
def test_the_mending_and_the_end_of_its_pause_are_one(
    consertar: Mender, credencial: Credencial, monkeypatch: pytest.MonkeyPatch
) -> None:
    Pausa.objects.create(acesso=credencial.acesso, motivo="Secret recusado.")
    antes = Credencial.objects.values("versao", "alterada_em", "testada_em", "teste_ok").get()

    def morrer(acesso: str, usuario: Usuario) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(motor, "retomar", morrer)
    with pytest.raises(KeyboardInterrupt):
        consertar()
    assert Credencial.objects.values("versao", "alterada_em", "testada_em", "teste_ok").get() == antes
    assert Pausa.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_denial_recorded_during_the_mending_leaves_no_pause(
    consertar: Mender, tomada: Tomada, monkeypatch: pytest.MonkeyPatch
) -> None:
    fios: list[threading.Thread] = []
    retomar = motor.retomar

    def retomar_e_negar(acesso: str, usuario: Usuario) -> bool:
        feito = retomar(acesso, usuario)
        fios.append(ate_o_fim_ou_uma_trava(lambda: negar(tomada)))
        return feito

    monkeypatch.setattr(motor, "retomar", retomar_e_negar)
    consertar()
    fios[0].join()
    assert not Pausa.objects.exists()
    assert Operacao.objects.get().situacao == Situacao.PENDENTE


@pytest.mark.django_db(transaction=True)
def test_a_mending_during_the_record_of_a_denial_lifts_its_pause(
    consertar: Mender, tomada: Tomada, monkeypatch: pytest.MonkeyPatch
) -> None:
    fios: list[threading.Thread] = []
    acesso_mudou = Simular.acesso_mudou

    def olhar_e_consertar(*args: object) -> bool:
        mudou = acesso_mudou(*args)  # type: ignore[arg-type]
        fios.append(ate_o_fim_ou_uma_trava(consertar))
        return mudou

    monkeypatch.setattr(Simular, "acesso_mudou", olhar_e_consertar)
    negar(tomada)
    fios[0].join()
    assert not Pausa.objects.exists()
