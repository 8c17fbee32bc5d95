"""What nobody needs any more is let go of, and nothing else."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.facts.kpi.service import PushedValues
from services.facts.kpi.types import PushedValue
from services.facts.prediction.custody import Custodies
from services.facts.prediction.fsspec_adapter import PartFolder
from services.facts.prediction.journal import Journal
from services.facts.prediction.reader import PredictionReader
from services.facts.prediction.types import Custody, Row, Stream
from services.kernel.clock import FixedClock
from services.kernel.error import NotFound
from services.kernel.identity import SYSTEM
from services.record.trail.unit_of_work import Store
from services.standards.channel.types import Message
from services.workflows.compaction.clearing import Clearing
from services.workflows.notification import repository
from services.workflows.notification.types import Delivery, DeliveryState
from tests.support.console_services import NAME, open_services

DAY = timedelta(days=1)


@pytest.fixture
def services(store: Store, tmp_path: Path, clock: FixedClock) -> Any:
    found = open_services(store, tmp_path, clock)
    found.journal = Journal(tmp_path / "journal")
    found.pushed, found.custodies = PushedValues(store), Custodies(store)
    folder = PartFolder(str(tmp_path / "predictions"))
    found.prediction_reader = PredictionReader(store, found.journal, folder)
    return found


@pytest.fixture
def clearing(services: Any) -> Clearing:
    return Clearing(
        services.store, services.tasks, services.deliveries, services.pushed, services.custodies,
        services.prediction_reader,
    )  # fmt: skip


def task(services: Any, kind: str, *, over: bool) -> str:
    with services.store.operational() as session:
        key = f"{kind}:{over}:{services.store.clock.now()}"
        made = services.tasks.request(session, kind, ("model", "m"), {}, requested_by="p", key=key)
    if over:
        services.tasks.start(made.task_id)
        services.tasks.succeed(made.task_id, {"rows": [["a", 1]]})
    return str(made.task_id)


def is_kept(services: Any, task_id: str) -> bool:
    try:
        services.tasks.get(task_id)
    except NotFound:
        return False
    return True


def test_answers_go_after_a_month_and_no_task_that_others_rest_on(
    services: Any, clearing: Clearing, clock: FixedClock
) -> None:
    old = {
        kind: task(services, kind, over=True)
        for kind in ("drill_down", "drift_report", "channel_test", "monitoring", "measurement")
    }
    waits = task(services, "drill_down", over=False)
    clock.advance(20 * 86_400)
    young = task(services, "drill_down", over=True)
    clock.advance(11 * 86_400)
    assert clearing.run()["answers"] == 3
    assert [kind for kind, each in old.items() if is_kept(services, each)] == [
        "monitoring", "measurement",
    ]  # fmt: skip
    assert is_kept(services, waits)
    assert is_kept(services, young)
    assert clearing.run() == {"answers": 0, "deliveries": 0, "sent": 0}


def test_deliveries_that_are_over_go_after_a_year_and_none_that_is_on_its_way(
    services: Any, clearing: Clearing, clock: FixedClock
) -> None:
    message = Message("Drift", "It moved.", "warning", "k")
    with services.store.operational() as session:
        for state in DeliveryState:
            repository.add(
                session,
                Delivery(
                    state.value, "slack", "k", "alert:raised", message, "alert", "a1", state, 1,
                    None, None, "", clock.now(), None,
                ),
            )  # fmt: skip
    clock.advance(399 * 86_400)
    assert clearing.run()["deliveries"] == 0
    clock.advance(2 * 86_400)
    assert clearing.run()["deliveries"] == 4
    with services.store.reading() as session:
        left = {each.state for each in services.deliveries.newest(session)}
    assert left == {DeliveryState.PENDING, DeliveryState.SENDING}


def test_numbers_that_were_sent_live_as_long_as_the_rows_of_their_model(
    services: Any, clearing: Clearing, clock: FixedClock
) -> None:
    def sent() -> list[date]:
        with services.store.reading() as session:
            return sorted(services.pushed.marks(session, NAME))

    now = clock.now()
    days = [now - n * DAY for n in (300, 250, 190, 10)]
    services.pushed.take([PushedValue(NAME, "kpi.value", "x", at, 1.0) for at in days], "t")
    assert (clearing.run()["sent"], len(sent())) == (0, 4)  # nothing was decided
    services.custodies.set(SYSTEM, NAME, Custody(keep_days=184))
    row = Row("a", days[1], {"at": days[1].isoformat()})
    journal: Journal = services.journal
    journal.keep(NAME, Stream.PREDICTIONS, days[1].date(), [row], now)
    assert (clearing.run()["sent"], sent()[0]) == (1, days[1].date())  # rows of that day are there
    journal.forget(NAME, Stream.PREDICTIONS, days[1].date())
    assert (clearing.run()["sent"], sent()) == (2, [days[3].date()])
