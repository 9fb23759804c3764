"""What `sam build` left: sizes, digests, and for which processor. `python -m infra.artefacts`.

`<folder> --arch arm64` prints a line for each layer and function, and fails when a library is for
another processor. `--twice` builds for both processors two times and compares.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import shutil
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra import smoke

# https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html: e_machine, two bytes from 18 on.
MACHINES = {"arm64": 183, "x86_64": 62}
ELF, MACHINE = b"\x7fELF", slice(18, 20)
KB = 1_000
DEPLOYED = ("Layer", "Function")
# As the SAM CLI dates what it packs.
THE_DATE = (1980, 1, 1, 0, 0, 0)
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: code and layers, unpacked
MAX_UNPACKED = 250 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Artefact:
    """One folder that is deployed. Bytes; `digest` is of the names, modes and contents."""

    name: str
    unpacked: int
    packed: int
    digest: str
    foreign: tuple[str, ...]

    @property
    def line(self) -> str:
        return f"{self.name:28}{self.unpacked / KB:10,.1f} kB{self.packed / KB:10,.1f} kB zipped"


def files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def artefact(folder: Path, arch: str) -> Artefact:
    """A folder, and its libraries that do not run on `arch`."""
    digest, packed, unpacked, foreign = hashlib.sha256(), io.BytesIO(), 0, []
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files(folder):
            name, content = path.relative_to(folder).as_posix(), path.read_bytes()
            executable = bool(path.stat().st_mode & 0o100)
            digest.update(f"{name}\0{executable}\0{len(content)}\0".encode() + content)
            archive.writestr(zipfile.ZipInfo(name, THE_DATE), content, zipfile.ZIP_DEFLATED)
            unpacked += len(content)
            if content.startswith(ELF) and not _runs_on(content, arch):
                foreign.append(name)
    size = packed.getbuffer().nbytes
    return Artefact(folder.name, unpacked, size, digest.hexdigest(), tuple(foreign))


def _runs_on(content: bytes, arch: str) -> bool:
    return int.from_bytes(content[MACHINE], "little") == MACHINES[arch]


def of_build(build: Path, arch: str) -> dict[str, Artefact]:
    """All layers, then all functions, by name."""
    folders = [path for path in build.iterdir() if path.name.endswith(DEPLOYED)]
    folders.sort(key=lambda path: (not path.name.endswith("Layer"), path.name))
    return {path.name: artefact(path, arch) for path in folders}


def failures(found: Mapping[str, Artefact], arch: str) -> list[str]:
    """What cannot be deployed."""
    strange = [
        f"{one.name}: {name} is not for {arch}" for one in found.values() for name in one.foreign
    ]
    layers = sum(one.unpacked for one in found.values() if one.name.endswith("Layer"))
    return strange + ([f"the layers have {layers} bytes"] if layers > MAX_UNPACKED else [])


def differing(one: Mapping[str, Artefact], other: Mapping[str, Artefact]) -> list[str]:
    """The names of what two builds made differently."""
    return sorted(
        name
        for name in one.keys() | other.keys()
        if name not in one or name not in other or one[name].digest != other[name].digest
    )


def twice(arch: str, minor: str) -> list[str]:
    """Build two times in different folders; what is wrong."""
    builds = []
    for number in (1, 2):
        folder = smoke.BUILD.with_name(f"twice-{number}")
        shutil.rmtree(folder, ignore_errors=True)
        smoke.build(arch, minor, folder, platform="linux")
        builds.append(of_build(folder, arch))
        shutil.rmtree(folder)
    wrong = [f"{arch}: {name} differs" for name in differing(*builds)] + failures(builds[0], arch)
    print(f"[build] {arch}: {len(builds[0])} artefacts, {len(wrong)} faults", flush=True)
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.artefacts", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=smoke.BUILD)
    parser.add_argument("--arch", choices=sorted(MACHINES), default="arm64")
    parser.add_argument("--twice", action="store_true", help="build for both processors, two times")
    options = parser.parse_args()
    if options.twice:
        _, minor = smoke.interpreter()
        wrong = [fault for arch in sorted(MACHINES) for fault in twice(arch, minor)]
    else:
        found = of_build(options.folder, options.arch)
        print("\n".join(one.line for one in found.values()))
        wrong = failures(found, options.arch)
    for fault in wrong:
        print(f"[build] {fault}", file=sys.stderr)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
