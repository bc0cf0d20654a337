// Package bench measures Freshet beside other Go libraries. It is a module of
// its own, so that none of them is ever a dependency of Freshet.
//
//	cd bench && GOTOOLCHAIN=auto go test -run '^$' -bench .
//
// The command nexmark runs the queries of Nexmark:
//
//	cd bench && GOTOOLCHAIN=auto go run ./nexmark
package bench
