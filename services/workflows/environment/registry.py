"""Where packages come from: what pip was told on this machine, in the words of the builder."""

import ast
from collections.abc import Mapping

_VARIABLES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
    "proxy": "ALL_PROXY",
}
_COMMAS = frozenset({"find-links"})
_SECTIONS = ("global", "user", "site", "install", ":env:")
"""The later one counts; a section of another command does not."""
KEPT = (
    "HOME", "PATH", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR", "NETRC", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS",
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy",
)  # fmt: skip
"""Of our own environment; and all that begins with ``UV_``."""


def told_by_pip(text: str) -> dict[str, str]:
    """Return what ``pip config list`` printed: option and value."""
    found: dict[str, tuple[int, str]] = {}
    for line in text.splitlines():
        key, _, quoted = line.partition("=")
        section, _, option = key.strip().rpartition(".")
        rank = _SECTIONS.index(section) if section in _SECTIONS else -1
        if rank >= 0 and rank >= found.get(option, (0, ""))[0]:
            found[option] = rank, _plain(quoted.strip())
    return {option: value for option, (_, value) in found.items()}


def _plain(quoted: str) -> str:
    try:
        return str(ast.literal_eval(quoted))
    except (ValueError, SyntaxError):
        return quoted


def variables(pip: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the builder.

    Parameters
    ----------
    pip
        What pip was told.
    own
        Our own environment; what it says to the builder itself counts more.

    Notes
    -----
    Where pip was told of several indexes, a package is looked for in all of them, as pip does. Constraints
    are left away: in a lock every package has its version, and the builder refuses both together.
    """
    told = {
        name: (",".join if option in _COMMAS else " ".join)(value.split())
        for option, name in _VARIABLES.items()
        if (value := pip.get(option))
    }
    if "UV_INDEX" in told:
        told["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    kept = {k: v for k, v in own.items() if k in KEPT or k.startswith("UV_")}
    return {**told, **kept, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}


def options(pip: Mapping[str, str]) -> tuple[str, ...]:
    """Return what the builder is told by options: not to ask any index."""
    return ("--no-index",) if pip.get("no-index", "").lower() in ("1", "true", "yes", "on") else ()
