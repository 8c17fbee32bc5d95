import time

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from services.kernel.identity import SYSTEM
from tests.integration.door.conftest import BROWSER, PASSWORD, House
from tests.integration.door.wire import rerun, run

pytestmark = pytest.mark.slow


def test_a_stranger_is_asked_to_sign_in_whatever_page_they_open(house: House) -> None:
    with house.browser() as browser:
        for path in ("/", "/people", "/secret?x=1", "/_stcore/../people"):
            answer = browser.get(path, headers=BROWSER)
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/session/sign-in")
    assert (
        house.get("/secret?x=1", headers=BROWSER)
        .headers["location"]
        .endswith("?next=%2Fsecret%3Fx%3D1")
    )


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/host-config",
        "/_stcore/health",
        "/static/js/index.js",
        "/media/0123.txt",
        "/app/static/console.css",
        "/_stcore/upload_file/x/y",
        "/component/x",
    ],
)
def test_nothing_behind_the_gate_answers_a_stranger(house: House, path: str) -> None:
    assert house.get(path).status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/metrics",
        "/_stcore/metrics/",
        "/_stcore/agent/openapi.json",
        "/_stcore/agent/interact",
        "/_stcore/agent/mcp",
        "/_stcore/script-health-check",
        "/auth/login",
        "/oauth2callback",
    ],
)
def test_what_streamlit_offers_beyond_pages_is_shut_for_everybody(house: House, path: str) -> None:
    assert house.get(path, house.cookie()).status_code == 404


def test_a_signed_in_person_gets_the_console_and_the_script_knows_who_it_is(house: House) -> None:
    cookie = house.cookie()
    with house.browser(cookie) as browser:
        page = browser.get("/", headers=BROWSER)
        assert page.status_code == 200
        assert "Streamlit" in page.text
    with house.socket(cookie) as socket:
        said = run(socket)
    assert said.value("person") == house.person("ada@example.org").person_id
    assert said.value("session") == house.session_id(cookie)
    assert said.value("heavy") == "[]", "the web process must not load what measures"


def test_the_session_cookie_never_reaches_a_script(house: House) -> None:
    cookie = house.cookie()
    with house.socket(None, "", Cookie=f"countersign={cookie}; other=1") as socket:
        said = run(socket)
    assert said.value("cookies") == "['other']"


def test_headers_that_only_we_may_write_are_ignored(house: House) -> None:
    cookie = house.cookie()
    forged = {"X-Countersign-Person": "mallory", "X-Countersign-Session": "f" * 64}
    with house.socket(cookie, "", **forged) as socket:
        said = run(socket)
    assert said.value("person") == house.person("ada@example.org").person_id
    assert said.value("session") == house.session_id(cookie)
    with pytest.raises(InvalidStatus):
        house.socket(None, "", **forged)


@pytest.mark.parametrize("query", ["?role=approver", "?person=mallory", "?page=../admin"])
def test_nothing_in_the_address_makes_somebody_somebody_else(house: House, query: str) -> None:
    stranger = house.get(f"/{query}", headers=BROWSER)
    assert stranger.status_code == 303


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://localhost:9999", "http://127.0.0.1", "null", None],
)
def test_a_socket_from_another_page_is_refused(house: House, origin: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        house.socket(house.cookie(), origin)
    assert refused.value.response.status_code == 403


def test_our_own_addresses_may_open_a_socket(house: House) -> None:
    for origin in (house.origin, house.url):
        with house.socket(house.cookie(), origin) as socket:
            assert run(socket).finished


@pytest.mark.parametrize("cookie", [None, "", "x" * 43, "forged"])
def test_a_socket_without_a_session_is_refused(house: House, cookie: str | None) -> None:
    with pytest.raises(InvalidStatus):
        house.socket(cookie)


def test_a_stolen_streamlit_session_does_not_make_one_its_owner(house: House) -> None:
    ada, bob = house.cookie("ada@example.org"), house.cookie("bob@example.org")
    with house.socket(ada) as hers:
        stolen = run(hers).session_id
        with house.socket(bob, "", "xsrf", stolen) as his:
            said = run(his)
        assert said.value("person") == house.person("bob@example.org").person_id
        assert said.value("runs") == "1", "what her tab remembers must not come along"
        assert run(hers).value("person") == house.person("ada@example.org").person_id


def test_a_forged_streamlit_user_cookie_changes_nothing(house: House) -> None:
    cookie = house.cookie()
    both = f"countersign={cookie}; _streamlit_user=2|1:0|10:1|15:_streamlit_user|4:e30=|abc"
    with house.socket(None, "", Cookie=both) as socket:
        said = run(socket)
    assert said.value("person") == house.person("ada@example.org").person_id
    assert said.value("cookies") == "[]"
    with pytest.raises(InvalidStatus):
        house.socket(None, "", Cookie="_streamlit_user=2|1:0|10:1|15:_streamlit_user|4:e30=|abc")


def _cut(house: House, cookie: str) -> float:
    with house.socket(cookie) as socket:
        run(socket)
        begun = time.monotonic()
        sessions = house.own.sessions
        sessions.revoke(SYSTEM, house.session_id(cookie))
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                socket.recv(timeout=10)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401
        return time.monotonic() - begun


def test_revoking_a_session_cuts_its_idle_socket_within_seconds(house: House) -> None:
    cookie = house.cookie()
    assert _cut(house, cookie) < 4
    with pytest.raises(InvalidStatus):
        house.socket(cookie)
    assert house.get("/", cookie, BROWSER).status_code == 303


def test_a_click_after_revocation_runs_nothing(house: House) -> None:
    cookie = house.cookie()
    with house.socket(cookie) as socket:
        run(socket)
        house.own.sessions.revoke(SYSTEM, house.session_id(cookie))
        time.sleep(1.1)
        with pytest.raises(ConnectionClosed):
            socket.send(rerun())
            while True:
                socket.recv(timeout=10)


def test_disabling_an_account_cuts_its_sockets(house: House) -> None:
    cookie = house.cookie("leaver@example.org")
    with house.socket(cookie) as socket:
        run(socket)
        house.own.accounts.disable(SYSTEM, house.person("leaver@example.org").person_id)
        with pytest.raises(ConnectionClosed):
            while True:
                socket.recv(timeout=10)


def test_signing_out_in_one_tab_cuts_the_others(house: House) -> None:
    cookie = house.cookie()
    with house.socket(cookie) as socket, house.browser(cookie) as browser:
        run(socket)
        headers = {"Origin": house.origin}
        answer = browser.post("/session/sign-out", data={"x": "1"}, headers=headers)
        assert answer.status_code == 303
        assert 'countersign=""' in answer.headers["set-cookie"]
        with pytest.raises(ConnectionClosed):
            while True:
                socket.recv(timeout=10)
    assert not house.own.sessions.active(house.session_id(cookie))


def test_a_file_that_a_page_offers_is_served_to_sessions_only(house: House) -> None:
    cookie = house.cookie()
    with house.socket(cookie) as socket:
        media = run(socket).media
        assert media.startswith("/media/")
        assert house.get(media, cookie).content == b"a secret file"
        assert house.get(media).status_code == 401
        assert house.get(media, "x" * 43).status_code == 401


def test_an_upload_needs_our_own_page(house: House) -> None:
    cookie = house.cookie()
    path = "/_stcore/upload_file/session/file"
    with house.browser(cookie) as browser:
        foreign = browser.put(path, content=b"x", headers={"Origin": "https://evil.example"})
        missing = browser.delete(path)
    assert (foreign.status_code, missing.status_code) == (403, 403)
    with house.browser() as stranger:
        assert stranger.put(path, headers={"Origin": house.origin}).status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1@evil", ""])
def test_the_console_answers_under_its_own_names_only(house: House, host: str) -> None:
    for path in ("/", "/session/sign-in", "/api/v1/docs", "/ready"):
        answer = httpx.get(f"{house.url}{path}", headers={"Host": host})
        assert answer.status_code == 400


def test_a_page_that_refreshes_itself_does_not_keep_its_session_alive(house: House) -> None:
    from console.inside import by_itself

    assert by_itself(rerun(by_itself=True))
    assert not by_itself(rerun())
    assert not by_itself(b"\xff\xff not a message")


def test_the_password_of_the_fixture_is_the_one_that_signs_in(house: House) -> None:
    house.cookie()
    form = {"email": "ada@example.org", "password": PASSWORD, "next": "/models?x=1"}
    answer = house.post("/session/sign-in", form)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/models?x=1"
