"""Lineage as a list: data set to run to version, and the code in between."""

from services.facts.evidence.types import EvidenceInput, EvidenceKind, Measurement, Reading
from services.facts.registry.types import Run
from services.kernel.error import InsufficientEvidence
from services.kernel.identity import ModelRef

SCHEMA = "lineage/1"


def trace(
    ref: ModelRef, run: Run | None, artifact_sha256: str, evaluation_sha256: str | None
) -> Reading:
    """Return where a version came from.

    Parameters
    ----------
    run
        The run it was logged by; None when MLflow does not have it (any more).
    evaluation_sha256
        None when the run logged no evaluation set.

    Raises
    ------
    InsufficientEvidence
        When there is no run to trace.
    """
    if run is None:
        raise InsufficientEvidence("The run this version came from is gone; nothing can be traced.")
    traced = sum(each.sha256 is not None for each in run.datasets)
    share = traced / len(run.datasets) if run.datasets else 0.0
    datasets = [
        {"name": d.name, "context": d.context, "mlflow_digest": d.digest, "sha256": d.sha256, "source": d.source}
        for d in run.datasets
    ]  # fmt: skip
    digests = [EvidenceInput(f"dataset:{d.name}", d.sha256) for d in run.datasets if d.sha256]
    if evaluation_sha256:
        digests.append(EvidenceInput("evaluation", evaluation_sha256))
    return Reading(
        kind=EvidenceKind.LINEAGE,
        schema=SCHEMA,
        payload={
            "datasets": datasets,
            "run": {"user": run.user, "git_commit": run.git_commit, "parameters": dict(run.params)},
            "evaluation_sha256": evaluation_sha256,
            "version": {"name": ref.name, "version": ref.version},
        },
        measurements=(
            Measurement(
                "lineage.sources_traced", "", share, "1", len(run.datasets), method="count"
            ),
        ),
        inputs=(EvidenceInput("artifact", artifact_sha256), *digests),
        parameters={"run_id": run.run_id},
    )
