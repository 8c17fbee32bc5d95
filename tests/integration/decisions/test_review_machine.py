"""Whatever people do in whatever order, nothing is promoted that an independent count would refuse.

The machine keeps its own books (who signed what, which card stands, who holds which role) and never
asks the house what should be. One rule drives a review to the edge of approval and then disturbs it:
random rules alone almost never get there.
"""

import functools
import os
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.decisions.promotion.types import PromotionState
from services.decisions.review.forms import RollbackForm, SuspendForm
from services.decisions.review.types import Decision, Review, ReviewState
from services.kernel.clock import FixedClock
from services.kernel.error import CountersignError
from services.kernel.identity import SYSTEM, Role
from services.people.account.types import Principal
from services.record.trail.unit_of_work import Store
from tests.support.console_services import NAME
from tests.support.databases import sqlite_database
from tests.support.office import PASSWORD, REASON, Office, copied, open_office

CAST = {
    "vera": Role.VALIDATOR,
    "vito": Role.VALIDATOR,
    "pia": Role.APPROVER,
    "paul": Role.APPROVER,
    "olga": Role.OWNER,
    "ada": Role.CONTRIBUTOR,
    "otto": Role.OPERATOR,
}
WHO = st.sampled_from(sorted(CAST))
SIGNERS = ("vera", "vito", "pia", "paul")
PAIRS = st.sampled_from([("vera", "pia"), ("pia", "vera"), ("vito", "paul"), ("paul", "vito")])
TROUBLE = ("edit", "train", "demote", "disable", "age", "reject", "outside", "suspend", "nothing")
DISTURBANCES = st.sampled_from(TROUBLE)
DEEDS = st.sampled_from(("ask", "approve", "work", "restore", "lift", *TROUBLE))


@dataclass
class Book:
    """What the machine knows of one review by itself."""

    review: Review
    asked_by: str
    card: int
    champion: int | None
    signed: dict[str, tuple[int, int | None, datetime]] = field(default_factory=dict)
    over: bool = False


@functools.cache
def house() -> tuple[Office, dict[str, Principal], tempfile.TemporaryDirectory[str]]:
    """Return a house with its people, as every run finds it: it is opened once, then copied."""
    held = tempfile.TemporaryDirectory()
    clock = FixedClock(datetime(2026, 3, 14, 9, 12, tzinfo=UTC))
    store = Store(sqlite_database(Path(held.name)), clock)
    office = open_office(store, Path(held.name), clock)
    people = {"olga": office.olga, "ada": office.ada}
    for name, role in CAST.items():
        if name not in people:
            people[name] = office.hire(f"{name.title()} Cast", role)
    store.database.close()
    return office, people, held


class Reviews(RuleBasedStateMachine):
    """People, one model of two versions, and one registry."""

    @initialize()
    def open(self) -> None:
        self.held = tempfile.TemporaryDirectory()
        first, people, _ = house()
        self.office: Office = copied(first, Path(self.held.name))
        self.people: dict[str, Principal] = dict(people)
        self.clock: FixedClock = self.office.services.clock
        self.database = self.office.services.store.database
        self.roles = dict(CAST)
        self.active = set(CAST)
        self.wrote = {2: {"ada"}}
        self.trainer = "ada"
        self.card = 0
        self.champion: int | None = None
        self.outside = False
        self.suspended: set[int] = set()
        self.once_applied = False
        self.book: Book | None = None
        self.books: list[Book] = []
        self.keys = 0
        self.allowed: list[str] = []

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()
            self.held.cleanup()

    # what people do

    @rule(what=DEEDS, who=WHO)
    def do(self, what: str, who: str) -> None:
        """Anybody does anything."""
        if what == "ask":
            self._ask(who)
        elif what == "approve":
            self._sign(who, Decision.APPROVE)
        elif what == "work":
            self._work()
        elif what == "restore":
            self._restore(who)
        elif what == "lift":
            self._lift(who)
        else:
            self._disturb(what, who)

    @rule(pair=PAIRS, then=DISTURBANCES, late=st.booleans())
    def drive(self, pair: tuple[str, str], then: str, *, late: bool) -> None:
        """Go to the edge of approval, then disturb: before the last signature, or after it."""
        if self.book is None:
            self._ask("olga")
        first, second = pair
        self._sign(first, Decision.APPROVE)
        if not late:
            self._disturb(then, first)
        self._sign(second, Decision.APPROVE)
        if late:
            self._disturb(then, second)
        self._work()

    # how it is done, and what the machine's own books say of it

    def again(self, who: str) -> Principal:
        """Return the person with the roles held now; as before when the account is closed."""
        found = self.office.services.sessions.resolve(self.people[who].session_id)
        return found or self.people[who]

    def _ask(self, who: str) -> None:
        if self.book is not None:
            return
        self.keys += 1
        may = self.roles[who] in (Role.OWNER, Role.CONTRIBUTOR) and who in self.active
        may = may and 2 not in self.suspended
        try:
            review = self.office.ask(2, self.again(who), key=f"ask-{self.keys}")
        except CountersignError:
            assert not may
            return
        assert may
        self.book = Book(review, who, self.card, self.champion)
        self.books.append(self.book)

    def _restore(self, who: str) -> None:
        if self.roles[who] is Role.VIEWER and who in self.active:
            self.office.services.accounts.grant(SYSTEM, self.people[who].person_id, CAST[who])
            self.roles[who] = CAST[who]

    def _sign(self, who: str, decision: Decision) -> None:
        book = self.book
        if book is None:
            return
        self.keys += 1
        try:
            outcome = self.office.sign(
                self.again(who), book.review, decision, key=f"sign-{self.keys}",
                acknowledged=self.office.worse(book.review),
            )  # fmt: skip
        except CountersignError:
            return
        assert who in self.active
        assert self.roles[who] in (Role.VALIDATOR, Role.APPROVER)
        assert who not in {book.asked_by, self.trainer, *self.wrote[2]}
        assert not book.over
        if decision is Decision.REJECT:
            book.over, self.book = True, None
            assert outcome.task_id is None
            return
        assert 2 not in self.suspended
        book.signed[who] = (self.card, self.champion, self.clock.now())
        expected = self._approved(book)
        assert (outcome.task_id is not None) == expected, (outcome.missing, book.signed)
        if expected:
            assert outcome.promotion_id is not None
            self.allowed.append(outcome.promotion_id)
            book.over, self.book = True, None

    def _approved(self, book: Book) -> bool:
        """Count again, from the machine's own books."""
        counting = {
            who
            for who, (card, champion, _) in book.signed.items()
            if (card, champion) == (self.card, self.champion)
            and who in self.active
            and self.roles[who] is CAST[who]
            and who not in {self.trainer, *self.wrote[2]}
        }
        held = {CAST[who] for who in counting}
        return {Role.VALIDATOR, Role.APPROVER} <= held

    def _edit(self, who: str) -> None:
        self.card += 1
        self.office.write(self.again(who), 2, "license", f"Licence {self.card}")
        self.wrote[2].add(who)

    def _train(self, who: str) -> None:
        """A signer's name is put under the training run: nobody signs for what they trained."""
        accounts = self.office.services.accounts
        accounts.revise(SYSTEM, self.people["ada"].person_id, external_names=())
        for name in CAST:
            names = ("ada",) if name == who else ()
            accounts.revise(SYSTEM, self.people[name].person_id, external_names=names)
        self.trainer = who

    def _demote(self, who: str) -> None:
        if self.roles[who] is CAST[who]:
            self.office.services.accounts.revoke(SYSTEM, self.people[who].person_id, CAST[who])
            self.roles[who] = Role.VIEWER

    def _outside(self) -> None:
        """Somebody moves the alias in MLflow, and the mirror sees it."""
        aliases = self.office.mlflow.models[NAME].aliases
        aliases["champion"] = 1 if aliases.get("champion") != 1 else 2
        self.outside = True
        self._look()

    def _look(self) -> None:
        self.clock.advance(1)
        self.office.sync.look()
        self.champion = self.office.mlflow.models[NAME].aliases.get("champion")
        found = self.office.reconciler().look()
        assert not found or self.outside

    def _disturb(self, then: str, who: str) -> None:
        if then in ("train", "demote", "disable") and who not in SIGNERS:
            return
        if then == "edit":
            self._edit("ada")
        elif then == "train":
            self._train(who)
        elif then == "demote":
            self._demote(who)
        elif then == "disable":
            self.office.services.accounts.disable(SYSTEM, self.people[who].person_id)
            self.active.discard(who)
        elif then == "age":
            self.clock.advance(60)
        elif then == "reject":
            self._sign("vito", Decision.REJECT)
        elif then == "outside":
            self._outside()
        elif then == "suspend":
            self._suspend(who)

    def _work(self) -> None:
        """The worker does what waits; what its own count refuses must not move the alias."""
        aliases = self.office.mlflow.models[NAME].aliases
        for task in self.office.services.tasks.open("batch"):
            book = self.books[-1]
            good = self._approved(book)
            before = dict(aliases)
            self.office.carry_out(task.task_id)
            moved = self.office.services.tasks.get(task.task_id).state.value == "succeeded"
            assert moved == good, (good, before)
            if moved:
                assert aliases["champion"] == 2
                self.champion, self.outside, self.once_applied = 2, False, True
            else:
                assert aliases == before

    def _suspend(self, who: str) -> None:
        """Somebody takes out what the mirror says is in production; the work is done at once."""
        out, services = self.champion, self.office.services
        if out is None or services.tasks.open("batch"):
            return
        self.keys += 1
        goes_to = 2 if out == 1 and self.once_applied and 2 not in self.suspended else None
        may = self.roles[who] in (Role.APPROVER, Role.OPERATOR) and who in self.active
        form = SuspendForm(NAME, out, "champion", REASON, f"out-{self.keys}", goes_to)
        try:
            proof = services.sessions.reauthenticate(self.again(who), PASSWORD)
            outcome = services.reviews.suspend(self.again(who), proof, form)
        except CountersignError:
            assert not may
            return
        assert may
        self.suspended.add(out)
        self._carried_out(outcome.promotion_id, outcome.task_id, goes_to)

    def _lift(self, who: str) -> None:
        """Somebody rolls back to version 2, and with that ends its suspension."""
        services = self.office.services
        if 2 not in self.suspended or self.champion == 2 or services.tasks.open("batch"):
            return
        self.keys += 1
        may = self.roles[who] is Role.APPROVER and who in self.active and self.once_applied
        form = RollbackForm(NAME, 2, "champion", REASON, f"back-{self.keys}", lifts=True)
        try:
            proof = services.sessions.reauthenticate(self.again(who), PASSWORD)
            outcome = services.reviews.roll_back(self.again(who), proof, form)
        except CountersignError:
            assert not may
            return
        assert may
        self.suspended.discard(2)
        self._carried_out(outcome.promotion_id, outcome.task_id, 2)

    def _carried_out(self, promotion: str | None, task: str | None, to: int | None) -> None:
        assert promotion is not None
        assert task is not None
        self.allowed.append(promotion)
        self.office.carry_out(task)
        assert self.office.mlflow.models[NAME].aliases.get("champion") == to
        self.champion, self.outside = to, False

    # what must always hold

    @invariant()
    def the_trail_verifies(self) -> None:
        if hasattr(self, "office"):
            assert self.office.services.trail.verify().holds

    @invariant()
    def what_is_suspended_is_what_was_taken_out(self) -> None:
        if hasattr(self, "office"):
            with self.office.services.store.reading() as session:
                suspension_of = self.office.services.promotions.suspension_of
                found = {v for v in (1, 2) if suspension_of(session, self.office.ref(v))}
            assert found == self.suspended

    @invariant()
    def promotions_are_those_that_were_allowed(self) -> None:
        if not hasattr(self, "office"):
            return
        with self.office.services.store.reading() as session:
            found = self.office.services.promotions.history(session, NAME)
            reviews: list[Any] = self.office.services.reviews.list(session, model=NAME)
        assert {each.promotion_id for each in found} == set(self.allowed)
        assert sum(each.state is PromotionState.PENDING for each in found) <= 1
        applied = [event.subject_id for event in self.office.events("promotion:applied")]
        assert len(applied) == len(set(applied))
        assert set(applied) <= set(self.allowed)
        assert sum(each.state is ReviewState.OPEN for each in reviews) <= 1


pytestmark = pytest.mark.timeout(900)
TestReviews = Reviews.TestCase
TestReviews.settings = settings(
    max_examples=int(os.environ.get("COUNTERSIGN_TEST_EXAMPLES", "15")),  # more with `make chaos`
    derandomize=True,
    stateful_step_count=10,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),  # one failure takes minutes to shrink
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much),
)
