"""No test reaches anything but this machine."""

import socket

import pytest

from tests.conftest import OutsideCall

FORA = "192.0.2.1"  # reserved for documentation


@pytest.mark.parametrize("metodo", ["connect", "connect_ex"])
def test_a_connection_outside_is_refused(metodo: str) -> None:
    with socket.socket() as cru, pytest.raises(OutsideCall, match=FORA):
        getattr(cru, metodo)((FORA, 443))


def test_no_name_outside_is_asked_for() -> None:
    with pytest.raises(OutsideCall, match=r"gateway\.example"):
        socket.create_connection(("gateway.example", 443))
    assert socket.getaddrinfo("localhost", 80)
