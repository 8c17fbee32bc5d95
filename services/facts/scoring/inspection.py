"""Reading what a model says of itself, without loading it; and the digest of its files."""

from pathlib import Path
from typing import Any

import yaml

from services.facts.scoring.types import Flavour, Limit, LimitExceeded
from services.record.canonical import digest, sha256_hex

LARGEST_MLMODEL = 1024 * 1024
INJECTED = "registered_model_meta"
KNOWN_LOADERS = frozenset(
    {"mlflow.sklearn", "mlflow.xgboost", "mlflow.lightgbm", "mlflow.catboost"}
)


def inspect(folder: Path) -> Flavour:
    """Return how a model was saved.

    Raises
    ------
    LimitExceeded
        ``refused``: when there is no readable MLmodel, or it names files outside its folder.
    """
    flavours = _mlmodel(folder).get("flavors")
    if not isinstance(flavours, dict):
        raise _refused("names no flavour")
    pyfunc = _mapping(flavours.get("python_function"))
    sklearn = _mapping(flavours.get("sklearn"))
    for flavour in flavours.values():
        _contained(folder, _mapping(flavour))
    foreign = str(pyfunc.get("loader_module", "")) not in KNOWN_LOADERS
    code = bool(pyfunc.get("code")) or (folder / "code").exists() or "model_code_path" in pyfunc
    if sklearn.get("pickled_model") and not foreign and not code:
        kind = str(sklearn.get("serialization_format", "pickle"))
        return Flavour("sklearn", str(sklearn["pickled_model"]), kind, kind != "skops")
    return Flavour("pyfunc", "", "", runs_code=True)


def signature_of(folder: Path) -> str | None:
    """Return the signature of a model's inputs, the JSON that MLflow stores; None where it has none."""
    inputs = _mapping(_mlmodel(folder).get("signature")).get("inputs")
    return inputs if isinstance(inputs, str) else None


def _mlmodel(folder: Path) -> dict[str, Any]:
    path = folder / "MLmodel"
    if not path.is_file() or path.stat().st_size > LARGEST_MLMODEL:
        raise _refused("has no readable MLmodel file")
    try:
        return _mapping(yaml.safe_load(path.read_bytes()))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise _refused("has an MLmodel file that is not YAML") from error


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _contained(folder: Path, flavour: dict[str, Any]) -> None:
    root = folder.resolve()
    for key in ("pickled_model", "data", "model_path", "code", "model_code_path"):
        named = flavour.get(key)
        if isinstance(named, str) and not (folder / named).resolve().is_relative_to(root):
            raise _refused("names a file outside its own folder")


def _refused(words: str) -> LimitExceeded:
    return LimitExceeded(Limit.REFUSED, f"The version {words}; it was not loaded.")


def digest_of(folder: Path) -> str:
    """Return the artifact digest: SHA-256 over the sorted list of path and digest of each file.

    The file that the MLflow client adds on the way, ``registered_model_meta``, is left out.
    """
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != INJECTED)
    return digest([[p.relative_to(folder).as_posix(), sha256_hex(p.read_bytes())] for p in files])
