// Package statehttp answers questions about what a pipeline holds over HTTP, as JSON: what a
// [stream.View] shows.
//
//	mux.Handle("GET /stock", statehttp.Handler(&stock))
//
//	GET /stock?key=teapot        {"key":"teapot","value":42}
//	GET /stock                   {"items":[{"key":"bowl","value":7},…],"more":true}
//	GET /stock?from=b&to=d       those with b <= key < d
//	GET /stock?checkpoint=17     as of a checkpoint, on all shards at one moment: see [Checkpoints]
//
// It reads, and changes nothing. Who may ask is decided by the service that mounts it, which has its own
// authentication and TLS.
package statehttp
