"""Settings of a deployment: read from the environment once, at the door, and refused when wrong."""

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from services.kernel.error import InvalidInput

PREFIX = "COUNTERSIGN_"
FREE = ("COUNTERSIGN_JOB_", "COUNTERSIGN_TEST_")
CLIENT = frozenset({"COUNTERSIGN_URL", "COUNTERSIGN_TOKEN"})
SECRETS = ("MLFLOW_TOKEN", "MLFLOW_PASSWORD", "SECRET_KEY", "SIGNING_KEY")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Demonstration(StrEnum):
    """Whether the demonstration workspace is made."""

    AUTO = "auto"
    OFF = "off"
    FORCE = "force"


class Settings(BaseModel):
    """What a deployment may choose.

    Attributes
    ----------
    home
        The workspace folder.
    port
        Where the console listens, 1 to 65535.
    mlflow_uri
        The MLflow server to read; None means the embedded one.
    environments_gb
        How much of the disk environments of trainings may take, with what was downloaded for them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path = Field(default_factory=lambda: Path.home() / ".local/share/countersign")
    host: str = "127.0.0.1"
    port: int = Field(default=8501, ge=1, le=65535)
    public_url: str | None = None
    database_url: str | None = None
    workflow_url: str | None = None
    archive_url: str | None = None
    predictions_url: str | None = None
    mlflow_uri: str | None = None
    mlflow_port: int = Field(default=5001, ge=1, le=65535)
    mlflow_token: SecretStr | None = None
    mlflow_username: str | None = None
    mlflow_password: SecretStr | None = None
    mlflow_ca_file: Path | None = None
    secret_key: SecretStr | None = None
    signing_key: SecretStr | None = None
    anchor_dir: Path | None = None
    environments_gb: float = Field(default=20.0, gt=0)
    demo: Demonstration = Demonstration.AUTO
    log_level: str = "INFO"

    @model_validator(mode="after")
    def _reachable_only_where_it_is_safe(self) -> Self:
        https = (self.public_url or "").startswith("https://")
        if self.host not in LOOPBACK and not https:
            raise ValueError(
                f"COUNTERSIGN_HOST={self.host} would be reachable from outside without encryption; "
                "set COUNTERSIGN_PUBLIC_URL to the https address people use, or leave the host away"
            )
        return self

    @property
    def console_url(self) -> str:
        """Return the address people open."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def is_secure(self) -> bool:
        """Tell whether people reach the console over https."""
        return urlsplit(self.console_url).scheme == "https"

    @property
    def database(self) -> str:
        """Return the address of the governance database."""
        return self.database_url or f"sqlite:///{self.home.absolute()}/governance.sqlite"

    @property
    def workflow(self) -> str:
        """Return the address of the workflow state: a file of its own, or the same PostgreSQL."""
        if self.workflow_url:
            return self.workflow_url
        if self.database_url and not self.database_url.startswith("sqlite"):
            return self.database_url
        return f"sqlite:///{self.home.absolute()}/workflow.sqlite"

    @property
    def archive(self) -> str:
        """Return the place of the archive."""
        return self.archive_url or str(self.home.absolute() / "archive")

    @property
    def journal(self) -> Path:
        """Return the folder in which predictions wait to be compacted; always on a local disk."""
        return self.home.absolute() / "predictions" / "journal"

    @property
    def predictions(self) -> str:
        """Return the place of the prediction log's Parquet files."""
        return self.predictions_url or str(self.home.absolute() / "predictions")

    @property
    def mlflow(self) -> str:
        """Return the address of the MLflow server that is read."""
        return (self.mlflow_uri or f"http://127.0.0.1:{self.mlflow_port}").rstrip("/")

    @property
    def demonstrates(self) -> bool:
        """Tell whether the demonstration is wanted."""
        auto = self.demo is Demonstration.AUTO and self.mlflow_is_embedded
        return auto or self.demo is Demonstration.FORCE

    @property
    def mlflow_is_embedded(self) -> bool:
        """Tell whether the console brings its own MLflow server."""
        return self.mlflow_uri is None


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from an environment.

    Raises
    ------
    InvalidInput
        For a ``COUNTERSIGN_*`` variable that does not exist, a value that cannot be used, and a
        secret file that cannot be read; the sentence names the variable.
    """
    given = dict(os.environ if environment is None else environment)
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    values: dict[str, str] = {}
    for key, value in given.items():
        if key in known:
            values[key.removeprefix(PREFIX).lower()] = value
        elif key.startswith(PREFIX) and not key.startswith(FREE) and key not in CLIENT:
            name, secret = _secret(key, value, known)
            values[name] = secret
    tracking = given.get("MLFLOW_TRACKING_URI", "")
    if "mlflow_uri" not in values and tracking.startswith(("http://", "https://")):
        values["mlflow_uri"] = tracking
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper() if first["loc"] else ""
        words = str(first["msg"]).removeprefix("Value error, ")
        raise InvalidInput(f"{name}: {words}.".removeprefix(": ")) from error


def _secret(key: str, value: str, known: set[str]) -> tuple[str, str]:
    name = key.removesuffix("_FILE")
    if name not in known or name.removeprefix(PREFIX) not in SECRETS or name == key:
        raise InvalidInput(f"{key} is not a setting; remove it or correct its name.")
    try:
        return name.removeprefix(PREFIX).lower(), Path(value).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InvalidInput(f"{key}: the file cannot be read.") from error
