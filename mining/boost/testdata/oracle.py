"""scikit-learn's HistGradientBoosting on rows that come from the test."""
import json
import resource
import sys

import numpy as np
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

print("scikit-learn", sklearn.__version__, "numpy", np.__version__)
q = json.load(sys.stdin)


def spent():
    r = resource.getrusage(resource.RUSAGE_SELF)
    return r.ru_utime + r.ru_stime


def read(p):
    return np.fromfile(p["Path"], dtype="<f8").reshape(p["Rows"], p["Columns"])


X, y, test = read(q["X"]), read(q["Y"])[:, 0], read(q["Test"])
w = read(q["Weight"])[:, 0] if q.get("Weight") else None
out = []
for c in q["Models"]:
    kind = c.pop("model")
    m = (HistGradientBoostingClassifier if kind == "classifier" else HistGradientBoostingRegressor)(early_stopping=False, **c)
    start = spent()
    m.fit(X, y, sample_weight=w)
    seconds = spent() - start
    a = m.predict_proba(test) if kind == "classifier" else m.predict(test)[:, None]
    out.append({"Answers": a.tolist(), "Seconds": seconds, "Leaves": sum(int(p.get_n_leaf_nodes()) for it in m._predictors for p in it)})
print(json.dumps(out))
