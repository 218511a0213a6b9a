"""Spreadsheets: whatever people upload is read right or refused with its line and a way out."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook

from comum.planilhas import CELULA_MAXIMA, Coluna, Linha, Planilha, Problema, escrever_csv, escrever_xlsx, ler

COLUNAS = (
    Coluna("documento", "CNPJ ou CPF", obrigatoria=True, sinonimos=("CNPJ", "CPF")),
    Coluna("razao_social", "Razão social", obrigatoria=True),
    Coluna("email", "E-mail"),
)
CABECALHO = "CNPJ;Razão social;E-mail"


def linhas(conteudo: bytes | str, colunas: Sequence[Coluna] = COLUNAS) -> list[Linha]:
    planilha = ler(conteudo, colunas)
    assert planilha.erros == ()
    itens = list(planilha)
    assert all(isinstance(item, Linha) for item in itens), itens
    return [item for item in itens if isinstance(item, Linha)]


def problemas(conteudo: bytes | str) -> list[Problema]:
    planilha = ler(conteudo, COLUNAS)
    assert planilha.erros == ()
    return [item for item in planilha if isinstance(item, Problema)]


def erro(conteudo: bytes | str) -> Problema:
    planilha = ler(conteudo, COLUNAS)
    assert len(planilha.erros) == 1, planilha.erros
    assert list(planilha) == []
    assert planilha.erros[0].mensagem.endswith(".")
    return planilha.erros[0]


def lida(planilha: Planilha) -> list[dict[str, str]]:
    return [item.valores for item in planilha if isinstance(item, Linha)]


@pytest.mark.parametrize("codificacao", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separador", [";", ",", "\t"])
@pytest.mark.parametrize("fim", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_line_ends_are_told_apart(codificacao: str, separador: str, fim: str) -> None:
    texto = f"{CABECALHO}{fim}1;São João;a@b.br{fim}".replace(";", separador)
    assert linhas(texto.encode(codificacao)) == [
        Linha(2, {"documento": "1", "razao_social": "São João", "email": "a@b.br"})
    ]


@pytest.mark.parametrize("nome", ["RAZAO SOCIAL", "razão_social", " Razao-Social ", "RazãoSocial", "razao  social."])
def test_header_names_are_forgiven(nome: str) -> None:
    assert linhas(f"cnpj;{nome}\n1;A".encode())[0].valores == {"documento": "1", "razao_social": "A"}


def test_pasted_text_is_read() -> None:
    assert linhas("CNPJ\tRazão social\n1\tA\n2\tB")[1].valores == {"documento": "2", "razao_social": "B"}


def test_only_columns_of_the_file_are_given() -> None:
    planilha = ler(b"cpf;razao social\n1;A", COLUNAS)
    assert planilha.colunas == ("documento", "razao_social")
    assert (planilha.codificacao, planilha.separador) == ("UTF-8", ";")


def test_unknown_columns_are_noticed_and_skipped() -> None:
    planilha = ler(b"cnpj;Telefone;razao social;\n1;99;A;", COLUNAS)
    assert [aviso.coluna for aviso in planilha.avisos] == ["Telefone"]
    assert lida(planilha) == [{"documento": "1", "razao_social": "A"}]


def test_the_separator_hint_of_excel_is_skipped() -> None:
    assert linhas(b"sep=;\r\ncnpj;razao social\r\n1;A")[0].numero == 3


def test_iterating_twice_gives_the_same() -> None:
    planilha = ler(f"{CABECALHO}\n1;A;\n2;B;".encode(), COLUNAS)
    assert list(planilha) == list(planilha)


def test_lines_are_the_physical_ones() -> None:
    texto = f'\n{CABECALHO}\n\n1;"A\nB";\n;;\n2;"C\r\n\r\nD";\n3;E;'
    assert [linha.numero for linha in linhas(texto.encode())] == [4, 7, 10]


def test_cells_are_trimmed_and_quoted_separators_kept() -> None:
    assert linhas(f'{CABECALHO}\n 1 ;"A; ""B"" Ltda";\xa0x@y.br '.encode())[0].valores == {
        "documento": "1",
        "razao_social": 'A; "B" Ltda',
        "email": "x@y.br",
    }


def test_blank_cells_beyond_the_header_are_forgiven() -> None:
    assert len(linhas(f"{CABECALHO}\n1;A;;;;".encode())) == 1


@pytest.mark.parametrize(
    ("linha", "trecho"),
    [
        ("1;A;;;sobra", "tem 5 células e o cabeçalho 3"),
        ("1;A", "tem 2 células e o cabeçalho 3"),
        ('1;"A"B";', "Aspas fora do lugar"),
        ('1;"A', "Aspas abertas na linha 3"),
        (f"1;{'A' * (CELULA_MAXIMA + 1)};", f"máximo são {CELULA_MAXIMA}"),
        ("1;A\x07B;", "controle"),
        (f'1;"A{chr(10) * 140000}";', "grande demais (linhas 3 a"),
    ],
)
def test_a_bad_line_is_reported_with_its_number(linha: str, trecho: str) -> None:
    achados = problemas(f"{CABECALHO}\n0;Boa;\n{linha}".encode())
    assert achados[0].linha == 3
    assert trecho in achados[0].mensagem


def test_lines_after_a_bad_one_are_read() -> None:
    planilha = ler(f'{CABECALHO}\n1;"A"B;\n2;\n3;C;'.encode(), COLUNAS)
    assert [(type(item), item[0] if isinstance(item, Linha) else item.linha) for item in planilha] == [
        (Problema, 2),
        (Problema, 3),
        (Linha, 4),
    ]


@pytest.mark.parametrize(
    ("conteudo", "trecho"),
    [
        (b"", "vazio"),
        (b"\xef\xbb\xbf \r\n", "vazio"),
        (b"cnpj;razao social\n;;\n\n", "só tem o cabeçalho"),
        (b"cnpj;razao social", "só tem o cabeçalho"),
        (b"PK\x03\x04\x14\x00\x06\x00", "Excel (.xlsx)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "Excel (.xls)"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "imagem"),
        (b"\x1f\x8b\x08", "compactado"),
        ("cnpj;razao social\n1;A".encode("utf-16"), "UTF-16"),
        (b"\x01\x00\x02\x00" * 50, "binário"),
        (b"cnpj;razao social\n" + b"1;A\n" * 100 + b"2;\x00B", "linha 102 tem um caractere nulo"),
        (b"cnpj;razao social\n1;\x81", "linha 2 não está em UTF-8 nem em Windows-1252"),
        (b"1;Padaria\n2;Mercado", "nenhum foi reconhecido em “1” e “Padaria”. Faltam as colunas obrigatórias “CNPJ"),
        (b"cnpj;empresa\n1;A", "As demais são opcionais. O arquivo traz “empresa”, que o Guichê não conhece"),
        (b'"cnpj;razao social\n1;A', "cabeçalho tem aspas"),
        (b"cnpj;email\n1;A", "Falta a coluna obrigatória “Razão social”"),
        (b"cnpj;razao social;CPF\n1;A;2", "“CNPJ ou CPF” aparece duas vezes: na 1ª e na 3ª"),
    ],
)
def test_a_wrong_file_is_refused_with_its_own_message(conteudo: bytes, trecho: str) -> None:
    assert trecho in erro(conteudo).mensagem


def test_mixed_encodings_are_noticed() -> None:
    conteudo = f"{CABECALHO}\n1;São;\n".encode() + "2;João;".encode("cp1252")
    assert "misturar" in ler(conteudo, COLUNAS).avisos[0].mensagem


@given(st.binary(max_size=300))
def test_no_bytes_raise(conteudo: bytes) -> None:
    for sujeito in (conteudo, CABECALHO.encode() + b"\n" + conteudo):
        for item in ler(sujeito, COLUNAS):
            assert isinstance(item, Linha | Problema)


CELULAS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=30).map(str.strip)


@given(st.lists(st.tuples(CELULAS, CELULAS, CELULAS), min_size=1, max_size=10))
@example([("", "", ",")])
@example([(";", "", "")])
def test_what_we_write_reads_back(registros: list[tuple[str, str, str]]) -> None:
    esperado = [dict(zip(("documento", "razao_social", "email"), r, strict=True)) for r in registros if any(r)]
    planilha = ler(b"".join(escrever_csv(CABECALHO.split(";"), registros)), COLUNAS)
    assert lida(planilha) == esperado


def escrito(*valores: object) -> list[str]:
    conteudo = b"".join(escrever_csv(["c"], [valores]))  # type: ignore[list-item]
    assert conteudo.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(conteudo.decode("utf-8-sig"), newline=""), delimiter=";"))[1]


@pytest.mark.parametrize("texto", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")', "+55 11"])
def test_would_be_formulas_are_guarded(texto: str) -> None:
    assert escrito(texto)[0].startswith("'")


@pytest.mark.parametrize("texto", ["-1.234,56", "+10", "-5", "00000000000191", "Padaria = Boa"])
def test_numbers_and_plain_texts_are_not_guarded(texto: str) -> None:
    assert escrito(texto) == [texto]


def test_values_are_written_as_brazilians_read_them() -> None:
    instante = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
    assert escrito(Decimal("1234.50"), date(2026, 11, 20), instante, True, None, 7) == [
        "1234,50",
        "20/11/2026",
        "20/11/2026 23:30:00",
        "Sim",
        "",
        "7",
    ]


def test_documents_are_quoted_in_csv() -> None:
    assert b'"00000000000191";7\r\n' in b"".join(escrever_csv(["c", "n"], [["00000000000191", 7]]))


def test_csv_is_written_in_pieces() -> None:
    pedacos = list(escrever_csv(["c"], (["x" * 1000] for _ in range(500))))
    assert len(pedacos) > 5
    assert b"".join(pedacos).count(b"\r\n") == 501


def test_xlsx_keeps_texts_as_texts() -> None:
    conteudo = escrever_xlsx(
        ["Documento", "Valor", "Data", "Nome"],
        [["00000000000191", Decimal("10.50"), date(2026, 11, 20), "=1+1"], ["A", None, None, "B\x00C"]],
        "Empresas: 1/2",
    )
    aba = load_workbook(io.BytesIO(conteudo)).active
    assert aba is not None
    assert aba.title == "Empresas  1 2"
    primeira = next(aba.iter_rows(min_row=2))
    assert (primeira[0].value, primeira[0].data_type) == ("00000000000191", "s")
    assert (primeira[3].value, primeira[3].data_type) == ("=1+1", "s")
    assert float(primeira[1].value) == 10.5
    assert primeira[2].value == datetime(2026, 11, 20)
    assert aba.cell(3, 4).value == "BC"
