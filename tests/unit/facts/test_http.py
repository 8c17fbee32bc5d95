"""What MLflow's failures are called: one sentence each, and never a traceback."""

from collections.abc import Callable

import httpx
import pytest

from services.facts.registry.gateway import MlflowGateway
from services.kernel.error import Conflict, InvalidInput, NotFound, SourceUnavailable

Answer = Callable[[httpx.Request], httpx.Response]


def gateway(answer: Answer) -> MlflowGateway:
    made = MlflowGateway("http://mlflow.test")
    made._http = httpx.Client(base_url=made.url, transport=httpx.MockTransport(answer))
    return made


def raising(error: type[httpx.HTTPError]) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error("no", request=request)  # type: ignore[call-arg]

    return answer


def saying(status: int, **kind: object) -> Answer:
    return lambda _: httpx.Response(status, **kind)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (raising(httpx.ConnectError), "connection is refused"),
        (raising(httpx.ConnectTimeout), "in time"),
        (raising(httpx.ReadTimeout), "in time"),
        (raising(httpx.ReadError), "broke off"),
        (raising(httpx.RemoteProtocolError), "broke off"),
        (saying(401, json={}), "wants credentials"),
        (saying(403, text="Forbidden"), "wants credentials"),
        (saying(500, json={"error_code": "INTERNAL_ERROR"}), "HTTP 500"),
        (saying(503, text="<html>busy</html>"), "HTTP 503"),
        (saying(200, text="<html>Please sign in</html>"), "answers with a page"),
        (saying(200, text='{"registered_models": [{"na'), "answers with a page"),
    ],
)
def test_an_outage_is_one_sentence(answer: Answer, words: str) -> None:
    with pytest.raises(SourceUnavailable, match=words):
        gateway(answer).heads()


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (404, "RESOURCE_DOES_NOT_EXIST", NotFound),
        (400, "RESOURCE_DOES_NOT_EXIST", NotFound),
        (409, "RESOURCE_ALREADY_EXISTS", Conflict),
        (400, "INVALID_PARAMETER_VALUE", InvalidInput),
        (429, "", InvalidInput),
    ],
)
def test_a_refusal_says_what_kind_it_is(status: int, code: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        gateway(saying(status, json={"error_code": code})).version("credit", 1)


def test_a_redirect_is_never_followed() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(302, headers={"location": "http://169.254.169.254/"})

    with pytest.raises((SourceUnavailable, InvalidInput)):
        gateway(answer).heads()
    assert len(seen) == 1


def test_pages_are_read_to_their_end() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if "page_token" in request.url.params:
            return httpx.Response(200, json={"registered_models": [{"name": "b"}]})
        return httpx.Response(
            200, json={"registered_models": [{"name": "a"}], "next_page_token": "t"}
        )

    assert [head.name for head in gateway(answer).heads()] == ["a", "b"]


def test_prompts_are_not_models() -> None:
    prompt = {"name": "p", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]}
    answer = saying(200, json={"registered_models": [prompt, {"name": "a"}]})
    assert [head.name for head in gateway(answer).heads()] == ["a"]


@pytest.mark.parametrize("name", ["x' OR name='secret", "credit' and name like '%", 'a"b', "a`b", "a%", "a\nb"])  # fmt: skip
def test_a_name_that_a_filter_could_misread_never_gets_into_one(name: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert "filter" not in request.url.params
        versions = [{"name": each, "version": "1"} for each in (name, "secret")]
        return httpx.Response(200, json={"model_versions": versions})

    assert [each.name for each in gateway(answer).versions(name)] == [name]


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "..", "a/..", "/etc/passwd/..", "C:\\win.ini", "a\x00b", ""]
)
def test_an_artifact_never_leaves_its_folder(path: str, tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path)) / "files"

    def answer(request: httpx.Request) -> httpx.Response:
        if "get-download-uri" in str(request.url):
            return httpx.Response(
                200, json={"artifact_uri": "mlflow-artifacts:/1/models/m/artifacts"}
            )
        if request.url.path.endswith("/artifacts"):
            return httpx.Response(200, json={"files": [{"path": path, "is_dir": False}]})
        return httpx.Response(200, content=b"stolen")

    if path == "../../etc/passwd":
        gateway(answer).download_version("m", 1, folder)
        assert [each.name for each in folder.iterdir()] == ["passwd"]
    else:
        with pytest.raises(InvalidInput, match="cannot be kept"):
            gateway(answer).download_version("m", 1, folder)
    assert [each.name for each in Path(str(tmp_path)).iterdir()] == ["files"]


@pytest.mark.parametrize("uri", ["file:///etc/passwd", "s3://bucket/x", "\\\\host\\share", "http://127.0.0.1:5432"])  # fmt: skip
def test_files_come_through_the_server_alone(uri: str, tmp_path: object) -> None:
    from pathlib import Path

    with pytest.raises(SourceUnavailable, match="serve-artifacts"):
        gateway(saying(200, json={"artifact_uri": uri})).download_version("m", 1, Path(str(tmp_path)))  # fmt: skip
