"""The client against the simulator, under the profiles of what the service leaves unpublished."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from nfse.providers.integranotas import AcessoIntegraNotas, IntegraNotas, Softhouse
from nfse.providers.integranotas.aviso import AssinaturaInvalida, MotivoAssinatura, conferir_assinatura, ler_aviso
from nfse.providers.integranotas.cadastro import CadastroEmitente
from nfse.providers.integranotas.erros import DuvidaComChave, JaExiste
from nfse.providers.integranotas.filtros import FiltroBusca, FiltroRecebidas
from nfse.providers.interface import Emissao, Estado, NotaNoServico, Referencia
from operacoes import relogio
from operacoes.errors import AccessDenied, ProviderRefused, ProviderUnavailable
from operacoes.http import Chamadas
from tests.nfse.apoio_integranotas import MOTIVO, NACIONAL, NOTA
from tests.sandbox.integranotas import TOMADOR, cnpj, tomador_de_teste
from tests.sandbox_fixture import SandboxVivo

EMITENTE = cnpj(7)
BASICA = replace(NOTA, tomador=replace(NOTA.tomador, documento=TOMADOR))
PERFIS = {
    "como vem": {},
    "status por codigo": {"status_http": "por_codigo", "codigo_texto": True, "erros_forma": "so_erro"},
    "gzip e 44 digitos": {"arquivos": "gzip", "chave_digitos": "44", "busca_forma": "chaves"},
}
dos_perfis = pytest.mark.parametrize("perfil", PERFIS.values(), ids=PERFIS.keys())


def chamadas() -> Chamadas:
    return Chamadas(tag="a" * 32, deadline=relogio.segundos() + 30)


@dataclass
class Palco:
    """The simulator with one emitente and the software house it belongs to."""

    sandbox: SandboxVivo

    def __post_init__(self) -> None:
        self.controle = self.sandbox.controle
        self.base = self.sandbox.enderecos["integranotas"]["producao"]
        self.conta = self.controle.get("integranotas/contas")["contas"][0]
        self.agora("2026-11-21T10:00:00")

    def agora(self, instante: str) -> None:
        self.controle.relogio(fixo=f"{instante}-03:00")

    def opcoes(self, **valores: Any) -> None:
        self.controle.ajustes(**{f"integranotas.{nome}": valor for nome, valor in valores.items()})

    def emitente(self, *, versao: int = 1, **prefeitura: Any) -> IntegraNotas:
        corpo = {"conta": self.conta["id"], "emitentes": [{"documento": EMITENTE, **prefeitura}]}
        (cadastrado,) = self.controle.post("integranotas/emitentes", corpo).json()["emitentes"]
        return self.com_token(cadastrado["token"], versao=versao)

    def com_token(self, token: str, *, versao: int = 1) -> IntegraNotas:
        return IntegraNotas(AcessoIntegraNotas(self.base, token, self.sandbox.ca, versao))

    def softhouse(self) -> Softhouse:
        return Softhouse(AcessoIntegraNotas(self.base, self.conta["token"], self.sandbox.ca))

    def emitidas(self, rps: int) -> int:
        efeitos = self.controle.ledger(servico="integranotas", tipo="nfse_autorizada", contribuinte=EMITENTE)
        return sum(efeito["documento"] == f"1/{rps}" for efeito in efeitos)


@pytest.fixture
def palco(sandbox_limpo: SandboxVivo) -> Iterator[Palco]:
    yield Palco(sandbox_limpo)
    sandbox_limpo.controle.relogio(real=True)


def para(trecho: str, rps: int = 19) -> Emissao:
    """A note for the test taker whose note has this fate."""
    return replace(BASICA, numero=rps, tomador=replace(BASICA.tomador, documento=tomador_de_teste(trecho)))


def consultar(cliente: IntegraNotas, nota: NotaNoServico | str) -> NotaNoServico | None:
    chave = nota if isinstance(nota, str) else nota.chave
    return cliente.consultar(Referencia(chave=chave), chamadas=chamadas())


@dos_perfis
def test_a_note_is_issued_consulted_and_cancelled(palco: Palco, perfil: dict[str, Any]) -> None:
    palco.opcoes(**perfil)
    cliente = palco.emitente()
    nota = cliente.emitir(BASICA, chamadas=chamadas())
    assert (nota.estado, nota.serie, nota.rps, nota.ilegiveis) == (Estado.AUTORIZADA, "1", 19, ())
    assert nota.xml.lstrip().startswith(b"<")
    assert nota.pdf.startswith(b"%PDF")
    consultada = consultar(cliente, nota)
    assert consultada is not None
    assert (consultada.numero, consultada.xml, consultada.pdf) == (nota.numero, nota.xml, nota.pdf)
    assert cliente.cancelar(Referencia(chave=nota.chave), "1", MOTIVO, chamadas=chamadas()).estado is Estado.CANCELADA
    assert palco.emitidas(19) == 1


@dos_perfis
def test_field_errors_name_the_field(palco: Palco, perfil: dict[str, Any]) -> None:
    palco.opcoes(**perfil, obrigatorios=["tomador.im"])
    with pytest.raises(ProviderRefused) as erro:
        palco.emitente().emitir(BASICA, chamadas=chamadas())
    assert erro.value.codigo == "5001"
    assert "tomador.im: " in erro.value.texto


@dos_perfis
def test_a_lost_note_is_found_by_the_chave_of_its_doubt(palco: Palco, perfil: dict[str, Any]) -> None:
    palco.opcoes(**perfil)
    cliente = palco.emitente()
    with pytest.raises(DuvidaComChave) as duvida:
        cliente.emitir(para("7001 e a nota existe"), chamadas=chamadas())
    achada = consultar(cliente, duvida.value.chave)
    assert achada is not None
    assert (achada.estado, achada.rps) == (Estado.AUTORIZADA, 19)
    assert palco.emitidas(19) == 1


@dos_perfis
def test_what_the_town_never_got_is_not_there_and_its_number_goes_again(palco: Palco, perfil: dict[str, Any]) -> None:
    palco.opcoes(**perfil)
    cliente = palco.emitente()
    with pytest.raises(DuvidaComChave) as duvida:
        cliente.emitir(para("7001 e o documento não existe"), chamadas=chamadas())
    assert consultar(cliente, duvida.value.chave) is None
    cliente.emitir(BASICA, chamadas=chamadas())
    assert palco.emitidas(19) == 1


@dos_perfis
def test_the_same_note_again_tells_the_chave_of_the_first(palco: Palco, perfil: dict[str, Any]) -> None:
    palco.opcoes(**perfil)
    cliente = palco.emitente()
    nota = cliente.emitir(BASICA, chamadas=chamadas())
    with pytest.raises(JaExiste) as erro:
        cliente.emitir(BASICA, chamadas=chamadas())
    assert (erro.value.chave, palco.emitidas(19)) == (nota.chave, 1)


@dos_perfis
def test_without_chave_a_note_is_found_by_its_number(palco: Palco, perfil: dict[str, Any]) -> None:
    palco.opcoes(**perfil)
    cliente = palco.emitente()
    nota = cliente.emitir(BASICA, chamadas=chamadas())
    achada = cliente.consultar(Referencia(serie="1", rps=19), chamadas=chamadas())
    assert achada is not None
    assert (achada.chave, achada.pdf) == (nota.chave, nota.pdf)


def test_a_town_that_answers_later_is_asked_until_it_did(palco: Palco) -> None:
    cliente = palco.emitente()
    nota = cliente.emitir(para("30 segundos depois: autorizada"), chamadas=chamadas())
    estados = [nota.estado]
    for instante in ("10:00:15", "10:01:15"):
        palco.agora(f"2026-11-21T{instante}")
        achada = consultar(cliente, nota)
        assert achada is not None
        estados.append(achada.estado)
    assert estados == [Estado.PROCESSANDO, Estado.PROCESSANDO, Estado.AUTORIZADA]


def test_a_chave_that_changes_when_the_note_is_authorised_is_followed(palco: Palco) -> None:
    palco.opcoes(chave_digitos="44_depois_50")
    cliente = palco.emitente()
    nota = cliente.emitir(para("30 segundos depois: autorizada"), chamadas=chamadas())
    palco.agora("2026-11-21T10:00:35")
    achada = consultar(cliente, nota)
    assert achada is not None
    assert (len(nota.chave), len(achada.chave)) == (44, 50)
    assert consultar(cliente, achada) == achada


@pytest.mark.parametrize("status_http", ["200", "por_codigo"])
def test_a_late_refusal_is_told_and_its_number_goes_again(palco: Palco, status_http: str) -> None:
    palco.opcoes(status_http=status_http)
    cliente = palco.emitente()
    nota = cliente.emitir(para("recusa 30 segundos depois"), chamadas=chamadas())
    palco.agora("2026-11-21T10:00:35")
    with pytest.raises(ProviderRefused, match="com o mesmo número"):
        consultar(cliente, nota)
    assert consultar(cliente, nota) is None
    cliente.emitir(BASICA, chamadas=chamadas())
    assert palco.emitidas(19) == 1


@pytest.mark.parametrize("substitui_aninhado", [False, True])
def test_a_national_note_is_substituted(palco: Palco, substitui_aninhado: bool) -> None:
    palco.opcoes(substitui_aninhado=substitui_aninhado)
    cliente = palco.emitente(versao=2, padrao="nacional")
    nacional = replace(NACIONAL, tomador=BASICA.tomador)
    antiga = Referencia(chave=cliente.emitir(nacional, chamadas=chamadas()).chave)
    nova = cliente.substituir(replace(nacional, numero=20), antiga, "1", MOTIVO, chamadas=chamadas())
    assert (nova.estado, nova.rps) == (Estado.AUTORIZADA, 20)
    assert nova.chave != antiga.chave
    velha = cliente.consultar(antiga, chamadas=chamadas())
    assert velha is not None
    assert velha.estado is Estado.CANCELADA


def test_a_preview_is_a_pdf_and_reserves_nothing(palco: Palco) -> None:
    cliente = palco.emitente()
    assert cliente.previa(BASICA, chamadas=chamadas()).startswith(b"%PDF")
    cliente.emitir(BASICA, chamadas=chamadas())
    assert palco.emitidas(19) == 1


def test_a_note_cancelled_on_the_towns_site_is_seen_by_resolve(palco: Palco) -> None:
    cliente = palco.emitente()
    nota = cliente.emitir(para("não oferece cancelamento"), chamadas=chamadas())
    with pytest.raises(ProviderRefused):
        cliente.cancelar(Referencia(chave=nota.chave), "1", MOTIVO, chamadas=chamadas())
    palco.controle.post(f"integranotas/notas/{nota.chave}/prefeitura", {"situacao": "cancelada"})
    assert cliente.resolver(nota.chave, chamadas=chamadas()).estado is Estado.CANCELADA


def test_a_cancellation_decided_later_ends_as_the_town_says(palco: Palco) -> None:
    cliente = palco.emitente()
    nota = cliente.emitir(para("recusa o cancelamento 30 segundos depois"), chamadas=chamadas())
    pedida = cliente.cancelar(Referencia(chave=nota.chave), "1", MOTIVO, chamadas=chamadas())
    assert (pedida.estado, pedida.chave) == (Estado.PROCESSANDO, nota.chave)
    palco.agora("2026-11-21T10:00:35")
    achada = consultar(cliente, nota)
    assert achada is not None
    assert achada.estado is Estado.AUTORIZADA


@pytest.mark.parametrize(
    ("opcoes", "espera"), [({}, 300.0), ({"limite_html": True, "limite_retry_after": False}, None)]
)
def test_a_block_says_how_long_to_wait(palco: Palco, opcoes: dict[str, Any], espera: float | None) -> None:
    palco.opcoes(**opcoes)
    cliente = palco.emitente()
    nota = cliente.emitir(BASICA, chamadas=chamadas())
    for _ in range(2):
        consultar(cliente, nota)
    with pytest.raises(ProviderUnavailable) as erro:
        consultar(cliente, nota)
    assert (erro.value.bloqueio, erro.value.retry_after) == (True, espera)


def test_the_pace_of_one_chave_never_meets_the_block(palco: Palco) -> None:
    cliente = palco.emitente()
    nota = cliente.emitir(BASICA, chamadas=chamadas())
    for segundos in range(0, 210, 35):
        palco.agora(f"2026-11-21T10:{segundos // 60:02}:{segundos % 60:02}")
        assert consultar(cliente, nota) is not None


def test_the_old_token_dies_when_it_is_replaced(palco: Palco) -> None:
    cliente = palco.emitente()
    novo = palco.com_token(cliente.trocar_token(chamadas=chamadas()).token)
    assert novo.emitente(chamadas=chamadas()).documento == EMITENTE
    with pytest.raises(AccessDenied):
        cliente.emitente(chamadas=chamadas())


def test_a_certificate_is_sent_and_told(palco: Palco) -> None:
    cliente = palco.emitente()
    assert not cliente.certificado(chamadas=chamadas()).presente
    pfx = palco.controle.emitir_a1(
        cnpj=EMITENTE, nome="OFICINA MODELO", senha="1234", valido_de="2026-01-01", valido_ate="2027-01-01"
    )
    enviado = cliente.enviar_certificado(pfx, "1234", chamadas=chamadas())
    assert enviado.validade in (date(2026, 12, 31), date(2027, 1, 1))
    assert cliente.certificado(chamadas=chamadas()).validade == enviado.validade


def test_a_wrong_password_of_a_certificate_is_a_refusal_that_names_it(palco: Palco) -> None:
    cliente = palco.emitente()
    pfx = palco.controle.emitir_a1(
        cnpj=EMITENTE, nome="OFICINA MODELO", senha="1234", valido_de="2026-01-01", valido_ate="2027-01-01"
    )
    with pytest.raises(ProviderRefused) as erro:
        cliente.enviar_certificado(pfx, "errada", chamadas=chamadas())
    assert "senha: " in erro.value.texto


def test_an_emitente_is_registered_changed_shown_and_removed(palco: Palco) -> None:
    softhouse, documento = palco.softhouse(), cnpj(8)
    criado = softhouse.criar(
        CadastroEmitente(
            documento=documento,
            nome="Oficina Nova",
            razao="Oficina Nova Ltda",
            crt=1,
            cmun="4119905",
            uf="PR",
            senha_prefeitura="s3gredo",
            documentos={"nfse": True},
            rua="Rua das Acácias",
            numero="16",
            bairro="Centro",
            municipio="Ponta Grossa",
            cep="84010010",
        ),
        chamadas=chamadas(),
    )
    assert criado.token
    softhouse.atualizar(CadastroEmitente(documento=documento, nome="Oficina Renovada"), chamadas=chamadas())
    mostrado = softhouse.mostrar(documento, chamadas=chamadas())
    assert mostrado is not None
    assert (mostrado.nome, mostrado.token) == ("Oficina Renovada", criado.token)
    softhouse.remover(documento, chamadas=chamadas())
    assert softhouse.mostrar(documento, chamadas=chamadas()) is None


def test_received_notes_are_listed_and_downloaded(palco: Palco) -> None:
    cliente = palco.emitente()
    notas = {"emitente": EMITENTE, "notas": [{"prestador": "90000001000129", "emissao": "2026-11-05"}]}
    palco.controle.post("integranotas/recebidas", notas)
    (nota,) = cliente.recebidas(FiltroRecebidas(periodo=date(2026, 11, 1)), chamadas=chamadas()).notas
    assert cliente.baixar_recebida(nota.chave, chamadas=chamadas()).lstrip().startswith(b"<")
    assert cliente.eventos_recebidos(nota.chave, chamadas=chamadas()) == ()


def test_a_search_is_read_page_by_page(palco: Palco) -> None:
    palco.opcoes(busca_por_pagina=2)
    cliente = palco.emitente()
    for rps in (1, 2, 3):
        cliente.emitir(replace(BASICA, numero=rps), chamadas=chamadas())
    primeira = cliente.buscar(FiltroBusca(serie="1"), chamadas=chamadas())
    segunda = cliente.buscar(FiltroBusca(serie="1", pagina=2), chamadas=chamadas())
    assert (primeira.paginas, [nota.rps for nota in (*primeira.notas, *segunda.notas)]) == (2, [1, 2, 3])


def test_the_readings_that_change_nothing(palco: Palco) -> None:
    cliente = palco.emitente()
    nota = cliente.emitir(para("não responde até"), chamadas=chamadas())
    (pendente,) = cliente.offline(chamadas=chamadas()).notas
    assert (pendente.chave, pendente.estado) == (nota.chave, Estado.PROCESSANDO)
    assert cliente.info("4119905", chamadas=chamadas())["nome"]
    assert cliente.backup(2026, 10, chamadas=chamadas()).link == ""


@pytest.mark.parametrize(
    ("tipo", "motivo"),
    [
        ("correto", None),
        ("expirado", MotivoAssinatura.EXPIRADA),
        ("futuro", MotivoAssinatura.FUTURA),
        ("forjado", MotivoAssinatura.TOKEN),
    ],
)
def test_messages_of_the_webhook_are_told_apart(palco: Palco, tipo: str, motivo: MotivoAssinatura | None) -> None:
    palco.opcoes(aviso_relogio="sandbox", aviso_automatico=False)
    cliente = palco.emitente(webhook="http://127.0.0.1:9/avisos")
    nota = cliente.emitir(BASICA, chamadas=chamadas())
    pedido = {"emitente": EMITENTE, "tipo": tipo, "chave": nota.chave}
    enviado = palco.controle.post("integranotas/avisos/enviar", pedido).json()["corpo"]
    aviso = ler_aviso(json.dumps(enviado).encode())
    assert (aviso.documento, aviso.chave, aviso.de_nota) == (EMITENTE, nota.chave, True)
    agora = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)
    conferida = conferir_assinatura(aviso.assinatura, palco.conta["token"], agora)
    assert (conferida.motivo if isinstance(conferida, AssinaturaInvalida) else None) is motivo
