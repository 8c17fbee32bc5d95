"""What has a state and a history is listed page by page, and told in lines or as JSON."""

import argparse
import json
from typing import Any

import pytest

from services.cli import alert, client, incident

PAGES = {
    None: ([{"id": "a-1", "n": 1}], "next-page"),
    "next-page": ([{"id": "a-2", "n": 2}], None),
}


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    nouns = parser.add_subparsers(dest="noun", required=True)
    alert.add(nouns)
    incident.add(nouns)
    return parser.parse_args(words)


@pytest.mark.parametrize("noun", ["alert", "incident"])
def test_every_page_is_listed_once(
    noun: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []

    def get(path: str, **query: Any) -> dict[str, Any]:
        asked.append((path, query))
        found, cursor = PAGES[query["cursor"]]
        return {f"{noun}s": found, "next": cursor}

    monkeypatch.setattr(client, "get", get)
    arguments = parsed(noun, "list", "--model", "credit", "--json")
    assert arguments.run(arguments) == 0
    assert [each["id"] for each in json.loads(capsys.readouterr().out)[f"{noun}s"]] == [
        "a-1",
        "a-2",
    ]
    assert [path for path, _ in asked] == [f"/{noun}s"] * 2
    assert {query["model"] for _, query in asked} == {"credit"}


def test_none_is_said_and_an_id_is_quoted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(client, "get", lambda path, **_: {"incidents": [], "next": None, "p": path})
    arguments = parsed("incident", "list")
    assert arguments.run(arguments) == 0
    assert capsys.readouterr().out == "No incidents.\n"
    arguments = parsed("incident", "show", "a/b", "--json")
    assert arguments.run(arguments) == 0
    assert json.loads(capsys.readouterr().out)["p"] == "/incidents/a%2Fb"


def test_an_alert_is_told_with_how_it_stood(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {
        "id": "a-1", "state": "resolved", "severity": "critical", "model": "credit", "version": 1,
        "metric": "drift.ks", "feature": "age", "segment": "", "value": 0.31, "limit": "≤ 0.20",
        "raised_at": "2026-03-14T09:00:00Z",
        "history": [{"at": "2026-03-14T09:00:00Z", "state": "raised"}],
    }  # fmt: skip
    monkeypatch.setattr(client, "get", lambda _: told)
    arguments = parsed("alert", "show", "a-1")
    assert arguments.run(arguments) == 0
    assert capsys.readouterr().out.splitlines() == [
        "✓ a-1  critical  credit 1  drift.ks age  0.310  ≤ 0.20  resolved since 2026-03-14 09:00",
        "  2026-03-14 09:00  raised",
    ]
