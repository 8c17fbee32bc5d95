"""Recipes as people write them, for tests."""

DIGEST = "ab" * 32
COMMIT = "12" * 20
TEXT = f"""\
recipe: flights
version: 1
model: flight-delay
entry:
  git: https://git.example.org/flights.git
  commit: "{COMMIT}"
  command: python train.py --rate {{rate}}
parameters:
  rate: 0.1
  leaves: 31
  balanced: false
  note: summer
data:
  uri: predictions:flight-delay
  plus: [/data/winter.parquet]
  target: late
  time: at
  id: flight
  window: {{rolling_days: 90, until: 2026-03-01}}
  max_age_days: 30
  checks: ["complete:late", "between:distance:0:6000", "rows:500"]
environment: {{lock: requirements.lock}}
resources: {{gpus: 1, gpu_type: H100, cpus: 2, memory_gb: 8, seconds: 600}}
checkpoint: {{dir: checkpoint, signal: SIGTERM}}
metrics: [auc]
holdout: {{uri: /data/holdout.parquet, sha256: "{DIGEST}"}}
search:
  trials: 20
  metric: auc
  space:
    rate: {{low: 0.01, high: 0.3, log: true}}
    leaves: {{low: 7, high: 63}}
    balanced: {{choices: [true, false]}}
warm_start: true
max_attempts: 2
engine: local
guards: {{metric: loss, patience: 5, silent_seconds: 60}}
"""


def text(**changed: str) -> bytes:
    """Return the recipe with some of its lines replaced, by their key: ``version="version: 2"``."""
    lines = [str(each) for each in TEXT.splitlines(keepends=True)]
    for key, line in changed.items():
        place = next(n for n, each in enumerate(lines) if each.startswith(f"{key}:"))
        lines[place] = f"{line}\n"
    return "".join(lines).encode()
