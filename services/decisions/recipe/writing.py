"""Writing a project that trains a model: layout, recipe, sample rows, tests, card, runbook, CI."""

import re
from dataclasses import dataclass
from pathlib import Path

from services.decisions.recipe import shipping
from services.kernel.error import Conflict, InvalidInput
from services.kernel.text import one_line

_PLACE = re.compile(r"%\((\w+)\)")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
PARAMETERS = {
    "sklearn": "{rounds: 40, rate: 0.1, leaves: 15, at_once: 10}",
    "boost": "{rounds: 40, rate: 0.1, depth: 4, at_once: 10}",
    "network": "{epochs: 8, rate: 0.003, width: 32, batch: 128}",
}
NEEDS = {"sklearn": (), "boost": ("xgboost",), "network": ("torch",)}


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows to begin with, so that everything runs before one's own rows are there.

    Attributes
    ----------
    train, holdout
        Bytes of CSV files.
    holdout_sha256
        Of the holdout's rows.
    """

    train: bytes
    holdout: bytes
    holdout_sha256: str


def project(name: str, kind: str, folder: Path, sample: Sample) -> dict[str, bytes]:
    """Return the files of a project by path.

    Parameters
    ----------
    folder
        Where they are going to lie; the recipe names it.

    Raises
    ------
    InvalidInput
        When the name or the kind cannot be used.
    """
    one_line(name, limit=60, what="The name")
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            "A name is made of small letters, digits and hyphens, as 'house-prices'."
        )
    values = {
        "name": name,
        "folder": str(folder),
        "parameters": PARAMETERS.get(kind, ""),
        "holdout": sample.holdout_sha256,
        "packages": "\n".join(("mlflow", "optuna", "pandas", "pyarrow", "scikit-learn", "skops", *NEEDS.get(kind, ()))),
    }  # fmt: skip
    written = {path: _filled(text, values).encode() for path, text in shipping.template().items()}
    data = {"data/train.csv": sample.train, "data/holdout.csv": sample.holdout}
    return shipping.code(kind) | written | data


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Write files into a folder that is not there yet, or is empty.

    Raises
    ------
    Conflict
        When something lies there already; nothing is written.
    InvalidInput
        When the folder cannot be written to.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict(f"{folder} is there already; choose another name or remove it.")
    try:
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
    except OSError as error:
        raise InvalidInput(f"{folder} cannot be written to.") from error


def _filled(text: str, values: dict[str, str]) -> str:
    return _PLACE.sub(lambda found: values[found[1]], text)
