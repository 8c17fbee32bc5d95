from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from services.decisions.promotion.service import Promotions
from services.decisions.promotion.types import (
    Authorisation,
    Promotion,
    PromotionState,
    Replaced,
)
from services.kernel.clock import FixedClock
from services.kernel.error import Conflict, InvalidTransition
from services.kernel.identity import SYSTEM, ModelRef
from services.record.task.service import Tasks
from services.record.trail.repository import search
from services.record.trail.unit_of_work import Store

ONE = ModelRef("default", "default", "credit", 1, "run-1", "models:/m-1")
TWO = replace(ONE, version=2, run_id="run-2", source_uri="models:/m-2")


def allowed(ref: ModelRef = ONE, review: str = "r1", **changes: object) -> Authorisation:
    made = Authorisation(
        review_id=review,
        purpose="promotion",
        ref=ref,
        alias="champion",
        replaces=Replaced(1, "run-1") if ref is TWO else None,
        artifact_digest="a" * 64,
        basis_digest="b" * 64,
        requested_by="olga",
    )
    return replace(made, **changes)


@pytest.fixture
def tasks(store: Store) -> Tasks:
    return Tasks(store)


@pytest.fixture
def promotions(tasks: Tasks) -> Promotions:
    return Promotions(tasks)


def authorise(store: Store, promotions: Promotions, what: Authorisation) -> Promotion:
    with store.unit(SYSTEM) as unit:
        return promotions.authorise(unit, what)


def apply(store: Store, promotions: Promotions, promotion: Promotion) -> Promotion:
    with store.unit(SYSTEM) as unit:
        unit.event("alias:moved", ("model", "credit"))
        return promotions.mark_applied(unit, promotion.promotion_id, {"read_back": 1})


def test_authorising_asks_the_worker_in_the_same_transaction(
    store: Store, promotions: Promotions, tasks: Tasks
) -> None:
    made = authorise(store, promotions, allowed())
    task = tasks.get(made.task_id)
    assert task.kind == "promotion"
    assert task.payload["promotion_id"] == made.promotion_id
    with store.reading() as session:
        assert promotions.get(session, made.promotion_id) == made
        assert promotions.pending(session, "credit", "Champion") == made
        (event,) = search(session, action="promotion:authorised")
    assert event.payload["review_id"] == "r1"


def test_authorising_one_review_twice_is_one_promotion_and_one_task(
    store: Store, promotions: Promotions, tasks: Tasks
) -> None:
    first = authorise(store, promotions, allowed())
    with store.unit(SYSTEM) as unit:
        unit.event("alias:moved", ("model", "credit"))
        assert promotions.authorise(unit, allowed()) == first
    assert len(tasks.queued("batch")) == 1


def test_an_alias_has_one_promotion_on_its_way(store: Store, promotions: Promotions) -> None:
    authorise(store, promotions, allowed())
    with pytest.raises(Conflict, match="already on its way"):
        authorise(store, promotions, allowed(TWO, "r2", alias="CHAMPION"))


def test_the_database_itself_refuses_a_second_pending_promotion(
    store: Store, promotions: Promotions
) -> None:
    made = authorise(store, promotions, allowed())
    columns = "promotion_id, review_id, row_id"
    with store.database.engine.connect().execution_options(writing=True) as connection:
        names = [c["name"] for c in sa.inspect(connection).get_columns("promotion")]
        rest = ", ".join(n for n in names if n not in columns)
        copy = (
            f"INSERT INTO promotion ({columns}, {rest}) SELECT 'p', 'r', 'x', {rest} FROM promotion"
        )
        with pytest.raises(IntegrityError):
            connection.execute(sa.text(copy))
    with store.reading() as session:
        assert promotions.pending(session, "credit", "champion") == made


def test_applying_supersedes_what_the_alias_rested_on(store: Store, promotions: Promotions) -> None:
    first = apply(store, promotions, authorise(store, promotions, allowed()))
    second = apply(store, promotions, authorise(store, promotions, allowed(TWO, "r2")))
    with store.reading() as session:
        assert promotions.applied(session, "credit", "champion") == second
        assert promotions.get(session, first.promotion_id).state is PromotionState.SUPERSEDED
        assert promotions.once_applied(session, ONE, "champion") is not None
        assert [p.review_id for p in promotions.history(session, "credit")] == ["r2", "r1"]


def test_what_an_alias_rested_on_at_an_instant_is_remembered(
    store: Store, promotions: Promotions, clock: FixedClock
) -> None:
    first = apply(store, promotions, authorise(store, promotions, allowed()))
    then = clock.now()
    clock.advance(3600)
    apply(store, promotions, authorise(store, promotions, allowed(TWO, "r2")))
    with store.reading() as session:
        before = promotions.applied(session, "credit", "champion", then)
    assert before == first


def test_noting_an_applied_promotion_twice_is_one_event(
    store: Store, promotions: Promotions
) -> None:
    made = authorise(store, promotions, allowed())
    assert apply(store, promotions, made) == apply(store, promotions, made)
    with store.reading() as session:
        assert len(search(session, action="promotion:applied")) == 1


def test_a_rollback_marks_what_it_leaves_as_rolled_back(
    store: Store, promotions: Promotions
) -> None:
    apply(store, promotions, authorise(store, promotions, allowed()))
    second = apply(store, promotions, authorise(store, promotions, allowed(TWO, "r2")))
    back = authorise(store, promotions, allowed(ONE, "r3", purpose="rollback"))
    apply(store, promotions, back)
    with store.reading() as session:
        assert promotions.get(session, second.promotion_id).state is PromotionState.ROLLED_BACK
        assert promotions.applied(session, "credit", "champion").ref == ONE
        (event,) = search(session, action="promotion:rolled_back")
    assert event.subject_id == second.promotion_id


def test_a_failed_promotion_is_retried_with_a_new_task_or_given_up(
    store: Store, promotions: Promotions
) -> None:
    made = authorise(store, promotions, allowed())
    with store.unit(SYSTEM) as unit:
        promotions.mark_failed(unit, made.promotion_id, "MLflow does not answer.")
    with store.unit(SYSTEM) as unit:
        again = promotions.retry(unit, made.promotion_id)
    assert again.attempt == 2
    assert again.task_id != made.task_id
    with store.unit(SYSTEM) as unit:
        promotions.mark_failed(unit, made.promotion_id, "MLflow does not answer.")
    with store.unit(SYSTEM) as unit:
        gone = promotions.cancel(unit, made.promotion_id, "No longer wanted.")
    assert gone.state is PromotionState.CANCELLED
    with pytest.raises(InvalidTransition):
        apply(store, promotions, made)


def test_a_version_made_again_under_the_same_number_was_never_applied(
    store: Store, promotions: Promotions
) -> None:
    apply(store, promotions, authorise(store, promotions, allowed()))
    with store.reading() as session:
        assert promotions.once_applied(session, replace(ONE, run_id="other"), "champion") is None
