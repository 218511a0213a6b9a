"""The shapes in which the XML of a note comes, each by hand: what is told twice counts once."""

from decimal import Decimal

import pytest

from nfse.services.eventos_nota import cancela
from nfse.services.xml_nota import NotaLida, ler

ABRASF_NS, NACIONAL_NS = "http://www.abrasf.org.br/nfse.xsd", "http://www.sped.fazenda.gov.br/nfse"
LEI = ("6.50", "30.00", "10.00")  # of 1000.00


def reais(*valores: str) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, valores))


def abrasf(dentro: str, depois: str = "", numero: str = "<Numero>77</Numero>") -> NotaLida:
    nota = f"<Nfse><InfNfse>{numero}{dentro}</InfNfse></Nfse>"
    return ler(f'<CompNfse xmlns="{ABRASF_NS}">{nota}{depois}</CompNfse>'.encode())


def servico(valor: str, iss: str, retido: str = "1", texto: str = "Conserto") -> str:
    valores = f"<ValorServicos>{valor}</ValorServicos><ValorIss>{iss}</ValorIss><Aliquota>5.00</Aliquota>"
    return (
        f"<Servico><Valores>{valores}</Valores><IssRetido>{retido}</IssRetido>"
        f"<Discriminacao>{texto}</Discriminacao></Servico>"
    )


def declarada(*servicos: str) -> str:
    rps = "<Rps><IdentificacaoRps><Numero>5</Numero></IdentificacaoRps><DataEmissao>2026-11-03</DataEmissao></Rps>"
    dentro = f"<InfDeclaracaoPrestacaoServico>{rps}{''.join(servicos)}</InfDeclaracaoPrestacaoServico>"
    return f"<DeclaracaoPrestacaoServico>{dentro}</DeclaracaoPrestacaoServico>"


DA_NOTA = (
    "<ValoresNfse><BaseCalculo>1000.00</BaseCalculo><Aliquota>5.00</Aliquota><ValorIss>50.00</ValorIss>"
    "<ValorLiquidoNfse>950.00</ValorLiquidoNfse></ValoresNfse>"
)


def test_the_iss_of_the_note_and_of_its_declaration_is_one() -> None:
    lida = abrasf(DA_NOTA + declarada(servico("1000.00", "50.00")))
    assert (lida.valor, lida.iss, lida.liquido) == reais("1000.00", "50.00", "950.00")


def test_an_iss_told_only_by_the_note_counts() -> None:
    assert abrasf(DA_NOTA + declarada(servico("1000.00", ""))).iss == Decimal("50.00")


def test_the_number_is_that_of_the_note_wherever_it_stands() -> None:
    solta = declarada(servico("1", "0")) + "<Numero>77</Numero>"
    assert abrasf(solta, numero="").numero == "77"


def test_the_services_of_the_older_layout_are_added_up() -> None:
    lida = abrasf(servico("600.00", "30.00", texto="Um") + servico("400.00", "20.00", texto="Dois"))
    assert (lida.valor, lida.iss, lida.liquido) == reais("1000.00", "50.00", "950.00")
    assert lida.descricao == "Um\nDois"


def test_only_the_services_marked_as_withheld_count() -> None:
    lida = abrasf(DA_NOTA + declarada(servico("600.00", "30.00"), servico("400.00", "20.00", retido="2")))
    assert (lida.valor, lida.iss) == reais("1000.00", "30.00")


def test_an_iss_that_the_provider_pays_is_none_of_the_takers() -> None:
    assert abrasf(DA_NOTA + declarada(servico("1000.00", "50.00", retido="2"))).iss == 0


def test_services_told_by_the_note_and_by_its_declaration_count_once() -> None:
    lida = abrasf(servico("1000.00", "50.00") + declarada(servico("1000.00", "50.00")))
    assert (lida.valor, lida.iss, lida.descricao) == (Decimal(1000), Decimal(50), "Conserto")


def test_a_net_and_a_withheld_iss_in_both_places_count_once() -> None:
    valores = (
        "<ValorServicos>1000.00</ValorServicos><ValorIssRetido>50.00</ValorIssRetido>"
        "<ValorLiquidoNfse>950.00</ValorLiquidoNfse>"
    )
    da_nota = DA_NOTA.replace("</ValoresNfse>", "<ValorIssRetido>50.00</ValorIssRetido></ValoresNfse>")
    lida = abrasf(f"{da_nota}<Servico><Valores>{valores}</Valores></Servico>")
    assert (lida.iss, lida.liquido) == reais("50.00", "950.00")


def test_a_net_that_is_not_told_leaves_out_discounts_and_other_withholdings() -> None:
    valores = (
        "<ValorServicos>1000.00</ValorServicos><ValorIr>15.00</ValorIr><OutrasRetencoes>5.00</OutrasRetencoes>"
        "<DescontoIncondicionado>100.00</DescontoIncondicionado>"
    )
    assert abrasf(f"<Servico><Valores>{valores}</Valores></Servico>").liquido == Decimal("880.00")


def nacional(federais: str, *, iss: str = "1", apurado: str = "", cstat: int = 100) -> NotaLida:
    dps = (
        f"<valores><vServPrest><vServ>1000.00</vServ></vServPrest><trib><tribMun><tpRetISSQN>{iss}</tpRetISSQN></tribMun>"
        f"<tribFed>{federais}</tribFed></trib></valores>"
    )
    info = f"<nNFSe>9</nNFSe><cStat>{cstat}</cStat><valores>{apurado}</valores><DPS><infDPS>{dps}</infDPS></DPS>"
    return ler(f'<NFSe xmlns="{NACIONAL_NS}"><infNFSe>{info}</infNFSe></NFSe>'.encode())


def retidas(codigo: str, soma: str) -> NotaLida:
    """With a debit of the provider's own that is none of what is withheld."""
    proprio = "<vPis>16.50</vPis><vCofins>76.00</vCofins>"
    codigo = f"<tpRetPisCofins>{codigo}</tpRetPisCofins>" if codigo else ""
    soma = f"<vRetCSLL>{soma}</vRetCSLL>" if soma else ""
    return nacional(f"<piscofins>{proprio}{codigo}</piscofins>{soma}")


@pytest.mark.parametrize(
    ("codigo", "soma", "partes"),
    [
        ("0", "", ("0", "0", "0")),
        ("3", "46.50", LEI),
        ("4", "36.50", ("6.50", "30.00", "0")),
        ("5", "6.50", ("6.50", "0", "0")),
        ("6", "30.00", ("0", "30.00", "0")),
        ("7", "40.00", ("0", "30.00", "10.00")),
        ("8", "10.00", ("0", "0", "10.00")),
        ("9", "16.50", ("6.50", "0", "10.00")),
        ("5", "7.77", ("7.77", "0", "0")),  # of one tax the rate does not matter
        ("1", "10.00", ("16.50", "76.00", "10.00")),
        ("2", "10.00", ("0", "0", "10.00")),
        ("", "10.00", ("0", "0", "10.00")),
    ],
)
def test_the_contributions_withheld_by_each_code(codigo: str, soma: str, partes: tuple[str, ...]) -> None:
    lida = retidas(codigo, soma)
    assert (lida.pis, lida.cofins, lida.csll) == reais(*partes)
    assert lida.juntas == ()


def test_parts_that_do_not_add_up_by_the_law_stay_together() -> None:
    lida = retidas("3", "40.00")
    assert (lida.pis, lida.cofins, lida.csll) == reais("0", "0", "40.00")
    assert lida.juntas == ("pis", "cofins", "csll")


def test_a_cent_of_rounding_stays_in_the_sum() -> None:
    lida = retidas("3", "46.51")
    assert lida.pis + lida.cofins + lida.csll == Decimal("46.51")


def test_a_net_that_is_not_told_leaves_out_the_sum_once() -> None:
    assert retidas("3", "46.50").liquido == Decimal("953.50")


def test_an_iss_withheld_is_what_the_net_lacks_where_the_note_tells_its_net_alone() -> None:
    lida = nacional("<vRetIRRF>15.00</vRetIRRF>", iss="2", apurado="<vLiq>965.00</vLiq>")
    assert (lida.iss, lida.liquido) == reais("20.00", "965.00")


def test_an_iss_that_is_not_withheld_is_not_the_takers() -> None:
    assert nacional("", apurado="<vISSQN>50.00</vISSQN><vLiq>1000.00</vLiq>").iss == 0


@pytest.mark.parametrize("cstat", [100, 101, 102, 103, 107])
def test_the_status_of_a_national_note_never_cancels_it(cstat: int) -> None:
    assert not nacional("", cstat=cstat).cancelada


def test_a_cancellation_of_the_town_is_seen() -> None:
    assert abrasf(servico("1", "0"), "<NfseCancelamento/>").cancelada


@pytest.mark.parametrize(
    ("tipo", "fim"),
    [
        ("101101", True),
        ("e105102", True),
        ("105104", True),
        ("Evento 305101", True),
        ("cancelamento", True),
        ("CANCELAMENTO_POR_SUBSTITUICAO", True),
        ("Cancelamento de NFS-e Deferido por Análise Fiscal", True),
        ("101103", False),
        ("105105", False),
        ("Solicitação de Análise Fiscal para Cancelamento de NFS-e", False),
        ("CANCELAMENTO_INDEFERIDO_ANALISE_FISCAL", False),
        ("203202", False),
        ("", False),
    ],
)
def test_which_events_end_a_note(tipo: str, fim: bool) -> None:
    assert cancela(tipo) is fim


def test_an_event_without_a_code_is_told_by_its_xml() -> None:
    xml = f'<evento xmlns="{NACIONAL_NS}"><infEvento><infPedReg><e101103/></infPedReg></infEvento></evento>'
    assert not cancela("cancelamento", xml.encode())
    assert cancela("evento", xml.replace("e101103", "e101101").encode())
