"""The steps of a notification: compose, send, close. Each may be done again.

Notes
-----
Every try is a short workflow of its own: a receiver that is down holds no place in a queue, and
when to try next stands in our own table, where a restart of the worker finds it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from services.kernel.error import IntegrityBroken, NotFound, SourceUnavailable
from services.kernel.identity import SYSTEM
from services.record.task.service import Tasks
from services.record.task.types import Task
from services.record.trail.unit_of_work import Store
from services.standards.channel.service import Channels
from services.standards.channel.types import Destination, Message
from services.workflows.notification import repository, rules, sending
from services.workflows.notification.types import (
    Answer,
    Delivery,
    DeliveryState,
    Outcome,
    Parcel,
)
from services.workflows.types import StepFailed

IN_LINE = timedelta(seconds=10)
S = DeliveryState
PERHAPS = "It was being sent when the worker stopped, so it perhaps arrived; it is not sent twice."
TEST = Message(
    "Test of a channel", "Countersign can reach you here; nothing has happened.", "info", "",
    "/channels",
)  # fmt: skip


@dataclass(frozen=True)
class Parts:
    """What notifying works with.

    Attributes
    ----------
    console_url
        The public address of the console, without a slash at its end.
    send
        Brings a parcel to a destination.
    """

    store: Store
    tasks: Tasks
    channels: Channels
    console_url: str
    send: Callable[[Destination, Parcel], Answer] = sending.send


class Notifying:
    """Brings a message to a channel once, or says why not."""

    def __init__(self, parts: Parts) -> None:
        self._at = parts

    def compose(self, task_id: str) -> str:
        """Note what is to be told; return the id of its delivery."""
        task = self._at.tasks.get(task_id)
        known = task.payload.get("delivery_id")
        if known:
            return str(known)
        message = repository.message_of(task.payload["message"])
        delivery = Delivery(
            task_id, str(task.payload["channel"]), message.dedup_key, str(task.payload["event"]),
            message, task.subject_kind, task.subject_id, S.PENDING, 0, None, None, "",
            self._at.store.clock.now(), None,
        )  # fmt: skip
        with self._at.store.operational() as session:
            repository.add(session, delivery)
        return task_id

    def send(self, delivery_id: str) -> str:
        """Try once to deliver; return the words that end the task."""
        delivery, unsure = self._claim(delivery_id)
        if delivery is None:
            return "There was nothing to send now."
        if unsure:
            return self._note(delivery, Answer(Outcome.UNSURE, PERHAPS))
        try:
            with self._at.store.reading() as session:
                destination = self._at.channels.destination(session, delivery.channel)
        except (NotFound, IntegrityBroken) as error:
            return self._note(delivery, Answer(Outcome.REFUSED, error.message))
        answer = self._at.send(destination, self._parcel(delivery))
        if answer.outcome is Outcome.UNSURE and destination.kind.knows_repeats:
            answer = replace(answer, outcome=Outcome.UNREACHED)
        return self._note(delivery, answer)

    def close(self, task_id: str, words: str) -> None:
        """End the task of one try."""
        self._at.tasks.succeed(task_id, {"words": words})

    def fail(self, task_id: str, failure: StepFailed) -> None:
        """End a message that nobody can send, in words; one that arrived stays so."""
        task = self._at.tasks.get(task_id)
        delivery_id = str(task.payload.get("delivery_id") or task_id)
        values = {"state": S.FAILED, "error": failure.words, "next_at": None}
        with self._at.store.unit(SYSTEM) as unit:
            known = repository.by_id(unit.session, delivery_id)
            if known is None or repository.change(
                unit.session, known, repository.UNFINISHED, **values
            ):
                unit.event(
                    "notification:failed",
                    (task.subject_kind, task.subject_id),
                    channel=task.payload.get("channel"),
                    event=task.payload.get("event"),
                    delivery_id=delivery_id,
                    reason=failure.kind,
                )
        self._at.tasks.fail(task_id, failure.words)

    def answer_test(self, task: Task) -> dict[str, Any]:
        """Send a test message to a channel that is to be set.

        Raises
        ------
        SourceUnavailable
            When it did not arrive, with the reason.
        """
        destination = self._at.channels.tried(task)
        message = replace(TEST, dedup_key=f"countersign:test:{task.task_id}")
        now, link = self._at.store.clock.now(), self._at.console_url + message.link
        answer = self._at.send(destination, Parcel(task.task_id, "test", message, link, now))
        if answer.outcome is not Outcome.DELIVERED:
            raise SourceUnavailable(answer.words)
        return {"words": answer.words, "status": answer.status}

    # inside

    def _parcel(self, delivery: Delivery) -> Parcel:
        link = self._at.console_url + delivery.message.link
        now = self._at.store.clock.now()
        return Parcel(delivery.delivery_id, delivery.event, delivery.message, link, now)

    def _claim(self, delivery_id: str) -> tuple[Delivery | None, bool]:
        """Take a delivery for one try; tell also whether a try before it may have succeeded.

        Notes
        -----
        The state *sending* is stored before anything is sent. Who finds it stands behind a crash:
        to a receiver that knows repeats it is sent again, to any other it is not.
        """
        now = self._at.store.clock.now()
        with self._at.store.operational() as session:
            delivery = repository.by_id(session, delivery_id)
            if delivery is None or delivery.is_over:
                return None, False
            if delivery.state is S.SENDING:
                channel = self._at.channels.by_name(session, delivery.channel)
                return delivery, channel is None or not channel.kind.knows_repeats
            if repository.before(session, delivery):
                repository.change(session, delivery, (S.PENDING,), next_at=now + IN_LINE)
                return None, False
            tries = delivery.attempts + 1
            values = {"state": S.SENDING, "attempts": tries, "next_at": None}
            if not repository.change(session, delivery, (S.PENDING,), **values):
                return None, False
            return replace(delivery, state=S.SENDING, attempts=tries, next_at=None), False

    def _note(self, delivery: Delivery, answer: Answer) -> str:
        now = self._at.store.clock.now()
        then = rules.follows(delivery, answer, now)
        arrived = then.state is S.DELIVERED
        values = {
            "state": then.state,
            "next_at": then.at,
            "answered_status": answer.status,
            "error": "" if arrived else answer.words,
            "delivered_at": now if arrived else None,
        }
        if then.state is S.PENDING:
            with self._at.store.operational() as session:
                repository.change(session, delivery, (S.SENDING,), **values)
            return f"{answer.words} It is tried again."
        with self._at.store.unit(SYSTEM) as unit:
            from_states = (S.SENDING, S.UNSURE) if arrived else (S.SENDING,)
            if not repository.change(unit.session, delivery, from_states, **values):
                return "Somebody else brought it to its end."
            unit.event(
                "notification:delivered" if arrived else "notification:failed",
                (delivery.subject_kind, delivery.subject_id),
                channel=delivery.channel,
                event=delivery.event,
                delivery_id=delivery.delivery_id,
                state=then.state.value,
                attempts=delivery.attempts,
                status=answer.status,
            )
        return answer.words
