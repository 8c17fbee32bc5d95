"""The documentation page of the API: made from its own description, without script."""

import base64
import hashlib
from html import escape
from typing import Any

from services.api.problems import KINDS

_STYLE = """
:root{color-scheme:light dark}
body{margin:0 auto;max-width:880px;padding:24px 20px 60px;font:14px/1.5 system-ui,sans-serif;
color:light-dark(#0C1317,#E8EDEF);background:light-dark(#FFFFFF,#0F1416)}
h1{font-size:20px}h2{font-size:14px;margin:28px 0 4px;border-top:1px solid light-dark(#D3DADE,#2F393E);
padding-top:14px}h3{font-size:13px;margin:10px 0 2px}
code{font:12px ui-monospace,monospace}b{color:light-dark(#0B5A66,#57B5C0)}
table{border-collapse:collapse}td,th{text-align:left;vertical-align:top;padding:3px 16px 3px 0;
border-bottom:1px solid light-dark(#DFE4E7,#232B2F)}a{color:light-dark(#0B5A66,#6FC6D0)}
"""


def style_policy() -> str:
    """Return the content security policy of the page: its one style and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"
    )


def page(description: dict[str, Any]) -> str:
    """Return the page.

    Parameters
    ----------
    description
        The OpenAPI document.
    """
    info = description["info"]
    routes = "".join(
        _route(path, method, told)
        for path, methods in description["paths"].items()
        for method, told in methods.items()
    )
    kinds = "".join(
        f'<tr id="{kind.__name__}"><td><code>{kind.__name__}</code><td>{status}<td>{escape(title)}'
        for kind, (status, title) in KINDS.items()
    )
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{escape(info["title"])}</title><style>{_STYLE}</style></head><body><main>
<h1>{escape(info["title"])} {escape(info["version"])}</h1><p>{escape(info["description"])}</p>
<p><a href="/api/v1/openapi.json">openapi.json</a></p>{routes}
<h2>Problems</h2><p>Errors are RFC 9457 problems; <code>type</code> ends in one of these names.</p>
<table><thead><tr><th>Type<th>Status<th>Meaning</thead><tbody>{kinds}</tbody></table>
</main></body></html>"""


def _route(path: str, method: str, told: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(each['name'])}</code><td>{escape(each['in'])}"
        f"<td>{escape(each.get('description', ''))}"
        for each in told.get("parameters", ())
    )
    given = f"<table><tbody>{rows}</tbody></table>" if rows else ""
    words = escape(told.get("description", ""))
    return (
        f"<h2><b>{method.upper()}</b> <code>{escape(path)}</code></h2>"
        f"<p>{escape(told.get('summary', ''))}. {words}</p>{given}"
    )
