"""The order of steps in each durable workflow; nothing else is decided here."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from services.workflows import dbos_adapter
from services.workflows.monitoring.plan import in_parts
from services.workflows.types import StepFailed

if TYPE_CHECKING:
    from services.workflows.feed.telling import Telling
    from services.workflows.measurement.service import Measurement
    from services.workflows.monitoring.service import Monitoring
    from services.workflows.notification.delivering import Notifying
    from services.workflows.promotion.service import Promoting
    from services.workflows.report.service import Reporting
    from services.workflows.retraining.quoting import Quoting
    from services.workflows.triggering.sources import Sources

Step = Callable[..., Any]


def failure_of(error: BaseException) -> StepFailed:
    """Return what stopped a step, in our own words: the same live and on replay."""
    cause = dbos_adapter.cause_of(error)
    if isinstance(cause, StepFailed):
        return cause
    words = getattr(cause, "message", "") or str(cause)
    return StepFailed(type(cause).__name__, str(words)[:500])


def register(
    begin: Step, measurement: "Measurement", promoting: "Promoting", *others: Callable[[Step], None]
) -> None:
    """Register every workflow of this release.

    Parameters
    ----------
    begin
        Marks a task as running; tells whether it was not over.
    others
        Register one more workflow each, given the step that begins.
    """
    started = dbos_adapter.step("task.begin", begin)
    _measurement(started, measurement)
    _promotion(started, promoting)
    for each in others:
        each(started)


def monitoring(work: "Monitoring") -> Callable[[Step], None]:
    """Return what registers the order of watching."""

    def register_it(started: Step) -> None:
        prepare = dbos_adapter.step("monitoring.prepare", work.prepare)
        plan = dbos_adapter.step("monitoring.plan", work.plan)
        measure = dbos_adapter.step("monitoring.measure", work.measure)
        attribute = dbos_adapter.step("monitoring.attribute", work.attribute)
        conclude = dbos_adapter.step("monitoring.conclude", work.conclude)
        abandon = dbos_adapter.step("monitoring.abandon", abandoning(work))

        def order(task_id: str) -> None:
            if not started(task_id):
                return
            try:
                monitor_id = prepare(task_id)["monitor_id"]
                closed = list[str]()
                for windows, share in in_parts(lambda after: plan(task_id, monitor_id, after)):
                    closed += measure(task_id, monitor_id, windows, 0.1 + 0.85 * share)
                if closed:
                    attribute(task_id, monitor_id, closed[-1])
                conclude(task_id, monitor_id, closed)
            except stops() as error:
                failure = failure_of(error)
                abandon(task_id, failure.kind, failure.words)

        dbos_adapter.workflow("monitoring", order)

    return register_it


def feed(work: "Telling") -> Callable[[Step], None]:
    """Return what registers the order of telling a stream."""

    def register_it(started: Step) -> None:
        plan = dbos_adapter.step("feed.plan", work.plan)
        tell = dbos_adapter.step("feed.tell", work.tell)
        close = dbos_adapter.step("feed.close", work.close)
        abandon = dbos_adapter.step("feed.abandon", abandoning(work))

        def order(task_id: str) -> None:
            if not started(task_id):
                return
            try:
                months, accepted = plan(task_id), 0
                for place, days in enumerate(months, 1):
                    accepted += tell(task_id, days, place / len(months))
                close(task_id, accepted)
            except stops() as error:
                failure = failure_of(error)
                abandon(task_id, failure.kind, failure.words)

        dbos_adapter.workflow("feed", order)

    return register_it


def notification(work: "Notifying") -> Callable[[Step], None]:
    """Return what registers the order of telling somebody."""

    def failing(task_id: str, kind: str, words: str) -> None:
        work.fail(task_id, StepFailed(kind, words))

    def register_it(started: Step) -> None:
        compose = dbos_adapter.step("notification.compose", work.compose)
        send = dbos_adapter.step("notification.send", work.send)
        close = dbos_adapter.step("notification.close", work.close)
        fail = dbos_adapter.step("notification.fail", failing)

        def order(task_id: str) -> None:
            if not started(task_id):
                return
            try:
                close(task_id, send(compose(task_id)))
            except stops() as error:
                failure = failure_of(error)
                fail(task_id, failure.kind, failure.words)

        dbos_adapter.workflow("notification", order)

    return register_it


def _measurement(started: Step, measurement: "Measurement") -> None:
    fetch = dbos_adapter.step("measurement.fetch", measurement.fetch)
    perform = dbos_adapter.step("measurement.perform", measurement.perform)
    explain = dbos_adapter.step("measurement.explain", measurement.explain)
    trace = dbos_adapter.step("measurement.trace", measurement.trace)
    close = dbos_adapter.step("measurement.close", measurement.close)
    abandon = dbos_adapter.step("measurement.abandon", abandoning(measurement))

    def order(task_id: str) -> None:
        if not started(task_id):
            return
        try:
            fetched = fetch(task_id)
            filed: list[str] = []
            if fetched["evaluation"]:
                filed += perform(task_id, fetched)["filed"]
                if filed:
                    filed += explain(task_id, fetched)["filed"]
            filed += trace(task_id, fetched)["filed"]
            close(task_id, filed)
        except stops() as error:
            failure = failure_of(error)
            abandon(task_id, failure.kind, failure.words)

    dbos_adapter.workflow("measurement", order)


def report(work: "Reporting") -> Callable[[Step], None]:
    """Return what registers the order of a report."""

    def register_it(started: Step) -> None:
        make = dbos_adapter.step("drift_report.make", work.make)
        abandon = dbos_adapter.step("drift_report.abandon", abandoning(work))

        def order(task_id: str) -> None:
            if not started(task_id):
                return
            try:
                make(task_id)
            except stops() as error:
                failure = failure_of(error)
                abandon(task_id, failure.kind, failure.words)

        dbos_adapter.workflow("drift_report", order)

    return register_it


def abandoning(
    work: "Measurement | Monitoring | Reporting | Telling | Quoting | Sources",
) -> Step:
    """Return the step that ends a task whose other steps failed."""

    def abandon(task_id: str, kind: str, words: str) -> None:
        work.abandon(task_id, StepFailed(kind, words))

    return abandon


def _promotion(started: Step, promoting: "Promoting") -> None:
    authorise = dbos_adapter.step("promotion.authorise", promoting.authorise)
    apply = dbos_adapter.step("promotion.apply", promoting.apply)
    finish = dbos_adapter.step("promotion.finish", promoting.finish)

    def failing(task_id: str, kind: str, words: str) -> None:
        promoting.fail(task_id, StepFailed(kind, words))

    fail = dbos_adapter.step("promotion.fail", failing)

    def order(task_id: str) -> None:
        if not started(task_id):
            return
        try:
            if authorise(task_id)["go"]:
                apply(task_id)
            finish(task_id)
        except stops() as error:
            failure = failure_of(error)
            fail(task_id, failure.kind, failure.words)

    dbos_adapter.workflow("promotion", order)


def stops() -> tuple[type[BaseException], ...]:
    """Return the errors by which a step says that it will not succeed."""
    return (StepFailed, *dbos_adapter.exhausted())
