"""Reviews that nobody asks for by hand: a training that brought a better version opens one."""

from services.decisions.review import repository
from services.decisions.review.deciding import Asked, Deciding
from services.decisions.review.types import Purpose, Review, ReviewForm
from services.kernel.identity import Actor
from services.record.trail.repository import lock_head


class ByItself(Deciding):
    """Requests on behalf of whoever asked for what came before."""

    def request_as(self, actor: Actor, requester: str, form: ReviewForm) -> Review:
        """Ask for a decision about a version; the same key asks once.

        Parameters
        ----------
        requester
            Who asked for the training, or ``system``: whom separation of duties keeps apart.

        Raises
        ------
        NotFound
            When there is no such version, or nobody governs the model yet.
        Conflict
            When a review of the model for that alias is open.
        """
        with self._at.store.unit(actor) as unit:
            lock_head(unit.session)
            known = repository.by_key(unit.session, form.key)
            if known is not None:
                return known
            self._at.governance.require(unit.session, form.model)
            ref = self._at.registry.ref(unit.session, form.model, form.version)
            asked = Asked(Purpose.PROMOTION, ref, form.alias, form.rationale, form.key)
            return self._open(unit, requester, asked)
