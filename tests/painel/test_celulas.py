"""What a cell of the grid says: the month of the MEI as its own list has it, and why notas and titles stopped."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comum.models import Usuario
from empresas.models import Carteira, Empresa, Regime
from guias.models import Consulta, Guia
from guias.services import mei, quadro_mei
from nfse.models import Nota
from operacoes.models import Operacao, Situacao
from pagar.models import Titulo
from painel.celulas import NAO_SE_APLICA, OBRIGACOES
from painel.linhas import Celula
from painel.templatetags.painel import celula
from tests.cast import criar_empresa
from tests.painel.test_inicio import inicio, totais
from tests.painel.test_painel import HOJE, OUT, Mes, estados

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adicional_216")]


@pytest.fixture
def mes(carteira: Carteira, bruno: Usuario) -> Mes:
    return Mes(carteira, bruno)


# -- the MEI -----------------------------------------------------------------------------------------------------------


def _resposta(mes: Mes, empresa: Empresa, servico: str, resposta: dict[str, Any]) -> None:
    operacao = mes.operacao(empresa, tipo=mei.DIVIDA)
    Consulta.objects.create(
        empresa=empresa, servico=servico, chave=str(OUT.year), resposta=resposta, operacao=operacao,
        consultada_em=timezone.now(),
    )  # fmt: skip


def _recusada(mes: Mes, numero: str, situacao: str = Situacao.RECUSADA) -> Empresa:
    empresa = mes.empresa(Regime.MEI)
    mes.operacao(empresa, situacao, tipo=mei.DAS, grupo=f"PGMEI-MSG_{numero}", mensagem=f"Dito {numero}.")
    return empresa


def _da_resposta(mes: Mes, servico: str, resposta: dict[str, Any]) -> Empresa:
    empresa = mes.empresa(Regime.MEI)
    _resposta(mes, empresa, servico, resposta)
    return empresa


def _com_guia(mes: Mes, **campos: Any) -> Empresa:
    return mes.guia(mes.empresa(Regime.MEI), Guia.Tipo.DAS_MEI, **campos).empresa


COMP = f"{OUT:%Y%m}"
BENEFICIO = {"meses": {COMP: {"marcado": True, "agrupado": ""}}}
MEIS: dict[str, tuple[Any, tuple[str, str, str]]] = {
    "duvida": (lambda mes: _recusada(mes, "1", Situacao.AGUARDA_PESSOA), ("mei_duvida", "espera", "espera")),
    "recusada": (lambda mes: _recusada(mes, "23016"), ("mei_recusada", "espera", "espera")),
    "sem_declaracao": (lambda mes: _recusada(mes, "23015"), ("mei_sem_declaracao", "espera", "espera")),
    "divida_ativa": (
        lambda mes: _da_resposta(mes, "PGMEI/DIVIDAATIVA24", {"debitos": [], "meses": [COMP]}),
        ("mei_divida_ativa", NAO_SE_APLICA, NAO_SE_APLICA),
    ),
    "vencida": (lambda mes: _com_guia(mes, limite=HOJE() - timedelta(days=2)), ("emitida", "falta", "vencida")),
    "sem_acesso": (
        lambda mes: criar_empresa(900, carteira=mes.carteira, regime=Regime.MEI),
        ("mei_sem_acesso", "espera", "espera"),
    ),
    "a_emitir": (lambda mes: mes.empresa(Regime.MEI), ("mei_a_emitir", "espera", "espera")),
    "andamento": (lambda mes: _recusada(mes, "2", Situacao.PENDENTE), ("mei_andamento", "espera", "espera")),
    "beneficio": (
        lambda mes: _da_resposta(mes, "PGMEI/ATUBENEFICIO23", BENEFICIO),
        ("mei_beneficio", NAO_SE_APLICA, NAO_SE_APLICA),
    ),
    "sem_das": (lambda mes: _recusada(mes, "23017"), ("mei_sem_das", NAO_SE_APLICA, NAO_SE_APLICA)),
    "emitida": (lambda mes: _com_guia(mes), ("emitida", "falta", "a_pagar")),
    "paga": (lambda mes: _recusada(mes, "23018"), ("mei_paga", "dispensada", "paga")),
}


def test_every_state_of_the_list_of_the_mei_has_its_cells(mes: Mes, bruno: Usuario) -> None:
    assert set(MEIS) == set(quadro_mei.ESTADOS)
    for estado, (criar, esperado) in MEIS.items():
        empresa = criar(mes)
        assert quadro_mei.quadro(bruno, OUT).get(pk=empresa.pk).estado == estado
        vistos = estados(bruno, empresa)
        assert tuple(vistos[nome] for nome in ("das", "entrega", "pagamento")) == esperado, estado


def test_a_guia_that_the_receita_has_as_paid_is_not_told_overdue(mes: Mes, bruno: Usuario) -> None:
    empresa = _com_guia(mes, limite=HOJE() - timedelta(days=2))
    mes.operacao(empresa, Situacao.RECUSADA, tipo=mei.DAS, grupo="Aviso-PGMEI-23018")
    vistos = estados(bruno, empresa)
    assert (vistos["das"], vistos["entrega"], vistos["pagamento"]) == ("emitida", "dispensada", "paga")


def test_the_totals_of_the_mei_open_its_list_with_as_many(client: Client, bruno: Usuario, mes: Mes) -> None:
    for criar, _ in MEIS.values():
        criar(mes)
    todas = totais(inicio(client, bruno))
    contas = {endereco: n for endereco, n in todas.items() if endereco.startswith(reverse("guias:mei"))}
    assert len(contas) == 7  # what needs somebody, what is to be done, what is under way
    for endereco, n in contas.items():
        assert f'data-total="{n}"' in client.get(endereco.replace("&amp;", "&")).content.decode(), endereco


def test_a_cell_of_the_mei_says_why_and_where(client: Client, bruno: Usuario, mes: Mes) -> None:
    recusada = _recusada(mes, "23016")
    a_emitir, sem_acesso = mes.empresa(Regime.MEI), criar_empresa(900, carteira=mes.carteira, regime=Regime.MEI)
    pagina = inicio(client, bruno)
    assert "Dito 23016." in pagina
    ver = reverse("operacoes:ver", args=[Operacao.objects.get(empresa=recusada).pk])
    assert f'<a href="{ver}">Ver operação</a>' in pagina
    assert f'<a href="{reverse("guias:mei")}?q={a_emitir.documento}">Emitir</a>' in pagina
    assert sem_acesso.razao_social in pagina
    assert f'<a href="{reverse("janela:abrir")}">Abrir a janela</a>' in pagina


def test_an_answer_about_a_mei_shows_at_once(mes: Mes, bruno: Usuario) -> None:
    empresa = mes.empresa(Regime.MEI)
    assert estados(bruno, empresa)["das"] == "mei_a_emitir"
    operacao = mes.operacao(empresa, tipo=mei.DIVIDA)
    assert estados(bruno, empresa)["das"] == "mei_a_emitir"
    Consulta.objects.create(
        empresa=empresa, servico="PGMEI/ATUBENEFICIO23", chave=str(OUT.year), resposta=BENEFICIO, operacao=operacao,
        consultada_em=timezone.now(),
    )  # fmt: skip
    assert estados(bruno, empresa)["das"] == "mei_beneficio"


# -- why notas and titles stopped --------------------------------------------------------------------------------------


def test_a_refused_nota_says_why(client: Client, bruno: Usuario, mes: Mes) -> None:
    nota = mes.nota(mes.empresa(), Nota.Situacao.RECUSADA)
    nota.operacao = mes.operacao(nota.empresa, Situacao.RECUSADA, tipo="nfse.x", mensagem="Alíquota diferente.")
    Nota.objects.filter(pk=nota.pk).update(operacao=nota.operacao)
    assert "1 nota: Alíquota diferente." in inicio(client, bruno)


def test_a_nota_in_doubt_says_what_is_asked(client: Client, bruno: Usuario, mes: Mes) -> None:
    nota = mes.nota(mes.empresa(), Nota.Situacao.EMITINDO)
    mes.operacao(
        nota.empresa, Situacao.AGUARDA_PESSOA, tipo="nfse.x", pedido={"nota": nota.pk}, mensagem="A prefeitura não diz."
    )
    assert "A prefeitura não diz." in inicio(client, bruno)


def test_a_title_says_why_it_needs_somebody(client: Client, bruno: Usuario, mes: Mes) -> None:
    situacao = Titulo.Situacao
    mes.titulo(mes.empresa(), situacao.RECUSADO, mensagem="Fornecedor bloqueado no ERP.")
    mes.titulo(mes.empresa(), situacao.ABERTO, aviso="O saldo no ERP é outro.")
    mes.titulo(mes.empresa(), situacao.ABERTO, barras=Titulo.Barras.PENDENTE, codigo_barras="8" * 44)
    em_duvida = mes.titulo(mes.empresa(), situacao.ENVIANDO)
    ato = mes.operacao(
        em_duvida.empresa, Situacao.AGUARDA_PESSOA, tipo="pagar.x", pedido={"titulo": em_duvida.pk},
        mensagem="Veja no ERP se foi implantado.",
    )  # fmt: skip
    Titulo.objects.filter(pk=em_duvida.pk).update(em_curso=ato)
    pagina = inicio(client, bruno)
    for dito in (
        "Fornecedor bloqueado no ERP.",
        "O saldo no ERP é outro.",
        "Código de barras pendente no ERP.",
        "Veja no ERP se foi implantado.",
    ):
        assert dito in pagina


def test_the_words_about_titles_of_others_are_not_read(
    client: Client, bruno: Usuario, mes: Mes, outra_carteira: Carteira
) -> None:
    meu = mes.titulo(mes.empresa(), Titulo.Situacao.ENVIANDO)
    mes.carteira = outra_carteira
    alheio = mes.titulo(mes.empresa(), Titulo.Situacao.ENVIANDO)
    ato = mes.operacao(
        None, Situacao.AGUARDA_PESSOA, tipo="pagar.x", pedido={"titulos": [meu.pk, alheio.pk]},
        mensagem="Falta o da outra.", empresas=[meu.empresa_id, alheio.empresa_id],
    )  # fmt: skip
    Titulo.objects.update(em_curso=ato)
    assert estados(bruno, meu.empresa)["titulo"] == "duvida"
    assert "Falta o da outra." not in inicio(client, bruno)


def test_reasons_take_a_fixed_number_of_queries(client: Client, bruno: Usuario, mes: Mes) -> None:
    def criar() -> None:
        _recusada(mes, "23016")
        mes.nota(mes.empresa(), Nota.Situacao.RECUSADA)
        mes.titulo(mes.empresa(), Titulo.Situacao.RECUSADO, mensagem="Não.")

    def quantas() -> int:
        inicio(client, bruno)
        with CaptureQueriesContext(connection) as vistas:
            client.get("/", headers={"HX-Request": "true"})
        return len(vistas)

    criar()
    poucas = quantas()
    for _ in range(5):
        criar()
    assert quantas() == poucas


def test_a_quiet_cell_keeps_its_sign_with_the_first_word(mes: Mes) -> None:
    estado = OBRIGACOES["das"].estados[NAO_SE_APLICA]
    desenhada = celula(Celula("DAS", estado.rotulo, estado.tom, estado.grau))
    assert '<span class="text-nowrap"><span aria-hidden="true">–</span> não</span> se aplica</td>' in desenhada
