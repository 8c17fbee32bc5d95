"""Servers that integration tests share."""

from collections.abc import Iterator

import pytest

from tests.support.mlflow import mlflow_server


@pytest.fixture(scope="session")
def mlflow_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real MLflow server, one for this run."""
    with mlflow_server(tmp_path_factory.mktemp("mlflow")) as url:
        yield url
