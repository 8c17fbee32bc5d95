"""Which environment pays for which, in which order they are compared, and when again."""

from collections.abc import Iterable, Mapping

from services.facts.cost.compared import Cover, Place, Reconciled
from services.facts.cost.environments import Side
from services.kernel.error import InvalidInput


def place(found: Reconciled, named: Iterable[str]) -> Place:
    """Return what would be compared now where something was compared before."""
    covers = tuple(sorted({*named, found.environment}))
    return Place(found.environment, found.month, found.currency, covers)


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
    """Tell whether a comparison is to be made: the first once a bill is there, then after a change."""
    if before is None:
        return sizes[1] > 0
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


def uncovered(sides: Iterable[Side], declared: Mapping[str, Cover]) -> list[Side]:
    """Return our own lines of months that were billed, of environments that no bill is said to pay for."""
    held = list(sides)
    billed = {(each.month, each.currency) for each in held if not each.estimated}
    payers = {each.environment for each in held if not each.estimated} - {""}
    paid = {inner for cover in declared.values() for inner in cover.covers} | payers
    return [
        each
        for each in held
        if each.estimated
        and (each.month, each.currency) in billed
        and each.currency
        and each.environment not in paid
    ]
