import json
import sys

import numpy

asked = json.load(sys.stdin)
if asked["How"] == "raise":
    raise ValueError("no answer to " + asked["How"])
if asked["How"] == "exit":
    sys.exit(3)
asked["How"], numpy.asked = getattr(numpy, "asked", "nothing before"), True
print(json.dumps(asked))
