"""Every message code that the contract of a system states, written here one by one, has a sentence of the product."""

from collections import defaultdict

import pytest

from guias.providers.catalogo import catalogo
from guias.providers.cliente import Resposta
from guias.providers.mensagens import Destino, ler, regra_de


def _de(forma: str, *codigos: str) -> list[str]:
    return [forma.format(codigo) for codigo in codigos]


def _numeros(primeiro: int, ultimo: int, casas: int, *fora: int) -> list[str]:
    return [f"{n:0{casas}d}" for n in range(primeiro, ultimo + 1) if n not in fora]


_PGMEI_ERROS = (
    *("23001", "23002", "23003", "23005", "23006", "23007", "23009", "23010", "23020", "23021", "23022", "23025"),
    *("23026", "23027", "23029", "23028", "23999", "23099"),
)
_PARC = ("E001", "C001", *(f"N{n}" for n in _numeros(1, 15, 3)))
_COM_N016 = ("PARCSN-ESP", "PERTSN", "RELPSN", "PARCMEI-ESP", "PERTMEI", "RELPMEI")
CODIGOS = [
    *_de("[EntradaIncorreta-AUTENTICAPROCURADOR-{}]", "002", "015", "016", "017", "018", "019", "020"),
    *_de("[EntradaIncorreta-AUTENTICAPROCURADOR-{}]", *_numeros(25, 33, 3)),
    *_de("[AcessoNegado-AUTENTICAPROCURADOR-{}]", "009", "010", "011", "012", "013", "038", "021", "023", "037"),
    *_de("[AcessoNegado-AUTENTICAPROCURADOR-{}]", "039", "040", "041"),
    *_de("[Erro-AUTENTICAPROCURADOR-{}]", "003", "008", "014", "034"),
    *_de("[EntradaIncorreta-ICGERENCIADOR-{}]", *_numeros(1, 57, 3, 24, 39)),
    *_de("[Erro-{}-058]", "PGDASD", "PARCSN", "DCTFWEB"),
    *_de("[EntradaIncorreta-PGDASD-MSG_ISN_{}]", "001", "002", "005", "027", "008", "009", "010", "012", "018"),
    *_de("[EntradaIncorreta-PGDASD-MSG_ISN_{}]", "022", "023", "031", "032", "035", "036", "045", "048"),
    *("[Aviso-PGDASD-MSG_ISN_034]", "E0044", "[EntradaIncorreta-PGDASD-E0044]"),
    *_de("[Aviso-PGMEI-MSG_{}]", "13011", "13012", "23004", "23017", "23018", "23019"),
    *_de("[EntradaIncorreta-PGMEI-MSG_{}]", "23008", "23013", "23015", "23016", "23030"),
    *_de("[Erro-PGMEI-MSG_{}]", *_PGMEI_ERROS),
    "[Aviso-PGMEI-25001]",
    *_de("[Aviso-Sitfis-{}]", "AV02", "AV03"),
    *_de("[EntradaIncorreta-Sitfis-{}]", "EI01", "EI02", "EI03"),
    *_de("[Erro-Sitfis-{}]", "ER01", "ER02", "ER03", "ER04", "ER05"),
    *_de("[Aviso-PROCURACOES-{}]", "20001", "40400"),
    *_de("[AcessoNegado-PROCURACOES-{}]", "40300", "40301"),
    *_de("[EntrataIncorreta-PROCURACOES-{}]", *_numeros(40002, 40007, 5)),
    *_de("[Erro-PROCURACOES-{}]", *_numeros(50001, 50099, 5)),
    *("[EntradaIncorreta-PAGTOWEB-00001]", "[EntradaIncorreta-PAGTOWEB-00002]", "[Erro-PAGTOWEB-00099]"),
    *_de("[EntradaIncorreta-CAIXAPOSTAL-{}]", "02", *_numeros(4, 10, 2), "0C", "13"),
    *_de("[Erro-DTE-{}]", "04", "05", *_numeros(991, 995, 3)),
    *_de("[Aviso-DCTFWEB-{}]", "MG07", "MG08", "MG09", "MG10", "MG19", "MG20", "GUIA00", "GUIA02"),
    *_de("[Aviso-DCTFWEB-GERAXML{}]", *_numeros(1, 9, 2)),
    *_de("[Aviso-DCTFWEB-TRANS{}]", *_numeros(1, 22, 2)),
    *_de("[Aviso-DCTFWEB-APIGUIA{}]", *_numeros(1, 3, 2)),
    *_de("[EntradaIncorreta-MIT-MSG_{}]", *_numeros(1, 36, 4)),
    *_de("[EntradaIncorreta-REGIME-MSG_ISN_{}]", *_numeros(49, 60, 3, 54)),
    *_de("[EntradaIncorreta-DEFIS-MSG_{}]", *_numeros(1, 35, 4)),
    *_de("[EntradaIncorreta-CCMEI-CRT-{}]", *_numeros(1, 55, 4), "0060", "0065", "5010", "5020", "5030"),
    *_de("[Aviso-CCMEI-BSN-{}]", "0010", "0020", "0030", "0040", "0050", "0060", "0080", "0090", "0100"),
    "[Erro-CCMEI-ERRO-0500]",
    *_de("[EntradaIncorreta-PNRCONTADOR-{}]", *_numeros(1, 14, 3), "101", "102", "103", "202", "301", "303"),
    *_de("[EntradaIncorreta-EPROCESSO-{}]", "ER_001", "ER_002", "AN_001", *(f"EI_{n}" for n in _numeros(1, 5, 3))),
    *[c for f in _COM_N016 for c in _de(f"[EntradaIncorreta-{f}-ER_{{}}]", *_PARC, "N016")],
    *[c for f in ("PARCSN", "PARCMEI") for c in _de(f"[EntradaIncorreta-{f}-ER_{{}}]", *_PARC)],
    *_de("[EntradaIncorreta-EVENTOSATUALIZACAO-{}]", "002", "006"),
    *("[Erro-EVENTOSATUALIZACAO-003]", "[Aviso-EVENTOSATUALIZACAO-004]", "[Aviso-EVENTOSATUALIZACAO-005]"),
]


@pytest.mark.parametrize("codigo", CODIGOS)
def test_every_code_of_the_contract_has_its_sentence(codigo: str) -> None:
    regra = regra_de(ler({"codigo": codigo, "texto": ""}))
    assert regra is not None
    assert len(regra.mensagem) > 20
    assert regra.mensagem.endswith(".")


@pytest.mark.parametrize("codigo", ["MSG_ISN_002", "MSG_ISN_009", "MSG_ISN_010", "MSG_ISN_023", "MSG_ISN_045", "E0044"])
def test_what_is_wrong_in_a_declaration_says_where_it_is_mended_and_what_comes_then(codigo: str) -> None:
    """Nothing is repeated as it is: what was corrected is no longer what was approved."""
    regra = regra_de(ler({"codigo": f"[EntradaIncorreta-PGDASD-{codigo}]", "texto": ""}))
    assert regra is not None
    assert "repita" not in regra.mensagem
    assert "em Apuração" in regra.mensagem
    assert ("Receitas" in regra.mensagem) is (codigo != "MSG_ISN_002")


def test_no_two_codes_of_a_system_share_a_sentence() -> None:
    """Nothing generic: what a code says is said of it alone. 058 is one code, whichever the system."""
    de_quem: dict[tuple[str, str], set[str]] = defaultdict(set)
    for codigo in CODIGOS:
        mensagem = ler({"codigo": codigo, "texto": ""})
        regra = regra_de(mensagem)
        assert regra is not None
        de_quem[mensagem.sistema, regra.mensagem].add(mensagem.numero)
    assert {quem: numeros for quem, numeros in de_quem.items() if len(numeros) > 1} == {}


def test_a_late_transmission_tells_of_its_fine() -> None:
    lidas = tuple(
        ler({"codigo": codigo, "texto": ""})
        for codigo in ("[Sucesso-PGDASD-MSG_ISN_033]", "[Aviso-PGDASD-MSG_ISN_034]")
    )
    (aviso,) = Resposta(None, lidas, None).avisos
    assert "multa por atraso" in aviso


@pytest.mark.parametrize("codigo", ["012", "043", "051", "028", "044", "055"])
def test_what_the_manager_says_of_a_system_names_that_system(codigo: str) -> None:
    regra = regra_de(ler({"codigo": f"[EntradaIncorreta-ICGERENCIADOR-{codigo}]", "texto": ""}))
    assert regra is not None
    for sistema in {servico.sistema for servico in catalogo().values() if servico.em_producao}:
        dita = regra.dita(sistema)
        assert ("PGDAS-D" in dita) is (sistema == "PGDASD")
        assert "{" not in dita
    assert "DCTFWeb" in regra.dita("DCTFWEB")


def test_the_portal_of_the_simples_is_named_only_for_what_is_there() -> None:
    regra = regra_de(ler({"codigo": "[EntradaIncorreta-ICGERENCIADOR-044]", "texto": ""}))
    assert regra is not None
    assert "portal do Simples Nacional" in regra.dita("PGMEI")
    assert "e-CAC" in regra.dita("SITFIS")
    assert "e-CAC" in regra.dita("PARC-PAEX")  # one that has no name of its own here


@pytest.mark.parametrize(
    ("texto", "dito"), [("E0044: a atividade 2 exige qualificação tributária.", "qualificação"), ("Outra.", "dados")]
)
def test_a_check_of_a_field_inside_the_words_of_002_has_its_own_sentence(texto: str, dito: str) -> None:
    regra = regra_de(ler({"codigo": "[EntradaIncorreta-PGDASD-MSG_ISN_002]", "texto": texto}))
    assert regra is not None
    assert regra.destino is Destino.RECUSADA
    assert dito in regra.mensagem
