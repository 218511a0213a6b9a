"""What the Receita is asked and told, from the pré-voo to our rows, against the living sandbox and its ledger."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from arquivo.services import abrir
from comum.models import Usuario
from credentials.models import Credencial, Servico
from empresas.models import Empresa
from guias.ensaio.receita import rascunho
from guias.models import (
    Consulta,
    ConsultaDeRenuncias,
    ConsultaRedesim,
    DeclaracaoDefis,
    MensagemEcac,
    OpcaoRegime,
    RascunhoDefis,
    Renuncia,
)
from guias.services import consultas, prevoo, redesim
from guias.services.acesso import Codigo
from guias.services.acoes import Acao
from operacoes.models import Operacao, Processamento, Situacao
from operacoes.motor import submeter
from tests.guias.apoio import MES, credencial_do_sandbox, trabalhar, vincular
from tests.sandbox_fixture import SandboxVivo

pytestmark = pytest.mark.django_db(transaction=True)

ANO = timezone.localdate().year
INTENCAO = "0" * 16


@pytest.fixture
def escritorio(serpro_vivo: SandboxVivo, adicional_216: Any) -> Credencial:
    return credencial_do_sandbox(serpro_vivo)


@pytest.fixture
def empresa(empresas: list[Empresa], escritorio: Credencial, ana: Usuario) -> Empresa:
    vincular(empresas[0], escritorio, ana, *Servico)
    return empresas[0]


def pedir(acao: Acao, empresa: Empresa, ana: Usuario, **parametros: str) -> Operacao:
    previa = prevoo.prevoo(acao, [empresa], MES, parametros=parametros)
    assert not previa.fora, previa.fora[0].motivo
    return submeter(previa.novas, usuario=ana).criadas[0]


def feito(acao: Acao, empresa: Empresa, ana: Usuario, **parametros: str) -> Operacao:
    operacao = pedir(acao, empresa, ana, **parametros)
    trabalhar()
    operacao.refresh_from_db()
    return operacao


def fora(acao: Acao, empresa: Empresa, **parametros: str) -> Codigo:
    (item,) = prevoo.prevoo(acao, [empresa], MES, parametros=parametros).fora
    return item.codigo


def avisar(sandbox: SandboxVivo, **listas: list[dict[str, Any]]) -> None:
    sandbox.controle.post("avisos", listas)


def cobradas(sandbox: SandboxVivo, operacao: str) -> list[str]:
    return [c["cobranca"] for c in sandbox.controle.chamadas(operacao=operacao)]


# -- situação fiscal --------------------------------------------------------------------------------------------------


def test_the_report_is_asked_for_only_after_the_wait_and_its_pdf_is_kept(
    empresa: Empresa, ana: Usuario, serpro_vivo: SandboxVivo
) -> None:
    serpro_vivo.controle.ajustes(**{"integra_contador.sitfis_espera_ms": 60_000})
    operacao = pedir(Acao.SITUACAO_FISCAL, empresa, ana)
    trabalhar(adiantar=False)
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.ACEITA
    assert operacao.proxima_em is not None
    assert operacao.proxima_em > timezone.now() + timedelta(seconds=55)
    trabalhar(adiantar=False)
    assert cobradas(serpro_vivo, "RELATORIOSITFIS92") == []
    serpro_vivo.controle.relogio(deslocamento_segundos=61)
    trabalhar()
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.CONCLUIDA
    consulta = Consulta.objects.get(operacao=operacao)
    assert consulta.documento is not None
    assert b"%PDF" in abrir(consulta.documento)
    assert cobradas(serpro_vivo, "SOLICITARPROTOCOLO91") == ["nao"]
    assert cobradas(serpro_vivo, "RELATORIOSITFIS92") == ["sim"]


def test_a_report_not_ready_is_waited_for_at_no_cost(empresa: Empresa, ana: Usuario, serpro_vivo: SandboxVivo) -> None:
    serpro_vivo.controle.ajustes(
        **{"integra_contador.sitfis_espera_ms": 0, "integra_contador.sitfis_demora_ms": 3_600_000}
    )
    operacao = pedir(Acao.SITUACAO_FISCAL, empresa, ana)
    trabalhar(voltas=4)
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.ACEITA
    assert set(cobradas(serpro_vivo, "RELATORIOSITFIS92")) == {"nao"}


def test_a_protocol_that_was_lost_is_asked_for_again(empresa: Empresa, ana: Usuario, serpro_vivo: SandboxVivo) -> None:
    serpro_vivo.controle.ajustes(**{"integra_contador.sitfis_espera_ms": 0})
    operacao = pedir(Acao.SITUACAO_FISCAL, empresa, ana)
    trabalhar(voltas=1)
    avisar(serpro_vivo, sitfis_perdidos=[{"documento": empresa.documento}])
    trabalhar()
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.CONCLUIDA
    assert len(cobradas(serpro_vivo, "SOLICITARPROTOCOLO91")) == 2


def test_a_report_of_today_is_not_paid_for_again_without_saying_so(
    empresa: Empresa, ana: Usuario, serpro_vivo: SandboxVivo
) -> None:
    serpro_vivo.controle.ajustes(**{"integra_contador.sitfis_espera_ms": 0})
    assert feito(Acao.SITUACAO_FISCAL, empresa, ana).situacao == Situacao.CONCLUIDA
    assert fora(Acao.SITUACAO_FISCAL, empresa) == Codigo.JA_CONSULTADA
    assert feito(Acao.SITUACAO_FISCAL, empresa, ana, de_novo="1").situacao == Situacao.CONCLUIDA
    # The protocol of the day comes again (304), and only the report is paid for.
    assert [c["status_http"] for c in serpro_vivo.controle.chamadas(operacao="SOLICITARPROTOCOLO91")] == [200, 304]
    assert Consulta.objects.filter(empresa=empresa).count() == 2


# -- caixa postal -----------------------------------------------------------------------------------------------------


def mensagem(empresa: Empresa, **campos: Any) -> dict[str, Any]:
    corpo = "<p>Prazo ++1++</p><script>x()</script>"
    base = {"documento": empresa.documento, "assunto": "Edital ++VARIAVEL++", "parametro": "18", "corpo": corpo}
    return base | {"variaveis": ["21/12/2026"], "relevante": True} | campos


def test_the_free_flag_spares_the_paid_list(empresa: Empresa, ana: Usuario, serpro_vivo: SandboxVivo) -> None:
    feito(Acao.MENSAGENS_NOVAS, empresa, ana)
    assert fora(Acao.MENSAGENS, empresa) == Codigo.SEM_NOVAS
    avisar(serpro_vivo, mensagens=[mensagem(empresa, vezes=51)])
    feito(Acao.MENSAGENS_NOVAS, empresa, ana)
    lista = feito(Acao.MENSAGENS, empresa, ana)
    assert lista.resposta == {"mensagens": 51, "novas": 51}
    assert cobradas(serpro_vivo, "INNOVAMSG63") == ["nao", "nao"]
    assert cobradas(serpro_vivo, "MSGCONTRIBUINTE61") == ["sim", "sim"]
    assert MensagemEcac.objects.filter(empresa=empresa, assunto="Edital 18", relevante=True).count() == 51


def test_a_message_is_opened_once_and_kept_for_ever(
    empresa: Empresa, ana: Usuario, serpro_vivo: SandboxVivo, entrar: Callable[[Usuario], Any]
) -> None:
    avisar(serpro_vivo, mensagens=[mensagem(empresa)])
    feito(Acao.MENSAGENS, empresa, ana)
    guardada = MensagemEcac.objects.get(empresa=empresa)
    assert (guardada.corpo, guardada.lida_na_receita_em) == ("", None)
    cliente = entrar(ana)
    pagina = cliente.get(reverse("guias:mensagem", args=[guardada.pk])).content.decode()
    assert "Abrir esta mensagem é dar ciência dela" in pagina
    cliente.post(reverse("guias:abrir_mensagem", args=[guardada.pk]), {"intencao": INTENCAO})
    trabalhar()
    guardada.refresh_from_db()
    assert guardada.corpo == "Prazo 21/12/2026"
    assert guardada.ciencia_em == timezone.localdate()
    assert (guardada.lida_por, guardada.lida_na_receita_em is None) == (ana, False)
    cliente.post(reverse("guias:abrir_mensagem", args=[guardada.pk]), {"intencao": "1" * 16})
    trabalhar()
    assert len(cobradas(serpro_vivo, "MSGDETALHAMENTO62")) == 1
    # Listed again, what was read stays.
    feito(Acao.MENSAGENS, empresa, ana, quais="todas")
    guardada.refresh_from_db()
    assert guardada.corpo == "Prazo 21/12/2026"


def test_a_second_click_opens_a_message_once(empresa: Empresa, ana: Usuario, serpro_vivo: SandboxVivo) -> None:
    avisar(serpro_vivo, mensagens=[mensagem(empresa)])
    feito(Acao.MENSAGENS, empresa, ana)
    guardada = MensagemEcac.objects.get(empresa=empresa)
    runs = {consultas.abrir_mensagem(guardada, ana, marca * 16).pk for marca in "00a"}
    assert len(runs) == 1


# -- DTE, e-Processo --------------------------------------------------------------------------------------------------


def test_the_dte_and_the_processes_are_kept(empresa: Empresa, ana: Usuario, serpro_vivo: SandboxVivo) -> None:
    avisar(
        serpro_vivo,
        dte=[{"documento": empresa.documento, "indicador": 2}],
        processos=[{"documento": empresa.documento, "numero": "13720000000012026"}],
    )
    feito(Acao.DTE, empresa, ana)
    feito(Acao.PROCESSOS, empresa, ana)
    respostas = {c.servico.split("/")[0]: c.resposta for c in Consulta.objects.filter(empresa=empresa)}
    assert respostas["DTE"]["indicador"] == 2
    assert respostas["EPROCESSO"]["processos"][0]["numero"] == "13720000000012026"


# -- DEFIS ------------------------------------------------------------------------------------------------------------


def preencher(empresa: Empresa, ana: Usuario) -> None:
    RascunhoDefis.objects.create(empresa=empresa, ano=ANO - 1, dados=rascunho(1), alterado_por=ana)


def declarar_o_ano(sandbox: SandboxVivo, empresa: Empresa, meses: int = 12) -> None:
    declarados = [{"pa": (ANO - 1) * 100 + mes, "interno": "1000.00"} for mes in range(1, meses + 1)]
    sandbox.controle.cadastro(contribuintes=[{"documento": empresa.documento, "declarados": declarados}])


def test_a_defis_without_every_month_is_refused_with_what_to_do(
    empresa: Empresa, ana: Usuario, serpro_vivo: SandboxVivo
) -> None:
    preencher(empresa, ana)
    declarar_o_ano(serpro_vivo, empresa, 11)
    operacao = feito(Acao.TRANSMITIR_DEFIS, empresa, ana, ano=str(ANO - 1))
    assert operacao.situacao == Situacao.RECUSADA
    assert "Faltam declarações mensais" in operacao.mensagem
    assert f"12/{ANO - 1}" in operacao.palavras_do_servico
    assert RascunhoDefis.objects.filter(empresa=empresa).exists()


def com_tudo(empresa: Empresa) -> dict[str, Any]:
    de = empresa.documento
    return rascunho(1) | {
        "blocos": {
            "exportadoras": [{"cnpj": "11.222.333/0001-81", "valor": "9,00"}],
            "doacoes": [{"cnpj": "11.222.333/0001-81", "beneficiario": "3", "forma": "3", "valor": "9,00"}],
            f"interestaduais-{de}": [{"uf": "SP", "operacao": "1", "valor": "9,00"}],
            f"municipais-{de}": [
                {"especie": especie, "municipio": "Olinda/PE", "valor": "9,00", "complemento": complemento}
                for especie, complemento in (
                    ("issRetidosFonte", ""),
                    ("prestacoesServicoTransporte", ""),
                    ("rateiosReceitaRegimeEspecial", "7"),
                )
            ],
            f"mudancas-{de}": [{"origem": "Olinda/PE", "destino": "Recife/PE", "dia": f"10/06/{ANO - 1}"}],
        },
        "nao_optante_administracao": "4",
        "nao_optante_processo": "77",
        "nao_optante_municipio": "Olinda/PE",
    }


def test_a_defis_with_every_list_is_transmitted_by_who_is_not_of_the_simples(
    empresa: Empresa, ana: Usuario, serpro_vivo: SandboxVivo
) -> None:
    RascunhoDefis.objects.create(empresa=empresa, ano=ANO - 1, dados=com_tudo(empresa), alterado_por=ana)
    declarar_o_ano(serpro_vivo, empresa)
    operacao = feito(Acao.TRANSMITIR_DEFIS, empresa, ana, ano=str(ANO - 1))
    assert operacao.situacao == Situacao.RECUSADA  # still opting for the Receita
    assert "apague o que está em “Não optante”" in operacao.mensagem
    avisar(serpro_vivo, dte=[{"documento": empresa.documento, "indicador": 0}])
    rascunho_corrigido = RascunhoDefis.objects.get()
    rascunho_corrigido.dados |= {"ganho_capital": "1,00"}
    rascunho_corrigido.save()
    assert feito(Acao.TRANSMITIR_DEFIS, empresa, ana, ano=str(ANO - 1)).situacao == Situacao.CONCLUIDA


@pytest.mark.parametrize("falha", ["", "perder_resposta", "cortar", "tempo_esgotado"])
def test_a_defis_is_transmitted_once_whatever_happens_to_the_answer(
    empresa: Empresa, ana: Usuario, serpro_vivo: SandboxVivo, falha: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from guias.handlers import TransmitirDefis

    monkeypatch.setattr(TransmitirDefis, "demora_maxima", timedelta(0))
    preencher(empresa, ana)
    declarar_o_ano(serpro_vivo, empresa)
    if falha:
        serpro_vivo.controle.cenario(acao=falha, operacao="TRANSDECLARACAO141", vezes=1)
    operacao = feito(Acao.TRANSMITIR_DEFIS, empresa, ana, ano=str(ANO - 1))
    assert operacao.situacao == Situacao.CONCLUIDA, operacao.mensagem
    (efeito,) = serpro_vivo.controle.ledger(tipo="defis_transmitida")
    declaracao = DeclaracaoDefis.objects.get(empresa=empresa)
    assert declaracao.numero == efeito["numero"] == operacao.resposta["numero"]
    assert declaracao.recibo is not None
    assert declaracao.declaracao is not None
    assert not RascunhoDefis.objects.filter(empresa=empresa).exists()


def test_a_second_defis_rectifies_and_only_when_it_says_so(
    empresa: Empresa, ana: Usuario, serpro_vivo: SandboxVivo
) -> None:
    declarar_o_ano(serpro_vivo, empresa)
    preencher(empresa, ana)
    feito(Acao.TRANSMITIR_DEFIS, empresa, ana, ano=str(ANO - 1))
    primeira = DeclaracaoDefis.objects.get(empresa=empresa)
    preencher(empresa, ana)
    assert fora(Acao.TRANSMITIR_DEFIS, empresa, ano=str(ANO - 1)) == Codigo.JA_FEITA
    segunda = feito(Acao.TRANSMITIR_DEFIS, empresa, ana, ano=str(ANO - 1), retifica=primeira.numero)
    assert segunda.situacao == Situacao.CONCLUIDA
    assert [d.tipo for d in DeclaracaoDefis.objects.filter(empresa=empresa).order_by("numero")] == [1, 2]


def test_what_the_receita_has_is_brought_with_its_documents(
    empresa: Empresa, ana: Usuario, serpro_vivo: SandboxVivo
) -> None:
    avisar(serpro_vivo, defis=[{"documento": empresa.documento, "ano": ANO - 1}])
    feito(Acao.DEFIS, empresa, ana)
    declaracao = DeclaracaoDefis.objects.get(empresa=empresa)
    assert (declaracao.ano, declaracao.recibo) == (ANO - 1, None)
    consultas.buscar_defis(declaracao, ana, INTENCAO)
    trabalhar()
    declaracao.refresh_from_db()
    assert declaracao.recibo is not None


# -- regime -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("falha", ["", "perder_resposta", "cortar"])
def test_an_option_of_regime_is_made_once_whatever_happens_to_the_answer(
    empresa: Empresa, ana: Usuario, serpro_vivo: SandboxVivo, falha: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from guias.handlers import OptarRegime

    monkeypatch.setattr(OptarRegime, "demora_maxima", timedelta(0))
    if falha:
        serpro_vivo.controle.cenario(acao=falha, operacao="EFETUAROPCAOREGIME101", vezes=1)
    operacao = feito(Acao.OPTAR_REGIME, empresa, ana, ano=str(ANO + 1), regime="CAIXA")
    assert operacao.situacao == Situacao.CONCLUIDA, operacao.mensagem
    (efeito,) = serpro_vivo.controle.ledger(tipo="regime_optado")
    assert efeito["numero"] == "CAIXA"
    opcao = OpcaoRegime.objects.get(empresa=empresa, ano=ANO + 1)
    assert (opcao.regime, opcao.demonstrativo is None) == ("CAIXA", False)
    assert fora(Acao.OPTAR_REGIME, empresa, ano=str(ANO + 1), regime="COMPETENCIA") == Codigo.JA_FEITA


def test_the_option_that_others_made_is_a_refusal_and_is_read(
    empresa: Empresa, ana: Usuario, serpro_vivo: SandboxVivo
) -> None:
    avisar(serpro_vivo, regimes=[{"documento": empresa.documento, "ano": ANO + 1, "regime": "COMPETENCIA"}])
    operacao = feito(Acao.OPTAR_REGIME, empresa, ana, ano=str(ANO + 1), regime="CAIXA")
    assert operacao.situacao == Situacao.RECUSADA
    assert not OpcaoRegime.objects.exists()
    feito(Acao.REGIMES, empresa, ana)
    opcao = OpcaoRegime.objects.get(empresa=empresa)
    assert opcao.regime == "COMPETENCIA"
    consultas.buscar_demonstrativo(opcao, ana, INTENCAO)
    trabalhar()
    opcao.refresh_from_db()
    assert opcao.demonstrativo is not None


def test_the_resolution_is_asked_for_once_for_everybody_and_read_before_the_option(
    empresa: Empresa, ana: Usuario, entrar: Callable[[Usuario], Any]
) -> None:
    cliente = entrar(ana)
    dados = {"ids": [empresa.pk], "ano": str(ANO + 1), "regime": "CAIXA", "ciente": "1"}
    recusado = cliente.post(reverse("guias:pedir", args=["optar-regime"]), dados, follow=True)
    assert "A opção exige a leitura da resolução" in recusado.content.decode()
    consultas.buscar_resolucao(empresa, ana, INTENCAO, ANO + 1)
    trabalhar()
    pagina = cliente.post(reverse("guias:regime"), {"ids": [empresa.pk]}).content.decode()
    assert "irretratável para todo o ano-calendário" in pagina
    previa = cliente.post(reverse("guias:pedir", args=["optar-regime"]), dados).content.decode()
    assert "não pode ser desfeita nem mudada depois" in previa
    assert "Optar pelo regime de 1 empresa" in previa


def test_the_last_defis_of_a_year_comes_with_its_papers_and_none_is_an_answer(
    empresa: Empresa, ana: Usuario, serpro_vivo: SandboxVivo, entrar: Callable[[Usuario], Any]
) -> None:
    ano = ANO - 1
    nenhuma = feito(Acao.ULTIMA_DEFIS, empresa, ana, ano=str(ano))
    assert nenhuma.situacao == Situacao.CONCLUIDA, nenhuma.mensagem
    assert not DeclaracaoDefis.objects.exists()
    assert fora(Acao.ULTIMA_DEFIS, empresa, ano=str(ano)) == Codigo.JA_CONSULTADA
    assert not prevoo.prevoo(Acao.ULTIMA_DEFIS, [empresa], MES, parametros={"ano": str(ano - 1)}).fora
    avisar(serpro_vivo, defis=[{"documento": empresa.documento, "ano": ano}])
    cliente = entrar(ana)
    pedido = {"ids": [empresa.pk], "ano": str(ano), "de_novo": "1"}
    previa = cliente.post(reverse("guias:pedir", args=["ultima-defis"]), pedido)
    assert f"ano-calendário {ano}" in previa.content.decode()
    cliente.post(reverse("guias:pedir", args=["ultima-defis"]), pedido | {"marca": previa.context["previa"].marca})
    trabalhar()
    achada = DeclaracaoDefis.objects.get(empresa=empresa, ano=ano)
    assert achada.declaracao is not None
    assert achada.recibo is not None
    assert "Transmitida" in cliente.get(reverse("guias:anuais"), {"ano": ano}).content.decode()
    ficha = cliente.get(reverse("guias:na_receita", args=[empresa.pk])).content.decode()
    assert f"Última DEFIS de {ano}" in ficha
    assert achada.numero in ficha


# -- Redesim ----------------------------------------------------------------------------------------------------------


def test_the_vinculos_are_kept_and_compared(
    empresa: Empresa, escritorio: Credencial, ana: Usuario, serpro_vivo: SandboxVivo, entrar: Callable[[Usuario], Any]
) -> None:
    avisar(
        serpro_vivo,
        vinculos=[
            {"contador": escritorio.contratante, "documento": empresa.documento},
            {"contador": escritorio.contratante, "documento": "80000002000110"},
        ],
    )
    redesim.consultar(redesim.VINCULOS, [escritorio], ana, INTENCAO)
    with pytest.raises(redesim.NadaAConsultar, match="já estão sendo consultados"):
        redesim.consultar(redesim.VINCULOS, [escritorio], ana, "1" * 16)
    trabalhar()
    assert len(ConsultaRedesim.objects.get().vinculos) == 2
    pagina = entrar(ana).get(reverse("guias:processos")).content.decode()
    assert "O escritório" in pagina
    assert "80.000.002/0001-10" in pagina


def test_the_renuncias_are_listed_with_those_of_the_portal_and_each_has_its_receipt(
    empresa: Empresa, escritorio: Credencial, ana: Usuario, serpro_vivo: SandboxVivo, entrar: Callable[[Usuario], Any]
) -> None:
    deles = [{"contador": escritorio.contratante, "documento": d} for d in (empresa.documento, "80000002000110")]
    avisar(serpro_vivo, vinculos=deles, renuncias=deles)
    cliente = entrar(ana)
    cliente.post(reverse("guias:consultar_renuncias"), {"intencao": INTENCAO})
    trabalhar()
    assert len(ConsultaDeRenuncias.objects.get().renuncias) == 2
    assert cobradas(serpro_vivo, "CONSRENUNCIA263") == ["sim"]
    renuncia = Renuncia.objects.get()
    assert renuncia.empresa == empresa
    pagina = cliente.get(reverse("guias:renuncias")).content.decode()
    assert "80.000.002/0001-10" in pagina
    cliente.post(reverse("guias:comprovante_da_renuncia", args=[renuncia.pk]), {"intencao": "1" * 16})
    trabalhar()
    renuncia.refresh_from_db()
    assert renuncia.comprovante is not None
    redesim.consultar(redesim.RENUNCIAS, [escritorio], ana, "2" * 16)
    trabalhar()
    assert Renuncia.objects.get() == renuncia


@pytest.mark.parametrize("falha", ["", "perder_resposta"])
def test_a_renuncia_is_asked_for_once_and_followed_to_its_end(
    empresa: Empresa,
    escritorio: Credencial,
    ana: Usuario,
    serpro_vivo: SandboxVivo,
    falha: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from guias.handlers import RenunciarVinculo

    monkeypatch.setattr(RenunciarVinculo, "demora_maxima", timedelta(0))
    serpro_vivo.controle.ajustes(**{"integra_contador.renuncia_segundos": 0})
    avisar(serpro_vivo, vinculos=[{"contador": escritorio.contratante, "documento": empresa.documento}])
    if falha:
        serpro_vivo.controle.cenario(acao=falha, operacao="SOLICRENUNCIA262", vezes=1)
    operacao = feito(Acao.RENUNCIAR, empresa, ana, responsavel="111.444.777-35")
    assert operacao.situacao == Situacao.CONCLUIDA, operacao.mensagem
    (efeito,) = serpro_vivo.controle.ledger(tipo="renuncia_pedida")
    renuncia = Renuncia.objects.get(empresa=empresa)
    assert str(renuncia.numero) == efeito["numero"]
    consultas.buscar_comprovante_da_renuncia(renuncia, ana, INTENCAO)
    trabalhar()
    renuncia.refresh_from_db()
    assert renuncia.comprovante is not None


def test_a_repeat_refused_while_the_first_asking_is_decided_waits_for_the_decision(
    empresa: Empresa, escritorio: Credencial, ana: Usuario, serpro_vivo: SandboxVivo, monkeypatch: pytest.MonkeyPatch
) -> None:
    from guias.handlers import RenunciarVinculo

    monkeypatch.setattr(RenunciarVinculo, "demora_maxima", timedelta(0))
    avisar(serpro_vivo, vinculos=[{"contador": escritorio.contratante, "documento": empresa.documento}])
    serpro_vivo.controle.cenario(acao="perder_resposta", operacao="SOLICRENUNCIA262", vezes=1)
    operacao = pedir(Acao.RENUNCIAR, empresa, ana, responsavel="11144477735")
    trabalhar(voltas=4)
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.ACEITA
    assert len(serpro_vivo.controle.chamadas(operacao="SOLICRENUNCIA262")) == 2
    serpro_vivo.controle.relogio(deslocamento_segundos=61)
    trabalhar()
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.CONCLUIDA, operacao.mensagem
    assert len(serpro_vivo.controle.ledger(tipo="renuncia_pedida")) == 1


def test_a_refusal_that_no_earlier_asking_explains_stands(
    empresa: Empresa, ana: Usuario, escritorio: Credencial, serpro_vivo: SandboxVivo, monkeypatch: pytest.MonkeyPatch
) -> None:
    from guias.handlers import RenunciarVinculo

    monkeypatch.setattr(RenunciarVinculo, "demora_maxima", timedelta(0))
    serpro_vivo.controle.cenario(acao="cortar", operacao="SOLICRENUNCIA262", vezes=1)
    operacao = feito(Acao.RENUNCIAR, empresa, ana, responsavel="11144477735")
    assert operacao.situacao == Situacao.RECUSADA
    assert "não tem vínculo de contador" in operacao.mensagem


def test_a_renuncia_needs_the_cpf_of_the_certificate(empresa: Empresa) -> None:
    assert fora(Acao.RENUNCIAR, empresa, responsavel="123") == Codigo.DADOS


def test_a_renuncia_without_vinculo_is_refused_with_what_it_means(
    empresa: Empresa, ana: Usuario, escritorio: Credencial
) -> None:
    operacao = feito(Acao.RENUNCIAR, empresa, ana, responsavel="11144477735")
    assert operacao.situacao == Situacao.RECUSADA
    assert "não tem vínculo de contador" in operacao.mensagem


def test_a_missing_power_is_an_affair_of_one_empresa(empresa: Empresa, ana: Usuario, serpro_vivo: SandboxVivo) -> None:
    serpro_vivo.controle.cadastro(contribuintes=[{"documento": empresa.documento, "procuracao_padrao": False}])
    operacao = feito(Acao.DTE, empresa, ana)
    assert operacao.situacao == Situacao.RECUSADA
    assert "Falta procuração" in operacao.mensagem
    assert "PGDAS-D" not in operacao.mensagem
    assert json.dumps(operacao.resposta or {}) == "{}"
    assert Processamento.objects.count() == 0
