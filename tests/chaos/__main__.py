"""The long run: ``make chaos``; both databases, many tickets."""

import argparse
import sys
import tempfile
import uuid
from pathlib import Path

from tests.chaos.storm import Report, Weather, blow
from tests.support.databases import postgres_database, postgres_server
from tests.support.forge import saved_model
from tests.support.mlflow import mlflow_server


def main() -> int:
    """Let it blow, print what came of it, and fail where anything is wrong."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--jobs", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=1500.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=["sqlite", "postgresql"], default=None)
    given = parser.parse_args()
    weather = Weather(
        jobs=given.jobs, models=min(8, given.jobs), seconds=given.seconds, seed=given.seed
    )
    reports: list[Report] = []
    with tempfile.TemporaryDirectory(prefix="cs-chaos-") as name:
        folder = Path(name)
        saved = saved_model(folder / "saved")
        (folder / "mlflow").mkdir()
        with mlflow_server(folder / "mlflow") as mlflow:
            if given.only != "postgresql":
                url = f"sqlite:///{folder}/sqlite/governance.sqlite"
                reports.append(said("sqlite", blow(folder / "sqlite", mlflow, url, saved, weather)))
            if given.only != "sqlite":
                with postgres_server() as server:
                    with postgres_database(server, f"cs_{uuid.uuid4().hex[:12]}") as url:
                        found = blow(folder / "postgresql", mlflow, url, saved, weather)
                        reports.append(said("postgresql", found))
    return int(any(each.wrong or each.duplicates or each.orphans for each in reports))


def said(name: str, report: Report) -> Report:
    """Print a report."""
    print(f"{name}: {report.line}", flush=True)
    print(f"{name}: {report.more}", flush=True)
    for each in report.wrong:
        print(f"{name}: WRONG {each}", flush=True)
    return report


if __name__ == "__main__":
    sys.exit(main())
