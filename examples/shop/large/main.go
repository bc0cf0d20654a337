// Large is the shop of examples/shop when it has grown: its orders come by Kafka, profiles of its customers are kept in
// HBase, and several processes at once pack what was ordered.
//
//	go run ./examples/shop/large -kafka -hbase
//	go run ./examples/shop/large -kafka=host:port -hbase=http://host:port
//
// Alone, -kafka starts a broker of its own and -hbase an HBase, with Java and Maven; with an address they go to one that is there. One of them
// may be left out. All else is as in examples/shop: services that are killed on the way, and books that are compared at the end.
//
// It is a program of its own for the sake of those who build the other one: the clients of Kafka and HBase take long to compile.
package main

import "github.com/freshet-go/freshet/examples/shop/service"

func main() { service.Main(kafka, hbase) }
