import pytest

from console.addresses import Addresses, inner_path
from console.gate import stripped
from console.headers import console_policy

LOCAL = Addresses.of("http://localhost:8501", 8501)
PUBLIC = Addresses.of("https://Console.Example.org", 8501)


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8501", "LOCALHOST:1", "127.0.0.1:8501", "localhost."]
)
def test_the_console_knows_its_own_names(host: str) -> None:
    assert LOCAL.knows_host(host)


@pytest.mark.parametrize(
    "host",
    [
        None, "", "evil.example", "localhost.evil.example", "evil@localhost", "localhost/x",
        "localhost:99999999", "localhost:x", "127.0.0.2", "0.0.0.0", "[::1]", "localhost, evil",
        "console.example.org",
    ],
)  # fmt: skip
def test_any_other_name_is_not_ours(host: str | None) -> None:
    assert not LOCAL.knows_host(host)


def test_a_public_name_is_ours_only_where_it_was_configured() -> None:
    assert PUBLIC.knows_host("console.example.org")
    assert PUBLIC.allows("https://console.example.org", "same-origin")
    assert not PUBLIC.allows("http://console.example.org", None)
    assert not PUBLIC.allows("https://console.example.org:444", None)


def test_the_cookie_is_pinned_to_its_host_over_https_alone() -> None:
    assert (LOCAL.secure, LOCAL.cookie) == (False, "countersign")
    assert (PUBLIC.secure, PUBLIC.cookie) == (True, "__Host-countersign")


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", ""])
def test_a_browser_that_says_the_form_is_foreign_is_believed(site: str) -> None:
    assert LOCAL.allows("http://localhost:8501", "same-origin")
    assert LOCAL.allows("http://127.0.0.1:8501", None)
    assert not LOCAL.allows("http://localhost:8501", site)


@pytest.mark.parametrize("path", ["/", "/models?x=1", "/model?id=a%2Fb&tab=card", "/größe"])
def test_a_path_of_this_console_is_kept(path: str) -> None:
    assert inner_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None, "", "models", "//evil", "/\\evil", "https://evil", "/a\nb", "/a\tb", "/\0",
        "/session/sign-out", "/" + "x" * 2000, "\\\\evil", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_anything_else_leads_home(path: str | None) -> None:
    assert inner_path(path) == "/"


@pytest.mark.parametrize(
    "name", [b"x-countersign-person", b"X-Countersign-Session", b"x_countersign_person"]
)
def test_headers_that_only_we_write_are_taken_away(name: bytes) -> None:
    kept = stripped({"headers": [(name, b"mallory"), (b"accept", b"*/*")]})
    assert kept["headers"] == [(b"accept", b"*/*")]


def test_every_inline_script_is_allowed_by_its_digest_and_none_otherwise() -> None:
    policy = console_policy("<script>a()</script><script src=x></script>", ("ws://localhost:1",))
    assert policy.count("'sha256-") == 1
    assert "'unsafe-eval'" not in policy
    assert "script-src 'self' 'sha256-" in policy
    assert "connect-src 'self' ws://localhost:1;" in policy
