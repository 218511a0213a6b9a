"""The screens of what the Receita is asked and told: lists, the form of the DEFIS, the catalogue."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse, reverse_lazy
from django.utils import timezone

from comum.models import Usuario
from credentials.models import Credencial, Servico
from empresas.models import Carteira, Empresa, Municipio
from guias.models import (
    ConsultaDeRenuncias,
    ConsultaRedesim,
    DeclaracaoDefis,
    MensagemEcac,
    NaoOptante,
    RascunhoDefis,
    Renuncia,
)
from guias.providers.defis import NaoOptanteDefis
from guias.services import defis, servicos
from guias.services.panorama import idade
from operacoes.models import Operacao
from tests.cast import criar_empresa
from tests.guias.apoio import MES, emitir_guia, informar, vincular

pytestmark = pytest.mark.django_db

ANO = timezone.localdate().year - 1
Entrar = Callable[[Usuario], Client]


@pytest.fixture
def empresa(empresas: list[Empresa], credencial: Credencial, ana: Usuario) -> Empresa:
    vincular(empresas[0], credencial, ana, *Servico)
    return empresas[0]


def escrever(empresa: Empresa, n: int = 1, **campos: Any) -> MensagemEcac:
    agora = timezone.now() - timedelta(days=n)
    return MensagemEcac.objects.create(
        empresa=empresa, isn=f"{n:010d}", enviada_em=agora, **{"assunto": f"Aviso {n}", **campos}
    )


# -- lists ------------------------------------------------------------------------------------------------------------

LISTAS = ["situacao_fiscal", "caixas", "caixa_postal", "anuais", "processos"]


@pytest.mark.parametrize("nome", LISTAS)
def test_the_queries_of_a_list_do_not_grow_with_its_rows(
    entrar: Entrar, ana: Usuario, carteira: Carteira, empresa: Empresa, nome: str
) -> None:
    cliente = entrar(ana)
    endereco = reverse(f"guias:{nome}")
    escrever(empresa)

    def quantas() -> int:
        cliente.get(endereco)
        with CaptureQueriesContext(
            connection,
        ) as lidas:
            assert cliente.get(endereco).status_code == 200
        return len(lidas)

    poucas = quantas()
    for numero in range(10, 30):
        escrever(criar_empresa(numero, carteira=carteira), numero)
    assert quantas() <= poucas


@pytest.mark.parametrize("nome", LISTAS)
@pytest.mark.parametrize("ordem", ["codigo", "-empresa", "relatorio", "por_ler", "validade", "x"])
def test_any_order_and_filter_of_a_hand_made_url_is_answered(
    entrar: Entrar, ana: Usuario, empresa: Empresa, nome: str, ordem: str
) -> None:
    cliente = entrar(ana)
    for filtros in ("idade=velho&novas=sim&defis=falta&opcao=CAIXA&relevancia=sim&texto=aberta", "idade=x", "ano=1"):
        assert cliente.get(f"{reverse(f'guias:{nome}')}?ordem={ordem}&{filtros}").status_code == 200


def test_unread_and_relevant_messages_come_first(entrar: Entrar, ana: Usuario, empresa: Empresa) -> None:
    escrever(empresa, 1, assunto="Comum nova")
    escrever(empresa, 5, assunto="Relevante antiga", relevante=True)
    lida = escrever(empresa, 2, assunto="Já lida", relevante=True, lida_em=timezone.now())
    cliente = entrar(ana)
    por_ler = cliente.get(reverse("guias:caixa_postal")).content.decode()
    assert por_ler.index("Relevante antiga") < por_ler.index("Comum nova")
    assert lida.assunto not in por_ler
    todas = cliente.get(reverse("guias:caixa_postal") + "?todas=1").content.decode()
    assert todas.index("Comum nova") < todas.index("Já lida")


def test_marking_is_the_office_s_own(entrar: Entrar, ana: Usuario, empresa: Empresa) -> None:
    mensagem = escrever(empresa)
    cliente = entrar(ana)
    cliente.post(reverse("guias:marcar_mensagens"), {"ids": [mensagem.pk]})
    mensagem.refresh_from_db()
    assert (mensagem.lida_por, mensagem.aberta_em, mensagem.lida_na_receita_em) == (ana, None, None)
    cliente.post(reverse("guias:marcar_mensagens"), {"ids": [mensagem.pk], "como": "nao_lida"})
    mensagem.refresh_from_db()
    assert mensagem.lida_em is None


def test_markup_in_what_came_from_outside_is_shown_as_words(entrar: Entrar, ana: Usuario, empresa: Empresa) -> None:
    mal = "<script>alert(1)</script><img src=http://fora>"
    mensagem = escrever(empresa, assunto=mal, corpo=mal, aberta_em=timezone.now())
    pagina = entrar(ana).get(reverse("guias:mensagem", args=[mensagem.pk])).content.decode()
    assert "<script>alert" not in pagina
    assert "<img src=http://fora" not in pagina
    assert "&lt;script&gt;" in pagina


def test_an_expired_message_is_not_offered_to_be_opened(entrar: Entrar, ana: Usuario, empresa: Empresa) -> None:
    mensagem = escrever(empresa, validade=timezone.localdate() - timedelta(days=1))
    pagina = entrar(ana).get(reverse("guias:mensagem", args=[mensagem.pk])).content.decode()
    assert "A Receita só a mostrava até" in pagina
    assert reverse("guias:abrir_mensagem", args=[mensagem.pk]) not in pagina


def test_the_page_of_an_empresa_says_what_asking_costs_and_why_it_cannot(
    entrar: Entrar, ana: Usuario, empresas: list[Empresa], empresa: Empresa
) -> None:
    cliente = entrar(ana)
    com = cliente.get(reverse("guias:na_receita", args=[empresa.pk])).content.decode()
    assert "sem custo" in com
    assert "custo R$" in com
    sem = cliente.get(reverse("guias:na_receita", args=[empresas[1].pk])).content.decode()
    assert "Não está em nenhuma credencial" in sem


@pytest.mark.parametrize(("dias", "dito"), [(0, "hoje"), (1, "ontem"), (12, "há 12 dias")])
def test_an_age_is_said_in_words(dias: int, dito: str) -> None:
    assert idade(timezone.now() - timedelta(days=dias)) == dito


# -- DEFIS ------------------------------------------------------------------------------------------------------------


def da_defis(empresa: Empresa, **campos: str) -> dict[str, str]:
    return {
        "socio-0-cpf": "111.444.777-35",
        "socio-0-participacao": "60,00",
        "socio-1-cpf": "529.982.247-25",
        "socio-1-participacao": "40,00",
        "empregados_inicio": "2",
        f"est-{empresa.documento}-totalDespesas": "1.234,56",
        **campos,
    }


def endereco(empresa: Empresa, ano: int = ANO) -> str:
    return reverse("guias:defis", args=[empresa.pk, ano])


def test_what_was_typed_survives_right_or_wrong(entrar: Entrar, ana: Usuario, empresa: Empresa) -> None:
    cliente = entrar(ana)
    dados = da_defis(empresa, ganho_capital="abc", **{"socio-1-participacao": "41,00"}, acao="conferir")
    resposta = cliente.post(endereco(empresa), dados)
    pagina = resposta.content.decode()
    assert resposta.status_code == 422
    assert "Ganhos de capital: Valor fora do formato" in pagina
    assert "somam 101,00 %: sobram 1,00 %" in pagina
    de_novo = cliente.get(endereco(empresa)).content.decode()
    assert 'value="abc"' in de_novo
    assert 'value="1.234,56"' in de_novo
    assert RascunhoDefis.objects.get().alterado_por == ana


def test_a_defis_in_order_shows_what_would_be_transmitted_and_its_price(
    entrar: Entrar, ana: Usuario, empresa: Empresa
) -> None:
    pagina = entrar(ana).post(endereco(empresa), da_defis(empresa, acao="conferir")).content.decode()
    assert "Transmitir 1 DEFIS · custo R$ 0,40" in pagina
    assert "não se desfaz" in pagina


def test_another_person_s_changes_are_not_overwritten_unseen(
    entrar: Entrar, ana: Usuario, bruno: Usuario, empresa: Empresa
) -> None:
    RascunhoDefis.objects.create(empresa=empresa, ano=ANO, dados={"ganho_capital": "1,00"}, alterado_por=bruno)
    resposta = entrar(ana).post(endereco(empresa), da_defis(empresa, ganho_capital="9,00", versao=""))
    assert resposta.status_code == 422
    assert "alterou esta DEFIS" in resposta.content.decode()
    assert 'value="9,00"' in resposta.content.decode()
    assert RascunhoDefis.objects.get().dados == {"ganho_capital": "1,00"}


@pytest.mark.parametrize(
    ("campos", "dito"),
    [
        ({"socio-0-cpf": "123"}, "Sócio 1:"),
        ({"socio-1-cpf": "111.444.777-35"}, "já está na lista"),
        ({"socio-0-participacao": "150,00"}, "não passa de 100,00 %"),
        ({"empregados_fim": "dois"}, "não é uma quantidade de pessoas"),
        ({"ganho_capital": "-1,00"}, "não pode ser negativo"),
        ({"evento": "3", "evento_em": "x"}, "Dia do evento"),
        ({"evento": "3", "evento_em": "10/02/2020"}, f"deve ser de {ANO}"),
        ({"evento": "9"}, "Escolha o evento"),
    ],
)
def test_each_field_says_what_it_wants(
    entrar: Entrar, ana: Usuario, empresa: Empresa, campos: dict[str, str], dito: str
) -> None:
    resposta = entrar(ana).post(endereco(empresa), da_defis(empresa, acao="conferir") | campos)
    assert resposta.status_code == 422
    assert dito in resposta.content.decode()


def test_the_total_of_entries_is_no_less_than_its_parts(entrar: Entrar, ana: Usuario, empresa: Empresa) -> None:
    campos = {f"est-{empresa.documento}-aquisicoesMercadoInterno": "100,00"}
    resposta = entrar(ana).post(endereco(empresa), da_defis(empresa, acao="conferir") | campos)
    assert "não pode ser menor que a soma" in resposta.content.decode()


def test_a_year_that_the_receita_does_not_take_is_told(entrar: Entrar, ana: Usuario, empresa: Empresa) -> None:
    resposta = entrar(ana).get(endereco(empresa, 1999), follow=True)
    assert "A Receita não recebe a DEFIS de 1999" in resposta.content.decode()


def test_a_defis_that_exists_is_rectified_by_name(entrar: Entrar, ana: Usuario, empresa: Empresa) -> None:
    DeclaracaoDefis.objects.create(empresa=empresa, ano=ANO, numero="000000002025001")
    cliente = entrar(ana)
    assert 'name="retifica" value="000000002025001"' in cliente.get(endereco(empresa)).content.decode()
    sem = cliente.post(endereco(empresa), da_defis(empresa, acao="conferir")).content.decode()
    assert "confirme que quer retificá-la" in sem
    rascunho = RascunhoDefis.objects.get()
    com = da_defis(empresa, acao="conferir", retifica="000000002025001", versao=rascunho.alterado_em.isoformat())
    assert "Transmitir 1 DEFIS" in cliente.post(endereco(empresa), com).content.decode()


def test_what_is_approved_comes_back_from_the_pedido_as_it_was(empresa: Empresa) -> None:
    dados = {
        "socios": [{"cpf": "11144477735", "participacao": "90,00"}],
        "tesouraria": "10,00",
        "lucro_contabil": "5,00",
        "evento": "3",
        "evento_em": f"10/02/{ANO}",
        "estabelecimentos": {empresa.documento: {"saldoCaixaFinal": "-1,00"}},
    }
    lida, erros = defis.ler(dados, empresa, ANO)
    assert not erros
    assert lida is not None
    assert defis.de_json(defis.para_json(lida)) == lida
    assert lida.evento == (3, ANO * 10_000 + 210)


def com_listas(empresa: Empresa) -> dict[str, str]:
    mun, mud = f"municipais-{empresa.documento}", f"mudancas-{empresa.documento}"
    return {
        "exportadoras-0-cnpj": "11.222.333/0001-81", "exportadoras-0-valor": "123,00",
        "doacoes-0-cnpj": "11.222.333/0001-81", "doacoes-0-beneficiario": "3", "doacoes-0-forma": "5",
        "doacoes-0-valor": "10,00",
        "nao_optante_administracao": "3", "nao_optante_processo": "10880.000001/2025-11",
        "nao_optante_municipio": "São Paulo/SP",
        f"interestaduais-{empresa.documento}-0-uf": "pe", f"interestaduais-{empresa.documento}-0-operacao": "2",
        f"interestaduais-{empresa.documento}-0-valor": "15,00",
        f"{mun}-0-especie": "issRetidosFonte", f"{mun}-0-municipio": "Olinda/PE", f"{mun}-0-valor": "20,00",
        f"{mun}-1-especie": "rateiosDecisaoJudicial", f"{mun}-1-municipio": "3550308", f"{mun}-1-valor": "5,00",
        f"{mun}-1-complemento": "Decisão 7",
        f"{mud}-0-origem": "Olinda/PE", f"{mud}-0-destino": "Recife/PE", f"{mud}-0-dia": f"10/06/{ANO}",
        f"est-{empresa.documento}-autoInfracaoPago": "7,00",
    }  # fmt: skip


def test_the_lists_that_were_typed_are_in_what_is_transmitted(entrar: Entrar, ana: Usuario, empresa: Empresa) -> None:
    cliente = entrar(ana)
    pagina = cliente.post(endereco(empresa), da_defis(empresa, acao="conferir") | com_listas(empresa)).content.decode()
    assert "Transmitir 1 DEFIS" in pagina
    lida, erros = defis.ler(RascunhoDefis.objects.get().dados, empresa, ANO)
    assert not erros
    assert lida is not None
    assert defis.de_json(json.loads(json.dumps(defis.para_json(lida)))) == lida
    assert set(lida.listas) == {"comerciaisExportadoras", "doacoesCampanhaEleitoral"}
    assert lida.nao_optante == NaoOptanteDefis(3, "SP", "7107", "10880000001202511")
    listas = lida.estabelecimentos[0].listas
    assert listas["issRetidosFonte"] == ({"uf": "PE", "codMunicipio": "2491", "valor": Decimal("20.00")},)
    assert listas["rateiosDecisaoJudicial"][0]["identificacaoDecisao"] == "Decisão 7"
    assert listas["mudancaOutroMunicipio"][0]["dataMudanca"] == ANO * 10_000 + 610
    assert listas["operacoesInterestaduais"][0]["uf"] == "PE"
    aberta = cliente.get(endereco(empresa)).content.decode()
    assert 'value="Decisão 7"' in aberta
    assert '<option value="issRetidosFonte" selected>' in aberta


@pytest.mark.parametrize(
    ("campo", "valor", "dito"),
    [
        ("exportadoras-0-cnpj", "11.222.333/0001-82", "id-exportadoras-0-cnpj"),
        ("doacoes-0-forma", "", "Escolha uma das opções"),
        ("nao_optante_administracao", "1", "informe Brasília/DF"),
        ("nao_optante_processo", "abc", "tem até 20 algarismos"),
        ("interestaduais-{}-0-uf", "XX", "UF “XX” não existe"),
        ("municipais-{}-0-municipio", "Olimda/PE", "Seria Olinda/PE?"),
        ("municipais-{}-0-valor", "0,00", "maior que zero"),
        ("municipais-{}-0-complemento", "x", "Só os rateios têm complemento"),
        ("municipais-{}-1-complemento", "", "Informe no complemento a identificação da decisão"),
        ("mudancas-{}-0-dia", f"10/06/{ANO - 1}", "fora do período desta DEFIS"),
        ("mudancas-{}-0-destino", "Olinda/PE", "o de destino é o mesmo de origem"),
    ],
)
def test_each_cell_of_a_list_says_what_it_wants(
    entrar: Entrar, ana: Usuario, empresa: Empresa, campo: str, valor: str, dito: str
) -> None:
    nome = campo.format(empresa.documento)
    dados = da_defis(empresa, acao="conferir") | com_listas(empresa) | {nome: valor}
    resposta = entrar(ana).post(endereco(empresa), dados)
    pagina = resposta.content.decode()
    assert resposta.status_code == 422
    assert dito in pagina
    assert f'id="erro-{nome}"' in pagina or nome == "nao_optante_administracao"


def test_two_lines_of_the_same_are_told_apart(entrar: Entrar, ana: Usuario, empresa: Empresa) -> None:
    mun = f"municipais-{empresa.documento}"
    repetida = {f"{mun}-1-especie": "issRetidosFonte", f"{mun}-1-complemento": "", f"{mun}-1-municipio": "Olinda/PE"}
    dados = da_defis(empresa, acao="conferir") | com_listas(empresa) | repetida
    assert "repete a linha 1" in entrar(ana).post(endereco(empresa), dados).content.decode()


def test_a_defis_begins_with_the_process_of_who_is_not_of_the_simples(
    entrar: Entrar, ana: Usuario, empresa: Empresa
) -> None:
    olinda = Municipio.objects.get(codigo_ibge="2609600")
    NaoOptante.objects.create(empresa=empresa, esfera=NaoOptante.Esfera.ESTADUAL, municipio=olinda, processo="77")
    pagina = entrar(ana).get(endereco(empresa)).content.decode()
    assert 'value="Olinda/PE"' in pagina
    assert '<option value="2" selected>Estadual</option>' in pagina


# -- Redesim ----------------------------------------------------------------------------------------------------------


def test_no_renuncia_yet_leaves_one_thing_to_do(entrar: Entrar, ana: Usuario, credencial: Credencial) -> None:
    pagina = entrar(ana).get(reverse("guias:renuncias")).content.decode()
    vazio = pagina.partition("Nenhuma renúncia conhecida")[2].partition("</form>")[0]
    assert ("Abrir Redesim e processos" in vazio, "btn-primary" in vazio) == (True, False)
    assert "Consultar renúncias…" in pagina


def test_renuncias_outside_the_carteira_and_of_no_empresa_are_for_administrators(
    entrar: Entrar, ana: Usuario, bruno: Usuario, credencial: Credencial, empresa: Empresa
) -> None:
    operacao = Operacao.objects.create(
        tipo="guias.redesim.renuncias", chave="x", pedido={}, acesso=credencial.acesso, usuario=ana
    )
    agora = timezone.now()
    fora = [{"numero": 7, "cnpj": "80000002000110", "feita_em": agora.isoformat()}]
    ConsultaDeRenuncias.objects.create(credencial=credencial, renuncias=fora, operacao=operacao, consultada_em=agora)
    Renuncia.objects.create(empresa=empresa, credencial=credencial, numero=8, feita_em=agora)
    da_ana = entrar(ana).get(reverse("guias:renuncias")).content.decode()
    assert "80.000.002/0001-10" in da_ana
    assert empresa.razao_social in da_ana
    empresa.carteira = None
    empresa.save()
    do_bruno = entrar(bruno).get(reverse("guias:renuncias")).content.decode()
    assert "80.000.002/0001-10" not in do_bruno
    assert empresa.razao_social not in do_bruno


def test_an_empresa_that_named_the_office_again_after_a_renuncia_is_of_the_office(
    entrar: Entrar, ana: Usuario, credencial: Credencial, empresa: Empresa
) -> None:
    agora = timezone.now()
    Renuncia.objects.create(empresa=empresa, credencial=credencial, numero=8, feita_em=agora - timedelta(days=90))
    pagina = reverse("guias:processos")
    assert "Renunciado" in entrar(ana).get(pagina).content.decode()
    operacao = Operacao.objects.create(
        tipo="guias.redesim.vinculos", chave="x", pedido={}, acesso=credencial.acesso, usuario=ana
    )
    ConsultaRedesim.objects.create(
        credencial=credencial, vinculos=[{"cnpj": empresa.documento}], operacao=operacao, consultada_em=agora
    )
    de_novo = entrar(ana).get(pagina).content.decode()
    assert "O escritório" in de_novo
    assert "Renunciado" not in de_novo


# -- catalogue --------------------------------------------------------------------------------------------------------


def test_the_catalogue_is_whole_and_says_what_is_not_in_production(
    entrar: Entrar, ana: Usuario, empresa: Empresa
) -> None:
    linhas = [linha for _, grupo in servicos.sistemas() for linha in grupo]
    assert (len(linhas), sum(linha.servico.em_producao for linha in linhas)) == (119, 98)
    assert {str(linha.servico) for linha in linhas if not linha.em_uso or not linha.onde} == {
        str(linha.servico) for linha in linhas if not linha.servico.em_producao
    }
    resposta = entrar(ana).get(reverse("guias:servicos"))
    assert (resposta.context["em_producao"], resposta.context["em_uso"]) == (98, 98)
    pagina = resposta.content.decode()
    assert pagina.count(f'href="{reverse("guias:parcelamentos")}">Parcelamentos</a></td>') == 40
    assert "prospecção" in pagina
    assert "descontinuado" in pagina


# What the page of a service says where it is asked for.
ACOES = {
    "PGDASD/TRANSDECLARACAO11": "Transmitir",
    "PGDASD/GERARDAS12": "Emitir DAS",
    "PGDASD/CONSDECLARACAO13": "Consultar o ano",
    "PGDASD/CONSEXTRATO16": "Extrato",
    "PGDASD/GERARDASCOBRANCA17": reverse_lazy("guias:das_novo", args=["cobranca"]),
    "PGDASD/GERARDASPROCESSO18": "DAS",
    "PGDASD/GERARDASAVULSO19": "DAS",
    "PROCURACOES/OBTERPROCURACAO41": "Consultar",
    "SITFIS/RELATORIOSITFIS92": "situacao-fiscal",
    "DTE/CONSULTASITUACAODTE111": "Consultar DTE",
    "CAIXAPOSTAL/INNOVAMSG63": "mensagens-novas",
    "CAIXAPOSTAL/MSGCONTRIBUINTE61": "pedir/mensagens/",
    "DEFIS/TRANSDECLARACAO141": "Transmitir DEFIS",
    "DEFIS/CONSDECLARACAO142": "Consultar DEFIS",
    "DEFIS/CONSULTIMADECREC143": "Consultar a última do ano",
    "REGIMEAPURACAO/EFETUAROPCAOREGIME101": "Optar pelo regime",
    "EPROCESSO/CONSPROCPORINTER271": "Consultar processos",
    "PNRCONTADOR/CONSVINCULOS261": "Consultar vínculos",
    "PNRCONTADOR/SOLICRENUNCIA262": "Renunciar ao vínculo",
    "PNRCONTADOR/CONSRENUNCIA263": "Consultar renúncias",
    "PNRCONTADOR/COMPRENUNCIA264": "comprovante",
}


def test_each_service_in_use_leads_to_the_page_that_asks_for_it(entrar: Entrar, ana: Usuario, empresa: Empresa) -> None:
    apuracao = informar(empresa, "1000.00", competencia=MES)
    emitir_guia(empresa, apuracao, "07202612345678901")
    cliente, paginas = entrar(ana), dict[str, str]()
    for _, grupo in servicos.sistemas():
        for linha in grupo:
            if not linha.url_name:
                continue
            if linha.url_name not in paginas:
                resposta = cliente.get(reverse(linha.url_name), follow=True)
                assert resposta.status_code == 200, linha.url_name
                paginas[linha.url_name] = resposta.content.decode()
            assert str(ACOES.get(str(linha.servico), "")) in paginas[linha.url_name], linha.servico


@pytest.mark.parametrize(
    ("acao", "dados", "dito"),
    [
        ("optar-regime", {"ano": "1999", "regime": "CAIXA"}, "Escolha o ano e o regime"),
        ("optar-regime", {"ano": str(ANO + 2), "regime": "CAIXA", "ciente": "1"}, "exige a leitura da resolução"),
        ("renunciar", {"responsavel": "11144477735"}, "exige a ciência das declarações"),
        ("transmitir-defis", {"ano": "x"}, "O ano-calendário da DEFIS não veio"),
    ],
)
def test_what_is_irreversible_is_refused_without_its_conditions(
    entrar: Entrar, ana: Usuario, empresa: Empresa, acao: str, dados: dict[str, str], dito: str
) -> None:
    resposta = entrar(ana).post(reverse("guias:pedir", args=[acao]), dados | {"ids": [empresa.pk]}, follow=True)
    assert dito in resposta.content.decode()
