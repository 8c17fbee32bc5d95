"""The pages before the console: sign in, choose a password, sign out. Self-contained, no script."""

from functools import cache
from html import escape

from console.headers import sha256_source
from console.theme import css_variables

_STYLE = """
@font-face{font-family:"Countersign Sans";src:url(/session/static/countersign-sans.woff2)format("woff2");
font-weight:400 700;font-display:swap}
:root{color-scheme:light dark}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:flex;justify-content:center;background:var(--cs-surface);
color:var(--cs-text);font:14px/1.5 "Countersign Sans",system-ui,sans-serif}
main{width:100%;max-width:400px;padding:12vh 20px 40px}
.logo{display:block;height:24px;margin-bottom:20px}
.sheet{background:var(--cs-background);border:1px solid var(--cs-border);border-radius:4px;padding:24px}
h1{font-size:20px;font-weight:600;letter-spacing:-.01em;line-height:1.3;margin:0 0 4px}
p{margin:0 0 16px;color:var(--cs-muted)}
label{display:block;font-weight:600;margin:0 0 4px}
input{width:100%;height:36px;margin:0 0 16px;padding:0 10px;font:inherit;color:var(--cs-text);
background:var(--cs-background);border:1px solid var(--cs-control);border-radius:4px}
.hint{font-size:12px;margin:-10px 0 16px}
button{width:100%;height:36px;font:inherit;font-weight:600;color:var(--cs-on-accent);
background:var(--cs-accent);border:0;border-radius:4px;cursor:pointer}
input:focus-visible,button:focus-visible,a:focus-visible{outline:2px solid var(--cs-focus);outline-offset:1px}
.alert{margin:0 0 16px;padding:8px 12px;color:var(--cs-fail-text);background:var(--cs-fail-tint);
border-left:3px solid var(--cs-fail-mark)}
.note{margin:16px 0 0;font-size:12px}
a{color:var(--cs-link)}
"""
_MOTTO = "Which models may be used, and how we know."


@cache
def stylesheet() -> str:
    """Return the one style element of these pages."""
    return css_variables() + _STYLE


@cache
def policy() -> str:
    """Return the content security policy of these pages: one style, one font, our own forms."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {sha256_source(stylesheet())}",
            "font-src 'self'",
            "img-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def sign_in(wanted: str, email: str = "", alert: str = "") -> str:
    """Return the sign-in page.

    Parameters
    ----------
    wanted
        The path to go to afterwards.
    alert
        What went wrong, in one sentence; empty at first.
    """
    focus = ("", " autofocus") if email else (" autofocus", "")
    form = f"""
<h1>Sign in to Countersign</h1><p>{_MOTTO}</p>{_alert(alert)}
<form method="post" action="/session/sign-in">
<input type="hidden" name="next" value="{escape(wanted)}">
<label for="email">E-mail</label>
<input id="email" name="email" type="email" autocomplete="username" required maxlength="254"
 value="{escape(email)}"{focus[0]}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required
 maxlength="1024"{focus[1]}>
<button type="submit">Sign in</button>
</form>
<p class="note">No account, or no password yet? An administrator can send you a sign-in link.</p>"""
    return _page("Sign in", form)


def choose_password(token: str, name: str, email: str, least: int, alert: str = "") -> str:
    """Return the page of a sign-in link; only sending its form uses the link up.

    Parameters
    ----------
    least
        The least number of characters of a password.
    """
    form = f"""
<h1>Welcome, {escape(name)}</h1><p>This link works once. It opens the account {escape(email)}.</p>
{_alert(alert)}<form method="post" action="/session/link/{escape(token)}">
<input type="hidden" name="email" value="{escape(email)}" autocomplete="username">
<label for="password">Choose a password</label>
<input id="password" name="password" type="password" autocomplete="new-password" required
 minlength="{least}" maxlength="1024" aria-describedby="hint" autofocus>
<p class="hint" id="hint">At least {least} characters. A sentence is easier to remember than a word.</p>
<button type="submit">Sign in</button>
</form>"""
    return _page("Choose a password", form)


def dead_link() -> str:
    """Return what an invalid sign-in link shows."""
    return _page(
        "Link not valid",
        """<h1>This link does not work any more</h1>
<p>It was used already, replaced by a newer one, or is older than a day.
Ask an administrator for a new link.</p>
<p class="note"><a href="/session/sign-in">Sign in with a password</a></p>""",
    )


def sign_out(name: str) -> str:
    """Return the page that asks before signing out."""
    return _page(
        "Sign out",
        f"""<h1>Sign out</h1><p>You are signed in as {escape(name)}.
Every tab of this browser is signed out at once.</p>
<form method="post" action="/session/sign-out"><button type="submit">Sign out</button></form>
<p class="note"><a href="/">Back to the console</a></p>""",
    )


def starting() -> str:
    """Return what is shown while the console starts; it looks again by itself."""
    return """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="refresh" content="1"><title>Starting · Countersign</title></head>
<body><main><h1>Countersign is starting</h1>
<p>The sign-in page appears by itself in a few seconds.</p></main></body></html>"""


def problem(title: str, sentence: str) -> str:
    """Return a page that says why something cannot be done and leads back to signing in."""
    return _page(
        title,
        f"""<h1>{escape(title)}</h1><p>{escape(sentence)}</p>
<p class="note"><a href="/session/sign-in">Sign in</a></p>""",
    )


def _alert(text: str) -> str:
    return f'<div class="alert" role="alert">{escape(text)}</div>' if text else ""


def _page(title: str, content: str) -> str:
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="same-origin"><meta name="robots" content="noindex">
<title>{escape(title)} · Countersign</title>
<link rel="icon" href="/session/static/mark.svg" type="image/svg+xml">
<style>{stylesheet()}</style></head>
<body><main><img class="logo" src="/session/static/logo.svg" alt="Countersign" width="117" height="24">
<div class="sheet">{content}</div></main></body></html>
"""
