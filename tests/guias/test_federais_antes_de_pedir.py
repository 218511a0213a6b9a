"""What the pré-voos of DARF, DCTFWeb and MIT tell before anything is asked, and what DARF the office still owes."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comum.models import Usuario
from credentials.models import Credencial
from empresas.models import Carteira, Empresa
from guias.models import ApuracaoMit, Darf, DeclaracaoDctfweb, Guia
from guias.services import darfs, dctfweb, mit, suspensoes_mit
from guias.services.prevoo import Prevoo, prevoo
from operacoes.models import Operacao, Situacao
from operacoes.motor import submeter
from tests.guias.apoio import MES
from tests.guias.previas import empresa_para
from tests.guias.test_telas_federais import digitado, do_mes, receita
from tests.guias.test_telas_federais import mes as endereco_do_mes

pytestmark = pytest.mark.django_db

HOJE = timezone.localdate()


def _para(acao: str, credencial: Credencial, ana: Usuario, carteira: Carteira) -> Empresa:
    return empresa_para(acao, credencial, ana, carteira)


def _pagina(cliente: Client, acao: str, empresa: Empresa, **mais: str) -> tuple[Prevoo, str]:
    rota = "mit_agir" if acao.startswith("mit") else "dctfweb_agir"
    resposta = cliente.post(reverse(f"guias:{rota}", args=[acao]), {"ids": empresa.pk, **mais})
    return resposta.context["previa"], " ".join(resposta.content.decode().split())


# -- what each line is of, and the total -------------------------------------------------------------------------------


def test_the_previa_of_darfs_tells_each_and_their_sum(
    credencial: Credencial, ana: Usuario, carteira: Carteira, entrar: Any
) -> None:
    empresa = _para(darfs.ACAO, credencial, ana, carteira)
    outro = Darf.objects.get()
    outro.pk, outro.complemento, outro.valor = None, 1, Decimal("50.50")
    outro.nomear()
    outro.save()
    resposta = entrar(ana).get(reverse("guias:darf_emitir"), {"ids": [d.pk for d in Darf.objects.all()]})
    vence = f"(vence em {HOJE:%d/%m/%Y})"
    assert resposta.context["previa"].pedidos == [
        (empresa, f"8109-02 {MES:%m/%Y}: R$ 100,00 {vence}, 8109-02 {MES:%m/%Y}: R$ 50,50 {vence}")
    ]
    pagina = resposta.content.decode()
    assert "Valor dos DARF" in pagina
    assert "valor R$ 150,50 · custo" in pagina
    assert "1 empresa vai" in pagina


def test_the_previa_of_a_late_darf_tells_that_it_fell_due_and_when_it_is_to_be_paid(
    credencial: Credencial, ana: Usuario, carteira: Carteira, entrar: Any
) -> None:
    empresa = _para(darfs.ACAO, credencial, ana, carteira)
    ontem = HOJE - timedelta(days=1)
    Darf.objects.update(vencimento=ontem, consolidacao=HOJE)
    resposta = entrar(ana).get(reverse("guias:darf_emitir"), {"ids": Darf.objects.get().pk})
    prazo = f"(venceu em {ontem:%d/%m/%Y}, para pagar em {HOJE:%d/%m/%Y})"
    assert resposta.context["previa"].pedidos == [(empresa, f"8109-02 {MES:%m/%Y}: R$ 100,00 {prazo}")]


def test_the_previa_of_mit_tells_what_is_confessed(
    credencial: Credencial, ana: Usuario, carteira: Carteira, entrar: Any
) -> None:
    empresa = _para(mit.ACAO_ENCERRAR, credencial, ana, carteira)
    previa, pagina = _pagina(entrar(ana), mit.ACAO_ENCERRAR, empresa)
    assert previa.pedidos == [(empresa, "1 débito: R$ 100,00")]
    assert "Valor declarado" in pagina
    assert "valor R$ 100,00 · custo" in pagina
    linha = ApuracaoMit.objects.get()
    linha.suspensoes = [
        {"processo": "1" * 17, "motivo": "0", "debito": suspensoes_mit.chave(linha.debitos[0]), "valor": "40.00"}
    ]
    linha.save()
    previa, _ = _pagina(entrar(ana), mit.ACAO_ENCERRAR, empresa)
    assert previa.pedidos == [(empresa, "1 débito: R$ 100,00, com R$ 40,00 suspensos")]
    ApuracaoMit.objects.update(suspensoes=[])
    ApuracaoMit.objects.update(debitos=[], total=0, sem_movimento=True)
    previa, _ = _pagina(entrar(ana), mit.ACAO_ENCERRAR, empresa)
    assert previa.pedidos == [(empresa, "sem movimento")]


def test_the_previa_of_a_transmission_tells_its_xml_and_what_came_from_the_mit(
    credencial: Credencial, ana: Usuario, carteira: Carteira, entrar: Any
) -> None:
    empresa = _para(dctfweb.ACAO_TRANSMITIR, credencial, ana, carteira)
    DeclaracaoDctfweb.objects.update(xml_em=timezone.make_aware(datetime(2026, 11, 20, 14, 5)))
    ApuracaoMit.objects.create(
        empresa=empresa, competencia=MES, total=Decimal(3650), situacao=ApuracaoMit.Situacao.ENCERRADA
    )
    previa, pagina = _pagina(entrar(ana), dctfweb.ACAO_TRANSMITIR, empresa, categoria="40")
    assert previa.pedidos == [(empresa, "XML buscado em 20/11/2026 14:05; do MIT, R$ 3.650,00")]
    assert "mit_aberto" not in {aviso.codigo for aviso in previa.avisos}
    assert "Valor declarado" not in pagina
    ApuracaoMit.objects.update(suspensoes=[{"valor": "650.00"}])
    (pedido,) = _pagina(entrar(ana), dctfweb.ACAO_TRANSMITIR, empresa, categoria="40")[0].pedidos
    assert pedido[1].endswith("do MIT, R$ 3.650,00; suspensos por processo, R$ 650,00")


# -- a MIT that is not closed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("situacao", ["edicao", "pendente", "encerrando"])
def test_a_transmission_warns_of_the_mit_that_is_not_closed(
    credencial: Credencial, ana: Usuario, carteira: Carteira, entrar: Any, situacao: str
) -> None:
    empresa = _para(dctfweb.ACAO_TRANSMITIR, credencial, ana, carteira)
    ApuracaoMit.objects.create(empresa=empresa, competencia=MES, total=Decimal(650), situacao=situacao)
    previa, pagina = _pagina(entrar(ana), dctfweb.ACAO_TRANSMITIR, empresa, categoria="40")
    assert len(previa.novas) == 1
    assert f"MIT de {MES:%m/%Y} ainda não encerrado em 1 empresa: os débitos dele não vão nesta declaração" in pagina
    assert "R$ 650,00" in pagina
    previa, pagina = _pagina(entrar(ana), dctfweb.ACAO_TRANSMITIR, empresa, categoria="41")
    assert "ainda não encerrado" not in pagina


def test_a_declaration_is_asked_about_again_in_the_hour_in_which_its_mit_was_closed(
    credencial: Credencial, ana: Usuario, carteira: Carteira
) -> None:
    empresa = _para(dctfweb.ACAO_XML, credencial, ana, carteira)
    apuracao = ApuracaoMit.objects.create(empresa=empresa, competencia=MES)

    def buscar() -> Prevoo:
        feito = prevoo(dctfweb.ACAO_XML, [empresa], MES, parametros={"categoria": "40"})
        submeter(feito.novas, usuario=None)
        return feito

    with time_machine.travel(timezone.make_aware(datetime(2026, 11, 20, 14, 5)), tick=False):
        assert len(buscar().novas) == 1
        assert buscar().fora[0].codigo == "ja_consultada"
        apuracao.situacao, apuracao.encerrada_em = "encerrada", timezone.now() - timedelta(seconds=1)
        apuracao.save()
        assert len(buscar().novas) == 1
        assert buscar().fora[0].codigo == "ja_consultada"
        outra = prevoo(dctfweb.ACAO_RECIBO, [empresa], MES, parametros={"categoria": "40"})
        assert ":m" not in outra.novas[0].chave


# -- DARFs of one debt, and of a time to come --------------------------------------------------------------------------


def _emitir(darf: Darf, empresa: Empresa, via: int) -> Guia:
    nova = darfs.previa(Darf.objects.filter(pk=darf.pk), MES).novas[0]
    (operacao,) = submeter([nova], usuario=None).criadas
    Operacao.objects.filter(pk=operacao.pk).update(situacao=Situacao.CONCLUIDA, encerrada_em=timezone.now())
    return Guia.objects.create(
        tipo=Guia.Tipo.DARF, empresa=empresa, divida=darf.divida, competencia=MES, numero=f"n{via}", via=via,
        vencimento=HOJE, limite=HOJE, principal=100, multa=0, juros=0, total=100, operacao=operacao,
    )  # fmt: skip


def test_of_two_copies_of_a_darf_one_counts(
    credencial: Credencial, ana: Usuario, carteira: Carteira, entrar: Any
) -> None:
    empresa, cliente = _para(darfs.ACAO, credencial, ana, carteira), entrar(ana)
    primeiro = Darf.objects.get()
    guia = _emitir(primeiro, empresa, 1)
    segundo = darfs.outra_via(primeiro, ana)
    outra = _emitir(segundo, empresa, 2)

    def situacoes() -> dict[int, str]:
        return {darf.pk: str(getattr(darf, "situacao", "")) for darf in Darf.objects.com_situacao()}

    assert situacoes() == {primeiro.pk: "substituida", segundo.pk: "emitida"}
    resposta = cliente.get(reverse("guias:darfs"))
    assert resposta.context["soma"] == {"valor": Decimal(100), "quantos": 1, "a_emitir": 0}
    pagina = " ".join(resposta.content.decode().split())
    assert "Principal de 1 DARF do filtro, sem os substituídos" in pagina
    assert "Substituído" in pagina
    assert (pagina.count(' class="apagada"'), pagina.count("Emitir de novo…")) == (1, 1)
    assert darfs.previa(Darf.objects.filter(pk=primeiro.pk), MES).novas == []

    guia.paga_em, guia.valor_pago = HOJE, Decimal(100)
    guia.save()
    outra.refresh_from_db()
    assert situacoes() == {primeiro.pk: "emitida", segundo.pk: "substituida"}


@pytest.mark.parametrize(
    ("codigo", "tipo_pa", "periodo"),
    [
        ("7001", "ME", f"12/{HOJE.year + 1}"),
        ("7001", "TR", f"01/{HOJE.year + 1}"),
        ("7001", "AN", f"{HOJE.year + 1}"),
        ("7001", "DI", f"{HOJE + timedelta(days=1):%d/%m/%Y}"),
    ],
)
def test_a_darf_of_a_period_that_did_not_begin_is_refused(
    credencial: Credencial, ana: Usuario, carteira: Carteira, entrar: Any, codigo: str, tipo_pa: str, periodo: str
) -> None:
    empresa = _para(dctfweb.ACAO_XML, credencial, ana, carteira)
    receita(codigo, tipo_pa=tipo_pa)
    dados = digitado(empresa, receita=f"{codigo}-02", periodo=periodo)
    resposta = entrar(ana).post(reverse("guias:darf_novo"), dados)
    assert resposta.status_code == 422
    assert "ainda não começou" in resposta.content.decode()
    em_curso = {"ME": f"{HOJE:%m/%Y}", "AN": f"{HOJE.year}", "DI": f"{HOJE:%d/%m/%Y}"}
    em_curso["TR"] = f"{(HOJE.month + 2) // 3:02d}/{HOJE.year}"
    feito = entrar(ana).post(reverse("guias:darf_novo"), dados | {"periodo": em_curso[tipo_pa]})
    assert feito.status_code == 302


def test_an_empty_darf_speaks_only_of_what_is_on_the_screen(credencial: Credencial, ana: Usuario, entrar: Any) -> None:
    resposta = entrar(ana).post(reverse("guias:darf_novo"), {})
    assert set(resposta.context["form"].errors) == {"empresa", "receita"}


# -- words -------------------------------------------------------------------------------------------------------------


def test_the_pages_of_mit_say_the_year_and_the_month_in_portuguese(
    credencial: Credencial, ana: Usuario, carteira: Carteira, entrar: Any
) -> None:
    empresa, cliente = _para(dctfweb.ACAO_XML, credencial, ana, carteira), entrar(ana)
    assert f"MIT de {MES.year} " in cliente.get(reverse("guias:mit_ano", args=[empresa.pk])).content.decode()
    cliente.post(endereco_do_mes(empresa), do_mes())
    for situacao, dito in (("encerrada", "O mês está encerrado:"), ("encerrando", "A Receita está encerrando o mês:")):
        ApuracaoMit.objects.update(situacao=situacao)
        assert dito in cliente.get(endereco_do_mes(empresa)).content.decode()
