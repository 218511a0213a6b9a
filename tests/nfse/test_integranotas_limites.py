"""The pace of calls, the schedule of looks, and files inside answers."""

import base64
import gzip
from datetime import timedelta

import pytest
from django.conf import settings

from nfse.providers.integranotas import arquivos
from nfse.providers.integranotas.limites import agenda
from nfse.services.limites import limite_da_nota, limites_integranotas, limites_softhouse
from operacoes.handlers import Limite


def esperas() -> list[timedelta]:
    todas: list[timedelta] = []
    while (espera := agenda(len(todas))) is not None:
        todas.append(espera)
    return todas


def ate(quantas: int) -> timedelta:
    return sum(esperas()[:quantas], timedelta(0))


def test_the_first_looks_come_soon() -> None:
    assert [agenda(n) for n in range(4)] == [timedelta(seconds=s) for s in (15, 60, 120, 300)]


def test_looks_grow_rarer_after_two_hours_and_end_after_two_days() -> None:
    todas = esperas()
    primeira_rara = todas.index(timedelta(minutes=30))
    assert timedelta(hours=2) - timedelta(minutes=5) < ate(primeira_rara) <= timedelta(hours=2)
    assert timedelta(hours=48) - timedelta(minutes=30) < ate(len(todas)) <= timedelta(hours=48)
    assert set(todas[primeira_rara:]) == {timedelta(minutes=30)}


def test_a_person_takes_over_for_good() -> None:
    assert agenda(len(esperas()) + 1000) is None


def test_no_two_looks_are_closer_than_the_pace_of_one_chave() -> None:
    assert min(esperas()[1:]) >= timedelta(seconds=settings.INTEGRANOTAS_SEGUNDOS_POR_NOTA)


@pytest.mark.parametrize(
    ("limite", "permitidas"),
    [
        (limites_integranotas("canal:1")[0], 60),
        (limites_softhouse("softhouse:1")[0], 5),
        (limite_da_nota("canal:1", "1"), 2),
    ],
    ids=["token", "software house", "one note"],
)
def test_evenly_spaced_starts_stay_below_what_the_service_allows_in_a_minute(limite: Limite, permitidas: int) -> None:
    assert limite.quantidade * timedelta(minutes=1) / limite.periodo < permitidas


@pytest.mark.parametrize("conteudo", [b"<a/>", "\ufeff<a/>".encode(), b"\n <a/>"])
@pytest.mark.parametrize("comprimido", [False, True])
def test_a_file_is_read_with_and_without_gzip(conteudo: bytes, comprimido: bool) -> None:
    texto = base64.b64encode(gzip.compress(conteudo, mtime=0) if comprimido else conteudo).decode()
    assert arquivos.arquivo(texto, "xml") == conteudo


def test_bytes_that_are_no_text_are_kept_as_they_are() -> None:
    pdf = b"%PDF-1.4\n\xe2\xe3\xcf\xd3\x00\xff"
    assert arquivos.arquivo(base64.encodebytes(pdf).decode(), "pdf") == pdf


def test_a_file_that_would_fill_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arquivos, "MAX_BODY", 10_000)
    bomba = base64.b64encode(gzip.compress(b"\x00" * 10_001, mtime=0)).decode()
    with pytest.raises(ValueError, match="too large"):
        arquivos.decodificar(bomba)


@pytest.mark.parametrize("texto", [7, "ação", "abc", base64.b64encode(b"\x1f\x8bquebrado").decode()])
def test_what_is_no_file_is_refused(texto: object) -> None:
    with pytest.raises(ValueError):
        arquivos.decodificar(texto)
