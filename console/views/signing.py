"""What is signed and by whom: conditions, regressions, the block, what was given, what follows."""

from dataclasses import dataclass

from console.format import interval, number, segment
from console.views import decisions
from services.decisions.promotion.types import Promotion
from services.decisions.review.types import Regression as Worse
from services.decisions.review.types import Review, Standing
from services.kernel.metric import CATALOGUE
from services.record.signature.types import Signature


@dataclass(frozen=True, slots=True)
class MayCheck:
    """One condition of signing: whether it holds, its name, and the words that say why."""

    ok: bool
    title: str
    words: str


@dataclass(frozen=True, slots=True)
class Regression:
    """Something that is worse than in the version to be replaced."""

    key: str
    words: str
    note: str
    fails: bool


@dataclass(frozen=True, slots=True)
class Given:
    """A signature that was given, and what it is worth now.

    Attributes
    ----------
    status, word
        Valid; void, because what was signed moved on; taken back; or a record that was changed.
    mine
        Whether this person gave it and may still take it back.
    """

    name: str
    role: str
    meaning: str
    at: str
    reason: str
    digest: str
    status: str
    word: str
    signature_id: str = ""
    mine: bool = False


def worth(signature: Signature, digest: str, *, unchanged: bool) -> tuple[str, str]:
    """Return status and word of what a signature is worth.

    Parameters
    ----------
    digest
        What would be signed now, or was signed when the review closed.
    unchanged
        Whether recomputing its row found nothing wrong.
    """
    if not unchanged:
        return "fail", "Record changed"
    if signature.is_revoked:
        return "stale", "Taken back"
    return ("pass", "Valid") if signature.basis_digest == digest else ("stale", "Void")


@dataclass(frozen=True, slots=True)
class Block:
    """What would be signed: printed name, role, meaning, time, digest."""

    name: str
    role: str
    meaning: str
    digest: str


def regression(each: Worse) -> Regression:
    """Return what got worse, in words."""
    known = CATALOGUE.get(each.metric)
    words = known.words if known else each.metric
    where = f", {segment(each.segment)}" if each.segment else ""
    after = interval(each.after, each.lo, each.hi)
    note = f"fails {each.fails}" if each.fails else "no clause fails on it"
    return Regression(
        each.key, f"{words}{where}: {number(each.before)} → {after}", note, bool(each.fails)
    )


def consequences(review: Review, stands: Standing) -> tuple[str, ...]:
    """Return what happens when the last signature is given, step by step."""
    before = f"v{stands.replaces.version}" if stands.replaces else "nothing"
    back = f"Roll back puts v{stands.replaces.version} back." if stands.replaces else ""
    said = (
        "Your signature is recorded with the digest of this page; it can be revoked, not edited.",
        f"When the last one is given, {review.alias} moves from {before} to "
        f"v{review.ref.version} in MLflow, once, and is read back.",
        back,
    )
    return tuple(filter(None, said))


def outcome_of(promotion: Promotion | None) -> str:
    """Return what became of a promotion, or an empty text when there is none."""
    if promotion is None:
        return ""
    word = decisions.STATES[promotion.state][1]
    why = f": {promotion.reason}" if promotion.reason else ""
    return f"{promotion.alias} → {decisions.goes_to(promotion)}: {word.lower()}{why}."
