"""The relay carries bytes both ways, for its own network alone."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from threading import Thread

import pytest

from infra.samlocal.relay import Relay

OTHER = "127.0.0.2"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="one loopback address elsewhere")


@pytest.fixture
def shouting() -> Iterator[int]:
    """An engine on the loopback address that gives back capitals."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                while data := connection.recv(1024):
                    connection.sendall(data.upper())

        Thread(target=answer, daemon=True).start()
        yield server.getsockname()[1]


def test_bytes_go_there_and_back(shouting: int) -> None:
    relay = Relay(OTHER, "127.0.0.0/8", [shouting])
    try:
        with socket.create_connection((OTHER, shouting), 5) as connection:
            connection.sendall(b"table")
            assert connection.recv(1024) == b"TABLE"
    finally:
        relay.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((OTHER, shouting), 5)


def test_a_stranger_gets_nothing(shouting: int) -> None:
    relay = Relay(OTHER, "192.0.2.0/24", [shouting])
    try:
        with socket.create_connection((OTHER, shouting), 5) as connection:
            assert connection.recv(1024) == b""
    finally:
        relay.close()


def test_an_engine_that_is_gone_ends_the_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    relay = Relay(OTHER, "127.0.0.0/8", [port])
    try:
        with socket.create_connection((OTHER, port), 5) as connection:
            assert connection.recv(1024) == b""
    finally:
        relay.close()


def test_an_address_of_another_machine_is_said() -> None:
    with pytest.raises(OSError, match=r"192\.0\.2\.1"):
        Relay("192.0.2.1", "192.0.2.0/24", [0])
