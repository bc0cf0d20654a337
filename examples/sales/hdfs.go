package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/freshet-go/freshet/internal/javaserver"
	"github.com/freshet-go/freshet/internal/minihdfs"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/hdfsfs"
	"github.com/freshet-go/freshet/stream/filesystem/webhdfsfs"
)

// from returns the source of files that are named: local ones, or those of an address of HDFS, which may have wildcards.
func from[T any](names []string, format codec.Format[T]) stream.Source[T] {
	if in, glob, ok := inHDFS(names[0]); ok {
		return source.FilesIn(in, glob, format)
	}
	return source.Files(files(names), "*", format)
}

// inHDFS returns the file system of an address as hdfs://host:port/path or webhdfs://host:port/path, and what to read in it: a file, or all
// in a directory. Several hosts stand by for each other, with commas between.
func inHDFS(address string) (in filesystem.Truncater, glob string, ok bool) {
	way, rest, _ := strings.Cut(address, "://") // package url takes one host
	all, glob, _ := strings.Cut(rest, "/")
	hosts := strings.Split(all, ",")
	scheme := map[string]string{"webhdfs": "http://", "swebhdfs": "https://"}[way]
	switch {
	case way == "hdfs":
		in = hdfsfs.New(hosts).Dir("/")
	case scheme != "":
		for i := range hosts {
			hosts[i] = scheme + hosts[i]
		}
		in = webhdfsfs.New(hosts).Dir("/")
	default:
		return nil, "", false
	}
	glob = strings.Trim(glob, "/")
	if info, err := in.Stat(context.Background(), glob); err == nil && info.Dir { // what is wrong, the run tells
		glob += "/*"
	}
	return in, glob, true
}

// dayInHDFS starts an HDFS of one machine, puts a day of orders into it, and reports the day from there.
func dayInHDFS(ctx context.Context, w io.Writer, page string, seed uint64, lines int, opts ...stream.RunOption) error {
	fmt.Fprintln(os.Stderr, "HDFS is started")
	folder, err := javaserver.Find(ctx, "minihdfs", minihdfs.Sources())
	if err != nil {
		return err
	}
	return withOrders(ctx, folder, seed, lines, func(c *minihdfs.Cluster, d *day) error {
		return report(ctx, w, page, []string{"hdfs://" + c.RPC[0] + "/orders"}, d, opts...)
	})
}

// withOrders calls f while an HDFS runs that has a day's orders.
func withOrders(ctx context.Context, folder string, seed uint64, lines int, f func(*minihdfs.Cluster, *day) error) error {
	dir, err := os.MkdirTemp("", "sales-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	cluster, err := minihdfs.Start(ctx, folder, dir, nil)
	if err != nil {
		return err
	}
	defer cluster.Kill()
	day := newDay(seed, lines)
	tills, err := day.write(dir)
	if err != nil {
		return err
	}
	client := hdfsfs.New(cluster.RPC)
	defer client.Close()
	for _, till := range tills {
		if err := upload(ctx, client.Dir("/orders"), till); err != nil {
			return err
		}
	}
	return f(cluster, day)
}

// upload copies a local file.
func upload(ctx context.Context, to filesystem.Writable, name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if err := to.Mkdir(ctx, "."); err != nil {
		return err
	}
	f, err := to.Create(ctx, path.Base(filepath.ToSlash(name)))
	if err != nil {
		return err
	}
	err = f.Write(ctx, data)
	if err == nil {
		err = f.Sync(ctx)
	}
	if e := f.Close(ctx); err == nil {
		err = e
	}
	return err
}
