"""Taking along what teams owe for a month."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services

FORMS = (("CSV", "csv", "text/csv"), ("PDF", "pdf", "application/pdf"))


def writing(
    services: "Services", principal: Principal, month: date, form: str
) -> Callable[[], bytes]:
    """Return what writes the paper when it is asked for; only then it is an export."""
    return lambda: services.chargebacks.export(principal, month, form).data
