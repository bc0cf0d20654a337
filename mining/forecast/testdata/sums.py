"""Reconciles forecasts by hierarchicalforecast, and makes forecasts by statsforecast."""
import json
import sys
import warnings

import numpy
import statsforecast
from hierarchicalforecast import __version__ as version
from hierarchicalforecast.methods import MinTrace
from statsforecast.models import AutoETS, Theta

warnings.simplefilter("ignore")
asked = json.load(sys.stdin)
print("hierarchicalforecast", version, "statsforecast", statsforecast.__version__)
out = {"Sums": [], "ETS": [], "Theta": []}
for a in asked.get("Sums") or []:
    one = {}
    # It refuses residuals that add up to 0, and takes what little they add up to off again.
    residuals = numpy.array(a["Residuals"]) + 1e-5
    for method in ("ols", "wls_struct", "wls_var", "mint_shrink"):
        r = MinTrace(method=method, mint_shr_ridge=0).fit_predict(
            S=numpy.array(a["S"], dtype=float), y_hat=numpy.array(a["Base"]), y_insample=residuals, y_hat_insample=numpy.zeros_like(residuals))
        one[method] = r["mean"].tolist()
    out["Sums"].append(one)
for a in asked.get("Series") or []:
    y = numpy.array(a["Y"])
    m = AutoETS(season_length=a["M"], model=a["Form"], damped=a["Damped"])
    r = m.fit(y)
    out["ETS"].append({"Likelihood": float(r.model_["loglik"]), "Mean": [float(v) for v in m.predict(h=6)["mean"]]})
    m = Theta(season_length=1).fit(y)
    out["Theta"].append([float(v) for v in m.predict(h=6)["mean"]])
print(json.dumps(out))
