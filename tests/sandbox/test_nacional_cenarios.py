"""The faults and the odd shapes on demand, and what the control page shows."""

import base64
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.nacional import catalogo, formas
from sandbox.nacional.tomadores_teste import TOMADORES_DE_TESTE, TomadorDeTeste
from tests.sandbox.nacional import AGORA, CURITIBA, TOMADOR, Nacional, codigos, desempacotar
from tests.sandbox_fixture import SandboxVivo

EMITIR: dict[str, Any] = {"servico": "nacional", "operacao": "nfse_emitir"}


def cenario(nacional: Nacional, acao: str, **regra: Any) -> None:
    nacional.controle.cenario(**{**EMITIR, "vezes": 1, "acao": acao, **regra})


def test_dropped_after_the_note_was_issued(nacional: Nacional) -> None:
    cenario(nacional, "perder_resposta")
    enviada = nacional.montar(1)
    with pytest.raises(httpx.TransportError):
        nacional.enviar(enviada)
    assert len(nacional.ledger()) == 1
    id_dps = nacional.ledger()[0]["documento"]
    assert nacional.sefin("HEAD", f"/dps/{id_dps}").status_code == 200
    assert codigos(nacional.enviar(enviada)) == ["E0014"]
    assert len(nacional.ledger()) == 1


def test_dropped_before_the_note_was_issued(nacional: Nacional) -> None:
    cenario(nacional, "cortar")
    enviada = nacional.montar(1)
    with pytest.raises(httpx.TransportError):
        nacional.enviar(enviada)
    assert nacional.ledger() == []
    assert nacional.enviar(enviada).status_code == 201


def test_an_effect_that_lands_late(nacional: Nacional) -> None:
    cenario(nacional, "efeito_tardio", parametros={"segundos": 20})
    enviada = nacional.montar(1)
    with pytest.raises(httpx.TransportError):
        nacional.enviar(enviada)
    assert nacional.ledger() == []
    nacional.controle.relogio(fixo="2026-11-21T10:00:21-03:00")
    assert len(nacional.ledger()) == 1
    assert codigos(nacional.enviar(enviada)) == ["E0014"]


def test_a_late_event_lands_too(nacional: Nacional) -> None:
    chave = nacional.emitida()["chaveAcesso"]
    cenario(nacional, "efeito_tardio", operacao="evento_registrar", parametros={"segundos": 5})
    with pytest.raises(httpx.TransportError):
        nacional.evento(chave)
    nacional.controle.relogio(fixo="2026-11-21T10:00:06-03:00")
    assert len(nacional.ledger("nfse_cancelada")) == 1


@pytest.mark.parametrize(
    ("acao", "parametros", "http", "emitidas"),
    [
        ("erro", {"http": 500}, 500, 0),
        ("html", {"http": 500}, 500, 0),
        ("html", {"http": 200, "efeito": True}, 200, 1),
        ("limite", {"retry_after": 3}, 429, 0),
        ("tempo_esgotado", {}, 504, 1),
        ("recusar", {"codigo": "E1217", "texto": "Serviço em manutenção."}, 400, 0),
        ("recusar", {"codigo": "E1206", "texto": "LCR fora do ar.", "http": 403}, 403, 0),
    ],
)
def test_other_faults(nacional: Nacional, acao: str, parametros: dict[str, Any], http: int, emitidas: int) -> None:
    cenario(nacional, acao, parametros=parametros)
    assert nacional.emitir().status_code == http
    assert len(nacional.ledger()) == emitidas


def test_latency(nacional: Nacional) -> None:
    cenario(nacional, "lento", parametros={"ms": 300})
    assert nacional.emitir().elapsed.total_seconds() > 0.3


def forma(nacional: Nacional, qual: str, operacao: str = "nfse_emitir") -> None:
    cenario(nacional, "forma", operacao=operacao, parametros={"forma": qual})


@pytest.mark.parametrize(
    ("qual", "esperado"),
    [
        ("erros", lambda corpo: corpo["erros"][0]["codigo"]),
        ("erros_maiusculas", lambda corpo: corpo["erros"][0]["Codigo"]),
        ("erro_objeto", lambda corpo: corpo["erro"]["codigo"]),
        ("erro_lista", lambda corpo: corpo["erro"][0]["codigo"]),
        ("lista_nua", lambda corpo: corpo[0]["codigo"]),
        ("itens_vazios", lambda corpo: corpo["erros"][1]["codigo"] if corpo["erros"][0] == {} else ""),
    ],
)
def test_a_refusal_in_every_shape(nacional: Nacional, qual: str, esperado: Any) -> None:
    forma(nacional, qual)
    resposta = nacional.emitir(tpAmb=1)
    assert (resposta.status_code, esperado(resposta.json())) == (400, "E0006")
    nacional.opcoes(forma_erro=qual)
    assert esperado(nacional.emitir(tpAmb=1).json()) == "E0006"


def test_shapes_that_refuse_nothing(nacional: Nacional) -> None:
    forma(nacional, "so_vazios")
    assert nacional.emitir(tpAmb=1).json()["erros"] == [{}]
    forma(nacional, "erro_escalar")
    assert isinstance(nacional.emitir(tpAmb=1).json()["erro"], str)


def test_a_201_without_what_it_promised(nacional: Nacional) -> None:
    forma(nacional, "sem_campo")
    resposta = nacional.emitir()
    assert resposta.status_code == 201
    assert not {"nfseXmlGZipB64", "chaveAcesso"} & set(resposta.json())
    forma(nacional, "resposta_vazia")
    assert (nacional.emitir().content, len(nacional.ledger())) == (b"", 2)


def test_a_corrupt_gzip(nacional: Nacional) -> None:
    forma(nacional, "gzip_corrompido")
    corpo = nacional.emitir().json()
    with pytest.raises((gzip.BadGzipFile, EOFError, zlib.error)):
        desempacotar(corpo["nfseXmlGZipB64"])
    assert len(nacional.ledger()) == 1


def test_base64_twice(nacional: Nacional) -> None:
    forma(nacional, "base64_duplo", "nfse_consultar")
    emitida = nacional.emitida()
    duplo = nacional.sefin("GET", f"/nfse/{emitida['chaveAcesso']}").json()["nfseXmlGZipB64"]
    assert base64.b64decode(duplo).decode() == emitida["nfseXmlGZipB64"]


def test_a_batch_with_an_item_that_cannot_be_read(nacional: Nacional) -> None:
    nacional.emitida()
    nacional.emitida()
    forma(nacional, "item_ilegivel", "dfe_distribuir")
    lote = nacional.adn("/DFe/0").json()["LoteDFe"]
    assert [item["NSU"] for item in lote] == [1, 2]
    assert "ChaveAcesso" not in lote[0]
    assert desempacotar(lote[1]["ArquivoXml"])


def test_a_documented_event_by_a_rule(nacional: Nacional) -> None:
    chave = nacional.emitida()["chaveAcesso"]
    nacional.evento(chave)
    forma(nacional, "evento_documentado", "evento_consultar")
    assert "eventoXmlGZipB64" in nacional.sefin("GET", f"/nfse/{chave}/eventos/101101/1").json()


@pytest.mark.parametrize(
    "regra",
    [
        {"acao": "forma", "servico": "nacional"},
        {"acao": "forma", "servico": "nacional", "parametros": {"forma": "outra"}},
        {"acao": "forma", "servico": "sisgenfe", "parametros": {"forma": "erros"}},
        {"acao": "forma", "parametros": {"forma": "erros"}},
    ],
)
def test_a_shape_that_no_service_has_is_no_rule(nacional: Nacional, regra: dict[str, Any]) -> None:
    with pytest.raises(httpx.HTTPStatusError):
        nacional.controle.cenario(**regra)


def test_a_rule_finds_a_note_by_its_dps(nacional: Nacional) -> None:
    id_dps = f"DPS{CURITIBA}2{nacional.documento}00001{2:015d}"
    cenario(nacional, "erro", documento=id_dps, parametros={"http": 503})
    assert [nacional.emitir(numero).status_code for numero in (1, 2, 3)] == [201, 503, 201]
    (chamada,) = nacional.controle.chamadas(servico="nacional", status_http=503)
    assert (chamada["contribuinte"], chamada["pa"]) == (nacional.documento, "202611")


@pytest.mark.parametrize(
    "tomador", [t for t in TOMADORES_DE_TESTE if t.acao != "lento"], ids=lambda tomador: tomador.titulo
)
def test_a_test_tomador_has_its_fate_and_no_note_is_issued_twice(nacional: Nacional, tomador: TomadorDeTeste) -> None:
    enviada = nacional.montar(1, toma__CNPJ=tomador.cnpj)
    emite = tomador.acao in ("perder_resposta", "forma")
    try:
        primeira = nacional.enviar(enviada).status_code
    except httpx.TransportError:
        primeira = 0
    assert primeira == {"html": 500, "recusar": 400, "limite": 429, "forma": 201}.get(tomador.acao, 0)
    assert len(nacional.ledger()) == int(emite)
    segunda = nacional.enviar(enviada)
    assert segunda.status_code == (400 if emite or tomador.sempre else 201)
    if emite:
        assert codigos(segunda) == ["E0014"]
    nacional.controle.relogio(fixo="2026-11-21T10:00:30-03:00")
    assert len(nacional.ledger()) == int(not tomador.sempre)


# control


@pytest.fixture
def pagina(sandbox: SandboxVivo) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=f"{sandbox.enderecos['controle']}controle/", trust_env=False, follow_redirects=True
    ) as cliente:
        yield cliente


def enviar(pagina: httpx.Client, destino: str, **campos: str) -> str:
    pagina.get("nacional/")
    token = pagina.cookies["sandbox_csrf"]
    return pagina.post(f"nacional/{destino}", data={"csrfmiddlewaretoken": token, **campos}).text


def test_the_page_shows_each_note_once_and_what_was_refused(nacional: Nacional, pagina: httpx.Client) -> None:
    chave = nacional.emitida()["chaveAcesso"]
    nacional.evento(chave)
    nacional.emitir(9, tpAmb=1)
    texto = pagina.get("nacional/").text
    assert texto.count(f"<code>{chave}</code>") == 1
    assert "E0006" in texto
    assert "cancelada" in texto
    assert TOMADOR in texto


def test_the_page_registers_and_sets(nacional: Nacional, pagina: httpx.Client) -> None:
    chave = nacional.emitida()["chaveAcesso"]
    texto = enviar(pagina, "contribuintes/", documento=nacional.documento, nome="EMPRESA", im="55", simples="3")
    assert "inscrito no cadastro nacional" in texto
    assert "registrado" in enviar(pagina, "eventos/", chave=chave, codigo="205204")
    assert "emitida no portal" in enviar(pagina, "portal/", emitente=nacional.documento, tomador=TOMADOR)
    assert "Opções alteradas" in enviar(pagina, "opcoes/", opcoes='{"lote": 3}')
    assert nacional.controle.get("ajustes")["nacional.lote"] == 3
    for destino, campos in (
        ("opcoes/", {"opcoes": '{"lote": 0}'}),
        ("opcoes/", {"opcoes": "nada"}),
        ("contribuintes/", {"documento": "1"}),
        ("eventos/", {"chave": "1", "codigo": "205204"}),
        ("portal/", {"emitente": nacional.documento, "valor": "x"}),
    ):
        assert 'class="mensagem error"' in enviar(pagina, destino, **campos)


def test_the_addresses_are_told(nacional: Nacional, pagina: httpx.Client) -> None:
    texto = pagina.get("").text
    for nome in ("sefin", "adn", "parametros", "danfse"):
        assert nacional.enderecos[nome] in texto


def test_a_note_is_told_with_its_events_and_nsus(nacional: Nacional) -> None:
    emitida = nacional.emitida()
    nacional.evento(emitida["chaveAcesso"])
    (nota,) = nacional.controle.get("nacional/notas", emitente=nacional.documento)["notas"]
    assert nota["eventos"] == [{"codigo": "101101", "sequencia": 1}]
    assert len(nota["nsus"]) == 4
    assert (nota["id_dps"], nota["cancelamento"]) == (emitida["idDps"], "101101")


def test_a_bad_register_changes_nothing(nacional: Nacional) -> None:
    itens = [{"documento": nacional.documento, "im": "1"}, {"documento": nacional.documento, "municipio": "1"}]
    with pytest.raises(httpx.HTTPStatusError):
        nacional.controle.post("nacional/contribuintes", {"contribuintes": itens})
    assert nacional.controle.get("nacional/contribuintes")["contribuintes"] == []


@pytest.mark.parametrize(
    "municipio",
    [{"aliquota": "x"}, {"nada": 1}, {"aliquotas": {"1": []}}, {"cancelamento_dias": -1}, {"inicio": "ontem"}],
)
def test_parameters_that_make_no_sense_are_refused(nacional: Nacional, municipio: dict[str, Any]) -> None:
    with pytest.raises(httpx.HTTPStatusError):
        nacional.municipio(**municipio)


def test_a_reset_forgets_everything(nacional: Nacional) -> None:
    nacional.emitida()
    nacional.inscrever()
    nacional.opcoes(lote=1)
    nacional.controle.reset()
    nacional.controle.relogio(fixo=AGORA)
    assert nacional.controle.get("nacional/notas")["notas"] == []
    assert nacional.controle.get("nacional/contribuintes")["contribuintes"] == []
    assert nacional.adn("/DFe/0").status_code == 404
    assert nacional.controle.get("ajustes")["nacional.lote"] == 50


def test_readme_lists_every_option_shape_and_operation(nacional: Nacional) -> None:
    lido = (Path(__file__).parents[2] / "sandbox" / "README.md").read_text(encoding="utf-8")
    opcoes = [
        nome.removeprefix("nacional.") for nome in nacional.controle.get("ajustes") if nome.startswith("nacional.")
    ]
    assert [nome for nome in opcoes if f"| `{nome}` |" not in lido] == []
    assert [t.cnpj for t in TOMADORES_DE_TESTE if f"| `{t.cnpj}` | {t.titulo} |" not in lido] == []
    assert [nome for nome in (*formas.TODAS, *catalogo.nomes()) if f"`{nome}`" not in lido] == []
