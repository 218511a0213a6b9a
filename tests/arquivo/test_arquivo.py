"""Documents: kept once, checked on every reading, given only to who may see them."""

import csv
import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, default_storage, storages
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from arquivo.models import Documento
from arquivo.services import ArquivoCorrompido, abrir, depositados, guardar, nome_seguro, zip_de
from comum.models import Usuario
from empresas.models import Carteira, Empresa
from tests.cast import criar_empresa

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4 conteudo inventado"
Guardar = Callable[..., Documento]


@pytest.fixture
def empresa(carteira: Carteira) -> Empresa:
    return criar_empresa(1, carteira=carteira)


@pytest.fixture
def doc(empresa: Empresa) -> Documento:
    return guardar(PDF, empresa=empresa, tipo="das", nome="DAS 10-2026.pdf", competencia=date(2026, 10, 1))


def arquivo_de(documento: Documento) -> Path:
    return Path(default_storage.path(documento.caminho))


def test_what_is_kept_comes_back_whole(doc: Documento) -> None:
    assert abrir(doc) == PDF


def test_kept_for_five_years_from_the_next_january(doc: Documento) -> None:
    assert doc.reter_ate == date(2031, 12, 31)


def test_equal_content_is_one_file_and_two_rows(doc: Documento, empresa: Empresa) -> None:
    outro = guardar(PDF, empresa=empresa, tipo="das", nome="copia.pdf", competencia=date(2026, 10, 1))
    assert (outro.caminho, outro.pk != doc.pk) == (doc.caminho, True)


def test_a_half_written_file_is_replaced(doc: Documento, empresa: Empresa) -> None:
    arquivo_de(doc).write_bytes(b"%PDF")
    guardar(PDF, empresa=empresa, tipo="das", nome="de novo.pdf", competencia=date(2026, 10, 1))
    assert abrir(doc) == PDF


def test_a_changed_file_is_found_and_named(doc: Documento) -> None:
    arquivo_de(doc).write_bytes(b"x" * len(PDF))
    with pytest.raises(ArquivoCorrompido, match=r"DAS 10-2026\.pdf.*alterado"):
        abrir(doc)


def test_a_missing_file_is_found_and_named(doc: Documento) -> None:
    arquivo_de(doc).unlink()
    with pytest.raises(ArquivoCorrompido, match="não está na pasta"):
        abrir(doc)
    with pytest.raises(CommandError, match="1 documento"):
        call_command("verificar_arquivo")


def test_zip_names_are_unique_and_a_broken_file_is_told(doc: Documento, empresa: Empresa) -> None:
    outro = guardar(PDF + b"2", empresa=empresa, tipo="das", nome="DAS 10-2026.pdf", competencia=date(2026, 10, 1))
    ruim = guardar(PDF + b"3", empresa=empresa, tipo="das", nome="ruim.pdf", competencia=date(2026, 10, 1))
    arquivo_de(ruim).unlink()
    resposta = zip_de([doc, outro, ruim], "DAS.zip")
    pacote = zipfile.ZipFile(io.BytesIO(resposta.getvalue()))
    assert pacote.namelist() == ["DAS 10-2026.pdf", "DAS 10-2026 (2).pdf", "LEIA-ME.txt"]
    assert "ruim.pdf" in pacote.read("LEIA-ME.txt").decode("utf-8-sig")


def test_zip_by_empresa(doc: Documento) -> None:
    pacote = zipfile.ZipFile(io.BytesIO(zip_de([doc], "x.zip", pasta_por_empresa=True).getvalue()))
    assert pacote.namelist() == ["0001 Empresa Inventada 0001 Ltda/DAS 10-2026.pdf"]


@pytest.mark.parametrize(
    ("nome", "limpo"), [("../../etc/passwd", "-..-etc-passwd"), ("a\x00b.pdf", "a-b.pdf"), ("a/b:c", "a-b-c")]
)
def test_file_names_hide_no_path(nome: str, limpo: str) -> None:
    assert nome_seguro(nome) == limpo


def test_download_and_inline(client: Client, bruno: Usuario, doc: Documento) -> None:
    client.force_login(bruno)
    url = reverse("arquivo:documento", args=[doc.pk])
    baixado = client.get(url)
    assert baixado.content == PDF
    assert baixado["Content-Disposition"].startswith("attachment")
    assert baixado["X-Content-Type-Options"] == "nosniff"
    assert client.get(url, {"inline": "1"})["Content-Disposition"].startswith("inline")


def test_xml_is_never_shown_in_the_browser(client: Client, ana: Usuario, empresa: Empresa) -> None:
    xml = guardar(b"<x/>", empresa=empresa, tipo="das", nome="a.xml", competencia=date(2026, 10, 1), mime="text/xml")
    client.force_login(ana)
    assert client.get(reverse("arquivo:documento", args=[xml.pk]), {"inline": "1"})["Content-Disposition"].startswith(
        "attachment"
    )


def test_outside_the_carteiras_the_document_does_not_exist(client: Client, davi: Usuario, doc: Documento) -> None:
    client.force_login(davi)
    assert client.get(reverse("arquivo:documento", args=[doc.pk])).status_code == 404


def test_a_corrupted_document_says_so(client: Client, ana: Usuario, doc: Documento) -> None:
    arquivo_de(doc).unlink()
    client.force_login(ana)
    resposta = client.get(reverse("arquivo:documento", args=[doc.pk]))
    assert resposta.status_code == 410
    assert "DAS 10-2026.pdf" in resposta.content.decode()


class Balde(Storage):
    """A storage whose files have no path, as a bucket's."""

    def __init__(self) -> None:
        self.objetos: dict[str, bytes] = {}

    def _open(self, name: str, mode: str = "rb") -> ContentFile[bytes]:
        try:
            return ContentFile(self.objetos[name])
        except KeyError:
            raise FileNotFoundError(name) from None

    def _save(self, name: str, content: File[bytes]) -> str:
        assert name not in self.objetos
        self.objetos[name] = content.read()
        return name

    def exists(self, name: str) -> bool:
        return name in self.objetos

    def delete(self, name: str) -> None:
        del self.objetos[name]


@pytest.fixture
def balde(settings: Any) -> Any:
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": f"{__name__}.Balde"}}
    return storages["default"]


def test_in_a_bucket_what_is_kept_comes_back_whole_and_is_stored_once(balde: Any, empresa: Empresa) -> None:
    docs = [
        guardar(PDF, empresa=empresa, tipo="das", nome=nome, competencia=date(2026, 10, 1))
        for nome in ("a.pdf", "b.pdf")
    ]
    assert [abrir(doc) for doc in docs] == [PDF, PDF]
    assert balde.objetos == {docs[0].caminho: PDF}
    pacote = zipfile.ZipFile(io.BytesIO(zip_de(docs, "x.zip").getvalue()))
    assert pacote.namelist() == ["a.pdf", "b.pdf"]
    balde.objetos.clear()
    with pytest.raises(ArquivoCorrompido, match="não está na pasta"):
        abrir(docs[0])


class BaldeQueNaoResponde(Exception):
    """As botocore's: no OSError."""


def test_a_bucket_that_does_not_answer_is_said_in_words_and_asked_once(
    balde: Any, empresa: Empresa, client: Client, ana: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = [
        guardar(bytes(9) + bytes([n]), empresa=empresa, tipo="das", nome=f"{n}.pdf", competencia=date(2026, 10, 1))
        for n in range(3)
    ]
    pedidos: list[str] = []

    def cair(nome: str, *_: object) -> None:
        pedidos.append(nome)
        raise BaldeQueNaoResponde

    monkeypatch.setattr(balde, "_open", cair)
    client.force_login(ana)
    resposta = client.get(reverse("arquivo:documento", args=[docs[0].pk]))
    assert (resposta.status_code, resposta["Retry-After"]) == (503, "60")
    assert "não respondeu" in resposta.content.decode()
    with pytest.raises(CommandError, match="não respondeu"):
        call_command("verificar_arquivo")
    pedidos.clear()
    pacote = zipfile.ZipFile(io.BytesIO(zip_de(docs, "x.zip").getvalue()))
    assert pacote.namelist() == ["LEIA-ME.txt"]
    assert pacote.read("LEIA-ME.txt").decode("utf-8-sig").count("não respondeu") == 3
    assert len(pedidos) == 1


def test_files_of_an_answer_are_written_before_the_transaction_that_keeps_them(balde: Any, empresa: Empresa) -> None:
    conteudos = [b"%PDF-um", b"%PDF-dois"]
    with depositados(conteudos):
        gravados = dict(balde.objetos)
        guardados = [
            guardar(c, empresa=empresa, tipo="das", nome="d.pdf", competencia=date(2026, 10, 1)) for c in conteudos
        ]
        balde.exists = balde._save = None  # nothing more is asked of the bucket
        assert guardar(b"%PDF-um", empresa=empresa, tipo="das", nome="2.pdf", competencia=date(2026, 10, 1))
    assert set(gravados) == {documento.caminho for documento in guardados}


def test_the_index_of_a_zip_tells_its_files(doc: Documento, empresa: Empresa) -> None:
    xml = guardar(
        b"<a>" + b"x" * 5000 + b"</a>",
        empresa=empresa,
        tipo="nfse_xml",
        nome="indice.csv",
        competencia=date(2026, 10, 1),
        mime="application/xml",
        chave="4" * 50,
        numero="12",
    )
    perdido = guardar(b"%PDF-x", empresa=empresa, tipo="das", nome="b.pdf", competencia=date(2026, 10, 1))
    arquivo_de(perdido).unlink()
    conteudo = zip_de(Documento.objects.order_by("criado_em"), "x.zip", indice=True).getvalue()
    pacote = zipfile.ZipFile(io.BytesIO(conteudo))
    assert pacote.testzip() is None
    linhas = list(csv.DictReader(io.StringIO(pacote.read("indice.csv").decode("utf-8-sig")), delimiter=";"))
    assert {linha["nome no ZIP"] for linha in linhas} | {"indice.csv", "LEIA-ME.txt"} == set(pacote.namelist())
    for linha in linhas:
        dentro = pacote.read(linha["nome no ZIP"])
        assert (hashlib.sha256(dentro).hexdigest(), str(len(dentro))) == (linha["SHA-256"], linha["tamanho"])
    assert [(linha["chave"], linha["número"], linha["guardar até"]) for linha in linhas] == [
        ("", "", "31/12/2031"),
        (xml.chave, "12", "31/12/2031"),
    ]
    assert pacote.getinfo("DAS 10-2026.pdf").compress_size == len(PDF)
    assert len(conteudo) < 5000


def test_each_file_of_a_zip_is_told_before_it_comes(doc: Documento) -> None:
    """Readers that go by the headers alone (Java, macOS) need size and check there, not after the bytes."""
    conteudo = zip_de([doc], "x.zip").getvalue()
    assert conteudo[:4] == b"PK\x03\x04"
    assert not int.from_bytes(conteudo[6:8], "little") & 0x08
    assert int.from_bytes(conteudo[14:18], "little") == zlib.crc32(PDF)
    assert int.from_bytes(conteudo[22:26], "little") == len(PDF)


def test_a_zip_is_sent_as_it_is_made(doc: Documento, monkeypatch: pytest.MonkeyPatch) -> None:
    abertos: list[Documento] = []

    def anotar(documento: Documento) -> bytes:
        abertos.append(documento)
        return PDF

    monkeypatch.setattr("arquivo.services.abrir", anotar)
    partes = iter(zip_de([doc] * 3, "x.zip"))
    assert not abertos
    next(partes)
    assert len(abertos) == 1


def test_what_is_read_again_is_kept_once(empresa: Empresa) -> None:
    de_novo = [
        guardar(PDF, empresa=empresa, tipo="nfse_pdf", nome=nome, competencia=date(2026, 10, 1), chave="4" * 50)
        for nome in ("nfse-1.pdf", "nfse-1.pdf", "outra.pdf")
    ]
    assert de_novo[0].pk == de_novo[1].pk
    assert Documento.objects.count() == 2


def test_an_altered_file_is_put_aside_and_written_again(empresa: Empresa) -> None:
    documento = guardar(PDF, empresa=empresa, tipo="das", nome="a.pdf", competencia=date(2026, 10, 1))
    lugar = arquivo_de(documento)
    lugar.write_bytes(PDF[::-1])
    with pytest.raises(ArquivoCorrompido, match="alterado"):
        abrir(documento)
    guardar(PDF, empresa=empresa, tipo="das", nome="a.pdf", competencia=date(2026, 10, 1))
    assert abrir(documento) == PDF
    (de_lado,) = lugar.parent.glob(f"{lugar.name}.alterado-*")
    assert de_lado.read_bytes() == PDF[::-1]


def test_in_a_bucket_an_altered_object_is_put_aside_and_written_again(balde: Any, empresa: Empresa) -> None:
    documento = guardar(PDF, empresa=empresa, tipo="das", nome="a.pdf", competencia=date(2026, 10, 1))
    balde.objetos[documento.caminho] = b"outra coisa"
    guardar(PDF, empresa=empresa, tipo="das", nome="a.pdf", competencia=date(2026, 10, 1))
    assert abrir(documento) == PDF
    assert sorted(balde.objetos.values()) == sorted([PDF, b"outra coisa"])
