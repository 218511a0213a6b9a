"""The webhook's receiver: only who holds the token is heard, once, and what is said only makes us look sooner."""

import base64
import hmac
import json
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from comum import segredos
from comum.models import Usuario
from nfse import webhook
from nfse.models import AvisoWebhook, CanalNfse, ContaSofthouse, Nota, TipoCanal
from operacoes.models import Efeito, Operacao, Situacao, Tentativa
from tests.cast import criar_empresa
from tests.nfse.escritorio import tomador_de

pytestmark = pytest.mark.django_db

TOKEN = "eyJ0eXAiOiJKV1QifQ.software-house-de-teste.assinada"
CHAVE = "35261012ABC34501DE35009000000000000010000000"
SITUACAO = AvisoWebhook.Situacao


def assinar(token: str = TOKEN, instante: datetime | None = None) -> str:
    chave, iv = token.encode(), secrets.token_bytes(16)
    enchimento = padding.PKCS7(128).padder()
    claro = enchimento.update(str(int((instante or timezone.now()).timestamp())).encode()) + enchimento.finalize()
    cifrador = Cipher(AES(chave[:16]), CBC(iv)).encryptor()
    cifrado = cifrador.update(claro) + cifrador.finalize()
    return base64.b64encode(iv + hmac.digest(chave, cifrado, "sha256") + cifrado).decode()


@pytest.fixture
def conta(db: None) -> ContaSofthouse:
    nova = ContaSofthouse(nome="Escritório")
    segredos.selar(nova, "token", TOKEN)
    nova.save()
    nova.refresh_from_db()
    return nova


@pytest.fixture
def canal(conta: ContaSofthouse) -> CanalNfse:
    empresa = criar_empresa(1, regime="presumido")
    return CanalNfse.objects.create(codigo=1, empresa=empresa, tipo=TipoCanal.INTEGRANOTAS, conta=conta, serie="1")


@pytest.fixture
def nota(canal: CanalNfse, ana: Usuario) -> Nota:
    """A note that the service took and has not decided yet: it is to be looked at in an hour."""
    operacao = em_espera(canal, "emitir:1")
    feita = Nota(
        empresa=canal.empresa,
        canal=canal,
        tomador=tomador_de(canal.empresa),
        competencia=timezone.localdate().replace(day=1),
        emissao=timezone.localdate(),
        situacao=Nota.Situacao.EMITINDO,
        serie="1",
        numero=1,
        chave=CHAVE,
        municipio_prestacao=canal.empresa.municipio,
        operacao=operacao,
        criada_por=ana,
    )
    feita.save()
    return feita


def em_espera(canal: CanalNfse, chave: str, situacao: str = Situacao.ACEITA, **campos: Any) -> Operacao:
    return Operacao.objects.create(
        tipo="nfse.integranotas.emitir",
        chave=chave,
        pedido={},
        acesso=canal.acesso,
        balde=f"integranotas:{canal.acesso}",
        servico="integranotas",
        efeito=Efeito.UNICO,
        classe="gratis",
        situacao=situacao,
        empresa=canal.empresa,
        **{"proxima_em": Now() + timedelta(hours=1), **campos},
    )


def avisar(conta: ContaSofthouse, client: Client, **corpo: Any) -> Any:
    padrao = {"origem": "NFSE", "cnpj_cpf": "", "sucesso": True, "codigo": 100, "chave": CHAVE, "signature": assinar()}
    dados = {nome: valor for nome, valor in (padrao | corpo).items() if valor is not None}
    return client.post(f"/notas/aviso/{conta.endereco}/", json.dumps(dados), content_type="application/json")


def devida(operacao: Operacao) -> bool:
    operacao.refresh_from_db()
    return operacao.proxima_em <= timezone.now() + timedelta(seconds=1)


def test_a_message_makes_the_note_be_looked_at_now_and_changes_nothing_else(client, conta, canal, nota) -> None:
    antes = Nota.objects.values().get(pk=nota.pk)
    resposta = avisar(conta, client, cnpj_cpf=canal.empresa.documento, numero="999", codigo_verificacao="forjado")
    assert resposta.status_code == 200
    assert devida(nota.operacao)
    assert Nota.objects.values().get(pk=nota.pk) == antes
    aviso = AvisoWebhook.objects.get()
    assert (aviso.situacao, aviso.operacao_id, aviso.chave) == (SITUACAO.ACEITO, nota.operacao_id, CHAVE)


def test_a_doubt_that_never_told_a_chave_is_woken_by_the_emitente(client, conta, canal, nota) -> None:
    Nota.objects.update(chave="")
    Operacao.objects.update(situacao=Situacao.INCERTA)
    avisar(conta, client, cnpj_cpf=canal.empresa.documento)
    assert devida(nota.operacao)


def test_the_chave_kept_with_the_operation_is_known_too(client, conta, canal, nota) -> None:
    Nota.objects.update(chave="")
    Operacao.objects.update(resposta={"chave": CHAVE})
    avisar(conta, client)
    assert devida(nota.operacao)


def test_no_note_is_looked_at_twice_within_the_limit_of_its_chave(client, conta, canal, nota, settings) -> None:
    settings.INTEGRANOTAS_SEGUNDOS_POR_NOTA = 35
    Tentativa.objects.create(operacao=nota.operacao, especie="acompanhamento", trabalhador="x", iniciada_em=Now())
    avisar(conta, client)
    nota.operacao.refresh_from_db()
    falta = (nota.operacao.proxima_em - timezone.now()).total_seconds()
    assert 30 < falta <= 35


def test_a_note_being_looked_at_keeps_its_lease(client, conta, canal, nota) -> None:
    Operacao.objects.update(tentativa_atual=uuid4())
    avisar(conta, client)
    assert not devida(nota.operacao)


def test_the_note_of_another_account_is_out_of_reach(client, canal, nota) -> None:
    outra = ContaSofthouse(nome="Outra")
    segredos.selar(outra, "token", TOKEN)
    outra.save()
    outra.refresh_from_db()
    assert avisar(outra, client, cnpj_cpf=canal.empresa.documento).status_code == 200
    assert not devida(nota.operacao)
    assert AvisoWebhook.objects.get().situacao == SITUACAO.SEM_NOTA


def test_a_test_of_the_connection_is_answered(client, conta) -> None:
    assert avisar(conta, client, origem="TESTE", chave=None, sucesso=None, codigo=None).status_code == 200
    assert AvisoWebhook.objects.get().situacao == SITUACAO.TESTE


def test_a_replay_is_refused_and_wakes_nothing(client, conta, canal, nota) -> None:
    usada = assinar()
    assert avisar(conta, client, signature=usada).status_code == 200
    Operacao.objects.update(proxima_em=Now() + timedelta(hours=1))
    resposta = avisar(conta, client, signature=usada, chave=CHAVE)
    assert resposta.status_code == 401
    assert not devida(nota.operacao)
    assert [a.situacao for a in AvisoWebhook.objects.order_by("recebido_em")] == [SITUACAO.ACEITO, SITUACAO.RECUSADO]


def test_a_replay_under_another_iv_is_a_replay(client, conta, canal, nota) -> None:
    """The IV is not under the MAC: changed, the signed moment changes, and the rest stays valid."""
    usada = assinar()
    assert avisar(conta, client, signature=usada).status_code == 200
    bruta = bytearray(base64.b64decode(usada))
    bruta[9] ^= 1  # the last digit of the time
    assert avisar(conta, client, signature=base64.b64encode(bytes(bruta)).decode()).status_code == 401


@pytest.mark.parametrize(
    ("assinatura", "trecho"),
    [
        (lambda: assinar("eyJ0eXAiOiJKV1QifQ.token-de-outra-pessoa.assinada"), "não é da software house"),
        (lambda: assinar(instante=timezone.now() - timedelta(seconds=301)), "5 minutos ou mais"),
        (lambda: assinar(instante=timezone.now() + timedelta(seconds=90)), "ainda não chegou"),
        (lambda: "AAAA", "não tem o formato"),
        (lambda: "não é base64", "não tem o formato"),
    ],
)
def test_what_is_not_signed_by_the_account_just_now_is_refused(client, conta, canal, nota, assinatura, trecho) -> None:
    resposta = avisar(conta, client, signature=assinatura())
    assert resposta.status_code == 401
    assert trecho in resposta.content.decode()
    assert not devida(nota.operacao)
    assert AvisoWebhook.objects.get().situacao == SITUACAO.RECUSADO


@pytest.mark.parametrize(
    "corpo",
    [b"", b"{", b"[1]", b"null", b'{"origem": "NFSE"}', b"\xff\xfe", b'{"signature": 3}', b"<xml/>", b"x" * 5000],
)
def test_garbage_is_a_short_400(client, conta, corpo) -> None:
    resposta = client.post(f"/notas/aviso/{conta.endereco}/", corpo, content_type="application/json")
    assert resposta.status_code == 400
    assert len(resposta.content) < 200


@pytest.mark.parametrize("chave", ["\x00", "' OR 1=1 --", "x" * 500, "🦜", None])
def test_a_signed_message_with_an_odd_chave_is_answered_and_names_no_note(client, conta, canal, nota, chave) -> None:
    assert avisar(conta, client, chave=chave, cnpj_cpf="\x00abc").status_code == 200
    assert not devida(nota.operacao)


def test_forms_and_files_are_no_messages(client, conta) -> None:
    endereco = f"/notas/aviso/{conta.endereco}/"
    assert client.post(endereco, {"signature": assinar()}).status_code == 400
    assert client.post(endereco, "a=1", content_type="application/x-www-form-urlencoded").status_code == 400


def test_too_much_is_not_read(client, conta, monkeypatch) -> None:
    monkeypatch.setattr(webhook, "TAMANHO_MAXIMO", 100)
    assert avisar(conta, client, mensagem="x" * 200).status_code == 413
    assert not AvisoWebhook.objects.exists()


def test_only_the_address_of_an_active_account_is_known(client, conta) -> None:
    assert client.post(f"/notas/aviso/{uuid4()}/", "{}", content_type="application/json").status_code == 404
    ContaSofthouse.objects.update(ativa=False)
    assert avisar(conta, client).status_code == 404


def test_reading_the_address_tells_what_it_is_for(client, conta) -> None:
    assert client.get(f"/notas/aviso/{conta.endereco}/").status_code == 405


def test_the_service_has_no_session_and_no_csrf_token(conta, canal, nota) -> None:
    assert avisar(conta, Client(enforce_csrf_checks=True)).status_code == 200


def test_a_flood_of_refusals_does_not_fill_the_table(client, conta, monkeypatch) -> None:
    monkeypatch.setattr(webhook, "RECUSAS_POR_HORA", 3)
    for _ in range(6):
        assert avisar(conta, client, signature="AAAA").status_code == 401
    assert AvisoWebhook.objects.count() == 3


def test_a_token_that_does_not_open_refuses_without_a_crash(client, conta, settings) -> None:
    settings.COFRE_CHAVES = "outra:" + "A" * 43 + "="
    assert avisar(conta, client).status_code == 401


def test_the_token_shows_nowhere(client, conta, canal, nota, caplog) -> None:
    avisar(conta, client)
    avisar(conta, client, signature="AAAA")
    assert TOKEN not in caplog.text
    assert not any(TOKEN in f"{aviso.motivo}{aviso.chave}" for aviso in AvisoWebhook.objects.all())
