from comum.planilhas import Coluna
from comum.respostas import ajuda_das_colunas


def test_the_help_of_a_column_shows_the_first_example_there_is() -> None:
    colunas = [Coluna("cnpj", "CNPJ", obrigatoria=True), Coluna("cota", "Quota", sinonimos=("parcela", "quota"))]
    exemplos = [{"cnpj": "1"}, {"cnpj": "2", "cota": "3"}]
    cnpj, cota = ajuda_das_colunas(colunas, {"cnpj": "com pontos", "cota": "de 1 a 8"}, exemplos)
    assert (cnpj["exemplo"], cnpj["obrigatoria"], cnpj["aceita"]) == ("1", True, "com pontos")
    assert (cota["exemplo"], cota["outros"]) == ("3", "parcela, quota")
