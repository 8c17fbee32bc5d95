"""The models of the demonstration, each as its trainer would write it down."""

from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler

from services.workflows.demonstration import datasets, flights, replay
from services.workflows.demonstration.types import Recipe

CONTAINER = {"cpus": "1", "memory_gb": "2"}


def _logistic() -> object:
    return make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression(max_iter=1000))


def _boosted_flights() -> object:
    """Return boosting over numbers; carriers and airports are numbered, an unknown one is -1."""
    numbered = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = make_column_transformer(
        (numbered, list(flights.SEGMENTS)),
        remainder="passthrough",
        verbose_feature_names_out=False,
    )
    return make_pipeline(columns, HistGradientBoostingClassifier(random_state=0))


RECIPES = (
    Recipe(
        "mortgage-approval",
        datasets.mortgage,
        _logistic,
        "Logistic regression after mean imputation and scaling.",
        limitations="One metropolitan area, 1990; credit histories as banks coded them then. The groups "
        "Black (79 rows) and Hispanic (44) are small in the holdout.",
        splits=16,
        replay=replay.mortgage_days,
        served_by=CONTAINER,
    ),
    Recipe(
        "mortgage-approval",
        datasets.mortgage,
        lambda: HistGradientBoostingClassifier(random_state=0),
        "Histogram gradient boosting; more accurate than version 1.",
        limitations="As version 1. Approves Black applicants less often than version 1 does.",
        replay=replay.mortgage_days,
        served_by=CONTAINER,
    ),
    Recipe(
        "wage-benchmark",
        datasets.wages,
        lambda: make_pipeline(StandardScaler(), Ridge()),
        "Ridge regression of the log wage on schooling, experience, place and industry.",
        limitations="Men who worked through 1980 to 1987 only; says nothing about women.",
        alias="champion",
        replay=replay.wage_years,
    ),
    Recipe(
        "wage-benchmark",
        datasets.wages,
        lambda: HistGradientBoostingRegressor(random_state=0),
        "Histogram gradient boosting on the same columns, trained under an account nobody here bears.",
        user="contractor-7",
    ),
    Recipe(
        "tumour-triage",
        datasets.tumours,
        lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
        "Logistic regression on the thirty measurements of a cell image.",
        limitations="Images of one clinic; 228 in the holdout, 85 of them malignant.",
    ),
    Recipe(
        "digit-reader",
        datasets.digits,
        lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)),
        "Multinomial logistic regression on 8 by 8 pixels.",
    ),
    Recipe(
        "flight-delay",
        flights.flights,
        _boosted_flights,
        "Histogram gradient boosting on schedule, carrier, airport and weather, trained on January and "
        "February 2013.",
        limitations="Two winter months of one year: it has not seen warm weather. The weather is that of "
        "the hour of departure; a plan made earlier has a forecast.",
        alias="champion",
        replay=replay.flight_days,
        served_by=CONTAINER,
    ),
)
