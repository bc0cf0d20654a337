"""Times implicit's ALS with 64 factors, 15 rounds and one thread."""
import json
import sys
import time

import implicit
import numpy
import scipy.sparse
from implicit.als import AlternatingLeastSquares

asked = json.load(sys.stdin)
print("implicit", implicit.__version__)
rows, cols = numpy.array(asked["pairs"]).T
ones = scipy.sparse.csr_matrix((numpy.ones(len(rows)), (rows, cols)), shape=(rows.max() + 1, cols.max() + 1))
best = {}
for dtype in (numpy.float32, numpy.float64):
    for _ in range(3):
        begin = time.process_time()
        AlternatingLeastSquares(factors=64, iterations=15, regularization=1, alpha=2, dtype=dtype, use_gpu=False, num_threads=1, random_state=1).fit(
            ones, show_progress=False)
        seconds = time.process_time() - begin
        best[dtype.__name__] = min(best.get(dtype.__name__, 1e9), seconds)
print(json.dumps({"Single": best["float32"], "Double": best["float64"]}))
