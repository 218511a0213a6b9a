"""MIT 314 to 317. The clock stands on 21/11/2026."""

import base64
from typing import Any

import httpx
import pytest

from tests.sandbox.integra import Cliente, cnpj, codigo, dados
from tests.sandbox_fixture import SandboxVivo

EMPRESA = cnpj(11)


def apuracao(*debitos: tuple[str, str, float], **iniciais: Any) -> dict[str, Any]:
    grupos: dict[str, Any] = {}
    for numero, (tributo, receita, valor) in enumerate(debitos, 1):
        item: dict[str, Any] = {"IdDebito": numero, "CodigoDebito": receita, "ValorDebito": valor}
        if tributo == "Ipi":
            item["CnpjEstabelecimento"] = "000100"
        grupos.setdefault(tributo, {"ListaDebitos": []})["ListaDebitos"].append(item)
    do_movimento = {"TributacaoLucro": 3, "VariacoesMonetarias": 1, "RegimePisCofins": 2} if debitos else {}
    corpo: dict[str, Any] = {
        "PeriodoApuracao": {"MesApuracao": 10, "AnoApuracao": 2026},
        "DadosIniciais": {
            "SemMovimento": not debitos,
            "QualificacaoPj": 1,
            **do_movimento,
            "ResponsavelApuracao": {"CpfResponsavel": "52998224725"},
            **iniciais,
        },
    }
    return corpo | ({"Debitos": grupos} if debitos else {"TransmissaoImediata": False})


def encerrar(cliente: Cliente, corpo: Any) -> httpx.Response:
    return cliente.chamar("Declarar", EMPRESA, "ENCAPURACAO314", corpo)


def lista(cliente: Cliente, **filtro: int) -> Any:
    return dados(cliente.chamar("Consultar", EMPRESA, "LISTAAPURACOES317", {"anoApuracao": 2026, **filtro}))[
        "Apuracoes"
    ]


def passar(sandbox: SandboxVivo, cliente: Cliente) -> None:
    sandbox.controle.relogio(fixo="2026-11-21T10:01:00-03:00")
    cliente.autenticar()


PIS = ("PisPasep", "810902", 650.00)


def test_a_month_closes_and_its_debits_reach_the_dctfweb(cliente: Cliente, sandbox: SandboxVivo) -> None:
    enviada = dados(encerrar(cliente, apuracao(PIS, ("Cofins", "217201", 3000.00))))
    assert len(enviada["protocoloEncerramento"]) == 24

    def situacao() -> Any:
        pedido = {"protocoloEncerramento": enviada["protocoloEncerramento"]}
        return dados(cliente.chamar("Apoiar", EMPRESA, "SITUACAOENC315", pedido))

    assert situacao()["situacaoApuracao"] == 4
    passar(sandbox, cliente)
    assert situacao() == {
        "idApuracao": enviada["idApuracao"],
        "situacaoApuracao": 3,
        "textoSituacao": "ENCERRADA",
        "avisosDctf": None,
        "dataEncerramento": "20261121",
    }
    (listada,) = lista(cliente, mesApuracao=10)
    assert (listada["situacao"], listada["valorTotalApurado"], listada["periodoApuracao"]) == (3, 3650.0, "202610")
    pa = {"categoria": "GERAL_MENSAL", "anoPA": "2026", "mesPA": "10"}
    conteudo = base64.b64decode(
        dados(cliente.chamar("Consultar", EMPRESA, "CONSXMLDECLARACAO38", pa))["XMLStringBase64"]
    )
    assert b"<total>3650.00</total>" in conteudo
    assert [efeito["tipo"] for efeito in sandbox.controle.ledger(contribuinte=EMPRESA)] == ["mit_enviada"]


def test_an_unknown_debit_code_leaves_the_month_in_edition(cliente: Cliente, sandbox: SandboxVivo) -> None:
    encerrar(cliente, apuracao(("Irpj", "999901", 10.00)))
    passar(sandbox, cliente)
    (listada,) = lista(cliente)
    assert listada["situacao"] == 1
    detalhe = dados(cliente.chamar("Consultar", EMPRESA, "CONSAPURACAO316", {"idApuracao": listada["idApuracao"]}))
    assert "999901" in detalhe["pendencias"][0]["descricao"]
    assert encerrar(cliente, apuracao(PIS)).status_code == 200


def test_one_at_a_time_and_another_rectifies(cliente: Cliente, sandbox: SandboxVivo) -> None:
    encerrar(cliente, apuracao(PIS))
    assert codigo(encerrar(cliente, apuracao(PIS))) == "[EntradaIncorreta-MIT-MSG_0036]"
    passar(sandbox, cliente)
    assert encerrar(cliente, apuracao(PIS)).status_code == 200
    assert [item["situacao"] for item in lista(cliente)] == [3, 4]


EVENTO = {"IdEvento": 1, "DiaEvento": 8, "TipoEvento": 4}


def test_a_month_with_an_event_has_debits_after_it(cliente: Cliente, sandbox: SandboxVivo) -> None:
    corpo = apuracao(PIS, ("RetPagamentoUnificado", "409501", 10.00)) | {"ListaEventosEspeciais": [EVENTO]}
    depois = {"IdDebito": 2, "IdEventoDebito": 1, "CodigoDebito": "810902", "ValorDebito": 1.0}
    corpo["Debitos"]["PisPasep"]["ListaDebitosAposEvento"] = [depois]
    corpo["Debitos"]["RetPagamentoUnificado"]["ListaDebitos"][0] |= {"IdDebito": 3, "CnpjIncorporacao": "002112"}
    assert encerrar(cliente, corpo).status_code == 200
    passar(sandbox, cliente)
    assert lista(cliente)[0]["eventoEspecial"] is True


SUSPENSAO = {
    "TipoSuspensao": 2, "MotivoSuspensao": 1, "ComDeposito": False, "NumeroProcesso": "1" * 20,
    "ProcessoTerceiro": False, "DataDecisao": 20240920, "VaraJudiciaria": 1, "CodigoMunicipioSj": "3550308",
    "ListaDebitosSuspensos": [{"IdDebitoSuspenso": 1, "ValorSuspenso": 150.0}],
}  # fmt: skip
ADMINISTRATIVA = {
    "TipoSuspensao": 1, "NumeroProcesso": "1" * 17,
    "ListaDebitosSuspensos": [{"IdDebitoSuspenso": 1, "ValorSuspenso": 100.0}],
}  # fmt: skip


def com(*suspensoes: dict[str, Any]) -> dict[str, Any]:
    return apuracao(PIS) | {"ListaSuspensoes": list(suspensoes)}


def test_what_is_suspended_stays_in_the_month_and_is_not_to_be_paid(cliente: Cliente, sandbox: SandboxVivo) -> None:
    assert encerrar(cliente, com(SUSPENSAO, ADMINISTRATIVA)).status_code == 200
    passar(sandbox, cliente)
    assert lista(cliente)[0]["valorTotalApurado"] == 650.0
    pa = {"categoria": "GERAL_MENSAL", "anoPA": "2026", "mesPA": "10"}
    xml = dados(cliente.chamar("Consultar", EMPRESA, "CONSXMLDECLARACAO38", pa))["XMLStringBase64"]
    assert b"<total>400.00</total>" in base64.b64decode(xml)


@pytest.mark.parametrize(
    "corpo",
    [
        com(),
        com(SUSPENSAO | {"MotivoSuspensao": 3}),
        com({nome: valor for nome, valor in SUSPENSAO.items() if nome != "ComDeposito"}),
        com(SUSPENSAO | {"MotivoSuspensao": 2}),  # with ComDeposito
        com(SUSPENSAO | {"NumeroProcesso": "1" * 17}),
        com(ADMINISTRATIVA | {"NumeroProcesso": "1" * 20}),
        com(ADMINISTRATIVA | {"DataDecisao": 20240920}),
        com(SUSPENSAO | {"DataDecisao": 20270101}),
        com(SUSPENSAO | {"DataDecisao": 20240931}),
        com(SUSPENSAO | {"VaraJudiciaria": 0}),
        com(SUSPENSAO | {"CodigoMunicipioSj": "7107"}),
        com(SUSPENSAO | {"ListaDebitosSuspensos": []}),
        com(SUSPENSAO | {"ListaDebitosSuspensos": [{"IdDebitoSuspenso": 2, "ValorSuspenso": 1.0}]}),
        com(SUSPENSAO | {"ListaDebitosSuspensos": [{"IdDebitoSuspenso": 1, "ValorSuspenso": 650.01}]}),
        com(SUSPENSAO) | {"ListaEventosEspeciais": [EVENTO]},
        apuracao() | {"ListaSuspensoes": [SUSPENSAO]},
    ],
)
def test_a_suspension_that_is_not_as_documented_is_refused(cliente: Cliente, corpo: Any) -> None:
    assert encerrar(cliente, corpo).status_code == 400


def posto(tributo: str, receita: str, **campos: Any) -> dict[str, Any]:
    corpo = apuracao((tributo, receita, 10.0))
    corpo["Debitos"][tributo]["ListaDebitos"][0] |= campos
    return corpo


def test_a_debit_put_off_says_of_when_it_is(cliente: Cliente, sandbox: SandboxVivo) -> None:
    for corpo in (
        posto("Irpj", "022010"),
        posto("Irpj", "022010", AnoPostergado=2025),
        posto("Irpj", "022010", AnoPostergado=2026, TrimPostergado=4),
        posto("Irpj", "022010", AnoPostergado=2020, TrimPostergado=1),
        posto("Csll", "677310", AnoPostergado=2025, TrimPostergado=1),
        posto("Csll", "677310", AnoPostergado=2026),
        posto("PisPasep", "810902", AnoPostergado=2025),
    ):
        assert encerrar(cliente, corpo).status_code == 400
    assert encerrar(cliente, posto("Irpj", "022010", AnoPostergado=2026, TrimPostergado=3)).status_code == 200
    passar(sandbox, cliente)
    assert lista(cliente)[0]["situacao"] == 3


def test_iof_on_gold_says_where_it_came_from(cliente: Cliente, sandbox: SandboxVivo) -> None:
    for recusado in (
        posto("Iof", "402802", PaDebito=1),
        posto("Iof", "402802", PaDebito=1, CodigoMunicipioOuro="1503607"),
        posto("Iof", "402802", PaDebito=1, CodigoMunicipioOuro=1503606),
        posto("Iof", "115003", PaDebito=1, CodigoMunicipioOuro="1503606"),
        posto("Irpj", "236201", CodigoMunicipioOuro="1503606"),
    ):
        assert encerrar(cliente, recusado).status_code == 400
    assert encerrar(cliente, posto("Iof", "402802", PaDebito=1, CodigoMunicipioOuro="1503606")).status_code == 200
    passar(sandbox, cliente)
    assert lista(cliente, anoApuracao=2026)[0]["situacao"] == 3


def test_without_movement_there_are_no_debits(cliente: Cliente, sandbox: SandboxVivo) -> None:
    assert encerrar(cliente, apuracao(PIS, SemMovimento=True)).status_code == 400
    assert encerrar(cliente, apuracao(SemMovimento=False)).status_code == 400
    assert encerrar(cliente, apuracao()).status_code == 200


@pytest.mark.parametrize(
    "corpo",
    [
        {"periodoApuracao": {}},
        apuracao(PIS, TributacaoLucro=8),
        apuracao(PIS, ResponsavelApuracao={"CpfResponsavel": "11111111111"}),
        apuracao(PIS, QualificacaoPj=13),
        apuracao(PIS, TributacaoLucro=1),  # without BalancoLucroReal
        apuracao(PIS) | {"TransmissaoImediata": False},
        apuracao() | {"TransmissaoImediata": None},
        apuracao(TributacaoLucro=3),
        apuracao(PIS, PIS),
        apuracao(("Cofins", "217201", 1.0), PIS),  # out of order
        apuracao(("Cpss", "166101", 1.0)),
        apuracao(("Ipi", "512301", 1.0), QualificacaoPj=3),
        apuracao(("PisPasep", "8109", 1.0)),
        apuracao(("PisPasep", "810902", 0)),
        apuracao(("Outro", "810902", 1.0)),
        apuracao(PIS) | {"PeriodoApuracao": {"MesApuracao": 12, "AnoApuracao": 2026}},
        apuracao(PIS) | {"ListaEventosEspeciais": [{}] * 6},
        apuracao(PIS) | {"ListaEventosEspeciais": []},
        apuracao(PIS) | {"ListaEventosEspeciais": [EVENTO | {"DiaEvento": 32}]},
        apuracao(PIS) | {"ListaEventosEspeciais": [EVENTO, EVENTO | {"IdEvento": 2}]},
    ],
)
def test_what_is_not_as_documented_is_refused(cliente: Cliente, sandbox: SandboxVivo, corpo: Any) -> None:
    assert "-MIT-MSG_" in codigo(encerrar(cliente, corpo))
    assert sandbox.controle.ledger(contribuinte=EMPRESA) == []


def test_nothing_sent_is_nothing_found(cliente: Cliente, sandbox: SandboxVivo) -> None:
    resposta = cliente.chamar("Consultar", EMPRESA, "LISTAAPURACOES317", {"anoApuracao": 2026})
    assert (resposta.status_code, codigo(resposta)) == (404, "[Aviso-MIT-MSG_0025]")
