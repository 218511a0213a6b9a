"""Canais: write-only secrets, each wrong input its own message, numbers that only go up, who may do what."""

import ssl
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import BinaryField
from django.test import Client
from django.urls import reverse

from comum import segredos
from comum.management.commands.cofre_girar import SELADOS
from comum.models import Auditoria, Usuario
from config.ambientes import EnderecoNfse
from credentials.models import CertificadoA1
from credentials.services import certificados
from empresas.models import Carteira, Empresa
from nfse.models import CanalNfse, ContaSofthouse, Nota, NumeroLivre, RegraCanal, TipoCanal
from nfse.services import acesso, canais
from operacoes.errors import AccessDenied, ProviderUnavailable
from operacoes.models import Pausa
from tests.cast import criar_empresa
from tests.credentials.fabrica import SENHA_PFX, certificado_x509, pfx
from tests.nfse.escritorio import tomador_de

pytestmark = pytest.mark.django_db

SENHA, CHAVE, TOKEN = "Senha-secreta-81", "Chave-secreta-82", "eyJ0eXAi.token-secreto-83.assinado"
SEGREDOS = (SENHA, CHAVE, TOKEN, SENHA_PFX)


@pytest.fixture
def empresa(carteira: Carteira) -> Empresa:
    return criar_empresa(1, carteira=carteira, regime="presumido")


@pytest.fixture
def cliente(ana: Usuario, client: Client) -> Client:
    client.force_login(ana)
    return client


@pytest.fixture
def conta(db: None) -> ContaSofthouse:
    nova = ContaSofthouse(nome="Escritório")
    segredos.selar(nova, "token", TOKEN)
    nova.save()
    nova.refresh_from_db()
    return nova


def criar(empresa: Empresa, usuario: Usuario, tipo: TipoCanal = TipoCanal.INTEGRANOTAS, **dados: Any) -> CanalNfse:
    padrao: dict[str, Any] = (
        {"usuario": "maria", "senha": SENHA, "chave_aplicacao": CHAVE}
        if tipo == TipoCanal.SISGENFE
        else {"token": TOKEN, "serie": "1", "proximo_numero": 10}
    )
    return canais.criar(usuario=usuario, empresa=empresa, tipo=tipo, dados=canais.DadosCanal(**padrao | dados))


def arquivo(cnpj: str, **quando: Any) -> SimpleUploadedFile:
    return SimpleUploadedFile("certificado.pfx", pfx(certificado_x509(cnpj=cnpj, **quando)))


def campos(empresa: Empresa | None, tipo: TipoCanal, **mudados: Any) -> dict[str, Any]:
    base: dict[str, Any] = {"tipo": tipo, "ativo": "on"} | ({"empresa": empresa.pk} if empresa else {})
    if tipo == TipoCanal.SISGENFE:
        base |= {"usuario": "maria", "senha": SENHA, "chave_aplicacao": CHAVE}
    else:
        base |= {"token": TOKEN, "versao_emissao": "1", "serie": "1", "proximo_numero": "10"}
    return base | mudados


def novo(cliente: Client, empresa: Empresa | None, tipo: TipoCanal = TipoCanal.INTEGRANOTAS, **mudados: Any) -> Any:
    return cliente.post("/notas/canais/novo/", campos(empresa, tipo, **mudados))


def alterar(cliente: Client, canal: CanalNfse, **mudados: Any) -> Any:
    dados = {"versao": acesso.versao_de(canal), "ativo": "on", "versao_emissao": "1"} | mudados
    return cliente.post(f"/notas/canais/{canal.codigo}/alterar/", dados)


# -- creating ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tipo", [TipoCanal.SISGENFE, TipoCanal.INTEGRANOTAS])
def test_a_canal_keeps_its_secrets_sealed(cliente, empresa, tipo) -> None:
    assert novo(cliente, empresa, tipo).status_code == 302
    canal = CanalNfse.objects.get()
    campo, segredo = ("senha", SENHA) if tipo == TipoCanal.SISGENFE else ("token", TOKEN)
    assert segredos.abrir_texto(canal, campo) == segredo
    assert segredo.encode() not in bytes(getattr(canal, campo))


def test_codes_come_from_one_sequence_and_never_come_back(empresa, ana) -> None:
    um = criar(empresa, ana)
    outro = criar(empresa, ana, TipoCanal.SISGENFE)
    assert outro.codigo == um.codigo + 1


@pytest.mark.parametrize(
    ("tipo", "mudados", "trecho"),
    [
        (TipoCanal.SISGENFE, {"usuario": ""}, "Informe o usuário"),
        (TipoCanal.SISGENFE, {"senha": ""}, "Informe a senha"),
        (TipoCanal.SISGENFE, {"chave_aplicacao": ""}, "Informe a chave de aplicação"),
        (TipoCanal.INTEGRANOTAS, {"token": ""}, "Informe o token do emitente"),
        (TipoCanal.INTEGRANOTAS, {"token": "curto"}, "parece cortado"),
        (TipoCanal.INTEGRANOTAS, {"token": "um token com espaços no meio"}, "espaço, quebra de linha ou acento"),
        (TipoCanal.INTEGRANOTAS, {"serie": "não cabe"}, "tem no máximo 5"),
        (TipoCanal.INTEGRANOTAS, {"serie": "A-1"}, "de 1 a 5 letras ou números"),
        (TipoCanal.INTEGRANOTAS, {"serie": "A1", "versao_emissao": "2"}, "a série só tem números"),
        (TipoCanal.INTEGRANOTAS, {"proximo_numero": "0"}, "maior ou igual a 1"),
        (TipoCanal.INTEGRANOTAS, {"proximo_numero": "9999999999"}, "menor ou igual a 999999999"),
        (TipoCanal.INTEGRANOTAS, {"versao_emissao": "3"}, "não é uma das escolhas"),
        (TipoCanal.INTEGRANOTAS, {"senha_arquivo": "x"}, "A senha foi informada sem o arquivo"),
    ],
)
def test_each_wrong_field_gets_its_own_message_and_nothing_is_saved(cliente, empresa, tipo, mudados, trecho) -> None:
    resposta = novo(cliente, empresa, tipo, **mudados)
    pagina = resposta.content.decode()
    assert resposta.status_code == 422
    assert trecho in pagina or trecho.replace("tem no máximo 5", "no máximo 5 caracteres") in pagina
    assert len(resposta.context["form"].errors) == 1
    assert not CanalNfse.objects.exists()


def test_an_incomplete_canal_may_be_kept_inactive(cliente, empresa) -> None:
    dados = campos(empresa, TipoCanal.SISGENFE, senha="", chave_aplicacao="")
    del dados["ativo"]
    assert cliente.post("/notas/canais/novo/", dados).status_code == 302
    assert not CanalNfse.objects.get().ativo


def test_an_empresa_has_one_canal_of_a_service(cliente, empresa, ana) -> None:
    existente = criar(empresa, ana)
    pagina = novo(cliente, empresa).content.decode()
    assert f"A empresa já tem um canal de Integra Notas, o {existente.codigo}" in pagina


def test_sisgenfe_is_for_a_cnpj(cliente, carteira) -> None:
    pessoa = criar_empresa(9, documento="52998224725", regime="outro", carteira=carteira)
    assert "só atende prestador com CNPJ" in novo(cliente, pessoa, TipoCanal.SISGENFE).content.decode()


def test_an_empresa_without_municipio_is_told_where_to_mend_it(cliente, empresa) -> None:
    Empresa.objects.filter(pk=empresa.pk).update(municipio=None)
    assert "sem município no cadastro" in novo(cliente, empresa).content.decode()


def test_without_an_empresa_the_page_says_so(cliente) -> None:
    resposta = novo(cliente, None)
    assert resposta.status_code == 422
    assert "Escolha a empresa (F2)." in resposta.content.decode()


def test_only_the_fields_of_the_service_are_asked_for(cliente, empresa) -> None:
    def pedidos(tipo: TipoCanal) -> set[str]:
        parte = cliente.get(
            "/notas/canais/novo/", {"tipo": tipo, "empresa": empresa.pk}, headers={"HX-Request": "true"}
        )
        return set(parte.context["form"].fields)

    assert pedidos(TipoCanal.SISGENFE) == {"ativo", "versao", "usuario", "senha", "chave_aplicacao"}
    assert {"token", "serie", "conta", "certificado"} <= pedidos(TipoCanal.INTEGRANOTAS)
    assert {"certificado", "serie", "regime_apuracao", "informa_im", "total_simples"} <= pedidos(TipoCanal.NACIONAL)
    assert not {"token", "natureza", "incentivo_fiscal"} & pedidos(TipoCanal.NACIONAL)


def test_a_canal_of_the_national_system_keeps_what_goes_in_the_note(cliente, empresa) -> None:
    dados = {"tipo": "nacional", "empresa": empresa.pk, "ativo": "on", "serie": "7", "proximo_numero": "3"}
    tributos = {"regime_apuracao": "no_simples", "informa_im": "on", "total_simples": "6,00", "carga_federal": "4"}
    resposta = cliente.post("/notas/canais/novo/", dados | tributos)
    assert "Informe os três percentuais" in resposta.content.decode()
    resposta = cliente.post("/notas/canais/novo/", dados | tributos | {"carga_federal": ""})
    canal = CanalNfse.objects.get()
    assert resposta.status_code == 302
    assert (canal.versao_emissao, canal.serie, canal.proximo_numero, canal.informa_im) == (2, "7", 3, True)
    assert (canal.total_simples, canal.regime_apuracao) == (Decimal(6), "no_simples")
    pagina = cliente.get(canal.get_absolute_url()).content.decode()
    assert "Federais e municipal pelo Simples" in pagina
    assert "informada na nota" in pagina


def test_an_active_canal_of_the_simples_says_what_every_note_needs(cliente, carteira) -> None:
    empresa = criar_empresa(2, carteira=carteira, regime="simples")
    parte = cliente.get(
        "/notas/canais/novo/", {"tipo": "nacional", "empresa": empresa.pk}, headers={"HX-Request": "true"}
    )
    assert parte.context["form"]["regime_apuracao"].value() == "no_simples"
    dados = {"tipo": "nacional", "empresa": empresa.pk, "serie": "1", "proximo_numero": "1"}
    pagina = cliente.post("/notas/canais/novo/", dados | {"ativo": "on"}).content.decode()
    assert "A empresa é do Simples: diga como ela apura os tributos." in pagina
    assert "informe a alíquota do Simples, ou os três percentuais" in pagina
    assert not CanalNfse.objects.exists()
    assert cliente.post("/notas/canais/novo/", dados).status_code == 302  # to be completed later


# -- certificate ------------------------------------------------------------------------------------------------------


def test_a_certificate_of_the_emitente_is_kept_sealed(cliente, empresa) -> None:
    assert novo(cliente, empresa, arquivo=arquivo(empresa.documento), senha_arquivo=SENHA_PFX).status_code == 302
    canal = CanalNfse.objects.select_related("certificado").get()
    assert canal.certificado is not None
    assert segredos.abrir_texto(canal.certificado, "senha") == SENHA_PFX


def test_a_certificate_of_somebody_else_is_refused_naming_both(cliente, empresa) -> None:
    resposta = novo(cliente, empresa, arquivo=arquivo("11222333000181"), senha_arquivo=SENHA_PFX)
    pagina = resposta.content.decode()
    assert "O certificado é de 11.222.333/0001-81" in pagina
    assert empresa.documento_mascarado in pagina
    assert not CertificadoA1.objects.exists()


def test_an_expired_certificate_is_refused_with_its_date(cliente, empresa) -> None:
    ontem = datetime.now(UTC) - timedelta(days=1)
    vencido = arquivo(empresa.documento, de=ontem - timedelta(days=365), ate=ontem)
    assert "venceu em" in novo(cliente, empresa, arquivo=vencido, senha_arquivo=SENHA_PFX).content.decode()


def test_only_certificates_of_the_root_are_offered(cliente, empresa) -> None:
    for cnpj in (empresa.documento, "11222333000181"):
        conteudo = pfx(certificado_x509(cnpj=cnpj))
        certificados.guardar(conteudo, SENHA_PFX, certificados.ler_pfx(conteudo, SENHA_PFX))
    parte = cliente.get(
        "/notas/canais/novo/",
        {"tipo": "integranotas", "empresa": empresa.pk, "parte": "certificados"},
        headers={"HX-Request": "true"},
    )
    assert len(parte.context["form"].fields["certificado"].choices) == 2  # and "Nenhum"


def test_a_replaced_certificate_that_another_row_uses_stays(empresa, ana) -> None:
    conteudo = pfx(certificado_x509(cnpj=empresa.documento))
    guardado = certificados.guardar(conteudo, SENHA_PFX, certificados.ler_pfx(conteudo, SENHA_PFX))
    criar(empresa, ana, certificado=guardado.pk)
    certificados.descartar(ana, [guardado.pk])
    assert CertificadoA1.objects.filter(pk=guardado.pk).exists()


# -- secrets ----------------------------------------------------------------------------------------------------------


def test_secrets_never_appear_on_any_page_nor_in_the_audit(cliente, empresa, ana, bruno, carla, conta) -> None:
    novo(cliente, empresa, conta=conta.pk, senha=SENHA, chave_aplicacao=CHAVE)
    novo(cliente, empresa, TipoCanal.SISGENFE)
    enderecos = [
        f"/notas/canais/{canal.codigo}/{aba}"
        for canal in CanalNfse.objects.all()
        for aba in ("", "alterar/", "eventos/")
    ]
    enderecos += ["/notas/canais/", "/notas/canais/softhouse/", f"/notas/canais/softhouse/{conta.pk}/"]
    for usuario in (ana, bruno, carla):
        cliente.force_login(usuario)
        for endereco in enderecos:
            pagina = cliente.get(endereco).content.decode()
            assert not any(segredo in pagina for segredo in SEGREDOS), endereco
    ditos = "".join(f"{linha.resumo}{linha.dados}" for linha in Auditoria.objects.all())
    assert not any(segredo in ditos for segredo in SEGREDOS)


def test_secrets_typed_into_an_invalid_form_do_not_come_back(cliente, empresa) -> None:
    pagina = novo(cliente, empresa, serie="").content.decode()
    assert TOKEN not in pagina
    assert "o que é secreto não volta para a tela" in pagina


def test_the_export_tells_no_secret(cliente, empresa, ana) -> None:
    criar(empresa, ana)
    resposta = cliente.post("/notas/canais/exportar/?formato=csv&todas=1", {"lista": ""})
    corpo = b"".join(resposta.streaming_content).decode()
    assert empresa.documento_mascarado in corpo
    assert not any(segredo in corpo for segredo in SEGREDOS)


def test_every_sealed_column_of_the_product_takes_part_in_the_rotation_of_the_keys() -> None:
    selados = {
        (modelo._meta.label, campo.name)
        for modelo in apps.get_models()
        for campo in modelo._meta.get_fields()
        if isinstance(campo, BinaryField) and "selad" in str(campo.verbose_name)
    }
    girados = {(rotulo, campo) for rotulo, nomes in SELADOS for campo in nomes}
    assert selados == girados


# -- altering ---------------------------------------------------------------------------------------------------------


def test_blank_secrets_keep_what_is_stored(cliente, empresa, ana) -> None:
    canal = criar(empresa, ana)
    assert alterar(cliente, canal, usuario="prefeitura").status_code == 302
    canal.refresh_from_db()
    assert (canal.usuario, segredos.abrir_texto(canal, "token")) == ("prefeitura", TOKEN)


def test_a_canal_changed_meanwhile_is_a_named_conflict_that_keeps_what_was_typed(cliente, empresa, ana) -> None:
    canal = criar(empresa, ana)
    alterar(cliente, canal, usuario="de-uma-pessoa")
    resposta = alterar(cliente, canal, usuario="de-outra-pessoa")
    pagina = resposta.content.decode()
    assert resposta.status_code == 422
    assert "Ana alterou este canal" in pagina
    assert 'value="de-outra-pessoa"' in pagina
    agora = CanalNfse.objects.get(pk=canal.pk)
    assert alterar(cliente, agora, usuario="de-outra-pessoa").status_code == 302


def test_replacing_a_secret_leaves_an_audit_row_that_names_the_field(cliente, empresa, ana) -> None:
    canal = criar(empresa, ana)
    alterar(cliente, canal, token=TOKEN + "novo")
    linha = Auditoria.objects.get(acao="canal.alterar")
    assert linha.dados["campos"] == ["token"]
    assert TOKEN not in f"{linha.resumo}{linha.dados}"


def test_a_new_secret_lifts_the_pause_and_another_field_does_not(cliente, empresa, ana) -> None:
    canal = criar(empresa, ana)
    Pausa.objects.create(acesso=canal.acesso, motivo="Token recusado")
    alterar(cliente, canal, client_id="outro")
    assert Pausa.objects.exists()
    alterar(cliente, CanalNfse.objects.get(pk=canal.pk), client_id="outro", token=TOKEN + "novo")
    assert not Pausa.objects.exists()


def test_marked_canais_are_switched_and_only_those_that_need_it(cliente, empresa, ana) -> None:
    um, outro = criar(empresa, ana), criar(empresa, ana, TipoCanal.SISGENFE, ativo=False)
    resposta = cliente.post("/notas/canais/inativar/", {"ids": [str(um.pk), str(outro.pk)]}, follow=True)
    assert "1 canal inativado." in resposta.content.decode()
    assert not CanalNfse.objects.filter(ativo=True).exists()
    assert Auditoria.objects.get(acao="canais.inativar").dados["canais"] == [um.codigo]


# -- numbering --------------------------------------------------------------------------------------------------------


def nota(canal: CanalNfse, numero: int, usuario: Usuario, serie: str = "1") -> Nota:
    emissao = datetime(2026, 11, 20, tzinfo=UTC).date()
    feita = Nota(
        empresa=canal.empresa,
        canal=canal,
        tomador=canal.empresa.tomadores.first() or tomador_de(canal.empresa),
        competencia=emissao.replace(day=1),
        emissao=emissao,
        serie=serie,
        numero=numero,
        municipio_prestacao=canal.empresa.municipio,
        criada_por=usuario,
    )
    feita.save()
    return feita


def numerar(cliente: Client, canal: CanalNfse, **mudados: Any) -> Any:
    dados = {"serie": "1", "proximo_numero": "10", "motivo": "Numeração do sistema antigo", "versao": ""} | mudados
    return cliente.post(f"/notas/canais/{canal.codigo}/numeracao/", dados)


def test_the_next_number_is_raised_with_a_reason_and_audited(cliente, empresa, ana) -> None:
    canal = criar(empresa, ana)
    assert numerar(cliente, canal, proximo_numero="500").status_code == 302
    canal.refresh_from_db()
    linha = Auditoria.objects.get(acao="canal.numerar")
    assert canal.proximo_numero == 500
    assert linha.dados == {"de": "1/10", "para": "1/500", "motivo": "Numeração do sistema antigo"}


@pytest.mark.parametrize(
    ("mudados", "trecho"),
    [
        ({"proximo_numero": "9"}, "só pode aumentar"),
        ({"proximo_numero": "10"}, "são os que já estão em uso"),
        ({"proximo_numero": "11", "motivo": " "}, "Escreva por que a numeração muda."),
        ({"serie": "", "proximo_numero": "11"}, "Este campo é obrigatório"),
        ({"serie": "2", "proximo_numero": "7"}, "A série 2 já tem nota com o número 7. Informe 8 ou mais."),
    ],
)
def test_a_number_that_could_repeat_is_refused_in_words(cliente, empresa, ana, mudados, trecho) -> None:
    canal = criar(empresa, ana)
    nota(canal, 7, ana, serie="2")
    resposta = numerar(cliente, canal, **mudados)
    assert resposta.status_code == 422
    assert trecho in resposta.content.decode()
    canal.refresh_from_db()
    assert (canal.serie, canal.proximo_numero) == ("1", 10)


def test_a_number_used_beyond_the_next_one_is_never_taken_again(cliente, empresa, ana) -> None:
    canal = criar(empresa, ana)
    nota(canal, 40, ana)
    assert "Informe 41 ou mais" in numerar(cliente, canal, proximo_numero="20").content.decode()


def test_another_serie_begins_where_one_says_and_free_numbers_stay_with_theirs(cliente, empresa, ana) -> None:
    canal = criar(empresa, ana)
    NumeroLivre.objects.create(canal=canal, serie="1", numero=3)
    assert numerar(cliente, canal, serie="2", proximo_numero="1").status_code == 302
    canal.refresh_from_db()
    assert (canal.serie, canal.proximo_numero) == ("2", 1)
    assert "1/3" in cliente.get(canal.get_absolute_url()).content.decode()


def test_sisgenfe_has_no_numbers_of_ours(cliente, empresa, ana) -> None:
    canal = criar(empresa, ana, TipoCanal.SISGENFE)
    pagina = cliente.get(f"/notas/canais/{canal.codigo}/numeracao/", follow=True).content.decode()
    assert "quem dá o número da nota é a prefeitura" in pagina


# -- who --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("aba", ["alterar/", "numeracao/", "testar/", "emitente/", "certificado/", "token/", "avisos/"])
def test_only_the_administrador_touches_what_opens_a_canal(client, empresa, ana, bruno, carla, aba) -> None:
    canal = criar(empresa, ana)
    for usuario in (bruno, carla):
        client.force_login(usuario)
        assert client.post(f"/notas/canais/{canal.codigo}/{aba}").status_code == 403


def test_the_canal_of_another_carteira_does_not_exist(client, bruno, ana, outra_carteira) -> None:
    alheio = criar(criar_empresa(2, carteira=outra_carteira), ana)
    client.force_login(bruno)
    assert client.get(alheio.get_absolute_url()).status_code == 404
    assert client.get("/notas/canais/").context["lista"].total == 0


def test_the_list_asks_the_same_number_of_queries_for_one_and_for_many(
    cliente, ana, carteira, django_assert_max_num_queries
) -> None:
    def consultas() -> int:
        with django_assert_max_num_queries(25) as contexto:
            assert cliente.get("/notas/canais/").status_code == 200
        return len(contexto)

    criar(criar_empresa(1, carteira=carteira), ana)
    consultas()
    uma = consultas()
    for numero in range(2, 22):
        criar(criar_empresa(numero, carteira=carteira), ana)
    assert consultas() == uma


@pytest.mark.parametrize(
    ("busca", "acha"), [("Inventada", True), ("90000001", True), ("90.000.001/", True), ("--", False), ("zebra", False)]
)
def test_the_search_finds_by_name_code_and_document(cliente, empresa, ana, busca, acha) -> None:
    criar(empresa, ana)
    assert cliente.get("/notas/canais/", {"q": busca}).context["lista"].total == int(acha)


# -- the access -------------------------------------------------------------------------------------------------------


@pytest.fixture
def sem_ca(settings: Any) -> None:
    """The services behind the system's authorities: the sandbox's own are not there."""
    settings.SISGENFE = EnderecoNfse("https://nota.exemplo/api")
    settings.INTEGRANOTAS = EnderecoNfse("https://api.exemplo")


def test_the_access_of_an_operation_opens_the_canal_and_shows_no_secret(sem_ca, empresa, ana) -> None:
    canal = criar(empresa, ana, TipoCanal.SISGENFE)
    cliente = acesso.abrir_sisgenfe(acesso.canal_de(canal.acesso))
    assert not any(segredo in repr(cliente) for segredo in SEGREDOS)
    assert acesso.rotulo_acesso(canal.acesso) == f"Canal {canal.codigo} · {canal}"
    assert acesso.url_do_acesso(canal.acesso) == canal.get_absolute_url()


@pytest.mark.parametrize("nome", ["canal:999", "canal:x", "credencial:3", "softhouse:00", ""])
def test_an_unknown_access_is_denied(db, nome) -> None:
    with pytest.raises(AccessDenied):
        acesso.canal_de(nome)


@pytest.mark.parametrize(("mudados", "trecho"), [({"ativo": False}, "está inativo"), ({"token": b""}, "Falta o token")])
def test_a_canal_that_cannot_be_used_says_why(empresa, ana, mudados, trecho) -> None:
    canal = criar(empresa, ana)
    CanalNfse.objects.filter(pk=canal.pk).update(**mudados)
    with pytest.raises(AccessDenied, match=trecho):
        acesso.abrir_integranotas(acesso.canal_de(canal.acesso))


def test_a_bundle_of_authorities_that_is_not_there_is_told_in_words(settings, empresa, ana, tmp_path) -> None:
    settings.INTEGRANOTAS = EnderecoNfse("https://api.exemplo", tmp_path / "nenhum.pem")
    canal = criar(empresa, ana)
    with pytest.raises(ProviderUnavailable, match=r"não existe\. .*INTEGRANOTAS_CA"):
        acesso.abrir_integranotas(canal)
    (tmp_path / "nenhum.pem").write_text("nada")
    with pytest.raises(ProviderUnavailable, match="não traz certificados") as info:
        acesso.abrir_integranotas(canal)
    assert info.value.codigo == "CA-AUSENTE"


@pytest.mark.parametrize("erro", [ssl.SSLError(1, "sem cifra"), OSError(24, "Too many open files")])
def test_what_else_keeps_tls_from_opening_is_not_blamed_on_the_authorities(
    empresa, ana, monkeypatch, erro: OSError
) -> None:
    def cair(acesso: Any) -> None:
        raise erro

    monkeypatch.setattr(acesso, "IntegraNotas", cair)
    with pytest.raises(ProviderUnavailable) as info:
        acesso.abrir_integranotas(criar(empresa, ana))
    assert info.value.codigo == "CONEXAO-NAO-PREPARADA"
    assert "_CA" not in info.value.mensagem
    assert str(erro) in info.value.mensagem


def test_secrets_sealed_with_a_lost_key_are_denied_in_words(settings, empresa, ana) -> None:
    canal = criar(empresa, ana)
    settings.COFRE_CHAVES = "outra:" + "A" * 43 + "="
    with pytest.raises(AccessDenied, match="COFRE_CHAVES"):
        acesso.abrir_integranotas(canal)


def test_a_changed_canal_opens_again_at_once(sem_ca, empresa, ana) -> None:
    canal = criar(empresa, ana)
    antes = acesso.abrir_integranotas(canal)
    assert acesso.abrir_integranotas(canal) is antes
    dados = canais.DadosCanal(token=TOKEN + "novo")
    mudado = canais.alterar(usuario=ana, canal=canal, dados=dados, versao=acesso.versao_de(canal))
    assert acesso.abrir_integranotas(mudado) is not antes


def test_a_denial_of_what_was_replaced_meanwhile_is_known_as_such(empresa, ana, conta) -> None:
    canal = criar(empresa, ana)
    depois = canal.alterado_em + timedelta(minutes=1)
    assert acesso.acesso_mudou(canal.acesso, canal.alterado_em)
    assert not acesso.acesso_mudou(canal.acesso, depois)
    assert acesso.acesso_mudou(conta.acesso, conta.alterada_em)
    assert not acesso.acesso_mudou(conta.acesso, conta.alterada_em + timedelta(minutes=1))


def test_a_new_canal_begins_with_the_service_of_the_rule(cliente: Client, ana: Usuario, empresa: Empresa) -> None:
    def tipo(**dados: Any) -> str:
        return str(cliente.get(reverse("nfse:canal_novo"), dados).context["tipo"])

    assert tipo() == tipo(empresa=empresa.pk) == tipo(empresa="nada") == "sisgenfe"
    RegraCanal.objects.create(
        empresa=empresa, canal=TipoCanal.NACIONAL, desde=date(2020, 1, 1), ate=date(2200, 1, 1), fundamento="Decreto 1"
    )
    assert tipo() == "sisgenfe"
    assert tipo(empresa=empresa.pk) == "nacional"
    assert tipo(empresa=empresa.pk, tipo="integranotas") == "integranotas"
    CanalNfse.objects.create(codigo=77, empresa=empresa, tipo=TipoCanal.NACIONAL)
    assert tipo(empresa=empresa.pk) == "sisgenfe"
