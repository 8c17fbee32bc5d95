"""Ordering that files are taken away, taking the order back, and settling it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlmodel import Session

from services.decisions.disposal import needs, repository, rules
from services.decisions.disposal.needs import Rooms as Asked
from services.decisions.disposal.types import DISPOSAL, Candidate, Disposal, DisposalState, Place
from services.facts.storage.service import Storage
from services.facts.storage.types import KeptRun
from services.kernel.error import Conflict, InvalidInput, NotFound
from services.kernel.identity import Actor, new_id
from services.kernel.text import clean
from services.people.account.types import Principal
from services.record.canonical import sha256_hex
from services.record.trail.unit_of_work import Store, UnitOfWork
from services.standards.authority.rules import Authority
from services.standards.authority.types import Action

WAITS = (0, 7, 30)
"""Days between an order and what it orders, to choose from."""
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class DisposalForm:
    """What is to be taken away, why, and after how many days."""

    run_ids: tuple[str, ...]
    reason: str
    days: int = 7


class Disposals:
    """What nothing needs, and orders to take it away.

    Attributes
    ----------
    storage
        What is kept at all.
    """

    def __init__(self, store: Store, authority: Authority, storage: Storage, asked: Asked) -> None:
        self._store, self._authority = store, authority
        self.storage, self._asked = storage, asked

    def candidates(self, session: Session) -> list[Candidate]:
        """Return every run whose files are there with what needs them, the largest first."""
        return self._judged(session, self.storage.kept(session))

    def find(self, session: Session, *states: DisposalState) -> list[Disposal]:
        """Return orders as they stand, the newest first; of all states where none is named."""
        return repository.find(session, states or None)

    def order(self, principal: Principal, form: DisposalForm) -> list[Disposal]:
        """Order that the files of runs and of their versions are taken away; one event for each run.

        Raises
        ------
        InvalidInput
            When no run, no reason or no such wait is given, or something needs a run: it is named.
        NotFound
            When nothing is kept of a run.
        Conflict
            When an order for a run waits already.
        NotPermitted
            When this person is no operator.
        """
        reason = clean(form.reason, limit=2000, what="The reason")
        if not reason.strip():
            raise InvalidInput("Say why the files are not needed; auditors read it.")
        if not 0 < len(form.run_ids) <= AT_ONCE or form.days not in WAITS:
            raise InvalidInput(f"Choose 1 to {AT_ONCE} runs, and to wait 0, 7 or 30 days.")
        with self._store.unit(principal.actor) as unit:
            self._authority.require(principal, Action.STORAGE_DISPOSE)
            waiting = {each.run_id for each in self.find(unit.session, DisposalState.ORDERED)}
            made: list[Disposal] = []
            for each in self._chosen(unit.session, form.run_ids):
                kept = each.kept
                if kept.run_id in waiting:
                    raise Conflict(f"An order for {kept.name or kept.run_id} waits already.")
                order = Disposal(
                    new_id(), kept.run_id, kept.name, kept.model, each.versions, kept.size or 0,
                    kept.files, reason, principal.person_id, unit.now,
                    unit.now + timedelta(days=form.days),
                )  # fmt: skip
                self._write(unit, order, "storage:disposal_ordered", sha256_hex(reason.encode()))
                made.append(order)
        return made

    def withdraw(self, principal: Principal, disposal_id: str) -> Disposal:
        """Take an order back that was not carried out; event ``storage:disposal_withdrawn``."""
        with self._store.unit(principal.actor) as unit:
            self._authority.require(principal, Action.STORAGE_DISPOSE)
            return self._move(unit, disposal_id, DisposalState.WITHDRAWN, "Taken back.")

    def due(self, session: Session) -> list[Disposal]:
        """Return the orders whose wait is over, the newest first."""
        now = self._store.clock.now()
        return [each for each in self.find(session, DisposalState.ORDERED) if each.due_at <= now]

    def needed_by(self, session: Session, order: Disposal) -> tuple[str, ...]:
        """Return what needs the files of an order now; empty when nothing does."""
        kept = self.storage.of(session, [order.run_id])
        found = self._judged(session, list(kept.values()))
        if not found:
            return ()
        more = set(found[0].versions) - set(order.versions)
        new = tuple(f"{name} {number} came from it since" for name, number in sorted(more))
        return (*found[0].reasons, *new)

    def settle(self, actor: Actor, disposal_id: str, reasons: Sequence[str]) -> Disposal:
        """End an order: its files are gone, or something needs them now.

        Parameters
        ----------
        reasons
            What needs them; empty after they were taken away.
        """
        with self._store.unit(actor) as unit:
            if reasons:
                words = f"Kept, since something needs it now: {'; '.join(reasons)[:1500]}."
                return self._move(unit, disposal_id, DisposalState.KEPT, words)
            made = self._move(unit, disposal_id, DisposalState.DISPOSED, "Its files are gone.")
            self.storage.gone(unit.session, made.run_id, unit.now)
            return made

    def _chosen(self, session: Session, run_ids: Sequence[str]) -> list[Candidate]:
        kept = self.storage.of(session, run_ids)
        missing = [each for each in run_ids if each not in kept or kept[each].gone_at]
        if missing:
            raise NotFound(f"Nothing is kept of a run {missing[0]!r}; reload the page.")
        found = self._judged(session, list(kept.values()))
        for each in found:
            if each.reasons:
                raise InvalidInput(f"{each.kept.name or each.kept.run_id} is needed: {each.reasons[0]}.")  # fmt: skip
        return found

    def _judged(self, session: Session, kept: Sequence[KeptRun]) -> list[Candidate]:
        versions: dict[str, list[Place]] = defaultdict(list)
        for ref in self._asked.registry.all_refs(session):
            versions[ref.run_id].append((ref.name, ref.version))
        needed, now = needs.needed(self._asked, session), self._store.clock.now()
        return [
            Candidate(
                each, tuple(versions[each.run_id]),
                rules.reasons(each, versions[each.run_id], needed, now),
            )
            for each in kept
        ]  # fmt: skip

    def _move(
        self, unit: UnitOfWork, disposal_id: str, state: DisposalState, outcome: str
    ) -> Disposal:
        before = repository.by_id(unit.session, disposal_id)
        if before is None:
            raise NotFound("There is no such order.")
        DISPOSAL.check(before.state, state)
        made = replace(before, state=state, outcome=outcome)
        word = {
            DisposalState.WITHDRAWN: "storage:disposal_withdrawn",
            DisposalState.KEPT: "storage:kept",
            DisposalState.DISPOSED: "storage:disposed",
        }[state]
        self._write(unit, made, word, sha256_hex(outcome.encode()))
        return made

    def _write(self, unit: UnitOfWork, made: Disposal, word: str, words_sha256: str) -> None:
        seq = unit.event(
            word, ("run", made.run_id), disposal_id=made.disposal_id, model=made.model,
            versions=[list(each) for each in made.versions], size=made.size, files=made.files,
            words_sha256=words_sha256,
        )  # fmt: skip
        repository.write(unit, made, seq)
