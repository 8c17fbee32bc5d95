"""State tables: which step may follow which."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.kernel.error import InvalidTransition


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The states of one noun and the moves between them.

    Attributes
    ----------
    moves
        For each state, the states that may follow; a state without an entry is final.
    """

    name: str
    initial: str
    moves: Mapping[str, frozenset[str]]

    def check(self, current: str, to: str) -> None:
        """Refuse a move that the table does not name.

        Raises
        ------
        InvalidTransition
            When ``to`` does not follow ``current``.
        """
        if to not in self.moves.get(current, frozenset()):
            raise InvalidTransition(
                f"This {self.name} is {current.replace('_', ' ')} and cannot become "
                f"{to.replace('_', ' ')}; reload the page to see where it stands."
            )

    def is_final(self, state: str) -> bool:
        """Tell whether nothing follows."""
        return not self.moves.get(state)
