"""A network over a table, trained by PyTorch on the GPU when there is one.

What is saved is scikit-learn's own network with these weights: serving needs no PyTorch and no GPU, and
loading it runs no code.
"""

import numpy as np
import torch
from contract import Job
from rows import main_figure, save, score, split, texts
from search import best
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from torch import nn

DEFAULTS = {"epochs": 20, "rate": 0.001, "width": 64, "batch": 1024, "seed": 0}


def device():
    """Return what is trained on, for PyTorch and for people."""
    if torch.cuda.is_available():
        return torch.device("cuda:0"), f"cuda:0 {torch.cuda.get_device_name(0)}"
    return torch.device("cpu"), "cpu"


def prepared(features):
    """Return what makes numbers of the rows: filled and scaled, texts one column for each."""
    words, others = texts(features), [n for n in features.columns if n not in texts(features)]
    one_hot = OneHotEncoder(handle_unknown="ignore", min_frequency=0.001, sparse_output=False)
    numbers = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
    return make_column_transformer((numbers, others), (one_hot, words))


def shell(x, y, task, p):
    """Return scikit-learn's network, made but not trained."""
    kind = MLPRegressor if task == "regression" else MLPClassifier
    made = kind((p["width"], p["width"]), random_state=p["seed"], batch_size=2)
    if task == "regression":
        return made.partial_fit(x[:4], y[:4])
    return made.partial_fit(x[:4], y[:4], classes=np.unique(y))


def widths(made):
    """Return the shapes of a network's weights."""
    return [each.shape for each in made.coefs_]


def network(made, on):
    """Return the same layers for PyTorch."""
    layers = []
    for weights, bias in zip(made.coefs_, made.intercepts_, strict=True):
        layer = nn.Linear(*weights.shape)
        layer.weight.data = torch.tensor(weights.T, dtype=torch.float32)
        layer.bias.data = torch.tensor(bias, dtype=torch.float32)
        layers += [layer, nn.ReLU()]
    return nn.Sequential(*layers[:-1]).to(on)


def told_back(made, net):
    """Give the weights that were learned back to scikit-learn's network."""
    linear = [each for each in net if isinstance(each, nn.Linear)]
    made.coefs_ = [each.weight.detach().cpu().numpy().T.astype("float64") for each in linear]
    made.intercepts_ = [each.bias.detach().cpu().numpy().astype("float64") for each in linear]
    return made


def truth_of(made, y, task):
    """Return the target as the loss takes it, and the loss."""
    if task == "regression":
        return torch.tensor(np.asarray(y, dtype="float32"))[:, None], nn.MSELoss()
    places = np.searchsorted(made.classes_, y)
    if len(made.classes_) == 2:
        return torch.tensor(places.astype("float32"))[:, None], nn.BCEWithLogitsLoss()
    return torch.tensor(places), nn.CrossEntropyLoss()


def learned(made, x, y, task, p, on, begun, after):
    """Train epoch by epoch; ``after(epoch, model, state)`` is called each time."""
    first, state = begun
    net = network(made, on)
    step = torch.optim.Adam(net.parameters(), lr=p["rate"])
    if state:
        net.load_state_dict(state["net"])
        step.load_state_dict(state["step"])
    truth, loss_of = truth_of(made, y, task)
    inputs, truth = torch.tensor(x, dtype=torch.float32).to(on), truth.to(on)
    for epoch in range(first + 1, p["epochs"] + 1):
        order = torch.tensor(np.random.default_rng([p["seed"], epoch]).permutation(len(x))).to(on)
        total = 0.0
        for start in range(0, len(x), p["batch"]):
            rows = order[start : start + p["batch"]]
            step.zero_grad()
            loss = loss_of(net(inputs[rows]), truth[rows])
            loss.backward()
            step.step()
            total += float(loss) * len(rows)
        state = {"net": net.state_dict(), "step": step.state_dict()}
        after(epoch, told_back(made, net), {"loss": total / len(x)}, state)
    return told_back(made, net)


def champion(job, columns_of):
    """Return the preparation and the network of the champion, where its layers are the same."""
    if job.previous is None:
        return None
    import mlflow.sklearn

    held = mlflow.sklearn.load_model(str(job.previous))
    if not hasattr(held, "steps") or not hasattr(held[-1], "coefs_"):
        job.afresh("the champion is no network of scikit-learn")
    elif list(held.feature_names_in_) != columns_of:
        job.afresh("the champion reads other columns")
    else:
        return held
    return None


def main():
    job = Job()
    on, told = device()
    job.device(told)
    task, p = job.schema["task"], {**DEFAULTS, **job.parameters}
    torch.manual_seed(p["seed"])
    features, target, learn, watch = split(job, p["seed"])
    unseen, known, figure = features.iloc[watch], target.iloc[watch], main_figure(task)
    before = champion(job, list(features.columns))
    columns = before[:-1] if before else make_pipeline(prepared(features).fit(features.iloc[learn]))
    x, y = np.asarray(columns.transform(features), dtype="float64"), target.to_numpy()

    if before and widths(before[-1]) == widths(shell(x, y, task, p)):
        job.goes_on(f"the weights of its layers of {p['width']}")
    elif before:
        job.afresh("the champion's layers are of other widths")

    def start(p):
        made = shell(x, y, task, p)
        if before and widths(before[-1]) == widths(made):
            made.coefs_, made.intercepts_ = before[-1].coefs_, before[-1].intercepts_
        return made

    def figures(made):
        return score(make_pipeline(*columns.named_steps.values(), made), unseen, known, task)

    def tried(parameters, watching):
        def after(epoch, made, losses, state):
            watching(epoch, figures(made)[figure])

        q = {**p, **parameters}
        return figures(learned(start(q), x[learn], y[learn], task, q, on, (0, None), after))[figure]

    p = {**p, **best(job, tried, p["seed"])}

    def after(epoch, made, losses, state):
        job.keep(epoch, state)
        job.report(epoch, **losses, **figures(made))

    made = learned(start(p), x[learn], y[learn], task, p, on, job.kept(), after)
    save(job, make_pipeline(*columns.named_steps.values(), made), features)
    job.finish(figures(made), told, len(features))


if __name__ == "__main__":
    main()
