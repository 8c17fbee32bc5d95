"""A house that can tell somebody: channels to receivers on the loopback, and the steps in their order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from services.kernel.identity import SYSTEM
from services.record.task.service import Tasks
from services.record.trail.service import Trail
from services.record.trail.types import TrailEvent
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.channel.service import Channels
from services.standards.channel.types import Destination, Kind, Message
from services.workflows import orders
from services.workflows.notification import sending
from services.workflows.notification.delivering import Notifying, Parts
from services.workflows.notification.service import Deliveries
from services.workflows.notification.types import Answer, Delivery, Parcel
from tests.support.engine import Place

SECRET = b"a secret of this deployment, 32 b"
CONSOLE = "https://console.example.org"
KEY = "flight-delay:ks:drift.ks:temp:"


def destination(name: str, kind: Kind, url: str) -> Destination:
    """Return where a channel to a receiver on the loopback leads."""
    secrets = {
        Kind.PAGERDUTY: {"routing_key": "0" * 32},
        Kind.WEBHOOK: {"url": url, "signing_secret": "s" * 32},
    }
    address = {"url": url} if kind is Kind.PAGERDUTY else {}
    return Destination(name, kind, address, secrets.get(kind, {"url": url}), allow_private=True)


@dataclass
class House:
    """Channels, deliveries and the steps between them."""

    store: Store
    send: Callable[[Destination, Parcel], Answer] = sending.send
    tasks: Tasks = field(init=False)
    channels: Channels = field(init=False)
    deliveries: Deliveries = field(init=False)
    notifying: Notifying = field(init=False)

    def __post_init__(self) -> None:
        self.tasks = Tasks(self.store)
        self.channels = Channels(self.store, Authority(), self.tasks, SECRET)
        self.deliveries = Deliveries(self.store, self.tasks)
        self.notifying = Notifying(Parts(self.store, self.tasks, self.channels, CONSOLE, self.send))

    def open(self, kind: Kind, url: str, name: str = "ops") -> None:
        """Set a channel."""
        self.channels.set_as(SYSTEM, destination(name, kind, url))

    def ask(self, event: str = "raised", alert: str = "a1", channel: str = "ops") -> str:
        """Ask as the room of alerts does."""
        facts = (("Event", event), ("Alert", alert))
        message = Message(
            "flight-delay: temp drifted", "KS 0.41 is over 0.2.", "warning", KEY, "/alerts", facts
        )
        with self.store.operational() as session:
            task = self.channels.tell(
                session,
                channel,
                message,
                event=event,
                subject=("alert", alert),
                requested_by="test",
                key=f"notification:{alert}:{event}:{channel}",
            )
        return task.task_id

    def work(self) -> int:
        """Carry out what is asked for, step by step, as the worker does; return how much."""
        self.deliveries.again()
        asked = self.tasks.queued("batch")
        for task in asked:
            self.carry_out(task.task_id)
        return len(asked)

    def carry_out(self, task_id: str) -> None:
        """Do the steps of one task in their order."""
        if not self.tasks.start(task_id):
            return
        self.notifying.close(task_id, self.notifying.send(self.notifying.compose(task_id)))

    def all(self) -> list[Delivery]:
        """Return what became of everything, oldest first."""
        with self.store.reading() as session:
            return self.deliveries.newest(session)[::-1]

    def states(self) -> list[str]:
        return [each.state.value for each in self.all()]

    def tried(self) -> list[tuple[str, int]]:
        return [(each.state.value, each.attempts) for each in self.all()]

    def events(self) -> list[TrailEvent]:
        """Return what the trail says of messages, oldest first."""
        with self.store.reading() as session:
            return Trail(self.store).search(session, action="notification:")[::-1]


def register(store: Store, tasks: Tasks, place: Place) -> None:
    """Register today's orders in a process of an engine, over real sending."""

    class Noted:
        """Sends for real, and lets a test hold or kill the process before and after."""

        def __call__(self, to: Destination, parcel: Parcel) -> Answer:
            place.enter("send", parcel.delivery_id)
            place.crash("send:before")
            answer = sending.send(to, parcel)
            place.crash("send:effect")
            return answer

    nothing: Any = _Nothing()
    house = House(store, Noted())
    orders.register(tasks.start, nothing, nothing, orders.notification(house.notifying))


class _Nothing:
    """Stands where steps of other workflows would."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None
