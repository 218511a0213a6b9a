"""Table 102: write-only secrets, named conflicts, and a test of the connection that says what happened."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comum import segredos
from comum.formatos import format_data
from comum.models import Auditoria
from credentials.models import CertificadoA1, Credencial
from credentials.providers import serpro
from credentials.services import certificados
from credentials.services import credenciais as servico
from credentials.services.acesso import acesso_de, acesso_de_nome
from operacoes.conexao import Teste
from operacoes.errors import AccessDenied
from operacoes.models import Operacao, Pausa
from tests.cast import criar_empresa
from tests.credentials.fabrica import CNPJ, KEY, SECRET, SENHA_PFX, certificado_x509, criar_credencial, pfx, vincular

pytestmark = pytest.mark.django_db


@pytest.fixture
def cliente(ana, client: Client, adicional_216) -> Client:
    client.force_login(ana)
    return client


def arquivo(conteudo: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("certificado.pfx", conteudo)


def campos(**mudados: object) -> dict[str, object]:
    return {
        "codigo": "3",
        "descricao": "Escritório matriz",
        "ativa": "on",
        "tipo_certificado": "A1",
        "consumer_key": "",
        "consumer_secret": "",
        "senha": "",
        **mudados,
    }


def nova(cliente: Client, **mudados: object):
    return cliente.post("/credenciais/nova/", campos(**mudados))


def alterar(cliente: Client, versao: int = 1, **mudados: object):
    return cliente.post("/credenciais/3/alterar/", campos(versao=versao, **mudados))


def test_offers_the_next_free_code(cliente, credencial) -> None:
    assert b'name="codigo" value="4"' in cliente.get("/credenciais/nova/").content


def _enviadas(codigo: int, quantas: int, ultima: datetime) -> None:
    Operacao.objects.bulk_create(
        Operacao(
            tipo="teste.unico",
            chave=f"{codigo}:{numero}",
            pedido={},
            acesso=f"credencial:{codigo}",
            balde=f"credencial:{codigo}",
            servico="teste",
            efeito="unico",
            classe="emissao",
            situacao="aguarda_pessoa",
            enviada_em=ultima - timedelta(minutes=numero) if numero < quantas else None,
        )
        for numero in range(quantas + 5)
    )


def _linhas_lidas(no: dict[str, Any], tabela: str) -> float:
    daqui = no["Actual Rows"] * no["Actual Loops"] if no.get("Relation Name") == tabela else 0
    return daqui + sum(_linhas_lidas(filho, tabela) for filho in no.get("Plans", []))


def test_the_last_use_of_a_credencial_never_tested_reads_one_row_of_it(cliente, credencial, outra_credencial) -> None:
    ultima = datetime(2026, 11, 12, 15, tzinfo=UTC)
    _enviadas(credencial.codigo, 2000, ultima)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE operacoes_operacao")
    with CaptureQueriesContext(connection) as consultas:
        pagina = cliente.get("/credenciais/").content.decode()
    assert "usada em 12/11/2026" in pagina
    assert "não testada" in pagina  # the other one
    (consulta,) = [c["sql"] for c in consultas.captured_queries if "enviada_em" in c["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + consulta)
        ((plano,),) = cursor.fetchall()
    assert _linhas_lidas(plano[0]["Plan"], "operacoes_operacao") == 1


def test_registers_with_the_contratante_read_off_the_certificate(cliente) -> None:
    resposta = nova(cliente, consumer_key=KEY, consumer_secret=SECRET, certificado=arquivo(pfx()), senha=SENHA_PFX)
    assert resposta.status_code == 302
    credencial = Credencial.objects.get(codigo=3)
    assert (credencial.contratante, credencial.contratante_nome) == (CNPJ, "ESCRITORIO INVENTADO LTDA")
    assert segredos.abrir_texto(credencial, "consumer_secret") == SECRET


@pytest.mark.parametrize(
    ("conteudo", "senha", "trecho"),
    [
        (lambda: pfx(), "errada", "A senha não abre este certificado"),
        (lambda: b"", SENHA_PFX, "O arquivo está vazio"),
        (lambda: b"nome;valor", SENHA_PFX, "não é um certificado A1"),
        (lambda: b"\x30" * 300_000, SENHA_PFX, "um certificado A1 tem menos de 200 kB"),
        (
            lambda: pfx(
                certificado_x509(de=datetime.now(UTC) - timedelta(days=400), ate=datetime.now(UTC) - timedelta(days=1))
            ),
            SENHA_PFX,
            "venceu em",
        ),
        (lambda: pfx(certificado_x509(de=datetime.now(UTC) + timedelta(days=1))), SENHA_PFX, "só vale a partir de"),
        (lambda: pfx(certificado_x509(cpf="52998224725")), SENHA_PFX, "é de pessoa física"),
    ],
)
def test_each_wrong_file_gets_its_own_message_and_keeps_what_was_typed(cliente, conteudo, senha, trecho) -> None:
    resposta = nova(cliente, descricao="Digitada", certificado=arquivo(conteudo()), senha=senha)
    pagina = resposta.content.decode()
    assert resposta.status_code == 422
    assert trecho in pagina
    assert len(resposta.context["form"].errors) == 1
    assert 'value="Digitada"' in pagina
    assert not Credencial.objects.exists()


def test_a_code_in_use_is_refused(cliente, credencial) -> None:
    resposta = nova(cliente)
    assert resposta.status_code == 422
    assert "já é de outra credencial. Use o 4." in resposta.content.decode()


def test_secrets_never_appear_on_any_page(cliente, ana, bruno, carla, credencial) -> None:
    nova(cliente, codigo="3", consumer_key="K-digitada-agora", consumer_secret="S-digitado-agora")
    for usuario in (ana, bruno, carla):
        cliente.force_login(usuario)
        for url in ("/credenciais/", "/credenciais/3/", "/credenciais/3/alterar/", "/integra-contador/3/"):
            pagina = cliente.get(url).content.decode()
            assert not any(s in pagina for s in (KEY, SECRET, SENHA_PFX))


def test_secrets_typed_into_an_invalid_form_do_not_come_back(cliente, credencial) -> None:
    resposta = alterar(cliente, descricao="", consumer_secret="S-digitado", senha="senha-digitada")
    pagina = resposta.content.decode()
    assert resposta.status_code == 422
    assert "S-digitado" not in pagina
    assert "senha-digitada" not in pagina
    assert "o que é secreto não volta para a tela" in pagina


def test_only_what_is_really_lost_is_asked_for_again(cliente, credencial) -> None:
    pagina = alterar(cliente, descricao="", consumer_key="K-digitada").content.decode()
    assert 'value="K-digitada"' in pagina
    assert "o que é secreto não volta para a tela" not in pagina


def test_a_contratante_in_two_credenciais_is_allowed_with_a_warning_that_links_to_the_other(
    cliente, credencial
) -> None:
    resposta = cliente.post(
        "/credenciais/nova/", campos(codigo="8", certificado=arquivo(pfx()), senha=SENHA_PFX), follow=True
    )
    pagina = resposta.content.decode()
    assert "O mesmo contratante está em mais de uma credencial" in pagina
    assert 'href="/credenciais/3/"' in pagina


def test_a_password_without_a_file_is_told_so(cliente) -> None:
    assert "A senha foi informada sem o arquivo" in nova(cliente, senha="x").content.decode()


def test_the_admin_site_does_not_show_sealed_columns(cliente, credencial) -> None:
    paginas = [
        f"/admin/credentials/credencial/{credencial.pk}/change/",
        f"/admin/credentials/certificadoa1/{credencial.certificado_id}/change/",
        "/admin/credentials/credencial/",
    ]
    for url in paginas:
        pagina = cliente.get(url).content.decode()
        assert "selad" not in pagina.lower()


def test_only_the_last_four_characters_of_the_key_and_only_to_the_administrador(cliente, bruno, credencial) -> None:
    assert "•••• a1b2" in cliente.get("/credenciais/3/").content.decode()
    cliente.force_login(bruno)
    assert "a1b2" not in cliente.get("/credenciais/3/").content.decode()


def test_blank_secrets_keep_what_is_stored(cliente, credencial) -> None:
    alterar(cliente, descricao="Outro nome")
    credencial.refresh_from_db()
    assert (credencial.descricao, credencial.versao) == ("Outro nome", 2)
    assert segredos.abrir_texto(credencial, "consumer_secret") == SECRET


def test_replacing_the_secret_leaves_an_audit_row_without_it(cliente, credencial) -> None:
    alterar(cliente, consumer_secret="S-novo-em-folha")
    linha = Auditoria.objects.get(acao="credencial.alterar")
    assert "consumer_secret" in linha.dados["campos"]
    assert "S-novo-em-folha" not in f"{linha.dados}{linha.resumo}"


def test_a_credencial_changed_meanwhile_is_a_named_conflict_that_keeps_what_was_typed(cliente, credencial) -> None:
    alterar(cliente, descricao="De uma pessoa")
    resposta = alterar(cliente, versao=1, descricao="De outra pessoa")
    pagina = resposta.content.decode()
    assert resposta.status_code == 422
    assert "Ana alterou esta credencial" in pagina
    assert 'value="De outra pessoa"' in pagina
    assert alterar(cliente, versao=2, descricao="De outra pessoa").status_code == 302


def test_saving_without_a_change_makes_no_version(cliente, credencial) -> None:
    alterar(cliente, descricao="Escritório 3")
    credencial.refresh_from_db()
    assert credencial.versao == 1


def test_the_certificate_of_another_contratante_is_refused_once_there_are_empresas(cliente, ana, credencial) -> None:
    vincular(criar_empresa(1), credencial, ana)
    resposta = alterar(cliente, certificado=arquivo(pfx(certificado_x509(cnpj="11222333000181"))), senha=SENHA_PFX)
    assert "Cadastre outra credencial" in resposta.content.decode()


def test_the_certificate_that_was_replaced_is_not_kept(cliente, credencial) -> None:
    antigo = credencial.certificado_id
    alterar(cliente, certificado=arquivo(pfx()), senha=SENHA_PFX)
    credencial.refresh_from_db()
    assert list(CertificadoA1.objects.values_list("pk", flat=True)) == [credencial.certificado_id]
    assert credencial.certificado_id != antigo


def test_a3_is_recorded_and_never_usable(cliente, credencial) -> None:
    alterar(cliente, tipo_certificado="A3")
    credencial.refresh_from_db()
    assert credencial.certificado is None
    assert "fora do servidor" in cliente.get("/credenciais/3/").content.decode()
    with pytest.raises(AccessDenied, match="A3"):
        acesso_de(credencial)


def test_a_credencial_with_empresas_is_not_deleted(cliente, ana, credencial) -> None:
    vincular(criar_empresa(1), credencial, ana)
    resposta = cliente.post("/credenciais/3/excluir/", follow=True)
    assert "tem 1 empresa e não pode ser excluída" in resposta.content.decode()
    assert Credencial.objects.filter(codigo=3).exists()


def test_an_unused_credencial_is_deleted(cliente, credencial) -> None:
    cliente.post("/credenciais/3/excluir/")
    assert not Credencial.objects.exists()
    assert not CertificadoA1.objects.exists()
    assert Auditoria.objects.filter(acao="credencial.excluir").count() == 1


def test_a_new_secret_lifts_the_pause(cliente, credencial) -> None:
    Pausa.objects.create(acesso=credencial.acesso, motivo="Secret recusado")
    alterar(cliente, consumer_secret="S-novo")
    assert not Pausa.objects.exists()


def test_a_new_description_does_not_lift_the_pause(cliente, credencial) -> None:
    Pausa.objects.create(acesso=credencial.acesso, motivo="Secret recusado")
    alterar(cliente, descricao="Outra")
    assert Pausa.objects.exists()


@pytest.mark.parametrize("url", ["nova/", "3/alterar/", "3/testar/", "3/excluir/"])
def test_only_the_administrador_writes(client, bruno, carla, credencial, url) -> None:
    for usuario in (bruno, carla):
        client.force_login(usuario)
        assert client.post(f"/credenciais/{url}").status_code == 403


def test_the_list_asks_the_same_number_of_queries_for_one_and_for_fifty(
    cliente, credencial, django_assert_max_num_queries
) -> None:
    def consultas() -> int:
        with django_assert_max_num_queries(20) as contexto:
            assert cliente.get("/credenciais/").status_code == 200
        return len(contexto)

    consultas()
    uma = consultas()
    for codigo in range(10, 50):
        criar_credencial(codigo, completa=False)
    assert consultas() == uma


# -- acesso --


def test_the_acesso_of_an_operation_opens_the_vault(credencial) -> None:
    acesso = acesso_de_nome("credencial:3")
    assert (acesso.consumer_key, acesso.consumer_secret) == (KEY, SECRET)
    assert SECRET not in repr(acesso)


def test_using_the_secrets_leaves_one_audit_row_a_day_for_each_version(credencial) -> None:
    noite = timezone.localtime().replace(hour=23, minute=59)
    with time_machine.travel(noite, tick=False) as relogio:
        acesso_de_nome("credencial:3")
        acesso_de_nome("credencial:3")
        relogio.shift(120)
        acesso_de_nome("credencial:3")
        Credencial.objects.update(versao=F("versao") + 1)
        acesso_de_nome("credencial:3")
    usos = Auditoria.objects.filter(acao="credencial.usar", objeto=f"credencial:{credencial.pk}").order_by("pk")
    assert [uso.dados["versao"] - credencial.versao for uso in usos] == [0, 0, 1]
    hoje, amanha = (format_data(noite + timedelta(days=n)) for n in (0, 1))
    assert [uso.resumo[-10:] for uso in usos] == [hoje, amanha, amanha]
    assert not any(SECRET in str(uso.dados) + uso.resumo for uso in usos)


@pytest.mark.parametrize("nome", ["credencial:99", "erp:3", "credencial:x", ""])
def test_an_unknown_acesso_is_denied(adicional_216, nome) -> None:
    with pytest.raises(AccessDenied):
        acesso_de_nome(nome)


def test_an_expired_certificate_is_denied_with_the_date(credencial) -> None:
    CertificadoA1.objects.update(valido_ate=datetime.now(UTC) - timedelta(hours=1))
    with pytest.raises(AccessDenied, match="venceu em"):
        acesso_de_nome("credencial:3")


def test_an_inactive_credencial_is_denied(credencial) -> None:
    Credencial.objects.update(ativa=False)
    with pytest.raises(AccessDenied, match="inativa"):
        acesso_de_nome("credencial:3")


def test_secrets_sealed_with_a_lost_key_are_denied_in_words(settings, credencial) -> None:
    settings.COFRE_CHAVES = "outra:" + "A" * 43 + "="
    with pytest.raises(AccessDenied, match="COFRE_CHAVES"):
        acesso_de_nome("credencial:3")


# -- testar conexão --


@pytest.fixture
def no_sandbox(settings, sandbox_limpo, adicional_216) -> Credencial:
    """The credencial 3, whose key, secret and certificate are those of the sandbox's first contratante."""
    serpro.esquecer()
    enderecos = sandbox_limpo.enderecos["integra_contador"]
    settings.INTEGRA_CONTADOR = settings.INTEGRA_CONTADOR.__class__(
        enderecos["autenticacao"], enderecos["producao"], Path(sandbox_limpo.ca)
    )
    contratante = sandbox_limpo.controle.contratantes()[0]
    conteudo = sandbox_limpo.controle.a1(contratante["cnpj"])
    credencial = Credencial(codigo=3, descricao="No sandbox", contratante=contratante["cnpj"])
    lido = certificados.ler_pfx(conteudo, contratante["senha"])
    credencial.certificado = certificados.guardar(conteudo, contratante["senha"], lido)
    segredos.selar(credencial, "consumer_key", contratante["consumerKey"])
    segredos.selar(credencial, "consumer_secret", contratante["consumerSecret"])
    credencial.save()
    return credencial


def test_testar_connects_says_so_and_is_audited(cliente, no_sandbox) -> None:
    resposta = cliente.post("/credenciais/3/testar/", follow=True)
    assert "Conectou" in resposta.content.decode()
    no_sandbox.refresh_from_db()
    assert no_sandbox.teste_ok
    assert no_sandbox.testada_em is not None
    assert Auditoria.objects.get(acao="credencial.testar").dados == {"ok": True}


def test_testar_with_a_wrong_secret_says_which_and_quotes_serpro(cliente, no_sandbox) -> None:
    segredos.selar(no_sandbox, "consumer_secret", "errado")
    no_sandbox.save()
    pagina = cliente.post("/credenciais/3/testar/", follow=True).content.decode()
    assert "Não conectou" in pagina
    assert "Consumer Secret" in pagina
    assert "Credenciais inválidas" in pagina
    no_sandbox.refresh_from_db()
    assert not no_sandbox.teste_ok
    for url in ("/credenciais/", "/credenciais/3/"):
        mais_tarde = cliente.get(url).content.decode()
        assert "Não conectou" in mais_tarde
        assert "Ana" in mais_tarde
        assert "Credenciais inválidas" in mais_tarde


def test_testar_with_serpro_out_of_reach_does_not_blame_the_credencial(cliente, settings, no_sandbox) -> None:
    settings.INTEGRA_CONTADOR = settings.INTEGRA_CONTADOR.__class__(
        "https://127.0.0.1:9/authenticate", "https://127.0.0.1:9/", settings.INTEGRA_CONTADOR.ca
    )
    pagina = cliente.post("/credenciais/3/testar/", follow=True).content.decode()
    assert "A credencial pode estar certa" in pagina


def test_testar_keeps_nothing_when_the_credencial_is_saved_during_the_log_in(
    cliente, ana, credencial, monkeypatch
) -> None:
    Pausa.objects.create(acesso=credencial.acesso, motivo="Secret recusado")

    def trocar_no_meio(testada: Credencial) -> Teste:
        Credencial.objects.filter(pk=testada.pk).update(versao=testada.versao + 1)
        return Teste(True, "Conectou.")

    monkeypatch.setattr(servico, "_autenticar", trocar_no_meio)
    pagina = cliente.post("/credenciais/3/testar/", follow=True).content.decode()
    assert "durante o teste" in pagina
    credencial.refresh_from_db()
    assert (credencial.testada_em, credencial.teste_ok) == (None, False)
    assert Pausa.objects.filter(acesso=credencial.acesso).exists()
    monkeypatch.setattr(servico, "_autenticar", lambda testada: (testada.delete(), Teste(True, "Conectou."))[1])
    assert "foi excluída durante o teste" in cliente.post("/credenciais/3/testar/", follow=True).content.decode()
