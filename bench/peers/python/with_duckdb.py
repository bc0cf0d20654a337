"""The contests of files on DuckDB."""
import report

args = report.arguments()
import duckdb  # noqa: E402  its import counts as start

db = duckdb.connect()
db.execute(f"SET threads = {args.threads}")
db.execute("SET TimeZone = 'UTC'")
ORDERS = f"read_json_auto('{args.data}/orders-*.jsonl', format = 'newline_delimited')"


def total():
    return {"sum": repr(db.execute(f"SELECT sum(amount) FROM {ORDERS}").fetchone()[0])}


def minutes():
    return report.cells(db.execute(f"""
        SELECT epoch(date_trunc('minute', paid_at))::BIGINT // 60, category, sum(amount)
        FROM {ORDERS} GROUP BY ALL""").fetchall())


report.run(args, duckdb.__version__, {"sum": total, "minutes": minutes})
