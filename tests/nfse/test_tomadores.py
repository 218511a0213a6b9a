"""Tomadores: what each role and carteira sees and may do, what is refused and where, and that nothing typed is lost."""

import csv
import io
import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from comum.models import Auditoria, Usuario
from empresas.models import Empresa
from nfse.forms import TomadorForm
from nfse.models import CanalNfse, EventoNota, Nota, Tomador
from nfse.services.tomadores import UniaoRecusada, faltas_do_endereco, salvar_tomador, unir
from tests.cast import cnpj_valido
from tests.nfse.fabrica import RECIFE, criar_contrato, criar_tomador, criar_tomadores

pytestmark = pytest.mark.django_db

LISTA, NOVO = reverse("nfse:tomadores"), reverse("nfse:tomador_novo")
DUPLICADOS, UNIR = reverse("nfse:tomador_duplicados"), reverse("nfse:tomador_unir")


def dados(empresa: Empresa, **mudancas: str) -> dict[str, str]:
    return {
        "empresa": str(empresa.pk),
        "documento": "90.000.009/0001-95",
        "nome": "Padaria Nova",
        "pais": "BR",
        "cep": "50030-230",
        "logradouro": "Avenida Rio Branco",
        "numero": "155",
        "bairro": "Recife",
        "municipio": RECIFE,
        "ativo": "on",
    } | mudancas


def no_exterior(empresa: Empresa, **mudancas: str) -> dict[str, str]:
    return {
        "empresa": str(empresa.pk),
        "nome": "Vento Norte Lda",
        "pais": "PT",
        "nif": "501964843",
        "cidade_exterior": "Lisboa",
        "logradouro": "Rua do Carmo",
        "numero": "20",
        "ativo": "on",
    } | mudancas


def nomes(resposta: Any) -> list[str]:
    return [t.nome for t in resposta.context["lista"].pagina]


def rascunho(tomador: Tomador, usuario: Usuario, **campos: Any) -> Nota:
    padrao = {"competencia": "2026-10-01", "emissao": "2026-10-05", "municipio_prestacao_id": RECIFE}
    return Nota.objects.create(empresa=tomador.empresa, tomador=tomador, criada_por=usuario, **(padrao | campos))


def tornar_emitida(nota: Nota) -> None:
    canal = CanalNfse.objects.create(codigo=nota.pk, empresa=nota.empresa, tipo="sisgenfe")
    Nota.objects.filter(pk=nota.pk).update(canal=canal, situacao="autorizada", numero_nfse="17")


# -- who sees and does what --------------------------------------------------------------------------------------------


def test_each_user_sees_the_tomadores_of_their_carteiras(
    client: Client, ana: Usuario, carla: Usuario, davi: Usuario, minha: Empresa, alheia: Empresa
) -> None:
    criar_tomador(minha, nome="Meu")
    criar_tomador(alheia, nome="Alheio")
    vistos = {}
    for usuario in (ana, carla, davi):
        client.force_login(usuario)
        vistos[usuario.username] = nomes(client.get(LISTA))
    assert vistos == {"ana": ["Alheio", "Meu"], "carla": ["Meu"], "davi": []}


@pytest.mark.parametrize("nome", ["tomador", "tomador_alterar"])
def test_a_tomador_outside_the_carteiras_does_not_exist(como_bruno: Client, alheia: Empresa, nome: str) -> None:
    assert como_bruno.get(reverse(f"nfse:{nome}", args=[criar_tomador(alheia).pk])).status_code == 404


@pytest.mark.parametrize(
    "nome", ["tomador_novo", "tomadores_importar", "tomador_dialogo", "tomadores_ativar", "tomador_unir"]
)
def test_consulta_only_reads(client: Client, carla: Usuario, minha: Empresa, nome: str) -> None:
    client.force_login(carla)
    assert client.post(reverse(f"nfse:{nome}"), dados(minha)).status_code == 403


def test_the_context_of_the_top_bar_narrows_the_list(como_ana: Client, minha: Empresa, alheia: Empresa) -> None:
    criar_tomador(minha, nome="Meu")
    criar_tomador(alheia, nome="Alheio")
    como_ana.post(reverse("contexto"), {"empresa": alheia.documento})
    assert nomes(como_ana.get(LISTA)) == ["Alheio"]


# -- list --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def variados(minha: Empresa) -> None:
    criar_tomador(minha, 51, nome="Zebra Água", documento=cnpj_valido(51, letras=True))
    criar_tomador(minha, 52, nome="Árvore Verde", documento="52998224725", bairro="", ativo=False)
    criar_tomador(minha, 53, nome="bola", municipio_id="3550308")
    fora = {"documento": "", "municipio_id": None, "cep": "", "bairro": ""}
    criar_tomador(minha, 54, nome="Vento Norte", pais="PT", cidade_exterior="Lisboa", nif="501964843", **fora)


@pytest.mark.parametrize(
    ("consulta", "esperados"),
    [
        ("", ["Árvore Verde", "bola", "Vento Norte", "Zebra Água"]),
        ("q=agua", ["Zebra Água"]),
        ("q=AB.000.051", ["Zebra Água"]),
        ("q=529.982.247-25", ["Árvore Verde"]),
        ("q=501964843", ["Vento Norte"]),
        ("situacao=inativo", ["Árvore Verde"]),
        ("uf=SP", ["bola"]),
        (f"municipio={RECIFE}", ["Árvore Verde", "Zebra Água"]),
        ("endereco=falta", ["Árvore Verde"]),
        ("tipo=cpf", ["Árvore Verde"]),
        ("tipo=cnpj", ["bola", "Zebra Água"]),
        ("tipo=exterior", ["Vento Norte"]),
        ("ordem=-nome", ["Zebra Água", "Vento Norte", "bola", "Árvore Verde"]),
        ("ordem=documento&tipo=cnpj", ["bola", "Zebra Água"]),
    ],
)
def test_search_filters_and_order(como_bruno: Client, variados: None, consulta: str, esperados: list[str]) -> None:
    assert nomes(como_bruno.get(f"{LISTA}?{consulta}")) == esperados


def test_the_list_asks_a_constant_number_of_questions(
    como_bruno: Client, minha: Empresa, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    criar_tomadores(minha, range(100, 160))
    como_bruno.get(LISTA)
    with django_assert_max_num_queries(13):
        como_bruno.get(LISTA)


def test_all_filtered_are_switched_off_and_nobody_elses(como_bruno: Client, minha: Empresa, alheia: Empresa) -> None:
    criar_tomadores(minha, range(100, 103))
    de_outro = criar_tomador(alheia)
    corpo = {"todos": "1", "filtro": "q=inventado", "menos": str(Tomador.objects.get(documento=cnpj_valido(102)).pk)}
    como_bruno.post(reverse("nfse:tomadores_inativar"), corpo)
    assert sorted(Tomador.objects.filter(ativo=True).values_list("documento", flat=True)) == sorted(
        [cnpj_valido(102), de_outro.documento]
    )
    assert Auditoria.objects.get().acao == "nfse.ativar_tomador"


@pytest.mark.parametrize("formato", ["csv", "xlsx"])
def test_an_export_has_the_columns_of_the_import(como_bruno: Client, variados: None, formato: str) -> None:
    resposta = como_bruno.post(reverse("nfse:tomadores_exportar") + f"?formato={formato}&todas=1", {"lista": "q=vento"})
    if formato == "csv":
        texto = b"".join(resposta.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        linha = next(csv.DictReader(io.StringIO(texto), delimiter=";"))
        assert (linha["empresa"], linha["nome"], linha["país"], linha["cidade"]) == (
            "0001",
            "Vento Norte",
            "Portugal",
            "Lisboa",
        )
    assert resposta.status_code == 200


# -- one tomador -------------------------------------------------------------------------------------------------------


def test_a_new_tomador_is_kept_without_masks_and_audited(como_bruno: Client, minha: Empresa) -> None:
    resposta = como_bruno.post(NOVO, dados(minha, documento="12.abc.345/01de-35", telefone="+55 (81) 3222-1000"))
    tomador = Tomador.objects.get()
    assert resposta["Location"] == tomador.get_absolute_url()
    assert (tomador.documento, tomador.cep, tomador.telefone) == ("12ABC34501DE35", "50030230", "8132221000")
    assert Auditoria.objects.get().dados["campos"]["documento"] == ["", "12.ABC.345/01DE-35"]


@pytest.mark.parametrize(
    ("mudancas", "campo", "mensagem"),
    [
        ({"documento": ""}, "documento", "Só tomador no exterior fica sem"),
        ({"documento": "90.000.009/0001-96"}, "documento", "dígito verificador errado"),
        ({"documento": "12ABC34501DEÇ5"}, "documento", "caractere que não pode"),
        ({"documento": "123"}, "documento", "3 posições"),
        ({"nome": ""}, "nome", "Informe o nome"),
        ({"nome": "x" * 151}, "nome", "151 letras; cabem 150"),
        ({"email": "um@a.com; dois@b.com"}, "email", "Informe um só endereço"),
        ({"telefone": "3222-1000"}, "telefone", "Falta o DDD"),
        ({"telefone": "(20) 3222-1000"}, "telefone", "Não existe o DDD 20"),
        ({"telefone": "ligar de tarde"}, "telefone", "letra ou símbolo"),
        ({"telefone": "81 1 3222-1000"}, "telefone", "Celular começa por 9"),
        ({"cep": "5003023"}, "cep", "7 números; são 8"),
        ({"cep": "5003O-230"}, "cep", "CEP só tem números"),
        ({"cep": "00000-000"}, "cep", "não existe"),
        ({"numero": "12345678901"}, "numero", "11 letras; cabem 10"),
        ({"municipio": "9999999"}, "municipio", "Município não encontrado"),
        ({"inscricao_municipal": "!"}, "inscricao_municipal", "caractere que não pode"),
        ({"nif": "501964843"}, "nif", "NIF é de tomador no exterior"),
        ({"cidade_exterior": "Lisboa"}, "cidade_exterior", "é de tomador no exterior"),
        ({"pais": "PT", "cidade_exterior": "Porto"}, "documento", "não tem CNPJ nem CPF"),
        ({"pais": "PT", "cidade_exterior": "Porto"}, "municipio", "Município é de tomador no Brasil"),
        ({"pais": "PT", "documento": ""}, "cidade_exterior", "Informe a cidade"),
        ({"empresa": ""}, "empresa", "Escolha a empresa"),
    ],
)
def test_each_bad_value_has_its_message_at_its_field(
    bruno: Usuario, minha: Empresa, mudancas: dict[str, str], campo: str, mensagem: str
) -> None:
    form = TomadorForm(dados(minha) | mudancas, usuario=bruno)
    assert mensagem in str(form.errors[campo])


def test_nothing_typed_is_lost_when_a_field_is_refused(como_bruno: Client, minha: Empresa) -> None:
    resposta = como_bruno.post(NOVO, dados(minha, cep="1", complemento="loja 7"))
    pagina = resposta.content.decode()
    assert (resposta.status_code, Tomador.objects.exists()) == (422, False)
    for valor in ("Padaria Nova", "90.000.009/0001-95", "loja 7", "Recife/PE", str(minha)):
        assert valor in pagina


def test_an_empresa_of_another_carteira_cannot_be_chosen(como_bruno: Client, alheia: Empresa) -> None:
    resposta = como_bruno.post(NOVO, dados(alheia))
    assert "Empresa não encontrada" in resposta.context["form"].errors["empresa"][0]
    assert str(alheia) not in resposta.content.decode()


def test_a_document_already_there_names_who_has_it(como_bruno: Client, minha: Empresa) -> None:
    criar_tomador(minha, 9, nome="Padaria Velha", ativo=False)
    resposta = como_bruno.post(NOVO, dados(minha))
    assert "Já cadastrado nesta empresa: Padaria Velha. Está inativo" in resposta.context["form"].errors["documento"][0]


def test_two_empresas_may_have_the_same_tomador(como_ana: Client, minha: Empresa, alheia: Empresa) -> None:
    criar_tomador(alheia, 9)
    assert como_ana.post(NOVO, dados(minha)).status_code == 302


def test_somebody_abroad_has_country_city_and_nif(como_bruno: Client, minha: Empresa) -> None:
    como_bruno.post(NOVO, no_exterior(minha, telefone="+351 213 000 000"))
    tomador = Tomador.objects.get()
    assert (tomador.documento, tomador.pais, tomador.nif, tomador.telefone) == ("", "PT", "501964843", "351213000000")
    assert tomador.tem_endereco


def test_without_an_address_it_is_kept_and_what_lacks_is_told(como_bruno: Client, minha: Empresa) -> None:
    resposta = como_bruno.post(NOVO, dados(minha, cep="", bairro=""), follow=True)
    assert "Endereço incompleto, falta CEP e bairro" in resposta.content.decode()


@pytest.mark.parametrize(
    ("mudancas", "faltas"),
    [
        ({}, []),
        ({"numero": "", "municipio_id": None}, ["número", "município"]),
        ({"pais": "PT", "documento": "", "municipio_id": None, "cep": ""}, ["cidade no exterior"]),
    ],
)
def test_what_an_address_lacks_agrees_with_the_filter(
    minha: Empresa, mudancas: dict[str, Any], faltas: list[str]
) -> None:
    tomador = criar_tomador(minha, **mudancas)
    assert faltas_do_endereco(tomador) == faltas
    assert tomador.tem_endereco is (not faltas)
    assert Tomador.objects.sem_endereco().exists() is bool(faltas)


def test_who_saves_over_anothers_change_is_told_and_loses_nothing(como_bruno: Client, minha: Empresa) -> None:
    tomador = criar_tomador(minha, 9)
    url = reverse("nfse:tomador_alterar", args=[tomador.pk])
    versao = como_bruno.get(url).context["form"]["versao"].value()
    Tomador.objects.get(pk=tomador.pk).save()  # another person
    resposta = como_bruno.post(url, dados(minha, nome="O que digitei", versao=versao))
    assert "Outra pessoa alterou este tomador" in str(resposta.context["form"].non_field_errors())
    assert resposta.context["form"]["nome"].value() == "O que digitei"
    assert como_bruno.post(url, dados(minha, nome="O que digitei", versao=resposta.context["form"]["versao"].value()))
    assert Tomador.objects.get().nome == "O que digitei"


def test_a_new_name_reaches_the_contratos_and_notas_that_are_found_by_it(minha: Empresa, ana: Usuario) -> None:
    contrato = criar_contrato(minha)
    nota = rascunho(contrato.tomador, ana)
    contrato.tomador.nome = "Zebra Listrada"
    salvar_tomador(tomador=contrato.tomador, usuario=ana)
    contrato.refresh_from_db()
    nota.refresh_from_db()
    assert contrato.ordem == "zebra listrada"
    assert nota.busca.endswith("zebra listrada")


def test_the_document_of_an_issued_nota_stays(como_bruno: Client, minha: Empresa, bruno: Usuario) -> None:
    tomador = criar_tomador(minha, 9)
    url = reverse("nfse:tomador_alterar", args=[tomador.pk])
    nota = rascunho(tomador, bruno)
    assert como_bruno.post(url, dados(minha, documento="529.982.247-25")).status_code == 302
    tornar_emitida(nota)
    assert como_bruno.get(url).context["form"].fields["documento"].disabled
    como_bruno.post(url, dados(minha, documento="90.000.009/0001-95"))
    assert Tomador.objects.get().documento == "52998224725"


# -- look-up and creating in place -------------------------------------------------------------------------------------


def opcoes(cliente: Client, empresa: Empresa | None, q: str = "") -> str:
    consulta = {"empresa": str(empresa.pk) if empresa else "", "q": q}
    return cliente.get(reverse("nfse:tomadores_procurar"), consulta).content.decode()


def test_the_look_up_searches_inside_one_empresa(como_ana: Client, minha: Empresa, alheia: Empresa) -> None:
    criar_tomador(minha, 51, nome="Aurora Um")
    criar_tomador(minha, 52, nome="Aurora Inativa", ativo=False)
    criar_tomador(alheia, 53, nome="Aurora Alheia")
    achadas = opcoes(como_ana, minha, "aurora")
    assert "Aurora Um" in achadas
    assert "Aurora Inativa" not in achadas
    assert "Aurora Alheia" not in achadas
    assert "Escolha antes a empresa" in opcoes(como_ana, None, "aurora")


def test_a_whole_document_finds_one_and_what_is_not_found_is_offered_to_create(
    como_bruno: Client, minha: Empresa
) -> None:
    tomador = criar_tomador(minha, 51, documento=cnpj_valido(51, letras=True))
    assert f'data-valor="{tomador.pk}"' in opcoes(como_bruno, minha, tomador.documento_mascarado.lower())
    assert "data-criar" in opcoes(como_bruno, minha, "ninguém")


def test_who_only_consults_is_not_offered_to_create(client: Client, carla: Usuario, minha: Empresa) -> None:
    client.force_login(carla)
    assert "data-criar" not in opcoes(client, minha, "ninguém")


DIALOGO = reverse("nfse:tomador_dialogo")


@pytest.mark.parametrize(
    ("q", "campo"), [("90.000.009/0001-95", "documento"), ("529982", "documento"), ("Padaria 7", "nome")]
)
def test_the_dialog_begins_with_what_was_typed(como_bruno: Client, minha: Empresa, q: str, campo: str) -> None:
    resposta = como_bruno.get(DIALOGO, {"empresa": str(minha.pk), "q": q, "alvo": "lk-tomador"})
    assert resposta.context["form"][campo].value() == q


def test_what_a_nota_asks_of_the_address_is_said_beside_it(como_bruno: Client, minha: Empresa) -> None:
    pagina = " ".join(como_bruno.get(DIALOGO, {"empresa": str(minha.pk)}).content.decode().split())
    assert "nenhuma nota sai sem ele: no Brasil, CEP, logradouro, número, bairro e município." in pagina
    assert "Só a NFS-e Nacional aceita quem está no exterior" in pagina
    for rotulo in ("CEP", "Logradouro", "Número", "Bairro", "Município", "Código postal"):
        assert re.search(rf'{rotulo} <span class="obrigatorio">\(para emitir\)</span>', pagina), rotulo
    assert 'Complemento <span class="obrigatorio">(opcional)</span>' in pagina


def test_the_dialog_returns_the_new_tomador_to_the_field_that_asked(como_bruno: Client, minha: Empresa) -> None:
    resposta = como_bruno.post(DIALOGO, dados(minha, alvo="lk-tomador"), headers={"HX-Request": "true"})
    eventos = json.loads(resposta["HX-Trigger"])
    tomador = Tomador.objects.get()
    assert resposta.status_code == 204
    assert eventos["lookup:escolher"] == {
        "alvo": "lk-tomador",
        "valor": str(tomador.pk),
        "rotulo": "Padaria Nova · 90.000.009/0001-95",
    }
    assert "dialogo:fechar" in eventos


def test_the_dialog_keeps_what_was_typed_when_a_field_is_refused(como_bruno: Client, minha: Empresa) -> None:
    resposta = como_bruno.post(DIALOGO, dados(minha, cep="1", alvo="lk-tomador"), headers={"HX-Request": "true"})
    assert resposta.status_code == 422
    assert "Padaria Nova" in resposta.content.decode()
    assert 'value="lk-tomador"' in resposta.content.decode()


def test_the_dialog_asks_for_an_empresa_within_reach(como_bruno: Client, alheia: Empresa) -> None:
    resposta = como_bruno.get(DIALOGO, {"empresa": alheia.pk})
    assert (resposta.status_code, resposta.content.decode()) == (400, "Escolha antes a empresa.")


# -- duplicates --------------------------------------------------------------------------------------------------------


def grupos(resposta: Any) -> list[tuple[list[str], list[str]]]:
    return [(list(map(str, grupo.sinais)), [t.nome for t in ts]) for grupo, ts in resposta.context["grupos"]]


def test_duplicates_share_name_email_or_root_inside_one_empresa(
    como_ana: Client, minha: Empresa, alheia: Empresa
) -> None:
    criar_tomador(minha, 60, nome="Aurora Ltda", email="a@aurora.com.br")
    criar_tomador(minha, 61, nome="AURÓRA  ltda", email="A@aurora.com.br")
    criar_tomador(minha, 62, nome="Sol", documento=cnpj_valido(62))
    criar_tomador(minha, 63, nome="Sol Filial", documento=cnpj_valido(62, ordem="0002"))
    criar_tomador(minha, 64, nome="Lua", email="x@lua.com.br")
    criar_tomador(minha, 65, nome="lua", email="y@lua.com.br")
    criar_tomador(minha, 66, nome="Lua", ativo=False)
    criar_tomador(alheia, 67, nome="Lua")
    resposta = como_ana.get(DUPLICADOS)
    assert grupos(resposta) == [
        (["email", "nome"], ["Aurora Ltda", "AURÓRA  ltda"]),
        (["nome"], ["Lua", "lua"]),
        (["raiz"], ["Sol", "Sol Filial"]),
    ]
    assert [quantos for _, _, quantos in resposta.context["abas"]] == [3, 1, 2, 1]
    assert grupos(como_ana.get(DUPLICADOS, {"sinal": "raiz"})) == [(["raiz"], ["Sol", "Sol Filial"])]


def test_duplicates_ask_a_constant_number_of_questions(
    como_bruno: Client, minha: Empresa, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for numero in range(70, 90):
        criar_tomador(minha, numero, nome=f"Repetido {numero // 2}")
    with django_assert_max_num_queries(16):
        como_bruno.get(DUPLICADOS)


def test_uniting_moves_contratos_and_drafts_and_leaves_what_was_issued(
    como_bruno: Client, minha: Empresa, bruno: Usuario
) -> None:
    fica, sai = criar_tomador(minha, 60, nome="Aurora"), criar_tomador(minha, 61, nome="Aurora Repetida")
    contrato = criar_contrato(minha, tomador=sai)
    aberta, emitida = rascunho(sai, bruno), rascunho(sai, bruno)
    tornar_emitida(emitida)
    como_bruno.post(UNIR, {"fica": fica.pk, "sai": [fica.pk, sai.pk]})
    for registro in (contrato, aberta, emitida, sai):
        registro.refresh_from_db()
    assert (contrato.tomador, contrato.ordem, aberta.tomador, emitida.tomador) == (fica, "aurora", fica, sai)
    assert (sai.ativo, aberta.versao) == (False, 2)
    assert "aurora" in aberta.busca
    assert "repetida" not in aberta.busca
    assert EventoNota.objects.get(nota=aberta).tipo == "alterada"
    linha = Auditoria.objects.get(acao="nfse.unir_tomador")
    assert (linha.usuario, linha.dados["notas"], linha.dados["contratos"]) == (bruno, [aberta.pk], [str(contrato.pk)])


def test_tomadores_of_two_empresas_are_not_united(minha: Empresa, alheia: Empresa, ana: Usuario) -> None:
    with pytest.raises(UniaoRecusada, match="empresas diferentes"):
        unir(fica=criar_tomador(minha), sai=criar_tomador(alheia), usuario=ana)


def test_a_second_union_of_the_same_finds_nothing_to_do(minha: Empresa, ana: Usuario) -> None:
    fica, sai = criar_tomador(minha, 60), criar_tomador(minha, 61)
    unir(fica=fica, sai=sai, usuario=ana)
    with pytest.raises(UniaoRecusada, match="acabou de ser inativado"):
        unir(fica=fica, sai=sai, usuario=ana)


def test_another_carteiras_tomador_is_not_united(como_bruno: Client, minha: Empresa, alheia: Empresa) -> None:
    fica, sai = criar_tomador(minha), criar_tomador(alheia)
    como_bruno.post(UNIR, {"fica": fica.pk, "sai": sai.pk})
    sai.refresh_from_db()
    assert sai.ativo
