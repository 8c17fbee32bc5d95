import gzip
import re
from pathlib import Path

import httpx
import pytest
import streamlit

from console.headers import sha256_source
from services.kernel.identity import SYSTEM
from tests.integration.door.conftest import BROWSER, House
from tests.integration.door.wire import run
from tests.support import openmetrics

pytestmark = pytest.mark.slow
STATIC = Path(streamlit.__file__).parent / "static"


def test_health_is_open_and_answers_under_any_name(house: House) -> None:
    answer = httpx.get(f"{house.url}/health", headers={"Host": "10.0.0.7:8501"})
    assert answer.json() == {"status": "ok"}


def test_ready_is_open_and_says_so(house: House) -> None:
    assert house.get("/ready").json() == {"state": "ready"}


def test_metrics_need_a_token_of_their_own_scope(house: House) -> None:
    reading = house.own.tokens.create(SYSTEM, "scrape", ["metrics:read"])
    other = house.own.tokens.create(SYSTEM, "ci", ["gate:read"])

    def ask(text: str | None) -> httpx.Response:
        return house.get("/metrics", headers={"Authorization": f"Bearer {text}"} if text else {})

    assert ask(None).status_code == 401
    assert ask("cs_" + "x" * 43).status_code == 401
    assert ask(other).status_code == 403
    assert house.get("/metrics", house.cookie()).status_code == 401
    text = ask(reading).text
    assert "countersign_ready 1\n" in text
    assert openmetrics.parse(text)["countersign_ready", frozenset()] == 1.0
    assert "# TYPE countersign_drift_ks gauge" in text
    assert int(re.findall(r"countersign_frozen_objects (\d+)", text)[0]) > 100_000


@pytest.mark.parametrize(
    "path", ["/", "/session/sign-in", "/api/v1/models", "/nowhere", "/static/x"]
)
@pytest.mark.parametrize("signed_in", [True, False])
def test_every_answer_tells_the_browser_to_be_careful(
    house: House, path: str, signed_in: bool
) -> None:
    answer = house.get(path, house.cookie() if signed_in else None, BROWSER)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "server" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers


def test_the_console_runs_no_script_but_its_own(house: House) -> None:
    policy = house.get("/", house.cookie(), BROWSER).headers["content-security-policy"]
    parts = [each.strip().partition(" ") for each in policy.split(";")]
    told = {name: value for name, _, value in parts}
    index = (STATIC / "index.html").read_text(encoding="utf-8")
    (inline,) = re.findall(r"<script>(.*?)</script>", index, re.DOTALL)
    assert told["script-src"] == f"'self' {sha256_source(inline)}"
    assert told["object-src"] == "'none'"
    assert f"ws://localhost:{house.port}" in told["connect-src"]


def test_fonts_that_streamlit_offers_to_every_site_are_offered_to_ours_only(house: House) -> None:
    cookie = house.cookie()
    for path in ("/app/static/console.css", "/_stcore/host-config"):
        assert "access-control-allow-origin" not in house.get(path, cookie).headers


def test_bundles_are_compressed_once_and_kept_for_good(house: House) -> None:
    file = max((STATIC / "static/js").glob("*.js"), key=lambda each: each.stat().st_size)
    path, cookie = f"/static/js/{file.name}", house.cookie()
    with house.browser(cookie) as browser, browser.stream("GET", path) as answer:
        raw = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["content-type"].startswith("text/javascript")
    assert gzip.decompress(raw) == file.read_bytes()
    assert len(raw) < file.stat().st_size / 2
    plain = house.get(path, cookie, {"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == file.read_bytes()


@pytest.mark.parametrize(
    "path", ["/static/../index.html", "/static/%2e%2e/%2e%2e/config.py", "/static/js/%00.js"]
)
def test_nothing_outside_the_bundles_is_served_as_one(house: House, path: str) -> None:
    answer = house.get(path, house.cookie())
    assert "immutable" not in answer.headers.get("cache-control", "")
    assert "_create_option" not in answer.text


def test_an_idle_console_is_small(house: House) -> None:
    with house.socket(house.cookie()) as socket:
        run(socket)
    status = Path(f"/proc/{house.process.pid}/status")
    if not status.exists():
        pytest.skip("resident memory is read from /proc, which this system lacks")
    resident = int(re.findall(r"VmRSS:\s+(\d+) kB", status.read_text())[0]) / 1024
    assert resident < 250


def test_health_answers_long_before_the_pages_can_be_opened(house: House) -> None:
    assert house.health_seconds < 10, "measured with other work on the machine; the goal is 3"
