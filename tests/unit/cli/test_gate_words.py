"""What ``countersign gate check`` prints: a tick never stands beside 'not measured'."""

import argparse

import pytest

from services.cli import gate

BLANK = {
    "segment": "", "value": None, "lo": None, "hi": None, "limit": "filled in", "reason": "", "result": "pass",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"id": "card-limitations"}, "✓ card-limitations       written  filled in"),
        ({"id": "evidence-lineage"}, "✓ evidence-lineage       on file  filled in"),
        (
            {"id": "card-limitations", "result": "unknown", "reason": "missing"},
            "? card-limitations       not written  filled in (missing)",
        ),
        (
            {"id": "not-worse", "result": "not_applicable", "reason": "no_champion"},
            "– not-worse              no number  filled in (no champion)",
        ),
        (
            {"id": "auc", "value": 0.8014, "lo": 0.75, "hi": 0.84, "limit": "≥ 0.70"},
            "✓ auc                    0.801 [0.750, 0.840]  ≥ 0.70",
        ),
        ({"id": "calm", "value": 0.1, "limit": "≤ 0.20"}, "✓ calm                   0.100  ≤ 0.20"),
    ],
)
def test_each_clause_is_one_true_line(
    changes: dict[str, object], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = argparse.Namespace(model="loan", version=1, alias="champion", require_approval=False)
    gate._print(asked, {"verdict": "PASS", "clauses": [BLANK | changes]})  # pyright: ignore[reportPrivateUsage]
    assert capsys.readouterr().out.splitlines()[1].strip() == line
