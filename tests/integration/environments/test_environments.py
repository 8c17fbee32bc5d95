"""Environments are built by the real builder, from wheels that the test makes: no network."""

import hashlib
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest

from services.decisions.recipe.types import Environment, EnvironmentKind
from services.kernel.error import IntegrityBroken, InvalidInput, SourceUnavailable
from services.workflows.engine.local import processes
from services.workflows.environment.service import Environments
from services.workflows.environment.types import Prepared
from tests.integration.engines.rig import is_alive
from tests.support.workspace import ROOT

TAG = f"cp{sys.version_info.major}{sys.version_info.minor}"
LOCK = Environment(EnvironmentKind.LOCK, "requirements.lock")


def wheel(folder: Path, name: str, version: str, body: str) -> str:
    """Make a wheel; return its digest."""
    path, about = folder / f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": body,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/entry_points.txt": f"[console_scripts]\n{name}-says = {name}:main\n",
    }
    record = "".join(f"{each},,\n" for each in [*files, f"{about}/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for each, text in {**files, f"{about}/RECORD": record}.items():
            archive.writestr(each, text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that pip, and so the builder, was told of; and no index."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    return folder


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    folder.mkdir()
    return folder


def prepare(environments: Environments, code: Path, text: str | None = None) -> Prepared:
    """Write a lock, where one is given, and prepare its environment."""
    if text is not None:
        (code / LOCK.name).write_text(text)
    return environments.prepare(LOCK, code, code.parent / "environment.log")


def test_an_environment_is_built_once_by_the_digest_of_its_lock(
    tmp_path: Path, wheels: Path, code: Path
) -> None:
    digest = wheel(wheels, "tiny", "1.0", "def main(): print('tiny speaks')\n")
    environments = Environments(tmp_path / "env")
    text = f"tiny==1.0 --hash=sha256:{digest}\n"
    built = prepare(environments, code, text)
    assert built.digest == hashlib.sha256(text.encode()).hexdigest()
    assert built.packages == ("tiny==1.0",)
    assert built.seconds is not None
    assert "tiny==1.0" in (tmp_path / "environment.log").read_text()
    said = subprocess.run(
        [built.python, "-c", "import tiny, sys; tiny.main(); print(sys.prefix)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.splitlines() == ["tiny speaks", built.variables["VIRTUAL_ENV"]]
    script = subprocess.run(
        ["tiny-says"], env=dict(built.variables), capture_output=True, text=True, check=True
    )
    assert script.stdout == "tiny speaks\n"
    (wheels / "tiny-1.0-py3-none-any.whl").unlink()
    again = prepare(Environments(tmp_path / "env"), code)
    assert again.seconds is None
    assert (again.python, again.packages) == (built.python, built.packages)


def test_another_lock_is_another_environment(tmp_path: Path, wheels: Path, code: Path) -> None:
    wheel(wheels, "tiny", "1.0", "number = 1\n")
    wheel(wheels, "tiny", "2.0", "number = 2\n")
    environments = Environments(tmp_path / "env")
    one, two = (prepare(environments, code, f"tiny=={n}.0\n") for n in (1, 2))
    assert one.digest != two.digest
    for each, number in ((one, "1"), (two, "2")):
        said = subprocess.check_output([each.python, "-c", "import tiny; print(tiny.number)"])
        assert said.decode().strip() == number


def test_a_package_with_another_digest_is_not_installed(
    tmp_path: Path, wheels: Path, code: Path
) -> None:
    wheel(wheels, "tiny", "1.0", "number = 'not what was locked'\n")
    with pytest.raises(IntegrityBroken) as refused:
        prepare(Environments(tmp_path / "env"), code, f"tiny==1.0 --hash=sha256:{'0' * 64}\n")
    assert refused.value.message == "A package is not the one whose digest stands in the lock."
    assert list((tmp_path / "env").glob("*/bin")) == []


def test_a_package_that_nobody_has_is_named(tmp_path: Path, wheels: Path, code: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        prepare(Environments(tmp_path / "env"), code, "tiny-that-is-nowhere==1.0\n")
    assert "tiny-that-is-nowhere" in refused.value.message
    assert refused.value.message.count("\n") == 0
    assert "tiny-that-is-nowhere" in (tmp_path / "environment.log").read_text()


def test_an_index_that_does_not_answer_is_no_fault_of_the_lock(
    tmp_path: Path, code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(SourceUnavailable) as refused:
        prepare(Environments(tmp_path / "env"), code, "tiny-that-is-nowhere==1.0\n")
    assert "index does not answer" in refused.value.message


def test_a_lock_outside_the_code_is_refused(tmp_path: Path, code: Path) -> None:
    (tmp_path / "other.lock").write_text("tiny==1.0\n")
    for name in ("../other.lock", str(tmp_path / "other.lock"), "absent.lock"):
        with pytest.raises(InvalidInput):
            Environments(tmp_path / "env").prepare(
                Environment(EnvironmentKind.LOCK, name), code, tmp_path / "log"
            )


def test_builders_of_one_lock_build_once(tmp_path: Path, wheels: Path, code: Path) -> None:
    wheel(wheels, "tiny", "1.0", "number = 1\n")
    (code / LOCK.name).write_text("tiny==1.0\n")
    found: list[Prepared] = []
    threads = [
        threading.Thread(target=lambda: found.append(prepare(Environments(tmp_path / "env"), code)))
        for _ in range(4)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(found) == 4
    assert len({each.python for each in found}) == 1
    assert [each.seconds is None for each in found].count(False) == 1


@pytest.fixture
def slow(wheels: Path) -> None:
    """A source distribution that takes a minute to build."""
    folder = wheels / "slow-1.0"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(
        "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
        "[project]\nname = 'slow'\nversion = '1.0'\n"
    )
    (folder / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: slow\nVersion: 1.0\n")
    (folder / "backend.py").write_text("import time\ndef build_wheel(*_): time.sleep(60)\n")
    subprocess.run(["tar", "czf", "slow-1.0.tar.gz", "slow-1.0"], cwd=wheels, check=True)


def test_building_ends_with_its_time(tmp_path: Path, slow: None, code: Path) -> None:
    began = time.monotonic()
    with pytest.raises(SourceUnavailable) as refused:
        prepare(Environments(tmp_path / "env", seconds=1.5), code, "slow==1.0\n")
    assert "longer than 2 seconds" in refused.value.message
    assert time.monotonic() - began < 10


def test_building_is_stopped_on_request(tmp_path: Path, slow: None, code: Path) -> None:
    (code / LOCK.name).write_text("slow==1.0\n")
    began = time.monotonic()
    with pytest.raises(SourceUnavailable) as refused:
        Environments(tmp_path / "env").prepare(
            LOCK, code, tmp_path / "log", should_stop=lambda: time.monotonic() > began + 1
        )
    assert "on request" in refused.value.message
    assert time.monotonic() - began < 10


PROGRAM = """
import sys
from pathlib import Path
from services.decisions.recipe.types import Environment, EnvironmentKind
from services.workflows.engine.local import processes
from services.workflows.environment.service import Environments
code = Path(sys.argv[1])
Environments(code.parent / "env").prepare(
    Environment(EnvironmentKind.LOCK, "requirements.lock"), code, code.parent / "log"
)
"""


def building(folder: Path) -> list[int]:
    """Return the processes that build in a folder, and what they started."""
    mark = hashlib.sha256(str(folder).encode()).hexdigest()
    return [pid for pid in processes.marked(mark) if is_alive(pid)]


def test_who_is_killed_while_it_builds_is_followed_by_another(
    tmp_path: Path, slow: None, code: Path
) -> None:
    text = "slow==1.0\n"
    (code / LOCK.name).write_text(text)
    folder = tmp_path / "env" / f"{hashlib.sha256(text.encode()).hexdigest()}-{TAG}"
    builder = subprocess.Popen([sys.executable, "-c", PROGRAM, str(code)], cwd=ROOT)
    until = time.monotonic() + 30
    while len(building(folder)) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    assert len(building(folder)) >= 2
    builder.kill()
    builder.wait()
    with pytest.raises(SourceUnavailable) as refused:
        prepare(Environments(tmp_path / "env", seconds=1.5), code)
    assert "longer than 2 seconds" in refused.value.message
    assert building(folder) == []


def test_what_was_left_half_built_is_built_anew(tmp_path: Path, wheels: Path, code: Path) -> None:
    wheel(wheels, "tiny", "1.0", "number = 1\n")
    text = "tiny==1.0\n"
    digest = hashlib.sha256(text.encode()).hexdigest()
    name = f"{digest}-{TAG}"
    half = tmp_path / "env" / f"{name}.building"
    (half / "bin").mkdir(parents=True)
    (half / "bin" / "python").write_text("half")
    built = prepare(Environments(tmp_path / "env"), code, text)
    assert subprocess.check_output([built.python, "-c", "import tiny"]) == b""
    assert not half.exists()


def test_the_running_environment_is_known_by_its_packages(tmp_path: Path) -> None:
    kind = Environment(EnvironmentKind.RUNNING)
    found = Environments(tmp_path / "env").prepare(kind, tmp_path, tmp_path / "log")
    assert found.python == sys.executable
    assert any(each.startswith("mlflow==") for each in found.packages)
    assert len(found.digest) == 64


def test_an_image_needs_an_engine_that_runs_images(tmp_path: Path) -> None:
    environments = Environments(tmp_path / "env")
    image = Environment(EnvironmentKind.IMAGE, "registry.example/trainer:1")
    with pytest.raises(InvalidInput):
        environments.prepare(image, tmp_path, tmp_path / "log")
    found = environments.prepare(image, tmp_path, tmp_path / "log", runs_images=True)
    assert (found.image, found.python) == ("registry.example/trainer:1", "python")
