package service

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

// Main is the program. Parts are what this shop has beside what all have.
func Main(parts ...Part) {
	var a address
	flag.StringVar(&a.Log, "log", os.Getenv("SHOP_LOG"), "the access log; the default is $SHOP_LOG")
	flag.StringVar(&a.Redis, "redis", os.Getenv("SHOP_REDIS"), "host:port of an empty Redis, instead of one of its own; the default is $SHOP_REDIS")
	flag.StringVar(&a.Database, "database", os.Getenv("SHOP_DATABASE"), "user:password@tcp(host:port)/shop of an empty MariaDB, instead of one of its own; the default is $SHOP_DATABASE")
	a.Parts = places(parts)
	for i := range a.Parts {
		flag.Var(&a.Parts[i], a.Parts[i].flag(), a.Parts[i].Does)
	}
	dir := flag.String("serve", "", "run the service alone until it is told to stop, with checkpoints in this `folder`")
	shards := flag.Int("shards", 2, "of the service that runs alone")
	packer := flag.String("pack", "", "run a packer alone, of this `name`, until it is told to stop; wants a shop whose orders several can share")
	standIns := flag.Bool("standins", false, "run on stand-ins, even where servers are installed")
	seed := flag.Uint64("seed", 1, "of the traffic")
	orders := flag.Int("orders", 2_000, "in the traffic")
	over := flag.Duration("over", 6*time.Second, "how long the traffic takes")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	var err error
	switch {
	case flag.NArg() > 0:
		err = fmt.Errorf("%q is no flag; an address stands behind an equals sign, as in -kafka=host:port", flag.Arg(0))
	case *dir != "":
		err = serve(ctx, a, *dir, *shards)
	case *packer != "":
		err = pack(ctx, a, *packer)
	default:
		err = run(ctx, os.Stdout, a, *standIns, Day{*seed, *orders, *over})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

// A Day is one of so many orders, which takes so long here.
type Day struct {
	Seed   uint64
	Orders int
	Over   time.Duration
}

// Show is the program with servers of its own, or stand-ins, and with parts that are at some place.
func Show(ctx context.Context, w io.Writer, standIns bool, d Day, parts ...Placed) error {
	return run(ctx, w, address{Parts: parts}, standIns, d)
}

// run starts what is not given, and shows the service on it.
func run(ctx context.Context, w io.Writer, a address, standIns bool, d Day) error {
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
	for i := range a.Parts {
		if err := private.part(ctx, w, &a.Parts[i]); err != nil {
			return err
		}
	}
	fmt.Fprintln(w)
	return show(ctx, w, a, filepath.Join(dir, "checkpoints"), d)
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
