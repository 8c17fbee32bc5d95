"""The web process: ``python -m console.serve``."""

import sys

import uvicorn

from console.runtime import settings
from services.kernel.error import InvalidInput

_UPLOAD_BYTES = 25 * 1024 * 1024


def main() -> int:
    """Serve the console until told to stop.

    Returns
    -------
    int
        0 after stopping, 2 when a setting cannot be used.
    """
    try:
        chosen = settings()
    except InvalidInput as error:
        sys.stderr.write(f"{error.message}\n")
        return 2
    uvicorn.run(
        "console.app:app",
        host=chosen.host,
        port=chosen.port,
        log_level=chosen.log_level.lower(),
        access_log=False,
        server_header=False,
        # behind a proxy that ends https, its word about the visitor's address counts
        proxy_headers=chosen.is_secure,
        forwarded_allow_ips="127.0.0.1",
        ws="websockets-sansio",
        ws_max_size=_UPLOAD_BYTES,
        ws_ping_interval=30,
        timeout_graceful_shutdown=5,
        lifespan="on",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
