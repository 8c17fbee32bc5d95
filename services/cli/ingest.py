"""``countersign ingest``: the door of the prediction log alone, in a process of its own."""

import argparse
from typing import Any

HOST, PORT = "127.0.0.1", 8601


def add(nouns: Any) -> None:
    """Add this command."""
    noun = nouns.add_parser("ingest", help="take predictions and outcomes, apart from the console")
    noun.add_argument("--host", default=HOST)
    noun.add_argument("--port", type=int, default=PORT)
    noun.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop."""
    import uvicorn

    from services.bootstrap import logs
    from services.kernel.error import InvalidInput
    from services.migrations.run import upgrade
    from services.settings import LOOPBACK, read_settings

    settings = read_settings()
    if arguments.host not in LOOPBACK and not settings.is_secure:
        raise InvalidInput(
            f"--host {arguments.host} would be reachable from outside without encryption; "
            "set COUNTERSIGN_PUBLIC_URL to the https address callers use, or leave it away."
        )
    logs.configure(settings.log_level, "ingest")
    upgrade(settings.database)
    uvicorn.run(
        "services.api.ingest:app",
        factory=True,
        host=arguments.host,
        port=arguments.port,
        log_level=settings.log_level.lower(),
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    return 0
