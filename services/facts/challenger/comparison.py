"""Better or not: one gain with its chance, and everything that must not get worse."""

from dataclasses import replace

import numpy as np

from services.facts.challenger import bootstrap, delong, fairness, figures, report
from services.facts.challenger.beside import (
    aligned,
    of_attribution,
    of_calibration,
    of_latency,
    of_size,
)
from services.facts.challenger.look import Look
from services.facts.challenger.report import Beside
from services.facts.challenger.types import (
    Check,
    Comparison,
    Contest,
    Gain,
    Holds,
    Side,
    Standard,
    Training,
    Verdict,
)
from services.facts.evidence.types import Reading
from services.facts.performance.answers import refuse_unusable
from services.kernel.error import InsufficientEvidence, InvalidInput
from services.kernel.metric import metric

LEAST_OF_A_CLASS = 10


def compare(
    contest: Contest, standard: Standard, look: Look, training: Training, *, seed: int
) -> Comparison:
    """Compare a challenger with the champion.

    Parameters
    ----------
    look
        Written down before the answers are looked at, see
        :meth:`services.facts.challenger.service.Holdouts.look`.
    seed
        Of every draw.

    Raises
    ------
    InvalidInput
        When the standard names a metric that cannot be compared for this task.

    Notes
    -----
    It is better when the gain is at least ``min_effect``, when such a gain by chance alone is rarer than
    ``alpha`` over the looks that the holdout has, and when nothing that decides is worse or unknown. Of
    many equal models judged on one holdout the best looks better by chance: 52 of them promote 3.8 times
    a year by the point alone, and 0.03 times by this rule.
    """
    name = _metric(standard, contest)
    try:
        contest = _usable(contest)
    except InsufficientEvidence as error:
        return _undecided(error.message, look, None)
    try:
        gain = _gain(contest, standard, name, look, seed)
    except InsufficientEvidence as error:
        reading = report.make(contest, standard, look, training, None, Beside(), seed=seed)
        return _undecided(error.message, look, reading)
    beside = _beside(contest, standard, seed)
    verdict, reason = _verdict(gain, standard, look, beside.checks)
    reading = report.make(contest, standard, look, training, gain, beside, seed=seed)
    named = replace(
        reading, parameters={**reading.parameters, "verdict": verdict.value, "reason": reason}
    )
    return Comparison(verdict, reason, gain, beside.checks, look, named)


def share(standard: Standard, look: Look) -> float:
    """Return the chance of a mistake that one look may spend."""
    return standard.alpha / max(1, look.limit)


def _metric(standard: Standard, contest: Contest) -> str:
    task = contest.holdout.task
    name = standard.metric or figures.USUAL[task]
    if name not in figures.names(task):
        known = ", ".join(figures.names(task))
        raise InvalidInput(f"{name} cannot be compared for a {task}; choose one of {known}.")
    return name


def _usable(contest: Contest) -> Contest:
    """Return the contest with both sides' columns in one order.

    Raises
    ------
    InsufficientEvidence
        When either side answered what nothing can be measured on.
    """
    refuse_unusable(contest.holdout, contest.challenger.outputs, contest.challenger.classes)
    champion = contest.champion
    if champion is None:
        return contest
    same = aligned(champion, contest.challenger.classes)
    try:
        refuse_unusable(contest.holdout, champion.outputs, champion.classes)
    except InsufficientEvidence as error:
        raise InsufficientEvidence(f"Of the champion: {error.message}") from error
    if same is None:
        raise InsufficientEvidence("The champion and the challenger know different classes.")
    return replace(contest, champion=same)


def _gain(contest: Contest, standard: Standard, name: str, look: Look, seed: int) -> Gain:
    champion = contest.champion
    if champion is None:
        raise InsufficientEvidence("There is no champion to be better than.")
    if look.is_spent:
        raise InsufficientEvidence(
            f"This holdout has decided {look.limit} times already; rotate the holdout."
        )
    _refuse_few(contest, standard)
    alpha = share(standard, look)
    compute = _of_auc if name == "performance.auc" else _of_sums
    found = compute(contest, champion, standard, name, alpha, seed)
    if not np.isfinite([found.champion, found.challenger, found.value]).all():
        raise InsufficientEvidence(f"{metric(name).words} has no meaning on this holdout.")
    return found


def _refuse_few(contest: Contest, standard: Standard) -> None:
    holdout = contest.holdout
    if holdout.n < standard.min_n:
        raise InsufficientEvidence(
            f"The holdout has {holdout.n:,} rows; {standard.min_n:,} are the least."
        )
    if holdout.task == "classification":
        least = int(holdout.rows[holdout.target].value_counts().min())
        if least < LEAST_OF_A_CLASS:
            raise InsufficientEvidence(
                f"The holdout has {least} rows of one class; {LEAST_OF_A_CLASS} are the least."
            )


def _of_auc(
    contest: Contest, champion: Side, standard: Standard, name: str, alpha: float, seed: int
) -> Gain:
    del standard, seed  # a formula
    holdout = contest.holdout
    positive = contest.challenger.classes[1]
    truth = (holdout.rows[holdout.target] == positive).to_numpy(dtype=bool)
    new, old = (
        delong.placements(truth, side.outputs[:, 1].astype(np.float64))
        for side in (contest.challenger, champion)
    )
    found = delong.difference(new, old)
    half = delong.quantile(1 - alpha) * found.error
    return Gain(
        name, old.area, new.area, found.value, found.value - half, found.value + half,
        1 - 2 * alpha, found.p, holdout.n, "paired delong",
    )  # fmt: skip


def _of_sums(
    contest: Contest, champion: Side, standard: Standard, name: str, alpha: float, seed: int
) -> Gain:
    new, old = (
        figures.row_sums(name, contest.holdout, side, standard.threshold)
        for side in (contest.challenger, champion)
    )
    sign = 1.0 if metric(name).direction == "higher" else -1.0
    found = bootstrap.gain(new, old, sign, alpha, seed)
    return Gain(
        name, old.value, new.value, found.value, found.lo, found.hi, 1 - 2 * alpha, found.p,
        contest.holdout.n, found.method, found.draws,
    )  # fmt: skip


def _beside(contest: Contest, standard: Standard, seed: int) -> Beside:
    groups = fairness.compare(contest, standard, seed)
    checks = [*fairness.unsaid(contest, standard), *(c for g in groups.values() for c in g.checks)]
    numbers = [each for group in groups.values() for each in group.measurements]
    calibrated = of_calibration(contest, standard, seed)
    attributed = of_attribution(contest)
    for found in (calibrated, of_latency(contest, standard), of_size(contest), attributed):
        if found is not None:
            checks.append(found[0])
            numbers.append(found[1])
    return Beside(
        tuple(checks),
        tuple(numbers),
        {name: group.table for name, group in groups.items()},
        calibrated[2] if calibrated else None,
        attributed[2] if attributed else None,
    )


def _verdict(
    gain: Gain, standard: Standard, look: Look, checks: tuple[Check, ...]
) -> tuple[Verdict, str]:
    words = metric(gain.metric).words
    by = f"{words} {gain.challenger:.4f} against the champion's {gain.champion:.4f}"
    if gain.value < standard.min_effect or gain.value <= 0:
        return Verdict.NO_BETTER, f"{by}: a gain of {standard.min_effect:g} is the least."
    if gain.p > share(standard, look):
        return Verdict.NO_BETTER, (
            f"{by}: so much may be chance (p = {gain.p:.2g}; {share(standard, look):.2g} is the "
            f"most for one of {look.limit} looks at this holdout)."
        )
    worse = [each for each in checks if each.decides and each.holds is not Holds.YES]
    if worse:
        return Verdict.NO_BETTER, f"{by}, but: {worse[0].words}"
    return Verdict.BETTER, f"{by} (p = {gain.p:.2g})."


def _undecided(words: str, look: Look, reading: Reading | None) -> Comparison:
    if reading is not None:
        told = {"verdict": Verdict.NOT_COMPARABLE.value, "reason": words}
        reading = replace(reading, parameters={**reading.parameters, **told})
    return Comparison(Verdict.NOT_COMPARABLE, words, None, (), look, reading)
