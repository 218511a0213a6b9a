"""Notes of services taken: read from their XML, brought from the simulator, kept once."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from comum.models import Usuario
from nfse.models import CanalNfse, NotaRecebida
from nfse.services.recebidas import pedir
from nfse.services.xml_nota import XmlIlegivel, ler
from operacoes.models import Operacao, Processamento, Situacao
from tests.nfse.escritorio import canal_no_integranotas, trabalhar
from tests.sandbox_fixture import SandboxVivo

NOVEMBRO = date(2026, 11, 1)
ABRASF = """<CompNfse xmlns="http://www.abrasf.org.br/nfse.xsd"><Nfse><InfNfse><Numero>77</Numero>
<DataEmissao>2026-11-05T10:00:00</DataEmissao><ValoresNfse><ValorLiquidoNfse>885.50</ValorLiquidoNfse></ValoresNfse>
<PrestadorServico><RazaoSocial>Oficina Inventada</RazaoSocial></PrestadorServico><DeclaracaoPrestacaoServico>
<Competencia>2026-10-01</Competencia><Servico><Valores><ValorServicos>1000.00</ValorServicos><ValorPis>6.50</ValorPis>
<ValorCofins>30.00</ValorCofins><ValorCsll>10.00</ValorCsll><ValorIr>15.00</ValorIr><ValorInss>3.00</ValorInss>
<ValorIss>50.00</ValorIss></Valores><IssRetido>1</IssRetido><Discriminacao>Conserto</Discriminacao></Servico>
<Prestador><CpfCnpj><Cnpj>90000001000129</Cnpj></CpfCnpj></Prestador><TomadorServico><IdentificacaoTomador><CpfCnpj>
<Cnpj>12ABC34501DE35</Cnpj></CpfCnpj></IdentificacaoTomador></TomadorServico></DeclaracaoPrestacaoServico></InfNfse></Nfse>
</CompNfse>"""
NACIONAL = """<NFSe xmlns="http://www.sped.fazenda.gov.br/nfse"><infNFSe><nNFSe>9</nNFSe><emit><CNPJ>90000001000129</CNPJ>
<xNome>Oficina Inventada</xNome></emit><valores><vISSQN>20.00</vISSQN><vLiq>965.00</vLiq></valores><cStat>100</cStat>
<DPS><infDPS><dhEmi>2026-11-05T10:00:00-03:00</dhEmi><dCompet>2026-11-05</dCompet><toma><CNPJ>12ABC34501DE35</CNPJ></toma>
<serv><cServ><xDescServ>Conserto</xDescServ></cServ></serv><valores><vServPrest><vServ>1000.00</vServ></vServPrest><trib>
<tribMun><tpRetISSQN>2</tpRetISSQN></tribMun><tribFed><piscofins><vPis>6.50</vPis><vCofins>30.00</vCofins>
<tpRetPisCofins>2</tpRetPisCofins></piscofins><vRetIRRF>15.00</vRetIRRF></tribFed></trib></valores></infDPS></DPS></infNFSe>
</NFSe>"""


def test_reads_the_layout_of_the_towns() -> None:
    lida = ler(ABRASF.encode())
    assert (lida.numero, lida.prestador, lida.prestador_nome) == ("77", "90000001000129", "Oficina Inventada")
    assert (lida.tomador, lida.competencia, lida.valor) == ("12ABC34501DE35", date(2026, 10, 1), Decimal("1000.00"))
    retidos = (lida.iss, lida.pis, lida.cofins, lida.csll, lida.ir, lida.inss)
    assert retidos == tuple(map(Decimal, ("50.00", "6.50", "30.00", "10.00", "15.00", "3.00")))
    assert lida.liquido == lida.valor - sum(retidos)


def test_reads_the_national_layout_and_only_what_is_withheld() -> None:
    lida = ler(NACIONAL.encode())
    assert (lida.numero, lida.competencia, lida.liquido) == ("9", NOVEMBRO, Decimal("965.00"))
    assert [lida.iss, lida.ir, lida.pis, lida.cofins] == [Decimal("20.00"), Decimal("15.00"), Decimal(0), Decimal(0)]


@pytest.mark.parametrize("xml", [b"", b"<a", b"<a/>", b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', b"%PDF-1.4"])
def test_what_is_no_note_says_so(xml: bytes) -> None:
    with pytest.raises(XmlIlegivel):
        ler(xml)


@pytest.fixture
def canal(nfse_vivo: SandboxVivo) -> Iterator[CanalNfse]:
    nfse_vivo.controle.ajustes(**{"integranotas.limites": False})
    nfse_vivo.controle.relogio(fixo="2026-11-21T10:00:00-03:00")
    yield canal_no_integranotas(nfse_vivo, 31)
    nfse_vivo.controle.relogio(real=True)


@pytest.mark.django_db(transaction=True)
def test_the_notes_of_a_month_are_brought_once_each(
    canal: CanalNfse, ana: Usuario, nfse_vivo: SandboxVivo, como_ana: Client
) -> None:
    notas = [{"prestador": "90000001000129", "emissao": f"2026-11-0{dia}"} for dia in (5, 6)]
    nfse_vivo.controle.post("integranotas/recebidas", {"emitente": canal.empresa.documento, "notas": notas})
    for _ in range(2):
        pedir([canal], NOVEMBRO, ana)
        trabalhar()
    recebidas = list(NotaRecebida.objects.all())
    assert {nota.prestador for nota in recebidas} == {"90000001000129"}
    assert len(recebidas) == 2
    assert all(nota.xml is not None and nota.valor_servicos > 0 for nota in recebidas)
    assert set(Operacao.objects.values_list("situacao", flat=True)) == {Situacao.CONCLUIDA}
    run = Processamento.objects.first()
    assert run is not None
    exportado = como_ana.get(reverse("operacoes:exportar", args=[run.pk]), {"formato": "csv"})
    assert canal.empresa.razao_social in b"".join(exportado.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_what_each_layout_tells_is_what_was_withheld(canal: CanalNfse, ana: Usuario, nfse_vivo: SandboxVivo) -> None:
    retidos = {"iss": "50.00", "ir": "15.00", "pis": "6.50", "cofins": "30.00", "csll": "10.00", "inss": "11.00"}
    nota: dict[str, Any] = {"prestador": "90000001000129", "emissao": "2026-11-05", "valor": "1000.00"}
    notas = [
        nota | {"leiaute": leiaute, "retencoes": de} for leiaute in ("municipal", "nacional") for de in (retidos, {})
    ]
    notas.append(nota | {"leiaute": "nacional", "cancelada": "2026-11-06T10:00:00-03:00"})
    nfse_vivo.controle.post("integranotas/recebidas", {"emitente": canal.empresa.documento, "notas": notas})
    pedir([canal], NOVEMBRO, ana)
    trabalhar()
    lidas = list(NotaRecebida.objects.order_by("numero").values_list(*retidos, "valor_liquido", "situacao"))
    tudo, nada = tuple(map(Decimal, (*retidos.values(), "877.50"))), (*[Decimal(0)] * 6, Decimal(1000))
    assert lidas == [(*linha, "normal") for linha in (tudo, nada, tudo, nada)] + [(*nada, "cancelada")]


@pytest.mark.django_db(transaction=True)
def test_a_day_and_a_prestador_narrow_what_is_brought(canal: CanalNfse, ana: Usuario, nfse_vivo: SandboxVivo) -> None:
    um, outro = "90000001000129", "12ABC34501DE35"
    notas = [
        {"prestador": prestador, "emissao": f"2026-11-0{dia}"} for prestador, dia in ((um, 5), (um, 6), (outro, 5))
    ]
    nfse_vivo.controle.post("integranotas/recebidas", {"emitente": canal.empresa.documento, "notas": notas})
    pedir([canal], NOVEMBRO, ana, dia=date(2026, 11, 5), cnpj=um)
    trabalhar()
    assert list(NotaRecebida.objects.values_list("prestador", "emissao")) == [(um, date(2026, 11, 5))]
