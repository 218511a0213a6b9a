"""*Testar*, *Atualizar cadastros* and the administration of Integra Notas, against the simulators."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from comum import segredos
from comum.models import Auditoria, Usuario
from credentials.models import CertificadoA1
from nfse.models import CanalNfse, ContaSofthouse, Nota, ReferenciaCanal, TipoCanal
from nfse.services import acesso, administracao, cadastros, canais, softhouse, testes
from operacoes.models import Operacao, Pausa, Situacao, Tentativa
from tests.cast import criar_empresa
from tests.credentials.fabrica import SENHA_PFX, certificado_x509, pfx
from tests.nfse.escritorio import empresa_com_canal, tomador_de, trabalhar
from tests.sandbox_fixture import SandboxVivo

pytestmark = pytest.mark.django_db(transaction=True)

MUNICIPIO = "2601409"


@pytest.fixture
def conta(nfse_vivo: SandboxVivo) -> ContaSofthouse:
    """The office's account, as the simulator has it, whose limits are out of the way."""
    nfse_vivo.controle.ajustes(**{"integranotas.limites": False})
    dela = next(c for c in nfse_vivo.controle.get("integranotas/contas")["contas"] if c["ambiente"] == "producao")
    conta = ContaSofthouse(nome="Escritório")
    segredos.selar(conta, "token", dela["token"])
    conta.save()
    conta.refresh_from_db()
    return conta


@pytest.fixture
def canal(conta: ContaSofthouse, nfse_vivo: SandboxVivo) -> CanalNfse:
    """A canal of Integra Notas whose emitente the simulator knows."""
    canal = empresa_com_canal(21, TipoCanal.INTEGRANOTAS, conta=conta, serie="1")
    emitente = {"documento": canal.empresa.documento, "municipio": MUNICIPIO}
    (criado,) = nfse_vivo.controle.post("integranotas/emitentes", {"emitentes": [emitente]}).json()["emitentes"]
    segredos.selar(canal, "token", criado["token"])
    canal.save()
    canal.refresh_from_db()
    return canal


@pytest.fixture
def cliente(ana: Usuario, client: Client) -> Client:
    client.force_login(ana)
    return client


def efeitos(sandbox: SandboxVivo, tipo: str) -> int:
    return len(sandbox.controle.ledger(servico="integranotas", tipo=tipo))


def token_do_emitente(sandbox: SandboxVivo, canal: CanalNfse) -> str:
    achados = sandbox.controle.get("integranotas/emitentes", documento=canal.empresa.documento)["emitentes"]
    return str(achados[0]["token"])


def token_do_canal(canal: CanalNfse) -> str:
    return segredos.abrir_texto(CanalNfse.objects.get(pk=canal.pk), "token")


def guardado_de_tudo() -> str:
    """What the engine and the audit keep."""
    tentativas = "".join(f"{t.enviado}{t.recebido}{t.detalhe}" for t in Tentativa.objects.all())
    operacoes = "".join(f"{o.pedido}{o.resposta}{o.mensagem}" for o in Operacao.objects.all())
    return tentativas + operacoes + "".join(f"{a.resumo}{a.dados}" for a in Auditoria.objects.all())


# -- SISGENF-e --------------------------------------------------------------------------------------------------------


@pytest.fixture
def sisgenfe(nfse_vivo: SandboxVivo) -> CanalNfse:
    canal = empresa_com_canal(11, TipoCanal.SISGENFE)
    prestador = {
        "cnpj": canal.empresa.documento,
        "usuario": "ana",
        "senha": "senha da ana",
        "app": "chave-do-aplicativo",
    }
    nfse_vivo.controle.post("sisgenfe/prestadores", {"prestadores": [prestador]})
    canal.refresh_from_db()
    return canal


def test_a_canal_of_sisgenfe_that_opens_says_so_and_lifts_its_pause(sisgenfe, ana) -> None:
    Pausa.objects.create(acesso=sisgenfe.acesso, motivo="Login recusado")
    teste = testes.testar(canal=sisgenfe, usuario=ana)
    sisgenfe.refresh_from_db()
    assert teste.mensagem.startswith("Conectou: o SISGENF-e aceitou o usuário e mostra ")
    assert (sisgenfe.teste_ok, sisgenfe.testado_por, Pausa.objects.count()) == (True, ana, 0)


def test_a_wrong_password_is_told_with_the_words_of_the_service_and_kept_nowhere(sisgenfe, ana) -> None:
    segredos.selar(sisgenfe, "senha", "senha-errada-77")
    sisgenfe.save()
    sisgenfe.refresh_from_db()
    teste = testes.testar(canal=sisgenfe, usuario=ana)
    assert not teste.ok
    assert "recusou o login" in teste.mensagem
    assert "Palavras do SISGENF-e" in teste.mensagem
    assert "senha-errada-77" not in guardado_de_tudo() + teste.mensagem


def test_a_test_of_what_was_changed_meanwhile_is_not_kept(sisgenfe, ana) -> None:
    dados = canais.DadosCanal(usuario="outra", senha="outra-senha", chave_aplicacao="outra-chave")
    canais.alterar(usuario=ana, canal=sisgenfe, dados=dados, versao=acesso.versao_de(sisgenfe))
    with pytest.raises(canais.CanalMudou, match="durante o teste"):
        testes.testar(canal=sisgenfe, usuario=ana)
    assert CanalNfse.objects.get(pk=sisgenfe.pk).testado_em is None


def test_the_registers_are_read_kept_with_their_age_and_read_again(cliente, sisgenfe, ana) -> None:
    ReferenciaCanal.objects.create(
        canal=sisgenfe, especie="atividade", codigo="x", id_servico=999_999, lida_em=sisgenfe.criado_em
    )
    lidos = cadastros.atualizar(canal=sisgenfe, usuario=ana)
    grupos = {grupo.especie: grupo for grupo in cadastros.resumo(sisgenfe)}
    assert grupos["atividade"].quantas == len(lidos.atividades) > 0  # what the service no longer lists is forgotten
    assert grupos["municipio"].quantas == len(lidos.municipios) > 100
    sisgenfe.refresh_from_db()
    assert sisgenfe.referencias_em is not None
    pagina = cliente.get(f"/notas/canais/{sisgenfe.codigo}/cadastros/?especie=unidade").content.decode()
    assert lidos.unidades[0].nome in pagina


def test_a_uf_that_is_none_is_told(cliente, sisgenfe) -> None:
    resposta = cliente.post(f"/notas/canais/{sisgenfe.codigo}/cadastros/atualizar/", {"uf": "ZZ"}, follow=True)
    assert "UF desconhecida" in resposta.content.decode()


def test_a_service_that_is_away_leaves_the_registers_as_they_were(cliente, sisgenfe, nfse_vivo) -> None:
    nfse_vivo.controle.cenario(acao="erro", servico="sisgenfe", operacao="unidade_query", parametros={"http": 503})
    resposta = cliente.post(f"/notas/canais/{sisgenfe.codigo}/cadastros/atualizar/", {}, follow=True)
    assert "Nada foi atualizado." in resposta.content.decode()
    assert not ReferenciaCanal.objects.exists()


# -- Integra Notas: readings ------------------------------------------------------------------------------------------


def test_a_canal_of_integra_notas_that_opens_tells_of_the_certificate(canal, ana) -> None:
    teste = testes.testar(canal=canal, usuario=ana)
    assert teste.ok
    assert "mas não tem certificado do emitente" in teste.mensagem


def test_the_token_of_another_emitente_is_found_out(canal, ana, nfse_vivo) -> None:
    outra = criar_empresa(33)
    corpo = {"emitentes": [{"documento": outra.documento, "municipio": MUNICIPIO}]}
    (outro,) = nfse_vivo.controle.post("integranotas/emitentes", corpo).json()["emitentes"]
    segredos.selar(canal, "token", outro["token"])
    canal.save()
    canal.refresh_from_db()
    teste = testes.testar(canal=canal, usuario=ana)
    assert not teste.ok
    assert f"O token é do emitente {outra.documento_mascarado}" in teste.mensagem


@pytest.mark.parametrize(
    ("aba", "dados", "trecho"),
    [
        ("emitente/ler/", {}, "Como está no serviço"),
        ("certificado/ler/", {}, "Nenhum certificado"),
        ("municipio/ler/", {"ibge": MUNICIPIO}, "lido em"),
        ("pendentes/ler/", {}, "O serviço não tem nota em processamento"),
        ("busca/ler/", {"onde": "servico", "de": "01/11/2026"}, "Nada achado"),
        ("busca/ler/", {"onde": "prefeitura", "rps": "1"}, "Nada achado"),
        ("backup/ler/", {"tipo": "emitidas", "mes": "9", "ano": "2026"}, "ainda não tem o pacote"),
        ("backup/ler/", {"tipo": "recebidas", "mes": "9", "ano": "2026"}, "ainda não tem o pacote"),
    ],
)
def test_each_reading_has_its_place_on_a_screen(cliente, canal, aba, dados, trecho) -> None:
    resposta = cliente.post(f"/notas/canais/{canal.codigo}/{aba}", dados)
    assert resposta.status_code == 200
    assert trecho in resposta.content.decode()


@pytest.mark.parametrize(
    ("aba", "dados", "trecho"),
    [
        ("municipio/ler/", {"ibge": "12"}, "O código do município tem 7 números"),
        ("municipio/ler/", {}, "Escolha o município"),
        ("busca/ler/", {"onde": "servico"}, "Informe ao menos um filtro"),
        ("busca/ler/", {"onde": "servico", "de": "20/11/2026", "ate": "01/11/2026"}, "anterior à inicial"),
        ("busca/ler/", {"onde": "servico", "de": "32/11/2026"}, "não existe no calendário"),
        ("backup/ler/", {"tipo": "emitidas", "mes": "13", "ano": "2026"}, "O mês vai de 1 a 12."),
        ("backup/ler/", {"tipo": "emitidas", "mes": "12", "ano": "2099"}, "ainda não chegou"),
        ("certificado/", {}, "Escolha um certificado guardado, ou envie o arquivo."),
        ("conflito/", {"chave": "123"}, "A chave tem 44 ou 50 caracteres, e esta tem 3."),
    ],
)
def test_each_wrong_question_gets_its_own_message(cliente, canal, aba, dados, trecho) -> None:
    resposta = cliente.post(f"/notas/canais/{canal.codigo}/{aba}", dados)
    assert resposta.status_code == 422
    assert trecho in resposta.content.decode()


def test_what_the_town_allows_is_kept_with_its_date(cliente, canal) -> None:
    cliente.post(f"/notas/canais/{canal.codigo}/municipio/ler/", {"ibge": MUNICIPIO})
    canal.refresh_from_db()
    assert canal.opcoes["municipio"]["ibge"] == MUNICIPIO
    assert canal.opcoes["municipio"]["lido_em"]


def test_a_blocked_token_is_told_and_holds_the_queue_too(cliente, canal, nfse_vivo) -> None:
    nfse_vivo.controle.cenario(acao="limite", servico="integranotas", vezes=1, parametros={"retry_after": 120})
    pagina = cliente.post(f"/notas/canais/{canal.codigo}/pendentes/ler/").content.decode()
    assert "bloqueou as chamadas" in pagina
    de_novo = cliente.post(f"/notas/canais/{canal.codigo}/pendentes/ler/").content.decode()
    assert "Limite de chamadas do serviço atingido" in de_novo


# -- Integra Notas: what has an effect --------------------------------------------------------------------------------


def test_an_emitente_is_created_and_its_token_goes_straight_into_the_canal(cliente, conta, nfse_vivo) -> None:
    empresa = criar_empresa(40, regime="presumido")
    dados = {"empresa": empresa.pk, "razao": "Inventada", "nome": "Inventada", "serie": "1", "proximo_numero": "5"}
    assert cliente.post(f"/notas/canais/softhouse/{conta.pk}/emitentes/novo/", dados).status_code == 302
    novo = CanalNfse.objects.get(empresa=empresa)
    assert not novo.ativo
    trabalhar()
    novo.refresh_from_db()
    token = token_do_emitente(nfse_vivo, novo)
    assert (novo.ativo, novo.proximo_numero, token_do_canal(novo)) == (True, 5, token)
    assert efeitos(nfse_vivo, "emitente_criado") == 1
    assert token not in guardado_de_tudo()


@pytest.mark.parametrize("acao", ["perder_resposta", "cortar"])
def test_a_lost_answer_to_a_creation_is_settled_by_asking(conta, ana, nfse_vivo, acao) -> None:
    nfse_vivo.controle.cenario(acao=acao, servico="integranotas", operacao="soft_criar", vezes=1)
    novo = softhouse.canal_para(conta=conta, empresa=criar_empresa(41), serie="1", proximo_numero=1, usuario=ana)
    administracao.criar_emitente(canal=novo, cadastro={"nome": "A", "razao": "A"}, prefeitura=False, usuario=ana)
    trabalhar()
    assert Operacao.objects.get().situacao == Situacao.CONCLUIDA
    assert efeitos(nfse_vivo, "emitente_criado") == 1
    assert token_do_canal(novo) == token_do_emitente(nfse_vivo, novo)


def test_an_emitente_that_exists_is_refused_and_its_token_can_be_recovered(
    cliente, conta, ana, canal, nfse_vivo
) -> None:
    CanalNfse.objects.filter(pk=canal.pk).update(token=b"", ativo=False)
    canal.refresh_from_db()
    administracao.criar_emitente(canal=canal, cadastro={"nome": "A", "razao": "A"}, prefeitura=False, usuario=ana)
    trabalhar()
    assert Operacao.objects.get().situacao == Situacao.RECUSADA
    resposta = cliente.post(f"/notas/canais/{canal.codigo}/token/recuperar/", follow=True)
    assert "está guardado no canal" in resposta.content.decode()
    assert token_do_canal(canal) == token_do_emitente(nfse_vivo, canal)


def test_the_record_is_changed_with_the_access_to_the_town_hall_that_the_canal_keeps(cliente, canal, nfse_vivo) -> None:
    segredos.selar(canal, "senha", "senha-da-prefeitura-55")
    canal.usuario = "maria"
    canal.save()
    dados = {"telefone": "(81) 3333-4444", "prefeitura": "on", "pela_conta": "1"}
    assert cliente.post(f"/notas/canais/{canal.codigo}/emitente/alterar/", dados).status_code == 302
    trabalhar()
    operacao = Operacao.objects.get()
    assert operacao.situacao == Situacao.CONCLUIDA
    assert operacao.pedido["cadastro"]["telefone"] == "8133334444"
    assert efeitos(nfse_vivo, "emitente_alterado") == 1
    assert "senha-da-prefeitura-55" not in guardado_de_tudo()


def test_the_token_is_replaced_before_it_is_used_and_the_old_one_is_gone(cliente, canal, nfse_vivo) -> None:
    antigo = token_do_canal(canal)
    cliente.post(f"/notas/canais/{canal.codigo}/token/")
    trabalhar()
    novo = token_do_canal(canal)
    assert novo == token_do_emitente(nfse_vivo, canal) != antigo
    assert efeitos(nfse_vivo, "token_trocado") == 1
    guardado = guardado_de_tudo()
    assert novo not in guardado
    assert antigo not in guardado


def test_a_lost_answer_to_a_rotation_waits_for_a_person_and_is_never_sent_again(cliente, canal, nfse_vivo) -> None:
    nfse_vivo.controle.cenario(acao="perder_resposta", servico="integranotas", operacao="emitente_token", vezes=1)
    cliente.post(f"/notas/canais/{canal.codigo}/token/")
    trabalhar()
    operacao = Operacao.objects.get()
    assert (operacao.situacao, operacao.envios) == (Situacao.AGUARDA_PESSOA, 1)
    assert efeitos(nfse_vivo, "token_trocado") == 1
    assert "Recuperar o token" in cliente.get(operacao.get_absolute_url()).content.decode()
    cliente.post(f"/notas/canais/{canal.codigo}/token/recuperar/")
    assert token_do_canal(canal) == token_do_emitente(nfse_vivo, canal)


def test_nobody_writes_the_token_into_the_evidence(cliente, canal, nfse_vivo) -> None:
    nfse_vivo.controle.cenario(acao="perder_resposta", servico="integranotas", operacao="emitente_token", vezes=1)
    cliente.post(f"/notas/canais/{canal.codigo}/token/")
    trabalhar()
    operacao, token = Operacao.objects.get(), token_do_emitente(nfse_vivo, canal)
    resposta = cliente.post(reverse("operacoes:resolver", args=[operacao.pk]), {"aconteceu": "1", "numero": token})
    assert resposta.status_code == 422
    assert "Isto parece um token" in resposta.content.decode()
    assert token not in guardado_de_tudo()


def test_a_certificate_is_kept_and_sent_and_never_told(cliente, canal, nfse_vivo) -> None:
    enviado = SimpleUploadedFile("a1.pfx", pfx(certificado_x509(cnpj=canal.empresa.documento)))
    dados = {"arquivo": enviado, "senha_arquivo": SENHA_PFX}
    assert cliente.post(f"/notas/canais/{canal.codigo}/certificado/", dados).status_code == 302
    trabalhar()
    canal.refresh_from_db()
    assert canal.certificado_id == CertificadoA1.objects.get().pk
    assert canal.certificado_enviado_em is not None
    assert efeitos(nfse_vivo, "certificado_enviado") == 1
    assert SENHA_PFX not in guardado_de_tudo()
    assert "Válido" in cliente.post(f"/notas/canais/{canal.codigo}/certificado/ler/").content.decode()


def test_the_certificate_of_somebody_else_is_refused_before_anything_leaves(cliente, canal) -> None:
    enviado = SimpleUploadedFile("a1.pfx", pfx(certificado_x509(cnpj="11222333000181")))
    dados = {"arquivo": enviado, "senha_arquivo": SENHA_PFX}
    resposta = cliente.post(f"/notas/canais/{canal.codigo}/certificado/", dados, follow=True)
    assert "O certificado é de 11.222.333/0001-81" in resposta.content.decode()
    assert not Operacao.objects.exists()
    assert not CertificadoA1.objects.exists()


def test_the_address_of_the_avisos_is_registered_below_the_public_one(
    cliente, canal, conta, settings, nfse_vivo
) -> None:
    settings.URL_PUBLICA = "http://127.0.0.1:8009"
    cliente.post(f"/notas/canais/{canal.codigo}/avisos/")
    trabalhar()
    achados = nfse_vivo.controle.get("integranotas/emitentes", documento=canal.empresa.documento)["emitentes"]
    assert achados[0]["webhook"] == f"http://127.0.0.1:8009/notas/aviso/{conta.endereco}/"
    assert "É este" in cliente.get(f"/notas/canais/{canal.codigo}/avisos/").content.decode()


def test_an_emitente_is_removed_and_its_canal_switched_off(cliente, canal, nfse_vivo) -> None:
    endereco = f"/notas/canais/softhouse/emitentes/{canal.codigo}/remover/"
    assert "30 dias depois" in cliente.get(endereco).content.decode()
    assert cliente.post(endereco, {"documento": canal.empresa.documento}).status_code == 302
    trabalhar()
    canal.refresh_from_db()
    assert not canal.ativo
    assert efeitos(nfse_vivo, "emitente_removido") == 1


def test_a_removal_without_its_confirmation_removes_nothing(cliente, canal) -> None:
    cliente.post(f"/notas/canais/softhouse/emitentes/{canal.codigo}/remover/", {"documento": "outro"})
    assert not Operacao.objects.exists()


def test_an_emitente_with_a_note_whose_xml_is_missing_is_not_removed(cliente, canal, ana) -> None:
    Nota(
        empresa=canal.empresa,
        canal=canal,
        tomador=tomador_de(canal.empresa),
        competencia=canal.criado_em.date().replace(day=1),
        emissao=canal.criado_em.date(),
        situacao=Nota.Situacao.AUTORIZADA,
        serie="1",
        numero=1,
        chave="3" * 44,
        municipio_prestacao=canal.empresa.municipio,
        criada_por=ana,
    ).save()
    endereco = f"/notas/canais/softhouse/emitentes/{canal.codigo}/remover/"
    assert "1 nota está sem o XML guardado" in cliente.get(endereco).content.decode()
    cliente.post(endereco, {"documento": canal.empresa.documento})
    assert not Operacao.objects.exists()


def test_the_same_pedido_twice_is_one_and_another_one_meanwhile_is_refused(canal, ana) -> None:
    def alterar(telefone: str) -> Operacao:
        cadastro = {"telefone": telefone}
        return administracao.alterar_emitente(
            canal=canal, cadastro=cadastro, prefeitura=False, pela_conta=False, usuario=ana
        )

    assert alterar("8133334444") == alterar("8133334444")
    with pytest.raises(administracao.AdministracaoErro, match="em andamento"):
        alterar("8155556666")
    trabalhar()
    assert alterar("8155556666") != Operacao.objects.order_by("pk").first()


def test_the_emitentes_of_the_account_are_shown_beside_ours(cliente, canal, conta) -> None:
    Pausa.objects.create(acesso=conta.acesso, motivo="Token recusado")
    pagina = cliente.post(f"/notas/canais/softhouse/{conta.pk}/emitentes/").content.decode()
    assert canal.empresa.documento_mascarado in pagina
    assert f"Canal {canal.codigo}" in pagina
    assert not Pausa.objects.exists()


def test_a_token_that_the_service_no_longer_takes_pauses_only_its_canal(canal, ana, nfse_vivo) -> None:
    segredos.selar(canal, "token", "eyJ0eXAi.um-token-que-nunca-existiu.x")
    canal.save()
    administracao.registrar_webhook(canal=canal, url="http://127.0.0.1:9/x/", usuario=ana)
    CanalNfse.objects.filter(pk=canal.pk).update(alterado_em="2026-01-01T00:00Z")  # long before the try
    trabalhar(2)
    assert list(Pausa.objects.values_list("acesso", flat=True)) == [canal.acesso]


# -- the account ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mudados", "trecho"),
    [
        ({"token": ""}, "Informe o token da software house"),
        ({"token": "curto"}, "parece cortado"),
        ({"nome": ""}, "Este campo é obrigatório"),
        ({"nome": "Escritório"}, "Já há uma conta com o nome Escritório."),
    ],
)
def test_each_wrong_field_of_an_account_gets_its_own_message(cliente, conta, mudados, trecho) -> None:
    dados: dict[str, Any] = {"nome": "Outra", "token": "eyJ0eXAi.token-da-outra-conta.x", "ativa": "on"} | mudados
    resposta = cliente.post("/notas/canais/softhouse/nova/", dados)
    assert resposta.status_code == 422
    assert trecho in resposta.content.decode()
    assert "token-da-outra-conta" not in resposta.content.decode()
    assert ContaSofthouse.objects.count() == 1


def test_an_account_changed_meanwhile_is_a_named_conflict(cliente, conta) -> None:
    def alterar(nome: str) -> Any:
        dados = {"nome": nome, "ativa": "on", "versao": acesso.versao_de(conta)}
        return cliente.post(f"/notas/canais/softhouse/{conta.pk}/alterar/", dados)

    assert alterar("De uma pessoa").status_code == 302
    resposta = alterar("De outra pessoa")
    assert resposta.status_code == 422
    assert "Ana alterou esta conta" in resposta.content.decode()


@pytest.mark.parametrize("quem", ["bruno", "carla"])
def test_the_accounts_are_the_administradors_alone(client, conta, quem, request) -> None:
    client.force_login(request.getfixturevalue(quem))
    assert client.get("/notas/canais/softhouse/").status_code == 403
    assert client.post(f"/notas/canais/softhouse/{conta.pk}/emitentes/").status_code == 403
