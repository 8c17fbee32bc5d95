"""The catalogue of metrics: one name, one unit, one direction, one definition, one source.

The only place where facts and standards meet: an instrument files under these names, a policy sets
limits on these names, and neither knows the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.kernel.error import NotFound


@dataclass(frozen=True, slots=True)
class Metric:
    """A measured quantity.

    Attributes
    ----------
    name
        ``family.name``, lower case.
    unit
        ``1`` for a fraction or an index, else the unit; shares are fractions in [0, 1].
    direction
        ``higher`` or ``lower`` is better, ``none`` when neither is.
    words
        The name as people say it.
    """

    name: str
    unit: str
    direction: str
    words: str
    definition: str
    source: str

    @property
    def family(self) -> str:
        """Return the part before the dot: the kind of evidence it is filed under."""
        return self.name.split(".", 1)[0]

    @property
    def is_count(self) -> bool:
        """Tell whether its values are whole numbers of things."""
        return self.name in _COUNTS


_ROWS = (
    ("performance.auc", "1", "higher", "AUC", "Probability that a random positive is scored above a random negative; ties count half.", "Hanley and McNeil 1982; interval DeLong 1988"),
    ("performance.accuracy", "1", "higher", "Accuracy", "Share of rows whose predicted class is the true one.", "scikit-learn accuracy_score"),
    ("performance.balanced_accuracy", "1", "higher", "Balanced accuracy", "Mean of the recalls of the classes.", "scikit-learn balanced_accuracy_score"),
    ("performance.precision", "1", "higher", "Precision", "Share of true positives among predicted positives.", "scikit-learn precision_score"),
    ("performance.recall", "1", "higher", "Recall", "Share of predicted positives among true positives.", "scikit-learn recall_score"),
    ("performance.f1", "1", "higher", "F1", "Harmonic mean of precision and recall.", "scikit-learn f1_score"),
    ("performance.f1_macro", "1", "higher", "F1, macro", "Mean of the F1 of the classes.", "scikit-learn f1_score(average='macro')"),
    ("performance.brier", "1", "lower", "Brier score", "Mean squared difference between the probability and the outcome.", "Brier 1950"),
    ("performance.log_loss", "nat", "lower", "Log loss", "Mean negative log probability of the true class.", "scikit-learn log_loss"),
    ("performance.ece", "1", "lower", "Calibration error", "Mean absolute gap between confidence and frequency over ten equal-count bins.", "Naeini et al. 2015"),
    ("performance.r2", "1", "higher", "R squared", "One minus the residual over the total sum of squares.", "scikit-learn r2_score"),
    ("performance.rmse", "target", "lower", "RMSE", "Root of the mean squared error, in the unit of the target.", "scikit-learn root_mean_squared_error"),
    ("performance.mae", "target", "lower", "Mean absolute error", "Mean of the absolute errors, in the unit of the target.", "scikit-learn mean_absolute_error"),
    ("fairness.selection_rate", "1", "none", "Selection rate", "Share of a group that receives the favourable decision.", "fairlearn.metrics.selection_rate"),
    ("fairness.tpr", "1", "none", "True positive rate", "Share of a group's positives that are selected.", "fairlearn.metrics.true_positive_rate"),
    ("fairness.fpr", "1", "none", "False positive rate", "Share of a group's negatives that are selected.", "fairlearn.metrics.false_positive_rate"),
    ("fairness.precision", "1", "none", "Precision in the group", "Share of true positives among a group's selected.", "scikit-learn precision_score"),
    ("fairness.impact_ratio", "1", "higher", "Impact ratio", "Selection rate of a group over that of the reference group.", "29 CFR 1607.4(D); interval Katz 1978"),
    ("fairness.impact_ratio_p_adjusted", "1", "none", "Adjusted p of the impact ratio", "p-value of equal selection rates, Holm-adjusted over the groups of one attribute.", "Fisher 1922, Pearson 1900, Holm 1979"),
    ("fairness.demographic_parity_difference", "1", "lower", "Demographic parity difference", "Largest minus smallest selection rate over the groups of one attribute.", "fairlearn.metrics.demographic_parity_difference"),
    ("fairness.equal_opportunity_difference", "1", "lower", "Equal opportunity difference", "Largest minus smallest true positive rate over the groups of one attribute.", "fairlearn.metrics.equal_opportunity_difference"),
    ("fairness.equalized_odds_difference", "1", "lower", "Equalized odds difference", "Larger of the spreads of true and false positive rates.", "fairlearn.metrics.equalized_odds_difference"),
    ("explanation.importance", "model", "none", "Importance", "Mean absolute SHAP value of a feature, in the unit of the explained output.", "Lundberg and Lee 2017"),
    ("explanation.additivity_residual", "model", "lower", "Additivity residual", "Largest absolute gap between base value plus attributions and the model's own output.", "Lundberg and Lee 2017, local accuracy"),
    ("leakage.row_overlap", "1", "lower", "Holdout rows seen in training", "Share of the holdout's rows whose features and target are those of a training row.", "Kaufman et al. 2012"),
    ("leakage.id_overlap", "1", "lower", "Holdout ids seen in training", "Share of the holdout's rows whose id is that of a training row.", "Kaufman et al. 2012"),
    ("leakage.time_overlap", "1", "lower", "Training rows not before the holdout", "Share of training rows at or after the first row of the holdout.", "Kaufman et al. 2012"),
    ("leakage.single_feature_auc", "1", "lower", "AUC of one feature alone", "AUC of a feature by itself on the holdout, in the direction above a half; a missing number is the smallest, a text the mean of the training's target.", "Mann and Whitney 1947"),
    ("leakage.single_feature_rho", "1", "lower", "Rank correlation of one feature alone", "Absolute rank correlation of a feature by itself with the target, on the holdout.", "Spearman 1904"),
    ("lineage.sources_traced", "1", "higher", "Sources traced", "Share of datasets with a full digest among those the run names.", "contract 1"),
    ("drift.ks", "1", "lower", "Kolmogorov-Smirnov distance", "Largest gap between two distribution functions.", "Smirnov 1948"),
    ("drift.jensen_shannon", "1", "lower", "Jensen-Shannon distance", "Root of the mean divergence of both distributions from their mean, logarithms of base 2, over tenths of the reference or over levels.", "Endres and Schindelin 2003"),
    ("drift.largest_change", "1", "lower", "Largest change of a share", "Largest change of the share of one level of a category.", "L-infinity distance"),
    ("drift.psi", "1", "lower", "Population stability index", "Sum over bins of difference of shares times log ratio of shares.", "Siddiqi 2006"),
    ("drift.wasserstein", "feature", "lower", "Wasserstein distance", "Area between two distribution functions, in the unit of the feature.", "Kantorovich 1942"),
    ("drift.reconstruction_error", "1", "none", "Reconstruction error", "Mean distance between the standardised numbers of a row and what the main components of the reference make of them.", "Jolliffe 2002, principal component analysis"),
    ("drift.low_confidence_share", "1", "lower", "Unsure answers", "Share of answers whose largest class probability is below the reference's fifth percentile.", "reference quantile"),
    ("drift.importance_ndcg", "1", "higher", "Attribution agreement", "Normalised discounted cumulative gain of the features' importances in the window by their order in the reference; 1 is the same order.", "Järvelin and Kekäläinen 2002"),
    ("drift.skew_distance", "1", "lower", "Training-serving skew", "Smallest distance of a feature from training in any window since service began, or in the last thirty together: Jensen-Shannon of a number, largest change of a share of a category. What came in later is drift.", "Breck et al. 2019, TensorFlow Data Validation"),
    ("drift.skew_differences", "1", "lower", "Differences from training", "Ways in which serving names, types, spells, scales or leaves out a feature otherwise than training did.", "Breck et al. 2019, TensorFlow Data Validation"),
    ("data_quality.missing_share", "1", "lower", "Missing values", "Share of rows without a value.", "contract 8"),
    ("data_quality.new_share", "1", "lower", "New values", "Share of values outside the reference's range, or of levels the reference never had.", "reference range"),
    ("data_quality.invalid_share", "1", "lower", "Invalid values", "Share of values of another type than the reference's, or infinite.", "contract 8"),
    ("data_quality.outlier_share", "1", "lower", "Outlier rows", "Share of rows with a number outside the reference's range.", "reference range"),
    ("data_quality.duplicate_share", "1", "lower", "Repeated inputs", "Share of rows whose inputs were sent before in the same window.", "contract 8"),
    ("data_quality.contradicting", "1", "lower", "Contradicting rows", "Rows sent again under a known id with another content.", "contract 8"),
    ("data_quality.expectations_failed", "1", "lower", "Expectations that failed", "Checks of the schema, drafted from the model's signature, that rows of the window do not meet.", "pandera"),
    ("performance.estimated_auc", "1", "higher", "Estimated AUC", "AUC that calibrated scores lead one to expect before outcomes arrive; blind to concept drift.", "confidence-based performance estimation, NannyML"),
    ("performance.estimated_accuracy", "1", "higher", "Estimated accuracy", "Accuracy that calibrated scores lead one to expect before outcomes arrive; blind to concept drift.", "confidence-based performance estimation, NannyML"),
    ("performance.estimated_f1", "1", "higher", "Estimated F1", "F1 that calibrated scores lead one to expect before outcomes arrive; blind to concept drift.", "confidence-based performance estimation, NannyML"),
    ("performance.accuracy_gap", "1", "lower", "Estimated minus realised accuracy", "What calibrated scores promised minus what outcomes showed, over the same rows; above its noise it means concept drift.", "confidence-based performance estimation, NannyML"),
    ("performance.accuracy_gap_pooled", "1", "lower", "Estimated minus realised accuracy, four windows", "What calibrated scores promised minus what outcomes showed, over the rows of four windows together: what one window is too small to show.", "confidence-based performance estimation, NannyML"),
    ("performance.label_coverage", "1", "higher", "Label coverage", "Share of predictions whose outcome is known.", "contract 8"),
    ("performance.label_lag_hours", "h", "lower", "Label lag", "Median hours from a prediction to the arrival of its outcome.", "contract 8"),
    ("service.requests", "1", "none", "Requests", "Predictions asked for.", "contract 8"),
    ("service.latency_p50_ms", "ms", "lower", "Latency, median", "Time within which half of the predictions are answered.", "contract 8"),
    ("service.latency_p99_ms", "ms", "lower", "Latency, 99th percentile", "Time within which 99 of 100 predictions are answered.", "contract 8"),
    ("service.silence_hours", "h", "lower", "Silence", "Hours since the last prediction.", "contract 8"),
    ("service.cpu_share", "1", "lower", "Processor use", "Share of the server's processors in use, as it reported.", "pushed by the server"),
    ("service.memory_share", "1", "lower", "Memory use", "Share of the server's memory in use, as it reported.", "pushed by the server"),
    ("service.suspicious_callers", "1", "lower", "Suspicious callers", "Callers whose queries look like an extraction: bursts of near-duplicates, uniform sweeps, or five times what they ever asked before.", "Tramer et al. 2016"),
    ("kpi.value", "target", "none", "Business figure", "A figure the business watches, in its own unit, against its own target.", "pushed or computed"),
    ("service.latency_p95_ms", "ms", "lower", "Latency, 95th percentile", "Time within which 95 of 100 predictions are answered.", "contract 8"),
    ("service.error_rate", "1", "lower", "Error rate", "Share of requests that failed.", "contract 8"),
    ("challenger.gain", "metric", "higher", "Gain", "By how much the challenger does better than the champion on the same holdout rows, in the unit of the metric compared; positive is better.", "DeLong 1988 for the AUC, else a paired bootstrap"),
    ("challenger.gain_p", "1", "lower", "Chance of the gain", "One-sided chance of a gain at least as large if the challenger were no better.", "DeLong 1988 for the AUC, else a paired bootstrap"),
    ("challenger.looks", "1", "lower", "Looks at the holdout", "How often the holdout has decided about the model, this time included.", "holdout ledger; Dwork et al. 2015 on reused holdouts"),
    ("challenger.impact_ratio_change", "1", "none", "Change of the impact ratio", "A group's impact ratio under the challenger minus that under the champion, on the same rows.", "paired bootstrap by group"),
    ("challenger.ece_change", "1", "lower", "Change of the calibration error", "Calibration error of the challenger minus that of the champion.", "Naeini et al. 2015"),
    ("challenger.latency_ratio", "1", "lower", "Answering time, relative", "Processor time of the challenger's answers to single rows over the champion's, same rows and machine.", "timed scoring"),
    ("challenger.size_ratio", "1", "lower", "Size, relative", "Bytes of the challenger's files over the champion's.", "artifact files"),
    ("challenger.attribution_ndcg", "1", "none", "Attribution order kept", "How well the champion's order of features ranks the challenger's importances; 1 is the same order.", "Jarvelin and Kekalainen 2002"),
    ("training.rows", "1", "none", "Training rows", "Rows that a training learned from.", "contract 9"),
    ("training.fold_mean", "metric", "none", "Mean over folds", "Mean of a metric over the folds of the training rows, as the training logged it, in the unit of that metric.", "contract 9"),
    ("training.fold_spread", "metric", "lower", "Spread over folds", "Standard deviation of a metric over the folds of the training rows, as the training logged it.", "contract 9"),
    ("training.attempts", "1", "lower", "Attempts", "How many attempts a training took.", "contract 9"),
    ("training.wall_seconds", "s", "lower", "Training time", "Wall-clock seconds of all attempts together.", "contract 9"),
    ("training.gpu_hours", "h", "lower", "GPU hours", "Allocated GPUs times hours, all attempts together.", "contract 9"),
    ("training.cost", "currency", "lower", "Cost of the training", "What all attempts of a training cost by the ledger, in its currency.", "contract 9"),
    ("cost.budget_share", "1", "lower", "Share of the budget", "What was spent in a period, or is likely to be, over the amount of its budget.", "cost ledger"),
    ("cost.usd_per_1000_predictions", "USD", "lower", "Cost per 1,000 predictions", "Serving cost over predictions, times 1,000.", "contract 9"),
    ("cost.usd_per_month", "USD", "lower", "Cost a month at current traffic", "Cost of 1,000 predictions times the thousands of the champion's last 30 days; of its own where there is no champion.", "contract 9"),
    ("training_cost.usd", "USD", "lower", "Cost of making the version", "Lines of the ledger of the run and the ticket that made the version, searches included, of all time.", "contract 9"),
)  # fmt: skip

_COUNTS = frozenset(
    {
        "drift.skew_differences", "data_quality.contradicting", "data_quality.expectations_failed",
        "service.requests", "service.suspicious_callers",
    }
)  # fmt: skip
CATALOGUE: Mapping[str, Metric] = MappingProxyType({row[0]: Metric(*row) for row in _ROWS})


def metric(name: str) -> Metric:
    """Return the metric of a name.

    Raises
    ------
    NotFound
        When the catalogue does not hold it.
    """
    found = CATALOGUE.get(name)
    if found is None:
        raise NotFound(f"There is no metric called {name!r}; the catalogue lists those there are.")
    return found
