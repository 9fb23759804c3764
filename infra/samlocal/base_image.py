"""`make sam-base`: a stand-in for AWS's Python image where its registry cannot be reached.

It is made of this machine's own Python of Lambda's minor version, the C libraries that it loads,
and AWS's runtime client. It is not Amazon Linux: another libc, no AWS CLI, no boto3 beside the
layers, and everything runs as root. Linux alone: elsewhere this machine's files do not run in a
container.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from infra.local.engine import ROOT
from infra.local.errors import LocalError
from infra.samlocal.containers import PYTHON, STAND_IN, Containers

HERE = Path(__file__).parent
REQUIREMENTS = ROOT / "requirements" / "samlocal.txt"
# SAM's own build steps need these.
TOOLS = ("sh", "mv", "chmod", "cp", "rm")
# What wheels for older C libraries ask for by name beside libc.
BESIDE_LIBC = ("libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1", "libm.so.6")
LEFT_OUT = {"site-packages", "dist-packages", "test", "idlelib", "tkinter", "ensurepip"}
SHOW = (
    "import json, sys, sysconfig; print(json.dumps([sys.executable, sysconfig.get_path('stdlib')]))"
)
SETTINGS = (
    "ENV PATH=/var/lang/bin:/bin LD_LIBRARY_PATH=/var/lang/lib LANG=C.UTF-8 TZ=:UTC",
    "ENV LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime",
    "ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
    "WORKDIR /var/task",
    'ENTRYPOINT ["/lambda-entrypoint.sh"]',
)
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
NO_PYTHON = "a stand-in needs a real Python {python} on PATH, and `python{python}` is none"


def make() -> None:
    """Raises LocalError when this machine cannot make one."""
    if sys.platform != "linux":
        raise LocalError("a stand-in can be made on Linux alone; fetch AWS's image instead")
    containers = Containers()
    python, library = interpreter()
    with tempfile.TemporaryDirectory() as folder:
        runtime = Path(folder) / "runtime"
        install(python, runtime)
        archive = Path(folder) / "image.tar"
        with tarfile.open(archive, "w") as tar:
            for source, inside in files(python, library, runtime):
                tar.add(source, inside, recursive=False)
            for name in ("tmp", "opt", "var/task"):
                tar.addfile(_folder(name))
        changes = [part for setting in SETTINGS for part in ("--change", setting)]
        containers.run("import", *changes, str(archive), STAND_IN)
    size = containers.run("image", "inspect", "--format", "{{.Size}}", STAND_IN)
    print(f"[sam-base] {STAND_IN}, {int(size) // 1_000_000} MB, of {python}")


def interpreter() -> tuple[Path, Path]:
    """The real path of Lambda's Python on this machine, and its library's."""
    command = [f"python{PYTHON}", "-c", SHOW]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise LocalError(NO_PYTHON.format(python=PYTHON)) from error
    python, library = (Path(path).resolve() for path in json.loads(done.stdout))
    return python, library


def install(python: Path, folder: Path) -> None:
    """AWS's runtime client, with bytecode, as the image has it."""
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    flags = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--target", str(folder)]
    done = subprocess.run(
        [*pip, *flags, "-r", str(REQUIREMENTS)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise LocalError(f"{REQUIREMENTS.name} cannot be installed:\n{done.stderr}")


def files(python: Path, library: Path, runtime: Path) -> Iterator[tuple[Path, str]]:
    """What is in the image: a file here, its path inside."""
    yield python, f"var/lang/bin/python{PYTHON}"
    yield python, "var/lang/bin/python3"
    kept = [one for one in library.rglob("*") if _wanted(one.relative_to(library).parts)]
    for one in kept:
        yield one, f"var/lang/lib/python{PYTHON}/{one.relative_to(library)}"
    for one in runtime.rglob("*"):
        yield one, f"var/runtime/{one.relative_to(runtime)}"
    tools = [Path(found).resolve() for tool in TOOLS if (found := shutil.which(tool))]
    for name, tool in zip(TOOLS, tools, strict=True):
        yield tool, f"bin/{name}"
    modules = [one for one in (*kept, *runtime.rglob("*")) if ".so" in one.suffixes]
    for one, inside in libraries([python, *tools, *modules]):
        yield one, inside
    yield HERE / "bootstrap", "var/runtime/bootstrap"
    yield HERE / "entrypoint.sh", "lambda-entrypoint.sh"
    if CERTIFICATES.exists():
        yield CERTIFICATES.resolve(), str(CERTIFICATES).removeprefix("/")


def libraries(binaries: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """The C libraries that they load, all in one folder, but the loader where the kernel looks."""
    command = ["ldd", *map(str, binaries)]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found: dict[str, Path] = {}
    loaders: set[str] = set()
    for words in (line.split() for line in told.splitlines()):
        if "=>" in words and words[2].startswith("/"):
            found[words[0]] = Path(words[2])
        elif len(words) == 2 and words[0].startswith("/") and words[1].startswith("("):
            loaders.add(words[0])
    beside = found["libc.so.6"].parent
    found.update({name: beside / name for name in BESIDE_LIBC if (beside / name).exists()})
    for name, path in found.items():
        yield path.resolve(), f"var/lang/lib/{name}"
    for loader in loaders:
        yield Path(loader).resolve(), loader.removeprefix("/")


def _wanted(parts: tuple[str, ...]) -> bool:
    # config-*: what it takes to link Python into another program.
    return not LEFT_OUT & set(parts) and not parts[0].startswith("config-")


def _folder(name: str) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, 0o1777
    return entry
