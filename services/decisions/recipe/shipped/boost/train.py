"""Gradient boosting of XGBoost with histograms: on the GPU when there is one."""

import subprocess

import xgboost
from contract import Job
from rows import main_figure, save, score, split, texts
from search import best
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, OrdinalEncoder

DEFAULTS = {"rounds": 200, "rate": 0.1, "depth": 6, "at_once": 20, "seed": 0, "most": 2000}
# with ``warm_start`` a training adds ``rounds`` to the champion's, until there would be more than ``most``


def device():
    """Return what is trained on, for XGBoost and for people; a GPU only where one answers."""
    if xgboost.build_info().get("USE_CUDA"):
        asked = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
        try:
            found = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=20)
        except (OSError, subprocess.SubprocessError):
            return "cpu", "cpu"
        if found.stdout.strip():
            return "cuda", f"cuda:0 {found.stdout.splitlines()[0].strip()}"
    return "cpu", "cpu"


def numbering(features):
    """Return what numbers the texts; everything else stays as it is."""
    numbered = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2
    )
    return make_column_transformer(
        (numbered, texts(features)), remainder="passthrough", verbose_feature_names_out=False
    )


def champion(job, features, target, task, p):
    """Return numbering and rounds of the champion to go on from; None, and why, where that cannot be."""
    if job.previous is None:
        return None
    import mlflow.sklearn

    held = mlflow.sklearn.load_model(str(job.previous))
    kind = xgboost.XGBRegressor if task == "regression" else xgboost.XGBClassifier
    if not hasattr(held, "steps") or not isinstance(held[-1], kind):
        return job.afresh("the champion is no boosting of XGBoost for this task")
    if list(held.feature_names_in_) != list(features.columns):
        return job.afresh("the champion reads other columns")
    if task != "regression" and held[-1].n_classes_ != target.nunique():
        return job.afresh("the champion knows other classes")
    rounds = held[-1].get_booster().num_boosted_rounds()
    if rounds + p["rounds"] > p["most"]:
        return job.afresh(f"the champion has {rounds} rounds, and {p['most']} are the most")
    job.goes_on(f"its {rounds} rounds")
    return held[:-1], held[-1]


def grown(columns, features, target, task, p, on, begun, after):
    """Train by and by; ``after(rounds, model)`` is called each time."""
    rounds, boosting = begun
    kind = xgboost.XGBRegressor if task == "regression" else xgboost.XGBClassifier
    numbers = columns.transform(features)
    while rounds < p["rounds"]:
        more = min(p["at_once"], p["rounds"] - rounds)
        following = kind(
            n_estimators=more, learning_rate=p["rate"], max_depth=p["depth"], random_state=p["seed"],
            tree_method="hist", device=on,
        )  # fmt: skip
        following.fit(numbers, target, xgb_model=boosting.get_booster() if boosting else None)
        rounds, boosting = rounds + more, following
        after(rounds, boosting)
    boosting.set_params(device="cpu")  # whoever serves it may have no GPU
    return boosting


def main():
    job = Job()
    on, told = device()
    job.device(told)
    task, p = job.schema["task"], {**DEFAULTS, **job.parameters}
    features, target, learn, watch = split(job, p["seed"])
    if task != "regression" and set(target.unique()) != set(range(target.nunique())):
        raise SystemExit(
            f"XGBoost wants classes 0, 1, …; these are {LabelEncoder().fit(target).classes_}."
        )
    before = champion(job, features, target, task, p)
    columns, first = before or (numbering(features).fit(features), None)
    part, truth = features.iloc[learn], target.iloc[learn]
    unseen, known, figure = features.iloc[watch], target.iloc[watch], main_figure(task)

    def figures(boosting):
        return score(make_pipeline(columns, boosting), unseen, known, task)

    def tried(parameters, watching):
        def after(rounds, model):
            watching(rounds, figures(model)[figure])

        return figures(
            grown(columns, part, truth, task, {**p, **parameters}, on, (0, first), after)
        )[figure]

    p = {**p, **best(job, tried, p["seed"])}

    def after(rounds, model):
        job.keep(rounds, model)
        job.report(rounds, **figures(model))

    begun = job.kept()
    watched = grown(columns, part, truth, task, p, on, begun if begun[0] else (0, first), after)
    found = figures(watched)
    boosting = grown(columns, features, target, task, p, on, (0, first), lambda *_: None)
    save(job, make_pipeline(columns, boosting), features, ("xgboost",))
    job.finish(found, told, len(features))


if __name__ == "__main__":
    main()
