"""Whether a source may hold other rows than before, asked without reading them."""

import hashlib

from services.facts.training_data import files, logged, sql_adapter
from services.facts.training_data.types import Source


def sign(source: Source) -> str:
    """Return what changes when a source is written anew; empty where only its rows can tell.

    Raises
    ------
    InvalidInput
        When an address is not there.
    SourceUnavailable
        When a place does not answer.

    Notes
    -----
    A database has no such sign. Another sign is a reason to read the rows, and no more than that: what
    counts is their digest.
    """
    if any(uri.startswith(sql_adapter.PREFIX) for uri in source.uris) or is_log(source):
        return ""
    told = "\n".join(files.sign_of(uri) for uri in source.uris)
    return hashlib.sha256(told.encode()).hexdigest()


def is_log(source: Source) -> bool:
    """Tell whether rows come from the prediction log, where new ones are new outcomes."""
    return any(uri.startswith(logged.PREFIX) for uri in source.uris)
