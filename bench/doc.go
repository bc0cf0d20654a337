// Package bench measures Freshet beside other Go libraries. It is a module of
// its own, so that none of them is ever a dependency of Freshet.
//
//	cd bench && GOTOOLCHAIN=auto go test -run '^$' -bench .
//
// The command nexmark runs the queries of Nexmark, measures latencies under
// load, and how cost grows; the command peers does the same work with Freshet and
// with its peers:
//
//	cd bench && GOTOOLCHAIN=auto go run ./nexmark
//	cd bench && GOTOOLCHAIN=auto go run ./nexmark latency
//	cd bench && GOTOOLCHAIN=auto go run ./nexmark growth
//	cd bench && GOTOOLCHAIN=auto go run ./peers
package bench
