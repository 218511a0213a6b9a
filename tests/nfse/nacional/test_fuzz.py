"""Whatever comes, nothing but the errors that the caller knows comes out."""

import contextlib
from typing import Any

import httpx
import pytest
import respx
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nfse.providers.nacional import danfse
from nfse.providers.nacional.cliente import Nacional
from nfse.providers.nacional.leitura import ler_evento, ler_nfse
from nfse.providers.nacional.pacote import DocumentoInvalido
from nfse.providers.nacional.transporte import AcessoNacional
from operacoes import relogio
from operacoes.errors import OutcomeUnknown, ProviderError
from operacoes.http import Chamadas
from tests.nfse.nacional.apoio import a1
from tests.nfse.nacional.autorizadas import evento, nfse
from tests.nfse.nacional.declaracoes import NORMAL
from tests.nfse.nacional.test_cliente import AUTORIZADA, BASE, CHAVE, DPS, MONTADA
from tests.nfse.nacional.test_eventos import PEDIDO

_NOTA, _EVENTO = nfse(NORMAL), evento(PEDIDO)


@settings(max_examples=150)
@given(st.integers(0, len(_NOTA) - 1), st.integers(0, 300), st.binary(max_size=8))
def test_a_note_cut_or_changed_anywhere_is_read_or_refused(onde: int, quantos: int, novo: bytes) -> None:
    mexida = _NOTA[:onde] + novo + _NOTA[onde + quantos :]
    with contextlib.suppress(DocumentoInvalido):
        assert ler_nfse(mexida, producao=False).valor == NORMAL.valor
    with contextlib.suppress(DocumentoInvalido):
        danfse.desenhar(mexida)


@settings(max_examples=150)
@given(st.integers(0, len(_EVENTO) - 1), st.integers(0, 300), st.binary(max_size=8))
@example(_EVENTO.index(b'versao="1.01"><infPedReg'), 0, "À".encode())  # a name with an accent
def test_an_event_cut_or_changed_anywhere_is_read_or_refused(onde: int, quantos: int, novo: bytes) -> None:
    with contextlib.suppress(DocumentoInvalido):
        assert ler_evento(_EVENTO[:onde] + novo + _EVENTO[onde + quantos :], producao=False).chave == PEDIDO.chave


_NOMES = (
    "erro erros Codigo descricao NSU LoteDFe StatusProcessamento eventos arquivoXml chaveAcesso mensagem "
    "nfseXmlGZipB64 alertas aliquotas parametrosConvenio tipoConvenio Aliq DtIni"
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(AUTORIZADA["nfseXmlGZipB64"]),
    lambda dentro: (
        st.lists(dentro, max_size=3)
        | st.dictionaries(
            st.sampled_from(_NOMES.split()),
            dentro | st.sampled_from(["DOCUMENTOS_LOCALIZADOS", "E0014", "REJEICAO"]),
            max_size=5,
        )
    ),
    max_leaves=12,
)


@pytest.fixture
def nacional(monkeypatch: pytest.MonkeyPatch) -> Nacional:
    monkeypatch.setattr("nfse.providers.nacional.transporte.transport_for", lambda *_: httpx.HTTPTransport())
    return Nacional(
        AcessoNacional(f"{BASE}/SefinNacional", f"{BASE}/contribuintes", f"{BASE}/parametrizacao", a1(), False)
    )


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([200, 201, 204, 302, 400, 401, 403, 404, 429, 500, 503]), _json)
def test_any_answer_is_a_value_or_an_error_of_the_family(nacional: Nacional, status: int, corpo: Any) -> None:
    def chamadas() -> Chamadas:
        return Chamadas("t" * 32, relogio.segundos() + 60)

    with respx.mock() as rede:
        rede.route().respond(status, json=corpo)
        with contextlib.suppress(ProviderError):
            nacional.sefin.consultar(CHAVE, chamadas=chamadas())
        with contextlib.suppress(ProviderError):
            nacional.sefin.chave_da_dps(MONTADA.id, chamadas=chamadas())
        with contextlib.suppress(ProviderError):
            nacional.sefin.evento(CHAVE, "101101", chamadas=chamadas())
        with contextlib.suppress(ProviderError):
            nacional.adn.distribuir(3, chamadas=chamadas())
        with contextlib.suppress(ProviderError):
            nacional.parametros.convenio("3550308", chamadas=chamadas())
        emissao = chamadas()
        erro: ProviderError | None = None
        try:
            nacional.sefin.emitir(DPS, MONTADA.id, chamadas=emissao)
        except ProviderError as achado:
            erro = achado
        if isinstance(erro, OutcomeUnknown):
            assert erro.lembrar["id_dps"] == MONTADA.id
        elif erro is not None:
            assert emissao.sem_volta == []  # every other error says that it was not done
        else:
            assert 200 <= status < 300
