"""Answers oracle_test.go of package prepare with what scikit-learn makes of the same table."""
import json
import sys

import numpy as np
import sklearn
from sklearn import preprocessing as pp
from sklearn.impute import SimpleImputer

print("numpy", np.__version__, "scikit-learn", sklearn.__version__)
q = json.load(sys.stdin)
X = np.array([[np.nan if v is None else v for v in row] for row in q["X"]], float)
F = np.array(q["Full"], float)
c = np.array(q["Category"]).reshape(-1, 1)
y, w = np.array(q["Y"]), np.array(q["Weights"])
out = {}


def keep(name, a):
    a = np.asarray(a.toarray() if hasattr(a, "toarray") else a, float)
    out[name] = [[None if np.isnan(v) else float(v) for v in row] for row in a]


keep("standard", pp.StandardScaler().fit_transform(X))
keep("standard weighted", pp.StandardScaler().fit(F, sample_weight=w).transform(F))
keep("minmax", pp.MinMaxScaler().fit_transform(X))
keep("robust", pp.RobustScaler().fit_transform(X))
for s in ("mean", "median", "most_frequent"):
    keep("impute " + s, SimpleImputer(strategy=s).fit_transform(X))
    keep("impute indicate " + s, SimpleImputer(strategy=s, add_indicator=True).fit_transform(X))
keep("impute constant", SimpleImputer(strategy="constant", fill_value=7).fit_transform(X))
for d in (2, 3):
    keep("polynomial %d" % d, pp.PolynomialFeatures(d, include_bias=False).fit_transform(F))
    keep("interactions %d" % d, pp.PolynomialFeatures(d, include_bias=False, interaction_only=True).fit_transform(F))
for s in (0.5, 10.0):
    keep("target %g" % s, pp.TargetEncoder(smooth=s, target_type="continuous").fit(c, y).transform(c))
names = np.array([str(v) for v in c.ravel()], dtype=object).reshape(-1, 1)
keep("onehot", pp.OneHotEncoder(categories=[list(dict.fromkeys(names.ravel()))]).fit_transform(names))


def folds(smooth):
    """scikit-learn's encoder, fitted for each fifth to the other four."""
    e, fifth = np.zeros((len(y), 1)), np.arange(len(y)) % 5
    for k in range(5):
        m = pp.TargetEncoder(smooth=smooth, target_type="continuous").fit(c[fifth != k], y[fifth != k])
        e[fifth == k] = m.transform(c[fifth == k])
    return e


keep("target folds", folds(3.0))
print(json.dumps(out))
