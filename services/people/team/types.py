"""The noun of a team."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Team:
    """People who work on the same models and spend the same budget.

    Attributes
    ----------
    team_id
        A short word in lower case, fit for addresses: ``lending``.
    """

    team_id: str
    name: str
