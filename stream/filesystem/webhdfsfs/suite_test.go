package webhdfsfs_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/freshet-go/freshet/internal/hdfstest"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/filesystemtest"
	"github.com/freshet-go/freshet/stream/filesystem/webhdfsfs"
)

var dirs atomic.Int64

// client returns a client of the shared HDFS that ends with the test.
func client(t testing.TB, opts ...webhdfsfs.Option) *webhdfsfs.Client {
	c := webhdfsfs.New([]string{"http://" + hdfstest.Shared(t).HTTP[0]}, opts...)
	return c
}

// fresh returns a path at which nothing is.
func fresh() string { return fmt.Sprint("/test/", dirs.Add(1)) }

func TestFileSystem(t *testing.T) {
	filesystemtest.Suite{
		System: func(t testing.TB) func() filesystem.Writable {
			at := fresh()
			return func() filesystem.Writable { return client(t).Dir(at) }
		},
		Away: func(t testing.TB) filesystem.Writable { return client(t).Dir("/none/at/all") },
		Many: 120,
	}.Run(t)
}
