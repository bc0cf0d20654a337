"""Answers oracle_test.go of package neighbors with what scikit-learn and river make of the same events."""
import json
import sys

import numpy as np
import river
import sklearn
from river import neighbors as rn
from sklearn.metrics.pairwise import nan_euclidean_distances
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

print("numpy", np.__version__, "scikit-learn", sklearn.__version__, "river", river.__version__)
q = json.load(sys.stdin)
X, y, v = np.array(q["X"]), np.array(q["Classes"]), np.array(q["Numbers"])
M = np.array([[np.nan if a is None else a for a in row] for row in q["Missing"]], float)
window, k, cut = q["Window"], q["K"], len(y) // 2
A, B = X[cut - window:cut], X[cut:]
out = {}
for metric in ("euclidean", "manhattan", "cosine"):
    for weights in ("uniform", "distance"):
        m = KNeighborsClassifier(k, metric=metric, weights=weights, algorithm="brute").fit(A, y[cut - window:cut])
        out["classes %s %s" % (metric, weights)] = m.predict_proba(B).ravel().tolist()
        m = KNeighborsRegressor(k, metric=metric, weights=weights, algorithm="brute").fit(A, v[cut - window:cut])
        out["numbers %s %s" % (metric, weights)] = m.predict(B).tolist()
D = nan_euclidean_distances(M[cut:], M[cut - window:cut])
out["missing"] = [float(np.mean(v[cut - window:cut][np.argsort(d, kind="stable")[:k]])) for d in D]
m, said = rn.KNNRegressor(n_neighbors=k, engine=rn.LazySearch(window_size=window), aggregation_method="mean"), []
for x, t in zip(X.tolist(), v.tolist()):
    x = dict(enumerate(x))
    said.append(float(m.predict_one(x) or 0))
    m.learn_one(x, t)
out["river"] = said
print(json.dumps(out))
