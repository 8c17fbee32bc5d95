"""Models that mean harm: each is stopped, the limit is named, and nothing is left behind."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from services.facts.scoring import sandbox
from services.facts.scoring.service import Scorer
from services.facts.scoring.types import Limit, LimitExceeded, Limits, SandboxLevel
from services.kernel.error import IntegrityBroken

ROWS = pd.DataFrame({"a": [0.0, 1.0, 2.0], "b": [1.0, 0.0, 1.0]})
QUICK = Limits(seconds=30, memory_mb=3000)
SAVE = """
import sys, cloudpickle
namespace = {}
exec(open(sys.argv[1]).read(), namespace)
namespace["Evil"].__module__ = "__main__"
import __main__; __main__.Evil = namespace["Evil"]
cloudpickle.dump(namespace["Evil"](), open(sys.argv[2], "wb"))
"""
MLMODEL = """
flavors:
  python_function: {loader_module: mlflow.sklearn, model_path: model.pkl}
  sklearn: {pickled_model: model.pkl, serialization_format: cloudpickle}
"""
DEEDS = {
    Limit.ENVIRONMENT: "import os; print(os.environ['COUNTERSIGN_SECRET_KEY'])",
    Limit.NETWORK: "import socket; socket.create_connection(('127.0.0.1', PORT), timeout=3)",
    Limit.FILES: "import sqlite3; c = sqlite3.connect('DATABASE'); c.execute('DELETE FROM t'); c.commit()",
    Limit.PROCESSES: "import os\n        while True: os.fork()",
    Limit.TIME: "import time; time.sleep(600)",
    Limit.MEMORY: "import numpy; numpy.ones(100 * 1024 ** 3, dtype='uint8')",
    Limit.CRASHED: "import os; os._exit(3)",
}


@pytest.fixture
def port() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def model(folder: Path, deed: str) -> Path:
    """Save a model whose predict does a deed, as a pickle that carries its own code."""
    folder.mkdir(parents=True)
    marker = folder.parent / "loaded"
    source = folder.parent / "evil.py"
    source.write_text(
        "class Evil:\n"
        "    classes_ = [0, 1]\n"
        "    def __setstate__(self, state):\n"
        f"        import os; os.path.exists('/') and os.close(os.open({str(marker)!r}, os.O_CREAT | os.O_WRONLY)) if {deed == 'mark'!r} else None\n"
        "    def __getstate__(self): return {'a': 1}\n"
        "    def predict_proba(self, rows):\n"
        f"        {deed if deed != 'mark' else 'pass'}\n"
        "        import numpy; return numpy.full((len(rows), 2), 0.5)\n"
    )
    subprocess.run([sys.executable, "-c", SAVE, str(source), str(folder / "model.pkl")], check=True)
    (folder / "MLmodel").write_text(MLMODEL)
    return folder


def score(folder: Path, work: Path, limits: Limits = QUICK, **more: object) -> object:
    level = more.pop("level", SandboxLevel.S1)
    scorer = Scorer(limits, level)  # type: ignore[arg-type]
    return scorer.score(folder, ROWS, "classification", work, **more)  # type: ignore[arg-type]


def test_this_machine_offers_the_strong_level() -> None:
    assert sandbox.detect().level is SandboxLevel.S1, sandbox.detect().words


@pytest.mark.parametrize("limit", DEEDS)
def test_a_hostile_model_is_stopped_and_the_limit_named(
    limit: Limit, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    monkeypatch.setenv("COUNTERSIGN_SECRET_KEY", "a secret that must not be seen")
    database = tmp_path / "governance.sqlite"
    with sqlite3.connect(database) as held:
        held.execute("CREATE TABLE t (x)")
        held.execute("INSERT INTO t VALUES (1)")
    held.close()
    deed = DEEDS[limit].replace("PORT", str(port)).replace("DATABASE", str(database))
    folder = model(tmp_path / "model" / "m", deed)
    limits = Limits(seconds=8) if limit is Limit.TIME else QUICK
    with pytest.raises(LimitExceeded) as caught:
        score(folder, tmp_path / "work", limits)
    assert caught.value.limit is limit, caught.value.message
    assert "a secret" not in (tmp_path / "work" / "output.txt").read_text(errors="replace")
    with sqlite3.connect(database) as held:
        assert held.execute("SELECT COUNT(*) FROM t").fetchone() == (1,)
    held.close()
    assert left_over(tmp_path / "work") == []


def left_over(work: Path) -> list[str]:
    """Return processes whose command names the job's folder."""
    found: list[str] = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = each.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(work) in text and f"/{os.getpid()}/" not in str(each):
            found.append(text)
    return found


def test_at_the_weak_level_it_is_refused_before_it_is_loaded(tmp_path: Path) -> None:
    folder = model(tmp_path / "model" / "m", "mark")
    with pytest.raises(LimitExceeded) as caught:
        score(folder, tmp_path / "work", level=SandboxLevel.S0)
    assert caught.value.limit is Limit.REFUSED
    assert not (tmp_path / "model" / "loaded").exists()


def test_code_that_comes_with_a_model_does_not_get_out(port: int, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    (folder / "code").mkdir(parents=True)
    (folder / "code" / "evil.py").write_text(
        f"import socket\nsocket.create_connection(('127.0.0.1', {port}), timeout=3)\n"
        "def _load_pyfunc(path): return None\n"
    )
    (folder / "MLmodel").write_text(
        "flavors:\n  python_function: {loader_module: evil, code: code}\n"
    )
    with pytest.raises(LimitExceeded):
        score(folder, tmp_path / "work")


@pytest.mark.parametrize(
    "mlmodel",
    [
        "flavors: {sklearn: {pickled_model: ../../../etc/passwd}, python_function: {loader_module: mlflow.sklearn}}",
        "{{{",
        "[1, 2]",
        "",
    ],
)
def test_what_does_not_describe_a_model_is_refused(mlmodel: str, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "MLmodel").write_text(mlmodel)
    with pytest.raises(LimitExceeded) as caught:
        score(folder, tmp_path / "work")
    assert caught.value.limit is Limit.REFUSED


def test_a_request_to_stop_ends_it_within_a_second(tmp_path: Path) -> None:
    folder = model(tmp_path / "model" / "m", DEEDS[Limit.TIME])
    stop = threading.Event()
    asked: list[float] = []

    def ask() -> None:
        asked.append(time.monotonic())
        stop.set()

    threading.Timer(3.0, ask).start()
    with pytest.raises(LimitExceeded) as caught:
        score(folder, tmp_path / "work", should_stop=stop.is_set)
    assert caught.value.limit is Limit.CANCELLED
    assert time.monotonic() - asked[0] < 1.0
    assert left_over(tmp_path / "work") == []


def test_files_that_change_while_it_is_loaded_are_noticed(tmp_path: Path) -> None:
    work = tmp_path / "work"
    deed = "open('model/MLmodel', 'a').write('# changed')"
    folder = model(tmp_path / "model" / "m", deed)
    with pytest.raises(IntegrityBroken):
        score(folder, work)


def test_an_honest_model_answers(tmp_path: Path) -> None:
    folder = model(tmp_path / "model" / "m", "pass")
    found = score(folder, tmp_path / "work")
    assert np.allclose(found.outputs, 0.5)  # type: ignore[attr-defined]
