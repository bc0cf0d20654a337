"""The contests of files on Spark, in one JVM that PySpark starts."""
import os
import tempfile

import report

args = report.arguments()
from pyspark.sql import SparkSession  # noqa: E402
from pyspark.sql import functions as F  # noqa: E402

scratch = tempfile.TemporaryDirectory()
spark = (
    SparkSession.builder.master(f"local[{args.threads}]")
    .appName("peers")
    .config("spark.driver.memory", "4g")
    .config("spark.driver.host", "127.0.0.1")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.local.dir", scratch.name)
    .config("spark.ui.enabled", "false")
    .config("spark.ui.showConsoleProgress", "false")
    .config("spark.sql.shuffle.partitions", str(args.threads))
    .config("spark.sql.session.timeZone", "UTC")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
version = spark.version
ORDERS = f"{args.data}/orders-*.jsonl"
SOLD = "category STRING, amount DOUBLE, paid_at TIMESTAMP"


def added(orders):
    return {"sum": repr(orders.agg(F.sum("amount")).first()[0])}


def infer():
    """One pass to find the schema, one to add up."""
    return added(spark.read.json(ORDERS))


def schema():
    return added(spark.read.schema("amount DOUBLE").json(ORDERS))


def by_minute(orders):
    return orders.groupBy(F.window("paid_at", "1 minute").alias("w"), "category").agg(F.sum("amount").alias("revenue"))


def listed(revenue):
    rows = revenue.select(F.col("w.start").cast("long"), "category", "revenue").collect()
    return report.cells((start // 60, category, value) for start, category, value in rows)


def minutes():
    return listed(by_minute(spark.read.schema(SOLD).json(ORDERS)))


def minutes_stream():
    """As a stream, in one micro-batch: the files are of the same hours, and files
    of later batches would be late."""
    orders = spark.readStream.schema(SOLD).json(ORDERS).withWatermark("paid_at", "125 seconds")
    name = f"minutes_{len(spark.catalog.listTables())}"
    query = (
        by_minute(orders).writeStream.outputMode("update").format("memory").queryName(name)
        .option("checkpointLocation", os.path.join(scratch.name, name))
        .trigger(availableNow=True).start()
    )
    query.awaitTermination()
    return listed(spark.table(name))


report.run(args, version, {"sum": schema, "sum-infer": infer, "minutes": minutes, "minutes-stream": minutes_stream})

# The JVM is waited for, so that the time it used counts as this process's.
jvm = spark.sparkContext._gateway.proc
spark.stop()
jvm.stdin.close()
jvm.wait(30)
scratch.cleanup()
