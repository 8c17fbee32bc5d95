import re
from collections.abc import Iterator

import pytest

from services.kernel.identity import SYSTEM
from tests.integration.door.conftest import BROWSER, PASSWORD, House

pytestmark = pytest.mark.slow


def link_of(house: House, email: str) -> str:
    person = house.person(email)
    return f"/session/link/{house.own.accounts.link(SYSTEM, person.person_id)}"


def accessible(page: str, label: str) -> bool:
    """Whether a field has exactly this accessible name."""
    found = re.search(rf'<label for="(\w+)">{label}</label>', page)
    return found is not None and f'id="{found.group(1)}"' in page


def test_the_pages_before_the_console_bear_the_words_that_tests_rely_on(house: House) -> None:
    page = house.get("/session/sign-in").text
    assert accessible(page, "Password")
    assert '<button type="submit">Sign in</button>' in page
    page = house.get(link_of(house, "eve@example.org")).text
    assert accessible(page, "Choose a password")
    assert '<button type="submit">Sign in</button>' in page


def test_a_link_is_used_up_by_its_form_and_by_nothing_else(house: House) -> None:
    link = link_of(house, "eve@example.org")
    for _ in range(3):
        assert house.get(link, headers=BROWSER).status_code == 200
    chosen = house.post(link, {"password": "a good long password"})
    assert chosen.status_code == 303
    assert chosen.headers["location"] == "/"
    cookie = chosen.cookies["countersign"]
    assert house.get("/", cookie, BROWSER).status_code == 200
    assert house.get(link).status_code == 410
    assert house.post(link, {"password": "a good long password"}).status_code == 410


def test_a_link_that_never_was_says_what_to_do(house: House) -> None:
    answer = house.get("/session/link/invented")
    assert answer.status_code == 410
    assert "Ask an administrator for a new link" in answer.text


def test_a_password_that_may_not_be_chosen_leaves_the_link_and_says_why(house: House) -> None:
    link = link_of(house, "eve@example.org")
    for password, words in (
        ("short", "at least 10"),
        (" " * 12, "spaces alone"),
        ("a" * 12, "guess"),
    ):
        answer = house.post(link, {"password": password})
        assert answer.status_code == 422
        assert words in answer.text
        assert 'role="alert"' in answer.text
    assert house.get(link).status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(house: House) -> None:
    answer = house.post(link_of(house, "eve@example.org"), {"password": "a good long password"})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("countersign=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "Secure" not in cookie, "Safari refuses it on loopback http"


def test_over_https_the_browser_pins_the_cookie_to_this_host(https_house: House) -> None:
    house = https_house
    link = link_of(house, "eve@example.org")
    headers = {"Origin": "https://console.example.org"}
    with house.browser() as browser:
        answer = browser.post(link, data={"password": "a good long password"}, headers=headers)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-countersign=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_a_session_opened_before_signing_in_is_not_taken_over(house: House) -> None:
    planted = "x" * 43
    form = {"email": house.person("ada@example.org").email, "password": PASSWORD}
    house.cookie()
    with house.browser(planted) as browser:
        answer = browser.post("/session/sign-in", data=form, headers={"Origin": house.origin})
    assert answer.cookies["countersign"] != planted


def test_a_wrong_password_says_as_little_as_an_unknown_address(house: House) -> None:
    house.cookie("carol@example.org")
    told = []
    for email in ("carol@example.org", "nobody@example.org"):
        answer = house.post("/session/sign-in", {"email": email, "password": "wrong password"})
        assert answer.status_code == 401
        told.append(answer.text.replace(email, ""))
    assert told[0] == told[1]


def test_the_fifth_guess_too_many_has_to_wait(house: House) -> None:
    house.cookie("dave@example.org")
    form = {"email": "dave@example.org", "password": "wrong password"}
    statuses = [house.post("/session/sign-in", form).status_code for _ in range(6)]
    assert statuses == [401, 401, 401, 401, 401, 429]
    answer = house.post("/session/sign-in", form | {"password": PASSWORD})
    if answer.status_code == 429:
        assert int(answer.headers["retry-after"]) >= 1
        assert "Try again in" in answer.text


@pytest.mark.parametrize(
    ("password", "status"),
    [("x" * 1_000_000, 413), ("x" * 1025, 422), ("with\0nul in it", 422), (" " * 12, 401)],
)
def test_a_password_that_cannot_be_one_is_refused_at_once(
    house: House, password: str, status: int
) -> None:
    form = {"email": "nobody.else@example.org", "password": password}
    assert house.post("/session/sign-in", form).status_code == status


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_page_is_refused(house: House, headers: dict[str, str]) -> None:
    house.cookie()
    form = {"email": "ada@example.org", "password": PASSWORD}
    for path in ("/session/sign-in", "/session/sign-out", link_of(house, "eve@example.org")):
        answer = house.post(path, form, **headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


def test_a_form_without_an_origin_is_refused(house: House) -> None:
    with house.browser() as browser:
        assert browser.post("/session/sign-in", data={"email": "a"}).status_code == 403


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data"])
def test_what_is_not_a_form_is_refused(house: House, kind: str) -> None:
    answer = house.post("/session/sign-in", {}, **{"Content-Type": kind})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/a\nb",
        "",
    ],
)
def test_signing_in_never_leads_elsewhere(house: House, wanted: str) -> None:
    cookie = house.cookie()
    form = {"email": "ada@example.org", "password": PASSWORD, "next": wanted}
    assert house.post("/session/sign-in", form).headers["location"] == "/"
    with house.browser(cookie) as browser:
        answer = browser.get("/session/sign-in", params={"next": wanted})
    assert answer.headers["location"] == "/"


def test_what_was_typed_comes_back_as_text(house: House) -> None:
    email = '"><script>alert(1)</script>'
    answer = house.post(
        "/session/sign-in", {"email": email, "password": "wrong password", "next": email}
    )
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_signing_out_asks_first_and_needs_a_form(house: House) -> None:
    cookie = house.cookie()
    page = house.get("/session/sign-out", cookie)
    assert '<button type="submit">Sign out</button>' in page.text
    assert house.own.sessions.active(house.session_id(cookie)), "looking must not sign out"
    assert house.get("/session/sign-out").headers["location"] == "/session/sign-in"


def test_the_pages_carry_no_script_and_may_run_none(house: House) -> None:
    for path in (
        "/session/sign-in",
        link_of(house, "eve@example.org"),
        "/session/link/x",
        "/api/v1/docs",
    ):
        answer = house.get(path)
        assert "<script" not in answer.text
        assert "style=" not in answer.text
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src" not in policy


def test_logo_and_typeface_come_before_anybody_signed_in_and_nothing_else_does(
    house: House,
) -> None:
    for name in ("logo.svg", "mark.svg", "countersign-sans.woff2"):
        assert house.get(f"/session/static/{name}").status_code == 200
    for name in ("console.css", "..%2Fapp.py", "%2e%2e/app.py", "../app.py"):
        assert house.get(f"/session/static/{name}").status_code in (303, 401, 404)


def test_a_browser_that_hangs_up_breaks_nothing(house: House) -> None:
    with house.browser() as browser, pytest.raises(RuntimeError):

        def body() -> Iterator[bytes]:
            yield b"email=a"
            raise RuntimeError("gone")

        headers = {"Origin": house.origin, "Content-Type": "application/x-www-form-urlencoded"}
        browser.post("/session/sign-in", content=body(), headers=headers)
    assert house.get("/health").status_code == 200
