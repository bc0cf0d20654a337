"""What the Python programs of the comparison share; see package contest."""
import argparse
import json
import time

BEGIN = time.perf_counter()
MASK = (1 << 64) - 1


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--contest", required=True)
    p.add_argument("--data", required=True)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--jobs", type=int, default=1)
    return p.parse_args()


def run(args, version, works):
    """Does the contest that args name, and prints the report."""
    setup, jobs, result = time.perf_counter() - BEGIN, [], None
    for _ in range(args.jobs):
        start, cpu = time.perf_counter(), time.process_time()
        result = works[args.contest]()
        jobs.append({"wall": time.perf_counter() - start, "cpu": time.process_time() - cpu})
    print(json.dumps({"version": version, "setup": setup, "jobs": jobs, "result": result}), flush=True)


def cells(rows):
    """Makes (minute since 1970, category, revenue) comparable."""
    n = total = mix = 0
    for minute, category, revenue in rows:
        cents = round(revenue * 100)
        name = 0
        for b in category.encode():
            name = name * 31 + b
        n += 1
        total += cents
        mix += (minute * 131 + name) * cents
    return {"cells": str(n), "cents": str(total), "mix": str(mix & MASK)}
