import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal as D
from typing import Any

import httpx
import pytest
import respx

from nfse.providers.nacional import assinatura, dps, eventos, transporte
from nfse.providers.nacional.adn import Lote
from nfse.providers.nacional.cliente import Nacional
from nfse.providers.nacional.identificadores import IdentificadorInvalido
from nfse.providers.nacional.pacote import desempacotar
from nfse.providers.nacional.parametros import Retencoes
from nfse.providers.nacional.recados import Recado
from nfse.providers.nacional.transporte import AcessoNacional, JaExiste
from operacoes import http, relogio
from operacoes.errors import AccessDenied, Alcance, OutcomeUnknown, ProviderError, ProviderRefused, ProviderUnavailable
from operacoes.http import Chamadas
from tests.nfse.nacional.apoio import a1, chave_de
from tests.nfse.nacional.autorizadas import embalar, evento, nfse
from tests.nfse.nacional.declaracoes import SIMPLES
from tests.nfse.nacional.test_eventos import PEDIDO

BASE = "https://nacional.exemplo"
CHAVE = chave_de()
MONTADA = dps.montar(SIMPLES)
DPS = assinatura.abrir(a1()).assinar(MONTADA)
ENVELOPE = {
    "tipoAmbiente": 2,
    "versaoAplicativo": "SefinNacional_1.6.0",
    "dataHoraProcessamento": "2026-11-20T14:31:05",
}
AUTORIZADA = {**ENVELOPE, "idDps": MONTADA.id, "chaveAcesso": CHAVE, "nfseXmlGZipB64": embalar(nfse()), "alertas": None}


@pytest.fixture
def rede(monkeypatch: pytest.MonkeyPatch) -> Iterator[respx.MockRouter]:
    monkeypatch.setattr(transporte, "transport_for", lambda *_: httpx.HTTPTransport())
    with respx.mock(assert_all_called=False) as router:
        yield router


@pytest.fixture
def nacional(rede: respx.MockRouter) -> Nacional:
    return Nacional(
        AcessoNacional(f"{BASE}/SefinNacional", f"{BASE}/contribuintes", f"{BASE}/parametrizacao", a1(), False)
    )


@pytest.fixture
def chamadas() -> Chamadas:
    return Chamadas("t" * 32, relogio.segundos() + 60)


def _recusa(*codigos: str) -> dict[str, Any]:
    return {**ENVELOPE, "idDPS": MONTADA.id, "erros": [{"codigo": codigo, "descricao": "x"} for codigo in codigos]}


# -- issuing ---------------------------------------------------------------------------------------------------------


def test_a_note_is_issued(nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter) -> None:
    rota = rede.post(f"{BASE}/SefinNacional/nfse").respond(201, json=AUTORIZADA)
    emitida = nacional.sefin.emitir(DPS, MONTADA.id, chamadas=chamadas)
    assert str(emitida.nota.chave) == CHAVE
    assert emitida.alertas == ()
    corpo = json.loads(rota.calls.last.request.content)
    assert list(corpo) == ["dpsXmlGZipB64"]
    assert desempacotar(corpo["dpsXmlGZipB64"]) == DPS


def test_warnings_come_with_the_note(nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter) -> None:
    alertas = {"alertas": [{"Codigo": "A1", "Descricao": "Aviso"}]}
    rede.post(f"{BASE}/SefinNacional/nfse").respond(201, json=AUTORIZADA | alertas)
    assert nacional.sefin.emitir(DPS, MONTADA.id, chamadas=chamadas).alertas[0].codigo == "A1"


def _erro_ao_emitir(nacional: Nacional, chamadas: Chamadas) -> ProviderError:
    with pytest.raises(ProviderError) as erro:
        nacional.sefin.emitir(DPS, MONTADA.id, chamadas=chamadas)
    return erro.value


@pytest.mark.parametrize(
    ("status", "corpo", "classe", "codigo"),
    [
        (400, _recusa("E0310"), ProviderRefused, "E0310"),
        (400, {"erro": {"Codigo": "E0310", "Descricao": "x"}}, ProviderRefused, "E0310"),
        (400, [{"codigo": "E0310"}], ProviderRefused, "E0310"),
        (400, _recusa("E0310", "E1206"), ProviderRefused, "E0310"),
        (400, _recusa("E1206"), ProviderUnavailable, "E1206"),
        (403, _recusa("E1217"), ProviderUnavailable, "E1217"),
        (403, _recusa("E1203"), AccessDenied, "E1203"),
        (403, {"message": "Forbidden"}, AccessDenied, "HTTP-403"),
        (429, {}, ProviderUnavailable, "HTTP-429"),
    ],
)
def test_answers_that_say_it_was_not_done(
    nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter, status: int, corpo: Any, classe: type, codigo: str
) -> None:
    rede.post(f"{BASE}/SefinNacional/nfse").respond(status, json=corpo)
    erro = _erro_ao_emitir(nacional, chamadas)
    assert type(erro) is classe
    assert erro.codigo == codigo
    assert chamadas.sem_volta == []


def test_a_duplicate_is_to_be_reconciled(nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter) -> None:
    rede.post(f"{BASE}/SefinNacional/nfse").respond(400, json=_recusa("E0014"))
    erro = _erro_ao_emitir(nacional, chamadas)
    assert isinstance(erro, JaExiste)
    assert erro.lembrar == {"id_dps": MONTADA.id}
    assert chamadas.sem_volta == []


_SEM_NOTA = {nome: valor for nome, valor in AUTORIZADA.items() if nome != "nfseXmlGZipB64"}


@pytest.mark.parametrize(
    ("status", "resposta"),
    [
        (201, {"json": _SEM_NOTA}),
        (201, {"json": AUTORIZADA | {"nfseXmlGZipB64": "H4sIAAAAAAAA/zz"}}),
        (201, {"json": AUTORIZADA | {"nfseXmlGZipB64": embalar(nfse().replace(b"1500.00", b"1500.01"))}}),
        (
            201,
            {"json": AUTORIZADA | {"nfseXmlGZipB64": embalar(nfse(mudar=lambda t: t.replace("<tpAmb>2", "<tpAmb>1")))}},
        ),
        (200, {"json": {}}),
        (201, {"text": "<html>ok</html>"}),
        (400, {"json": {"erro": "Bad gateway"}}),
        (400, {"json": {"erros": [{}]}}),
        (400, {"text": "<html>400</html>"}),
        (404, {"text": "not found"}),
        (500, {"json": _recusa("E999")}),
        (503, {"text": "<html>503</html>"}),
        (302, {"text": ""}),
    ],
)
def test_answers_that_prove_nothing_leave_a_doubt(
    nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter, status: int, resposta: dict[str, Any]
) -> None:
    rede.post(f"{BASE}/SefinNacional/nfse").respond(status, **resposta)
    erro = _erro_ao_emitir(nacional, chamadas)
    assert type(erro) is OutcomeUnknown
    assert erro.lembrar["id_dps"] == MONTADA.id
    assert len(chamadas.sem_volta) == 1
    assert "confere o que aconteceu antes de repetir" in erro.mensagem


def test_the_chave_of_an_unreadable_note_is_remembered(
    nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter
) -> None:
    rede.post(f"{BASE}/SefinNacional/nfse").respond(201, json=_SEM_NOTA)
    erro = _erro_ao_emitir(nacional, chamadas)
    assert isinstance(erro, OutcomeUnknown)
    assert erro.lembrar == {"id_dps": MONTADA.id, "chave": CHAVE}
    assert erro.mensagem == (
        "O sistema nacional da NFS-e, sobre a emissão: o documento não veio na resposta. O Guichê confere o que "
        "aconteceu antes de repetir."
    )


def test_a_cut_connection_leaves_a_doubt(nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter) -> None:
    def cai(_pedido: httpx.Request) -> httpx.Response:
        http._vez.enviou = True
        raise httpx.ReadTimeout("lost")

    rede.post(f"{BASE}/SefinNacional/nfse").mock(side_effect=cai)
    assert isinstance(_erro_ao_emitir(nacional, chamadas), OutcomeUnknown)


def test_a_refused_handshake_speaks_of_the_certificate_of_the_empresa(
    nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter
) -> None:
    rede.post(f"{BASE}/SefinNacional/nfse").mock(
        side_effect=httpx.ReadError("[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED]")
    )
    erro = _erro_ao_emitir(nacional, chamadas)
    assert isinstance(erro, AccessDenied)
    assert erro.alcance is Alcance.CREDENCIAL
    assert "certificado da empresa" in erro.mensagem


# -- consulting ------------------------------------------------------------------------------------------------------


def test_a_note_is_consulted(nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter) -> None:
    rede.get(f"{BASE}/SefinNacional/nfse/{CHAVE}").respond(200, json=AUTORIZADA)
    nota = nacional.sefin.consultar(CHAVE, chamadas=chamadas)
    assert nota is not None
    assert nota.numero == "7"
    assert chamadas.sem_volta == []


@pytest.mark.parametrize(
    ("status", "resposta", "classe"),
    [
        (404, {"json": {**ENVELOPE, "erro": {"codigo": "E404", "descricao": "x"}}}, None),
        (404, {"text": "<html>404</html>"}, ProviderUnavailable),
        (403, {"json": {"erro": {"descricao": "Não é parte da nota"}}}, ProviderRefused),
        (401, {"text": ""}, AccessDenied),
        (500, {"text": ""}, ProviderUnavailable),
        (200, {"json": _SEM_NOTA}, ProviderUnavailable),
        (200, {"json": AUTORIZADA | {"nfseXmlGZipB64": embalar(nfse(chave=chave_de(numero=9)))}}, ProviderUnavailable),
    ],
)
def test_other_answers_to_a_consult(
    nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter, status: int, resposta: dict[str, Any], classe: Any
) -> None:
    rede.get(f"{BASE}/SefinNacional/nfse/{CHAVE}").respond(status, **resposta)
    if classe is None:
        assert nacional.sefin.consultar(CHAVE, chamadas=chamadas) is None
        return
    with pytest.raises(classe):
        nacional.sefin.consultar(CHAVE, chamadas=chamadas)


def test_the_dps_tells_whether_there_is_a_note(nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter) -> None:
    endereco = f"{BASE}/SefinNacional/dps/{MONTADA.id}"
    for status, ha in ((200, True), (404, False)):
        rede.head(endereco).respond(status)
        assert nacional.sefin.existe_dps(MONTADA.id, chamadas=chamadas) is ha
    rede.head(endereco).respond(503)
    with pytest.raises(ProviderUnavailable):
        nacional.sefin.existe_dps(MONTADA.id, chamadas=chamadas)
    rede.get(endereco).respond(200, json={**ENVELOPE, "idDps": MONTADA.id, "chaveAcesso": CHAVE})
    assert nacional.sefin.chave_da_dps(MONTADA.id, chamadas=chamadas) == CHAVE
    rede.get(endereco).respond(404, json={**ENVELOPE, "erro": {}})
    assert nacional.sefin.chave_da_dps(MONTADA.id, chamadas=chamadas) is None
    rede.get(endereco).respond(200, json={**ENVELOPE, "idDps": MONTADA.id})
    with pytest.raises(ProviderUnavailable):
        nacional.sefin.chave_da_dps(MONTADA.id, chamadas=chamadas)


@pytest.mark.parametrize("chave", ["../x", "", CHAVE.lower() + "a"])
def test_nothing_is_asked_by_what_is_no_identifier(
    nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter, chave: str
) -> None:
    for pergunta in (nacional.sefin.consultar, nacional.sefin.existe_dps, nacional.sefin.chave_da_dps):
        with pytest.raises(ProviderRefused, match="Nada foi enviado"):
            pergunta(chave, chamadas=chamadas)
    with pytest.raises(IdentificadorInvalido):
        nacional.adn.eventos_da_nota(chave, chamadas=chamadas)
    assert not rede.calls


# -- events ----------------------------------------------------------------------------------------------------------

_PEDIDO = assinatura.abrir(a1()).assinar(eventos.montar(PEDIDO))
_EVENTOS = f"{BASE}/SefinNacional/nfse/{CHAVE}/eventos"


def test_an_event_is_registered(nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter) -> None:
    rota = rede.post(_EVENTOS).respond(201, json={**ENVELOPE, "eventoXmlGZipB64": embalar(evento(PEDIDO))})
    lido = nacional.sefin.registrar_evento(CHAVE, "101101", _PEDIDO, chamadas=chamadas)
    assert lido.tipo == "101101"
    corpo = json.loads(rota.calls.last.request.content)
    assert desempacotar(corpo["pedidoRegistroEventoXmlGZipB64"]) == _PEDIDO


@pytest.mark.parametrize(
    ("status", "corpo", "classe", "codigo"),
    [
        (400, {**ENVELOPE, "erro": [{"codigo": "E0822", "descricao": "prazo"}]}, ProviderRefused, "E0822"),
        (400, {**ENVELOPE, "erro": {"codigo": "E0840"}}, ProviderRefused, "E0840"),
        (401, {"message": "no"}, AccessDenied, "HTTP-401"),
        (201, {**ENVELOPE}, OutcomeUnknown, "RESPOSTA-ILEGIVEL"),
        (500, {**ENVELOPE}, OutcomeUnknown, "HTTP-500"),
    ],
)
def test_other_answers_to_an_event(
    nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter, status: int, corpo: Any, classe: type, codigo: str
) -> None:
    rede.post(_EVENTOS).respond(status, json=corpo)
    with pytest.raises(classe) as erro:
        nacional.sefin.registrar_evento(CHAVE, "101101", _PEDIDO, chamadas=chamadas)
    assert erro.value.codigo == codigo  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "corpo",
    [
        {"eventoXmlGZipB64": embalar(evento(PEDIDO))},
        {"eventos": [{"chaveAcesso": CHAVE, "tipoEvento": 101101, "arquivoXml": embalar(evento(PEDIDO), 2)}]},
        {"eventos": [{"tipoEvento": 105102}, {"tipoEvento": "e101101", "ArquivoXml": embalar(evento(PEDIDO))}]},
    ],
)
def test_an_event_is_consulted_in_every_form(
    nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter, corpo: dict[str, Any]
) -> None:
    rede.get(f"{_EVENTOS}/101101/1").respond(200, json=ENVELOPE | corpo)
    lido = nacional.sefin.evento(CHAVE, "101101", chamadas=chamadas)
    assert lido is not None
    assert lido.codigo == "1"


def test_no_event_and_an_unreadable_one(nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter) -> None:
    rota = rede.get(f"{_EVENTOS}/101101/1")
    for resposta in ({"json": ENVELOPE}, {"content": b""}):
        rota.respond(404, **resposta)  # type: ignore[arg-type]
        assert nacional.sefin.evento(CHAVE, "101101", chamadas=chamadas) is None
    rota.respond(200, json={"eventos": []})
    assert nacional.sefin.evento(CHAVE, "101101", chamadas=chamadas) is None
    rota.respond(200, json={"eventos": [{"tipoEvento": 101101, "arquivoXml": "AAAA"}]})
    with pytest.raises(ProviderUnavailable):
        nacional.sefin.evento(CHAVE, "101101", chamadas=chamadas)


# -- distribution ----------------------------------------------------------------------------------------------------


def _distribuir(nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter, status: int, corpo: Any) -> Lote:
    rede.get(url__regex=rf"{BASE}/contribuintes/DFe/5\?.*").respond(status, json=corpo)
    return nacional.adn.distribuir(5, chamadas=chamadas)


_LOTE = {"StatusProcessamento": "DOCUMENTOS_LOCALIZADOS", "TipoAmbiente": "HOMOLOGACAO", "Erros": [], "Alertas": []}
_BOM = {
    "NSU": 9,
    "ChaveAcesso": CHAVE,
    "TipoDocumento": "NFSE",
    "TipoEvento": None,
    "ArquivoXml": embalar(b"<NFSe/>"),
    "DataHoraGeracao": "2026-11-20T14:31:05.1234567-03:00",
}


def test_unreadable_items_do_not_lose_the_batch(nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter) -> None:
    ruins = [{"NSU": "7", "ArquivoXml": "?"}, "texto", {"ArquivoXml": _BOM["ArquivoXml"]}, {"NSU": True}]
    lote = _distribuir(nacional, chamadas, rede, 200, _LOTE | {"LoteDFe": [*ruins, _BOM]})
    assert (lote.ultimo_nsu, lote.em_dia) == (9, False)
    assert [um.nsu for um in lote.documentos] == [7, None, None, None, 9]
    assert [bool(um.ilegivel) for um in lote.documentos] == [True, True, True, True, False]
    assert lote.documentos[-1].xml == b"<NFSe/>"
    assert lote.documentos[-1].instante is not None
    assert lote.documentos[1].bruto == "texto"


def test_a_filial_is_asked_for_with_the_certificate_of_the_matriz(
    nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter
) -> None:
    rota = rede.get(url__startswith=f"{BASE}/contribuintes/DFe/5").respond(200, json=_LOTE | {"LoteDFe": [_BOM]})
    nacional.adn.distribuir(5, cnpj="11222333000262", chamadas=chamadas)
    assert dict(rota.calls.last.request.url.params) == {"lote": "true", "cnpjConsulta": "11222333000262"}


@pytest.mark.parametrize("status", [200, 404])
def test_nothing_newer(nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter, status: int) -> None:
    corpo = {"StatusProcessamento": "NENHUM_DOCUMENTO_LOCALIZADO", "LoteDFe": None}
    assert _distribuir(nacional, chamadas, rede, status, corpo) == Lote((), 5, em_dia=True)


@pytest.mark.parametrize(
    ("status", "corpo", "classe"),
    [
        (404, {"message": "no route"}, ProviderUnavailable),
        (200, {}, ProviderUnavailable),
        (200, _LOTE | {"LoteDFe": None}, ProviderUnavailable),
        (200, _LOTE | {"LoteDFe": [_BOM], "TipoAmbiente": "PRODUCAO"}, ProviderUnavailable),
        (429, {}, ProviderUnavailable),
        (500, {}, ProviderUnavailable),
        (403, {}, AccessDenied),
        (
            400,
            {"StatusProcessamento": "REJEICAO", "Erros": [{"Codigo": "E1", "Descricao": "NSU inválido"}]},
            ProviderRefused,
        ),
    ],
)
def test_other_answers_of_the_distribution(
    nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter, status: int, corpo: Any, classe: type
) -> None:
    with pytest.raises(classe):
        _distribuir(nacional, chamadas, rede, status, corpo)


def test_events_of_a_note(nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter) -> None:
    um = _BOM | {"TipoDocumento": "EVENTO", "TipoEvento": "CANCELAMENTO", "ArquivoXml": embalar(evento(PEDIDO))}
    rede.get(f"{BASE}/contribuintes/NFSe/{CHAVE}/Eventos").respond(200, json=_LOTE | {"LoteDFe": [um]})
    (documento,) = nacional.adn.eventos_da_nota(CHAVE, chamadas=chamadas)
    assert (documento.tipo, documento.tipo_evento) == ("EVENTO", "CANCELAMENTO")


# -- municipal parameters --------------------------------------------------------------------------------------------

_PARAMETROS = f"{BASE}/parametrizacao/3550308"


def test_a_certificate_that_the_parameters_refuse_is_told_in_their_words(
    nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter
) -> None:
    rede.get(f"{_PARAMETROS}/convenio").respond(403, json={"mensagem": "Certificado sem CNPJ ou CPF."})
    with pytest.raises(AccessDenied) as erro:
        nacional.parametros.convenio("3550308", chamadas=chamadas)
    assert erro.value.texto == "Certificado sem CNPJ ou CPF."


def test_convenio(nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter) -> None:
    dados = {"tipoConvenio": 1, "aderenteAmbienteNacional": 1, "AderenteEmissorNacional": 0, "aderenteMAN": -1}
    rede.get(f"{_PARAMETROS}/convenio").respond(200, json={"mensagem": "", "parametrosConvenio": dados})
    convenio = nacional.parametros.convenio("3550308", chamadas=chamadas)
    assert convenio is not None
    assert (convenio.pleno, convenio.ativo, convenio.emite, convenio.modulo_de_apuracao) == (True, True, False, None)


@pytest.mark.parametrize(("ambiente", "rfb", "emissor", "ativo", "emite"), [
    (1, 1, 1, True, True), (1, -1, 1, True, True), (1, 0, 1, False, False), (0, 1, 1, False, False),
    (-1, -1, 1, False, True), (1, 1, 0, True, False), (1, 1, -1, True, False),
])  # fmt: skip
def test_who_may_issue_and_who_tells_the_rate(
    ambiente: int, rfb: int, emissor: int, ativo: bool, emite: bool,
    nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter,
) -> None:  # fmt: skip
    dados = {
        "aderenteAmbienteNacional": ambiente,
        "aderenteEmissorNacional": emissor,
        "situacaoEmissaoPadraoContribuintesRFB": rfb,
    }
    rede.get(f"{_PARAMETROS}/convenio").respond(200, json={"mensagem": "", "parametrosConvenio": dados})
    convenio = nacional.parametros.convenio("3550308", chamadas=chamadas)
    assert convenio is not None
    assert (convenio.ativo, convenio.emite) == (ativo, emite)


def test_rates(nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter) -> None:
    linhas = [{"Incidencia": "M", "Aliq": 2.9, "DtIni": "2024-01-01T00:00:00", "DtFim": None}, {"Aliq": "x"}, "y"]
    rede.get(f"{_PARAMETROS}/170101/2026-11-01/aliquota").respond(200, json={"aliquotas": {"17.01.01.000": linhas}})
    (uma,) = nacional.parametros.aliquotas("3550308", "170101", date(2026, 11, 1), chamadas=chamadas) or ()
    assert (uma.percentual, uma.desde, uma.ate, uma.servico) == (D("2.9"), date(2024, 1, 1), None, "17.01.01.000")


def test_the_service_may_go_with_points(rede: respx.MockRouter, chamadas: Chamadas) -> None:
    acesso = AcessoNacional(BASE, BASE, f"{BASE}/parametrizacao", a1(), False)
    rota = rede.get(f"{_PARAMETROS}/17.01.01.000/2026-11-01/regimes_especiais").respond(
        200, json={"RegimesEspeciais": {"170101": {"6": [{"Situacao": 2}], "1": [{"sit": 1}, {"sit": 2}], "4": "x"}}}
    )
    com_pontos = Nacional(acesso, servico_com_pontos=True).parametros
    assert com_pontos.regimes_especiais("3550308", "170101", date(2026, 11, 1), chamadas=chamadas) == {"6": "2"}
    assert rota.called


@pytest.mark.parametrize("nomes", [("artigoSexto", "retencoesMunicipais"), ("art6", "retMun")])
def test_withholdings(nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter, nomes: tuple[str, str]) -> None:
    sexto, municipais = nomes
    dados = {sexto: {"habilitado": True}, municipais: [{"descricao": "x"}]}
    rede.get(f"{_PARAMETROS}/2026-11-01/retencoes").respond(200, json={"retencoes": dados})
    assert nacional.parametros.retencoes("3550308", date(2026, 11, 1), chamadas=chamadas) == Retencoes(True, 1)
    rede.get(f"{_PARAMETROS}/2026-11-01/retencoes").respond(200, json={"retencoes": {}})
    assert nacional.parametros.retencoes("3550308", date(2026, 11, 1), chamadas=chamadas) == Retencoes(None, None)


@pytest.mark.parametrize("status", [400, 404])
def test_not_parametrised_is_an_answer(
    nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter, status: int
) -> None:
    rede.get(url__startswith=_PARAMETROS).respond(status, json={"mensagem": "Sem parâmetros"})
    assert nacional.parametros.convenio("3550308", chamadas=chamadas) is None
    # A rate that is not there keeps notes from going: only "not found" says so.
    aliquotas = nacional.parametros.aliquotas("3550308", "170101", date(2026, 11, 1), chamadas=chamadas)
    assert aliquotas == (None if status == 404 else ())
    assert nacional.parametros.regimes_especiais("3550308", "170101", date(2026, 11, 1), chamadas=chamadas) is None
    assert nacional.parametros.retencoes("3550308", date(2026, 11, 1), chamadas=chamadas) is None
    beneficio = nacional.parametros.beneficio("3550308", "1" * 14, date(2026, 11, 1), chamadas=chamadas)
    assert beneficio == (None if status == 404 else {})  # as of the rate


@pytest.mark.parametrize(("status", "texto"), [(404, "{}"), (502, ""), (200, "<html>")])
def test_a_proxy_is_no_answer(
    nacional: Nacional, chamadas: Chamadas, rede: respx.MockRouter, status: int, texto: str
) -> None:
    rede.get(f"{_PARAMETROS}/convenio").respond(status, text=texto)
    with pytest.raises(ProviderUnavailable):
        nacional.parametros.convenio("3550308", chamadas=chamadas)


@pytest.mark.parametrize(
    "codigo",
    [
        *[
            "E0029",
            "E0074",
            "E0076",
            "E0078",
            "E0121",
            "E0128",
            "E0226",
            "E0234",
            "E0330",
            "E0424",
            "E0431",
            "E0432",
            "E0436",
        ],
        *[
            "E0440",
            "E0529",
            "E0530",
            "E0532",
            "E0533",
            "E0539",
            "E0580",
            "E0583",
            "E0585",
            "E0587",
            "E0588",
            "E0589",
            "E0590",
            "E0591",
            "E0592",
            "E0593",
            "E0602",
        ],
        *[
            "E0604",
            "E0606",
            "E0628",
            "E0631",
            "E0675",
            "E0682",
            "E0688",
            "E0699",
            "E0700",
            "E0845",
            "E0848",
            "E1225",
            "E1226",
            "E1228",
            "E1229",
            "E1301",
        ],
        *["E1302", "E1303", "E1305", "E1307", "E1311", "E1508", "E1827", "E1829", "E1833", "E1845", "E9996"],
        *(f"E{n}" for n in range(1980, 1992)),
    ],
)
def test_every_published_code_says_what_to_do(codigo: str) -> None:
    assert ". " in Recado(codigo, "palavras do serviço").em_portugues


def test_what_is_in_no_table_is_told_in_the_words_of_the_service() -> None:
    dito = Recado("E999", "Erro não catalogado", "campo X").em_portugues
    assert "(Erro não catalogado campo X)" in dito
    assert Recado("E7777", "Algo novo").em_portugues == "E7777 Algo novo"
