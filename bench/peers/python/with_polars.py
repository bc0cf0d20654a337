"""The contests of files on Polars, by its streaming engine."""
import os

import report

args = report.arguments()
os.environ["POLARS_MAX_THREADS"] = str(args.threads)
import polars as pl  # noqa: E402  its import counts as start

ORDERS = f"{args.data}/orders-*.jsonl"


def total():
    q = pl.scan_ndjson(ORDERS).select(pl.col("amount").sum())
    return {"sum": repr(q.collect(engine="streaming").item())}


def minutes():
    paid = pl.col("paid_at").str.to_datetime("%Y-%m-%dT%H:%M:%S%.3fZ", time_unit="ms")
    q = (
        pl.scan_ndjson(ORDERS)
        .select((paid.dt.epoch("s") // 60).alias("minute"), "category", "amount")
        .group_by("minute", "category")
        .agg(pl.col("amount").sum())
    )
    return report.cells(q.collect(engine="streaming").iter_rows())


report.run(args, pl.__version__, {"sum": total, "minutes": minutes})
