"""The dozen calls of MLflow's REST interface that the console makes."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import httpx

from services.facts.registry import reading
from services.facts.registry.http import answer, failures
from services.facts.registry.types import Head, Run, SeenVersion
from services.kernel.error import InvalidInput, NotFound, SourceUnavailable

API = "/api/2.0/mlflow"
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"
PAGE = 1000
RUNS_AT_ONCE = 200
LARGEST_FILE = 2 * 1024**3
UNSAFE = frozenset("'\"`\\%")


class MlflowGateway:
    """One MLflow server.

    Parameters
    ----------
    timeout_seconds
        For one request; downloads may take ten times as long.
    """

    def __init__(
        self,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        verify: str | bool = True,
        timeout_seconds: float = 20.0,
    ) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(
            base_url=self.url, headers=headers, auth=auth, verify=verify, timeout=timeout_seconds,
            follow_redirects=False, transport=httpx.HTTPTransport(retries=1, verify=verify),
        )  # fmt: skip

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def ping(self) -> None:
        """Ask whether the server answers."""
        self._get("/registered-models/search", max_results=1)

    def is_open(self) -> bool:
        """Tell whether it answers somebody without credentials."""
        with failures():
            bare = httpx.get(f"{self.url}{API}/registered-models/search", params={"max_results": 1})
        return bare.is_success

    # reading

    def heads(self) -> list[Head]:
        """Return every registered model, prompts aside."""
        found = self._pages("/registered-models/search", "registered_models", {})
        return [reading.head(item) for item in found if not reading.is_prompt(item)]

    def all_versions(self, progress: Callable[[int], None] | None = None) -> list[SeenVersion]:
        """Return every version of every model."""
        found: list[SeenVersion] = []
        for item in self._pages("/model-versions/search", "model_versions", {}):
            found.append(reading.version(item))
            if progress and len(found) % PAGE == 0:
                progress(len(found))
        return found

    def versions(self, name: str) -> list[SeenVersion]:
        """Return every version of one model.

        Notes
        -----
        A name that a filter could misread is never put into one; all versions are read instead.
        """
        if any(c in UNSAFE or not c.isprintable() for c in name):
            return [each for each in self.all_versions() if each.name == name]
        found = self._pages(
            "/model-versions/search", "model_versions", {"filter": f"name='{name}'"}
        )
        return [v for v in (reading.version(item) for item in found) if v.name == name]

    def versions_since(self, watermark_ms: int) -> list[SeenVersion]:
        """Return versions created or changed since an instant in milliseconds, latest first."""
        found: list[SeenVersion] = []
        options = {"order_by": "last_updated_timestamp DESC", "max_results": 100}
        for item in self._pages("/model-versions/search", "model_versions", options):
            version = reading.version(item)
            if version.updated_ms <= watermark_ms:
                break
            found.append(version)
        return found

    def runs(self, run_ids: Sequence[str]) -> list[Run]:
        """Return runs by id; those that do not exist any more are left out."""
        wanted = [each for each in dict.fromkeys(run_ids) if each.isalnum()]
        experiments = self._experiments() if wanted else []
        found: list[Run] = []
        for start in range(0, len(wanted), RUNS_AT_ONCE):
            part = wanted[start : start + RUNS_AT_ONCE]
            ids = ", ".join(f"'{each}'" for each in part)
            body = {
                "experiment_ids": experiments,
                "filter": f"attributes.run_id IN ({ids})",
                "run_view_type": "ALL",
                "max_results": len(part),
            }
            answered = self._send("POST", "/runs/search", json=body)
            found += [reading.run(item) for item in answered.get("runs", ())]
        return found

    def _experiments(self) -> list[str]:
        body: dict[str, Any] = {"max_results": PAGE, "view_type": "ALL"}
        found: list[str] = []
        while True:
            held = self._send("POST", "/experiments/search", json=body)
            found += [str(each["experiment_id"]) for each in held.get("experiments", ())]
            if not held.get("next_page_token"):
                return found
            body["page_token"] = held["next_page_token"]

    # aliases

    def alias(self, name: str, alias: str) -> int | None:
        """Return the version an alias points at, None when it points at none."""
        try:
            held = self._get("/registered-models/alias", name=name, alias=alias)
        except (NotFound, InvalidInput):
            self._get("/registered-models/get", name=name)
            return None
        return int(held["model_version"]["version"])

    def set_alias(self, name: str, alias: str, version: int) -> None:
        """Let an alias point at a version."""
        body = {"name": name, "alias": alias, "version": str(version)}
        self._send("POST", "/registered-models/alias", json=body)

    def delete_alias(self, name: str, alias: str) -> None:
        """Let an alias point nowhere; one that points nowhere already is left so."""
        self._send("DELETE", "/registered-models/alias", json={"name": name, "alias": alias})

    def version(self, name: str, number: int) -> SeenVersion:
        """Return one version as it stands now."""
        held = self._get("/model-versions/get", name=name, version=str(number))
        return reading.version(held["model_version"])

    def set_version_tag(self, name: str, version: int, key: str, value: str) -> None:
        """Write a tag of ours, ``countersign.…``, to a version."""
        body = {"name": name, "version": str(version), "key": key, "value": value}
        self._send("POST", "/model-versions/set-tag", json=body)

    # artifacts

    def download_version(self, name: str, version: int, into: Path) -> None:
        """Download the files of a version.

        Raises
        ------
        SourceUnavailable
            When the files are not served through the MLflow server.
        """
        held = self._get("/model-versions/get-download-uri", name=name, version=str(version))
        self._download(served(str(held["artifact_uri"])), into)

    def download_run_folder(self, run_id: str, folder: str, into: Path) -> bool:
        """Download one folder of a run's artifacts; tell whether there is one."""
        held = self._get("/artifacts/list", run_id=run_id, path=folder)
        if not held.get("files"):
            return False
        self._download(f"{served(str(held['root_uri']))}/{folder}", into)
        return True

    def _download(self, root: str, into: Path) -> None:
        into.mkdir(parents=True, exist_ok=True)
        pending = [PurePosixPath()]
        while pending:
            folder = pending.pop()
            with failures():
                listed = answer(self._http.get(ARTIFACTS, params={"path": str(root / folder)}))
            for file in listed.get("files", ()):
                path = folder / _plain_name(str(file["path"]))
                if file.get("is_dir"):
                    pending.append(path)
                else:
                    self._fetch(f"{root}/{path}", into / path)

    def _fetch(self, path: str, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        size = 0
        with failures(), self._http.stream("GET", f"{ARTIFACTS}/{path}", timeout=200) as response:
            if not response.is_success:
                response.read()
                answer(response)
            with target.open("wb") as file:
                for chunk in response.iter_bytes(1024 * 1024):
                    size += len(chunk)
                    if size > LARGEST_FILE:
                        raise InvalidInput("A file of the model is larger than 2 GiB.")
                    file.write(chunk)

    # speaking

    def _pages(self, path: str, key: str, options: dict[str, Any]) -> Iterator[dict[str, Any]]:
        query = {"max_results": PAGE, **options}
        while True:
            held = self._get(path, **query)
            yield from held.get(key, ())
            if not held.get("next_page_token"):
                return
            query["page_token"] = held["next_page_token"]

    def _get(self, path: str, /, **query: Any) -> dict[str, Any]:
        with failures():
            return answer(self._http.get(API + path, params=query))

    def _send(self, method: str, path: str, json: dict[str, Any]) -> dict[str, Any]:
        with failures():
            return answer(self._http.request(method, API + path, json=json))


def served(uri: str) -> str:
    """Return the path of artifacts behind the server.

    Raises
    ------
    SourceUnavailable
        When MLflow hands out an address of its store instead of serving the files.
    """
    scheme, _, rest = uri.partition(":")
    if scheme != "mlflow-artifacts":
        raise SourceUnavailable(
            "MLflow does not serve its artifacts; start it with --serve-artifacts."
        )
    return rest.lstrip("/") if not rest.startswith("//") else rest[2:].partition("/")[2]


def _plain_name(path: str) -> str:
    name = PurePosixPath(path).name
    if name in ("", "..", ".") or "\\" in name or "\x00" in name:
        raise InvalidInput("An artifact has a name that cannot be kept.")
    return name
