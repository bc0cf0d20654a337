// Shop is a service of an online shop that embeds Freshet. It follows the access log of the web
// server, the carts in Redis and the tables of MariaDB, and keeps up to date there: conversion by session,
// revenue per minute, top products by category, abandoned carts and stock alerts.
//
//	go run ./examples/shop
//
// That starts a Redis and a MariaDB of its own, does to them what a day of visitors would do, runs the
// service in a process of its own, kills that twice and goes on with another number of shards, and compares
// all results with the books of the traffic: the exit status is 1 where they differ. Where a server is not
// installed it says so, and runs on a stand-in. Read service/shop.go first.
//
// The shop that takes its orders from Kafka and keeps profiles in HBase is a program of its own, large: nobody else
// has to compile the clients of these.
package main

import (
	"flag"
	"fmt"

	"github.com/freshet-go/freshet/examples/shop/service"
)

func main() {
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "with Kafka and HBase: go run ./examples/shop/large -kafka -hbase")
		flag.PrintDefaults()
	}
	service.Main()
}
