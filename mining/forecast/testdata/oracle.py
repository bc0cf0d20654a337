"""Foresees by statsforecast."""
import json
import sys

import numpy
import statsforecast
from statsforecast.models import TSB, CrostonClassic, CrostonSBA

asked = json.load(sys.stdin)
print("statsforecast", statsforecast.__version__)
out = []
for y in asked["Demands"]:
    y = numpy.array(y, dtype=float)
    out.append([
        float(m.forecast(y=y, h=1)["mean"][0])
        for m in (CrostonClassic(), CrostonSBA(), TSB(alpha_d=0.2, alpha_p=0.1))
    ])
print(json.dumps({"Demands": out}))
