"""The MLflow server of this deployment."""

from services.facts.registry.artifacts import MlflowArtifacts
from services.settings import Settings


def open_gateway(settings: Settings, timeout_seconds: float = 20.0) -> MlflowArtifacts:
    """Return the gateway to the configured, or the embedded, MLflow server."""
    headers = None
    if settings.mlflow_token is not None:
        headers = {"Authorization": f"Bearer {settings.mlflow_token.get_secret_value()}"}
    auth = None
    if settings.mlflow_username and settings.mlflow_password:
        auth = (settings.mlflow_username, settings.mlflow_password.get_secret_value())
    return MlflowArtifacts(
        settings.mlflow,
        headers=headers,
        auth=auth,
        verify=str(settings.mlflow_ca_file) if settings.mlflow_ca_file else True,
        timeout_seconds=timeout_seconds,
    )
