"""Fits implicit's ALS, and says what its factors lose."""
import json
import sys

import implicit
import numpy
import scipy.sparse
from implicit.als import AlternatingLeastSquares

asked = json.load(sys.stdin)
print("implicit", implicit.__version__)
rows, cols = numpy.array(asked["pairs"]).T
ones = scipy.sparse.csr_matrix((numpy.ones(len(rows)), (rows, cols)), shape=(rows.max() + 1, cols.max() + 1))
dense = ones.toarray()


def loss(seed):
    """Returns the loss of a fit from one begin."""
    model = AlternatingLeastSquares(
        factors=asked["factors"], iterations=asked["rounds"], regularization=asked["reg"], alpha=1 + asked["alpha"],
        dtype=numpy.float64, use_gpu=False, num_threads=1, random_state=seed,
    )
    model.fit(ones, show_progress=False)
    x, y = numpy.array(model.user_factors), numpy.array(model.item_factors)
    return ((1 + asked["alpha"] * dense) * (dense - x @ y.T) ** 2).sum() + asked["reg"] * ((x**2).sum() + (y**2).sum())


print(json.dumps({"Loss": float(min(loss(seed) for seed in range(8)))}))
