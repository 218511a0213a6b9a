"""The pré-voo of an action and its confirmation: who stays out and why, what it costs, what is sent, once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from comum.formatos import format_dinheiro, hora
from comum.models import Usuario
from credentials.models import CertificadoA1, Credencial, Servico, Vinculo
from empresas.calendario import somar_meses
from empresas.models import Empresa, ProrrogacaoVencimento
from guias.models import Apuracao, Receita
from guias.services import aprovacao, prevoo, quadro
from guias.services.acesso import Codigo
from guias.services.acoes import Acao
from guias.services.calculo import recalcular
from operacoes.models import Circuito, Operacao, Pausa, Processamento
from operacoes.motor import submeter
from operacoes.processamentos.criacao import criar
from tests.cast import criar_empresa
from tests.guias.apoio import MES, informar, procuracao_de, vincular

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adicional_216")]


def test_prevoo_says_what_stays_out_and_why_and_sends_nothing(entrar, ana, carteira, empresas, credencial) -> None:
    a, b, c = empresas
    d = criar_empresa(9, carteira=carteira)
    for empresa in (a, c, d):
        informar(empresa, competencia=MES)
    vincular(a, credencial, ana)
    vincular(b, credencial, ana)
    vincular(c, credencial, ana, Servico.MEI)

    resposta = entrar(ana).post(reverse("guias:agir", args=["simular"]), {"ids": [e.pk for e in (a, b, c, d)]})

    previa = resposta.context["previa"]
    assert [e.pk for e in previa.prontas] == [a.pk]
    assert {item.codigo for item in previa.fora} == {"sem_receita", "servico", "sem_vinculo"}
    assert "Simular 1 apuração · custo R$ 0,40" in resposta.content.decode()
    assert Operacao.objects.count() == 0


def test_prevoo_says_that_the_service_is_held_and_that_what_is_sent_waits(entrar, ana, empresas, credencial) -> None:
    informar(empresas[0], competencia=MES)
    vincular(empresas[0], credencial, ana)
    client, agora = entrar(ana), timezone.now()

    def previa() -> str:
        url = reverse("guias:agir", args=["simular"])
        pagina: str = client.post(url, {"ids": [empresas[0].pk]}).content.decode()
        return pagina[: pagina.index('class="figuras"')]

    assert "Ver em Operações" not in previa()
    circuito = Circuito.objects.create(
        servico="integra_contador", falhas=5, aberto_desde=agora, tentar_em=agora + timedelta(minutes=5)
    )
    assert f"Integra Contador fora do ar desde {hora(agora)}; tenta de novo às" in previa()
    circuito.pausado_desde, circuito.pausado_por, circuito.motivo_da_pausa = agora, ana, "Manutenção"
    circuito.save()
    dito = previa()
    assert f"Integra Contador em pausa desde {hora(agora)} por {ana.nome} (Manutenção)" in dito
    assert "até que um Administrador o retome" in dito
    assert f'href="{reverse("operacoes:lista")}"' in dito[dito.index("em pausa desde") :]


def test_prevoo_says_first_that_a_credencial_is_paused(entrar, ana, empresas, credencial) -> None:
    informar(empresas[0], competencia=MES)
    vincular(empresas[0], credencial, ana)
    Pausa.objects.create(acesso=credencial.acesso, motivo="O certificado venceu.")
    url = reverse("guias:agir", args=["simular"])
    pagina = entrar(ana).post(url, {"ids": [empresas[0].pk]}).content.decode()
    assert "1 empresa fica de fora porque a credencial está em pausa" in pagina[: pagina.index('class="figuras"')]


def test_confirming_creates_the_run_and_a_second_click_finds_it(entrar, ana, empresas, credencial) -> None:
    a = empresas[0]
    informar(a, competencia=MES)
    vincular(a, credencial, ana)
    client = entrar(ana)
    url, ids = reverse("guias:agir", args=["simular"]), {"ids": [a.pk]}
    marca = client.post(url, ids).context["previa"].marca

    primeira = client.post(url, ids | {"marca": marca})
    segunda = client.post(url, ids | {"marca": marca})

    processamento = Processamento.objects.get()
    assert primeira.url == segunda.url == reverse("operacoes:processamento", args=[processamento.pk])
    assert Operacao.objects.count() == 1


def test_what_changed_since_the_prevoo_is_shown_again(entrar, ana, empresas, credencial) -> None:
    a, b, _ = empresas
    for empresa in (a, b):
        informar(empresa, competencia=MES)
        vincular(empresa, credencial, ana)
    client = entrar(ana)
    url, ids = reverse("guias:agir", args=["simular"]), {"ids": [a.pk, b.pk]}
    marca = client.post(url, ids).context["previa"].marca
    Receita.objects.filter(empresa=b).delete()
    acoes_antes = Operacao.objects.count()

    resposta = client.post(url, ids | {"marca": marca})

    assert resposta.status_code == 422
    assert "A situação mudou" in resposta.content.decode()
    assert Operacao.objects.count() == acoes_antes


def test_confirming_sends_the_values_that_were_shown_and_no_others(entrar, ana, empresas, credencial) -> None:
    a = empresas[0]
    informar(a, competencia=MES)
    vincular(a, credencial, ana)
    aprovacao.aprovar([a], MES, ana, diferentes=set())
    client = entrar(ana)
    url, ids = reverse("guias:agir", args=["transmitir"]), {"ids": [a.pk], "emitir_das": "1", "das_mostrado": "1"}
    mostrada = client.post(url, {"ids": [a.pk]}).context["previa"]
    Receita.objects.filter(empresa=a, competencia=MES).update(valor=Decimal("90000.00"))
    recalcular([a], MES, None, receita_mudou=True)
    aprovacao.aprovar([a], MES, ana, diferentes=set())

    resposta = client.post(url, ids | {"marca": mostrada.marca})

    agora = resposta.context["previa"]
    assert (resposta.status_code, Operacao.objects.count()) == (422, 0)
    assert agora.valor > mostrada.valor
    assert f"· valor {format_dinheiro(agora.valor)} · custo" in resposta.content.decode()
    assert client.post(url, ids | {"marca": agora.marca}).status_code == 302


def test_confirming_goes_through_the_credencial_that_was_shown(ana, empresas, credencial) -> None:
    a = empresas[0]
    informar(a, competencia=MES)
    vincular(a, credencial, ana)
    mostrada = prevoo.prevoo(Acao.SIMULAR, [a], MES)
    outra = Credencial.objects.create(
        codigo=2,
        descricao="Outra",
        contratante=credencial.contratante,
        consumer_key=b"x",
        consumer_secret=b"x",
        certificado=credencial.certificado,
    )
    Vinculo.objects.update(credencial=outra)
    with pytest.raises(prevoo.Mudou):
        prevoo.processar(Acao.SIMULAR, [a], MES, ana, marca=mostrada.marca)


def test_a_known_missing_procuracao_keeps_a_company_out(ana, empresas, credencial) -> None:
    a = empresas[0]
    informar(a, competencia=MES)
    vincular(a, credencial, ana)
    procuracao_de(a, credencial, [])
    previa = prevoo.prevoo(Acao.SIMULAR, [a], MES)
    assert [item.codigo for item in previa.fora] == ["procuracao"]


@pytest.mark.parametrize(
    ("sistemas", "serve"),
    [
        (["Caixa Postal"], False),
        (["Todos os serviços do PGDAS-D a partir de 01/2018"], True),
        (["Caixa Postal", "Pgdas-D e Defis"], True),
        (["TODOS"], True),
        (["DCTFWeb TODOS"], False),
    ],
)
def test_a_known_procuracao_without_pgdasd_keeps_a_company_out(sistemas, serve, ana, empresas, credencial) -> None:
    a = empresas[0]
    informar(a, competencia=MES)
    vincular(a, credencial, ana)
    procuracao_de(a, credencial, sistemas)
    previa = prevoo.prevoo(Acao.SIMULAR, [a], MES)
    assert [item.codigo for item in previa.fora] == ([] if serve else ["procuracao"])
    assert serve or "poder 00146 (PGDAS-D)" in previa.fora[0].motivo
    assert quadro.quadro(ana, MES).get(pk=a.pk).estado == ("calculada" if serve else "sem_procuracao")


def test_changing_the_das_option_shows_the_new_cost_before_anything_goes(entrar, ana, empresas, credencial) -> None:
    a = empresas[0]
    informar(a, competencia=MES)
    vincular(a, credencial, ana)
    aprovacao.aprovar([a], MES, ana, diferentes=set())
    client = entrar(ana)
    url, ids = reverse("guias:agir", args=["transmitir"]), {"ids": [a.pk]}
    previa = client.post(url, ids).context["previa"]

    resposta = client.post(url, ids | {"marca": previa.marca, "das_mostrado": "1"})

    assert (previa.das_em_seguida, previa.custo) == (True, Decimal("0.72"))
    assert (
        f"Transmitir 1 declaração · valor {format_dinheiro(previa.valor)} · custo R$ 0,40" in resposta.content.decode()
    )
    assert Operacao.objects.count() == 0


def test_a_paid_question_is_asked_once_for_each_page_that_offered_it(entrar, bruno, ana, empresas, credencial) -> None:
    vincular(empresas[0], credencial, ana)
    apuracao = informar(empresas[0], competencia=MES)
    client, endereco = entrar(bruno), reverse("guias:consultar", args=[apuracao.pk])
    intencao = client.get(reverse("guias:ver", args=[apuracao.pk])).context["intencao"]

    primeira = client.post(endereco, {"intencao": intencao})
    enquanto_aberta = client.post(endereco, {"intencao": "0" * 16})
    Operacao.objects.update(situacao="concluida", encerrada_em=timezone.now())
    voltando = client.post(endereco, {"intencao": intencao})
    outra = client.post(endereco, {"intencao": "1" * 16})
    sem_marca = client.post(endereco)

    assert primeira.url == enquanto_aberta.url == voltando.url != outra.url
    assert sem_marca.url == reverse("guias:ver", args=[apuracao.pk])
    assert Operacao.objects.count() == 2


def test_the_name_of_a_run_of_one_empresa_goes_with_the_carteira(
    entrar, bruno, ana, empresas, credencial, outra_carteira
) -> None:
    vincular(empresas[0], credencial, ana)
    client, apuracao = entrar(bruno), informar(empresas[0], competencia=MES)
    run = client.post(reverse("guias:consultar", args=[apuracao.pk]), {"intencao": "0" * 16}).url
    paginas = (run, reverse("operacoes:processamentos"), reverse("inicio"))
    nome = f"Consultar declarações · {empresas[0]}"
    assert all(nome in client.get(pagina).content.decode() for pagina in paginas)
    Empresa.objects.filter(pk=empresas[0].pk).update(carteira=outra_carteira)
    assert not any(empresas[0].razao_social in client.get(pagina).content.decode() for pagina in paginas)


def test_reasons_of_one_kind_in_other_words_are_told_together(entrar, ana, empresas, credencial) -> None:
    a, b, c = empresas
    for empresa, servicos in ((a, [Servico.DAS]), (b, [Servico.PGDASD]), (c, [])):
        informar(empresa, competencia=MES)
        vincular(empresa, credencial, ana, *servicos)
    client = entrar(ana)
    marcadas = {"ids": [e.pk for e in (a, b, c)]}
    client.post(reverse("guias:aprovar"), marcadas | {"marca": aprovacao.marca_dos_valores(Apuracao.objects.all())})

    resposta = client.post(reverse("guias:agir", args=["transmitir"]), marcadas)
    previa = resposta.context["previa"]
    assert [(motivo, len(itens)) for motivo, itens in previa.grupos] == [("Falta um serviço no vínculo.", 2)]

    confirmada = {"marca": previa.marca, "emitir_das": "1", "das_mostrado": "1"}
    run = client.post(reverse("guias:agir", args=["transmitir"]), marcadas | confirmada, follow=True)
    assert [(fora.motivo, fora.varia) for fora in run.context["fora"]] == [("Falta um serviço no vínculo.", True)]


def test_procuracoes_are_asked_once_a_day_from_whatever_month(ana, empresas, credencial) -> None:
    for empresa in empresas:
        vincular(empresa, credencial, ana)
    previa = prevoo.prevoo(Acao.PROCURACOES, empresas, MES)
    prevoo.processar(Acao.PROCURACOES, empresas, MES, ana, marca=previa.marca)
    outra = prevoo.prevoo(Acao.PROCURACOES, empresas, somar_meses(MES, -1))
    assert (len(outra.novas), {item.codigo for item in outra.fora}) == (0, {Codigo.JA_CONSULTADA})
    Operacao.objects.update(situacao="recusada", encerrada_em=timezone.now())
    de_novo = prevoo.prevoo(Acao.PROCURACOES, empresas, somar_meses(MES, -1))
    assert {nova.revisao for nova in de_novo.novas} == {2}


def test_the_same_confirmed_by_two_at_once_is_one_run(
    ana, bruno, empresas, credencial, monkeypatch: pytest.MonkeyPatch
) -> None:
    for empresa in empresas:
        vincular(empresa, credencial, ana)
    vista = prevoo.prevoo(Acao.PROCURACOES, empresas, MES)
    submeter(vista.novas, usuario=bruno)  # after ana's confirmation looked, before it wrote
    depois = prevoo.prevoo
    visto = iter([vista])
    monkeypatch.setattr(prevoo, "prevoo", lambda *args, **opcoes: next(visto, None) or depois(*args, **opcoes))
    with pytest.raises(prevoo.Mudou) as mudou:
        prevoo.processar(Acao.PROCURACOES, empresas, MES, ana, marca=vista.marca)
    assert {item.codigo for item in mudou.value.prevoo.fora} == {Codigo.JA_CONSULTADA}
    assert not Processamento.objects.exists()


def _outro_autor(vinculo: Vinculo) -> None:
    Vinculo.objects.filter(pk=vinculo.pk).update(autor="contribuinte")


def _autor_contratante(vinculo: Vinculo) -> None:
    Vinculo.objects.filter(pk=vinculo.pk).update(autor="procurador", procurador=vinculo.credencial.contratante)


def _certificado_vencido(vinculo: Vinculo) -> None:
    CertificadoA1.objects.update(valido_ate=timezone.now() - timedelta(days=1))


def _sem_segredo(vinculo: Vinculo) -> None:
    Credencial.objects.update(consumer_secret=b"")


def _pausada(vinculo: Vinculo) -> None:
    Pausa.objects.create(acesso=vinculo.credencial.acesso, motivo="Acesso negado.")


def _inativa(vinculo: Vinculo) -> None:
    Credencial.objects.update(ativa=False)


@pytest.mark.parametrize(
    ("mudar", "estado"),
    [
        (_outro_autor, "sem_acesso"),
        (_autor_contratante, "calculada"),
        (_certificado_vencido, "sem_acesso"),
        (_sem_segredo, "sem_acesso"),
        (_pausada, "sem_acesso"),
        (_inativa, "sem_acesso"),
    ],
)
def test_the_list_and_the_prevoo_agree_about_access(mudar, estado, entrar, ana, empresas, credencial) -> None:
    a = empresas[0]
    informar(a, competencia=MES)
    mudar(vincular(a, credencial, ana))
    (linha,) = entrar(ana).get(reverse("guias:apuracao"), {"q": a.documento}).context["linhas"]
    assert linha.empresa.estado == estado
    fora = prevoo.prevoo(Acao.SIMULAR, [a], MES).fora
    assert [item.motivo for item in fora] == ([linha.detalhe] if estado == "sem_acesso" else [])


def test_the_list_of_those_without_access_says_why_of_each(entrar, ana, empresas, credencial) -> None:
    a, b, _ = empresas
    for empresa in (a, b):
        informar(empresa, competencia=MES)
        vincular(empresa, credencial, ana)
    Apuracao.objects.filter(empresa=a).update(
        situacao="transmitida", id_declaracao="1" * 17, total_declarado=Decimal("100.00")
    )
    Credencial.objects.update(ativa=False)
    client = entrar(ana)
    linhas = client.get(reverse("guias:apuracao"), {"alcance": "sem_acesso"}).context["linhas"]
    assert {linha.empresa.estado for linha in linhas} == {"transmitida", "sem_acesso"}
    assert all("está inativa" in linha.detalhe and linha.acao == "Ver credenciais" for linha in linhas)
    (linha,) = client.get(reverse("guias:apuracao"), {"situacao": "transmitida"}).context["linhas"]
    assert linha.detalhe == "Falta emitir o DAS."


def test_without_receita_nor_access_is_told_alike_by_the_list_and_the_prevoo(entrar, ana, empresas) -> None:
    client = entrar(ana)
    estados = {e.estado for e in client.get(reverse("guias:apuracao")).context["lista"].pagina}
    previa = client.post(reverse("guias:agir", args=["simular"]), {"ids": [e.pk for e in empresas]}).context["previa"]
    assert estados == {"sem_receita"}
    assert {item.codigo.value for item in previa.fora} == estados


def test_back_from_the_prevoo_is_the_list_as_it_was_left(entrar, bruno: Usuario, empresas: list[Empresa]) -> None:
    client = entrar(bruno)
    lista = reverse("guias:apuracao") + "?q=inventada&pagina=2"
    agir, dados = reverse("guias:agir", args=["simular"]), {"todos": "1", "filtro": "q=inventada"}
    pagina = client.post(agir, dados, headers={"referer": f"http://testserver{lista}"})
    assert pagina.context["voltar"] == lista
    # Carried by the form: seen again from its own address, and never to another place.
    assert client.post(agir, dados | {"next": lista}).context["voltar"] == lista
    for fora in ("http://outro.example" + lista, "//outro.example" + lista, reverse("guias:lista") + "?q=x"):
        assert client.post(agir, dados | {"next": fora}).context["voltar"] == reverse("guias:apuracao")


@pytest.mark.parametrize(
    ("tipo", "rotulo"),
    [
        ("guias.pgdasd.simular", "Conferir as apurações"),
        ("guias.pgdasd.transmitir", "Voltar à apuração"),
        ("guias.das.emitir", "Abrir as guias"),
    ],
)
def test_a_run_that_ended_says_where_to_go_on_in_its_month(entrar, ana, tipo: str, rotulo: str) -> None:
    client = entrar(ana)
    run = criar(tipo, "Do mês", ana, MES, [])
    assert f">{rotulo}</a>" in client.get(run.get_absolute_url()).content.decode()
    outro = criar(tipo, "De outro mês", ana, somar_meses(MES, -3), [])
    assert rotulo not in client.get(outro.get_absolute_url()).content.decode()  # the top bar shows another month


def test_a_certificate_that_ends_before_the_due_date_is_told_before(ana, empresas, credencial) -> None:
    """It holds nobody: the run goes while the certificate is good."""
    vence = timezone.localdate() + timedelta(days=9)
    ProrrogacaoVencimento.objects.create(obrigacao_id="DAS", competencia=MES, vencimento=vence)
    informar(empresas[0], competencia=MES)
    vincular(empresas[0], credencial, ana)
    assert not [a for a in prevoo.prevoo(Acao.SIMULAR, empresas[:1], MES).avisos if a.codigo == "certificado"]
    CertificadoA1.objects.update(valido_ate=timezone.now() + timedelta(days=5))
    previa = prevoo.prevoo(Acao.SIMULAR, empresas[:1], MES)
    assert len(previa.novas) == 1
    (aviso,) = (a for a in previa.avisos if a.codigo == "certificado")
    assert "antes do vencimento" in aviso.texto
    assert aviso.quantas == 1
