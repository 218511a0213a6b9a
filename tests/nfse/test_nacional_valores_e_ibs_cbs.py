"""Conditional discount, municipal benefit, and all that the group of IBS and CBS says: from the screens to the DPS."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comum.models import Usuario
from empresas.models import Carteira, Empresa
from nfse.models import CanalNfse, NotaItem, Tomador
from nfse.models.detalhes import Detalhes
from nfse.providers.nacional.parametros import Convenio
from nfse.services.acoes import substituir
from nfse.services.calculo import Linha, reduzir, totais
from nfse.services.comparacao import comparar
from nfse.services.emissao import com_tudo, numerar, prevoo
from nfse.services.nacional import dps_de as dps_do_servico
from nfse.services.nacional import guardar_convenio
from nfse.services.pedidos import emissao_de
from nfse.services.tomadores import documento_fixo, unir
from nfse.services.validacao import Contexto
from tests.cast import criar_empresa
from tests.nfse.apoio import autorizar, criar_canal
from tests.nfse.fabrica import RECIFE, criar_tomador
from tests.nfse.test_nacional_campos import LINHA, achados, com, digitada, ditos, dps_de
from tests.nfse.test_telas_nova import HTMX, NOVA, digitar, texto

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hoje")]
D = Decimal
BM = f"{RECIFE}0100007"
CODIGOS = {"ibs_cbs_situacao": "000", "ibs_cbs_classificacao": "000001", "ibs_cbs_fornecimento": "100301"}
DE_IMOVEL = CODIGOS | {"ibs_cbs_fornecimento": "020101"}
CHAVE = f"{RECIFE}2211222333000181{'0' * 26}1"
RUA = {"imovel_cep": "50030-230", "imovel_logradouro": "Rua do Sol", "imovel_numero": "10", "imovel_bairro": "Centro"}


@pytest.fixture
def prestador(carteira: Carteira) -> Empresa:
    guardar_convenio(RECIFE, Convenio(True, True, True, True, True))
    return criar_empresa(1, carteira=carteira, regime="presumido", municipio=RECIFE)


@pytest.fixture
def canal(prestador: Empresa) -> CanalNfse:
    cargas: dict[str, Any] = {"carga_federal": D(13), "carga_estadual": D(0), "carga_municipal": D(3)}
    return criar_canal(prestador, "nacional", serie="1", **cargas)


@pytest.fixture
def tomador(prestador: Empresa) -> Tomador:
    return criar_tomador(prestador)


@pytest.fixture
def outro(prestador: Empresa) -> Tomador:
    return criar_tomador(prestador, 61, nome="Quem Recebe Ltda")


# -- amounts -----------------------------------------------------------------------------------------------------------


def test_the_last_line_takes_the_cents_of_a_reduction() -> None:
    linhas = [Linha(D(1), D("100.00"), D(5)) for _ in range(3)]
    assert [linha.reducao for linha in reduzir(linhas, D("100.00"))] == [D("33.33"), D("33.33"), D("33.34")]
    feitas = totais(reduzir(linhas, D(30)), iss_retido=True, condicionado=D("20.00"))
    assert (feitas.reducao, feitas.iss, feitas.retido, feitas.liquido) == (D(30), D("13.50"), D("13.50"), D("266.50"))
    assert reduzir([Linha(D(1), D(10), D(5), desconto=D(10))], D(1))[0].reducao == 0


def test_a_conditional_discount_leaves_the_iss_as_it_is(como_bruno: Client, canal, tomador) -> None:
    nota = digitada(como_bruno, tomador, {"aliquota": "5"}, iss_retido="on", desconto_condicionado="100,00")
    assert (nota.valor_iss, nota.valor_descontos, nota.valor_liquido) == (D("50.00"), D(0), D("850.00"))
    assert ditos(dps_de(nota), "vDescCondIncond") == {"vDescCond": "100.00"}
    assert achados(nota) == {}
    assert "Desconto condicionado" in texto(como_bruno.get(nota.get_absolute_url()))


@pytest.mark.parametrize(
    ("reducao", "enviada", "iss"),
    [
        ({"beneficio_percentual": "20"}, {"pRedBCBM": "20.00"}, "40.00"),
        ({"beneficio_valor": "300,00"}, {"vRedBCBM": "300.00"}, "35.00"),
        ({}, {}, "50.00"),
    ],
)
def test_a_municipal_benefit_reduces_the_base_of_the_iss(
    como_bruno, canal, tomador, reducao: dict[str, str], enviada: dict[str, str], iss: str
) -> None:
    nota = digitada(como_bruno, tomador, {"aliquota": "5"}, beneficio_numero=BM, **reducao)
    assert (nota.valor_iss, nota.itens.get().iss, nota.valor_liquido) == (D(iss), D(iss), D("1000.00"))
    assert ditos(dps_de(nota), "BM") == {"nBM": BM} | enviada
    assert comparar(nota, list(nota.itens.all())).linhas[0].iss.enviado == D(iss)
    assert achados(nota) == {}


def test_the_summary_tells_both_as_they_are_typed(como_bruno, canal, tomador, prestador) -> None:
    dados = digitar(prestador, tomador, LINHA | {"aliquota": "5"}, desconto_condicionado="10,00", beneficio_numero=BM)
    resposta = como_bruno.post(reverse("nfse:calcular"), dados | {"beneficio_percentual": "20"}, headers=HTMX)
    feitas = resposta.context["resumo"].totais
    assert (feitas.condicionado, feitas.reducao, feitas.iss, feitas.liquido) == (D(10), D(200), D(40), D("990.00"))
    assert {"Desconto condicionado", "Redução da base do ISS"} <= set(texto(resposta).replace(">", "<").split("<"))


@pytest.mark.parametrize(
    ("campos", "onde", "dito"),
    [
        ({"desconto_condicionado": D(1000)}, "desconto_condicionado", "menor que o valor"),
        ({"beneficio_valor": D(10)}, "beneficio_numero", "14 algarismos"),
        ({"beneficio_numero": "1" * 14}, "beneficio_numero", "outro município"),
        ({"beneficio_numero": BM, "beneficio_valor": D(1001)}, "beneficio_valor", "passam, juntos, do valor"),
        (CODIGOS | {"imovel_cib": "12345678"}, "imovel_cib", "não é com imóvel"),
        (DE_IMOVEL | {"imovel_cep": "50030230"}, "imovel_logradouro", "falta o logradouro"),
        (CODIGOS | {"tipo_operacao": "2"}, "referidas", "tipo de operação 2 ou 3"),
        (CODIGOS | {"regular_situacao": "000"}, "regular_classificacao", "6 números"),
        ({"credito_presumido": "01"}, "ibs_cbs_situacao", "falta o CST"),
    ],
)
def test_what_is_wrong_stands_at_its_field(canal, ana: Usuario, campos: dict[str, Any], onde: str, dito: str) -> None:
    assert dito in achados(com(canal, ana, **campos))[onde]


# -- IBS and CBS -------------------------------------------------------------------------------------------------------


def test_another_destinatario_goes_with_document_and_address(como_bruno, canal, tomador, outro) -> None:
    nota = digitada(como_bruno, tomador, {}, **CODIGOS, destinatario=str(outro.pk))
    documento = dps_de(nota)
    assert ditos(documento, "IBSCBS")["indDest"] == "1"
    feito = ditos(documento, "dest")
    assert (feito["CNPJ"], feito["xNome"], feito["cMun"]) == (outro.documento, outro.nome, RECIFE)
    assert achados(nota) == {}
    assert outro.nome in texto(como_bruno.get(nota.get_absolute_url()))
    assert como_bruno.get(reverse("nfse:editar", args=[nota.pk])).context["edicao"].destinatario == outro


def test_the_destinatario_is_of_the_empresa_and_not_the_tomador(como_bruno, canal, tomador, prestador, ana) -> None:
    de_fora = criar_tomador(criar_empresa(2), 62)
    dados = digitar(prestador, tomador, LINHA, **CODIGOS, destinatario=str(de_fora.pk))
    assert "não encontrado" in como_bruno.post(NOVA, dados).context["edicao"].form.errors["destinatario"][0]
    nota = com(canal, ana, tomador, **CODIGOS, destinatario_id=tomador.pk)
    assert "próprio tomador" in achados(nota)["destinatario"]


def test_an_inactive_destinatario_is_told(canal, tomador, outro, ana) -> None:
    nota = com(canal, ana, tomador, **CODIGOS, destinatario_id=outro.pk)
    Tomador.objects.filter(pk=outro.pk).update(ativo=False)
    assert "está inativo" in achados(nota)["destinatario"]


def test_all_the_rest_of_the_group_goes_and_comes_back(como_bruno, canal, tomador) -> None:
    mais = {
        **RUA,
        "imovel_inscricao": "1.234",
        "diferimento_uf": "50",
        "diferimento_cbs": "12,5",
        "regular_situacao": "200",
        "regular_classificacao": "200001",
        "credito_presumido": "01",
        "ente_governamental": "4",
        "tipo_operacao": "3",
        "referidas": f" {CHAVE}\r\n\r\n{CHAVE}",
    }
    nota = digitada(como_bruno, tomador, {}, **DE_IMOVEL, **mais)
    documento = dps_de(nota)
    assert ditos(documento, "gDif") == {"pDifUF": "50.00", "pDifMun": "0.00", "pDifCBS": "12.50"}
    assert ditos(documento, "gTribRegular") == {"CSTReg": "200", "cClassTribReg": "200001"}
    assert {"inscImobFisc": "1.234", "CEP": "50030230", "xLgr": "Rua do Sol"}.items() <= ditos(
        documento, "imovel"
    ).items()
    assert {"cCredPres": "01", "tpEnteGov": "4", "tpOper": "3", "refNFSe": CHAVE}.items() <= ditos(
        documento, "IBSCBS"
    ).items()
    assert achados(nota) == {}
    assert Detalhes.do_json(nota.detalhes).referidas == (CHAVE,)
    form = como_bruno.get(reverse("nfse:editar", args=[nota.pk])).context["edicao"].form
    assert [form[nome].value() for nome in ("imovel_cep", "referidas", "tipo_operacao")] == ["50030-230", CHAVE, "3"]
    pagina = texto(como_bruno.get(nota.get_absolute_url()))
    for dito in ("UF 50%", "4 - Município", CHAVE, "Rua do Sol, 10", "CST 200"):
        assert dito in pagina


def test_what_is_no_chave_is_said_and_stays_as_typed(como_bruno, canal, tomador, prestador) -> None:
    resposta = como_bruno.post(NOVA, digitar(prestador, tomador, LINHA, referidas="123"))
    assert "123 não é chave" in resposta.context["edicao"].form.errors["referidas"][0]
    muitas = "\n".join(f"{CHAVE[:-2]}{n:02}" for n in range(100))
    resposta = como_bruno.post(NOVA, digitar(prestador, tomador, LINHA, referidas=muitas))
    assert "cabem 99" in resposta.context["edicao"].form.errors["referidas"][0]


def test_a_copy_and_a_replacement_have_the_same_destinatario(
    como_bruno, canal, tomador, outro, ana, monkeypatch
) -> None:
    monkeypatch.setattr("nfse.services.validacao.impedimento_de", lambda canal: "")
    nota = digitada(como_bruno, tomador, {}, **CODIGOS, destinatario=str(outro.pk))
    nota = autorizar(nota, ana)
    assert como_bruno.get(NOVA, {"copia": nota.pk}).context["edicao"].destinatario == outro
    assert substituir(nota, "99", "O valor saiu errado na nota", ana).destinatario == outro
    assert documento_fixo(outro)


def test_the_confirmation_is_of_the_destinatario_that_was_shown(canal, ana, tomador, outro, monkeypatch) -> None:
    monkeypatch.setattr("nfse.services.validacao.impedimento_de", lambda canal: "")
    nota = com(canal, ana, tomador, **CODIGOS, destinatario_id=outro.pk)
    mostrada = prevoo(com_tudo([nota.pk]))
    assert mostrada.prontas
    Tomador.objects.filter(pk=outro.pk).update(
        nome="Outro Nome Ltda", alterado_em=timezone.now() + timedelta(seconds=1)
    )
    assert prevoo(com_tudo([nota.pk])).marca != mostrada.marca


def test_a_note_written_without_a_channel_goes_with_the_iss_of_its_benefit(como_bruno, canal, tomador) -> None:
    nota = digitada(como_bruno, tomador, {"aliquota": "5"}, beneficio_numero=BM, beneficio_percentual="50")
    NotaItem.objects.update(iss=D("50.00"))  # as a draft has it that no channel took yet
    numerar(com_tudo([nota.pk]), Contexto([canal.empresa]))
    assert nota.itens.get().iss == D("25.00")


def test_integra_notas_has_no_other_destinatario_and_loses_none(como_bruno, prestador, tomador, outro, ana) -> None:
    canal = criar_canal(prestador, "integranotas", versao_emissao=2)
    nota = com(canal, ana, tomador, **CODIGOS, destinatario_id=outro.pk)
    (lida,) = com_tudo([nota.pk])
    emissao = emissao_de(lida, lida.itens.all(), canal, emissao=lida.criada_em)
    assert emissao.ibs_cbs is not None
    assert emissao.ibs_cbs.tipo_destinatario == "0"
    como_bruno.post(reverse("nfse:editar", args=[nota.pk]), digitar(prestador, tomador, LINHA, versao=str(nota.versao)))
    nota.refresh_from_db()
    assert nota.destinatario == outro


def test_the_united_tomador_is_the_destinatario_of_the_drafts(canal, tomador, outro, prestador, ana) -> None:
    fica = criar_tomador(prestador, 63)
    nota = com(canal, ana, tomador, **CODIGOS, destinatario_id=outro.pk)
    assert unir(fica=fica, sai=outro, usuario=ana).rascunhos == 1
    nota.refresh_from_db()
    assert (nota.destinatario, nota.tomador) == (fica, tomador)


def test_a_pedido_of_an_older_release_has_no_destinatario(canal, ana, tomador) -> None:
    (nota,) = com_tudo([com(canal, ana, tomador, **CODIGOS).pk])
    antiga = Contexto([nota.empresa]).declaracao(nota, canal, RECIFE)
    del antiga["destinatario"]
    emissao = emissao_de(nota, nota.itens.all(), canal, emissao=nota.criada_em)
    assert dps_do_servico(emissao, antiga).detalhes_ibs_cbs is None


def test_the_destinatarios_of_many_notes_are_read_at_once(
    canal, ana, tomador, outro, django_assert_num_queries
) -> None:
    notas = [com(canal, ana, tomador, **CODIGOS, destinatario_id=outro.pk).pk for _ in range(3)]
    lidas = com_tudo(notas)
    contexto = Contexto([canal.empresa])
    contexto.declaracao(lidas[0], canal, RECIFE)
    with django_assert_num_queries(0):
        ditas = [contexto.declaracao(nota, canal, RECIFE)["destinatario"]["nome"] for nota in lidas]
    assert ditas == [outro.nome] * 3
