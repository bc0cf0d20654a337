"""Answers for oracle_test.go, by numpy, SciPy and pandas: the JSON of the questions on standard input, that of the answers as the last line."""
import json, sys
import numpy, pandas, scipy
from scipy import stats

print("numpy", numpy.__version__, "scipy", scipy.__version__, "pandas", pandas.__version__)


def plain(v):
    if isinstance(v, dict):
        return {k: plain(x) for k, x in v.items()}
    if isinstance(v, (list, tuple, pandas.Series)) or isinstance(v, numpy.ndarray) and v.ndim > 0:
        return [plain(x) for x in v]
    v = float(v)
    return v if numpy.isfinite(v) else str(v)


METHODS = ["linear", "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull", "median_unbiased", "normal_unbiased"]


def answer(q):
    x, y, w = (numpy.array(q[k], dtype=float) for k in ("x", "y", "w"))
    n = len(x)
    z = x - q["offset"]  # exact: numpy's own mean would lose what is far from 0
    dev = z - numpy.mean(z)
    out = {
        "mean": numpy.mean(x), "var": numpy.var(z), "var1": numpy.var(z, ddof=1), "sem": stats.sem(z),
        "skew": stats.skew(dev), "skew1": stats.skew(dev, bias=False),
        "kurt": stats.kurtosis(dev), "kurt1": stats.kurtosis(dev, bias=False),
        "wmean": numpy.average(x, weights=w), "wvar": numpy.cov(z, aweights=w, ddof=0), "wvar1": numpy.cov(z, aweights=w, ddof=1),
        "cov": numpy.cov(z, y)[0, 1], "wcov": numpy.cov(z, y, aweights=w)[0, 1], "pearson": stats.pearsonr(z, y)[0],
        "slope": stats.linregress(z, y)[0], "intercept": stats.linregress(z, y)[1],
        "spearman": stats.spearmanr(x, y)[0], "kendall": stats.kendalltau(x, y)[0], "ranks": stats.rankdata(x),
        "quantiles": [numpy.quantile(x, q["ps"], method=m) for m in METHODS],
        "wquantiles": numpy.quantile(x, q["ps"], weights=w, method="inverted_cdf"),
        "mad": stats.median_abs_deviation(x),
        "entropy": stats.entropy(w), "kl": stats.entropy(w, numpy.abs(y) + 1), "js": scipy.spatial.distance.jensenshannon(w, numpy.abs(y) + 1) ** 2,
        "histogram": numpy.histogram(x, bins=numpy.array(q["edges"]))[0],
    }
    s = pandas.Series(x)
    e = s.ewm(halflife=q["halflife"])
    out["ewm"], out["ewmvar"], out["ewmvar1"] = e.mean()[n - 1], e.var(bias=True)[n - 1], e.var()[n - 1]
    times = pandas.to_datetime(numpy.array(q["times"]), unit="ns")
    out["ewmtime"] = s.ewm(halflife=pandas.Timedelta(q["halftime"], unit="ns"), times=times).mean()[n - 1]
    r = s.rolling(q["last"], min_periods=1)
    out["rollmin"], out["rollmax"], out["rollmedian"] = r.min(), r.max(), r.median()
    out["rollmean"] = [numpy.mean(x[max(0, i + 1 - q["last"]):i + 1]) for i in range(n)]
    out["rollvar"] = [numpy.var(z[max(0, i + 1 - q["last"]):i + 1]) for i in range(n)]
    t = pandas.Series(x, index=times).rolling(pandas.Timedelta(q["span"], unit="ns"))
    out["timemax"], out["timecount"] = t.max(), t.count()
    return plain(out)


print(json.dumps([answer(q) for q in json.load(sys.stdin)]))
