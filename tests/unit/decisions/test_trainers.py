"""Who trained a version: our own tickets say it before MLflow's tags, which anybody may write."""

from types import SimpleNamespace
from typing import Any

from services.decisions.review.trainer import Trainers
from services.kernel.identity import ModelRef

REF = ModelRef("default", "default", "loans", 2, "run-2", "models:/m-2")
OLGA = SimpleNamespace(person_id="p-olga", name="Olga Marsh")


def trainers(*, opened_by: str | None, user: str | None = None) -> Trainers:
    def known(_: Any, name: str | None) -> Any:
        return OLGA if name == "olga" else None

    ticket = SimpleNamespace(opened_by=opened_by) if opened_by else None
    rooms: Any = (
        SimpleNamespace(run=lambda *_: SimpleNamespace(user=user)),
        SimpleNamespace(by_id=lambda *_: OLGA, by_external_name=known),
        SimpleNamespace(of_version=lambda *_: ticket),
    )
    return Trainers(*rooms)


def of(found: Trainers) -> tuple[str | None, str, bool]:
    session: Any = None
    made = found.of(session, REF)
    return made.person_id, made.words, made.known


def test_who_opened_the_ticket_trained_and_no_tag_says_otherwise() -> None:
    assert of(trainers(opened_by="p-olga", user="somebody")) == (
        "p-olga", "the console, for Olga Marsh", True,
    )  # fmt: skip


def test_what_a_trigger_opened_was_trained_by_nobody_and_that_is_known() -> None:
    assert of(trainers(opened_by="system")) == (None, "the console, as the policy asked", True)


def test_a_tag_that_names_the_console_proves_nothing() -> None:
    assert of(trainers(opened_by=None, user="countersign")) == (
        None, "'countersign' in MLflow", False,
    )  # fmt: skip


def test_without_a_ticket_mlflow_is_asked() -> None:
    assert of(trainers(opened_by=None, user="olga")) == ("p-olga", "Olga Marsh", True)
    assert of(trainers(opened_by=None)) == (None, "nobody MLflow names", False)
