"""What this process works with: settings read once at the door, and the services opened once."""

from functools import lru_cache
from typing import TYPE_CHECKING

from services.settings import Settings, read_settings

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings of this process.

    Raises
    ------
    InvalidInput
        When a variable of the environment cannot be used; the sentence names it.
    """
    return read_settings()


@lru_cache(maxsize=1)
def services() -> "Services":
    """Return the services of this process, opened at the first call."""
    # here and not above: these imports cost a second, and /health answers before
    from services.bootstrap.services import open_services

    return open_services(settings())
