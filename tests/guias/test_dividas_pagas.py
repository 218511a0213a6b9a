"""What was paid is not drawn again, and what is drawn after a payment is another debt: DARF and DCTFWeb."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from comum.models import Usuario
from empresas.models import Empresa, Regime
from guias.importacao.darf import ImportadorDeDarfs
from guias.models import Darf, DeclaracaoDctfweb, Guia
from guias.services import darfs, dctfweb, dividas_dctfweb, prevoo
from operacoes.handlers import Repeticao, handler_de
from operacoes.motor import submeter
from tests.cast import criar_empresa
from tests.guias.apoio import MES
from tests.guias.test_debitos_federais import emitido, nova_operacao
from tests.guias.test_telas_federais import HOJE, digitado, empresa, importar, receitas

__all__ = ["empresa", "receitas"]  # fixtures
pytestmark = pytest.mark.django_db

DEPOIS = timezone.now() + timedelta(days=1)
ATIVA, ANDAMENTO = "guias.dctfweb.guia", "guias.dctfweb.guia_andamento"
PAGA: dict[str, Any] = {"valor_pago": Decimal(100), "paga_em": HOJE}
EM_PARTE = {"valor_pago": Decimal(40)}


def da_dctfweb(empresa: Empresa, usuario: Usuario, numero: int = 18, tipo: str = ATIVA, **campos: Any) -> Guia:
    """A guia of DCTFWeb as if it had been drawn."""
    recibo = campos.pop("recibo", "")
    alvo = {"categoria": 40, "dia": 0, "identificador": "", "competencia": MES.isoformat(), "origens": []}
    nome = campos.setdefault("divida", dividas_dctfweb.divida(alvo, empresa.pk))
    return Guia.objects.create(
        tipo=Guia.Tipo.DARF_DCTFWEB,
        empresa=empresa,
        competencia=MES,
        numero=f"071626326000000{numero}",
        vencimento=HOJE,
        limite=HOJE,
        principal=Decimal(100),
        multa=Decimal(0),
        juros=Decimal(0),
        total=Decimal(100),
        operacao=nova_operacao(empresa, usuario, tipo, f"x{numero}", **alvo | {"divida": nome, "recibo": recibo}),
        **campos,
    )


@pytest.mark.parametrize(
    ("antes", "pedido", "tipo", "total", "transmitida_em", "lugar"),
    [
        ({}, {}, ATIVA, "100.00", None, ("d", 1)),
        ({}, {}, ATIVA, "101.00", None, ("d", 1)),  # later: fine and interest
        ({}, {}, ANDAMENTO, "100.00", None, ("d", 2)),
        ({}, {}, ATIVA, "100.00", DEPOIS, ("d", 2)),
        ({}, {"recibo": "7"}, ATIVA, "101.00", None, ("d", 1)),  # the number is asked for once a rectification began
        ({"recibo": "7"}, {"recibo": "8"}, ATIVA, "101.00", None, ("d", 2)),
        (EM_PARTE, {}, ATIVA, "60.00", None, ("d", 2)),
        (EM_PARTE, {}, ATIVA, "100.00", None, ("d", 1)),
        (EM_PARTE, {}, ATIVA, "60.00", DEPOIS, ("d", 2)),
        (PAGA, {}, ATIVA, "100.00", None, ("d", 1)),
        (PAGA, {}, ATIVA, "30.00", None, ("d", 1)),
        (PAGA, {"a_mais": True}, ATIVA, "30.00", None, ("d#2", 1)),
        (PAGA, {}, ATIVA, "30.00", DEPOIS, ("d#2", 1)),
        (PAGA, {}, ANDAMENTO, "30.00", None, ("d#2", 1)),
        (PAGA | {"tipo": ANDAMENTO}, {}, ATIVA, "100.00", DEPOIS, ("d", 1)),
        (PAGA | {"recibo": "7"}, {"recibo": "8"}, ATIVA, "30.00", None, ("d#2", 1)),
        (PAGA, {"recibo": "8"}, ATIVA, "30.00", DEPOIS, ("d", 1)),
    ],
)
def test_the_place_of_a_guia_of_dctfweb_follows_the_declaration_and_what_was_paid(
    empresa: Empresa,
    ana: Usuario,
    antes: dict[str, Any],
    pedido: dict[str, Any],
    tipo: str,
    total: str,
    transmitida_em: Any,
    lugar: tuple[str, int],
) -> None:
    da_dctfweb(empresa, ana, divida="d", **antes)
    assert dividas_dctfweb.lugar_da_guia({"divida": "d"} | pedido, tipo, Decimal(total), transmitida_em) == lugar


def test_a_guia_of_which_an_earlier_copy_was_paid_is_paid(empresa: Empresa, ana: Usuario) -> None:
    da_dctfweb(empresa, ana, divida="d", **PAGA)
    da_dctfweb(empresa, ana, 19, divida="d", via=2)
    assert dividas_dctfweb.lugar_da_guia({"divida": "d"}, ATIVA, Decimal(30), DEPOIS) == ("d#2", 1)


def do_prevoo(empresa: Empresa, acao: str = dctfweb.ACAO_GUIA, **opcoes: Any) -> str:
    """Why it stays out; empty when it goes."""
    previa = prevoo.prevoo(acao, [empresa], MES, **opcoes)
    return "".join(item.codigo for item in previa.fora)


def test_nothing_is_drawn_of_what_was_paid_until_the_declaration_is_another(empresa: Empresa, ana: Usuario) -> None:
    paga = da_dctfweb(empresa, ana, **PAGA)
    (fora,) = prevoo.prevoo(dctfweb.ACAO_GUIA, [empresa], MES, via_nova=True).fora
    assert (fora.codigo, f"{HOJE:%d/%m/%Y}" in fora.motivo) == ("paga", True)
    assert do_prevoo(empresa, dctfweb.ACAO_GUIA_ANDAMENTO) == ""
    assert do_prevoo(empresa, parametros={"recibo": "7"}) == "paga"
    assert do_prevoo(empresa, parametros={"a_mais": "on"}) == ""
    linha = DeclaracaoDctfweb.objects.create(empresa=empresa, competencia=MES, transmitida_em=DEPOIS)
    assert do_prevoo(empresa) == ""
    assert do_prevoo(empresa, parametros={"recibo": "7"}) == "paga"
    linha.delete()
    Guia.objects.filter(pk=paga.pk).update(paga_em=None)
    assert do_prevoo(empresa, via_nova=True) == ""


def test_what_was_paid_while_in_progress_is_asked_about_once_it_is_active(empresa: Empresa, ana: Usuario) -> None:
    da_dctfweb(empresa, ana, tipo=ANDAMENTO, **PAGA)
    DeclaracaoDctfweb.objects.create(empresa=empresa, competencia=MES, transmitida_em=DEPOIS)
    assert do_prevoo(empresa) == "paga"
    assert do_prevoo(empresa, dctfweb.ACAO_GUIA_ANDAMENTO) == ""
    da_dctfweb(empresa, ana, 19, ATIVA, **PAGA, revisao=2)
    complementar = da_dctfweb(empresa, ana, 20, ANDAMENTO, divida=f"{Guia.objects.all()[0].divida}#2")
    Guia.objects.update(emitida_em=DEPOIS)
    assert do_prevoo(empresa, via_nova=True) == "paga"
    assert complementar in Guia.objects.por_pagar()
    assert do_prevoo(empresa, dctfweb.ACAO_GUIA_ANDAMENTO) == "guia_emitida"


def test_a_guia_is_asked_for_once_after_a_payment(empresa: Empresa, ana: Usuario) -> None:
    da_dctfweb(empresa, ana, **PAGA)
    (nova,) = prevoo.prevoo(dctfweb.ACAO_GUIA, [empresa], MES, parametros={"a_mais": "on"}).novas
    submeter([nova], usuario=ana)
    assert do_prevoo(empresa, parametros={"a_mais": "on"}) == "andamento"


def test_a_request_by_receipt_is_no_other_try_of_the_one_without(empresa: Empresa, ana: Usuario) -> None:
    (com,) = prevoo.prevoo(dctfweb.ACAO_GUIA, [empresa], MES, parametros={"recibo": "2"}).novas
    submeter([com], usuario=ana)
    assert do_prevoo(empresa) == ""


def test_more_is_due_is_said_of_one_company_at_a_time(
    empresa: Empresa, ana: Usuario, entrar: Any, carteira: Any
) -> None:
    cliente, outra = entrar(ana), criar_empresa(2, carteira=carteira, regime=Regime.REAL)
    da_dctfweb(empresa, ana, **PAGA)
    endereco, base = reverse("guias:dctfweb_guia"), {"categoria": "40", "de": "dctfweb_guia", "a_mais": "on"}
    assert cliente.post(endereco, base | {"ids": [empresa.pk, outra.pk]}).status_code == 422
    previa = cliente.post(endereco, base | {"ids": [empresa.pk]})
    assert 'name="a_mais"' in previa.content.decode()
    assert previa.context["previa"].novas[0].pedido["a_mais"] is True


@pytest.mark.parametrize("tipo", [ATIVA, "guias.darf.emitir"])
def test_a_refused_guia_is_not_tried_again_once_the_debt_was_paid(
    empresa: Empresa, ana: Usuario, entrar: Any, tipo: str
) -> None:
    if tipo == ATIVA:
        guia = da_dctfweb(empresa, ana)
        (nova,) = prevoo.prevoo(dctfweb.ACAO_GUIA, [empresa], MES, via_nova=True).novas
    else:
        entrar(ana).post(reverse("guias:darf_novo"), digitado(empresa))
        guia = emitido(empresa, ana, Darf.objects.get())
        darfs.outra_via(Darf.objects.get(), ana)
        (nova,) = darfs.previa(Darf.objects.filter(operacao=None), MES).novas
    (recusada,) = submeter([nova], usuario=ana).criadas
    handler = handler_de(tipo)
    assert isinstance(handler.repetir([recusada], ana)[recusada.pk], Repeticao)
    Guia.objects.filter(pk=guia.pk).update(paga_em=HOJE, valor_pago=guia.total)
    assert "foi pag" in str(handler.repetir([recusada], ana)[recusada.pk])


def test_no_copy_of_a_darf_is_prepared_or_drawn_once_the_debt_was_paid(
    empresa: Empresa, ana: Usuario, entrar: Any
) -> None:
    cliente = entrar(ana)
    cliente.post(reverse("guias:darf_novo"), digitado(empresa))
    darf = Darf.objects.get()
    guia = emitido(empresa, ana, darf)
    copia = darfs.outra_via(darf, ana)
    Guia.objects.filter(pk=guia.pk).update(paga_em=HOJE, valor_pago=guia.total)
    (fora,) = darfs.previa(Darf.objects.filter(pk=copia.pk), MES).fora
    assert (fora.codigo, f"{HOJE:%d/%m/%Y}" in fora.motivo) == ("paga", True)
    copia.delete()
    pagina = cliente.post(reverse("guias:darf_outra_via", args=[darf.pk]), follow=True).content.decode()
    assert "já foi pago em" in pagina
    assert Darf.objects.count() == 1
    perguntado = cliente.post(reverse("guias:darf_novo"), digitado(empresa)).content.decode()
    assert "outra via do mesmo débito" not in perguntado
    assert "Só se emite de novo se for outro débito" in perguntado
    cabeca = "cnpj;receita;período;valor;vencimento;complemento"
    linha = f"{cabeca}\n{empresa.documento};8109-02;{MES:%m/%Y};650,00;{HOJE:%d/%m/%Y};0"
    assert "Foi pago em" in importar(ImportadorDeDarfs, ana, linha)[1].recusas[0].motivo
