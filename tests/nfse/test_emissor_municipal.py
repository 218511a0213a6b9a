"""A município with an emitter of its own that speaks the API of the Sefin: its address is data, only HTTPS to a public
name, and a note is settled where it was sent."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from comum.models import Auditoria, Usuario
from config.ambientes import Ambiente
from nfse.models import CanalNfse, ConvenioNacional, DocumentoAssinado, EmissorMunicipal, Nota
from nfse.services import acesso, acoes, emissores, testes
from nfse.services.emissao import com_tudo, emitir, prevoo
from tests.nfse.apoio_nacional import canal_no_nacional, nacional
from tests.nfse.escritorio import BARREIROS, emitir_ja, trabalhar
from tests.sandbox_fixture import SandboxVivo

pytestmark = pytest.mark.django_db(transaction=True)
MOTIVO = "Serviço não foi prestado ao tomador"
MORTO = "https://127.0.0.1:9/SefinNacional"  # nobody answers there


@pytest.fixture
def sefin(nfse_vivo: SandboxVivo) -> Iterator[SandboxVivo]:
    yield nfse_vivo
    nfse_vivo.controle.relogio(real=True)


@pytest.fixture
def vivo(sefin: SandboxVivo, settings: Any) -> str:
    return str(settings.NFSE_NACIONAL.sefin)


@pytest.fixture
def canal(sefin: SandboxVivo) -> CanalNfse:
    return canal_no_nacional(sefin, 61)


@pytest.fixture
def emissor(vivo: str, settings: Any) -> EmissorMunicipal:
    """The simulator is the emitter of the município, and the national address is dead."""
    settings.NFSE_NACIONAL = replace(settings.NFSE_NACIONAL, sefin=MORTO)
    acesso.esquecer()
    return EmissorMunicipal.objects.create(municipio_id=BARREIROS, sefin=vivo, fundamento="Decreto 1")


def emitida(canal: CanalNfse, usuario: Usuario) -> Nota:
    nota = nacional(canal, usuario)
    emitir_ja(nota, usuario=usuario)
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.AUTORIZADA, nota.operacao and nota.operacao.mensagem
    return nota


def test_the_notes_of_the_municipio_go_to_its_emitter_and_remember_it(canal, emissor, ana, client: Client) -> None:
    nota = emitida(canal, ana)
    assert emissores.endereco_da_nota(nota.pk) == emissor.sefin
    client.force_login(ana)
    assert emissor.sefin in client.get(nota.get_absolute_url()).content.decode()


def test_without_an_own_emitter_they_go_to_the_national_address(canal, vivo, ana, client: Client) -> None:
    EmissorMunicipal.objects.create(municipio_id=BARREIROS, sefin=MORTO, fundamento="Decreto 1", ativo=False)
    nota = emitida(canal, ana)
    assert DocumentoAssinado.objects.get().endereco == emissores.NACIONAL
    client.force_login(ana)
    assert "Enviada ao emissor" not in client.get(nota.get_absolute_url()).content.decode()


def test_a_doubt_is_settled_where_the_note_was_sent(canal, emissor, ana, sefin, vivo) -> None:
    sefin.controle.cenario(acao="perder_resposta", servico="nacional", operacao="nfse_emitir", vezes=1)
    nota = nacional(canal, ana)
    emitir([nota.pk], ana, marca=prevoo(com_tudo([nota.pk])).marca)
    trabalhar(voltas=1)
    emissor.sefin = MORTO  # the address was changed meanwhile
    emissor.save()
    acesso.esquecer()
    trabalhar()
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.AUTORIZADA
    assert len(sefin.controle.ledger(servico="nacional", tipo="nfse_autorizada")) == 1
    assert DocumentoAssinado.objects.get().endereco == vivo


def test_a_note_is_cancelled_read_and_replaced_where_it_is(canal, emissor, ana) -> None:
    cancelada, antiga = emitida(canal, ana), emitida(canal, ana)
    emissor.ativo = False
    emissor.save()
    acesso.esquecer()
    acoes.cancelar(cancelada, "1", MOTIVO, ana)
    nova = acoes.substituir(antiga, "99", MOTIVO, ana)
    emitir_ja(nova, usuario=ana)
    acoes.reler([nova], ana)
    trabalhar()
    for nota in (cancelada, antiga, nova):
        nota.refresh_from_db()
    assert (cancelada.situacao, antiga.situacao) == (Nota.Situacao.CANCELADA, Nota.Situacao.SUBSTITUIDA)
    assert nova.situacao == Nota.Situacao.AUTORIZADA
    assert set(DocumentoAssinado.objects.values_list("endereco", flat=True)) == {emissor.sefin}


def test_a_municipio_that_does_not_use_the_national_emitter_issues_by_its_own(canal, emissor, ana) -> None:
    ConvenioNacional.objects.update(emite=False)
    nota = nacional(canal, ana)
    assert prevoo(com_tudo([nota.pk])).prontas
    EmissorMunicipal.objects.update(ativo=False)
    assert prevoo(com_tudo([nota.pk])).fora[0].codigo == "nacional-convenio"


def test_testar_asks_the_own_emitter_and_says_so(canal, emissor, ana) -> None:
    teste = testes.testar(canal=canal, usuario=ana)
    assert teste.ok
    assert "emissor próprio do município" in teste.mensagem


# -- the address ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("endereco", "trecho"),
    [
        ("http://nfse.cidade.gov.br/api", "https://"),
        ("ftp://nfse.cidade.gov.br/api", "https://"),
        ("nfse.cidade.gov.br", "https://"),
        ("https://ana:senha@nfse.cidade.gov.br/api", "usuário"),
        ("https://nfse.cidade.gov.br/api?x=1", "depois de ?"),
        ("https://nfse.cidade.gov.br/api#x", "depois de ?"),
        ("https://nfse.cidade.gov.br:porta/api", "não pôde ser lido"),
        ("https://[::1/api", "não pôde ser lido"),
        ("https://127.0.0.1/api", "nome público"),
        ("https://[::1]/api", "nome público"),
        ("https://169.254.169.254/api", "nome público"),
        ("https://localhost/api", "nome público"),
        ("https://servidor/api", "nome público"),
        ("https://banco.internal/api", "nome público"),
        ("https://cidade_x.gov.br/api", "nome público"),
        ("https:///api", "nome público"),
    ],
)
def test_only_https_to_a_public_name_is_kept(settings, endereco, trecho) -> None:
    settings.AMBIENTE = Ambiente.PRODUCAO
    with pytest.raises(emissores.EnderecoRecusado, match=trecho.replace("?", r"\?")):
        emissores.ler_endereco(endereco)


def test_a_good_address_is_kept_without_its_last_bar(settings) -> None:
    settings.AMBIENTE = Ambiente.PRODUCAO
    assert emissores.ler_endereco(" https://nfse.cidade.gov.br/SefinNacional/ ") == (
        "https://nfse.cidade.gov.br/SefinNacional"
    )


def test_in_the_sandbox_only_the_simulator_is_spoken_to() -> None:
    with pytest.raises(emissores.EnderecoRecusado, match="simulador"):
        emissores.ler_endereco("https://nfse.cidade.gov.br/SefinNacional")


def test_an_administrator_gives_the_address_and_the_change_is_audited(client: Client, ana, canal, vivo) -> None:
    client.force_login(ana)
    novo = reverse("admin:nfse_emissormunicipal_add")
    dados = {"municipio": BARREIROS, "sefin": "http://x", "fundamento": "Decreto 1", "ativo": "on"}
    assert f"{novo}?municipio={BARREIROS}" in client.get(canal.get_absolute_url()).content.decode()
    assert "https://" in client.post(novo, dados).content.decode()
    assert not EmissorMunicipal.objects.exists()
    client.post(novo, dados | {"sefin": vivo + "/"})
    assert EmissorMunicipal.objects.get().sefin == vivo
    client.post(reverse("admin:nfse_emissormunicipal_change", args=[BARREIROS]), dados | {"sefin": vivo, "ativo": ""})
    assert not EmissorMunicipal.objects.get().ativo
    acoes_feitas = Auditoria.objects.filter(acao__startswith="emissor_municipal.").values_list("acao", flat=True)
    assert set(acoes_feitas) == {"emissor_municipal.incluir", "emissor_municipal.alterar"}
    pagina = client.get(canal.get_absolute_url()).content.decode()
    assert "Sefin Nacional" in pagina
    assert reverse("admin:nfse_emissormunicipal_change", args=[BARREIROS]) in pagina
