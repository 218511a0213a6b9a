"""From a file to the ZIP, against the simulators: refused once for all, corrected once for all, issued once each."""

import csv
import io
import zipfile
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comum.formatos import format_competencia
from comum.models import Usuario
from nfse.models import CanalNfse, Nota
from nfse.services.emissao import com_tudo, emitir, prevoo
from operacoes.models import Processamento, Situacao
from operacoes.processamentos.resultados import recusadas_por_motivo
from tests.nfse.apoio_lote import conferir, importar
from tests.nfse.escritorio import canal_no_integranotas, canal_no_sisgenfe, tomador_de, trabalhar
from tests.sandbox_fixture import SandboxVivo

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cliente(ana: Usuario) -> Client:
    cliente = Client()
    cliente.force_login(ana)
    return cliente


def arquivo(canais: list[CanalNfse], quantas: int, **celulas: str) -> str:
    """`quantas` lines of each empresa."""
    padrao = {
        "competência": format_competencia(timezone.localdate()),
        "valor": "100,00",
        "item": "7.13",
        "descrição": "Consultoria",
        "alíquota": "2",
    } | celulas
    linhas = [
        [f"N-{canal.codigo}-{n}", canal.empresa.codigo, tomador_de(canal.empresa, n).documento, *padrao.values()]
        for canal in canais
        for n in range(1, quantas + 1)
    ]
    return "\n".join(";".join(linha) for linha in [["referência", "empresa", "tomador", *padrao], *linhas]) + "\n"


def emitir_o_arquivo(usuario: Usuario, texto: str) -> Processamento:
    conferida = conferir(usuario, texto)
    assert conferida.resultado["recusadas"] == 0, conferida.recusas
    feita = importar(conferida)
    notas = feita.resultado["extras"]["notas"]
    return emitir(notas, usuario, marca=prevoo(com_tudo(notas)).marca)


def baixado(cliente: Client, run: Processamento, nome: str) -> bytes:
    return b"".join(cliente.get(reverse(f"operacoes:{nome}", args=[run.pk])).streaming_content)  # type: ignore[attr-defined]


def test_a_file_over_both_channels_is_issued_once_each_and_the_zip_opens(
    cliente: Client, ana: Usuario, nfse_vivo: SandboxVivo
) -> None:
    nfse_vivo.controle.ajustes(**{"integranotas.limites": False})
    canais = [canal_no_sisgenfe(nfse_vivo, 11), canal_no_integranotas(nfse_vivo, 12)]
    run = emitir_o_arquivo(ana, arquivo(canais, 3))
    nfse_vivo.controle.cenario(acao="perder_resposta", servico="sisgenfe", operacao="nfs", vezes=1)
    nfse_vivo.controle.cenario(acao="perder_resposta", servico="integranotas", operacao="nfse_criar", vezes=1)
    trabalhar()
    assert set(Nota.objects.values_list("situacao", flat=True)) == {Nota.Situacao.AUTORIZADA}
    assert len(nfse_vivo.controle.ledger(servico="sisgenfe", tipo="nota_emitida")) == 3
    assert len(nfse_vivo.controle.ledger(servico="integranotas", tipo="nfse_autorizada")) == 3

    pacote = zipfile.ZipFile(io.BytesIO(baixado(cliente, run, "documentos")))
    assert pacote.testzip() is None
    extensoes = Counter(nome.rpartition(".")[2] for nome in pacote.namelist())
    assert extensoes == {"xml": 3, "pdf": 3, "csv": 1}  # SISGENF-e has no papers: the list of outcomes tells its notes
    assert pacote.read("resultados.csv") == baixado(cliente, run, "exportar")

    notas = Nota.objects.all()
    resultados = list(csv.DictReader(io.StringIO(baixado(cliente, run, "exportar").decode("utf-8-sig")), delimiter=";"))
    emissoes = [linha for linha in resultados if linha["Operação"] == "Emitir NFS-e"]
    assert {linha["NFS-e"] for linha in emissoes} == set(notas.values_list("numero_nfse", flat=True))
    assert {linha["Referência"] for linha in emissoes} == set(notas.values_list("referencia", flat=True))


def test_a_group_of_refusals_is_corrected_once_and_goes_again_in_the_same_run(
    cliente: Client, ana: Usuario, nfse_vivo: SandboxVivo
) -> None:
    canais = [canal_no_sisgenfe(nfse_vivo, 11), canal_no_sisgenfe(nfse_vivo, 12)]
    run = emitir_o_arquivo(ana, arquivo(canais, 2, unidade="Arroba inventada"))
    trabalhar()
    ((grupo,), _) = recusadas_por_motivo(run, ana, date(2026, 10, 1))
    assert (grupo.grupo, grupo.quantas, grupo.acao is not None) == ("UNIDADE-DESCONHECIDA", 4, True)

    pagina = cliente.get(grupo.acao.url)  # type: ignore[union-attr]
    assert "4 notas com o mesmo problema" in pagina.content.decode()
    assert '<option value="unidade" selected>' in pagina.content.decode()
    assert "Abrir Canais (2)" in pagina.content.decode()
    dados: dict[str, Any] = dict(campo for campo in pagina.context["grupo"].ocultos)
    aplicada = cliente.post(
        reverse("nfse:iguais"), dados | {"campo": "unidade", "valor": "Hora", "passo": "aplicar"}, follow=True
    )
    assert "Emitir de novo 4 · R$ 400,00" in aplicada.content.decode()

    repetida = cliente.post(reverse("operacoes:repetir", args=[run.pk]), dados)
    assert urlsplit(repetida["Location"]).path == run.get_absolute_url()
    trabalhar()
    assert set(Nota.objects.values_list("situacao", "revisao")) == {(Nota.Situacao.AUTORIZADA, 2)}
    assert len(nfse_vivo.controle.ledger(servico="sisgenfe", tipo="nota_emitida")) == 4
    assert run.operacoes.filter(situacao=Situacao.CONCLUIDA).count() == 4


def test_refused_notes_that_nobody_corrected_are_still_grouped(ana: Usuario, nfse_vivo: SandboxVivo) -> None:
    canal = canal_no_sisgenfe(nfse_vivo, 11)
    nfse_vivo.controle.cenario(acao="recusar", servico="sisgenfe", operacao="nfs", vezes=2, parametros={"http": 400})
    run = emitir_o_arquivo(ana, arquivo([canal], 3))
    trabalhar()
    assert [grupo.quantas for grupo in recusadas_por_motivo(run, ana, date(2026, 10, 1))[0]] == [2]
    assert Nota.objects.get(situacao=Nota.Situacao.AUTORIZADA).valor_servicos == Decimal("100.00")
