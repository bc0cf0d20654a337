// Package bench measures Freshet beside other Go libraries and beside other
// engines. It is a module of its own, so that none of them is ever a dependency
// of Freshet.
//
//	cd bench && GOTOOLCHAIN=auto go test -run '^$' -bench .
//
// The command nexmark runs the queries of Nexmark, measures latencies under
// load, and how cost grows. The command peers does the same work with Freshet,
// with loops by hand, and with DuckDB, Polars, Spark, Flink, Jet, timely and
// Benthos, which peers/install gets; peers/libraries does it with Go libraries.
// The command flink has jobs of ours and of Flink's DataStream API on one cluster:
//
//	cd bench && GOTOOLCHAIN=auto go run ./nexmark
//	cd bench && GOTOOLCHAIN=auto go run ./nexmark latency
//	cd bench && GOTOOLCHAIN=auto go run ./nexmark growth
//	cd bench && peers/install && GOTOOLCHAIN=auto go run ./peers
//	cd bench && GOTOOLCHAIN=auto go run ./peers/libraries
//	cd bench && GOTOOLCHAIN=auto go run ./flink
package bench
