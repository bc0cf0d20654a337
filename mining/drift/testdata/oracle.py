"""Runs river's detectors over streams, and says where each detects and warns."""
import json
import random
import sys
import time
from importlib.metadata import version

from river import drift
from river.drift import binary

print("river", version("river"), "scipy", version("scipy"))


class PCG:
    """The PCG-DXSM of Go's math/rand/v2, and the way in which KSWIN draws with it."""

    def __init__(self, seed):
        self.state = seed << 64

    def uint64(self):
        mask = (1 << 128) - 1
        self.state = (self.state * ((2549297995355413924 << 64) | 4865540595714422341) + ((6364136223846793005 << 64) | 1442695040888963407)) & mask
        hi, lo, m = self.state >> 64, self.state & ((1 << 64) - 1), (1 << 64) - 1
        hi ^= hi >> 32
        hi = hi * 0xDA942042E4DD58B5 & m
        hi ^= hi >> 48
        return hi * (lo | 1) & m

    def sample(self, population, k):
        order = list(population)
        for i in range(k):
            j = i + (self.uint64() * (len(order) - i) >> 64)
            order[i], order[j] = order[j], order[i]
        return order[:k]


class KSWIN(drift.KSWIN):
    """river's detector with the random numbers of ours, which go on after a detection."""

    def _reset(self):
        super()._reset()
        if not hasattr(self, "pcg"):
            self.pcg = PCG(self.seed)
        self._rng = self.pcg


kinds = {
    "ADWIN": drift.ADWIN,
    "PageHinkley": drift.PageHinkley,
    "DDM": binary.DDM,
    "EDDM": binary.EDDM,
    "HDDMA": binary.HDDM_A if hasattr(binary, "HDDM_A") else binary.HDDMA,
    "HDDMW": binary.HDDM_W if hasattr(binary, "HDDM_W") else binary.HDDMW,
    "KSWIN": KSWIN,
}

question = json.load(sys.stdin)
answers = []
if question.get("Doc"):
    rng = random.Random(12345)
    print("stream of the documentation")
    answers.append({"Stream": rng.choices([0, 1], k=1000) + rng.choices(range(4, 8), k=1000)})
for run in question.get("Runs") or []:
    detector = kinds[run["Kind"]](**run["Options"])
    detections, warnings = [], []
    means = []
    start = time.process_time()
    for i, x in enumerate(run["Stream"]):
        detector.update(x)
        if detector.drift_detected:
            detections.append(i)
            if run["Kind"] == "ADWIN":
                means.append([detector.width, detector.estimation, detector.variance])
        if getattr(detector, "warning_detected", False):
            warnings.append(i)
    took = time.process_time() - start
    answers.append({"Detections": detections, "Warnings": warnings, "Windows": means, "Seconds": took})
print(json.dumps(answers))
