// Package service is the shop of examples/shop: a service, and all that shows that it is right.
//
// The service is shop.go, the pipeline, with types.go and results.go. Everything else is what a shop has around it: where things
// lie (address.go, schema.go, tables.go, servers.go), a day of visitors (traffic.go, feed.go), the same results by plain
// loops (books.go, figures.go, found.go), and who runs it all (program.go, process.go, show.go, team.go).
package service
