"""What keeps a body from being sent, each with its own sentence."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pagar.providers.barras import falta_do_codigo
from pagar.providers.blocos import AbatimentoAntecipacao, Imposto
from pagar.providers.campos import DadosInvalidos, Formato
from pagar.providers.interface import Atualizacao, LoteTitulos, OperacaoEstorno, TipoPagamento
from pagar.providers.regras import conferir, problemas
from tests.pagar.apoio import ANTECIPACAO, ATUALIZACAO, BORDERO, ESTORNO, LOTE, TITULO, TITULO_PAGO

IMPOSTO = Imposto(
    pais="BRA",
    imposto="10",
    classe=1,
    classificacao="1708",
    rendimento=Decimal(100),
    base=Decimal(100),
    valor=Decimal("1.50"),
    vencimento=date(2024, 12, 20),
    moeda="Real",
    fornecedor=12704,
)
ANTIGA = AbatimentoAntecipacao(estabelecimento="100", especie="AN", numero="7", valor=Decimal(40))


def titulo(**trocas: Any) -> LoteTitulos:
    return replace(LOTE, titulos=(replace(TITULO, **trocas),))


def rateio(valor: str) -> Any:
    return (replace(TITULO.rateio[0], valor=Decimal(valor)), TITULO.rateio[1])


@pytest.mark.parametrize(
    ("corpo", "campo", "frase"),
    [
        (titulo(rateio=rateio("59.99")), "titulos.0.rateio", "Título 1: Faltam R$ 0,01 no rateio: soma R$ 99,99"),
        (titulo(rateio=rateio("60.01")), "titulos.0.rateio", "Título 1: Sobram R$ 0,01 no rateio"),
        (titulo(rateio=()), "titulos.0.rateio", "Título 1: falta o rateio contábil."),
        (titulo(vencimento=date(2024, 11, 27)), "titulos.0.vencimento", "O vencimento (27/11/2024) é anterior"),
        (titulo(previsao=date(2024, 11, 27)), "titulos.0.previsao", "A previsão de pagamento (27/11/2024)"),
        (titulo(emissao=date(2024, 11, 29)), "titulos.0.emissao", "a data da transação (28/11/2024) é anterior"),
        (titulo(fornecedor=None), "titulos.0.fornecedor", "Título 1: Fornecedor: falta informar."),
        (titulo(fornecedor=0), "titulos.0.fornecedor", "0 está fora do intervalo de 1 a 999.999.999."),
        (titulo(numero="1" * 17), "titulos.0.numero", "Número do título: 17 caracteres, e o limite é 16."),
        (titulo(numero="   "), "titulos.0.numero", "Número do título: falta informar."),
        (titulo(numero="12\t3"), "titulos.0.numero", "caracteres de controle"),
        (titulo(valor=Decimal(-1)), "titulos.0.valor", "Valor do título: não pode ser negativo."),
        (titulo(valor=Decimal(0)), "titulos.0.valor", "Valor do título: precisa ser maior que zero."),
        (titulo(valor=Decimal("1.001")), "titulos.0.valor", "tem 3 casas decimais, e o limite é 2."),
        (titulo(valor=Decimal(10**9)), "titulos.0.valor", "passa de 9 algarismos antes da vírgula."),
        (titulo(valor=100.0), "titulos.0.valor", "não é um valor que este campo aceita."),
        (titulo(parcela=None), "titulos.0.parcela", "não é um valor que este campo aceita."),
        (titulo(valor=Decimal("NaN")), "titulos.0.valor", "não é um valor que este campo aceita."),
        (titulo(cotacao=Decimal(2)), "titulos.0.cotacao", "A cotação do Real é sempre 1."),
        (titulo(desconto=Decimal(5)), "titulos.0.data_desconto", "Há desconto sem data limite."),
        (titulo(seguradora="S1"), "titulos.0.apolice", "Seguradora e apólice vão juntos"),
        (titulo(portador=""), "titulos.0.portador", "Portador: falta informar."),
        (titulo(valor_1099=Decimal(1)), "titulos.0.valor_1099", "formulário 1099"),
        (titulo(calculo_vencimento=1), "titulos.0.calculo_vencimento", "só 0 é aceito."),
        (titulo(juros_dia=Decimal(1), juros_dia_percentual=Decimal(1)), "titulos.0.juros_dia_percentual", "só um"),
        (titulo(impostos=(IMPOSTO, IMPOSTO)), "titulos.0.impostos.1.imposto", "O 2º imposto repete outro"),
        (
            titulo(impostos=(replace(IMPOSTO, base=Decimal(90)),)),
            "titulos.0.impostos.0.base",
            "Título 1, imposto 1: A base do imposto é o rendimento menos as deduções: R$ 100,00.",
        ),
        (
            titulo(impostos=(replace(IMPOSTO, rendimento=Decimal(200), base=Decimal(200), valor=Decimal(101)),)),
            "titulos.0.impostos",
            "Os impostos retidos somam R$ 101,00",
        ),
        (
            titulo(impostos=(replace(IMPOSTO, aliquota=Decimal(1)),)),
            "titulos.0.impostos.0.aliquota",
            "só vai em",
        ),
        (titulo(antecipacoes=(replace(ANTIGA, fornecedor=95),)), "titulos.0.antecipacoes.0.fornecedor", "pagamento"),
        (titulo(antecipacoes=(ANTIGA, ANTIGA)), "titulos.0.antecipacoes.1.numero", "repete outra"),
        (titulo(antecipacoes=(replace(ANTIGA, valor=Decimal(101)),)), "titulos.0.antecipacoes", "somam R$ 101,00"),
        (replace(LOTE, titulos=()), "titulos", "Títulos: falta informar."),
        (replace(LOTE, titulos=(TITULO, TITULO)), "titulos.1.sequencia", "A sequência 1 está repetida no lote."),
        (replace(LOTE, titulos=(TITULO, TITULO)), "titulos.1.numero", "está repetido."),
        (replace(LOTE, total=Decimal(99)), "total", "O total do lote (R$ 99,00) não é a soma dos títulos (R$ 100,00)."),
        (replace(LOTE, especie="IM"), "titulos.0.especie", "a espécie DP não é a do lote (IM)."),
        (replace(LOTE, empresa=""), "empresa", "Empresa: falta informar."),
        (replace(LOTE, referencia="241128Tzhm1"), "referencia", "11 caracteres, e o limite é 10."),
        (replace(ANTECIPACAO, rateio=()), "rateio", "Rateio contábil: falta informar."),
        (replace(ANTECIPACAO, cheque=5), "talonario", "Talonário e cheque vão juntos"),
        (replace(ANTECIPACAO, favorecido="Ana"), "favorecido", "só é informado com um cheque"),
        (replace(ANTECIPACAO, codigo_barras="8" * 43), "codigo_barras", "43 números."),
        (replace(BORDERO, bordero=None), "bordero", "Número do borderô: falta informar em um borderô."),
        (replace(BORDERO, referencia="241205Pabc"), "referencia", "fica em branco em um borderô."),
        (replace(BORDERO, tipo=TipoPagamento.LOTE), "referencia", "falta informar em um lote de pagamento."),
        (replace(BORDERO, enviado=True), "enviado", "Só um borderô escritural"),
        (replace(BORDERO, total=Decimal(1)), "total", "não é a soma dos pagamentos (R$ 100,00)."),
        (replace(BORDERO, fornecedor=1), "titulos.0.fornecedor", "o fornecedor 95 não é o do pagamento."),
        (replace(BORDERO, titulos=(replace(TITULO_PAGO, numero=""),)), "titulos.0.numero", "falta informar."),
        (replace(BORDERO, titulos=(replace(TITULO_PAGO, abatimento=Decimal(1)),)), "titulos.0.abatimento", "R$ 1,00"),
        (replace(ESTORNO, referencia_movimento=""), "referencia_movimento", "qual movimento se estorna."),
        (replace(ESTORNO, operacao=OperacaoEstorno.CANCELAMENTO), "transacao", "só é informada no estorno de um mov"),
        (replace(ESTORNO, historico="x" * 41), "historico", "41 caracteres, e o limite é 40."),
        (replace(ATUALIZACAO, motivo=None), "motivo", "falta informar para mudar o saldo."),
        (replace(ATUALIZACAO, saldo=Decimal(0)), "saldo", "O saldo só pode ir a zero por baixa."),
        (replace(ATUALIZACAO, saldo=None), "rateio", "O rateio só vai com um novo saldo."),
        (replace(ATUALIZACAO, rateio=ATUALIZACAO.rateio * 2), "rateio.1.conta", "A linha 2 do rateio repete outra."),
    ],
)
def test_each_wrong_body_is_told_with_its_field(corpo: Any, campo: str, frase: str) -> None:
    achado = {problema.campo: problema.mensagem for problema in problemas(corpo)}
    assert frase in achado.get(campo, f"nothing about {campo}: {achado}")


@pytest.mark.parametrize(
    "corpo",
    [
        titulo(impostos=(IMPOSTO,), antecipacoes=(ANTIGA,)),
        titulo(portador="", portador_externo="P1"),
        replace(LOTE, total=Decimal(100), saldo_inicial=True, titulos=(replace(TITULO, rateio=()),)),
        replace(
            BORDERO,
            titulos=(
                replace(TITULO_PAGO, referencia_antecipacao="241129acxn", especie="", numero="", fornecedor=None),
            ),
        ),
        Atualizacao(
            empresa="001",
            estabelecimento="100",
            fornecedor=12704,
            especie="IM",
            numero="DAS202610",
            parcela="1",
            data=date(2026, 11, 21),
        ),
    ],
)
def test_right_bodies_have_no_problem(corpo: Any) -> None:
    assert problemas(corpo) == []


def test_all_problems_come_together() -> None:
    corpo = titulo(fornecedor=None, numero="1" * 17, vencimento=date(2024, 1, 1), rateio=rateio("1"))
    assert {problema.campo for problema in problemas(corpo)} == {
        "titulos.0.fornecedor",
        "titulos.0.numero",
        "titulos.0.vencimento",
        "titulos.0.rateio",
    }


def test_refusal_says_every_sentence_and_field() -> None:
    with pytest.raises(DadosInvalidos) as recusa:
        conferir(titulo(fornecedor=None, numero=""))
    assert recusa.value.texto.splitlines() == [
        "titulos.0.fornecedor: Título 1: Fornecedor: falta informar.",
        "titulos.0.numero: Título 1: Número do título: falta informar.",
    ]


def test_size_is_that_of_the_base() -> None:
    achados = problemas(titulo(numero="12345678901"), Formato(tamanhos={"número": 10}))
    assert [problema.campo for problema in achados] == ["titulos.0.numero"]


def test_fields_of_form_1099_go_where_they_are_used() -> None:
    assert problemas(titulo(valor_1099=Decimal(1)), Formato(permitir_1099=True)) == []


# A boleto of a bank that does not exist.
BOLETO_LIVRE = "0000100000123456789012345"


def _boleto_44() -> str:
    livres = "998" + "9" + "1001" + "0000153427" + BOLETO_LIVRE
    soma = sum(int(a) * (2 + p % 8) for p, a in enumerate(reversed(livres)))
    return livres[:4] + str(1 if (resto := soma % 11) in (0, 1) else 11 - resto) + livres[4:]


def _boleto_47() -> str:
    barras = _boleto_44()

    def campo(numeros: str) -> str:
        soma = sum(sum(divmod(int(a) * (2 - p % 2), 10)) for p, a in enumerate(reversed(numeros)))
        return numeros + str(-soma % 10)

    return campo(barras[:4] + barras[19:24]) + campo(barras[24:34]) + campo(barras[34:44]) + barras[4] + barras[5:19]


@pytest.mark.parametrize("codigo", [_boleto_44(), _boleto_47()])
def test_boleto_with_right_digits_is_taken(codigo: str) -> None:
    assert falta_do_codigo(codigo) == ""


@pytest.mark.parametrize("posicao", [4, 12, 30, 46])
def test_boleto_with_one_digit_changed_is_refused(posicao: int) -> None:
    linha = _boleto_47()
    trocada = linha[:posicao] + str((int(linha[posicao]) + 1) % 10) + linha[posicao + 1 :]
    assert "Confira os números." in falta_do_codigo(trocada)


def test_slip_of_a_guia_with_right_digits_is_taken() -> None:
    livres = "816" + "00000153427" + "0328" + "2632407202611234567800"[:21] + "0000"
    soma = sum(sum(divmod(int(a) * (2 - p % 2), 10)) for p, a in enumerate(reversed(livres)))
    assert falta_do_codigo(f"{livres[:3]}{-soma % 10}{livres[3:]}") == ""


@pytest.mark.parametrize("codigo", ["8" * 44, "85.8" + "0" * 40, "8" * 45])
def test_slip_that_is_not_one_is_refused(codigo: str) -> None:
    assert falta_do_codigo(codigo) != ""
