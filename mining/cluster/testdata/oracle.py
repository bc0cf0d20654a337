"""Finds groups by scikit-learn."""
import json
import sys

import numpy
import sklearn
from sklearn.cluster import DBSCAN, KMeans

asked = json.load(sys.stdin)
print("scikit-learn", sklearn.__version__)
rows = numpy.array(asked["rows"])
dbscan = DBSCAN(eps=asked["radius"], min_samples=asked["least"]).fit(rows)
print(json.dumps({
    "Inertia": {str(k): float(KMeans(k, n_init=30, random_state=1, tol=0).fit(rows).inertia_) for k in asked["ks"]},
    "Labels": dbscan.labels_.tolist(),
    "Core": dbscan.core_sample_indices_.tolist(),
}))
