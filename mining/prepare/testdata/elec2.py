"""Times river's scaler and logistic regression on Elec2, event by event: processor seconds of the best of three rounds."""
import json
import sys
import time

import river
from river import linear_model, optim, preprocessing

print("river", river.__version__, "python", sys.version.split()[0])
q = json.load(sys.stdin)
names = ["period", "nswprice", "nswdemand", "vicprice", "vicdemand", "transfer"]
events = [(dict(zip(names, x)), bool(y)) for x, y in zip(q["X"], q["Y"])]
best, right = float("inf"), 0
for _ in range(3):
    m = preprocessing.StandardScaler() | linear_model.LogisticRegression(optim.SGD(0.005))
    right = 0
    start = time.process_time()
    for x, y in events:
        right += (m.predict_proba_one(x)[True] > 0.5) == y
        m.learn_one(x, y)
    best = min(best, time.process_time() - start)
print(json.dumps({"Seconds": best, "Right": right}))
