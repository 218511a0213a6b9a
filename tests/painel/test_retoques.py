"""The photograph brought up to date is the one that would be taken now."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comum.models import Usuario
from credentials.models import Vinculo
from empresas.models import Carteira, Empresa, Regime, RegimeEmpresa
from guias.models import Apuracao, Consulta, Entrega, Guia, Procuracao
from guias.services.mei import TIPOS_DO_DAS
from nfse.models import Contrato, Nota
from operacoes.models import Operacao, Situacao
from pagar.models import Titulo
from painel import leitura as modulo
from painel.leitura import _Leitura, fotografia
from painel.partes import TABELAS
from tests.cast import cnpj_valido, criar_empresa
from tests.nfse.fabrica import criar_contrato
from tests.painel.test_painel import OUT, Mes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("adicional_216")]

HOJE = timezone.localdate


@pytest.fixture
def mes(carteira: Carteira, bruno: Usuario) -> Mes:
    """A month with somebody in every part of it."""
    mes = Mes(carteira, bruno)
    for _ in range(3):
        mes.empresa()
    mes.guia(mes.empresa())
    mes.declarada(mes.empresa())
    Apuracao.objects.create(empresa=mes.empresa(), competencia=OUT, total_calculado=Decimal(40000))
    mes.guia(mes.empresa(Regime.MEI), Guia.Tipo.DAS_MEI)
    mes.empresa(Regime.MEI)
    mes.guia(mes.empresa(Regime.PRESUMIDO), Guia.Tipo.DARF)
    mes.nota(mes.empresa(Regime.REAL), Nota.Situacao.AUTORIZADA)
    mes.nota(mes.empresa(), Nota.Situacao.RASCUNHO)
    mes.titulo(mes.empresa(), Titulo.Situacao.ABERTO)
    criar_contrato(mes.empresa())
    guia = Guia.objects.earliest("pk")
    envio = mes.operacao(guia.empresa, Situacao.PENDENTE, tipo="guias.entrega.enviar")
    Entrega.objects.create(guia=guia, para="outro@cliente.example", operacao=envio)
    return mes


def dita(foto: Any) -> dict[str, Any]:
    return {
        "empresas": dict(foto.todas()),
        "fora": foto.fora,
        "risco": foto.risco,
        "guias": {nome: +valor if hasattr(valor, "elements") else valor for nome, valor in vars(foto.guias).items()},
        "sem_titulo": foto.sem_titulo,
        "transmitidas": foto.transmitidas_no_dia,
        "simples": foto.simples,
        "mei": foto.mei,
        "estados": {nome: +contagem for nome, contagem in foto.por_estado.items()},
    }


def de(empresas: Any, n: int) -> Empresa:
    return empresas.order_by("pk")[n]  # type: ignore[no-any-return]


def simples() -> Any:
    return Empresa.objects.filter(regime=Regime.SIMPLES)


def _operacao_que_muda(mes: Mes) -> None:
    apuracao = Apuracao.objects.get(total_calculado=40000)
    pedido = {"versao": apuracao.versao}
    operacao = mes.operacao(apuracao.empresa, Situacao.PENDENTE, tipo="guias.pgdasd.simular", pedido=pedido)
    Operacao.objects.filter(pk=operacao.pk).update(situacao=Situacao.AGUARDA_PESSOA)


def _nota_em_duvida(mes: Mes) -> None:
    """The operação is of no month and of no empresa: what it is about is told by its pedido."""
    nota = Nota.objects.latest("pk")
    Nota.objects.filter(pk=nota.pk).update(situacao=Nota.Situacao.EMITINDO)
    operacao = mes.operacao(None, Situacao.AGUARDA_PESSOA, tipo="nfse.emitir", pedido={"nota": nota.pk})
    Operacao.objects.filter(pk=operacao.pk).update(competencia=None)


def _titulo_em_duvida(mes: Mes) -> None:
    mes.operacao(None, Situacao.AGUARDA_PESSOA, tipo="pagar.implantar", pedido={"titulos": [Titulo.objects.get().pk]})


def _entrega(mes: Mes) -> None:
    guia = Guia.objects.get(tipo=Guia.Tipo.DARF)
    Entrega.objects.create(guia=guia, para="um@cliente.example", enviada_em=timezone.now())


def _segunda_via(mes: Mes) -> None:
    primeira = Guia.objects.get(tipo=Guia.Tipo.DARF)
    mes.guia(primeira.empresa, Guia.Tipo.DARF, divida=primeira.divida, via=2)


def _procuracao_negada(mes: Mes) -> None:
    Apuracao.objects.filter(empresa=de(simples(), 2)).update(receita_total=Decimal(10))
    empresa = Apuracao.objects.filter(situacao="transmitida").latest("pk").empresa
    vinculo = Vinculo.objects.get(empresa=empresa)
    Procuracao.objects.create(
        empresa=empresa, credencial=vinculo.credencial, outorgado=vinculo.credencial.contratante,
        consultada_em=timezone.now(),
    )  # fmt: skip


def _divida_ativa(mes: Mes) -> None:
    empresa = Empresa.objects.filter(regime=Regime.MEI).latest("pk")
    Consulta.objects.create(
        empresa=empresa, servico="PGMEI/DIVIDAATIVA24", chave="2026", resposta={"meses": ["202610"]},
        consultada_em=timezone.now(), operacao=mes.operacao(empresa),
    )  # fmt: skip


def _filial(mes: Mes) -> None:
    matriz = de(simples(), 0)
    filial = criar_empresa(90, carteira=mes.carteira, documento=cnpj_valido(1)[:8] + "000269")
    Empresa.objects.filter(pk=filial.pk).update(matriz=matriz)


MUDANCAS: dict[str, Callable[[Mes], Any]] = {
    "an empresa comes": lambda mes: mes.empresa(),
    "an empresa goes": lambda mes: Empresa.objects.filter(pk=de(simples(), 3).pk).update(ativa=False),
    "an empresa goes to a carteira of others": lambda mes: Empresa.objects.filter(pk=de(simples(), 3).pk).update(
        carteira=Carteira.objects.create(nome="De outros")
    ),
    "a filial": _filial,
    "another regime": lambda mes: RegimeEmpresa.objects.create(
        empresa=de(simples(), 0), regime=Regime.MEI, desde=date(2026, 1, 1)
    ),
    "a vínculo less": lambda mes: Vinculo.objects.filter(empresa__in=Empresa.objects.all()[:9]).delete(),
    "a vínculo that says less": lambda mes: Vinculo.objects.filter(empresa__apuracoes__situacao="transmitida").update(
        servicos=[]
    ),
    "a procuração that is not in force": _procuracao_negada,
    "receitas": lambda mes: Apuracao.objects.create(
        empresa=de(simples(), 1), competencia=OUT, receita_total=Decimal(500), total_calculado=Decimal(90000)
    ),
    "declared": lambda mes: mes.declarada(de(simples(), 1)),
    "an operação": _operacao_que_muda,
    "a guia": lambda mes: mes.guia(de(simples(), 1)),
    "a DAS-MEI": lambda mes: mes.guia(Empresa.objects.filter(regime=Regime.MEI).latest("pk"), Guia.Tipo.DAS_MEI),
    "paid": lambda mes: Guia.objects.filter(tipo=Guia.Tipo.DAS).update(paga_em=date(2026, 11, 5), valor_pago=40),
    "overdue": lambda mes: Guia.objects.update(limite=HOJE() - timedelta(days=1)),
    "a copy that replaces": _segunda_via,
    "a wrong PDF": lambda mes: Guia.objects.filter(tipo=Guia.Tipo.DAS).update(problema="O valor não confere."),
    "an entrega": _entrega,
    "dívida ativa": _divida_ativa,
    "a contrato": lambda mes: criar_contrato(de(simples(), 1)),
    "a contrato of another": lambda mes: Contrato.objects.update(empresa=de(simples(), 2)),
    "a nota refused": lambda mes: Nota.objects.filter(pk=Nota.objects.latest("pk").pk).update(situacao="recusada"),
    "a draft of another month": lambda mes: Nota.objects.filter(situacao="rascunho").update(
        competencia=date(2026, 11, 1)
    ),
    "a sending refused": lambda mes: Operacao.objects.filter(tipo="guias.entrega.enviar").update(
        situacao=Situacao.RECUSADA, encerrada_em=timezone.now()
    ),
    "an operação of a DAS-MEI": lambda mes: mes.operacao(
        Empresa.objects.filter(regime=Regime.MEI).latest("pk"), Situacao.PENDENTE, tipo=TIPOS_DO_DAS[0]
    ),
    "an entrega taken back": lambda mes: Entrega.objects.all().delete(),
    "a nota in doubt": _nota_em_duvida,
    "a título": lambda mes: mes.titulo(Guia.objects.latest("pk").empresa, "rascunho", guia=Guia.objects.latest("pk")),
    "a título in doubt": _titulo_em_duvida,
    "títulos paid": lambda mes: Titulo.objects.update(situacao=Titulo.Situacao.LIQUIDADO),
}


@pytest.mark.parametrize("nome", MUDANCAS)
def test_it_is_what_would_be_read_now(nome: str, mes: Mes, bruno: Usuario, monkeypatch: pytest.MonkeyPatch) -> None:
    antes = dita(fotografia(bruno, OUT, None))
    inteira = _Leitura.revelar
    vezes: list[_Leitura] = []

    def revelar(self: _Leitura) -> Any:
        vezes.append(self)
        return inteira(self)

    monkeypatch.setattr(_Leitura, "revelar", revelar)
    MUDANCAS[nome](mes)
    retocada = fotografia(bruno, OUT, None)
    assert not vezes, "all was read again"
    assert antes != dita(retocada) == dita(inteira(_Leitura(bruno, OUT, None)).foto)


def test_whatever_comes_after_what(mes: Mes, bruno: Usuario) -> None:
    """One after the other, without taking a new one: what was brought up to date is a good start for the next."""
    antes = dita(fotografia(bruno, OUT, None))
    for nome in ("receitas", "an operação", "a DAS-MEI", "another regime", "an entrega", "a título", "paid", "overdue"):
        MUDANCAS[nome](mes) if nome != "declared" else Apuracao.objects.filter(
            pk=Apuracao.objects.latest("pk").pk
        ).update(
            situacao="transmitida", transmitida_em=timezone.now(), id_declaracao="1".zfill(17), total_declarado=1000
        )
        depois = dita(fotografia(bruno, OUT, None))
        assert depois == dita(_Leitura(bruno, OUT, None).revelar().foto), nome
        assert depois != antes, nome
        antes = depois


def test_of_many_at_once_all_are_read(mes: Mes, bruno: Usuario, monkeypatch: pytest.MonkeyPatch) -> None:
    fotografia(bruno, OUT, None)
    monkeypatch.setattr(modulo, "_DE_UMA_VEZ", 2)
    Empresa.objects.update(nome_fantasia="Todas")
    Apuracao.objects.update(total_calculado=Decimal(70000))
    assert dita(fotografia(bruno, OUT, None)) == dita(_Leitura(bruno, OUT, None).revelar().foto)


def test_where_nothing_was_written_nothing_is_read(mes: Mes, bruno: Usuario) -> None:
    fotografia(bruno, OUT, None)
    with CaptureQueriesContext(connection) as consultas:
        fotografia(bruno, OUT, None)
    assert not [c["sql"] for c in consultas if any(f'FROM "{t}"' in c["sql"] for t in TABELAS - {"operacoes_operacao"})]
