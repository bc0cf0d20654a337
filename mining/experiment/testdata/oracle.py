"""Answers for oracle_test.go, by SciPy and statsmodels: the JSON of the questions on standard input, that of the answers as the last line."""
import json, sys
import numpy, scipy, statsmodels
from scipy import stats
from statsmodels.stats import contingency_tables, multitest, power, proportion

print("numpy", numpy.__version__, "scipy", scipy.__version__, "statsmodels", statsmodels.__version__)


def pair(r):
    return [r.statistic, r.pvalue]


def mean_interval(q):
    r = stats.ttest_ind(q["a"], q["b"], equal_var=q["equal"], alternative=q["alt"])
    i = stats.ttest_ind(q["a"], q["b"], equal_var=q["equal"]).confidence_interval(q["level"])
    return [r.statistic, r.pvalue, r.df, i.low, i.high]


def paired(q):
    r = stats.ttest_rel(q["a"], q["b"], alternative=q["alt"])
    i = stats.ttest_rel(q["a"], q["b"]).confidence_interval(q["level"])
    return [r.statistic, r.pvalue, r.df, i.low, i.high]


def chi(q):
    r = stats.chi2_contingency(numpy.array(q["table"]), correction=q["yates"])
    return [r.statistic, r.pvalue, r.dof]


class Fixed:
    """What scipy.stats.bootstrap takes of draws that were made elsewhere."""

    def __init__(self, d):
        self.bootstrap_distribution = numpy.array(d)


def bootstrap(q):
    out = []
    for method in ["percentile", "basic", "BCa"]:
        data = (numpy.array(q["a"]),) if q["b"] is None else (numpy.array(q["a"]), numpy.array(q["b"]))
        one = lambda x, axis=-1: numpy.mean(x, axis=axis) ** 2
        f = one if len(data) == 1 else lambda x, y, axis=-1: one(x, axis) - one(y, axis)
        r = stats.bootstrap(data, f, n_resamples=0, method=method, confidence_level=q["level"], bootstrap_result=Fixed(q["draws"]))
        out += [r.confidence_interval.low, r.confidence_interval.high]
    return out


def belief(q):
    a, b = stats.beta(*q["a"]), stats.beta(*q["b"])
    tails = [1e-18, 1e-10, 1e-5, 1e-2, 0.25, 0.5]
    cuts = sorted({float(f(p)) for d in (a, b) for p in tails for f in (d.ppf, d.isf)})

    def total(f):
        return sum(scipy.integrate.quad(f, l, h, epsabs=0, epsrel=1e-11)[0] for l, h in zip(cuts, cuts[1:]))

    return [total(lambda x: b.pdf(x) * a.cdf(x)), total(lambda x: a.cdf(x) * b.sf(x)), total(lambda x: b.cdf(x) * a.sf(x))]


def group(q):
    """Brownian motion on a grid, by Simpson's rule: nothing in common with Gauss and Legendre's but the definition."""
    z, t, n = q["z"], q["t"], 1201
    out, x, f, at = [], None, None, 0
    for k, (b, u) in enumerate(zip(z, t)):
        e = b * numpy.sqrt(u)
        sd = numpy.sqrt(u - at)
        if x is None:
            out.append(2 * stats.norm.sf(b))
            grid = numpy.linspace(-e, e, n)
            new = stats.norm.pdf(grid, 0, sd)
        else:
            out.append(scipy.integrate.simpson(f * (stats.norm.sf((e - x) / sd) + stats.norm.cdf((-e - x) / sd)), x=x))
            grid = numpy.linspace(-e, e, n)
            new = scipy.integrate.simpson(f * stats.norm.pdf(grid[:, None] - x, 0, sd), x=x, axis=1)
        x, f, at = grid, new, u
    return out


CALLS = {
    "welch": mean_interval, "paired": paired,
    "proportions": lambda q: list(proportion.proportions_ztest(q["x"], q["n"], alternative={"two-sided": "two-sided", "less": "smaller", "greater": "larger"}[q["alt"]])),
    "newcombe": lambda q: list(proportion.confint_proportions_2indep(q["x"][0], q["n"][0], q["x"][1], q["n"][1], method="newcomb", compare="diff", alpha=1 - q["level"])),
    "wilson": lambda q: list(proportion.proportion_confint(q["x"], q["n"], alpha=1 - q["level"], method="wilson")),
    "clopper": lambda q: list(proportion.proportion_confint(q["x"], q["n"], alpha=1 - q["level"], method="beta")),
    "binomial": lambda q: pair(stats.binomtest(q["x"], q["n"], q["p"], alternative=q["alt"])),
    "fisher": lambda q: list(stats.fisher_exact(q["table"], alternative=q["alt"])),
    "chi": chi,
    "correlation": lambda q: [stats.pearsonr(q["a"], q["b"], alternative=q["alt"]).pvalue],
    "ratio": lambda q: pair(stats.chisquare(q["x"], numpy.sum(q["x"]) * numpy.array(q["share"]) / numpy.sum(q["share"]))),
    "mcnemar": lambda q: [pair(contingency_tables.mcnemar([[9, q["x"][0]], [q["x"][1], 9]], exact=e, correction=c))[i] for e, c, i in [(True, False, 1), (False, True, 0), (False, True, 1), (False, False, 1)]],
    "mwu": lambda q: pair(stats.mannwhitneyu(q["a"], q["b"], alternative=q["alt"], method=q["method"], use_continuity=q["continuity"])),
    "mwu-permuted": lambda q: pair(stats.mannwhitneyu(q["a"], q["b"], alternative=q["alt"], method=stats.PermutationMethod(n_resamples=10**6))),
    "wilcoxon": lambda q: [stats.wilcoxon(q["a"], q["b"], alternative="greater").statistic, stats.wilcoxon(q["a"], q["b"], alternative=q["alt"], method=q["method"], correction=q["continuity"], zero_method=q["zero"]).pvalue],
    "wilcoxon-permuted": lambda q: [stats.wilcoxon(q["a"], q["b"], alternative=q["alt"], method=stats.PermutationMethod(n_resamples=10**6)).pvalue],
    "ks": lambda q: pair(stats.ks_2samp(q["a"], q["b"], alternative=q["alt"], method="exact")),
    "ks-limit": lambda q: [float(scipy.special.kolmogorov(q["z"]))] if q["alt"] == "two-sided" else [stats.ks_2samp(q["a"], q["b"], alternative=q["alt"], method="asymp").pvalue],
    "bh": lambda q: list(multitest.multipletests(q["p"], method=q["method"])[1]),
    "t-power": lambda q: [power.TTestIndPower().power(q["effect"], q["n"], q["alpha"], q["ratio"], alternative=q["alt"])],
    "z-power": lambda q: [power.NormalIndPower().power(proportion.proportion_effectsize(*q["p"]), q["n"], q["alpha"], q["ratio"], alternative=q["alt"])],
    "p-power": lambda q: [proportion.power_proportions_2indep(q["p"][1] - q["p"][0], q["p"][0], q["n"], ratio=1, alpha=q["alpha"], return_results=True).power],
    "p-size": lambda q: [proportion.samplesize_proportions_2indep_onetail(q["p"][1] - q["p"][0], q["p"][0], q["power"], ratio=1, alpha=q["alpha"])],
    "bootstrap": bootstrap, "belief": belief, "group": group,
    "nct": lambda q: [float(stats.nct.sf(q["t"], q["df"], q["shift"]))],
    "t": lambda q: [float(stats.t.sf(q["t"], q["df"])), float(stats.t.isf(q["p"], q["df"]))],
    "beta": lambda q: [float(stats.beta.cdf(q["x"], *q["a"])), float(stats.beta.sf(q["x"], *q["a"])), float(stats.beta.ppf(q["p"], *q["a"]))],
}


def plain(v):
    v = float(v)
    return v if numpy.isfinite(v) else str(v)


print(json.dumps([[plain(x) for x in CALLS[q["call"]](q)] for q in json.load(sys.stdin)]))
