"""The order of sending, through the real claim: legal deadline first, then in turn between users."""

from datetime import date

import pytest

from comum.models import Papel, Usuario
from operacoes.motor import submeter
from operacoes.motor.tomada import tomar
from tests.cast import criar_usuario
from tests.operacoes.apoio import Servico, nova

pytestmark = pytest.mark.django_db

BALDE = "teste:conta:1"
VENCE, VENCE_DEPOIS = date(2026, 11, 20), date(2026, 12, 20)


@pytest.fixture
def usuarios(servico: Servico) -> list[Usuario]:
    return [criar_usuario(nome, Papel.OPERADOR) for nome in ("um", "dois", "tres")]


def muitas(usuario: Usuario, prefixo: str, quantas: int, prazo: date = VENCE_DEPOIS) -> None:
    submeter([nova(f"{prefixo}{n}", prazo=prazo) for n in range(quantas)], usuario=usuario)


def enviadas(quantas: int) -> list[str]:
    """The keys of the next claims, in order. They stay in course."""
    chaves = []
    for _ in range(quantas):
        tomada = tomar(BALDE, com_vaga=True)
        if tomada is None:
            break
        chaves.append(tomada.operacao.chave)
    return chaves


def posicoes(prefixo: str, chaves: list[str]) -> list[int]:
    return [posicao for posicao, chave in enumerate(chaves, start=1) if chave.startswith(prefixo)]


def test_three_items_do_not_wait_for_the_five_thousand_of_another(usuarios: list[Usuario]) -> None:
    muitas(usuarios[0], "a", 5000)
    assert len(enviadas(40)) == 40
    muitas(usuarios[1], "b", 3)
    chaves = enviadas(12)
    assert posicoes("b", chaves) == [2, 4, 6]
    assert posicoes("a", chaves) == [1, 3, 5, 7, 8, 9, 10, 11, 12]


def test_three_users_take_turns(usuarios: list[Usuario]) -> None:
    for usuario, prefixo in zip(usuarios, "abc", strict=True):
        muitas(usuario, prefixo, 200)
    assert [chave[0] for chave in enviadas(30)] == list("abc") * 10


def test_another_run_of_the_same_user_waits_behind_the_first(usuarios: list[Usuario]) -> None:
    muitas(usuarios[0], "a", 50)
    muitas(usuarios[0], "m", 3)
    muitas(usuarios[1], "b", 3)
    chaves = enviadas(56)
    assert posicoes("b", chaves) == [2, 4, 6]
    assert posicoes("m", chaves) == [54, 55, 56]


def test_an_earlier_deadline_goes_first_whoever_asked(usuarios: list[Usuario]) -> None:
    muitas(usuarios[0], "a", 300)
    enviadas(20)
    muitas(usuarios[1], "b", 3, VENCE)
    muitas(usuarios[0], "u", 2, VENCE)
    chaves = enviadas(6)
    assert posicoes("b", chaves)[-1] <= 5
    assert posicoes("u", chaves)[-1] <= 5
    assert chaves[5].startswith("a")


def test_what_is_being_sent_of_an_earlier_deadline_holds_nobody_back_in_a_later_one(usuarios: list[Usuario]) -> None:
    muitas(usuarios[0], "a", 300)
    muitas(usuarios[0], "u", 40, VENCE)
    assert len(posicoes("u", enviadas(40))) == 40
    muitas(usuarios[1], "b", 3)
    assert posicoes("b", enviadas(12)) == [2, 4, 6]


def test_items_of_a_later_deadline_cost_their_owner_no_turn_in_an_earlier_one(usuarios: list[Usuario]) -> None:
    muitas(usuarios[0], "a", 300)
    muitas(usuarios[1], "b", 300, VENCE)
    muitas(usuarios[0], "u", 3, VENCE)
    assert posicoes("u", enviadas(12)) == [2, 4, 6]


def test_one_run_over_two_deadlines_takes_its_turn_in_each(usuarios: list[Usuario]) -> None:
    muitas(usuarios[0], "a", 6, VENCE)
    muitas(usuarios[0], "b", 6)
    submeter(
        [nova(f"{letra}{n}", prazo=prazo) for letra, prazo in (("u", VENCE), ("v", VENCE_DEPOIS)) for n in range(3)],
        usuario=usuarios[1],
    )
    assert "".join(chave[0] for chave in enviadas(18)) == "auauauaaabvbvbvbbb"


def test_a_late_comer_does_not_overtake_what_waited_longer_at_its_turn(usuarios: list[Usuario]) -> None:
    """Nobody gains by coming late: turns count from the present one, not from zero."""
    muitas(usuarios[0], "a", 100)
    muitas(usuarios[1], "b", 100)
    enviadas(100)
    muitas(usuarios[2], "c", 100)
    assert sorted(len(posicoes(letra, enviadas_30)) for enviadas_30 in [enviadas(30)] for letra in "abc") == [
        10,
        10,
        10,
    ]
