"""What a tab of the page Cost works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services

Attempt = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Tab:
    """What a tab works with; ``attempt`` does what a form asks for and shows what went wrong."""

    services: "Services"
    principal: Principal
    query: Mapping[str, str]
    attempt: Attempt
