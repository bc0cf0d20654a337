"""Takes series apart, tests and forecasts them by statsmodels."""
import json
import sys
import warnings

import numpy
import statsmodels
from statsmodels.stats.diagnostic import acorr_ljungbox
from statsmodels.tsa.seasonal import STL
from statsmodels.tsa.statespace.sarimax import SARIMAX
from statsmodels.tsa.stattools import adfuller, kpss

warnings.simplefilter("ignore")
asked = json.load(sys.stdin)
print("statsmodels", statsmodels.__version__)
out = {"STL": [], "Tests": [], "ARIMA": []}
for a in asked.get("STL") or []:
    r = STL(numpy.array(a["Y"]), period=a["M"], seasonal=a["Window"], robust=a["Robust"]).fit()
    out["STL"].append({"Trend": list(r.trend), "Seasonal": list(r.seasonal)})
for y in asked.get("Tests") or []:
    y = numpy.array(y)
    one = []
    for trend in ("c", "ct"):
        for lags in (None, 3):
            r = adfuller(y, regression=trend, autolag="AIC") if lags is None else adfuller(y, regression=trend, maxlag=lags, autolag=None)
            one.append([float(r[0]), float(r[1]), float(r[2])])
        for lags in ("auto", 4):
            r = kpss(y, regression=trend, nlags=lags)
            one.append([float(r[0]), float(r[1]), float(r[2])])
    r = acorr_ljungbox(y, lags=[10], model_df=2)
    one.append([float(r["lb_stat"].iloc[0]), float(r["lb_pvalue"].iloc[0]), 10])
    out["Tests"].append(one)
for a in asked.get("ARIMA") or []:
    x = numpy.array(a["X"]) if a["X"] else None
    m = SARIMAX(numpy.array(a["Y"]), exog=x, order=a["Order"], seasonal_order=a["Seasonal"] + [a["M"]] if a["M"] > 1 else (0, 0, 0, 0),
                simple_differencing=True, concentrate_scale=True)
    r = m.fit(disp=False, maxiter=500) if a["Parameters"] else m.filter([])
    # What its own likelihood is with our parameters, and what it foresees with them.
    given = m.filter(a["Parameters"])
    answer = {"Params": list(map(float, r.params)), "Fitted": float(r.llf), "Given": float(given.llf), "Scale": float(given.scale)}
    full = SARIMAX(numpy.array(a["Y"]), exog=x, order=a["Order"], seasonal_order=a["Seasonal"] + [a["M"]] if a["M"] > 1 else (0, 0, 0, 0))
    f = full.filter(a["Parameters"] + [answer["Scale"]]).get_forecast(6, exog=numpy.array(a["Future"]) if a["X"] else None)
    answer["Mean"] = [float(v) for v in f.predicted_mean]
    answer["SD"] = [float(v) if v == v else 0 for v in f.se_mean]
    out["ARIMA"].append(answer)
print(json.dumps(out))
