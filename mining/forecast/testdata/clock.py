"""Times Theta and the automatic ETS of statsforecast on series, on one thread."""
import json
import sys
import time

import numpy
import statsforecast
from statsforecast.models import AutoETS, Theta

asked = json.load(sys.stdin)
print("statsforecast", statsforecast.__version__)
warm = numpy.arange(40.0) % 4 + 1
AutoETS(season_length=4).forecast(y=warm, h=4)
Theta(season_length=4).forecast(y=warm, h=4)
begin = time.process_time()
for s in asked["Series"]:
    y = numpy.array(s["Y"], dtype=float)
    Theta(season_length=s["M"]).forecast(y=y, h=s["H"])
    AutoETS(season_length=s["M"]).forecast(y=y, h=s["H"])
print(json.dumps({"Seconds": time.process_time() - begin}))
