"""Prequential figures of river's Hoeffding trees and adaptive random forests, on rows that come from the test."""
import json
import sys
import time

import river
from river import forest, tree

print("river", river.__version__)
q = json.load(sys.stdin)


def build(c):
    kind = c.pop("model")
    if kind == "hoeffding":
        return tree.HoeffdingTreeClassifier(**c)
    if kind == "forest":
        return forest.ARFClassifier(**c)
    return tree.HoeffdingTreeRegressor(**c)


out = []
rows = [{i: v for i, v in enumerate(x) if v is not None} for x in q["X"]]
for c in q["models"]:
    regress = c["model"] == "regressor"
    m = build(c)
    y = q["Y"] if regress else [int(v) for v in q["Y"]]
    answers = []
    start = time.process_time()
    for x, label in zip(rows, y):
        if regress:
            answers.append(m.predict_one(x))
        else:
            p = m.predict_proba_one(x)
            answers.append([p.get(k, 0.0) for k in range(q["Classes"])])
        m.learn_one(x, label)
    spent = time.process_time() - start
    r = {"Answers": answers, "Seconds": spent}
    if hasattr(m, "n_branches"):
        r["Splits"] = m.n_branches or 0
    if hasattr(m, "n_drifts_detected"):
        r["Drifts"], r["Warnings"] = m.n_drifts_detected(), m.n_warnings_detected()
    out.append(r)
print(json.dumps(out))
