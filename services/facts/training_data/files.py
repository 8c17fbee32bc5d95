"""Rows from files: Parquet and CSV wherever fsspec reaches, Delta tables where deltalake is installed."""

import importlib
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import csv, parquet

from services.facts.prediction.fsspec_adapter import opened, sign
from services.kernel.error import InvalidInput, SourceUnavailable

DELTA = "delta+"


def read(uri: str) -> pa.Table:
    """Return the rows of a file, known by its ending.

    Raises
    ------
    InvalidInput
        When it is not there, has another ending, or is no such file.
    SourceUnavailable
        When its place does not answer.
    """
    if uri.startswith(DELTA):
        return _delta(uri.removeprefix(DELTA))
    ending = uri.split("?", 1)[0].rsplit(".", 1)[-1].lower()
    if ending not in ("parquet", "csv"):
        raise InvalidInput(f"{uri} ends neither in .parquet nor in .csv.")
    try:
        with opened(uri) as file:
            return _parsed(file, ending, uri)
    except OSError as error:
        raise SourceUnavailable(f"{uri} cannot be read; is its place reachable?") from error


def sign_of(uri: str) -> str:
    """Return what changes when a file or a Delta table is written anew, without reading its rows.

    Raises
    ------
    InvalidInput
        When it is not there, or cannot be read.
    SourceUnavailable
        When its place does not answer.
    """
    if not uri.startswith(DELTA):
        return sign(uri)
    return str(_table(uri.removeprefix(DELTA)).version())


def _parsed(file: BinaryIO, ending: str, uri: str) -> pa.Table:
    try:
        if ending == "csv":
            return csv.read_csv(file)
        return parquet.ParquetFile(file).read().replace_schema_metadata()
    except pa.ArrowInvalid as error:
        raise InvalidInput(f"{uri} is no {ending} file that can be read.") from error


def _delta(uri: str) -> pa.Table:
    try:
        return pa.table(_table(uri).to_pyarrow_table())
    except (ValueError, OSError) as error:
        raise InvalidInput(f"{uri} is no Delta table that can be read.") from error


def _table(uri: str) -> Any:
    """Return a Delta table, at a version where the address ends in ``@NUMBER``."""
    try:
        library: Any = importlib.import_module("deltalake")
    except ImportError as error:
        raise InvalidInput(
            "Delta tables need the package deltalake; the worker wants pip install 'countersign[delta]'."
        ) from error
    place, _, version = uri.partition("@")
    try:
        return library.DeltaTable(place, version=int(version) if version else None)
    except (ValueError, OSError, library.exceptions.DeltaError) as error:
        raise InvalidInput(f"{uri} is no Delta table that can be read.") from error
