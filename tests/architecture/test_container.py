"""The container file is read, since no engine builds it here."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def instructions() -> list[tuple[str, str]]:
    joined = re.sub(r"\\\n", " ", TEXT)
    lines = [line.strip() for line in joined.splitlines()]
    return [
        (line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines if line and line[0] != "#"
    ]


def test_two_stages_the_last_without_build_tools_and_not_as_root() -> None:
    steps = instructions()
    starts = [index for index, (word, _) in enumerate(steps) if word == "FROM"]
    assert len(starts) == 2
    last = steps[starts[1] :]
    assert ("USER", "countersign") in last
    assert any(word == "HEALTHCHECK" and "/ready" in rest for word, rest in last)
    assert not any("pip install" in rest or "apt-get" in rest for _, rest in last)


def test_dependencies_are_installed_by_digest() -> None:
    assert any(
        "--require-hashes --no-deps -r requirements.lock" in rest for _, rest in instructions()
    )


def test_everything_that_is_copied_exists() -> None:
    for word, rest in instructions():
        if word == "COPY" and "--from" not in rest:
            for source in [part for part in rest.split() if not part.startswith("--")][:-1]:
                assert (ROOT / source).exists(), source
