"""The forms of accounts payable: every field of every body is in one, and what cannot be sent is told at its field."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from comum.models import Usuario
from empresas.models import Carteira, Empresa
from operacoes.models import Operacao
from pagar.forms.campos import folhas, listas_de
from pagar.forms.corpo import CorpoDigitado
from pagar.forms.grupos import COLUNAS, GRUPOS
from pagar.forms.lote import SEM as _SEM_DO_LOTE
from pagar.forms.pagamento import _SEM_DO_PAGAMENTO, _SEM_DO_TITULO
from pagar.forms.titulo import _SEM_DA_ANTECIPACAO
from pagar.forms.titulo import _SEM_DO_TITULO as _SEM_DO_ITEM
from pagar.models import ContaErp, Fornecedor, Momento, Movimento, Origem, RegraTitulo, Titulo
from pagar.providers import interface
from pagar.providers.campos import Formato, Lista, Objeto, campos_de
from pagar.providers.pedidos import reler
from pagar.services import implantacao, rascunhos
from tests.cast import criar_empresa
from tests.pagar import fabricas
from tests.pagar.fabricas import erros_da_pagina

TUDO = Formato(permitir_1099=True)


# -- every field is in a form ------------------------------------------------------------------------------------------
# Not asked: chosen above the form (the empresa's establishment, the supplier, the title acted on) or made on sending.
DOS_SERVICOS: dict[type, set[str]] = {
    interface.LoteTitulos: set(_SEM_DO_LOTE),
    interface.Titulo: set(_SEM_DO_ITEM),
    interface.Antecipacao: set(_SEM_DA_ANTECIPACAO),
    interface.LotePagamento: {*_SEM_DO_PAGAMENTO, "titulos"},
    interface.TituloPago: set(_SEM_DO_TITULO),
    interface.Estorno: {
        "estabelecimento", "fornecedor", "especie", "serie", "numero", "parcela", "referencia", "matriz", "operacao",
    },
    interface.Atualizacao: {
        "empresa", "estabelecimento", "fornecedor", "especie", "serie", "numero", "parcela", "referencia", "matriz",
    },
}  # fmt: skip


def _caminhos(classe: type, antes: str = "") -> Iterator[str]:
    """Every field of a body, those of the bodies inside it too, but items that have a form of their own."""
    linhas = {nome: da_linha for nome, _, da_linha in listas_de(classe)}
    for nome, campo in campos_de(classe):
        if isinstance(campo, Lista) and linhas[nome] in COLUNAS:
            yield from _caminhos(linhas[nome], f"{antes}{nome}.")
        elif not isinstance(campo, Objeto):
            yield f"{antes}{nome}"
    for folha in folhas(classe, TUDO):
        if len(folha.caminho) > 1:
            yield f"{antes}{folha.nome}"


@pytest.mark.parametrize("classe", list(DOS_SERVICOS), ids=lambda classe: classe.__name__)
def test_every_field_of_every_body_is_in_the_form_of_its_operation(classe: type) -> None:
    fora = DOS_SERVICOS[classe]
    minimas = {nome: 1 for nome, _, da_linha in listas_de(classe) if da_linha in COLUNAS}
    digitado: CorpoDigitado[Any] = CorpoDigitado(classe, TUDO, sem=fora, minimas=minimas)
    desenhados = {campo.name for grupo in digitado.grupos for campo, _, _ in grupo.campos}
    for nome, linhas in digitado.listas.items():
        form = linhas.forms[0]
        desenhados |= {f"{nome}.{campo.name}" for campo, _, _ in (*form.celulas, *form.detalhes)}
    assert set(_caminhos(classe)) - fora - desenhados == set()
    nomes = [nome for _, campos in GRUPOS[classe] for nome in campos]
    assert len(nomes) == len(set(nomes))


# -- the screen of a title ---------------------------------------------------------------------------------------------


NOVO = "pagar:titulo_novo"
BARRAS = fabricas.BARRAS  # of R$ 100,00


def _digitado(empresa: Empresa, fornecedor: Fornecedor, **mais: str) -> dict[str, str]:
    """A title of 100,00 in two lines, as a browser sends it."""
    linha = {"plano_contas": "Geral", "conta": "11031601", "unidade_negocio": "1", "fluxo": "10.06.01"}
    dados = {
        "empresa": str(empresa.pk),
        "fornecedor": str(fornecedor.pk),
        "competencia": "10/2026",
        "reter_em": Momento.IMPLANTACAO,
        "especie": "DP",
        "numero": "000123",
        "valor": "100,00",
        "emissao": "01/11/2026",
        "vencimento": "20/11/2026",
        "portador": "341",
        "moeda": "Real",
        "cotacao": "1",
        "rateio-total": "2",
        "acao": "salvar",
    }
    for numero, valor in enumerate(("60,00", "40,00")):
        dados |= {f"rateio-{numero}-{nome}": texto for nome, texto in (linha | {"valor": valor}).items()}
    return dados | mais


def test_a_title_is_saved_with_every_line_and_the_first_of_its_timeline(
    cliente: Client, empresa: Empresa, fornecedor: Fornecedor
) -> None:
    barras = BARRAS[:11] + " " + BARRAS[11:]
    resposta = cliente.post(reverse(NOVO), _digitado(empresa, fornecedor, codigo_barras=barras, desconto="1,50",
                                                      data_desconto="10/11/2026"))  # fmt: skip
    assert resposta.status_code == 302, erros_da_pagina(resposta)
    titulo = Titulo.objects.get()
    assert resposta["Location"] == titulo.get_absolute_url()
    assert (titulo.situacao, titulo.valor, titulo.saldo) == (Titulo.Situacao.RASCUNHO, Decimal(100), Decimal(100))
    assert (titulo.codigo_barras, titulo.barras) == (BARRAS, Titulo.Barras.PENDENTE)
    corpo = reler(interface.Titulo, titulo.corpo)
    assert [linha.valor for linha in corpo.rateio] == [Decimal(60), Decimal(40)]
    assert (corpo.numero, corpo.desconto, corpo.fornecedor) == ("000123", Decimal("1.50"), fornecedor.codigo)
    assert [m.tipo for m in titulo.movimentos.all()] == [Movimento.Tipo.CRIADO]
    assert not implantacao.problemas(titulo, date(2026, 11, 22))


CASOS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "rateio off by a cent": (
        {"rateio-1-valor": "39,99"},
        {"rateio": "Faltam R$ 0,01 no rateio: soma R$ 99,99, e o título é de R$ 100,00."},
    ),
    "rateio above": (
        {"rateio-1-valor": "40,01"},
        {"rateio": "Sobram R$ 0,01 no rateio: soma R$ 100,01, e o título é de R$ 100,00."},
    ),
    "due before issue": (
        {"vencimento": "31/10/2026"},
        {"vencimento": "O vencimento (31/10/2026) é anterior a 01/11/2026. Confira as datas."},
    ),
    "class of prepayments": (
        {"especie": "AN"},
        {"especie": "AN é a espécie das antecipações. Use a de um título, ou faça uma Nova antecipação."},
    ),
    "unknown fornecedor": (
        {"fornecedor": "987654"},
        {"fornecedor": "Fornecedor não encontrado entre os ativos desta conta do ERP. Escolha na lista (F2)."},
    ),
    "17 digits in 16": ({"numero": "1" * 17}, {"numero": "17 caracteres, e o limite é 16."}),
    "negative": ({"valor": "-100,00"}, {"valor": "O valor não pode ser negativo. Digite um valor a partir de 0,00."}),
    "zero": (
        {"valor": "0,00", "rateio-total": "0"},
        {
            "valor": "Precisa ser maior que zero.",
            "rateio": "Falta o rateio contábil. Informe pelo menos uma linha.",
        },
    ),
    "three decimals": (
        {"valor": "100,001"},
        {"valor": "Valor com mais de duas casas decimais. Arredonde para centavos, como 1.234,56."},
    ),
    "three decimals in a line": (
        {"rateio-1-valor": "40,001"},
        {"rateio-1-valor": "Valor com mais de duas casas decimais. Arredonde para centavos, como 1.234,56."},
    ),
    "line without account": ({"rateio-0-conta": ""}, {"rateio-0-conta": "Falta informar."}),
    "half a pair": (
        {"seguradora": "PORTO"},
        {"apolice": "Seguradora e apólice vão juntos: informe os dois ou nenhum."},
    ),
    "bar code": (
        {"codigo_barras": "123"},
        {"codigo_barras": "3 números. São 44 (código de barras), 47 (linha do boleto) ou 48 (linha da guia)."},
    ),
    "decimals of a rate": (
        {"juros_dia_percentual": "0,0333333"},
        {"juros_dia_percentual": "Número com mais de 6 casas decimais. Arredonde."},
    ),
    "a word for a number": (
        {"carencia": "dez"},
        {"carencia": "Número fora do formato. Digite só algarismos, como 12."},
    ),
}


@pytest.mark.parametrize("caso", CASOS)
def test_each_bad_input_has_its_message_at_its_field(
    cliente: Client, empresa: Empresa, fornecedor: Fornecedor, caso: str
) -> None:
    mudado, esperado = CASOS[caso]
    resposta = cliente.post(reverse(NOVO), _digitado(empresa, fornecedor) | mudado)
    achados = erros_da_pagina(resposta)
    assert resposta.status_code == 422
    if caso in ("three decimals", "negative", "three decimals in a line"):
        achados.pop("rateio", None)  # it cannot close with what was not read
    assert achados == esperado
    assert not Titulo.objects.exists()


def test_everything_wrong_is_told_at_once_and_nothing_typed_is_lost(
    cliente: Client, empresa: Empresa, fornecedor: Fornecedor
) -> None:
    errado = {
        "numero": "9" * 17,
        "valor": "12,345",
        "emissao": "32/13/2026",
        "historico": "uma linha\noutra",
        "carencia": "x",
        "rateio-1-valor": "1,234,5",
        "impostos-total": "1",
        "impostos-0-imposto": "IRRF",
        "impostos-0-rendimento": "-1",
        "portador": "",
    }
    resposta = cliente.post(reverse(NOVO), _digitado(empresa, fornecedor, **errado))
    esperados = {
        "numero", "valor", "emissao", "carencia", "rateio-1-valor", "impostos-0-rendimento", "impostos-0-vencimento",
        "portador",
    }  # fmt: skip
    assert esperados <= set(erros_da_pagina(resposta))
    pagina = resposta.content.decode()
    for texto in ("9" * 17, "12,345", "32/13/2026", "1,234,5", "uma linha\noutra", "IRRF"):
        assert texto in pagina
    assert pagina.count('id="id_rateio-') >= 2
    assert "Falta acertar" in pagina


def test_the_difference_is_shown_as_one_types_and_can_be_completed(
    cliente: Client, empresa: Empresa, fornecedor: Fornecedor
) -> None:
    dados = _digitado(empresa, fornecedor, **{"rateio-1-valor": "39,99"})
    del dados["acao"]
    calcular = reverse("pagar:titulo_calcular")
    assert "Faltam R$ 0,01 no rateio" in cliente.post(calcular, dados, headers={"HX-Request": "true"}).content.decode()
    cheia = cliente.post(calcular, dados | {"acao": "completar"}, headers={"HX-Request": "true"})
    linhas = cheia.context["edicao"].digitado.listas["rateio"].forms
    assert [linha["valor"].value() for linha in linhas] == ["60,00", "40,00"]
    assert "O rateio fecha" in cheia.content.decode()


def test_lines_are_added_and_taken_out_as_typed(cliente: Client, empresa: Empresa, fornecedor: Fornecedor) -> None:
    dados = _digitado(empresa, fornecedor, valor="1x", **{"rateio-0-valor": "lixo"})

    def linhas(acao: str) -> list[str]:
        resposta = cliente.post(reverse("pagar:titulo_calcular"), dados | {"acao": acao})
        return [str(f["valor"].value() or "") for f in resposta.context["edicao"].digitado.listas["rateio"].forms]

    assert linhas("incluir-rateio") == ["lixo", "40,00", ""]
    assert linhas("tirar-rateio-0") == ["40,00"]
    assert linhas("tirar-rateio-9") == ["lixo", "40,00"]


def test_a_repeated_key_names_and_links_the_other_title(
    cliente: Client, empresa: Empresa, fornecedor: Fornecedor
) -> None:
    cliente.post(reverse(NOVO), _digitado(empresa, fornecedor))
    outro = Titulo.objects.get()
    resposta = cliente.post(reverse(NOVO), _digitado(empresa, fornecedor, especie="dp"))
    assert resposta.status_code == 422
    dito = erros_da_pagina(resposta)["numero"]
    assert dito.startswith(f"Já existe o título DP 000123 do fornecedor {fornecedor}, “A enviar”")
    assert f'<a href="{outro.get_absolute_url()}">Abrir o outro</a>' in resposta.content.decode()
    assert Titulo.objects.count() == 1


def test_what_is_of_another_carteira_is_not_told(
    cliente: Client, empresa: Empresa, fornecedor: Fornecedor, bruno: Usuario, outra_carteira: Carteira
) -> None:
    """Neither the prepayments that a title may take from, nor who has the key already."""
    alheia = criar_empresa(2, carteira=outra_carteira)
    escondida, vista = (
        fabricas.aberto(de, fornecedor, tipo=Titulo.Tipo.ANTECIPACAO, numero=numero, valor="77.77")
        for de, numero in ((alheia, "ESCONDIDA"), (empresa, "VISTA"))
    )
    dados = _digitado(empresa, fornecedor) | {
        f"antecipacoes-{posicao}-{nome}": valor
        for posicao, de in enumerate((escondida, vista))
        for nome, valor in (
            ("estabelecimento", de.estabelecimento), ("especie", "AN"), ("numero", de.numero), ("valor", "80,00"),
        )
    }  # fmt: skip
    erros = erros_da_pagina(cliente.post(reverse(NOVO), dados | {"antecipacoes-total": "2", "valor": "200,00"}))
    assert "R$ 77,77" in erros["antecipacoes-1-valor"]
    assert "antecipacoes-0-valor" not in erros
    pagina = cliente.post(reverse("pagar:titulo_calcular"), _digitado(empresa, fornecedor) | {"acao": "incluir-rateio"})
    assert [aberta.numero for aberta in pagina.context["edicao"].abertas] == ["VISTA"]
    cliente.post(reverse(NOVO), _digitado(empresa, fornecedor))
    Titulo.objects.filter(numero="000123").update(empresa=alheia)
    dito = erros_da_pagina(cliente.post(reverse(NOVO), _digitado(empresa, fornecedor)))["numero"]
    assert dito == rascunhos.REPETE_OUTRO


def test_who_saves_over_anothers_change_is_told_and_keeps_what_was_typed(
    cliente: Client, empresa: Empresa, fornecedor: Fornecedor, bruno: Usuario
) -> None:
    cliente.post(reverse(NOVO), _digitado(empresa, fornecedor))
    titulo = Titulo.objects.get()
    editar = reverse("pagar:titulo_editar", args=[titulo.pk])
    dados = _digitado(empresa, fornecedor, versao=str(titulo.versao))
    assert cliente.post(editar, dados | {"vencimento": "25/11/2026"}).status_code == 302
    titulo.refresh_from_db()
    assert (titulo.versao, titulo.vencimento) == (2, date(2026, 11, 25))
    ultimo = titulo.movimentos.last()
    assert ultimo is not None
    assert ultimo.dados["mudancas"] == {"vencimento": ["2026-11-20", "2026-11-25"]}
    resposta = cliente.post(editar, dados | {"vencimento": "30/11/2026"})
    assert resposta.status_code == 422
    dito = erros_da_pagina(resposta)[""]
    assert dito.startswith("Outra pessoa alterou este título")
    assert "no título está agora: Vencimento: 25/11/2026." in dito
    assert "30/11/2026" in resposta.content.decode()
    nova = resposta.context["edicao"].cabeca["versao"].value()
    assert cliente.post(editar, dados | {"vencimento": "30/11/2026", "versao": nova}).status_code == 302


def test_sent_twice_it_goes_once(cliente: Client, empresa: Empresa, fornecedor: Fornecedor) -> None:
    dados = _digitado(empresa, fornecedor, acao="enviar")
    primeira = cliente.post(reverse(NOVO), dados)
    titulo = Titulo.objects.get()
    assert primeira["Location"] == titulo.get_absolute_url()
    assert titulo.situacao == Titulo.Situacao.ENVIANDO
    assert cliente.post(reverse(NOVO), dados)["Location"] == titulo.get_absolute_url()  # a second click
    editar = reverse("pagar:titulo_editar", args=[titulo.pk])
    assert cliente.post(editar, dados | {"versao": "1"}).status_code == 302  # on its way: nothing to change
    assert Titulo.objects.count() == 1


def test_the_rule_of_the_supplier_fills_what_is_blank(
    cliente: Client, empresa: Empresa, fornecedor: Fornecedor, conta: ContaErp
) -> None:
    RegraTitulo.objects.create(
        conta=conta, origem=Origem.NOTA, especie="NF", portador="237", forma_pagamento="TED", prazo_dias=10,
        plano_contas="Geral", conta_contabil="4101", unidade_negocio="1", fluxo="10.06.01",
    )  # fmt: skip
    dados = {"empresa": str(empresa.pk), "fornecedor": str(fornecedor.pk), "emissao": "01/11/2026", "portador": "341"}
    resposta = cliente.post(reverse("pagar:titulo_calcular"), dados | {"acao": "fornecedor", "valor": "80,00"})
    digitado = resposta.context["edicao"].digitado
    valores = {nome: digitado.form[nome].value() for nome in ("especie", "portador", "forma_pagamento", "vencimento")}
    assert valores == {"especie": "NF", "portador": "341", "forma_pagamento": "TED", "vencimento": "11/11/2026"}
    linha = digitado.listas["rateio"].forms[0]
    assert (linha["conta"].value(), linha["valor"].value()) == ("4101", "80,00")


def test_taxes_that_wait_for_the_payment_ask_for_their_rate(
    cliente: Client, empresa: Empresa, fornecedor: Fornecedor
) -> None:
    imposto = {
        "pais": "BRA", "imposto": "10", "classe": "1", "classificacao": "1708", "rendimento": "100,00",
        "deducao_inss": "10,00", "valor": "1,35", "vencimento": "20/12/2026", "moeda": "Real", "fornecedor": "9",
    }  # fmt: skip
    dados = _digitado(empresa, fornecedor, reter_em=Momento.PAGAMENTO, **{"impostos-total": "1"})
    dados |= {f"impostos-0-{nome}": texto for nome, texto in imposto.items()}
    resposta = cliente.post(reverse(NOVO), dados)
    assert 'value="tirar-impostos-0"' in resposta.content.decode()
    assert erros_da_pagina(resposta) == {"impostos-0-aliquota": "Falta informar. Ela vai com o imposto no pagamento."}
    cliente.post(reverse(NOVO), dados | {"impostos-0-aliquota": "1,5"})
    titulo = Titulo.objects.get()
    assert titulo.corpo["impostos"] == []
    (guardado,) = titulo.impostos_no_pagamento
    assert (guardado["base"], guardado["aliquota"]) == ("90.00", "1.5")  # the base is what is left of the income


def test_a_prepayment_is_taken_up_to_its_balance(cliente: Client, empresa: Empresa, fornecedor: Fornecedor) -> None:
    antecipacao = fabricas.aberto(empresa, fornecedor, tipo=Titulo.Tipo.ANTECIPACAO, valor="30.00", numero="55",
                                  especie="AN")  # fmt: skip
    dados = _digitado(empresa, fornecedor)
    redesenhada = cliente.post(reverse("pagar:titulo_calcular"), dados | {"acao": f"abater-{antecipacao.pk}"})
    (linha,) = redesenhada.context["edicao"].digitado.listas["antecipacoes"].forms
    assert (linha["numero"].value(), linha["valor"].value()) == ("55", "30,00")
    dados |= {
        "antecipacoes-total": "1",
        "antecipacoes-0-estabelecimento": antecipacao.estabelecimento,
        "antecipacoes-0-especie": "AN",
        "antecipacoes-0-numero": "55",
        "antecipacoes-0-valor": "30,01",
    }
    erros = erros_da_pagina(cliente.post(reverse(NOVO), dados))
    assert erros == {"antecipacoes-0-valor": "Passa do saldo da antecipação AN 55, R$ 30,00."}


def test_a_prepayment_is_made_by_its_own_form(cliente: Client, empresa: Empresa, fornecedor: Fornecedor) -> None:
    nova = reverse("pagar:antecipacao_nova")
    pagina = cliente.get(nova, {"empresa": empresa.pk})
    assert pagina.context["edicao"].digitado.form["especie"].value() == "AN"
    assert "DP" in erros_da_pagina(cliente.post(nova, _digitado(empresa, fornecedor)))["especie"]
    cliente.post(nova, _digitado(empresa, fornecedor, especie="AN", talonario="0"))
    titulo = Titulo.objects.get()
    assert (titulo.tipo, titulo.estabelecimento) == (Titulo.Tipo.ANTECIPACAO, "101")
    assert reler(interface.Antecipacao, titulo.corpo).empresa == titulo.empresa_erp
    assert cliente.get(reverse("pagar:titulo_editar", args=[titulo.pk])).status_code == 302


def test_without_an_account_the_page_says_so(cliente: Client, empresa: Empresa) -> None:
    assert "Falta dizer em que conta" in cliente.get(reverse(NOVO), {"empresa": empresa.pk}).content.decode()


def test_several_drafts_are_written_all_or_none(empresa: Empresa, fornecedor: Fornecedor, bruno: Usuario) -> None:
    um = fabricas.novo_titulo(empresa, fornecedor, numero="1")
    outro = fabricas.novo_titulo(empresa, fornecedor, numero="1")
    with pytest.raises(rascunhos.ChaveRepetida):
        rascunhos.gravar_novos([um, outro], bruno)
    assert not Titulo.objects.exists()


def test_a_key_is_taken_in_its_own_account_only(empresa: Empresa, fornecedor: Fornecedor, bruno: Usuario) -> None:
    de_outra = fabricas.fornecedor(fabricas.conta(), codigo=fornecedor.codigo)
    ja = fabricas.titulo(empresa, fornecedor, numero="1")
    repetido, livre = (fabricas.novo_titulo(empresa, quem, numero="1") for quem in (fornecedor, de_outra))
    for titulo in (repetido, livre):
        titulo.preparar()
    assert rascunhos.repetidas([repetido, livre]) == {(ja.conta_id, ja.chave): ja}
    assert rascunhos.gravar_novos([livre], bruno) == [livre]


def test_the_fields_of_the_batch_go_with_it_and_are_checked_first(
    cliente: Client, empresa: Empresa, fornecedor: Fornecedor
) -> None:
    titulo = fabricas.titulo(empresa, fornecedor)
    agir = reverse("pagar:agir", args=["enviar"])
    marca = implantacao.prevoo(implantacao.com_tudo([titulo.pk])).marca
    dados = {"ids": titulo.pk, "marca": marca, "lote-moeda": "Real", "lote-saldo_inicial": "on"}
    recusada = cliente.post(agir, dados | {"lote-especie": "NF"})
    assert recusada.status_code == 422
    assert "A espécie DP não é a do lote (NF)" in recusada.content.decode()
    assert cliente.post(agir, dados).status_code == 302
    lote = implantacao.corpo_do_pedido(Operacao.objects.get().pedido)
    assert (lote.moeda, lote.saldo_inicial, lote.titulos[0].numero) == ("Real", True, titulo.numero)


def test_a_bar_code_is_of_this_amount_and_of_one_title(
    cliente: Client, empresa: Empresa, fornecedor: Fornecedor
) -> None:
    outro = cliente.post(reverse(NOVO), _digitado(empresa, fornecedor, codigo_barras=BARRAS, valor="90,00"))
    assert "O da guia é de R$ 100,00" in erros_da_pagina(outro)["codigo_barras"]
    dono = fabricas.titulo(empresa, fornecedor, codigo_barras=BARRAS)
    repetido = cliente.post(reverse(NOVO), _digitado(empresa, fornecedor, codigo_barras=BARRAS))
    assert f"já está no título {dono.nome}" in erros_da_pagina(repetido)["codigo_barras"]


def test_what_equals_a_cancelled_title_is_not_taken_for_a_second_click(
    cliente: Client, empresa: Empresa, fornecedor: Fornecedor
) -> None:
    dados = _digitado(empresa, fornecedor)
    assert cliente.post(reverse(NOVO), dados).status_code == 302
    Titulo.objects.update(situacao=Titulo.Situacao.CANCELADO)
    resposta = cliente.post(reverse(NOVO), dados)
    assert resposta.status_code == 422
    assert "Mude o número ou a parcela" in erros_da_pagina(resposta)["numero"]
