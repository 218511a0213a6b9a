"""What guias and notes become as titles, and what keeps them from it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from empresas.models import Empresa
from guias.models import Guia
from guias.services import barras
from nfse.models import NotaRecebida
from pagar.models import ContaErp, EstabelecimentoErp, Fornecedor, Momento, Movimento, Origem, Retencao, Titulo
from pagar.providers.interface import Titulo as Corpo
from pagar.services import geracao, implantacao, montagem, notas, registro
from pagar.services.codigos import ler_das_guias
from pagar.services.implantacao import problemas_do_corpo
from pagar.services.pagamentos import item_de
from pagar.services.registro import corpo_de
from sandbox.pdf import montar
from tests.cast import cnpj_valido, criar_empresa
from tests.pagar import fabricas
from tests.pagar.documentos import guia, nota, pdf_do_das, receita_federal, regra, regra_do_imposto

pytestmark = pytest.mark.django_db


@pytest.fixture
def conta() -> ContaErp:
    feita = fabricas.conta(formas={"tributo": "TRB", "boleto": "BOL"})
    regra(feita, Origem.DAS)
    regra(feita, Origem.NOTA)
    return feita


@pytest.fixture
def receita(conta: ContaErp) -> Fornecedor:
    return receita_federal(conta)


@pytest.fixture
def empresa() -> Empresa:
    return criar_empresa(12)


def do_das(*guias: Any) -> list[montagem.Proposta]:
    return montagem.de_guias(list(geracao.guias_com_tudo(type(guias[0]).objects.filter(pk__in=[g.pk for g in guias]))))


def da_nota(*notas: NotaRecebida) -> list[montagem.Proposta]:
    return montagem.de_notas(
        list(geracao.notas_com_tudo(NotaRecebida.objects.filter(pk__in=[n.pk for n in notas]).order_by("pk")))
    )


# -- guias -------------------------------------------------------------------------------------------------------------


def test_a_das_becomes_a_title_of_the_receita_federal(conta: ContaErp, receita: Fornecedor, empresa: Empresa) -> None:
    das = guia(empresa)
    assert barras.completar([das]) == {}
    (proposta,) = do_das(das)
    (titulo,) = proposta.titulos
    assert proposta.pronta
    assert (titulo.fornecedor, titulo.especie, titulo.numero, titulo.parcela) == (receita, "IM", "DAS2026100012", "1")
    assert (titulo.valor, titulo.vencimento, titulo.titulo_no_banco) == (Decimal("672.80"), das.limite, das.numero)
    assert (titulo.barras, len(titulo.codigo_barras)) == (Titulo.Barras.PENDENTE, 44)
    corpo = corpo_de(titulo)
    assert isinstance(corpo, Corpo)
    assert (corpo.forma_pagamento, corpo.rateio[0].valor, corpo.rateio[0].conta) == ("TRB", das.total, "21010606")
    assert das.numero in corpo.historico
    assert problemas_do_corpo(titulo, corpo) == []


def test_an_establishment_of_its_own_needs_no_code_of_the_empresa(
    conta: ContaErp, receita: Fornecedor, empresa: Empresa
) -> None:
    outra = criar_empresa(13)
    for de_quem, onde in ((empresa, "201"), (outra, "202")):
        EstabelecimentoErp.objects.create(empresa=de_quem, conta=conta, empresa_erp="1", estabelecimento=onde)
    numeros = {
        p.empresa: (p.titulos[0].numero, p.titulos[0].estabelecimento) for p in do_das(guia(empresa), guia(outra, 2))
    }
    assert numeros == {empresa: ("DAS202610", "201"), outra: ("DAS202610", "202")}


def test_a_cancelled_title_leaves_its_key_taken(
    conta: ContaErp, receita: Fornecedor, empresa: Empresa, ana: Any
) -> None:
    das = guia(empresa)
    (primeiro,) = geracao.das_guias([das.pk], ana).titulos
    Titulo.objects.filter(pk=primeiro.pk).update(situacao=Titulo.Situacao.CANCELADO)
    (proposta,) = do_das(das)
    assert (proposta.titulos[0].parcela, proposta.pronta) == ("2", True)


def test_another_copy_of_a_guia_is_not_paid_again(
    conta: ContaErp, receita: Fornecedor, empresa: Empresa, ana: Any
) -> None:
    das = guia(empresa)
    (titulo,) = geracao.das_guias([das.pk], ana).titulos
    (proposta,) = do_das(guia(empresa, 2, via=2))
    assert (proposta.feitos, proposta.pronta) == ([titulo], False)
    assert "via anterior" in proposta.avisos[0]


def test_of_a_guia_drawn_again_only_the_newest_is_paid(
    conta: ContaErp, receita: Fornecedor, empresa: Empresa, ana: Any
) -> None:
    velha, nova = guia(empresa), guia(empresa, 2, "700.00", via=2)
    so_velha = geracao.das_guias([velha.pk], ana)
    assert (so_velha.titulos, [f.mensagem[:25] for f in so_velha.por_motivo]) == ([], ["Esta guia foi substituída"])
    (titulo,) = geracao.das_guias([velha.pk, nova.pk], ana).titulos
    assert (titulo.guia, titulo.valor, titulo.parcela) == (nova, Decimal("700.00"), "1")
    de_novo = geracao.das_guias([velha.pk, nova.pk], ana)
    assert (de_novo.titulos, de_novo.existentes) == ([], 2)


def test_the_draft_of_a_guia_drawn_again_does_not_go(
    conta: ContaErp, receita: Fornecedor, empresa: Empresa, ana: Any, django_assert_num_queries: Any
) -> None:
    guias = [guia(empresa), guia(criar_empresa(13), 2)]
    titulos = implantacao.com_tudo(t.pk for t in geracao.das_guias([g.pk for g in guias], ana).titulos)
    guia(empresa, 3, "700.00", via=2)
    with django_assert_num_queries(1):
        previa = implantacao.prevoo(titulos)
    assert [t.guia for t in previa.prontos] == [guias[1]]
    (fora,) = previa.fora
    assert "emitida de novo depois (via 2, R$ 700,00): abandone este título" in fora.motivo
    assert implantacao.problemas(fora.titulo) == fora.problemas


def test_a_guia_of_another_divida_is_paid_by_itself(
    conta: ContaErp, receita: Fornecedor, empresa: Empresa, ana: Any
) -> None:
    guias = [guia(empresa), guia(empresa, 2, via=2)]
    Guia.objects.filter(pk=guias[1].pk).update(apuracao=None, divida="outra")
    assert len(geracao.das_guias([g.pk for g in guias], ana).titulos) == 2
    assert geracao.das_guias([guias[0].pk], ana).existentes == 1


@pytest.mark.parametrize(
    ("falta", "dito"),
    [
        ("conta", "Não há conta do ERP ativa."),
        ("duas", "Há mais de uma conta do ERP"),
        ("regra", "Falta a regra de título para o DAS"),
        ("receita", "Falta o fornecedor com o papel de Receita Federal."),
        ("codigo", "tem símbolos"),
    ],
)
def test_what_is_missing_is_told_with_where(falta: str, dito: str, conta: ContaErp, empresa: Empresa) -> None:
    if falta != "receita":
        receita_federal(conta)
    if falta == "conta":
        ContaErp.objects.update(ativa=False)
    if falta == "duas":
        fabricas.conta()
    if falta == "regra":
        conta.regras.all().delete()
    if falta == "codigo":
        Empresa.objects.filter(pk=empresa.pk).update(codigo="A-12")
    (proposta,) = do_das(guia(empresa))
    assert dito in proposta.faltas[0].mensagem
    assert not proposta.pronta


@pytest.mark.parametrize("tipo", [tipo for tipo in Guia.Tipo if tipo != Guia.Tipo.DARF])
def test_every_kind_of_guia_has_a_title(conta: ContaErp, receita: Fornecedor, empresa: Empresa, tipo: str) -> None:
    regra(conta, Origem.DARF)
    das = guia(empresa)
    Guia.objects.update(tipo=tipo)
    (proposta,) = do_das(das)
    assert proposta.faltas == []
    (titulo,) = proposta.titulos
    assert len(titulo.numero) <= 16


def test_two_darfs_of_one_month_have_titles_of_their_own_and_a_copy_has_the_first(
    conta: ContaErp, receita: Fornecedor, empresa: Empresa
) -> None:
    regra(conta, Origem.DARF)
    pis = guia(empresa, 1, divida="darf:1:8109-02:10/2026::", tipo=Guia.Tipo.DARF, receita="8109-02", periodo="10/2026")
    cofins = guia(empresa, 2, divida="darf:1:2172-01:10/2026::", tipo=Guia.Tipo.DARF, receita="2172-01")
    numeros = {proposta.origem.pk: proposta.titulos[0].numero for proposta in do_das(pis, cofins)}
    assert len(set(numeros.values())) == 2
    assert all(numero.startswith("DF2610") for numero in numeros.values())
    via = guia(empresa, 3, divida=pis.divida, tipo=Guia.Tipo.DARF, receita="8109-02", via=2)
    assert do_das(via)[0].titulos[0].numero == numeros[pis.pk]
    assert "DARF 8109-02" in do_das(via)[0].titulos[0].corpo["historico"]


def test_the_rule_of_a_receita_comes_before_that_of_the_darf_and_that_of_the_dctfweb(
    conta: ContaErp, receita: Fornecedor, empresa: Empresa
) -> None:
    regra(conta, Origem.DARF)
    regra(conta, Origem.DARF, codigo="8109", especie="PI")
    darf = guia(empresa, 1, divida="darf:1", tipo=Guia.Tipo.DARF, receita="8109-02")
    da_dctfweb = guia(empresa, 2, divida="dctfweb:1", tipo=Guia.Tipo.DARF_DCTFWEB)
    especies = {p.origem.pk: p.titulos[0].corpo["especie"] for p in do_das(darf, da_dctfweb)}
    assert especies[darf.pk] == "PI"
    assert especies[da_dctfweb.pk] == "IM"


def test_a_guia_past_its_day_is_told(conta: ContaErp, receita: Fornecedor, empresa: Empresa) -> None:
    (proposta,) = do_das(guia(empresa, limite=timezone.localdate() - timedelta(days=1)))
    assert "Emita-a de novo" in proposta.avisos[0]


@pytest.mark.parametrize(
    ("pdf", "dito"),
    [
        (b"%PDF-1.4 quebrado", "não pôde ser lido"),
        ("outro_numero", "é do documento"),
        ("outro_valor", "emita a guia de novo"),
        ("sem_linha", "não traz linha digitável"),
    ],
)
def test_a_pdf_that_is_not_the_guias_gives_no_bar_code(pdf: Any, dito: str, empresa: Empresa) -> None:
    dia = timezone.localdate() + timedelta(days=5)
    feitos = {
        "outro_numero": pdf_do_das("07202632599999999", Decimal("672.80"), dia),
        "outro_valor": pdf_do_das("07202632500000001", Decimal("672.81"), dia),
        "sem_linha": montar("", titulo="DAS"),
    }
    das = guia(empresa, pdf=feitos.get(pdf, pdf))
    assert dito in barras.completar([das])[das.pk]
    das.refresh_from_db()
    assert das.codigo_barras == ""


# -- notes -------------------------------------------------------------------------------------------------------------


def test_a_note_becomes_titles_by_its_rule(conta: ContaErp, empresa: Empresa) -> None:
    regra(conta, Origem.NOTA, codigo=cnpj_valido(80_001), especie="NF", parcelas=3, prazo_dias=28, intervalo_dias=15)
    prestador = fabricas.fornecedor(conta, documento=cnpj_valido(80_001))
    (proposta,) = da_nota(nota(empresa))
    assert [(t.fornecedor, t.especie, t.numero, t.parcela, t.valor, t.vencimento) for t in proposta.titulos] == [
        (prestador, "NF", "1", "1", Decimal("333.33"), date(2026, 11, 2)),
        (prestador, "NF", "1", "2", Decimal("333.33"), date(2026, 11, 17)),
        (prestador, "NF", "1", "3", Decimal("333.34"), date(2026, 12, 2)),
    ]
    assert all(problemas_do_corpo(t, corpo_de(t)) == [] for t in proposta.titulos)


RETIDOS: dict[str, Any] = {
    "ir": Decimal("15.00"),
    "pis": Decimal("6.50"),
    "cofins": Decimal("30.00"),
    "csll": Decimal("10.00"),
    "inss": Decimal("110.00"),
    "iss": Decimal("50.00"),
}


def test_withheld_taxes_go_with_the_title_or_with_its_payment(
    conta: ContaErp, receita: Fornecedor, empresa: Empresa
) -> None:
    fabricas.fornecedor(conta, documento=cnpj_valido(80_001), codigo=95)
    prefeitura = fabricas.fornecedor(
        conta, "Prefeitura", papel=Fornecedor.Papel.PREFEITURA, municipio=empresa.municipio, documento=""
    )
    regra_do_imposto(conta, Retencao.IRRF, especie="IR", aliquota=Decimal("1.50"))
    regra_do_imposto(
        conta, Retencao.CSRF, imposto="5952", classificacao="5952", momento=Momento.PAGAMENTO, especie="IR"
    )
    regra_do_imposto(conta, Retencao.INSS, classificacao="2631")
    regra_do_imposto(
        conta, Retencao.ISS, classificacao="ISS", vence_dia=10, adiantar=False, municipio=empresa.municipio
    )
    (proposta,) = da_nota(nota(empresa, **RETIDOS))
    (titulo,) = proposta.titulos
    impostos = corpo_de(titulo).impostos
    assert [(i.classificacao, i.valor, i.fornecedor, i.vencimento, i.uf) for i in impostos] == [
        ("1708", Decimal("15.00"), 12704, date(2026, 11, 19), ""),  # the 20th is a holiday: the bank day before
        ("2631", Decimal("110.00"), 12704, date(2026, 11, 19), ""),
        ("ISS", Decimal("50.00"), prefeitura.codigo, date(2026, 11, 10), "SP"),
    ]
    assert (impostos[0].numero, impostos[0].parcela, impostos[0].base) == ("95N1P1", "1", Decimal("1000.00"))
    (no_pagamento,) = titulo.impostos_no_pagamento
    assert (no_pagamento["valor"], no_pagamento["aliquota"], no_pagamento["parcela"]) == ("46.50", "4.65", "2")
    assert problemas_do_corpo(titulo, corpo_de(titulo)) == []


def test_titles_of_taxes_never_take_the_keys_of_what_was_undone(
    conta: ContaErp, receita: Fornecedor, empresa: Empresa
) -> None:
    """The ERP keeps the key of each title that it opened for a tax, also after the note's title is reversed."""
    fabricas.fornecedor(conta, documento=cnpj_valido(80_001), codigo=95)
    regra_do_imposto(conta, Retencao.IRRF, especie="IR", momento=Momento.PAGAMENTO)
    da_vez = nota(empresa, ir=Decimal("15.00"))
    (proposta,) = da_nota(da_vez)
    (titulo,) = proposta.titulos
    titulo.save()

    def do_imposto() -> tuple[str, str]:
        (imposto,) = item_de(titulo).impostos
        return imposto.numero, imposto.parcela

    assert do_imposto() == ("95N1P1", "1")
    pago = registro.contar(titulo, Movimento.Tipo.PAGO, valor=Decimal(985))
    pago.save()
    volta = registro.contar(titulo, Movimento.Tipo.PAGAMENTO_ESTORNADO, valor=Decimal(985), estorna=pago)
    volta.save()
    assert do_imposto() == ("95N1P1", "5")

    titulo.situacao = Titulo.Situacao.CANCELADO
    titulo.save()
    (outra,) = da_nota(da_vez)
    assert outra.avisos == ["O título anterior foi cancelado ou estornado: este é outro, na parcela seguinte."]
    assert item_de(outra.titulos[0]).impostos[0].numero == "95N1P2"


def test_a_withheld_tax_whose_rate_is_another_is_told(conta: ContaErp, receita: Fornecedor, empresa: Empresa) -> None:
    fabricas.fornecedor(conta, documento=cnpj_valido(80_001))
    regra_do_imposto(conta, Retencao.IRRF, aliquota=Decimal("1.50"))
    (certa, errada) = da_nota(
        nota(empresa, ir=Decimal("15.01")), nota(empresa, 2, prestador=cnpj_valido(80_001), ir=Decimal("15.02"))
    )
    assert certa.avisos == []
    assert errada.avisos[0].startswith("A nota retém R$ 15,02 de IRRF, e 1,50 % de R$ 1.000,00 são R$ 15,00.")


@pytest.mark.parametrize(
    ("campos", "dito"),
    [
        ({"prestador": cnpj_valido(80_009)}, "não está em Fornecedores"),
        ({"ilegivel": True}, "não pôde ser lido"),
        ({"situacao": "cancelada"}, "foi cancelada"),
        ({"valor_servicos": Decimal(0)}, "não diz o valor"),
        ({"numero": "000"}, "é zero"),
        ({"iss": Decimal(50)}, "falta a regra do imposto"),
        ({"inss": Decimal("1000.01")}, "passam do valor"),
    ],
)
def test_a_note_that_cannot_be_a_title_says_why(
    campos: dict[str, Any], dito: str, conta: ContaErp, receita: Fornecedor, empresa: Empresa
) -> None:
    fabricas.fornecedor(conta, documento=cnpj_valido(80_001))
    regra_do_imposto(conta, Retencao.INSS)
    (proposta,) = da_nota(nota(empresa, **campos))
    assert dito in proposta.faltas[0].mensagem


@pytest.mark.parametrize("quando", Momento)
@pytest.mark.parametrize(
    ("parcelas", "campos", "quantas", "aviso", "falta"),
    [
        (3, {"valor_servicos": Decimal("0.02")}, 2, "não dá para 3 parcelas: são 2", ""),
        (12, {"inss": Decimal("110.00")}, 12, "", "impostos"),
        (2, {"inss": Decimal("110.00")}, 2, "", ""),
    ],
)
def test_parcelas_that_could_not_go_are_told_before(
    quando: Momento,
    parcelas: int,
    campos: dict[str, Any],
    quantas: int,
    aviso: str,
    falta: str,
    conta: ContaErp,
    receita: Fornecedor,
    empresa: Empresa,
) -> None:
    regra(conta, Origem.NOTA, codigo=cnpj_valido(80_001), parcelas=parcelas)
    fabricas.fornecedor(conta, documento=cnpj_valido(80_001))
    regra_do_imposto(conta, Retencao.INSS, momento=quando)
    de_que = nota(empresa, **campos)
    (proposta,) = da_nota(de_que)
    assert (len(proposta.titulos), proposta.pronta) == (quantas, not falta)
    assert sum(t.valor for t in proposta.titulos) == de_que.valor_servicos
    assert all(t.valor for t in proposta.titulos)
    assert aviso in "".join(proposta.avisos)
    assert falta in "".join(f.mensagem for f in proposta.faltas)


def test_parcelas_that_are_over_stop_one_document_and_not_the_page(
    conta: ContaErp, receita: Fornecedor, empresa: Empresa, ana: Any
) -> None:
    fabricas.fornecedor(conta, documento=cnpj_valido(80_001))
    uma, outra = nota(empresa), nota(empresa, 2, prestador=cnpj_valido(80_001))
    das, outro_das = guia(empresa), guia(criar_empresa(13), 2)
    titulos = [*geracao.das_notas([uma.pk], ana).titulos, *geracao.das_guias([das.pk], ana).titulos]
    for titulo in titulos:
        Titulo.objects.filter(pk=titulo.pk).update(
            situacao=Titulo.Situacao.CANCELADO, parcela="99", chave=f"{titulo.chave.rpartition('/')[0]}/99"
        )
    for propostas, a_presa in ((da_nota(uma, outra), uma), (do_das(das, outro_das), das)):
        presa, livre = sorted(propostas, key=lambda p: p.origem != a_presa)
        assert presa.faltas[0].mensagem.startswith("Parcela 100 não cabe no título")
        assert (presa.pronta, livre.pronta) == (False, True)


def test_the_cost_of_proposing_does_not_grow_with_the_documents(
    conta: ContaErp, receita: Fornecedor, empresa: Empresa, django_assert_max_num_queries: Any
) -> None:
    fabricas.fornecedor(conta, documento=cnpj_valido(80_001))
    for ordem in range(1, 9):
        nota(empresa, ordem, prestador=cnpj_valido(80_001))
    with django_assert_max_num_queries(14):
        assert all(p.pronta for p in da_nota(*NotaRecebida.objects.all()))
    guias = [guia(criar_empresa(100 + ordem), ordem) for ordem in range(1, 7)]
    with django_assert_max_num_queries(12):
        assert all(p.pronta for p in do_das(*guias))


# -- once for each -----------------------------------------------------------------------------------------------------


def test_who_asks_twice_gets_the_titles_once(conta: ContaErp, receita: Fornecedor, empresa: Empresa, ana: Any) -> None:
    guias = [guia(empresa), guia(criar_empresa(13), 2)]
    sem_regra = criar_empresa(14)
    Empresa.objects.filter(pk=sem_regra.pk).update(codigo="1/4")
    ruim = guia(sem_regra, 3)
    feita = geracao.das_guias([*(g.pk for g in guias), ruim.pk], ana)
    assert (len(feita.titulos), feita.existentes, len(feita.fora)) == (2, 0, 1)
    assert str(feita) == "2 títulos gerados"
    de_novo = geracao.das_guias([g.pk for g in guias], ana)
    assert (len(de_novo.titulos), de_novo.existentes) == (0, 2)
    assert Titulo.objects.count() == 2


def test_who_sends_reads_the_bar_codes_that_nobody_looked_at(
    conta: ContaErp,
    receita: Fornecedor,
    empresa: Empresa,
    ana: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: Any,
) -> None:
    monkeypatch.setattr(geracao, "_PDFS", 1)
    guias = [guia(empresa), guia(criar_empresa(13), 2, pdf=b"%PDF-1.4 quebrado")]
    titulos = geracao.das_guias([g.pk for g in guias], ana).titulos
    assert {titulo.barras for titulo in titulos} == {Titulo.Barras.SEM}
    with django_assert_num_queries(7):  # of a thousand too
        ler_das_guias(titulo.pk for titulo in titulos)
    lido, ilegivel = Titulo.objects.order_by("pk")
    assert (lido.barras, len(lido.codigo_barras), lido.aviso) == (Titulo.Barras.PENDENTE, 44, "")
    assert Titulo.objects.procurar(lido.codigo_barras).get() == lido
    assert (ilegivel.barras, ilegivel.aviso[:42]) == (Titulo.Barras.SEM, "O título vai sem código de barras. O PDF d")


def test_which_notes_were_cancelled_is_asked_once(
    conta: ContaErp, empresa: Empresa, ana: Any, django_assert_num_queries: Any
) -> None:
    for ordem in (1, 2, 3):
        fabricas.fornecedor(conta, documento=cnpj_valido(80_000 + ordem))
    suas = [nota(empresa, ordem) for ordem in (1, 2, 3)]
    pks = [titulo.pk for titulo in geracao.das_notas([n.pk for n in suas], ana).titulos]
    NotaRecebida.objects.filter(pk__in=[n.pk for n in suas[:2]]).update(situacao="cancelada")
    titulos = registro.travados(pks)
    with django_assert_num_queries(1):
        sem_nota, vivos = notas.separar(titulos)
        assert {titulo.nota and titulo.nota.situacao for titulo in sem_nota} == {"cancelada"}
    assert (sem_nota, vivos) == (titulos[:2], titulos[2:])
    assert notas.das_canceladas(vivos) == sem_nota[2:]


def test_the_history_of_the_darf_of_a_fine_says_so(conta: ContaErp, receita: Fornecedor, empresa: Empresa) -> None:
    regra(conta, Origem.DARF)
    multa = guia(empresa, divida="maed:90000001202610001", tipo=Guia.Tipo.DARF, receita="6808-01")
    assert "DARF da MAED 6808-01" in do_das(multa)[0].titulos[0].corpo["historico"]
