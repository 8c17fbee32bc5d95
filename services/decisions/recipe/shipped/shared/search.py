"""A search over parameters within the job: trials as the recipe says, pruned, resumed after a crash."""

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

PRUNERS = {
    "median": optuna.pruners.MedianPruner,
    "hyperband": optuna.pruners.HyperbandPruner,
    "none": optuna.pruners.NopPruner,
}


def best(job, tried, seed=0):
    """Return the parameters of the best trial; the job's own where no search was asked for.

    No trial begins after the seconds that the search has: the rest is for training with what it found.

    Parameters
    ----------
    tried
        Called with parameters and a function ``watch(step, value)``, which ends a trial that is not
        worth going on; returns the figure the recipe names.
    """
    asked = job.search
    if not asked:
        return job.parameters
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    job.checkpoint.mkdir(parents=True, exist_ok=True)
    journal = JournalStorage(JournalFileBackend(str(job.checkpoint / "search.log")))
    study = optuna.create_study(
        storage=journal, study_name="search", load_if_exists=True,
        direction="maximize" if asked["maximise"] else "minimize",
        sampler=optuna.samplers.TPESampler(seed=seed), pruner=PRUNERS[asked["pruner"]](),
    )  # fmt: skip

    def one(trial):
        parameters = {
            **job.parameters,
            **{n: _drawn(trial, n, r) for n, r in asked["space"].items()},
        }

        def watch(step, value):
            trial.report(value, step)
            if trial.should_prune():
                raise optuna.TrialPruned

        value = tried(parameters, watch)
        job.report(trial.number, trial=trial.number, **{asked["metric"]: value})
        return value

    done = [t for t in study.trials if t.state.is_finished() and t.state.name != "FAIL"]
    study.optimize(one, n_trials=max(0, asked["trials"] - len(done)), timeout=asked.get("seconds"))
    completed = [t for t in study.trials if t.state.name == "COMPLETE"]
    return {**job.parameters, **(study.best_params if completed else {})}


def _drawn(trial, name, space):
    if "choices" in space:
        return trial.suggest_categorical(name, space["choices"])
    whole = isinstance(space["low"], int) and isinstance(space["high"], int)
    suggest = trial.suggest_int if whole else trial.suggest_float
    return suggest(name, space["low"], space["high"], log=space.get("log", False))
