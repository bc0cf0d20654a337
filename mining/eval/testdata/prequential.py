"""Test-then-train by river, with labels that come late. What a model says before it has learnt a label is not scored."""
import json
import sys

import river
from river import dummy, linear_model, metrics, optim, stats, stream

print("river", river.__version__)
q = json.load(sys.stdin)


def classify(model, x):
    p = model.predict_proba_one(x)
    if isinstance(model, dummy.PriorClassifier):
        # Of equals it takes the one that came first. Ours is the first class.
        return p.get(True, 0) > p.get(False, 0), p
    return model.predict_one(x), p


def run(model, xs, ys, delay, metrics_, number):
    waiting, learnt = {}, 0
    data = (({"t": t, **{str(j): v for j, v in enumerate(x)}}, y) for t, x, y in zip(q["Times"], xs, ys))
    for i, x, y, *_ in stream.simulate_qa(data, moment="t" if q["Timed"] else None, delay=delay, copy=True):
        x = {k: v for k, v in x.items() if k != "t"}
        if y is None:
            answer = None
            if learnt:
                answer = model.predict_one(x) if number else classify(model, x)
            waiting[i] = answer
            continue
        answer = waiting.pop(i)
        if answer is not None:
            for m in metrics_:
                if number:
                    m.update(y, answer)
                elif isinstance(m, metrics.LogLoss):
                    m.update(y, answer[1])
                else:
                    m.update(y, answer[0])
        model.learn_one(x, y)
        learnt += 1
    return [m.get() for m in metrics_]


xs, ys, numbers = q["X"], [bool(y) for y in q["Y"]], q["Numbers"]
new = lambda: [metrics.Accuracy(), metrics.F1(), metrics.CohenKappa(), metrics.MCC()]
out = {
    "majority": run(dummy.PriorClassifier(), xs, ys, q["Delay"], new(), False),
    "no change": run(dummy.NoChangeClassifier(), xs, ys, q["Delay"], new(), False),
    "logistic": run(linear_model.LogisticRegression(optim.SGD(0.05), intercept_lr=0.02), xs, ys, q["Delay"], new() + [metrics.LogLoss()], False),
    "mean": run(dummy.StatisticRegressor(stats.Mean()), xs, numbers, q["Delay"], [metrics.MAE(), metrics.RMSE(), metrics.R2()], True),
}
print(json.dumps(out))
