"""Settings are read once and refused when wrong."""

from pathlib import Path

import pytest

from services.kernel.error import InvalidInput
from services.settings import read_settings


def test_a_mistyped_variable_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="COUNTERSIGN_DATABSE_URL"):
        read_settings({"COUNTERSIGN_DATABSE_URL": "x"})


def test_variables_of_jobs_tests_and_clients_are_left_alone() -> None:
    settings = read_settings(
        {"COUNTERSIGN_JOB_DIR": "x", "COUNTERSIGN_TEST_PG_URL": "y", "COUNTERSIGN_URL": "z"}
    )
    assert settings.port == 8501


def test_an_open_interface_needs_an_https_address() -> None:
    with pytest.raises(InvalidInput, match="COUNTERSIGN_PUBLIC_URL"):
        read_settings({"COUNTERSIGN_HOST": "0.0.0.0"})
    fine = {"COUNTERSIGN_HOST": "0.0.0.0", "COUNTERSIGN_PUBLIC_URL": "https://governance.example"}
    assert read_settings(fine).is_secure


def test_a_port_out_of_range_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="COUNTERSIGN_PORT"):
        read_settings({"COUNTERSIGN_PORT": "70000"})


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("hush\n")
    settings = read_settings({"COUNTERSIGN_SECRET_KEY_FILE": str(file)})
    assert settings.secret_key is not None
    assert settings.secret_key.get_secret_value() == "hush"
    with pytest.raises(InvalidInput, match="COUNTERSIGN_PORT_FILE"):
        read_settings({"COUNTERSIGN_PORT_FILE": str(file)})


def test_the_usual_tracking_address_is_understood_when_it_is_a_server() -> None:
    assert (
        read_settings({"MLFLOW_TRACKING_URI": "http://mlflow.corp:5000/"}).mlflow
        == "http://mlflow.corp:5000"
    )
    assert read_settings({"MLFLOW_TRACKING_URI": "sqlite:///x"}).mlflow_is_embedded
