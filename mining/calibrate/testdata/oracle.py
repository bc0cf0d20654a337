"""Answers oracle_test.go of package calibrate with what scikit-learn and SciPy make of the same scores."""
import json
import sys

import numpy as np
import scipy
import sklearn
from scipy.optimize import minimize
from sklearn.calibration import CalibratedClassifierCV, _SigmoidCalibration
from sklearn.frozen import FrozenEstimator
from sklearn.isotonic import IsotonicRegression
from sklearn.naive_bayes import GaussianNB

print("numpy", np.__version__, "scipy", scipy.__version__, "scikit-learn", sklearn.__version__)
q = json.load(sys.stdin)
s, y, v, w, at = (np.array(q[k]) for k in ("Scores", "Labels", "Numbers", "Weights", "At"))
out = {}
for name, weights in (("", None), (" weighted", w)):
    out["isotonic labels" + name] = IsotonicRegression(out_of_bounds="clip").fit(s, y, weights).predict(at).tolist()
    out["isotonic numbers" + name] = IsotonicRegression(out_of_bounds="clip").fit(s, v, weights).predict(at).tolist()
    u = np.ones(len(s)) if weights is None else weights
    n1, n0 = u[y == 1].sum(), u[y == 0].sum()
    t = np.where(y == 1, (n1 + 1) / (n1 + 2), 1 / (n0 + 2))

    def cost(p):
        f = p[0] * s + p[1]
        return np.sum(u * (t * f + np.logaddexp(0, -f)))

    def slope(p):
        f = p[0] * s + p[1]
        g = u * (t - 1 / (1 + np.exp(f)))
        return np.array([g @ s, g.sum()])

    out["platt" + name] = minimize(cost, [0, np.log((n0 + 1) / (n1 + 1))], jac=slope, method="BFGS", options={"gtol": 1e-9}).x.tolist()
m = _SigmoidCalibration().fit(s, y)
out["platt sklearn"] = [float(m.a_), float(m.b_)]

X, k = np.array(q["X"]), np.array(q["K"])
n = len(k) // 2
held = slice(n // 2, n)
for classes in (2, 3):
    z = np.minimum(k, classes - 1)
    m = CalibratedClassifierCV(FrozenEstimator(GaussianNB().fit(X[:n // 2], z[:n // 2])), method="isotonic").fit(X[held], z[held])
    out["monotone %d" % classes] = m.predict_proba(X[n:]).ravel().tolist()
print(json.dumps(out))
