"""Recipe files: what they say, and where an error points."""

import json
from datetime import UTC, datetime

import pytest

from services.decisions.recipe.following import at_commit
from services.decisions.recipe.guards import Guards
from services.decisions.recipe.reading import canonical_bytes, parse
from services.decisions.recipe.rules import difference, filled, with_parameters
from services.decisions.recipe.types import EntryKind, EnvironmentKind
from services.facts.training_data.types import WindowKind
from services.kernel.error import Conflict, InvalidInput
from services.standards.policy.types import PolicyError
from tests.support.recipes import COMMIT, DIGEST, TEXT, text


def test_everything_a_file_says_is_in_the_recipe() -> None:
    recipe = parse(TEXT.encode())
    assert (recipe.name, recipe.version, recipe.model) == ("flights", 1, "flight-delay")
    assert (recipe.entry.kind, recipe.entry.commit) == (EntryKind.GIT, COMMIT)
    assert recipe.entry.command == ("python", "train.py", "--rate", "{rate}")
    assert recipe.parameters == {"rate": 0.1, "leaves": 31, "balanced": False, "note": "summer"}
    source = recipe.data
    assert source.uris == ("/data/winter.parquet", "predictions:flight-delay")
    assert (source.window.kind, source.window.days) == (WindowKind.ROLLING, 90)
    assert source.window.until == datetime(2026, 3, 1, tzinfo=UTC)
    assert recipe.environment.kind is EnvironmentKind.LOCK
    assert (recipe.needs.gpus, recipe.needs.seconds, recipe.holdout.sha256) == (1, 600, DIGEST)
    assert recipe.search is not None
    assert recipe.search.space["leaves"] == {"low": 7, "high": 63, "log": False}
    assert (recipe.warm_start, recipe.max_attempts) == (True, 2)
    assert recipe.guards == Guards("loss", patience=5, silent_seconds=60)


def test_spaces_and_comments_do_not_make_another_recipe_but_every_value_does() -> None:
    plain = parse(TEXT.encode())
    assert parse(b"# mine\n" + TEXT.replace("  rate: 0.1", "  rate:   0.10").encode()) == plain
    for old, new in (("rate: 0.1\n", "rate: 0.2\n"), ("seconds: 600", "seconds: 601"), ("auc]", "f1]")):  # fmt: skip
        assert parse(TEXT.replace(old, new).encode()).sha256 != plain.sha256


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("max_attempts: 2", "max_atempts: 2", "unknown key 'max_atempts'; did you mean 'max_attempts'"),
        (f'commit: "{COMMIT}"', "commit: main", "forty hexadecimal digits"),
        ("{rate}", "{speed}", "{speed} is no parameter"),
        ("https://git.", "https://me:secret@git.", "no password"),
        ("git: https", "git: --upload-pack=touch /tmp/x https", "hyphen"),
        ("target: late", "target: at", "three different columns"),
        ("  time: at\n", "", "need the key 'time'"),
        ("rows:500", "rows>500", "a check is"),
        ("log: true}", "log: true, choices: [1]}", "'choices' alone"),
        ("low: 0.01", "low: 0", "lower end is more than 0"),
        ("environment: {lock: requirements.lock}", "environment: {lock: ../x}", "below the repository"),
        ("memory_gb: 8", "memory_gb: 0", "more than 0"),
        ("{dir: checkpoint", "{dir: data/state", "a folder of its own"),
        ("{dir: checkpoint", "{dir: ../state", "below the repository"),
        ("signal: SIGTERM", "signal: SIGKILL", "SIGTERM"),
        ("rolling_days: 90", "rolling_days: 90, sampled_rows: 5", "not both"),
        (f'sha256: "{DIGEST}"', "sha256: 12", "64 hexadecimal digits"),
        ("note: summer", "note: 2026-01-01", "quotation marks"),
        ("max_attempts: 2", "max_attempts: 0", "1 or more"),
        ("metric: loss, patience", "patience", "say by 'metric'"),
        ("signal: SIGTERM", "signal: SIGKILL", "not one of"),
        ("  uri: predictions:flight-delay", "  uri: sql+sqlite:///x.db", "'query' goes with"),
    ],
)  # fmt: skip
def test_an_error_says_what_and_where(old: str, new: str, words: str) -> None:
    assert old in TEXT
    broken = TEXT.replace(old, new)
    if "password" in words:
        broken = broken.replace("uri: predictions:flight-delay", "uri: https://me:pw@h/x.parquet")
    with pytest.raises(PolicyError, match=words.replace("{", r"\{")) as refused:
        parse(broken.encode())
    assert refused.value.line >= 1
    assert f"Line {refused.value.line}" in refused.value.message


def test_the_place_of_an_unknown_key_is_its_own_line() -> None:
    with pytest.raises(PolicyError) as refused:
        parse(TEXT.replace("  target: late", "  traget: late").encode())
    line = next(n for n, each in enumerate(TEXT.splitlines(), 1) if "target: late" in each)
    assert (refused.value.line, refused.value.column) == (line, 3)


def test_a_command_is_filled_and_an_unknown_place_is_refused() -> None:
    assert filled(("python", "--rate={rate}", "{on}"), {"rate": 0.1, "on": True}) == (
        "python", "--rate=0.1", "true",
    )  # fmt: skip
    with pytest.raises(InvalidInput, match="a value for leaves"):
        filled(("{leaves}",), {})


def test_a_ticket_may_replace_parameters_by_values_of_their_kind() -> None:
    recipe = parse(TEXT.encode())
    given = with_parameters(recipe, {"rate": "0.5", "balanced": "True", "leaves": "7"})
    assert given == {"rate": 0.5, "leaves": 7, "balanced": True, "note": "summer"}
    for wrong in ({"leaves": "many"}, {"leaves": "0.5"}, {"balanced": "yes"}, {"depth": "3"}):
        with pytest.raises(InvalidInput):
            with_parameters(recipe, wrong)


def test_two_recipes_differ_in_words() -> None:
    old = parse(TEXT.encode())
    later = TEXT.replace("rolling_days: 90", "rolling_days: 30").replace("gpus: 1, ", "")
    new = parse(
        later.replace("version: 1", "version: 2").replace("note: summer\n", "depth: 3\n").encode()
    )
    assert difference(old, new) == (
        "data.window.days is 30; it was 90.",
        "resources.gpus is 0; it was 1.",
        "parameters.depth is 3, where nothing stood.",
        "parameters.note is gone; it was summer.",
    )
    assert difference(old, parse(text(version="version: 2"))) == ()
    assert len(difference(None, new)) == 1


def test_a_recipe_follows_a_branch_and_trains_a_commit() -> None:
    followed = (
        text()
        .decode()
        .replace(f'  commit: "{COMMIT}"\n', f'  commit: "{COMMIT}"\n  branch: main\n')
    )
    recipe = parse(followed.encode())
    assert (recipe.entry.branch, recipe.entry.commit) == ("main", COMMIT)
    assert "branch" not in json.loads(canonical_bytes(parse(text())))["entry"]
    for wrong in ("-x", "a..b", "a b"):
        with pytest.raises(PolicyError, match="branch"):
            parse(followed.replace("branch: main", f'branch: "{wrong}"').encode())
    folder = followed.replace("git: https://git.example.org/flights.git", "folder: /srv/flights")
    with pytest.raises(PolicyError, match="goes with the commit"):
        parse(folder.replace(f'  commit: "{COMMIT}"\n', "").encode())


def test_the_next_version_of_a_recipe_differs_in_its_commit_alone() -> None:
    later = "ab" * 20
    assert later in DIGEST, "part of another digest is no commit"
    made, written = at_commit(parse(text()), text().decode(), 7, later)
    assert difference(parse(text()), made) == (f"entry.commit is {later}; it was {COMMIT}.",)
    assert (made.version, parse(written.encode())) == (7, made)


def test_a_file_that_cannot_be_written_anew_is_left_to_people() -> None:
    odd = text().decode().replace("version: 1\n", '"version": 1\n')
    with pytest.raises(Conflict, match="publish its next version"):
        at_commit(parse(odd.encode()), odd, 2, "ab" * 20)
