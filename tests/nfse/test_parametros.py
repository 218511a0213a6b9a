"""What the municípios set in the national system for a serviço and a month: kept with its age, read again before use,
told before a note is sent."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comum.models import Usuario
from empresas.models import ItemLc116
from nfse.models import CanalNfse, ConvenioNacional, EmissorMunicipal, Nota, NotaItem, ParametroMunicipal, Servico
from nfse.services import municipais, parametros, testes
from nfse.services.emissao import Prevoo, com_tudo, prevoo
from nfse.services.parametros import Pergunta, Tipo
from operacoes.errors import ProviderError
from operacoes.models import Operacao
from tests.nfse.apoio_nacional import canal_no_nacional, nacional
from tests.nfse.escritorio import BARREIROS, emitir_ja, tomador_de
from tests.sandbox_fixture import SandboxVivo

pytestmark = pytest.mark.django_db(transaction=True)
SERVICO = "071301"


@pytest.fixture
def sefin(nfse_vivo: SandboxVivo) -> Iterator[SandboxVivo]:
    yield nfse_vivo
    nfse_vivo.controle.ajustes(**{"nacional.municipios": {}})


@pytest.fixture
def canal(sefin: SandboxVivo) -> CanalNfse:
    return canal_no_nacional(sefin, 52)


@pytest.fixture
def nota(canal: CanalNfse, ana: Usuario) -> Nota:
    return nacional(canal, ana)


def municipio(sefin: SandboxVivo, **dados: Any) -> None:
    sefin.controle.ajustes(**{"nacional.municipios": {BARREIROS: dados}})


def conferida(*notas: Nota) -> Prevoo:
    """As the screens do it: read what is old, then judge."""
    todas = com_tudo([nota.pk for nota in notas])
    parametros.renovar(todas)
    return prevoo(com_tudo([nota.pk for nota in notas]))


def guardado(tipo: str = Tipo.ALIQUOTA) -> ParametroMunicipal:
    return ParametroMunicipal.objects.get(tipo=tipo)


def falhar(sefin: SandboxVivo, operacao: str = "aliquota") -> None:
    sefin.controle.cenario(acao="erro", servico="nacional", operacao=operacao, parametros={"http": 503})


# -- read and kept -----------------------------------------------------------------------------------------------------


def test_the_prevoo_reads_what_it_needs_once_and_tells_the_rate(sefin, nota: Nota, ana, client: Client) -> None:
    municipio(sefin, aliquotas={SERVICO: [{"aliq": "2.50", "inicio": "2023-01-01", "fim": None}]})
    client.force_login(ana)
    for endereco in (reverse("nfse:emitir", args=[nota.pk]), reverse("nfse:emitir", args=[nota.pk])):
        pagina = client.get(endereco).content.decode()
        assert "Alíquota que o município aplica" in pagina
        assert '<td class="num">2,5%</td>' in pagina
    pagina = client.post(reverse("nfse:agir", args=["emitir"]), {"ids": str(nota.pk)}).content.decode()
    assert '<td class="num">2,5%</td>' in pagina
    lido = guardado()
    assert (lido.municipio_id, lido.servico, lido.competencia) == (BARREIROS, SERVICO, nota.competencia)
    assert lido.lido_em is not None
    antes = lido.lido_em
    conferida(nota)
    assert guardado().lido_em == antes


def test_an_old_answer_is_read_again(sefin, nota: Nota) -> None:
    conferida(nota)
    ParametroMunicipal.objects.update(lido_em=timezone.now() - timedelta(days=2), resposta=[])
    assert [dita.aliquota for dita in conferida(nota).aliquotas] == ["3%"]


def test_when_the_reading_fails_the_old_answer_stands_and_tells_its_age(sefin, nota, ana, client: Client) -> None:
    conferida(nota)
    ha_dois_dias = timezone.now() - timedelta(days=2)
    ParametroMunicipal.objects.update(lido_em=ha_dois_dias)
    falhar(sefin)
    client.force_login(ana)
    pagina = client.get(reverse("nfse:emitir", args=[nota.pk])).content.decode()
    assert '<td class="num">3%</td>' in pagina
    assert "Leitura antiga" in pagina
    lido = guardado()
    assert (lido.lido_em, bool(lido.falha)) == (ha_dois_dias, True)
    falhou_em = lido.falhou_em
    conferida(nota)  # a moment later nobody waits for it again
    assert guardado().falhou_em == falhou_em


def test_one_that_never_came_says_nothing_of_the_note(sefin, nota: Nota) -> None:
    falhar(sefin)
    previa = conferida(nota)
    assert (len(previa.prontas), list(previa.aliquotas)) == (1, [])
    lido = guardado()
    assert (lido.lido_em, bool(lido.falha)) == (None, True)
    with pytest.raises(ProviderError):
        parametros.ler(CanalNfse.objects.get(), parametros.pergunta_de(lido))


def test_a_municipio_that_is_not_active_is_asked_nothing(sefin, nota: Nota) -> None:
    ConvenioNacional.objects.update(ativo=False)
    assert (
        parametros.da_nota(nota, list(nota.itens.all()), CanalNfse.objects.get(), parametros.ativos([BARREIROS])) == []
    )
    ParametroMunicipal.objects.create(
        municipio_id=BARREIROS,
        tipo=Tipo.ALIQUOTA,
        servico=SERVICO,
        competencia=nota.competencia,
        lido_em=timezone.now(),
    )
    codigos = {problema.codigo for fora in prevoo(com_tudo([nota.pk])).fora for problema in fora.problemas}
    assert "nacional-servico-do-municipio" not in codigos


@pytest.mark.parametrize(
    ("mes", "dia"),
    [
        (date(2026, 10, 1), date(2026, 10, 31)),
        (date(2026, 11, 1), date(2026, 11, 22)),
        (date(2026, 12, 1), date(2026, 12, 1)),
    ],
)
def test_the_day_asked_about(monkeypatch: pytest.MonkeyPatch, mes: date, dia: date) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda: date(2026, 11, 22))
    assert Pergunta(BARREIROS, Tipo.ALIQUOTA, SERVICO, mes).dia == dia


# -- told before sending -----------------------------------------------------------------------------------------------


def test_a_service_that_the_municipio_does_not_administer_is_told(sefin, nota: Nota, ana: Usuario) -> None:
    municipio(sefin, servicos_fora=[SERVICO])
    (fora,) = conferida(nota).fora
    assert [problema.codigo for problema in fora.problemas] == ["nacional-servico-do-municipio"]
    assert SERVICO in fora.motivo
    assert "E0310" in fora.motivo
    ParametroMunicipal.objects.all().delete()  # sent without knowing, it is what the Sefin says
    emitir_ja(nota, usuario=ana)
    assert Operacao.objects.get(tipo="nfse.nacional.emitir").codigo == "E0310"


def test_a_benefit_that_the_municipio_does_not_have_is_told(sefin, canal: CanalNfse, nota: Nota, ana: Usuario) -> None:
    numero = f"{BARREIROS}0100001"
    Nota.objects.update(detalhes={"beneficio_numero": numero, "beneficio_percentual": "10"})
    (fora,) = conferida(nota).fora
    assert [(p.campo, p.codigo) for p in fora.problemas] == [("beneficio_numero", "nacional-beneficio-do-municipio")]
    assert [linha.dito for linha in municipais.linhas_do_canal(canal) if linha.pergunta.servico == numero] == [
        "nada definido"
    ]
    ParametroMunicipal.objects.filter(servico=numero).update(resposta={})  # the question was not taken
    assert [linha.dito for linha in municipais.linhas_do_canal(canal) if linha.pergunta.servico == numero] == [
        "não disse"
    ]
    ParametroMunicipal.objects.all().delete()
    emitir_ja(nota, usuario=ana)
    assert Operacao.objects.get(tipo="nfse.nacional.emitir").codigo == "E0533"
    municipio(sefin, beneficios={numero: {"descricao": "Incentivo"}})
    parametros.ler_do_canal(canal)
    assert not conferida(nota).fora
    emitir_ja(nota, usuario=ana)
    assert Nota.objects.get().situacao == Nota.Situacao.AUTORIZADA


def test_a_special_regime_that_the_municipio_forbids_is_told(sefin, canal: CanalNfse, nota: Nota, ana: Usuario) -> None:
    municipio(sefin, regimes={"1": 2})
    CanalNfse.objects.update(regime_tributacao="cooperativa")
    (fora,) = conferida(nota).fora
    assert [problema.codigo for problema in fora.problemas] == ["nacional-regime-do-municipio"]
    assert (guardado(Tipo.REGIMES).resposta or {})["1"] == "2"
    CanalNfse.objects.update(regime_tributacao="outros")  # 9
    assert not conferida(nota).fora
    CanalNfse.objects.update(regime_tributacao="cooperativa")
    ParametroMunicipal.objects.all().delete()
    emitir_ja(nota, usuario=ana)
    assert Operacao.objects.get(tipo="nfse.nacional.emitir").codigo == "E0178"


def test_the_withholding_of_a_person_is_told_where_the_municipio_has_none(sefin, canal: CanalNfse, ana) -> None:
    pessoa = tomador_de(canal.empresa, 7, documento="52998224725")
    nota = nacional(canal, ana, tomador=pessoa)
    conferida(nota)
    assert not ParametroMunicipal.objects.filter(tipo=Tipo.RETENCOES).exists()
    Nota.objects.update(iss_retido=True)
    NotaItem.objects.update(aliquota=Decimal(3))
    previa = conferida(nota)
    assert len(previa.prontas) == 1
    assert any("E0667" in aviso for aviso in previa.avisos)
    municipio(sefin, retencao_cpf=True)
    ParametroMunicipal.objects.all().delete()
    assert not any("E0667" in aviso for aviso in conferida(nota).avisos)


def test_an_emitter_of_the_municipio_has_rules_of_its_own(sefin, nota: Nota) -> None:
    municipio(sefin, servicos_fora=[SERVICO])
    assert conferida(nota).fora
    EmissorMunicipal.objects.create(municipio_id=BARREIROS, sefin="https://nfse.example/", fundamento="Lei")
    previa = prevoo(com_tudo([nota.pk]))
    assert (previa.fora, list(previa.aliquotas)) == ([], [])


def test_the_prevoo_asks_the_database_as_often_for_many(sefin, canal: CanalNfse, ana: Usuario) -> None:
    notas = [nacional(canal, ana, f"{valor}.00") for valor in range(100, 106)]
    conferida(*notas)
    consultas = []
    for quantas in (1, 6):
        lidas = com_tudo([nota.pk for nota in notas[:quantas]])
        with CaptureQueriesContext(connection) as feitas:
            previa = prevoo(lidas)
        assert sum(previa.aliquotas.values()) == quantas
        with CaptureQueriesContext(connection) as de_novo:
            parametros.renovar(lidas)
        consultas.append((len(feitas), len(de_novo)))
    assert consultas[0] == consultas[1]


# -- the canal ---------------------------------------------------------------------------------------------------------


def cadastrado(canal: CanalNfse, codigo: str = "010701") -> None:
    Servico.objects.create(
        empresa=canal.empresa,
        codigo="A",
        nome="A",
        item_lc116=ItemLc116.objects.earliest("item"),
        codigo_nacional=codigo,
        descricao="A",
    )


def test_the_canal_reads_its_services_and_shows_them_with_their_age(sefin, canal, nota, ana, client: Client) -> None:
    cadastrado(canal)
    client.force_login(ana)
    assert "nunca lido" in client.get(canal.get_absolute_url()).content.decode()
    resposta = client.post(reverse("nfse:canal_ler_convenios", args=[canal.codigo]), follow=True)
    pagina = resposta.content.decode()
    assert "Do município, agora: 1 convênio e 3 parâmetros." in pagina
    for dito in ("010701", SERVICO, '<td class="texto">3%</td>', "do artigo 6º da LC 116: sim; próprias: nenhuma"):
        assert dito in pagina
    assert "Leitura antiga" not in pagina
    ParametroMunicipal.objects.update(lido_em=timezone.now() - timedelta(days=2))
    assert "Leitura antiga" in client.get(canal.get_absolute_url()).content.decode()


def test_testar_reads_them_and_does_not_fail_by_them(sefin, canal: CanalNfse, nota: Nota, ana: Usuario) -> None:
    assert testes.testar(canal=canal, usuario=ana).ok
    assert {um.tipo for um in ParametroMunicipal.objects.all()} == {Tipo.ALIQUOTA, Tipo.RETENCOES}
    falhar(sefin)
    canal.refresh_from_db()
    assert testes.testar(canal=canal, usuario=ana).ok
    assert guardado().falha


def test_the_page_of_a_canal_says_each_answer_in_words(sefin, canal: CanalNfse, nota: Nota, ana, client) -> None:
    CanalNfse.objects.update(regime_tributacao="cooperativa")
    municipio(sefin, servicos_fora=[SERVICO], regimes={"1": 2})
    canal.refresh_from_db()
    parametros.ler_do_canal(canal)
    client.force_login(ana)
    pagina = client.get(canal.get_absolute_url()).content.decode()
    assert "não administra o serviço" in pagina
    municipio(sefin, regimes={"1": 2})
    parametros.ler_do_canal(canal)
    assert "não admite o do canal" in client.get(canal.get_absolute_url()).content.decode()
    falhar(sefin)
    resposta = client.post(reverse("nfse:canal_ler_convenios", args=[canal.codigo]), follow=True)
    assert "Continua valendo o que se leu antes" in resposta.content.decode()
