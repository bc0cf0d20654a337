"""Answers cases of oracle_test.go with the figures of scikit-learn, SciPy and statsmodels."""
import json
import math
import sys

import numpy as np
import scipy
import sklearn
import statsmodels
from scipy import stats
from sklearn import metrics as m
from sklearn import model_selection as ms
from statsmodels.stats.contingency_tables import mcnemar

print("numpy", np.__version__, "scipy", scipy.__version__, "scikit-learn", sklearn.__version__, "statsmodels", statsmodels.__version__)


def plain(v):
    """JSON without NaN: None for it, strings for infinities."""
    if isinstance(v, dict):
        return {k: plain(x) for k, x in v.items()}
    if isinstance(v, (list, tuple, np.ndarray)):
        return [plain(x) for x in v]
    v = float(v)
    return None if math.isnan(v) else str(v) if math.isinf(v) else v


def classes(c):
    y, p, w, k = np.array(c["Labels"], int), np.array(c["Predicted"], int), c["Weights"], c["K"]
    out = {
        "accuracy": m.accuracy_score(y, p, sample_weight=w),
        "balanced": m.balanced_accuracy_score(y, p, sample_weight=w),
        "mcc": m.matthews_corrcoef(y, p, sample_weight=w),
        "kappa": m.cohen_kappa_score(y, p, sample_weight=w),
        "matrix": m.confusion_matrix(y, p, labels=range(k), sample_weight=w).ravel(),
    }
    for average in ("micro", "macro", "weighted"):
        for beta in (0.5, 1, 2):
            pr, re, f, _ = m.precision_recall_fscore_support(y, p, beta=beta, average=average, sample_weight=w, zero_division=0)
            out[f"precision {average}"], out[f"recall {average}"], out[f"f {average} {beta}"] = pr, re, f
    pr, re, f, _ = m.precision_recall_fscore_support(y, p, beta=2, labels=range(k), sample_weight=w, zero_division=0)
    out["precisions"], out["recalls"], out["fs"] = pr, re, f
    if w is None:
        out["ari"] = m.adjusted_rand_score(y, p)
        out["nmi"] = m.normalized_mutual_info_score(y, p)
    return out


def losses(c):
    y, p, w, k = np.array(c["Labels"], int), np.array(c["Probabilities"]), c["Weights"], c["K"]
    one = np.eye(k)[y]
    return {
        "logloss": m.log_loss(y, p, labels=range(k), sample_weight=w),
        "brier": m.brier_score_loss(y, p[:, 1], sample_weight=w, pos_label=1) if k == 2
        else m.brier_score_loss(y, p, labels=range(k), sample_weight=w, scale_by_half=False),
    }


def scores(c):
    y, s, w = np.array(c["Labels"], int), np.array(c["Predicted"]), c["Weights"]
    out = {}
    if 0 < y.sum() < len(y):
        out["auc"] = m.roc_auc_score(y, s, sample_weight=w)
    out["roc f"], out["roc t"], out["roc at"] = m.roc_curve(y, s, sample_weight=w, drop_intermediate=False)
    if y.sum() > 0:
        out["ap"] = m.average_precision_score(y, s, sample_weight=w)
        pr, re, at = m.precision_recall_curve(y, s, sample_weight=w)
        out["pr p"], out["pr r"], out["pr at"] = pr[::-1], re[::-1], at[::-1]
    from sklearn.calibration import calibration_curve
    if w is None and y.sum() > 0:
        out["was"], out["said"] = calibration_curve(y, s, n_bins=c["K"])
        edges = np.linspace(0, 1, c["K"] + 1)
        bins = np.searchsorted(edges[1:-1], s)
        out["ece"] = sum((bins == b).mean() * abs(y[bins == b].mean() - s[bins == b].mean()) for b in set(bins))
    # Gains by their definition, tie by tie, with pandas-free loops.
    ww = np.ones(len(y)) if w is None else np.array(w)
    if (ww * y).sum() > 0:
        total, grand, gains = ww.sum(), (ww * y).sum(), []
        for part in range(1, 11):
            room, found = total * part / 10, 0.0
            for v in sorted(set(s), reverse=True):
                tie = s == v
                weight, pos = ww[tie].sum(), (ww[tie] * y[tie]).sum()
                share = 1.0 if weight <= room else room / weight if weight > 0 else 0
                found += pos * share
                room -= weight * share
            gains.append(found / grand)
        out["gain"] = gains
    return out


def errors(c):
    y, p, w = np.array(c["Labels"]), np.array(c["Predicted"]), c["Weights"]
    ww = np.ones(len(y)) if w is None else np.array(w)
    both = np.abs(y) + np.abs(p)
    smape = np.where(both > 0, 2 * np.abs(y - p) / np.where(both > 0, both, 1), 0)
    return {
        "mae": m.mean_absolute_error(y, p, sample_weight=w),
        "rmse": m.root_mean_squared_error(y, p, sample_weight=w),
        "r2": m.r2_score(y, p, sample_weight=w),
        "mape": m.mean_absolute_percentage_error(y, p, sample_weight=w),
        "smape": np.average(smape, weights=ww),
        "wape": (ww * np.abs(y - p)).sum() / (ww * np.abs(y)).sum() if np.abs(y).sum() > 0 else math.nan,
        "bias": np.average(p - y, weights=ww),
        "pinball": m.mean_pinball_loss(y, p, sample_weight=w, alpha=0.8),
        "coverage": np.average((y >= p - 1) & (y <= p + 0.5), weights=ww),
    }


def ndcg(c):
    g, s = np.array([c["Labels"]]), np.array([c["Predicted"]])
    return {"ndcg": m.ndcg_score(g, s, k=c["K"])}


def clusters(c):
    x, of = np.array(c["Probabilities"]), np.array(c["Labels"], int)
    return {"silhouette": m.silhouette_score(x, of), "ari": m.adjusted_rand_score(of, c["Predicted"]),
            "nmi": m.normalized_mutual_info_score(of, c["Predicted"])}


def compare(c):
    y, a, b = (np.array(c[k]) for k in ("Labels", "Predicted", "Weights"))
    only = [int(((a == y) & (b != y)).sum()), int(((a != y) & (b == y)).sum())]
    table = [[1, only[0]], [only[1], 1]]
    n = sum(only)
    # statsmodels corrects a difference of 0 to one of -1: R does not, and the answer is 1.
    out = {"mcnemar": mcnemar(table, exact=n <= 25).pvalue if only[0] != only[1] else 1.0}
    d = np.array(c["Probabilities"][0]) - np.array(c["Probabilities"][1])
    n = len(d)
    t = d.mean() / math.sqrt((1 / n + 0.25) * d.var(ddof=1))
    out["nadeau t"], out["nadeau p"] = t, 2 * stats.t.sf(abs(t), n - 1)
    # With ratio 0 it is the paired t test.
    out["paired p"] = stats.ttest_rel(c["Probabilities"][0], c["Probabilities"][1]).pvalue
    x, z = np.array(c["Probabilities"][0][:10]).reshape(5, 2), np.array(c["Probabilities"][1][:10]).reshape(5, 2)
    e = x - z
    f = (e ** 2).sum() / (2 * ((e - e.mean(1, keepdims=True)) ** 2).sum())
    out["5x2 f"], out["5x2 p"] = f, stats.f.sf(f, 10, 5)
    for h in (1, 2, 3):
        g = [((d[lag:] - d.mean()) * (d[:n - lag] - d.mean())).sum() / n for lag in range(h)]
        v = g[0] + 2 * sum(g[1:])
        if v > 0:
            dm = d.mean() / math.sqrt(v / n) * math.sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n)
            out[f"dm {h}"], out[f"dm p {h}"] = dm, 2 * stats.t.sf(abs(dm), n - 1)
    r = stats.permutation_test((d[:8],), np.mean, permutation_type="samples", n_resamples=np.inf, alternative="two-sided")
    out["permutation p"] = r.pvalue
    return out


def splits(c):
    y, n, k = c["Labels"], len(c["Labels"]), c["K"]
    out = {}
    for name, s in (("kfold", ms.KFold(k).split(range(n))), ("stratified", ms.StratifiedKFold(k).split(y, y)),
                    ("time", ms.TimeSeriesSplit(k).split(range(n))),
                    ("gap", ms.TimeSeriesSplit(k, test_size=2, gap=1, max_train_size=7).split(range(n)))):
        out[name] = [x for train, test in s for x in [*train, -1, *test, -2]]
    out["sizes"] = sorted(len(test) for _, test in ms.GroupKFold(k).split(y, y, c["Predicted"]))
    return out


print(json.dumps([plain(globals()[c["Kind"]](c)) for c in json.load(sys.stdin)]))
