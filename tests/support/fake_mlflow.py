"""A small MLflow in memory: models, versions, aliases and runs that a test may change behind our back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from services.facts.registry.types import Head, Run, SeenVersion
from services.kernel.error import NotFound, SourceUnavailable
from services.record.canonical import digest


@dataclass
class Registered:
    """A registered model; ``touched`` is its timestamp, which alias and tag writes do not move."""

    name: str
    touched: int
    tags: dict[str, str] = field(default_factory=dict[str, str])
    aliases: dict[str, int] = field(default_factory=dict[str, int])
    versions: dict[int, SeenVersion] = field(default_factory=dict[int, SeenVersion])


class FakeMlflow:
    """Answers as a server does, and counts what it was asked.

    Attributes
    ----------
    down
        The sentence it fails with; empty while it answers.
    meanwhile
        Called once, after the heads were read: what happens while a look is under way.
    """

    def __init__(self) -> None:
        self.models: dict[str, Registered] = {}
        self.known: dict[str, Run] = {}
        self.asked: list[str] = []
        self.tags: dict[tuple[str, int], dict[str, str]] = {}
        self.down = ""
        self.keeps = True
        self.meanwhile: Callable[[], None] | None = None
        self._now = 1_000

    # what people do to it

    def add(self, name: str, *, user: str | None = "ada", run: str = "") -> SeenVersion:
        """Register the next version of a model, from a run of its own."""
        self._now += 1
        model = self.models.setdefault(name, Registered(name, self._now))
        number = max(model.versions, default=0) + 1
        run_id = run or f"run{len(self.known)}x{number}"
        model.versions[number] = SeenVersion(
            name, number, run_id, f"models:/m-{run_id}", self._now, self._now, "READY", "", {}
        )
        model.touched = self._now
        self.known[run_id] = Run(
            run_id, "0", user, "FINISHED", None, None, None, {"auc": 0.8}, {"C": "1.0"}, {}
        )
        return model.versions[number]

    def change(self, name: str, number: int, **changes: Any) -> None:
        """Change a version; its timestamp moves."""
        self._now += 1
        model = self.models[name]
        model.versions[number] = replace(model.versions[number], updated_ms=self._now, **changes)

    def forget(self, name: str, number: int | None = None) -> None:
        """Delete a model, or one version with the aliases that point at it."""
        if number is None:
            del self.models[name]
            return
        model = self.models[name]
        del model.versions[number]
        model.aliases = {a: v for a, v in model.aliases.items() if v != number}

    # what the console asks

    def heads(self) -> list[Head]:
        self._ask("heads")
        found = [self._head(model) for model in self.models.values()]
        if self.meanwhile is not None:
            happens, self.meanwhile = self.meanwhile, None
            happens()
        return found

    def all_versions(self, progress: Callable[[int], None] | None = None) -> list[SeenVersion]:
        self._ask("all_versions")
        found = [each for model in self.models.values() for each in model.versions.values()]
        if progress is not None:
            progress(len(found))
        return found

    def versions(self, name: str) -> list[SeenVersion]:
        self._ask(f"versions {name}")
        return list(self.models[name].versions.values())

    def versions_since(self, watermark_ms: int) -> list[SeenVersion]:
        self._ask("versions_since")
        return [v for m in self.models.values() for v in m.versions.values() if v.updated_ms > watermark_ms]  # fmt: skip

    def runs(self, run_ids: Sequence[str]) -> list[Run]:
        self._ask(f"runs {len(run_ids)}")
        return [self.known[each] for each in run_ids if each in self.known]

    def alias(self, name: str, alias: str) -> int | None:
        self._ask("alias")
        return self.models[name].aliases.get(alias)

    def set_alias(self, name: str, alias: str, version: int) -> None:
        self._ask(f"set {alias} {version}")
        if self.keeps:
            self.models[name].aliases[alias] = version

    def delete_alias(self, name: str, alias: str) -> None:
        self._ask(f"delete {alias}")
        if self.keeps:
            self.models[name].aliases.pop(alias, None)

    def version(self, name: str, number: int) -> SeenVersion:
        self._ask("version")
        found = self.models[name].versions.get(number) if name in self.models else None
        if found is None:
            raise NotFound("MLflow has no such thing (any more).")
        return found

    def download_version(self, name: str, version: int, into: Path) -> None:
        self._ask("download")
        write_files(self.version(name, version), into)

    def set_version_tag(self, name: str, version: int, key: str, value: str) -> None:
        self._ask("tag")
        self.tags.setdefault((name, version), {})[key] = value

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.down:
            raise SourceUnavailable(self.down)

    def _head(self, model: Registered) -> Head:
        facts = {
            "tags": dict(model.tags),
            "aliases": dict(model.aliases),
            "touched": model.touched,
            "latest": max(model.versions, default=0),
        }
        latest = max(model.versions, default=None)
        sha256 = digest({"name": ascii(model.name), **facts})
        return Head(model.name, "", model.tags, dict(model.aliases), latest, 1_000, sha256)


def write_files(version: SeenVersion, into: Path) -> None:
    """Write the files of a version: one model file that names its run."""
    into.mkdir(parents=True, exist_ok=True)
    (into / "MLmodel").write_text(f"run_id: {version.run_id}\n", encoding="utf-8")
