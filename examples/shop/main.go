// Shop is a service of an online shop that embeds Freshet. It follows the access log of the web
// server, the carts in Redis and the tables of MariaDB, and keeps up to date there: conversion by session,
// revenue per minute, top products by category, abandoned carts and stock alerts.
//
//	go run ./examples/shop
//
// That starts a Redis and a MariaDB of its own, does to them what a day of visitors would do, runs the
// service in a process of its own, kills that twice and goes on with another number of shards, and compares
// all results with the books of the traffic: the exit status is 1 where they differ. Where a server is not
// installed it says so, and runs on a stand-in. Read shop.go first.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	var a address
	flag.StringVar(&a.Log, "log", os.Getenv("SHOP_LOG"), "the access log; the default is $SHOP_LOG")
	flag.StringVar(&a.Redis, "redis", os.Getenv("SHOP_REDIS"), "host:port of an empty Redis, instead of one of its own; the default is $SHOP_REDIS")
	flag.StringVar(&a.Database, "database", os.Getenv("SHOP_DATABASE"), "user:password@tcp(host:port)/shop of an empty MariaDB, instead of one of its own; the default is $SHOP_DATABASE")
	dir := flag.String("serve", "", "run the service alone until it is told to stop, with checkpoints in this `folder`")
	shards := flag.Int("shards", 2, "of the service that runs alone")
	standIns := flag.Bool("standins", false, "run on stand-ins, even where servers are installed")
	seed := flag.Uint64("seed", 1, "of the traffic")
	orders := flag.Int("orders", 2_000, "in the traffic")
	over := flag.Duration("over", 6*time.Second, "how long the traffic takes")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	var err error
	if *dir != "" {
		err = serve(ctx, a, *dir, *shards)
	} else {
		err = run(ctx, os.Stdout, a, *standIns, newTraffic(*seed, *orders), *over)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

// run starts what is not given, and shows the service on it.
func run(ctx context.Context, w io.Writer, a address, standIns bool, t traffic, over time.Duration) error {
	dir, err := os.MkdirTemp("", "shop-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	private := &servers{dir: dir}
	defer private.running.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if a.Log == "" {
		a.Log = filepath.Join(dir, "access.log")
	}
	if a.Redis == "" {
		if a.Redis, err = either(ctx, w, private.redis, private.miniredis, standIns); err != nil {
			return err
		}
	}
	if a.Database == "" {
		if a.Database, err = either(ctx, w, private.mariadb, private.sqlite, standIns); err != nil {
			return err
		}
	}
	fmt.Fprintln(w)
	return show(ctx, w, a, filepath.Join(dir, "checkpoints"), t, over)
}

// either starts a server, or what stands in for it.
func either(ctx context.Context, w io.Writer, real, standIn startFunc, standIns bool) (string, error) {
	if !standIns {
		addr, with, err := real(ctx)
		if err == nil {
			fmt.Fprintln(w, "on", with)
			return addr, nil
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		fmt.Fprintln(w, err)
	}
	addr, with, err := standIn(ctx)
	fmt.Fprintln(w, "on", with)
	return addr, err
}
