"""The grid: the state of each obligation in every situation, its filters and totals, and what each person sees."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comum.contagens import _TABELA
from comum.models import Usuario
from credentials.models import Servico
from empresas.models import Carteira, Empresa, Regime
from guias.models import Apuracao, Entrega, Guia
from guias.services import mei
from nfse.models import Nota, TipoCanal
from operacoes.models import Classe, Efeito, Operacao, Situacao
from pagar.models import Titulo
from painel.celulas import NAO_SE_APLICA, NOMES, OBRIGACOES
from painel.leitura import fotografia
from painel.partes import TABELAS
from tests.cast import criar_empresa
from tests.guias.apoio import credencial_falsa, vincular
from tests.nfse.apoio import criar_canal, criar_nota
from tests.nfse.fabrica import criar_contrato
from tests.pagar import fabricas
from tests.painel.test_inicio import inicio, totais

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adicional_216")]

OUT = date(2026, 10, 1)
HOJE = timezone.localdate


class Mes:
    """What is on record of one carteira in 10/2026, empresa by empresa."""

    def __init__(self, carteira: Carteira, usuario: Usuario) -> None:
        self.carteira, self.usuario = carteira, usuario
        self.quantas = self.operacoes = self.titulos = 0
        self.credencial = credencial_falsa()
        self.fornecedor: Any = None

    def empresa(self, regime: str = Regime.SIMPLES, **campos: Any) -> Empresa:
        self.quantas += 1
        empresa = criar_empresa(self.quantas, carteira=self.carteira, regime=regime, **campos)
        vincular(empresa, self.credencial, self.usuario, *([Servico.MEI] if regime == Regime.MEI else []))
        return empresa

    def operacao(self, empresa: Empresa | None, situacao: str = Situacao.CONCLUIDA, **campos: Any) -> Operacao:
        self.operacoes += 1
        return Operacao.objects.create(
            chave=f"mes:{self.operacoes}",
            acesso="credencial:1",
            balde="x",
            servico="integra_contador",
            efeito=Efeito.DOCUMENTO,
            classe=Classe.EMISSAO,
            situacao=situacao,
            encerrada_em=timezone.now() if situacao in (Situacao.CONCLUIDA, Situacao.RECUSADA) else None,
            empresa=empresa,
            usuario=self.usuario,
            competencia=OUT,
            **{"tipo": "guias.outra", "pedido": {}} | campos,
        )

    def declarada(self, empresa: Empresa) -> Apuracao:
        return Apuracao.objects.create(
            empresa=empresa,
            competencia=OUT,
            situacao="transmitida",
            id_declaracao=str(empresa.pk).zfill(17),
            receita_total=Decimal(1000),
            total_declarado=Decimal(40),
            transmitida_em=timezone.now(),
        )

    def guia(self, empresa: Empresa, tipo: str = Guia.Tipo.DAS, **campos: Any) -> Guia:
        apuracao = self.declarada(empresa) if tipo == Guia.Tipo.DAS else None
        operacao = self.operacao(empresa)
        padrao: dict[str, Any] = {
            "divida": mei.divida(empresa.pk, OUT) if tipo == Guia.Tipo.DAS_MEI else f"teste:{operacao.pk}",
            "limite": HOJE() + timedelta(days=3),
            "total": Decimal(40),
        }
        return Guia.objects.create(
            tipo=tipo,
            empresa=empresa,
            apuracao=apuracao,
            competencia=OUT,
            numero=f"g{operacao.pk}",
            vencimento=date(2026, 11, 23),
            principal=Decimal(40),
            multa=0,
            juros=0,
            operacao=operacao,
            **padrao | campos,
        )

    def nota(self, empresa: Empresa, situacao: str) -> Nota:
        canal = empresa.canais.first() or criar_canal(empresa, TipoCanal.INTEGRANOTAS)
        tomador = empresa.tomadores.first() or criar_contrato(empresa, ativo=False).tomador
        nota = criar_nota(canal, self.usuario, tomador)
        Nota.objects.filter(pk=nota.pk).update(situacao=situacao, canal=canal, numero_nfse="9" if situacao else "")
        return nota

    def titulo(self, empresa: Empresa, situacao: str, **campos: Any) -> Titulo:
        self.fornecedor = self.fornecedor or fabricas.fornecedor(fabricas.conta())
        self.titulos += 1
        return fabricas.titulo(
            empresa, self.fornecedor, numero=str(self.titulos), competencia=OUT, situacao=situacao, **campos
        )


@pytest.fixture
def mes(carteira: Carteira, bruno: Usuario) -> Mes:
    return Mes(carteira, bruno)


def estados(usuario: Usuario, empresa: Empresa) -> dict[str, str]:
    combo = fotografia(usuario, OUT, None).de(empresa.pk)
    assert combo is not None
    return dict(zip(NOMES, combo[1:], strict=True))


def test_the_simples_waits_step_by_step(mes: Mes, bruno: Usuario) -> None:
    fabricas.conta()
    assert estados(bruno, mes.empresa()) == {
        "receita": "falta",
        "apuracao": "espera",
        "transmissao": "espera",
        "das": "espera",
        "entrega": "espera",
        "pagamento": "espera",
        "nota": NAO_SE_APLICA,
        "titulo": "espera",
    }
    declarada = mes.empresa()
    mes.declarada(declarada)
    vistos = estados(bruno, declarada)
    assert [vistos[nome] for nome in NOMES[:5]] == ["informada", "conferida", "transmitida", "a_emitir", "espera"]


def test_of_the_mei_only_the_guia_is_asked(mes: Mes, bruno: Usuario) -> None:
    sem, com = mes.empresa(Regime.MEI), mes.empresa(Regime.MEI)
    mes.guia(com, Guia.Tipo.DAS_MEI)
    esperado = dict.fromkeys(NOMES, NAO_SE_APLICA)
    assert estados(bruno, sem) == esperado | {"das": "mei_a_emitir", "entrega": "espera", "pagamento": "espera"}
    assert estados(bruno, com) == esperado | {"das": "emitida", "entrega": "falta", "pagamento": "a_pagar"}


@pytest.mark.parametrize("regime", [Regime.PRESUMIDO, Regime.REAL, Regime.OUTRO])
def test_of_the_other_regimes_what_there_is(mes: Mes, bruno: Usuario, regime: str) -> None:
    nada, com = mes.empresa(regime), mes.empresa(regime)
    mes.guia(com, Guia.Tipo.DARF, receita="0190-01")
    assert set(estados(bruno, nada).values()) == {NAO_SE_APLICA}
    assert estados(bruno, com)["das"] == "emitida"


def test_a_filial_has_a_row_only_for_what_is_its_own(mes: Mes, bruno: Usuario) -> None:
    matriz = mes.empresa()
    filial = criar_empresa(90, carteira=mes.carteira, documento="90000001000269")
    Empresa.objects.filter(pk=filial.pk).update(matriz=matriz)
    foto = fotografia(bruno, OUT, None)
    assert foto.de(filial.pk) is None
    assert foto.fora == [filial.pk]
    mes.nota(filial, Nota.Situacao.AUTORIZADA)
    assert estados(bruno, filial) == dict.fromkeys(NOMES, NAO_SE_APLICA) | {"nota": "emitida"}


def _entrega(mes: Mes, guia: Guia, situacao: str = Situacao.CONCLUIDA, **campos: Any) -> None:
    Entrega.objects.create(
        guia=guia, para="cliente@empresa.example", operacao=mes.operacao(guia.empresa, situacao), **campos
    )


def _das_guias(mes: Mes) -> dict[str, Callable[[], Guia]]:
    agora, ontem = timezone.now(), HOJE() - timedelta(days=1)
    paga: dict[str, Any] = {"paga_em": ontem, "valor_pago": Decimal(40)}

    def entregue(situacao: str = Situacao.CONCLUIDA, *, paga_em: bool = False, **campos: Any) -> Guia:
        guia = mes.guia(mes.empresa(), **(paga if paga_em else {}))
        _entrega(mes, guia, situacao, **campos)
        return guia

    return {
        "falta a_pagar": lambda: mes.guia(mes.empresa()),
        "falta vencida": lambda: mes.guia(mes.empresa(), limite=ontem),
        "dispensada paga": lambda: mes.guia(mes.empresa(), **paga),
        "enviando a_pagar": lambda: entregue(Situacao.PENDENTE),
        "nao_entregue a_pagar": lambda: entregue(Situacao.RECUSADA),
        "enviada a_pagar": lambda: entregue(enviada_em=agora),
        "lida a_pagar": lambda: entregue(enviada_em=agora, lida_em=agora),
        "lida paga": lambda: entregue(paga_em=True, enviada_em=agora, lida_em=agora),
    }


def test_delivery_and_payment_of_a_guia(mes: Mes, bruno: Usuario) -> None:
    for esperado, criar in _das_guias(mes).items():
        vistos = estados(bruno, criar().empresa)
        assert f"{vistos['entrega']} {vistos['pagamento']}" == esperado
        assert vistos["das"] == "emitida"
    com_problema = mes.guia(mes.empresa(), problema="O valor do PDF é outro.")
    assert estados(bruno, com_problema.empresa)["das"] == "problema"


def test_a_copy_that_was_drawn_again_asks_for_nothing(mes: Mes, bruno: Usuario) -> None:
    primeira = mes.guia(mes.empresa(), limite=HOJE() - timedelta(days=9))
    segunda = mes.operacao(primeira.empresa)
    Guia.objects.create(
        tipo=Guia.Tipo.DAS,
        empresa=primeira.empresa,
        apuracao=primeira.apuracao,
        divida=primeira.divida,
        via=2,
        competencia=OUT,
        numero=f"g{segunda.pk}",
        vencimento=primeira.vencimento,
        limite=HOJE(),
        principal=40,
        multa=0,
        juros=0,
        total=41,
        operacao=segunda,
    )
    assert estados(bruno, primeira.empresa)["pagamento"] == "a_pagar"
    contas = fotografia(bruno, OUT, None).guias
    assert (contas.que_contam, contas.total, contas.entrega["falta"]) == (1, Decimal(41), 1)


def test_the_total_of_guias_opens_as_many_as_it_counts(client: Client, mes: Mes, bruno: Usuario) -> None:
    primeira = mes.guia(mes.empresa())
    mes.guia(mes.empresa())
    segunda = mes.operacao(primeira.empresa)
    copia = {c.attname: getattr(primeira, c.attname) for c in Guia._meta.concrete_fields if not c.primary_key}
    Guia.objects.create(**copia | {"via": 2, "numero": "2", "operacao_id": segunda.pk})
    pagina = inicio(client, bruno)
    assert '?situacao=sem_substituidas">2<span class="visually-hidden"> guias: ver quais' in pagina
    lista = client.get(reverse("guias:lista") + "?situacao=sem_substituidas").context["lista"]
    assert (lista.total, len(lista.pagina)) == (2, 2)


def test_a_guia_of_which_the_first_copy_was_paid_is_paid(client: Client, mes: Mes, bruno: Usuario) -> None:
    ontem = HOJE() - timedelta(days=1)
    primeira = mes.guia(mes.empresa(), paga_em=ontem, valor_pago=Decimal(40))
    segunda = mes.operacao(primeira.empresa)
    copia = {c.attname: getattr(primeira, c.attname) for c in Guia._meta.concrete_fields if not c.primary_key}
    Guia.objects.create(
        **copia | {"via": 2, "numero": "2", "operacao_id": segunda.pk, "paga_em": None, "valor_pago": None}
    )
    vistos = estados(bruno, primeira.empresa)
    assert (vistos["entrega"], vistos["pagamento"]) == ("dispensada", "paga")
    assert f"em {ontem:%d/%m/%Y}" in inicio(client, bruno)
    contas = fotografia(bruno, OUT, None).guias
    assert (contas.que_contam, contas.total, contas.pago, contas.entrega["falta"]) == (1, Decimal(40), Decimal(40), 0)


def test_notas(mes: Mes, bruno: Usuario) -> None:
    situacao = Nota.Situacao
    for qual, esperado in (
        (situacao.AUTORIZADA, "emitida"),
        (situacao.RASCUNHO, "a_emitir"),
        (situacao.RECUSADA, "recusada"),
        (situacao.EMITINDO, "em_andamento"),
        (situacao.ABANDONADA, NAO_SE_APLICA),
    ):
        assert estados(bruno, mes.nota(mes.empresa(), qual).empresa)["nota"] == esperado, qual
    com_contrato = mes.empresa()
    criar_contrato(com_contrato)
    assert estados(bruno, com_contrato)["nota"] == "a_emitir"
    parada = mes.nota(mes.empresa(), situacao.EMITINDO)
    pedido = {"nota": parada.pk}
    mes.operacao(parada.empresa, Situacao.AGUARDA_PESSOA, tipo="nfse.integranotas.emitir", pedido=pedido)
    assert estados(bruno, parada.empresa)["nota"] == "duvida"


def test_titulos(mes: Mes, bruno: Usuario) -> None:
    situacao = Titulo.Situacao
    for qual, esperado in (
        (situacao.RASCUNHO, "a_enviar"),
        (situacao.ENVIANDO, "enviando"),
        (situacao.RECUSADO, "recusado"),
        (situacao.ABERTO, "em_aberto"),
        (situacao.LIQUIDADO, "liquidado"),
        (situacao.ABANDONADO, "espera"),
    ):
        assert estados(bruno, mes.titulo(mes.empresa(), qual).empresa)["titulo"] == esperado, qual
    assert estados(bruno, mes.titulo(mes.empresa(), situacao.ABERTO, aviso="Veja.").empresa)["titulo"] == "com_aviso"
    guia = mes.guia(mes.empresa())
    assert estados(bruno, guia.empresa)["titulo"] == "a_gerar"
    mes.titulo(guia.empresa, situacao.LIQUIDADO, guia=guia)
    assert estados(bruno, guia.empresa)["titulo"] == "liquidado"


def test_without_an_account_of_the_erp_no_title_is_asked(mes: Mes, bruno: Usuario) -> None:
    assert estados(bruno, mes.guia(mes.empresa()).empresa)["titulo"] == NAO_SE_APLICA


@pytest.fixture
def de_tudo(mes: Mes, outra_carteira: Carteira) -> Mes:
    """Some empresa in almost every state, and as much again in a carteira that bruno does not have."""
    for alheia in (False, True):
        mes.carteira = outra_carteira if alheia else mes.carteira
        for criar in _das_guias(mes).values():
            criar()
        for situacao in (Nota.Situacao.AUTORIZADA, Nota.Situacao.RECUSADA, Nota.Situacao.RASCUNHO):
            mes.nota(mes.empresa(), situacao)
        for situacao_do_titulo in (Titulo.Situacao.RASCUNHO, Titulo.Situacao.RECUSADO, Titulo.Situacao.ABERTO):
            mes.titulo(mes.empresa(Regime.PRESUMIDO), situacao_do_titulo)
        criar_contrato(mes.empresa(Regime.MEI))
        mes.declarada(mes.empresa())
        mes.guia(mes.empresa(), problema="O valor do PDF é outro.")
        Apuracao.objects.create(empresa=mes.empresa(), competencia=OUT, receita_total=Decimal(1000))
    return mes


def test_each_total_opens_a_list_of_as_many(client: Client, bruno: Usuario, de_tudo: Mes) -> None:
    contas = totais(inicio(client, bruno))
    assert {endereco.split("?")[0] for endereco in contas} == {
        reverse(nome)
        for nome in (
            "inicio", "guias:apuracao", "guias:mei", "guias:lista", "nfse:notas", "nfse:contratos_gerar",
            "pagar:das_guias", "pagar:titulos",
        )
    }  # fmt: skip
    for endereco, n in contas.items():
        achado = re.search(r'data-total="(\d+)"', client.get(endereco).content.decode())
        assert achado is not None, endereco
        assert int(achado[1]) == n > 0, endereco


def test_each_filter_shows_the_empresas_in_that_state(
    client: Client, bruno: Usuario, de_tudo: Mes, monkeypatch: pytest.MonkeyPatch
) -> None:
    foto = fotografia(bruno, OUT, None)
    inicio(client, bruno)
    monkeypatch.setattr("painel.views.fotografia", lambda *_: foto)  # nothing is kept inside a transaction that wrote
    for nome, obrigacao in OBRIGACOES.items():
        for valor in obrigacao.estados:
            lista = client.get("/", {nome: valor}, headers={"HX-Request": "true"}).context["lista"]
            esperado = {pk for pk, combo in foto.todas() if combo[1 + NOMES.index(nome)] == valor}
            assert {empresa.pk for empresa in lista.pagina} == esperado, (nome, valor)
            assert lista.total == len(esperado)


@pytest.mark.parametrize("filtro", ["?estado=precisa", "?regime=mei", "?q=0004", "?ordem=-das", "?ordem=pagamento"])
def test_no_filter_shows_another_carteira(client: Client, bruno: Usuario, de_tudo: Mes, filtro: str) -> None:
    inicio(client, bruno)
    lista = client.get(f"/{filtro}", headers={"HX-Request": "true"}).context["lista"]
    assert lista.total > 0
    assert not [e for e in lista.consulta if e.carteira.nome == "Fiscal B"]


def test_what_needs_somebody_comes_first(client: Client, bruno: Usuario, mes: Mes) -> None:
    pronta = mes.empresa(Regime.REAL)
    a_pagar, sem_receita = mes.guia(mes.empresa(Regime.REAL), Guia.Tipo.DARF).empresa, mes.empresa()
    inicio(client, bruno)
    assert list(client.get("/").context["lista"].pagina) == [sem_receita, a_pagar, pronta]
    assert list(client.get("/?ordem=empresa").context["lista"].pagina) == [pronta, a_pagar, sem_receita]


def test_carteira_filter_of_the_administrador(client: Client, ana: Usuario, de_tudo: Mes) -> None:
    inicio(client, ana)
    for carteira in Carteira.objects.all():
        lista = client.get("/", {"carteira": carteira.pk}).context["lista"]
        assert lista.total == Empresa.objects.filter(carteira=carteira).count() > 0


def test_the_file_has_every_state_in_words(client: Client, bruno: Usuario, de_tudo: Mes) -> None:
    inicio(client, bruno)
    resposta = client.get(reverse("painel_exportar"), {"formato": "csv", "das": "mei_a_emitir"})
    linhas = b"".join(resposta.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    rotulos = [obrigacao.rotulo for obrigacao in OBRIGACOES.values()]
    assert [coluna.strip('"') for coluna in linhas[0].split(";")[5:]] == rotulos
    assert len(linhas) == 2
    assert "MEI" in linhas[1]
    assert "DAS-MEI a emitir" in linhas[1]
    assert "Não se aplica" in linhas[1]


def test_each_cell_leads_where_it_is_mended(client: Client, bruno: Usuario, mes: Mes) -> None:
    sem_receita = mes.empresa()
    vencida = mes.guia(mes.empresa(), limite=HOJE() - timedelta(days=2))
    recusada = mes.nota(mes.empresa(), Nota.Situacao.RECUSADA)
    pagina = inicio(client, bruno)
    for endereco, texto in (
        (f"{reverse('guias:receitas')}?q={sem_receita.documento}", "Informar"),
        (f"{reverse('guias:lista')}?q={vencida.numero}", "2ª via"),
        (f"{reverse('nfse:notas')}?empresa={recusada.empresa_id}&amp;situacao=recusada", "Corrigir"),
    ):
        assert f'<a href="{endereco}">{texto}</a>' in pagina
    assert "venceu há 2 dias" in pagina


def test_the_fine_at_risk_is_an_estimate_that_says_so(client: Client, bruno: Usuario, mes: Mes) -> None:
    """One without receita, at the minimum; one of R$ 40.000,00, at 2 % for each month begun; the transmitted none."""
    mes.empresa()
    Apuracao.objects.create(empresa=mes.empresa(), competencia=OUT, total_calculado=Decimal(40000))
    mes.declarada(mes.empresa())
    risco = fotografia(bruno, OUT, None).risco
    assert (risco.empresas, risco.sem_valor) == (2, 1)
    assert risco.valor == 50 + 800 * risco.meses
    assert "estimativa bruta" in inicio(client, bruno)


def test_every_table_that_is_read_is_watched(bruno: Usuario, mes: Mes) -> None:
    """What is kept is thrown away when any of them is written: one forgotten would show an old month."""
    mes.titulo(mes.empresa(), Titulo.Situacao.ABERTO)
    with CaptureQueriesContext(connection) as capturadas:
        fotografia(bruno, OUT, None)
    lidas = {tabela for consulta in capturadas for tabela in _TABELA.findall(consulta["sql"])}
    assert {"guias_guia", "guias_consulta"} <= lidas
    na_chave = {
        "operacoes_pausa", "credentials_credencial", "credentials_certificadoa1", "pagar_contaerp",
        "pagar_itempagamento", "empresas_feriado", "empresas_prorrogacaovencimento", "empresas_carteira_usuarios",
    }  # fmt: skip
    assert {tabela for tabela in lidas - na_chave if not tabela.startswith("versao_")} <= TABELAS


def test_the_chart_adds_up_to_the_month(client: Client, bruno: Usuario, mes: Mes) -> None:
    paga: dict[str, Any] = {"paga_em": date(2026, 11, 10), "valor_pago": Decimal(40)}
    mes.guia(mes.empresa(), **paga)
    mes.guia(mes.empresa())
    mes.declarada(mes.empresa())
    Apuracao.objects.update(transmitida_em="2026-11-05T15:00:00Z")
    Guia.objects.update(emitida_em="2026-11-06T15:00:00Z")
    inicio(client, bruno)
    grafico = client.get("/").context["quadro"].grafico
    por_dia = dict(grafico.tabela)
    assert por_dia[date(2026, 11, 1)] == [0, 0, 0]
    assert por_dia[date(2026, 11, 5)] == [3, 0, 0]
    assert por_dia[date(2026, 11, 6)] == [3, 2, 0]
    assert por_dia[date(2026, 11, 10)] == [3, 2, 1]
