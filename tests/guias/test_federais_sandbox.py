"""DARF, DCTFWeb and MIT from the screen's intent to the sandbox's ledger, with lost answers on the way."""

import io
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pypdf
import pytest
from django.utils import timezone

from arquivo.models import Documento
from arquivo.services import abrir
from comum.models import Usuario
from credentials.models import Autor, Servico, Vinculo
from empresas.models import Empresa, Regime
from guias.models import ApuracaoMit, Consulta, Darf, DeclaracaoDctfweb, Guia, ReceitaSicalc
from guias.providers.mit import Andamento
from guias.providers.mit import Apuracao as Listada
from guias.providers.mit import Situacao as NaReceita
from guias.services import darfs, dctfweb, mit, prevoo, receitas_federais
from operacoes.models import Operacao, Situacao
from operacoes.motor import submeter
from tests.cast import criar_empresa
from tests.guias.apoio import MES, credencial_do_sandbox, trabalhar, vincular
from tests.sandbox_fixture import SandboxVivo

pytestmark = pytest.mark.django_db(transaction=True)

SITUACAO = DeclaracaoDctfweb.Situacao


@pytest.fixture
def empresa(serpro_vivo: SandboxVivo, adicional_216: Any, carteira: Any, ana: Usuario) -> Empresa:
    nova = criar_empresa(1, carteira=carteira, regime=Regime.PRESUMIDO)
    vincular(nova, credencial_do_sandbox(serpro_vivo), ana, Servico.DARF, Servico.DCTFWEB)
    return nova


def darf_de(empresa: Empresa, usuario: Usuario, **campos: Any) -> Darf:
    hoje = timezone.localdate()
    receitas_federais.caracteristicas(campos.get("receita", "8109"), empresa)
    padrao: dict[str, Any] = {
        "receita": "8109",
        "extensao": "02",
        "tipo_pa": "ME",
        "periodo": f"{MES:%m/%Y}",
        "competencia": MES,
        "vencimento": hoje + timedelta(days=2),
        "consolidacao": hoje,
        "valor": Decimal("650.00"),
    }
    darf = Darf(empresa=empresa, criado_por=usuario, **padrao | campos)
    darf.nomear()
    darf.save()
    return darf


def emitir(darf: Darf, usuario: Usuario) -> Any:
    marcados = Darf.objects.filter(pk=darf.pk)
    previa = darfs.previa(marcados, MES)
    assert not previa.fora, [item.motivo for item in previa.fora]
    run = darfs.emitir(marcados, MES, usuario, marca=previa.marca)
    trabalhar()
    return run


def fechar(sandbox: SandboxVivo, empresa: Empresa, *, portal: bool = False, valor: str = "1700.00") -> None:
    debitos = [{"origem": 1, "codigo": "108201", "valor": valor}]
    fechada = {"periodo": f"{MES:%Y%m}", "debitos": debitos, "portal": portal}
    sandbox.controle.cadastro(contribuintes=[{"documento": empresa.documento, "dctfweb": [fechada]}])


def pedir(acao: str, empresa: Empresa, usuario: Usuario, *, voltas: int = 30, **opcoes: Any) -> Operacao:
    previa = prevoo.prevoo(acao, [empresa], MES, **opcoes)
    assert not previa.fora, [item.motivo for item in previa.fora]
    (operacao,) = submeter(previa.novas, usuario=usuario).criadas
    trabalhar(voltas=voltas)
    operacao.refresh_from_db()
    return operacao


def xml_de(linha: DeclaracaoDctfweb) -> bytes:
    assert linha.xml is not None
    return abrir(linha.xml)


def tipos_no_livro(sandbox: SandboxVivo, empresa: Empresa) -> list[str]:
    return [efeito["tipo"] for efeito in sandbox.controle.ledger(contribuinte=empresa.documento)]


# -- DARF --------------------------------------------------------------------------------------------------------------


def test_a_darf_becomes_a_guia_with_its_pdf_and_a_second_one_is_another_copy(empresa, ana, serpro_vivo) -> None:
    darf = darf_de(empresa, ana)
    emitir(darf, ana)
    guia = Guia.objects.get()
    assert (guia.tipo, guia.receita, guia.periodo, guia.total) == ("darf", "8109-02", f"{MES:%m/%Y}", Decimal("650.00"))
    assert guia.divida == f"darf:{empresa.pk}:8109-02:{MES:%m/%Y}::"
    assert guia.documento is not None
    darf.refresh_from_db()
    copia = darfs.outra_via(darf, ana)
    assert copia.pk != darf.pk
    assert darfs.outra_via(darf, ana).pk == copia.pk
    emitir(copia, ana)
    assert list(Guia.objects.order_by("via").values_list("divida", "via")) == [(guia.divida, 1), (guia.divida, 2)]
    assert tipos_no_livro(serpro_vivo, empresa) == ["darf_emitido"] * 2


def test_only_the_bar_code_comes_without_a_pdf(empresa, ana) -> None:
    emitir(darf_de(empresa, ana, so_barras=True), ana)
    guia = Guia.objects.get()
    assert guia.documento is None
    assert len(guia.codigo_barras) == 44
    assert guia.linha


def test_a_lost_answer_draws_a_darf_again_and_keeps_one_guia(empresa, ana, serpro_vivo) -> None:
    serpro_vivo.controle.cenario(
        servico="integra_contador", operacao="CONSOLIDARGERARDARF51", acao="perder_resposta", vezes=1
    )
    emitir(darf_de(empresa, ana), ana)
    assert Guia.objects.count() == 1
    assert tipos_no_livro(serpro_vivo, empresa) == ["darf_emitido"] * 2


def test_a_refusal_is_told_by_its_words_and_corrected_in_the_darf(empresa, ana, serpro_vivo) -> None:
    """The Receita was changed under us: the kept characteristics no longer hold."""
    darf = darf_de(empresa, ana)
    linha = ReceitaSicalc.objects.get(pk="8109")
    linha.extensoes[0] |= {"opcionais": ["numeroReferencia"]}
    linha.save()
    darf.referencia = "123"
    darf.nomear()
    darf.save()
    emitir(darf, ana)
    operacao = Operacao.objects.get(tipo="guias.darf.emitir")
    assert operacao.situacao == Situacao.RECUSADA
    assert "não aceita número de referência" in operacao.mensagem
    assert Darf.objects.com_situacao().get(pk=darf.pk).situacao_dita == Darf.Situacao.RECUSADO.label


def test_what_a_receita_asks_for_is_kept_with_its_age(empresa, ana, serpro_vivo) -> None:
    linha = receitas_federais.caracteristicas("1162", empresa)
    receitas_federais.caracteristicas("1162", empresa)
    chamadas = serpro_vivo.controle.chamadas(operacao="CONSULTAAPOIORECEITAS52")
    assert len(chamadas) == 1
    assert "cnpjPrestador" in linha.extensoes[0]["obrigatorios"]


# -- DCTFWeb -----------------------------------------------------------------------------------------------------------


def test_a_declaration_is_fetched_signed_and_transmitted(empresa, ana, serpro_vivo) -> None:
    fechar(serpro_vivo, empresa)
    pedir(dctfweb.ACAO_XML, empresa, ana)
    linha = DeclaracaoDctfweb.objects.get()
    assert linha.situacao == SITUACAO.EM_ANDAMENTO
    assert b"ConteudoDeclaracao" in xml_de(linha)
    operacao = pedir(dctfweb.ACAO_TRANSMITIR, empresa, ana)
    assert operacao.situacao == Situacao.CONCLUIDA, operacao.mensagem
    linha.refresh_from_db()
    assert linha.situacao == SITUACAO.TRANSMITIDA
    assinado = Documento.objects.get(nome__contains="assinada")
    assert abrir(assinado).replace(xml_de(linha)[:60], b"", 1) != abrir(assinado)
    pedir(dctfweb.ACAO_RECIBO, empresa, ana)
    pedir(dctfweb.ACAO_COMPLETA, empresa, ana)
    linha.refresh_from_db()
    assert linha.recibo is not None
    assert linha.completa is not None
    assert Consulta.objects.count() == 3
    assert tipos_no_livro(serpro_vivo, empresa) == ["dctfweb_transmitida"]


@pytest.mark.parametrize("acao", ["perder_resposta", "erro"])
def test_a_transmission_without_an_answer_is_settled_by_what_is_in_progress(empresa, ana, serpro_vivo, acao) -> None:
    fechar(serpro_vivo, empresa)
    pedir(dctfweb.ACAO_XML, empresa, ana)
    serpro_vivo.controle.cenario(servico="integra_contador", operacao="TRANSDECLARACAO310", acao=acao, vezes=1)
    operacao = pedir(dctfweb.ACAO_TRANSMITIR, empresa, ana)
    if acao == "perder_resposta":
        assert operacao.situacao == Situacao.CONCLUIDA, operacao.mensagem
        linha = DeclaracaoDctfweb.objects.get()
        assert (linha.situacao, linha.recibo is not None) == (SITUACAO.TRANSMITIDA, True)
    else:
        assert operacao.situacao in (Situacao.INCERTA, Situacao.CONCLUIDA)
    assert tipos_no_livro(serpro_vivo, empresa).count("dctfweb_transmitida") <= 1


def test_another_calculation_refuses_the_old_xml_and_nothing_is_transmitted(empresa, ana, serpro_vivo) -> None:
    fechar(serpro_vivo, empresa)
    pedir(dctfweb.ACAO_XML, empresa, ana)
    fechar(serpro_vivo, empresa, valor="1800.00")
    operacao = pedir(dctfweb.ACAO_TRANSMITIR, empresa, ana)
    assert operacao.situacao == Situacao.RECUSADA
    assert "Busque a declaração de novo" in operacao.mensagem
    assert tipos_no_livro(serpro_vivo, empresa) == []


def test_nothing_in_progress_is_an_answer(empresa, ana) -> None:
    operacao = pedir(dctfweb.ACAO_XML, empresa, ana)
    assert operacao.situacao == Situacao.CONCLUIDA
    assert DeclaracaoDctfweb.objects.get().situacao == SITUACAO.SEM_DECLARACAO
    assert prevoo.prevoo(dctfweb.ACAO_TRANSMITIR, [empresa], MES).novas == []


def test_guias_of_both_declarations_are_read_from_their_pdf(empresa, ana, serpro_vivo) -> None:
    fechar(serpro_vivo, empresa)
    pedir(dctfweb.ACAO_GUIA_ANDAMENTO, empresa, ana)
    fechar(serpro_vivo, empresa, portal=True)
    guia = Guia.objects.get()
    assert (guia.tipo, guia.codigo_barras[15:19], len(guia.numero)) == ("darf_dctf", "0385", 17)
    pedir(dctfweb.ACAO_GUIA, empresa, ana, parametros={"origens": "1"})
    pedir(dctfweb.ACAO_GUIA, empresa, ana, via_nova=True)
    assert Guia.objects.count() == 3
    assert len(set(Guia.objects.values_list("divida", flat=True))) == 2
    assert [item.codigo for item in prevoo.prevoo(dctfweb.ACAO_GUIA, [empresa], MES).fora] == ["guia_emitida"]


def test_what_is_drawn_after_a_payment_is_another_debt_and_before_one_takes_its_place(
    empresa, ana, serpro_vivo
) -> None:
    fechar(serpro_vivo, empresa)
    pedir(dctfweb.ACAO_GUIA_ANDAMENTO, empresa, ana)
    pedir(dctfweb.ACAO_XML, empresa, ana)
    assert pedir(dctfweb.ACAO_TRANSMITIR, empresa, ana).situacao == Situacao.CONCLUIDA
    pedir(dctfweb.ACAO_GUIA, empresa, ana)
    em_andamento, ativa = Guia.objects.order_by("pk")
    assert (ativa.divida, ativa.revisao, ativa.via) == (em_andamento.divida, 2, 1)
    assert list(Guia.objects.vigentes()) == [ativa]
    Guia.objects.filter(pk=ativa.pk).update(paga_em=timezone.localdate(), valor_pago=ativa.total)
    assert [item.codigo for item in prevoo.prevoo(dctfweb.ACAO_GUIA, [empresa], MES, via_nova=True).fora] == ["paga"]
    fechar(serpro_vivo, empresa, valor="1750.00")
    pedir(dctfweb.ACAO_GUIA_ANDAMENTO, empresa, ana)
    complementar = Guia.objects.latest("pk")
    assert complementar.divida == f"{ativa.divida}#2"
    assert {guia.pk for guia in Guia.objects.vigentes()} == {ativa.pk, complementar.pk}


def test_an_earlier_declaration_is_told_by_its_receipt_while_another_is_in_progress(empresa, ana, serpro_vivo) -> None:
    fechar(serpro_vivo, empresa)
    pedir(dctfweb.ACAO_XML, empresa, ana)
    pedir(dctfweb.ACAO_TRANSMITIR, empresa, ana)
    pedir(dctfweb.ACAO_RECIBO, empresa, ana)
    pedir(dctfweb.ACAO_GUIA, empresa, ana)
    linha = DeclaracaoDctfweb.objects.get()
    assert linha.recibo is not None
    texto = pypdf.PdfReader(io.BytesIO(abrir(linha.recibo))).pages[0].extract_text()
    achado = re.search(r"Recibo (\d{15})", texto)
    assert achado is not None
    fechar(serpro_vivo, empresa, valor="1750.00")
    sem = pedir(dctfweb.ACAO_COMPLETA, empresa, ana)
    assert sem.situacao == Situacao.RECUSADA
    com = pedir(dctfweb.ACAO_COMPLETA, empresa, ana, parametros={"recibo": achado[1]})
    assert com.situacao == Situacao.CONCLUIDA, com.mensagem
    assert len(com.resposta["documentos"]) == 1
    linha.refresh_from_db()
    assert linha.completa is None  # it is not the last word on the month
    sem = pedir(dctfweb.ACAO_GUIA, empresa, ana, via_nova=True)
    assert sem.situacao == Situacao.RECUSADA
    com = pedir(dctfweb.ACAO_GUIA, empresa, ana, via_nova=True, parametros={"recibo": achado[1]})
    assert com.situacao == Situacao.CONCLUIDA, com.mensagem
    sem_numero, com_numero = Guia.objects.order_by("pk")
    assert (com_numero.divida, com_numero.revisao, com_numero.via) == (sem_numero.divida, 1, 2)
    assert list(Guia.objects.por_pagar()) == [com_numero]


# -- MIT ---------------------------------------------------------------------------------------------------------------


def mes_do_mit(empresa: Empresa, usuario: Usuario, codigo: str = "810902", **campos: Any) -> ApuracaoMit:
    nova = ApuracaoMit(
        empresa=empresa,
        competencia=MES,
        cpf_responsavel="52998224725",
        debitos=[{"tributo": "PisPasep", "codigo": codigo, "valor": "650.00"}],
        **campos,
    )
    return mit.gravar(nova, usuario, 0)


def test_a_month_is_closed_and_followed_by_its_protocol(empresa, ana, serpro_vivo) -> None:
    mes_do_mit(empresa, ana)
    operacao = pedir(mit.ACAO_ENCERRAR, empresa, ana, voltas=2)
    assert operacao.situacao in (Situacao.ACEITA, Situacao.CONCLUIDA)
    serpro_vivo.controle.relogio(deslocamento_segundos=10)
    trabalhar()
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.CONCLUIDA, operacao.mensagem
    linha = ApuracaoMit.objects.get()
    assert (linha.situacao, len(linha.protocolo)) == (ApuracaoMit.Situacao.ENCERRADA, 24)
    pedir(dctfweb.ACAO_XML, empresa, ana)
    assert b"<total>650.00</total>" in xml_de(DeclaracaoDctfweb.objects.get())
    assert tipos_no_livro(serpro_vivo, empresa) == ["mit_enviada"]


def test_what_a_process_suspends_is_confessed_and_not_to_be_paid(empresa, ana, serpro_vivo) -> None:
    suspensao = {"processo": "1" * 17, "motivo": "0", "debito": "810902|||||", "valor": "150.00"}
    mes_do_mit(empresa, ana, suspensoes=[suspensao])
    pedir(mit.ACAO_ENCERRAR, empresa, ana, voltas=2)
    serpro_vivo.controle.relogio(deslocamento_segundos=10)
    trabalhar()
    linha = ApuracaoMit.objects.get()
    assert (linha.situacao, linha.confessado) == (ApuracaoMit.Situacao.ENCERRADA, Decimal("650.00"))
    pedir(dctfweb.ACAO_XML, empresa, ana)
    assert b"<total>500.00</total>" in xml_de(DeclaracaoDctfweb.objects.get())


def test_pendencies_bring_the_month_back_to_be_corrected(empresa, ana, serpro_vivo) -> None:
    mes_do_mit(empresa, ana, "810999")
    operacao = pedir(mit.ACAO_ENCERRAR, empresa, ana, voltas=2)
    serpro_vivo.controle.relogio(deslocamento_segundos=10)
    trabalhar()
    operacao.refresh_from_db()
    linha = ApuracaoMit.objects.get()
    assert (operacao.situacao, linha.situacao) == (Situacao.CONCLUIDA, ApuracaoMit.Situacao.PENDENTE)
    assert "810999" in linha.pendencias[0]
    pedir(mit.ACAO_LISTAR, empresa, ana)
    pedir(mit.ACAO_DETALHE, empresa, ana)
    linha.refresh_from_db()
    assert "810999" in linha.pendencias[0]
    linha.debitos = [{"tributo": "PisPasep", "codigo": "810902", "valor": "650.00"}]
    mit.gravar(linha, ana, linha.versao)
    pedir(mit.ACAO_ENCERRAR, empresa, ana, voltas=2)
    serpro_vivo.controle.relogio(deslocamento_segundos=20)
    trabalhar()
    linha.refresh_from_db()
    assert linha.situacao == ApuracaoMit.Situacao.ENCERRADA


def test_a_closing_without_an_answer_is_found_among_the_months(empresa, ana, serpro_vivo) -> None:
    mes_do_mit(empresa, ana)
    serpro_vivo.controle.cenario(servico="integra_contador", operacao="ENCAPURACAO314", acao="perder_resposta", vezes=1)
    operacao = pedir(mit.ACAO_ENCERRAR, empresa, ana, voltas=2)
    serpro_vivo.controle.relogio(deslocamento_segundos=10)
    trabalhar()
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.CONCLUIDA, operacao.mensagem
    assert ApuracaoMit.objects.get().situacao == ApuracaoMit.Situacao.ENCERRADA
    assert tipos_no_livro(serpro_vivo, empresa) == ["mit_enviada"]


def listar_de(empresa: Empresa, situacao: NaReceita) -> None:
    listada = Listada("77", MES, situacao, None, Decimal("650.00"))
    mit.anotar(empresa.pk, MES.year, [listada])


@pytest.mark.parametrize("aberta", [NaReceita.EM_EDICAO, NaReceita.COM_PENDENCIAS])
def test_a_month_reopened_at_the_portal_is_closed_again(empresa, ana, serpro_vivo, aberta) -> None:
    mes_do_mit(empresa, ana)
    pedir(mit.ACAO_ENCERRAR, empresa, ana, voltas=2)
    serpro_vivo.controle.relogio(deslocamento_segundos=10)
    trabalhar()
    listar_de(empresa, NaReceita.ENCERRADA)
    assert ApuracaoMit.objects.get().envio == 1
    listar_de(empresa, aberta)
    listar_de(empresa, aberta)
    assert ApuracaoMit.objects.get().envio == 2
    previa = prevoo.prevoo(mit.ACAO_ENCERRAR, [empresa], MES)
    assert len(submeter(previa.novas, usuario=ana).criadas) == 1


@pytest.mark.parametrize("com_protocolo", [True, False])
def test_a_closing_that_never_ends_is_looked_at_less_and_less_and_goes_to_a_person(
    empresa, ana, serpro_vivo, monkeypatch, com_protocolo
) -> None:
    mes_do_mit(empresa, ana)
    if not com_protocolo:
        serpro_vivo.controle.cenario(
            servico="integra_contador", operacao="ENCAPURACAO314", acao="perder_resposta", vezes=1
        )
    monkeypatch.setattr("guias.providers.mit.situacao", lambda *_, **__: Andamento(NaReceita.ENCERRANDO))
    fechando = Listada("77", MES, NaReceita.ENCERRANDO, None, Decimal(0))
    monkeypatch.setattr("guias.providers.mit.listar", lambda *_, **__: (fechando,))
    operacao = pedir(mit.ACAO_ENCERRAR, empresa, ana, voltas=2)
    for _ in range(20):
        trabalhar()
        operacao.refresh_from_db()
    assert operacao.situacao == Situacao.AGUARDA_PESSOA
    assert operacao.tentativas.count() < 17
    assert "encerramento deste mês" in operacao.mensagem


def test_what_a_receita_asks_for_is_told_to_an_office_that_asks_through_another_autor(empresa, serpro_vivo) -> None:
    vinculo = Vinculo.objects.get(empresa=empresa)
    vinculo.autor, vinculo.procurador = Autor.PROCURADOR, "52998224725"
    vinculo.save()
    assert receitas_federais.caracteristicas("8109", empresa).pk == "8109"
