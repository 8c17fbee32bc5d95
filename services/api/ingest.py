"""The door of the prediction log as an application of its own: ``countersign ingest``."""

from fastapi import FastAPI

from services.api.app import build_ingest
from services.bootstrap.services import open_services
from services.settings import read_settings


def app() -> FastAPI:
    """Open the workspace and return its application."""
    return build_ingest(open_services(read_settings()))
