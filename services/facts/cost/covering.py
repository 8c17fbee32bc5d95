"""Which environment pays for which, in which order they are compared, and when again."""

from collections.abc import Iterable, Mapping

from services.facts.cost.compared import Cover, Place, Reconciled
from services.facts.cost.environments import Side
from services.kernel.error import InvalidInput


def sizes(place: Place, sides: Iterable[Side]) -> tuple[int, int]:
    """Return how many lines there are of ours, and of the bill."""
    ours, billed = 0, 0
    for side in sides:
        if (side.month, side.currency) != (place.month, place.currency):
            continue
        here = side.environment == place.environment
        if side.environment in place.covers and (not here or side.estimated):
            ours += side.lines
        elif here:
            billed += side.lines
    return ours, billed


def is_due(place: Place, sizes: tuple[int, int], before: Reconciled | None) -> bool:
    """Tell whether a comparison is to be made: the first once both sides are there, then after a change."""
    if before is None:
        return all(sizes)
    return (place.covers, *sizes) != (before.covers, before.lines, before.bill_lines)


def inner_first(named: Iterable[str], declared: Mapping[str, Cover]) -> list[str]:
    """Return environments so that each stands after those it pays for."""
    found: dict[str, None] = {}

    def visit(environment: str) -> None:
        if environment not in found:
            for inner in declared[environment].covers if environment in declared else ():
                if inner != environment:
                    visit(inner)
            found[environment] = None

    for each in sorted(named):
        visit(each)
    return list(found)


def refuse_circle(payer: str, named: Iterable[str], declared: Mapping[str, Cover]) -> None:
    """Refuse what would make an environment pay for one that pays for it.

    Raises
    ------
    InvalidInput
        Naming the environment.
    """
    waiting, seen = [each for each in named if each != payer], set[str]()
    while waiting:
        each = waiting.pop()
        if each == payer:
            raise InvalidInput(f"{payer} would pay for itself; take one of the environments out.")
        if each not in seen:
            seen.add(each)
            waiting += [
                inner
                for inner in (declared[each].covers if each in declared else ())
                if inner != each
            ]
