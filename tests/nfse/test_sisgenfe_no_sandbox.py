"""The client of SISGENF-e against its simulator, under each reading of the documentation and after each failure."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from nfse.providers.interface import Emissao, Estado, NotaNoServico, Referencia
from nfse.providers.sisgenfe import CANCELAMENTO_JA_PEDIDO, AcessoSisgenfe, Sisgenfe, esquecer
from operacoes.errors import AccessDenied, OutcomeUnknown, ProviderRefused
from operacoes.http import Chamadas
from tests.cast import cnpj_valido
from tests.nfse.apoio_sisgenfe import MARCA, NOTA, TOMADOR, com_item, novas_chamadas
from tests.sandbox_fixture import SandboxVivo

APP, USUARIO, SENHA = "chave-do-aplicativo", "ana", "senha da ana"
INICIO = "2026-11-20T10:00:00-03:00"
_PRONTOS = 60
_PRIMEIRO = 61000


class Prestador:
    """One issuer nobody used yet, its client and the ledger of what it really did."""

    def __init__(self, sandbox: SandboxVivo, cnpj: str) -> None:
        self.sandbox, self.cnpj = sandbox, cnpj
        base = sandbox.enderecos["sisgenfe"]["producao"]
        self.acesso = AcessoSisgenfe(base, sandbox.ca, APP, cnpj, USUARIO, SENHA)
        self.cliente = Sisgenfe(self.acesso)
        self.chamadas: Chamadas = novas_chamadas()

    def emitir(self, nota: Emissao = NOTA) -> NotaNoServico:
        return self.cliente.emitir(replace(nota, desde_numero=0), chamadas=self.chamadas)

    def efeitos(self, tipo: str) -> list[dict[str, Any]]:
        return self.sandbox.controle.ledger(servico="sisgenfe", contribuinte=self.cnpj, tipo=tipo)

    def falhar(self, acao: str, operacao: str = "nfs", **parametros: Any) -> None:
        """The next call of this operation ends in another way."""
        regra = {"servico": "sisgenfe", "operacao": operacao, "contribuinte": self.cnpj, "vezes": 1}
        self.sandbox.controle.cenario(acao=acao, parametros=parametros, **regra)


def cadastrar(sandbox: SandboxVivo, *cnpjs: str, **mudancas: Any) -> None:
    item = {"usuario": USUARIO, "senha": SENHA, "app": APP} | mudancas
    sandbox.controle.post("sisgenfe/prestadores", {"prestadores": [{"cnpj": cnpj} | item for cnpj in cnpjs]})


@pytest.fixture(scope="module")
def cnpjs(sandbox_vivo: SandboxVivo) -> Iterator[Iterator[str]]:
    """Registered issuers, handed out one by one: a reset costs more than a test of these."""
    sandbox_vivo.controle.reset()
    sandbox_vivo.controle.relogio(fixo=INICIO)
    prontos = [cnpj_valido(numero, letras=True) for numero in range(_PRIMEIRO, _PRIMEIRO + _PRONTOS)]
    cadastrar(sandbox_vivo, *prontos)
    yield itertools.chain(prontos)
    sandbox_vivo.controle.reset()


@pytest.fixture
def prestador(sandbox_vivo: SandboxVivo, cnpjs: Iterator[str]) -> Prestador:
    esquecer()
    return Prestador(sandbox_vivo, next(cnpjs))


@pytest.fixture
def ajustar(sandbox_vivo: SandboxVivo) -> Iterator[Callable[..., None]]:
    """Set options of the simulator for one test."""
    antes: dict[str, Any] = {}

    def mudar(**valores: Any) -> None:
        nomes = {f"sisgenfe.{nome}": valor for nome, valor in valores.items()}
        agora = sandbox_vivo.controle.get("ajustes")
        antes.update({nome: agora[nome] for nome in nomes})
        sandbox_vivo.controle.ajustes(**nomes)

    yield mudar
    sandbox_vivo.controle.ajustes(**antes)


@pytest.fixture
def mais_tarde(sandbox_vivo: SandboxVivo) -> Iterator[Callable[[str], None]]:
    """Stop the clock at another instant for one test."""

    def parar_em(instante: str) -> None:
        sandbox_vivo.controle.relogio(fixo=instante)

    yield parar_em
    parar_em(INICIO)


# -- whichever way the documentation is to be read ---------------------------------------------------------------------
COMO_VIER = [
    {},
    {"login_entre_aspas": True, "login_tipo": "application/json"},
    {"get_exige_tipo": False},
    {"aceita_sem_mascara": True},
    {"confere_digitos": True},
    {"tomador_mescla": True},
    {"omite_numero": True},
    {"esvazia_tributos": True, "mostra_cancelada": True},
    {"recusa_obsoletos": True, "recusa_iss_fora": True},
    {"embaralha_consultas": True},
    {"unidade_ignora_campo": True, "cnae_do_prestador": True},
    {"limite_maximo": 10},
    {"limite_maximo": 10, "embaralha_consultas": True, "erros_html": "todos"},
    {"decisao": "aprova"},
]


@pytest.mark.parametrize("opcoes", COMO_VIER, ids=lambda opcoes: ",".join(opcoes) or "padrao")
def test_a_note_lives_its_whole_life_under_each_reading(prestador, ajustar, opcoes) -> None:
    ajustar(**opcoes)
    cliente, chamadas = prestador.cliente, prestador.chamadas
    feita = prestador.emitir()
    achada = cliente.procurar(MARCA, 0, chamadas=chamadas)
    referencia = Referencia(numero=feita.numero)
    cliente.corrigir(referencia, "Onde se lê 7, leia-se 8.", chamadas=chamadas)
    pedida = cliente.cancelar(referencia, "3", "Tomador trocado", chamadas=chamadas)
    assert (feita.numero, [n.numero for n in achada.notas], achada.completa) == ("1", ["1"], True)
    assert (pedida.estado, pedida.numero) == (Estado.PROCESSANDO, "1")
    tipos = ("tomador_gravado", "nota_emitida", "carta_correcao", "cancelamento_solicitado")
    assert [len(prestador.efeitos(tipo)) for tipo in tipos] == [1, 1, 1, 1]


@pytest.mark.parametrize("opcoes", [{}, {"embaralha_consultas": True}, {"limite_maximo": 10}], ids=str)
def test_every_list_is_read_to_its_end_under_each_reading(prestador, ajustar, opcoes) -> None:
    ajustar(**opcoes)
    cliente, chamadas = prestador.cliente, prestador.chamadas
    cliente.gravar_tomador(TOMADOR, chamadas=chamadas)
    municipios = {m.ibge: m.id for m in cliente.municipios("PE", chamadas=chamadas)}
    assert (len(municipios), municipios["2609600"]) == (185, 1578)
    assert "Hora" in {u.nome for u in cliente.unidades(chamadas=chamadas)}
    assert {"7.05"} == {a.lc116 for a in cliente.cnaes("7.05", chamadas=chamadas)}
    assert 78 in {a.id for a in cliente.atividades(chamadas=chamadas)}
    assert [t.documento for t in cliente.tomadores(TOMADOR.documento, chamadas=chamadas)] == [TOMADOR.documento]


@pytest.mark.parametrize("opcoes", [{}, {"embaralha_consultas": True}], ids=str)
def test_a_marker_is_found_among_many_notes(prestador, ajustar, opcoes) -> None:
    ajustar(limite_maximo=10, **opcoes)
    for numero in range(1, 13):
        prestador.emitir(replace(NOTA, marca=f"[GUICHE-{numero % 9:04d}]"))
    busca = prestador.cliente.procurar("[GUICHE-0003]", 0, chamadas=prestador.chamadas)
    assert (sorted(n.numero for n in busca.notas), busca.completa, busca.ultimo) == (["12", "3"], True, 12)


# -- what the service applies ------------------------------------------------------------------------------------------
def test_the_rate_of_the_service_comes_back_where_it_decides(prestador) -> None:
    aplicado = prestador.emitir().itens[0]
    assert (str(aplicado.aliquota), aplicado.deducao) == ("4.31", 0)


def test_our_rate_and_deduction_are_kept_where_they_are_ours(prestador) -> None:
    aplicado = prestador.emitir(com_item(codigo="622", lc116="7.05")).itens[0]
    assert (aplicado.aliquota, aplicado.deducao) == (2, 40)


# -- failures ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("acao", "parametros", "emitidas"),
    [
        ("perder_resposta", {}, 1),
        ("truncar", {}, 1),
        ("html", {"efeito": True}, 1),
        ("tempo_esgotado", {}, 1),
        ("html", {}, 0),
        ("erro", {"http": 503}, 0),
        ("cortar", {}, 0),
    ],
)
def test_a_lost_answer_is_settled_by_the_marker(prestador, acao, parametros, emitidas) -> None:
    prestador.falhar(acao, **parametros)
    with pytest.raises(OutcomeUnknown):
        prestador.emitir()
    busca = prestador.cliente.procurar(MARCA, 0, chamadas=prestador.chamadas)
    assert (len(busca.notas), busca.completa) == (emitidas, True)
    assert len(prestador.efeitos("nota_emitida")) == emitidas


def test_an_effect_that_lands_late_is_found_when_it_has_landed(prestador, mais_tarde) -> None:
    prestador.falhar("efeito_tardio", segundos=20)
    with pytest.raises(OutcomeUnknown):
        prestador.emitir()
    assert prestador.cliente.procurar(MARCA, 0, chamadas=prestador.chamadas).notas == ()
    mais_tarde("2026-11-20T10:00:30-03:00")
    assert len(prestador.cliente.procurar(MARCA, 0, chamadas=prestador.chamadas).notas) == 1


def test_an_expired_token_is_renewed_and_the_note_issued_once(prestador, mais_tarde) -> None:
    prestador.cliente.login(chamadas=prestador.chamadas)
    mais_tarde("2026-11-20T11:30:00-03:00")
    assert prestador.emitir().numero == "1"
    assert len(prestador.efeitos("nota_emitida")) == 1


def test_a_token_dropped_at_the_issue_is_renewed_and_the_note_issued_once(prestador) -> None:
    prestador.falhar("token_expirado")
    assert prestador.emitir().numero == "1"
    assert len(prestador.efeitos("nota_emitida")) == 1


def test_a_second_cancellation_is_told_apart(prestador) -> None:
    referencia = Referencia(numero=prestador.emitir().numero)
    prestador.cliente.cancelar(referencia, "4", "Valor", chamadas=prestador.chamadas)
    with pytest.raises(ProviderRefused) as erro:
        prestador.cliente.cancelar(referencia, "4", "Valor", chamadas=prestador.chamadas)
    assert erro.value.codigo == CANCELAMENTO_JA_PEDIDO
    assert len(prestador.efeitos("cancelamento_solicitado")) == 1


def test_a_cancellation_whose_answer_was_lost_is_told_when_asked_again(prestador) -> None:
    referencia = Referencia(numero=prestador.emitir().numero)
    prestador.falhar("perder_resposta", "cancela")
    with pytest.raises(OutcomeUnknown):
        prestador.cliente.cancelar(referencia, "4", "Valor", chamadas=prestador.chamadas)
    with pytest.raises(ProviderRefused) as erro:
        prestador.cliente.cancelar(referencia, "4", "Valor", chamadas=prestador.chamadas)
    assert erro.value.codigo == CANCELAMENTO_JA_PEDIDO


def test_a_cancellation_that_never_arrived_is_made_when_asked_again(prestador) -> None:
    referencia = Referencia(numero=prestador.emitir().numero)
    prestador.falhar("cortar", "cancela")
    with pytest.raises(OutcomeUnknown):
        prestador.cliente.cancelar(referencia, "4", "Valor", chamadas=prestador.chamadas)
    pedida = prestador.cliente.cancelar(referencia, "4", "Valor", chamadas=prestador.chamadas)
    assert pedida.estado is Estado.PROCESSANDO
    assert len(prestador.efeitos("cancelamento_solicitado")) == 1


def test_a_refused_tomador_issues_nothing(prestador) -> None:
    with pytest.raises(ProviderRefused, match="A nota não foi enviada") as erro:
        prestador.emitir(replace(NOTA, tomador=replace(TOMADOR, email="não é um e-mail")))
    assert (erro.value.codigo, prestador.efeitos("nota_emitida")) == ("HTTP-400:dadosTomador.email", [])


def test_a_missing_permission_is_named(prestador) -> None:
    cadastrar(
        prestador.sandbox,
        prestador.cnpj,
        permissoes=["wsIncluirTomador", "wsListaMunicipio", "wsListaUnidadeMedida"],
    )
    with pytest.raises(AccessDenied, match="wsIncluirNota"):
        prestador.emitir()


@pytest.mark.parametrize("troca", [{"senha": "outra"}, {"usuario": "bia"}, {"aplicacao": "chave-desconhecida"}])
def test_a_wrong_log_in_is_refused(prestador, troca) -> None:
    with pytest.raises(AccessDenied, match="recusou o login"):
        Sisgenfe(replace(prestador.acesso, **troca)).login(chamadas=prestador.chamadas)


def test_no_secret_is_kept_of_what_was_spoken(prestador) -> None:
    prestador.emitir()
    guardado = repr(prestador.chamadas)
    assert not [segredo for segredo in (APP, SENHA, "eyJ") if segredo in guardado]
