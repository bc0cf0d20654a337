"""Answers oracle_test.go of package linear with what scikit-learn, NumPy and river make of the same events."""
import json
import sys

import numpy as np
import river
import sklearn
from river import linear_model, optim
from sklearn.linear_model import LogisticRegression, Ridge

print("numpy", np.__version__, "scikit-learn", sklearn.__version__, "river", river.__version__)
q = json.load(sys.stdin)
X, y, k, v, w = (np.array(q[n]) for n in ("X", "Binary", "Classes", "Numbers", "Weights"))
out = {}


def keep(name, model):
    out[name] = np.append(np.ravel(model.coef_), np.ravel(model.intercept_)).tolist()


# Exact solvers.
for c in q["C"]:
    m = LogisticRegression(C=c, tol=1e-12, max_iter=1000, solver="newton-cholesky")
    keep("logistic %g" % c, m.fit(X, y))
    keep("logistic weighted %g" % c, m.fit(X, y, sample_weight=w))
    m = LogisticRegression(C=c, tol=1e-12, max_iter=1000, solver="newton-cholesky", class_weight={0: 1, 1: 3})
    keep("logistic classes %g" % c, m.fit(X, y))
    m = LogisticRegression(C=c, tol=1e-12, max_iter=1000, solver="newton-cholesky", fit_intercept=False)
    out["logistic bare %g" % c] = np.ravel(m.fit(X, y).coef_).tolist()
    m = LogisticRegression(C=c, tol=1e-12, max_iter=1000, solver="newton-cholesky")
    keep("softmax %g" % c, m.fit(X, k, sample_weight=w))
m = LogisticRegression(C=np.inf, tol=1e-12, max_iter=1000, solver="newton-cholesky")
keep("logistic free", m.fit(X, y))
m = LogisticRegression(C=1, tol=1e-12, max_iter=1000, solver="newton-cholesky")
Z, z = np.array(q["Shop"]["X"]), np.array(q["Shop"]["Y"])
if len(z):
    keep("shop", m.fit(Z, z))
for a in q["Ridge"]:
    keep("ridge %g" % a, Ridge(alpha=a, solver="cholesky").fit(X, v))
    keep("ridge weighted %g" % a, Ridge(alpha=a, solver="cholesky").fit(X, v, sample_weight=w))
one = np.column_stack([X, np.ones(len(X))])
out["least squares"] = np.linalg.lstsq(one, v, rcond=None)[0].tolist()
out["least squares bare"] = np.linalg.lstsq(X, v, rcond=None)[0].tolist()

# Event by event: the prediction of each before it is learnt.
names = ["x%d" % i for i in range(X.shape[1])]
events = [dict(zip(names, row)) for row in X.tolist()]


def stream(name, m, labels, weights=None):
    said = []
    for i, x in enumerate(events):
        if hasattr(m, "predict_proba_one"):
            said.append(m.predict_proba_one(x).get(True, 0.5))
        else:
            said.append(m.predict_one(x))
        if weights is None:
            m.learn_one(x, labels[i])
        else:
            m.learn_one(x, labels[i], w=weights[i])
    out[name] = [float(s) for s in said]


yes, numbers, ws = [bool(a) for a in y], v.tolist(), w.tolist()
LR, R, L = linear_model.LogisticRegression, linear_model.LinearRegression, optim.losses
stream("sgd", LR(optim.SGD(0.1)), yes)
stream("sgd weighted", LR(optim.SGD(0.1)), yes, ws)
stream("sgd l2", LR(optim.SGD(0.1), l2=0.01), yes)
stream("sgd l1", LR(optim.SGD(0.1), l1=0.01), yes)
stream("sgd inverse", LR(optim.SGD(optim.schedulers.InverseScaling(0.5, 0.5)), intercept_lr=0.03), yes)
stream("adagrad", LR(optim.AdaGrad(0.1)), yes)
stream("adam", LR(optim.Adam(0.1)), yes)
# river's squared loss is not halved, and its gradient is twice ours.
stream("squared", R(optim.SGD(0.01), intercept_lr=0.005), numbers)
stream("huber", R(optim.SGD(0.02), loss=L.Huber(1.5)), numbers)
stream("quantile", R(optim.SGD(0.02), loss=L.Quantile(0.8)), numbers)
stream("hinge", LR(optim.SGD(0.05), loss=L.Hinge()), yes)
for mode in range(3):
    stream("pa %d" % mode, linear_model.PAClassifier(C=0.3, mode=mode), yes)


def aggressive(mode, c, eps):
    """Regression of Crammer et al., 2006. river 0.26.1's PARegressor takes 2y-1 for y in its loss."""
    w, b, said = np.zeros(X.shape[1]), 0.0, []
    for x, t in zip(X, v):
        p = w @ x + b
        said.append(float(p))
        loss, n = max(abs(p - t) - eps, 0), x @ x
        tau = [loss / n, min(c, loss / n), loss / (n + 0.5 / c)][mode]
        w, b = w + np.sign(t - p) * tau * x, b + np.sign(t - p) * tau
    return said


for mode in range(3):
    out["pa numbers %d" % mode] = aggressive(mode, 0.3, 0.2)


def ftrl(alpha, beta, l1, l2):
    """Algorithm 1 of McMahan et al., 2013, written straight from the paper."""
    n, z, said = np.zeros(X.shape[1] + 1), np.zeros(X.shape[1] + 1), []
    lam1, lam2 = np.full(len(n), l1), np.full(len(n), l2)
    lam1[-1] = lam2[-1] = 0
    for x, t in zip(one, y):
        w = np.where(np.abs(z) <= lam1, 0, -(z - np.sign(z) * lam1) / ((beta + np.sqrt(n)) / alpha + lam2))
        p = 1 / (1 + np.exp(-(w @ x)))
        said.append(float(p))
        g = (p - t) * x
        sigma = (np.sqrt(n + g * g) - np.sqrt(n)) / alpha
        z += g - sigma * w
        n += g * g
    return said


out["ftrl"] = ftrl(0.2, 1.0, 0.5, 0.3)
print(json.dumps(out))
