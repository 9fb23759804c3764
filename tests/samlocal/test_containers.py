"""What is said when there is no container engine or no image, and that nothing is left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.local.errors import LocalError
from infra.samlocal.containers import BASE, STAND_IN, Containers

# A docker that knows one image and one network with two containers; it notes what it is asked.
DOCKER = """#!/bin/sh
echo "$*" >> {notes}
case "$*" in
  "image inspect --format {{{{.Id}}}} {image}") echo sha256:1 ;;
  "image inspect"*) echo "No such image" >&2; exit 1 ;;
  pull*) echo "dial tcp: no such host" >&2; exit 1 ;;
  ps*) echo c1; echo c2 ;;
  "network ls"*) echo bridge; echo siyu-sam-1 ;;
  "network inspect"*) echo 172.18.0.1 172.18.0.0/16 ;;
esac
"""


def with_docker(folder: Path, patch: pytest.MonkeyPatch, image: str) -> Path:
    notes, docker = folder / "notes", folder / "docker"
    docker.write_text(DOCKER.format(notes=notes, image=image))
    docker.chmod(0o700)
    patch.setenv("PATH", str(folder))
    return notes


def test_without_an_engine_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        LocalError, match=r"No container engine answers\.\n.*\n?Install Docker|make"
    ):
        Containers()


def test_an_engine_that_does_not_run_is_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\necho 'Is the docker daemon running?' >&2; exit 1\n")
    docker.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalError, match=r"answers: Is the docker daemon running\?"):
        Containers()


@pytest.mark.parametrize("image", [BASE, STAND_IN])
def test_an_image_that_is_here_is_taken_without_the_registry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, image: str
) -> None:
    notes = with_docker(tmp_path, monkeypatch, image)
    assert Containers().base_image() == image
    assert "pull" not in notes.read_text()


def test_without_image_and_registry_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_docker(tmp_path, monkeypatch, "another:1")
    with pytest.raises(LocalError) as raised:
        Containers().base_image()
    assert f"docker pull {BASE}" in str(raised.value)
    assert "make sam-base" in str(raised.value)
    assert "no such host" in str(raised.value)


def test_what_a_killed_run_left_goes_before_a_network_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = with_docker(tmp_path, monkeypatch, BASE)
    network = Containers().open_network("siyu-sam-1")
    assert (network.gateway, network.subnet) == ("172.18.0.1", "172.18.0.0/16")
    asked = [line for line in notes.read_text().splitlines() if not line.startswith(("ps", "ver"))]
    assert asked[:4] == [
        "rm --force --volumes c1 c2",
        "network ls --format {{.Name}}",
        "network rm siyu-sam-1",
        "network create siyu-sam-1",
    ]
