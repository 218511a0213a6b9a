"""The screens of the archive: the list, one document, the ZIP by filter, what the reading found."""

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from arquivo.models import Defeito, Documento
from arquivo.services import guardar, verificacao
from comum.models import Usuario
from empresas.models import Carteira, Empresa
from tests.cast import criar_empresa

pytestmark = pytest.mark.django_db

LISTA = "/arquivo/"
MES = date(2026, 10, 1)
CHAVE = "3550308" + "2" * 43


@pytest.fixture
def empresa(carteira: Carteira) -> Empresa:
    return criar_empresa(1, carteira=carteira)


@pytest.fixture
def cliente(client: Client, bruno: Usuario) -> Client:
    client.force_login(bruno)
    sessao = client.session
    sessao["contexto_competencia"] = MES.isoformat()
    sessao.save()
    return client


def kept(empresa: Empresa, nome: str = "a.pdf", competencia: date = MES, **outros: Any) -> Documento:
    conteudo = f"%PDF-1.4 {nome} {empresa.pk} {competencia}".encode()
    return guardar(conteudo, empresa=empresa, nome=nome, competencia=competencia, **({"tipo": "das"} | outros))


def nota(empresa: Empresa, nome: str = "NFSE-12.xml", conteudo: bytes = b"<NFSe>a &amp; b</NFSe>") -> Documento:
    return guardar(
        conteudo,
        empresa=empresa,
        tipo="nfse_xml",
        nome=nome,
        competencia=MES,
        mime="application/xml",
        chave=CHAVE,
        numero="12",
    )


def nomes(cliente: Client, consulta: str) -> set[str]:
    resposta = cliente.get(LISTA + consulta)
    assert resposta.status_code == 200
    return {d.nome for d in resposta.context["lista"].pagina}


def test_the_list_is_of_the_competencia_and_of_what_one_may_see(
    cliente: Client, empresa: Empresa, outra_carteira: Carteira
) -> None:
    kept(empresa, "do-mes.pdf")
    kept(empresa, "de-antes.pdf", date(2026, 9, 1))
    kept(criar_empresa(2, carteira=outra_carteira), "de-outra.pdf")
    assert nomes(cliente, "") == {"do-mes.pdf"}
    assert nomes(cliente, "?periodo=todos") == {"do-mes.pdf", "de-antes.pdf"}


def test_search_and_filters(cliente: Client, empresa: Empresa) -> None:
    kept(empresa, "DAS-0720.pdf", referencia="07202629312345678")
    nota(empresa)
    kept(criar_empresa(3, carteira=empresa.carteira, razao_social="Padaria São João"), "c.pdf", tipo="recibo")
    importado = kept(empresa, "velho.pdf", origem="importado")
    for consulta, achados in {
        "?q=0720262931": {"DAS-0720.pdf"},
        f"?q={CHAVE}": {"NFSE-12.xml"},
        "?q=padaria": {"c.pdf"},
        "?tipo=nfse_xml": {"NFSE-12.xml"},
        "?numero=12": {"NFSE-12.xml"},
        f"?chave={CHAVE[:10]}+{CHAVE[10:]}": {"NFSE-12.xml"},
        "?origem=importado": {"velho.pdf"},
        f"?empresa={empresa.pk}&tipo=das": {"DAS-0720.pdf", "velho.pdf"},
        "?empresa=x": set(),
        "?tipo=nada": set(),
        "?situacao=defeito": set(),
        "?situacao=descartados": set(),
    }.items():
        assert nomes(cliente, consulta) == achados, consulta
    Defeito.objects.create(documento=importado, motivo="ausente", achado_em=timezone.now(), visto_em=timezone.now())
    assert nomes(cliente, "?situacao=defeito") == {"velho.pdf"}


def test_every_order_and_page(cliente: Client, empresa: Empresa) -> None:
    for n in range(60):
        kept(empresa, f"{n:02d}.pdf")
    for ordem in ("guardado", "-guarda", "empresa", "-tipo", "tamanho", "competencia", "nada"):
        assert len(nomes(cliente, f"?ordem={ordem}")) == 50
    assert len(nomes(cliente, "?periodo=todos&ordem=empresa&pagina=2")) == 10


def test_the_cost_of_the_page_does_not_grow_with_the_rows(cliente: Client, empresa: Empresa) -> None:
    def consultas() -> int:
        with CaptureQueriesContext(
            connection,
        ) as feitas:
            cliente.get(LISTA, headers={"HX-Request": "true"})
        return len(feitas)

    kept(empresa, "a.pdf")
    consultas()
    uma = consultas()
    for n in range(40):
        kept(criar_empresa(100 + n, carteira=empresa.carteira), f"{n}.pdf")
    assert consultas() <= uma
    assert uma <= 14


def test_the_zip_of_the_filter_has_its_index(cliente: Client, empresa: Empresa) -> None:
    kept(empresa, "a.pdf")
    nota(empresa)
    dados = {"todos": "1", "filtro": "tipo=nfse_xml"}
    pacote = zipfile.ZipFile(io.BytesIO(cliente.post(reverse("arquivo:zip"), dados).getvalue()))
    assert [nome.rpartition("/")[2] for nome in pacote.namelist()] == ["NFSE-12.xml", "indice.csv"]
    assert CHAVE in pacote.read("indice.csv").decode("utf-8-sig")


def test_nothing_of_others_comes_in_a_zip(cliente: Client, empresa: Empresa, outra_carteira: Carteira) -> None:
    alheio = kept(criar_empresa(2, carteira=outra_carteira), "de-outra.pdf")
    resposta = cliente.post(reverse("arquivo:zip"), {"ids": [str(alheio.pk)]})
    assert resposta.status_code == 302
    assert "Nenhum documento marcado" in cliente.get(LISTA).content.decode()


def test_too_many_for_one_zip(cliente: Client, empresa: Empresa, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(empresa, "a.pdf")
    kept(empresa, "b.pdf")
    monkeypatch.setattr("arquivo.services.NO_ZIP", 1)
    assert cliente.post(reverse("arquivo:zip"), {"todos": "1", "filtro": ""}).status_code == 302


def test_the_export_tells_the_rows(cliente: Client, empresa: Empresa) -> None:
    documento = nota(empresa)
    resposta = cliente.post(reverse("arquivo:exportar") + "?formato=csv&todas=1", {"lista": ""})
    texto = resposta.getvalue().decode("utf-8-sig")
    assert documento.sha256 in texto
    assert CHAVE in texto


def test_an_xml_is_shown_as_text_alone(cliente: Client, empresa: Empresa) -> None:
    documento = nota(empresa, conteudo=b"<NFSe><script>alert(1)</script></NFSe>")
    pagina = cliente.get(reverse("arquivo:ver", args=[documento.pk])).content.decode()
    assert "&lt;script&gt;alert(1)" in pagina
    assert "<script>alert(1)" not in pagina
    assert documento.sha256 in pagina


def test_a_discarded_document_tells_so(cliente: Client, empresa: Empresa) -> None:
    velho = kept(empresa, "velho.pdf", date(2015, 1, 1))
    Documento.objects.filter(pk=velho.pk).update(descartado_em=timezone.now())
    assert nomes(cliente, "?periodo=todos") == set()
    assert nomes(cliente, "?periodo=todos&situacao=descartados") == {"velho.pdf"}
    resposta = cliente.get(reverse("arquivo:ver", args=[velho.pk]))
    assert resposta.status_code == 410
    assert "descartado em" in resposta.content.decode()


def test_defects_are_named_and_a_file_brought_back_is_checked(
    cliente: Client, empresa: Empresa, outra_carteira: Carteira
) -> None:
    documento = kept(empresa, "perdido.pdf")
    alheio = kept(criar_empresa(2, carteira=outra_carteira), "de-outra.pdf")
    caminhos = [Path(default_storage.path(d.caminho)) for d in (documento, alheio)]
    conteudo = caminhos[0].read_bytes()
    for caminho in caminhos:
        caminho.unlink()
    for _ in verificacao.andar(verificacao.ronda_aberta()):
        pass
    pagina = cliente.get(reverse("arquivo:verificacao")).content.decode()
    assert "perdido.pdf" in pagina
    assert documento.caminho in pagina
    assert "de-outra.pdf" not in pagina
    conferir = reverse("arquivo:conferir", args=[documento.pk])
    assert "continua com defeito" in cliente.post(conferir, follow=True).content.decode()
    caminhos[0].write_bytes(conteudo)
    pagina = cliente.post(conferir, follow=True).content.decode()
    assert "está íntegro" in pagina
    assert "Nenhum documento com defeito" in pagina
    assert cliente.post(reverse("arquivo:conferir", args=[alheio.pk])).status_code == 404


def test_a_reading_of_all_files_may_be_asked_for(cliente: Client, empresa: Empresa) -> None:
    kept(empresa)
    pagina = cliente.post(reverse("arquivo:verificar_agora"), follow=True).content.decode()
    assert "Em andamento" in pagina
    assert "A verificação já está em andamento." in pagina
    vivo = cliente.get(reverse("arquivo:verificacao"), {"parte": "andamento"}, headers={"HX-Request": "true"})
    assert "HX-Refresh" not in vivo
    for _ in verificacao.andar(verificacao.ronda_aberta()):
        pass
    fim = cliente.get(reverse("arquivo:verificacao"), {"parte": "andamento"}, headers={"HX-Request": "true"})
    assert fim["HX-Refresh"] == "true"
    assert "1 arquivo lido" in fim.content.decode()


def test_a_changed_file_that_somebody_opens_is_named_from_then_on(cliente: Client, empresa: Empresa) -> None:
    documento = kept(empresa, "mudado.pdf")
    Path(default_storage.path(documento.caminho)).write_bytes(b"%PDF-1.4 outro")
    resposta = cliente.get(reverse("arquivo:documento", args=[documento.pk]))
    assert resposta.status_code == 410
    assert reverse("arquivo:verificacao") in resposta.content.decode()
    assert Defeito.objects.get().motivo == Defeito.Motivo.ALTERADO
    assert "mudado.pdf" in cliente.get(reverse("arquivo:verificacao")).content.decode()


def test_who_only_consults_reads_and_downloads(client: Client, carla: Usuario, empresa: Empresa) -> None:
    documento = kept(empresa)
    client.force_login(carla)
    assert client.get(reverse("arquivo:ver", args=[documento.pk])).status_code == 200
    assert client.get(LISTA).status_code == 200
    assert client.post(reverse("arquivo:conferir", args=[documento.pk])).status_code == 403
