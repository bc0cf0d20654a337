"""Fits lifelines' and lifetimes' models."""
import json
import sys

import lifelines
import lifetimes
import numpy
import pandas
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.statistics import logrank_test
from lifetimes import BetaGeoFitter, GammaGammaFitter

asked = json.load(sys.stdin)
print("lifelines", lifelines.__version__, "lifetimes", lifetimes.__version__)

out = {}
customers = asked["customers"]
frequency = numpy.array([c["Repeats"] for c in customers])
recency = numpy.array([c["Last"] for c in customers])
age = numpy.array([c["Age"] for c in customers])
value = numpy.array([c["Value"] for c in customers])
sys.stdout, printed = sys.stderr, sys.stdout
again = frequency > 0


def fitted(model, ours, *data):
    """Fits a model, from our parameters on where its own beginning leads nowhere."""
    try:
        return model().fit(*data)
    except lifetimes.utils.ConvergenceError:
        print("from ours on", file=printed)
        return model().fit(*data, initial_params=numpy.log(ours), tol=1e-4)


bgnbd = fitted(BetaGeoFitter, asked["BGNBD"], frequency, recency, age)
gamma = fitted(GammaGammaFitter, asked["Gamma"], frequency[again], value[again])
sys.stdout = printed
out["BGNBD"] = [float(bgnbd.params_[k]) for k in ("r", "alpha", "a", "b")]
out["Gamma"] = [float(gamma.params_[k]) for k in ("p", "q", "v")]
# What is predicted is asked of our parameters: of the same ones.
for k, v in zip(("r", "alpha", "a", "b"), asked["BGNBD"]):
    bgnbd.params_[k] = v
for k, v in zip(("p", "q", "v"), asked["Gamma"]):
    gamma.params_[k] = v
out["Alive"] = bgnbd.conditional_probability_alive(frequency, recency, age).tolist()
out["Orders"] = bgnbd.conditional_expected_number_of_purchases_up_to_time(asked["Time"], frequency, recency, age).tolist()
out["Values"] = gamma.conditional_expected_average_profit(frequency, value).tolist()

time = numpy.array([x["Time"] for x in asked["lifetimes"]])
happened = numpy.array([x["Happened"] for x in asked["lifetimes"]])
km = KaplanMeierFitter().fit(time, happened, alpha=0.05)
at = km.survival_function_.index
survival, bounds = km.survival_function_["KM_estimate"], km.confidence_interval_
died = set(time[happened])
out["KM"] = [
    [float(t), float(survival[t]), float(bounds.loc[t].iloc[0]), float(bounds.loc[t].iloc[1])]
    for t in at if t in died
]
half = len(time) // 2
test = logrank_test(time[:half], time[half:], happened[:half], happened[half:])
out["LogRank"] = [float(test.test_statistic), float(test.p_value)]
x = numpy.array(asked["features"])
table = pandas.DataFrame(x, columns=[f"x{i}" for i in range(x.shape[1])])
table["time"], table["happened"] = time, happened
cox = CoxPHFitter().fit(table, "time", "happened", fit_options={"precision": 1e-12})
out["Beta"] = cox.params_.tolist()
out["StdErr"] = cox.standard_errors_.tolist()
out["P"] = cox.summary["p"].tolist()
out["CoxLikelihood"] = float(cox.log_likelihood_)
out["Survival"] = cox.predict_survival_function(table.iloc[:20], times=[asked["At"]]).iloc[0].tolist()
print(json.dumps({k: v for k, v in out.items()}).replace("NaN", "-1"))
