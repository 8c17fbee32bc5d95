import os
import subprocess
import sys

import pytest

from tests.integration.door.conftest import ROOT


@pytest.mark.parametrize(
    ("name", "value"),
    [("COUNTERSIGN_PROT", "8501"), ("COUNTERSIGN_PORT", "none"), ("COUNTERSIGN_HOST", "0.0.0.0")],
)
def test_a_setting_that_cannot_be_used_is_one_sentence_and_not_a_traceback(
    name: str, value: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "console.serve"],
        cwd=ROOT,
        env={**os.environ, name: value},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert name in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_door_itself_loads_nothing_heavy() -> None:
    words = "import sys, console.app; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "console.runtime" in loaded
    assert not loaded & {"streamlit", "pandas", "sqlmodel", "sqlalchemy", "fastapi", "argon2"}
