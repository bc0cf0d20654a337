"""Answers oracle_test.go of package bayes with what scikit-learn and river make of the same events."""
import json
import sys

import numpy as np
import river
import sklearn
from river import naive_bayes as rnb
from scipy.sparse import csr_matrix
from sklearn import naive_bayes as nb
from sklearn.metrics import log_loss, roc_auc_score

print("numpy", np.__version__, "scikit-learn", sklearn.__version__, "river", river.__version__)
q = json.load(sys.stdin)
X, N, y, w = (np.array(q[k]) for k in ("X", "Counts", "Y", "Weights"))
out = {}
cut = len(y) // 2


def batch(name, m, data, binary=False):
    d = (data > 0).astype(float) if binary else data
    out[name] = m.fit(d[:cut], y[:cut]).predict_proba(d[cut:]).ravel().tolist()
    out[name + " weighted"] = m.fit(d[:cut], y[:cut], sample_weight=w[:cut]).predict_proba(d[cut:]).ravel().tolist()


batch("gaussian", nb.GaussianNB(), X)
batch("gaussian smooth", nb.GaussianNB(var_smoothing=0.1), X)
batch("gaussian bare", nb.GaussianNB(var_smoothing=0), X)
for a in (1.0, 0.3):
    batch("multinomial %g" % a, nb.MultinomialNB(alpha=a), N)
    batch("bernoulli %g" % a, nb.BernoulliNB(alpha=a), N, True)
    batch("complement %g" % a, nb.ComplementNB(alpha=a), N)


def stream(name, m, data):
    said = []
    for x, t in zip(data.tolist(), y.astype(int).tolist()):
        p = m.predict_proba_one(dict(enumerate(x)))
        said.append([float(p.get(k, 0)) for k in range(3)] if p else [1 / 3] * 3)
        m.learn_one(dict(enumerate(x)), t)
    out[name] = np.ravel(said).tolist()


stream("river gaussian", rnb.GaussianNB(), X)
stream("river multinomial", rnb.MultinomialNB(alpha=1.0), N)

s = q["SMS"]
if s["Labels"]:
    t, n = np.array(s["Labels"]), s["Train"]
    A = csr_matrix((s["Values"], s["Places"], s["Starts"]), shape=(len(t), s["Size"]))
    for name, m in (("multinomial", nb.MultinomialNB()), ("bernoulli", nb.BernoulliNB()), ("complement", nb.ComplementNB())):
        p = m.fit(A[:n], t[:n]).predict_proba(A[n:])[:, 1]
        out["sms " + name] = p.tolist()
        out["sms figures " + name] = [float(np.mean((p > 0.5) == t[n:])), float(roc_auc_score(t[n:], p)), float(log_loss(t[n:], p))]
print(json.dumps(out))
