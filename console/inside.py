"""The Streamlit application behind the gate: its settings, its warm-up, its last net for errors."""

import gc
import hashlib
import hmac
import importlib
import logging
import pkgutil
import secrets
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from console.addresses import Addresses
from services.settings import Settings

if TYPE_CHECKING:
    from streamlit import App

_log = logging.getLogger(__name__)
_ROOT = Path(__file__).parents[1]
MAIN = Path(__file__).with_name("main.py")
_WARM = ("pandas", "pyarrow", "plotly.graph_objects", "streamlit.dataframe_util")


def build(addresses: Addresses, settings: Settings, script: Path = MAIN) -> "App":
    """Return the application, which reads the gate's headers as ``st.user``."""
    from streamlit import App, config

    # the folder whose .streamlit/config.toml is read, wherever the process was started
    config._main_script_path = str(_ROOT / "console.py")  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    options = {
        "server.trustedUserHeaders": {
            "X-Countersign-Session": "session",
            "X-Countersign-Person": "person",
        },
        "server.allowedHosts": sorted(addresses.hosts),
        "server.cookieSecret": _cookie_secret(settings),
        "server.enableXsrfProtection": True,
        "server.fileWatcherType": "none",
        "runner.postScriptGC": False,  # Python collects by itself; each run would pay for all sessions
        "client.allowedOrigins": [],
        "client.showErrorDetails": "none",
        "browser.gatherUsageStats": False,
        "global.developmentMode": False,
    }
    for name, value in options.items():
        config.set_option(name, value)
    return App(script, on_script_error=_note)


def bundles() -> Path:
    """Return the folder that holds Streamlit's ``index.html`` and ``static/``."""
    from streamlit import file_util

    return Path(file_util.get_static_dir())


def by_itself(message: bytes) -> bool:
    """Tell whether a socket's message is a refresh that the page asked for by itself."""
    from google.protobuf.message import DecodeError
    from streamlit.proto.BackMsg_pb2 import BackMsg

    try:
        return bool(BackMsg.FromString(message).rerun_script.is_auto_rerun)
    except DecodeError:
        return False


def warm_up(script: Path = MAIN) -> None:
    """Load what the first visitor would wait for, then take it out of the garbage collector's way.

    Notes
    -----
    Streamlit collects garbage after every run of a script; what was frozen is not looked at again.
    """
    for name in (*_WARM, *(_pages() if script == MAIN else ())):
        importlib.import_module(name)
    import plotly.graph_objects as go  # loads after /health answers

    go.Figure(go.Scatter(y=[1])).to_json()
    gc.collect()
    gc.freeze()


def _cookie_secret(settings: Settings) -> str:
    """Return the key of Streamlit's own cookies (uploads), the same on every replica."""
    if settings.secret_key is None:
        return secrets.token_hex(32)
    key = settings.secret_key.get_secret_value().encode()
    return hmac.new(key, b"streamlit cookies/1", hashlib.sha256).hexdigest()


def _pages() -> list[str]:
    import pages

    return [f"pages.{each.name}" for each in pkgutil.iter_modules(pages.__path__)]


def _note(error: Exception) -> None:
    """Log what a page did not expect; the visitor sees a sentence without details."""
    _log.error("page failed, reference %s", uuid4().hex[:8], exc_info=error)
