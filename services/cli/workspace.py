"""The workspace of this machine, for commands that work in it directly."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.bootstrap.services import Services
    from services.settings import Settings


def opened(given: "Settings | None" = None) -> "Services":
    """Bring the workspace to this release and open it."""
    from services.bootstrap.services import open_services
    from services.migrations.run import upgrade
    from services.settings import read_settings

    settings = given or read_settings()
    upgrade(settings.database)
    return open_services(settings)
