"""What only some towns ask for: from the screens to the body that Integra Notas takes, in both of its layouts."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comum.models import Usuario
from empresas.models import Empresa
from nfse.models import CanalNfse, Nota, Tomador
from nfse.models.exigencias import Exigibilidade, RegimeTributacao, codigo, opcoes
from nfse.providers.integranotas.payload import corpo_emissao
from nfse.services import exigencias
from nfse.services.acoes import substituir
from nfse.services.emissao import com_tudo, prevoo
from nfse.services.exigencias import Exigencias
from nfse.services.mensalidades import gerar
from nfse.services.pedidos import emissao_de, emissao_do_pedido, para_json
from nfse.services.validacao import Contexto, problemas
from tests.cast import cnpj_valido
from tests.nfse.apoio import OUTUBRO, autorizar, criar_canal, criar_item, criar_nota
from tests.nfse.fabrica import criar_contrato, criar_servico, criar_tomador
from tests.nfse.test_telas_nova import HTMX, NOVA, digitar, texto

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hoje")]
OLINDA = "2609600"
CORRETOR = cnpj_valido(811)
DIGITADAS = {
    "municipio_incidencia": OLINDA,
    "intermediario_documento": CORRETOR,
    "intermediario_nome": "Corretora Inventada Ltda",
    "intermediario_im": "123-4",
    "obra_codigo": "90.012.34567/89",
    "obra_art": "PE20260001",
    "ibs_cbs_situacao": "000",
    "ibs_cbs_classificacao": "000001",
    "ibs_cbs_fornecimento": "10.01.01",
    "consumidor_final": "on",
}
GRUPO = {
    "consumidor_final": "1",
    "codigo_fornecimento": "100101",
    "tipo_destinatario": "0",
    "situacao_tributaria": "000",
    "classificacao_tributaria": "000001",
}
INTERMEDIARIO = {"cnpj": CORRETOR, "im": "123-4", "razao_social": "Corretora Inventada Ltda"}


@pytest.fixture
def canal(minha: Empresa) -> CanalNfse:
    return criar_canal(minha)


@pytest.fixture
def nacional(minha: Empresa) -> CanalNfse:
    return criar_canal(minha, versao_emissao=2)


@pytest.fixture
def tomador(minha: Empresa) -> Tomador:
    return criar_tomador(minha)


def corpo(nota: Nota) -> dict[str, Any]:
    """What would be sent of it, read back from its pedido as the worker does."""
    (nota,) = com_tudo([nota.pk])
    canal = Contexto([nota.empresa]).rotas.rota(nota.empresa, nota.competencia).canal
    assert canal is not None
    emissao = emissao_de(nota, nota.itens.all(), canal, emissao=timezone.now())
    lida = emissao_do_pedido(para_json(replace(emissao, serie="1", numero=1)))
    return corpo_emissao(lida, canal.versao_emissao)


def com(canal: CanalNfse, usuario: Usuario, *itens: Any, **campos: Any) -> Nota:
    return criar_nota(canal, usuario, None, *itens, exigencias=Exigencias(**campos))


def achados(nota: Nota) -> dict[str, str]:
    (nota,) = com_tudo([nota.pk])
    return {p.campo: p.mensagem for p in problemas(nota, nota.itens.all(), Contexto([nota.empresa]))}


# -- the codes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("campo", "valor", "proprio", "nacional"),
    [
        ("exigibilidade", "exigivel", "1", "1"),
        ("exigibilidade", "nao_incidencia", "2", "4"),
        ("exigibilidade", "isencao", "3", ""),
        ("exigibilidade", "exportacao", "4", "3"),
        ("exigibilidade", "imunidade", "5", "2"),
        ("exigibilidade", "susp_judicial", "6", ""),
        ("exigibilidade", "susp_admin", "7", ""),
        ("regime_tributacao", "microempresa", "1", "3"),
        ("regime_tributacao", "sociedade", "3", "6"),
        ("regime_tributacao", "cooperativa", "4", "1"),
        ("regime_tributacao", "me_epp", "6", ""),
        ("regime_tributacao", "notario", "", "4"),
        ("regime_tributacao", "outros", "", "9"),
        ("regime_apuracao", "iss_por_fora", "", "2"),
        ("natureza", "fora", "2", ""),
        ("responsavel_retencao", "intermediario", "", "3"),
    ],
)
def test_each_layout_has_its_own_codes(campo: str, valor: str, proprio: str, nacional: str) -> None:
    assert (codigo(campo, 1, valor), codigo(campo, 2, valor)) == (proprio, nacional)


def test_the_choices_are_those_of_the_layout_in_its_words() -> None:
    assert [rotulo for _, rotulo in opcoes("exigibilidade", 2)] == [
        "1 - Operação tributável",
        "2 - Imunidade",
        "3 - Exportação de serviço",
        "4 - Não incidência",
    ]


# -- the screen of a nota ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tipo", "campos", "tem", "falta"),
    [
        ("sisgenfe", {}, set(), set(exigencias.CAMPOS)),
        ("integranotas", {}, {"natureza", "obra_art", "ibs_cbs_situacao"}, {"responsavel_retencao"}),
        ("integranotas", {"versao_emissao": 2}, {"responsavel_retencao", "obra_codigo"}, {"natureza"}),
    ],
)
def test_each_channel_asks_for_what_it_takes(como_bruno, minha, tipo, campos, tem, falta) -> None:
    criar_canal(minha, tipo, **campos)
    form = como_bruno.get(NOVA, {"empresa": minha.pk}).context["edicao"].form
    assert tem <= set(form.fields)
    assert not falta & set(form.fields)


def test_where_no_channel_takes_them_the_group_is_not_there(como_bruno, minha) -> None:
    criar_canal(minha, "sisgenfe")
    assert "Exigências do município" not in texto(como_bruno.get(NOVA, {"empresa": minha.pk}))


def test_the_group_is_closed_until_something_stands_in_it(como_bruno, minha, canal, ana) -> None:
    vazia = como_bruno.get(NOVA, {"empresa": minha.pk})
    cheia = como_bruno.get(reverse("nfse:editar", args=[com(canal, ana, obra_art="PE1").pk]))
    assert not vazia.context["edicao"].form.abre_exigencias
    grupo = r'<details class="cartao corpo exigencias"\s+id="exigencias"'
    assert re.search(f"{grupo}>", texto(vazia))
    assert re.search(f"{grupo} open>", texto(cheia))


@pytest.mark.parametrize(
    ("campo", "digitado", "dito"),
    [
        ("intermediario_documento", "11.111.111/1111-11", "CNPJ"),
        ("ibs_cbs_classificacao", "1", "tem 6 números"),
        ("ibs_cbs_situacao", "ABC", "tem 3 números"),
        ("exigibilidade", "9", "o layout deste canal não tem esta opção"),
        ("obra_codigo", "9" * 31, "cabem 30"),
        ("municipio_incidencia", "1", "Município não encontrado"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_and_opens_the_group(
    como_bruno, minha, tomador, canal, campo: str, digitado: str, dito: str
) -> None:
    resposta = como_bruno.post(NOVA, digitar(minha, tomador, **{campo: digitado}))
    form = resposta.context["edicao"].form
    assert resposta.status_code == 422
    assert dito in form.errors[campo][0]
    assert form.abre_exigencias


def test_what_was_typed_reaches_the_body_of_the_towns_own_layout(como_bruno, minha, tomador, canal) -> None:
    como_bruno.post(NOVA, digitar(minha, tomador, natureza="fora", exigibilidade="isencao", **DIGITADAS))
    feito = corpo(Nota.objects.get())
    assert feito["natureza_operacao"] == "2"
    assert feito["intermediario"] == INTERMEDIARIO
    assert feito["obra"] == {"codigo": "90.012.34567/89", "art": "PE20260001"}
    assert feito["servico"]["codigo_municipio"] == OLINDA
    assert feito["servico"]["ibs_cbs"] == GRUPO
    assert feito["servico"]["itens"][0]["exigibilidade_iss"] == "3"


def test_what_was_typed_reaches_the_body_of_the_national_layout(como_bruno, minha, tomador, nacional) -> None:
    linha = {"codigo_nacional": "171901", "nbs": "114061100"}
    cabeca = {"exigibilidade": "exigivel", "iss_retido": "on", "responsavel_retencao": "intermediario", **DIGITADAS}
    como_bruno.post(NOVA, digitar(minha, tomador, linha, **cabeca))
    feito = corpo(Nota.objects.get())
    assert "natureza_operacao" not in feito
    assert (feito["intermediario"], feito["servico"]["ibs_cbs"]) == (INTERMEDIARIO, GRUPO)
    assert feito["servico"]["endereco_local_prestacao"]["codigo_municipio"] == OLINDA
    municipais = feito["servico"]["tributos_municipais"]
    assert (municipais["tipo_operacao"], municipais["responsavel_retencao"]) == ("1", "3")


def test_a_note_that_says_nothing_sends_none_of_it(canal, ana) -> None:
    feito = corpo(criar_nota(canal, ana))
    assert not {"natureza_operacao", "intermediario", "obra", "regime_tributacao", "incentivo_fiscal"} & set(feito)
    assert not {"ibs_cbs"} & set(feito["servico"])
    assert "exigibilidade_iss" not in feito["servico"]["itens"][0]


def test_the_channel_of_another_service_sends_none_of_it(minha, ana) -> None:
    canal = criar_canal(minha, "sisgenfe")
    nota = com(canal, ana, natureza="fora", obra_art="PE1", municipio_incidencia_id=OLINDA)
    emissao = emissao_de(nota, nota.itens.all(), canal, emissao=timezone.now())
    assert (emissao.natureza, emissao.obra, emissao.municipio_incidencia) == ("", None, minha.municipio_id)


def test_saving_keeps_what_the_screen_does_not_show(como_bruno, minha, tomador, nacional, ana) -> None:
    nota = com(nacional, ana, natureza="fora", obra_art="PE1")
    dados = digitar(minha, tomador, obra_art="PE2", versao=str(nota.versao))
    como_bruno.post(reverse("nfse:editar", args=[nota.pk]), dados)
    nota.refresh_from_db()
    assert (nota.natureza, nota.obra_art) == ("fora", "PE2")


# -- what is wrong -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("campos", "onde", "dito"),
    [
        ({"intermediario_nome": "Fulano"}, "intermediario_documento", "Informe o CNPJ ou o CPF"),
        ({"intermediario_documento": CORRETOR}, "intermediario_nome", "Informe o nome do intermediário"),
        ({"ibs_cbs_situacao": "000"}, "ibs_cbs_classificacao", "cClassTrib"),
        ({"consumidor_final": True}, "ibs_cbs_situacao", "falta o CST"),
        (
            {"ibs_cbs_situacao": "200", "ibs_cbs_classificacao": "000001", "ibs_cbs_fornecimento": "100101"},
            "ibs_cbs_classificacao",
            "é de outro",
        ),
    ],
)
def test_half_of_a_group_is_told_at_the_field_that_lacks(canal, ana, campos, onde: str, dito: str) -> None:
    assert dito in achados(com(canal, ana, **campos))[onde]


def test_a_layout_without_the_exigibilidade_says_so(nacional, ana) -> None:
    item = criar_item(codigo_nacional="171901")
    assert (
        "O layout nacional não tem a exigibilidade “Isenção”"
        in achados(com(nacional, ana, item, exigibilidade="isencao"))["exigibilidade"]
    )


@pytest.mark.parametrize(
    ("retido", "responsavel", "onde"),
    [(False, "tomador", "responsavel_retencao"), (True, "intermediario", "intermediario_documento")],
)
def test_who_withholds_must_exist_and_have_what_to_withhold(nacional, ana, retido, responsavel, onde) -> None:
    item = criar_item(codigo_nacional="171901")
    nota = criar_nota(
        nacional, ana, None, item, iss_retido=retido, exigencias=Exigencias(responsavel_retencao=responsavel)
    )
    assert onde in achados(nota)


def test_iss_is_not_withheld_where_there_is_none(canal, ana) -> None:
    nota = criar_nota(canal, ana, iss_retido=True, exigencias=Exigencias(exigibilidade="imunidade"))
    assert "em que não há ISS" in achados(nota)["iss_retido"]


def test_a_servico_of_a_site_asks_for_the_site(canal, ana, minha) -> None:
    item = criar_item(servico_id=criar_servico(minha, exige_obra=True).pk)
    assert "obra_codigo" in achados(com(canal, ana, item))
    assert "obra_codigo" not in achados(com(canal, ana, item, obra_art="PE1"))


def test_checking_puts_the_point_at_its_field(como_bruno, minha, tomador, canal) -> None:
    dados = digitar(minha, tomador, intermediario_documento=CORRETOR, acao="conferir")
    form = como_bruno.post(NOVA, dados, headers=HTMX).context["edicao"].form
    assert form.errors["intermediario_nome"] == ["Informe o nome do intermediário."]


def test_the_clients_own_refusal_stands_at_the_field(canal, ana) -> None:
    longo = com(canal, ana, intermediario_documento=CORRETOR, intermediario_nome="N" * 80)
    assert "o limite é 75" in achados(longo)["intermediario_nome"]


# -- kept and shown ----------------------------------------------------------------------------------------------------


def test_a_copy_and_a_replacement_say_the_same(como_bruno, canal, ana) -> None:
    nota = autorizar(com(canal, ana, natureza="fora", obra_codigo="9001", municipio_incidencia_id=OLINDA), ana)
    copia = como_bruno.get(NOVA, {"copia": nota.pk}).context["edicao"]
    nova = substituir(nota, "1", "O valor saiu errado", ana)
    assert (copia.form["natureza"].value(), copia.incidencia.pk) == ("fora", OLINDA)
    assert exigencias.da_nota(nova) == exigencias.da_nota(nota)


def test_the_notes_page_says_what_was_filled(como_bruno, canal, ana) -> None:
    nota = com(canal, ana, exigibilidade="exportacao", obra_codigo="9001", obra_art="PE1")
    pagina = texto(como_bruno.get(nota.get_absolute_url()))
    assert "Exportação de serviço" in pagina
    assert "9001 · ART PE1" in pagina


def test_what_its_channel_does_not_take_is_not_said_of_a_note(minha, ana) -> None:
    nota = com(criar_canal(minha, "sisgenfe"), ana, exigibilidade="exportacao")
    assert exigencias.em_palavras(nota, None) == [("Exigibilidade do ISS", "Exportação de serviço")]
    assert exigencias.em_palavras(autorizar(nota, ana), nota.canal) == []


def test_the_prevoo_says_what_goes_and_from_where(como_bruno, canal, ana) -> None:
    CanalNfse.objects.filter(pk=canal.pk).update(regime_tributacao="sociedade", natureza="no_municipio")
    nota = com(canal, ana, natureza="fora")
    pagina = texto(como_bruno.get(reverse("nfse:emitir", args=[nota.pk])))
    assert "Sociedade de profissionais (do canal)" in pagina
    assert "Tributação fora do município" in pagina
    assert "Tributação no município" not in pagina


# -- canal and serviço -------------------------------------------------------------------------------------------------


def gravar_canal(cliente: Client, canal: CanalNfse, **campos: str) -> Any:
    dados = {"ativo": "on", "versao_emissao": str(canal.versao_emissao)} | campos
    return cliente.post(reverse("nfse:canal_alterar", args=[canal.codigo]), dados)


def test_the_canal_keeps_what_its_town_asks_and_every_note_sends_it(como_ana, canal, ana) -> None:
    campos = {"regime_tributacao": "sociedade", "natureza": "no_municipio", "exigibilidade": "exigivel"}
    gravar_canal(como_ana, canal, incentivo_fiscal="nao", **campos)
    feito = corpo(criar_nota(canal, ana))
    assert (feito["regime_tributacao"], feito["natureza_operacao"], feito["incentivo_fiscal"]) == ("3", "1", False)
    assert feito["servico"]["itens"][0]["exigibilidade_iss"] == "1"


def test_a_national_canal_sends_its_regimes_and_the_burden(como_ana, nacional, ana) -> None:
    campos = {"regime_tributacao": "sociedade", "regime_apuracao": "iss_por_fora", "carga_municipal": "3,25"}
    gravar_canal(como_ana, nacional, **campos)
    feito = corpo(criar_nota(nacional, ana, None, criar_item(codigo_nacional="171901")))
    assert (feito["regime_tributacao"], feito["regime_apuracao"]) == ("6", "2")
    assert feito["servico"]["tributos_totais"] == {"percentual_tributos_municipais": "3.25"}


@pytest.mark.parametrize(
    ("versao", "campo", "valor"),
    [
        (1, "regime_apuracao", "no_simples"),
        (1, "regime_tributacao", "notario"),
        (1, "carga_municipal", "2"),
        (2, "natureza", "fora"),
        (2, "incentivo_fiscal", "nao"),
        (2, "exigibilidade", "isencao"),
        (2, "regime_tributacao", "mei"),
    ],
)
def test_the_canal_refuses_what_its_layout_does_not_take(como_ana, minha, versao, campo, valor) -> None:
    canal = criar_canal(minha, versao_emissao=versao)
    resposta = gravar_canal(como_ana, canal, **{campo: valor})
    assert resposta.status_code == 422
    assert "ayout" in resposta.context["form"].errors[campo][0]


def test_a_change_of_the_canal_after_the_prevoo_is_seen(canal, ana) -> None:
    pk = criar_nota(canal, ana).pk
    antes = prevoo(com_tudo([pk])).marca
    CanalNfse.objects.filter(pk=canal.pk).update(exigibilidade=Exigibilidade.IMUNIDADE)
    assert prevoo(com_tudo([pk])).marca != antes


def test_the_page_of_the_canal_says_them_in_the_words_of_its_layout(como_bruno, nacional) -> None:
    CanalNfse.objects.filter(pk=nacional.pk).update(
        regime_tributacao=RegimeTributacao.COOPERATIVA, carga_municipal=Decimal("3.20")
    )
    pagina = texto(como_bruno.get(nacional.get_absolute_url()))
    assert "Ato cooperado (cooperativa)" in pagina
    assert "3,2%" in pagina


def test_choosing_the_servico_fills_what_it_asks_for(como_bruno, minha, tomador, canal) -> None:
    servico = criar_servico(minha, exigibilidade="exportacao", ibs_cbs_situacao="000")
    dados = digitar(minha, tomador, {"servico": str(servico.pk)}, ibs_cbs_situacao="200", acao="servico-0")
    form = como_bruno.post("/notas/calcular/", dados, headers=HTMX).context["edicao"].form
    assert (form["exigibilidade"].value(), form["ibs_cbs_situacao"].value()) == ("exportacao", "200")


def test_the_servico_keeps_them(como_bruno, minha) -> None:
    servico = criar_servico(minha)
    dados = {"codigo": "HON", "nome": "Honorários", "item_lc116": "17.19", "descricao": "Honorários", "ativo": "on"}
    dados |= {"exigibilidade": "imunidade", "exige_obra": "on", "ibs_cbs_classificacao": "000.001"}
    como_bruno.post(reverse("nfse:servico_alterar", args=[servico.pk]), dados)
    servico.refresh_from_db()
    assert (servico.exigibilidade, servico.exige_obra, servico.ibs_cbs_classificacao) == ("imunidade", True, "000001")
    assert "Imunidade" in texto(como_bruno.get(servico.get_absolute_url()))


def test_the_servico_refuses_a_classification_of_another_situation(como_bruno, minha) -> None:
    servico = criar_servico(minha)
    dados = {"codigo": "HON", "nome": "Honorários", "item_lc116": "17.19", "descricao": "Honorários"}
    dados |= {"ibs_cbs_situacao": "200", "ibs_cbs_classificacao": "000001"}
    resposta = como_bruno.post(reverse("nfse:servico_alterar", args=[servico.pk]), dados)
    assert "é de outro" in resposta.context["form"].errors["ibs_cbs_classificacao"][0]


def test_the_month_of_a_contrato_begins_as_its_servico(minha, ana, canal) -> None:
    criar_servico(minha, exigibilidade="imunidade", ibs_cbs_situacao="000")
    contrato = criar_contrato(minha)
    (nota,) = gerar([contrato.pk], OUTUBRO, ana).criadas
    assert (nota.exigibilidade, nota.ibs_cbs_situacao) == ("imunidade", "000")
