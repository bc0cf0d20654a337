"""Answers of NumPy, SciPy, scikit-learn and river to the questions of oracle_test.go."""
import json
import sys
import time
from importlib.metadata import version

import numpy as np
from river import anomaly
from river.tree.padded import PaddedBranch, PaddedLeaf
from scipy import stats
from sklearn.ensemble import IsolationForest

print(*(f"{m} {version(m)}" for m in ["numpy", "scipy", "scikit-learn", "river"]))


def tree(t, node, height):
    mass = {"l_mass": 0, "r_mass": 0}
    if height == 0:
        return PaddedLeaf(**mass)
    return PaddedBranch(
        left=tree(t, 2 * node + 1, height - 1),
        right=tree(t, 2 * node + 2, height - 1),
        feature=t["Feature"][node],
        threshold=t["Threshold"][node],
        **mass,
    )


def halfspace(q):
    """river's half-space trees, with the cuts that ours drew."""
    rows = [{i: v for i, v in enumerate(row) if v is not None} for row in q["Rows"]]
    best = float("inf")
    for _ in range(3):
        m = anomaly.HalfSpaceTrees(n_trees=len(q["Trees"]), height=q["Height"], window_size=q["Window"])
        m.trees = [tree(t, 0, q["Height"]) for t in q["Trees"]]
        m._tree_nodes = [list(t.iter_dfs()) for t in m.trees]
        scores = []
        start = time.process_time()
        for x in rows:
            scores.append(m.score_one(x))
            m.learn_one(x)
        best = min(best, time.process_time() - start)
    return {"Scores": scores, "Seconds": best}


def gaussian(q):
    x = np.array(q["Rows"])
    mean, cov = x.mean(axis=0), np.cov(x, rowvar=False)
    new = np.array(q["New"])
    d = new - mean
    z = d / x.std(axis=0, ddof=1)
    return {
        "Mahalanobis": np.sqrt(np.einsum("ij,ij->i", d, np.linalg.solve(cov, d.T).T)).tolist(),
        "Gaussian": np.sqrt((z * z).mean(axis=1)).tolist(),
    }


def robust(q):
    x = np.array(q["Values"])
    out = []
    for i in range(q["Window"], len(x)):
        w = x[i - q["Window"] : i]
        out.append(abs(x[i] - np.median(w)) / stats.median_abs_deviation(w, scale="normal"))
    return {"Scores": out}


def forest(q):
    x = np.array(q["Rows"])
    m = IsolationForest(n_estimators=q["Estimators"], random_state=q["Seed"]).fit(x)
    return {"Scores": (-m.score_samples(x)).tolist()}


q = json.load(sys.stdin)
print(json.dumps({"halfspace": halfspace, "gaussian": gaussian, "robust": robust, "forest": forest}[q["Kind"]](q)))
