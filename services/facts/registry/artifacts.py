"""The files behind runs and versions: how much they are, and taking them away."""

from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any

from services.facts.registry.gateway import ARTIFACTS, served
from services.facts.registry.http import answer, failures
from services.facts.registry.tracking import MlflowTracking
from services.facts.registry.types import Weight
from services.kernel.error import NotFound

APART = "models:/m-"
"""So the source of a version begins whose files lie beside its run, as MLflow 3 keeps them."""
MOST_FILES = 100_000


class MlflowArtifacts(MlflowTracking):
    """One MLflow server, of which files are also weighed and taken away."""

    def weigh_run(self, run_id: str) -> Weight:
        """Return what the files of a run come to.

        Raises
        ------
        NotFound
            When there is no such run any more.
        SourceUnavailable
            When MLflow does not serve its files.
        """
        return self._weigh(served(self.artifacts(run_id)))

    def weigh_version(self, name: str, version: int) -> Weight:
        """Return what the files of a version come to; see :meth:`weigh_run`."""
        return self._weigh(self._place(name, version))

    def aliases_of(self, name: str, version: int) -> tuple[str, ...]:
        """Return the aliases that point at a version now; none of one that is gone."""
        try:
            held = self._get("/model-versions/get", name=name, version=str(version))
        except NotFound:
            return ()
        return tuple(str(each) for each in held["model_version"].get("aliases", ()))

    def dispose_version(self, name: str, version: int) -> None:
        """Take a version and its files away; what is gone already is left so.

        Notes
        -----
        Files that lie apart, ``models:/m-…``, go first: a version without files says so, files without
        a version cost for ever. Others go with their run, and a copy has none of its own.
        """
        with suppress(NotFound):
            if self.version(name, version).source_uri.startswith(APART):
                self._discard(self._place(name, version))
        self.delete_version(name, version)

    def dispose_run(self, run_id: str) -> None:
        """Take the files of a run away and mark it as deleted; its figures stay in MLflow's bin."""
        with suppress(NotFound):
            self._discard(served(self.artifacts(run_id)))
        self.delete_run(run_id)

    def _place(self, name: str, version: int) -> str:
        held = self._get("/model-versions/get-download-uri", name=name, version=str(version))
        return served(str(held["artifact_uri"]))

    def _weigh(self, root: str) -> Weight:
        size, files, pending = 0, 0, [PurePosixPath()]
        while pending and files < MOST_FILES:
            folder = pending.pop()
            for each in self._listed(str(root / folder)):
                path = folder / PurePosixPath(str(each["path"])).name
                if each.get("is_dir"):
                    pending.append(path)
                else:
                    size, files = size + int(each.get("file_size") or 0), files + 1
        return Weight(size, files)

    def _discard(self, root: str) -> None:
        """Take away what lies under a root, one entry after the other: MLflow takes folders too."""
        for each in self._listed(root):
            name = PurePosixPath(str(each["path"])).name
            with failures():
                answer(self._http.delete(f"{ARTIFACTS}/{root}/{name}"))

    def _listed(self, path: str) -> list[dict[str, Any]]:
        with failures():
            return list(answer(self._http.get(ARTIFACTS, params={"path": path})).get("files", ()))
