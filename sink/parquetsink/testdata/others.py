"""Reads Parquet files with DuckDB, Polars, PySpark and pyarrow, and writes such.

    others.py LAKE DIR...

writes LAKE/<who>/... files of the rows that row() gives, and prints, as one line of JSON, what each makes of DIR/*.parquet,
for each of the folders. All of it is one process, as Spark takes longest to begin.
"""
import datetime as dt
import decimal
import glob
import json
import os
import sys

UTC = dt.timezone.utc
N = 1000


def row(i):
    return dict(
        id=i,
        shop=f"shop {i % 7}",
        amount=decimal.Decimal(i * i - 50) / 100,
        price=i / 8,
        at=dt.datetime(2026, 11, 29, tzinfo=UTC) + dt.timedelta(minutes=i, microseconds=i),
        day=dt.date(2026, 1, 1) + dt.timedelta(days=i % 400 - 100),
        paid=i % 3 == 0 if i < 300 else i // 11 % 3 == 0,  # in runs, and in none
        note=None if i % 3 else f"nöte {i}",
        small=-i,
        tags=[f"t{k}" for k in range(i % 4)],
        sub=dict(x=i, y=f"y{i % 5}"),
    )


def plain(v):
    """What is compared: numbers, strings, lists of these."""
    if isinstance(v, dt.datetime):
        if v.tzinfo is None:
            v = v.replace(tzinfo=UTC)
        return (v - dt.datetime(1970, 1, 1, tzinfo=UTC)) // dt.timedelta(microseconds=1)
    if isinstance(v, dt.date):
        return (v - dt.date(1970, 1, 1)).days
    if isinstance(v, decimal.Decimal):
        return int(v.scaleb(2))
    if isinstance(v, dict):
        return {k: plain(x) for k, x in v.items()}
    if isinstance(v, (list, tuple)):
        return [plain(x) for x in v]
    if hasattr(v, "asDict"):
        return plain(v.asDict())
    return v


def spark():
    from pyspark.sql import SparkSession

    os.environ["TZ"] = "UTC"
    s = (SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
         .config("spark.sql.session.timeZone", "UTC").config("spark.driver.bindAddress", "127.0.0.1")
         .config("spark.driver.host", "127.0.0.1").config("spark.driver.memory", "700m").getOrCreate())
    s.sparkContext.setLogLevel("ERROR")
    return s


def read(where, s):
    import duckdb
    import polars
    import pyarrow.parquet

    pattern = os.path.join(where, "*.parquet")
    out = {}
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    cur = con.execute(f"SELECT * FROM read_parquet('{pattern}') ORDER BY id")
    names = [d[0] for d in cur.description]
    out["duckdb"] = [dict(zip(names, r)) for r in cur.fetchall()]
    # Which row groups a filter leaves, by statistics and Bloom filters, must not change what it finds.
    out["duckdb filter"] = con.execute(f"SELECT count(*), min(id) FROM read_parquet('{pattern}') WHERE shop = 'shop 3' AND id >= 500").fetchone()
    out["polars"] = polars.read_parquet(pattern).sort("id").to_dicts()
    out["polars filter"] = polars.scan_parquet(pattern).filter((polars.col("shop") == "shop 3") & (polars.col("id") >= 500)).select(polars.len(), polars.col("id").min()).collect().row(0)
    tables = [pyarrow.parquet.read_table(f, page_checksum_verification=True) for f in sorted(glob.glob(pattern))]
    out["pyarrow"] = pyarrow.concat_tables(tables).sort_by("id").to_pylist()
    df = s.read.parquet(where)
    out["pyspark"] = [r.asDict(recursive=True) for r in df.orderBy("id").collect()]
    out["pyspark filter"] = list(df.where("shop = 'shop 3' AND id >= 500").selectExpr("count(*)", "min(id)").first())
    return {k: [plain(r) for r in v] for k, v in out.items()}


def write(where, s):
    import duckdb
    import polars
    import pyarrow as pa
    import pyarrow.parquet as pq

    def to(who):
        d = os.path.join(where, who)
        os.makedirs(d)
        return d

    rows = [row(i) for i in range(N)]
    schema = pa.schema([
        ("id", pa.int64()), ("shop", pa.string()), ("amount", pa.decimal128(18, 2)), ("price", pa.float64()),
        ("at", pa.timestamp("us", tz="UTC")), ("day", pa.date32()), ("paid", pa.bool_()), ("note", pa.string()), ("small", pa.int32()),
        ("tags", pa.list_(pa.string())), ("sub", pa.struct([("x", pa.int64()), ("y", pa.string())])),
    ])
    table = pa.Table.from_pylist(rows, schema)
    for name, opts in {
        "plain": dict(use_dictionary=False, compression="none", data_page_version="1.0"),
        "v2": dict(compression="zstd", data_page_version="2.0", row_group_size=300, data_page_size=1000, write_page_checksum=True),
        "delta": dict(use_dictionary=False, compression="snappy", data_page_version="2.0", column_encoding={
            "id": "DELTA_BINARY_PACKED", "shop": "DELTA_BYTE_ARRAY", "note": "DELTA_LENGTH_BYTE_ARRAY", "price": "BYTE_STREAM_SPLIT"}),
        "gzip": dict(compression="gzip", row_group_size=170, write_page_index=True),
        "integers": dict(compression="zstd", store_decimal_as_integer=True),
        "brotli": dict(compression="brotli", use_compliant_nested_type=True),
        "int96": dict(use_deprecated_int96_timestamps=True, version="1.0"),
        "milli": dict(coerce_timestamps="ms", allow_truncated_timestamps=True),
        "nano": dict(version="2.6"),
    }.items():
        t = table
        if name == "nano":
            t = table.set_column(4, "at", table["at"].cast(pa.timestamp("ns", tz="UTC")))
        pq.write_table(t, os.path.join(to("pyarrow-" + name), "x.parquet"), **opts)
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    con.register("t", table)
    con.execute(f"COPY (SELECT * FROM t) TO '{to('duckdb')}/x.parquet' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
    con.execute(f"COPY (SELECT * FROM t) TO '{to('duckdb-v2')}/x.parquet' (FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd)")
    polars.from_arrow(table).write_parquet(os.path.join(to("polars"), "x.parquet"), row_group_size=400)
    from pyspark.sql import types as T
    df = s.createDataFrame([tuple(r[f.name] if f.name != "sub" else (r["sub"]["x"], r["sub"]["y"]) for f in schema) for r in rows], T.StructType([
        T.StructField("id", T.LongType()), T.StructField("shop", T.StringType()), T.StructField("amount", T.DecimalType(18, 2)), T.StructField("price", T.DoubleType()),
        T.StructField("at", T.TimestampType()), T.StructField("day", T.DateType()), T.StructField("paid", T.BooleanType()), T.StructField("note", T.StringType()),
        T.StructField("small", T.IntegerType()), T.StructField("tags", T.ArrayType(T.StringType())),
        T.StructField("sub", T.StructType([T.StructField("x", T.LongType()), T.StructField("y", T.StringType())]))]))
    df.coalesce(1).write.parquet(os.path.join(where, "pyspark"))
    s.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
    s.conf.set("spark.sql.parquet.writeLegacyFormat", "false")
    df.repartition(3).write.option("compression", "zstd").parquet(os.path.join(where, "pyspark-micros"))
    import importlib.metadata as m
    print(json.dumps({p: m.version(p) for p in ("duckdb", "polars", "pyarrow", "pyspark")}))


if __name__ == "__main__":
    session = spark()
    found = [read(where, session) for where in sys.argv[2:]]
    write(sys.argv[1], session)
    session.stop()
    print(json.dumps(found))
