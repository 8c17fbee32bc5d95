"""Histogram gradient boosting of scikit-learn over numbers and texts."""

from contract import Job
from rows import main_figure, save, score, split, texts
from search import best
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

DEFAULTS = {"rounds": 100, "rate": 0.1, "leaves": 31, "at_once": 20, "seed": 0, "folds": 0}


def estimator(features, task, p):
    kind = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    numbered = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2
    )
    columns = make_column_transformer(
        (numbered, texts(features)), remainder="passthrough", verbose_feature_names_out=False
    )
    boosting = kind(
        learning_rate=p["rate"], max_leaf_nodes=p["leaves"], random_state=p["seed"],
        early_stopping=False, warm_start=True,
    )  # fmt: skip
    return make_pipeline(columns, boosting)


def grown(features, target, task, p, begun, after):
    """Train by and by; ``after(rounds, model)`` is called each time."""
    rounds, model = begun
    model = model or estimator(features, task, p)
    while rounds < p["rounds"]:
        rounds = min(rounds + p["at_once"], p["rounds"])
        model[-1].set_params(max_iter=rounds)
        model.fit(features, target)
        after(rounds, model)
    return model


def across(features, target, task, p):
    """Return the main figure on each of so many folds of the training rows, where folds are asked for."""
    if p["folds"] < 2:
        return {}
    figure, kind = main_figure(task), KFold if task == "regression" else StratifiedKFold
    parts = kind(p["folds"], shuffle=True, random_state=p["seed"]).split(features, target)
    found = []
    for learn, watch in parts:
        model = grown(features.iloc[learn], target.iloc[learn], task, p, (0, None), lambda *_: None)
        found.append(score(model, features.iloc[watch], target.iloc[watch], task)[figure])
    return {figure: found}


def main():
    job = Job()
    job.device("cpu")
    if (
        job.previous
    ):  # its bins and thresholds hold for the rows that it was fitted on, and for no others
        job.afresh("scikit-learn's boosting goes on with the very same rows alone")
    task, p = job.schema["task"], {**DEFAULTS, **job.parameters}
    features, target, learn, watch = split(job, p["seed"])
    part, truth = features.iloc[learn], target.iloc[learn]
    unseen, known, figure = features.iloc[watch], target.iloc[watch], main_figure(task)

    def tried(parameters, watching):
        def after(rounds, model):
            watching(rounds, score(model, unseen, known, task)[figure])

        return score(
            grown(part, truth, task, {**p, **parameters}, (0, None), after), unseen, known, task
        )[figure]

    p = {**p, **best(job, tried, p["seed"])}

    def after(rounds, model):
        job.keep(rounds, model)
        job.report(rounds, **score(model, unseen, known, task))

    watched = grown(part, truth, task, p, job.kept(), after)
    figures = score(watched, unseen, known, task)
    model = grown(
        features, target, task, p, (0, None), lambda *_: None
    )  # with all rows, as many rounds
    save(job, model, features)
    job.finish(figures, "cpu", len(features), across(features, target, task, p))


if __name__ == "__main__":
    main()
