"""Where the ISS of a national note is: computed, shown, summed and exported by one rule, which is the Sefin's."""

import re
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from comum.models import Usuario
from empresas.models import Carteira, Empresa, RegimeEmpresa
from nfse.lista_notas import CABECALHO, linhas_exportadas
from nfse.models import CanalNfse, Nota
from nfse.models.exigencias import RegimeApuracao
from nfse.providers.interface import ItemAplicado
from nfse.providers.nacional.parametros import Convenio
from nfse.services.emissao import com_tudo, prevoo
from nfse.services.iss import sem_iss, sem_iss_da_nota
from nfse.services.nacional import guardar_convenio
from sandbox.nacional.arvore import Campos
from sandbox.nacional.calculo import so_liquido
from tests.cast import criar_empresa
from tests.nfse.apoio import autorizar, criar_canal
from tests.nfse.fabrica import RECIFE, criar_tomador
from tests.nfse.test_nacional_campos import LINHA, com, dps_de
from tests.nfse.test_telas_nova import HTMX, digitar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hoje")]
D = Decimal
TRES = {"aliquota": D(3)}
RETIDAS = {"pis": D("6.50"), "cofins": D("30.00"), "csll": D("10.00")}


@pytest.fixture
def prestador(carteira: Carteira) -> Empresa:
    guardar_convenio(RECIFE, Convenio(True, True, True, True, True))
    return criar_empresa(1, carteira=carteira, regime="simples", municipio=RECIFE)


@pytest.fixture
def canal(prestador: Empresa, monkeypatch: pytest.MonkeyPatch) -> CanalNfse:
    monkeypatch.setattr("nfse.services.validacao.impedimento_de", lambda canal: "")
    campos: dict[str, Any] = {"regime_apuracao": RegimeApuracao.NO_SIMPLES, "total_simples": D(6), "serie": "1"}
    return criar_canal(prestador, "nacional", **campos)


def autorizada(canal: CanalNfse, usuario: Usuario, aplicada: Decimal | None = None, **campos: Any) -> Nota:
    nota = com(canal, usuario, item=TRES, **campos)
    iss = () if aplicada is None else (("ISS", aplicada * 10),)
    return autorizar(nota, usuario, itens=(ItemAplicado(D(1000), aplicada),), tributos=(*iss, ("CBS", D("9.00"))))


def pagina(cliente: Client, onde: str) -> str:
    return re.sub(r"(<[^>]*>|\s)+", " ", cliente.get(onde).content.decode())


@pytest.mark.parametrize(
    ("exigibilidade", "apuracao", "regime", "retido", "dito"),
    [
        ("exigivel", "no_simples", "simples", False, "pago no DAS"),
        ("exigivel", "no_simples", "simples", True, ""),
        ("exigivel", "iss_por_fora", "simples", False, ""),
        ("exigivel", "por_fora", "simples", False, ""),
        ("exigivel", "no_simples", "presumido", False, ""),
        ("exigivel", "", "presumido", False, ""),
        ("exigivel", "", "mei", False, "pago no DAS"),
        ("imunidade", "no_simples", "simples", False, "não há ISS (imunidade)"),
        ("exportacao", "iss_por_fora", "simples", False, "não há ISS (exportação de serviço)"),
        ("nao_incidencia", "", "presumido", False, "não há ISS (não incidência)"),
        ("susp_judicial", "no_simples", "simples", False, "suspenso"),
        ("susp_admin", "", "presumido", False, "suspenso"),
    ],
)
def test_each_case_is_told_and_is_as_the_sefin_computes_it(
    canal, prestador, ana, exigibilidade: str, apuracao: str, regime: str, retido: bool, dito: str
) -> None:
    CanalNfse.objects.update(regime_apuracao=apuracao, carga_federal=13, carga_estadual=0, carga_municipal=3)
    RegimeEmpresa.objects.filter(empresa=prestador).update(regime=regime)
    canal.refresh_from_db()
    assert sem_iss(exigibilidade, canal, regime, retido=retido) == dito
    mais: dict[str, Any] = {"imunidade": "1"} if exigibilidade == "imunidade" else {}
    mais |= {"processo": "0" * 30} if exigibilidade.startswith("susp") else {}
    nota = com(canal, ana, item=TRES, exigibilidade=exigibilidade, iss_retido=retido, **mais)
    (inf,) = dps_de(nota).findall("{*}infDPS")
    no_sandbox = Campos(inf)
    assert bool(dito) == so_liquido(no_sandbox) == (nota.itens.get().iss is None)
    assert nota.valor_iss == (0 if dito else 30)


def test_no_other_channel_leaves_it_out(prestador) -> None:
    for tipo in ("sisgenfe", "integranotas"):
        canal = CanalNfse(empresa=prestador, tipo=tipo, regime_apuracao=RegimeApuracao.NO_SIMPLES)
        assert sem_iss("imunidade", canal, "simples", retido=False) == ""


def test_an_ordinary_note_of_the_simples_has_no_amount_anywhere(como_bruno: Client, canal, ana) -> None:
    nota = autorizada(canal, ana)
    assert (nota.valor_iss, nota.valor_liquido, nota.itens.get().iss) == (D(0), D(1000), None)
    dita = pagina(como_bruno, nota.get_absolute_url())
    assert "ISS – pago no DAS" in dita
    assert "3%" not in dita
    assert "30,00" not in dita
    assert "Outros tributos na NFS-e: CBS 9,00" in dita
    resposta = como_bruno.get(reverse("nfse:notas"), {"periodo": "todos"})
    assert resposta.context["soma"].iss == 0
    (linha,) = linhas_exportadas(Nota.objects.all())
    assert dict(zip(CABECALHO, linha, strict=True))["ISS"] is None


def test_what_was_withheld_is_an_amount_and_what_was_sent_is_told(como_bruno: Client, canal, ana) -> None:
    nota = autorizada(canal, ana, D(3), iss_retido=True)
    dita = pagina(como_bruno, nota.get_absolute_url())
    assert "ISS R$ 30,00 retido pelo tomador" in dita
    assert "1.000,00 3% 30,00" in dita
    assert nota.valor_liquido == D(970)


def test_outside_the_regime_unico_the_iss_is_what_the_municipio_applied(como_bruno: Client, canal, ana) -> None:
    CanalNfse.objects.update(regime_apuracao=RegimeApuracao.ISS_POR_FORA)
    nota = autorizada(canal, ana, D(5))
    assert nota.valor_iss == D(50)  # ours was 3 %, which the table withholds
    dita = pagina(como_bruno, nota.get_absolute_url())
    assert "ISS R$ 50,00 devido pelo prestador" in dita
    assert "5% do município" in dita
    assert "3%" not in dita
    assert "aplicou valores diferentes" not in dita


def test_what_is_withheld_by_the_rate_of_the_municipio_is_its_amount(como_bruno: Client, canal, ana) -> None:
    CanalNfse.objects.update(regime_apuracao=RegimeApuracao.ISS_POR_FORA)
    nota = autorizada(canal, ana, D(5), iss_retido=True)
    assert (nota.valor_iss, nota.valor_retido, nota.valor_liquido) == (D(50), D(50), D(950))
    assert "ISS R$ 50,00 retido pelo tomador" in pagina(como_bruno, nota.get_absolute_url())


def test_a_note_that_went_is_told_as_it_went(canal, prestador, ana) -> None:
    nota = autorizada(canal, ana)
    CanalNfse.objects.update(regime_apuracao=RegimeApuracao.POR_FORA)
    RegimeEmpresa.objects.filter(empresa=prestador).update(regime="presumido")
    nota = Nota.objects.get(pk=nota.pk)
    assert sem_iss_da_nota(nota, nota.canal) == "pago no DAS"


def test_suspended_and_immune_say_so_from_the_form_to_the_note(como_bruno: Client, canal, prestador, ana) -> None:
    dados = digitar(prestador, criar_tomador(prestador), LINHA | {"aliquota": "3"}, exigibilidade="imunidade")
    resumo = como_bruno.post(reverse("nfse:calcular"), dados, headers=HTMX)
    assert "não há ISS (imunidade)" in resumo.content.decode()
    nota = com(canal, ana, item=TRES, exigibilidade="susp_judicial", processo="0" * 30)
    for onde in (nota.get_absolute_url(), reverse("nfse:emitir", args=[nota.pk])):
        dita = pagina(como_bruno, onde)
        assert "ISS – suspenso" in dita
        assert "pago no DAS" not in dita
    assert "3%" not in dita  # in the pré-voo, what goes


@pytest.mark.parametrize(
    ("item", "campos", "apuracao", "avisos"),
    [
        (RETIDAS, {"pis_cofins_situacao": "08"}, RegimeApuracao.NO_SIMPLES, 1),
        (RETIDAS, {"pis_cofins_situacao": "08"}, RegimeApuracao.ISS_POR_FORA, 1),
        (RETIDAS, {"pis_cofins_situacao": "08"}, RegimeApuracao.POR_FORA, 0),
        (
            {},
            {"pis_cofins_situacao": "01", "pis_aliquota": D("0.65"), "cofins_aliquota": D(3)},
            RegimeApuracao.NO_SIMPLES,
            1,
        ),
        ({"ir": D("15.00")}, {}, RegimeApuracao.NO_SIMPLES, 0),
    ],
)
def test_the_prevoo_warns_of_contributions_in_the_simples(canal, ana, item, campos, apuracao, avisos: int) -> None:
    CanalNfse.objects.update(regime_apuracao=apuracao)
    previa = prevoo(com_tudo([com(canal, ana, item=item, **campos).pk]))
    assert len(previa.prontas) == 1, previa.fora[0].motivo
    assert len([dito for dito in previa.avisos if "IN RFB 459/2004" in dito]) == avisos


def test_the_migration_takes_the_iss_of_the_das_from_the_notes_that_went(canal, ana) -> None:
    nota, retida = autorizada(canal, ana), com(canal, ana, item=TRES, iss_retido=True)
    autorizar(retida, ana, "4002", itens=(ItemAplicado(D(1000), D(3)),), tributos=(("ISS", D("30.00")),))
    Nota.objects.filter(pk=nota.pk).update(valor_iss=30)
    nota.itens.update(iss=30)
    import_module("nfse.migrations.0017_iss_fora_da_nota").sem_o_iss_que_nao_e_da_nota(apps, None)
    nota.refresh_from_db()
    retida.refresh_from_db()
    assert (nota.valor_iss, nota.itens.get().iss) == (D(0), None)
    assert (retida.valor_iss, retida.itens.get().iss) == (D(30), D(30))
