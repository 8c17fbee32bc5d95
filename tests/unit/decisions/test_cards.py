from datetime import UTC, datetime

import pytest
import yaml

from services.decisions.modelcard import rules
from services.decisions.modelcard.markdown import to_markdown
from services.decisions.modelcard.numbers import Number, numbers, read, references
from services.decisions.modelcard.secrets import findings
from services.decisions.modelcard.types import (
    FIELDS,
    Card,
    DatasetFact,
    Field,
    FieldEdit,
    FieldKind,
    RunFacts,
    SecretFound,
)
from services.kernel.error import InvalidInput
from services.kernel.identity import ModelRef

REF = ModelRef("default", "default", "mortgage-approval", 1, "run-1", "models:/m-1")
NOW = datetime(2026, 3, 14, tzinfo=UTC)
FACTS = RunFacts(
    title="Mortgage approval",
    model_type="sklearn LogisticRegression",
    user="ada",
    git_commit="abc123",
    datasets=(DatasetFact("loanapp", "d1"), DatasetFact("holdout", "d2", "evaluation")),
    parameters=(("C", "1.0"),),
)
AUC = Number("performance.auc", "", 0.801, 0.75, 0.84, 796)


def card(**fields: Field) -> Card:
    made = {**rules.drafted(FACTS), **fields}
    return Card(REF, 1, made, rules.digest_of(REF, made), "system", NOW)


def human(text: str, by: str = "olga") -> Field:
    return Field(FieldKind.HUMAN, text, "", by, NOW)


def test_a_draft_says_what_the_run_knows_and_unknown_where_nothing_is_known() -> None:
    fields = card().fields
    assert fields["trainer"] == Field(FieldKind.AUTO, "ada", "run")
    assert "loanapp" in fields["training_data"].text
    assert "holdout" not in fields["training_data"].text
    assert "holdout" in fields["evaluation_data"].text
    assert {"limitations", "intended_use"} <= card().unknown
    assert set(fields) == set(FIELDS)


def test_a_person_may_say_that_a_section_does_not_apply_but_must_say_why() -> None:
    with pytest.raises(InvalidInput, match="Say why"):
        rules.checked("fairness", FieldEdit(FieldKind.NOT_APPLICABLE))
    kept = rules.checked("fairness", FieldEdit(FieldKind.NOT_APPLICABLE, "", "No people."))
    assert kept.source == "No people."


def test_nobody_types_what_only_a_source_may_say() -> None:
    with pytest.raises(InvalidInput, match="only be filled from its source"):
        rules.checked("trainer", FieldEdit(FieldKind.AUTO, "somebody else"))


def test_an_unknown_section_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="'secret_sauce'"):
        rules.checked("secret_sauce", FieldEdit(FieldKind.HUMAN, "x"))


@pytest.mark.parametrize(
    ("secret", "what"),
    [
        ("AKIAIOSFODNN7EXAMPLE", "AWS access key"),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AWS secret key"),
        ("ghp_" + "a" * 36, "GitHub token"),
        ("-----BEGIN RSA PRIVATE KEY-----", "private key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "private key"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N", "JSON web"),
        ("cs_" + "x" * 43, "token of this console"),
        ("hf_" + "Q" * 34, "Hugging Face"),
        ("postgresql://bob:hunter2@db/x", "password in an address"),
        ("xoxb-1234567890-abcdefgh", "Slack"),
        ("password: hunter2hunter2", "a password"),
    ],
)
def test_a_secret_is_refused_and_never_repeated_in_full(secret: str, what: str) -> None:
    with pytest.raises(SecretFound) as caught:
        rules.checked("limitations", FieldEdit(FieldKind.HUMAN, f"As said:\n{secret}"))
    assert what in caught.value.message
    assert "line 2" in caught.value.message
    assert secret not in caught.value.message


@pytest.mark.parametrize(
    "innocent",
    [
        "The model must not be used to decide on a password policy.",
        "Digest 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.",
        "See https://example.org:8443/path and git commit b3c5fca0f3d1a7c3d2.",
        "The tokens of a sentence are counted; the secret of a good card is honesty.",
    ],
)
def test_ordinary_words_are_not_taken_for_secrets(innocent: str) -> None:
    assert list(findings(innocent)) == []


def test_the_same_words_are_the_same_card_whatever_their_revision() -> None:
    first = card(limitations=human("Small sample."))
    later = Card(REF, 7, dict(first.fields), "", "olga", NOW)
    assert rules.digest_of(REF, later.fields) == first.sha256
    assert card(limitations=human("Smaller sample.")).sha256 != first.sha256


def test_saving_somebody_elses_words_makes_nobody_their_author() -> None:
    before = card(limitations=human("Small sample.", "olga"))
    same = rules.edited(
        before, {"limitations": FieldEdit(FieldKind.HUMAN, "Small sample.")}, "vera", NOW
    )
    assert same["limitations"].by == "olga"


def test_the_authors_are_those_whose_words_stand_and_who_made_the_revision() -> None:
    fields = {**card().fields, "limitations": human("x", "olga")}
    made = Card(REF, 2, fields, "", "vera", NOW)
    assert made.authors == {"olga", "vera"}
    assert card().authors == frozenset()


def test_a_difference_shows_only_what_changed() -> None:
    before = card(limitations=human("Small sample.\nOne city."))
    after = card(limitations=human("Small sample.\nTwo cities."))
    (diff,) = rules.differences(before, after)
    assert diff.name == "limitations"
    assert diff.lines == ("  Small sample.", "- One city.", "+ Two cities.")
    assert rules.differences(after, after) == ()


def test_only_the_sections_written_since_clash() -> None:
    before = card(limitations=human("a"), license=human("b"))
    now = card(limitations=human("c"), license=human("b"))
    assert rules.moved(before, now, ["limitations", "license"]) == ("limitations",)


def test_completeness_counts_required_sections() -> None:
    filled, missing = rules.completeness(card(), ["intended_use", "limitations", "training_data"])
    assert (filled, missing) == (1, ("intended_use", "limitations"))


def test_a_number_in_a_card_is_a_reference_to_evidence() -> None:
    field = human("AUC is [[performance.auc]]; for women [[fairness.impact_ratio|sex=female]].")
    assert references(field.text) == (
        ("performance.auc", ""),
        ("fairness.impact_ratio", "sex=female"),
    )
    assert read(field, numbers([AUC])) == (
        "AUC is 0.801 [0.750, 0.840], n = 796; for women not measured."
    )


def test_the_automatic_metrics_show_what_was_measured_and_nothing_else() -> None:
    metrics = card().fields["metrics"]
    assert read(metrics, {}) == "Not measured yet."
    assert read(metrics, numbers([AUC])) == "AUC: 0.801 [0.750, 0.840], n = 796"


def test_a_section_turns_amber_when_its_evidence_changed_after_it_was_written() -> None:
    field = rules.with_evidence(human("see [[performance.auc]]"), (("performance", "old"),))
    assert rules.outdated(field, {"performance": "new", "fairness": "x"}) == ("performance",)
    assert rules.outdated(field, {"performance": "old"}) == ()


def test_the_export_carries_the_metadata_that_hugging_face_reads() -> None:
    text = to_markdown(card(limitations=human("<script>alert(1)</script>")), numbers([AUC]))
    _, header, body = text.split("---\n", 2) if text.count("---\n") == 2 else text.split("---", 2)
    metadata = yaml.safe_load(header)
    assert metadata["library_name"] == "scikit-learn"
    (result,) = metadata["model-index"][0]["results"]
    assert result["metrics"] == [{"type": "auc", "name": "AUC", "value": 0.801}]
    assert "## Intended use\n\n**UNKNOWN**" in body
    assert "<script>" not in body
