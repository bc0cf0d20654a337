// Package minihdfs runs a real HDFS, a NameNode and a DataNode in one process, for tests and examples.
// It is built by package javaserver, which needs mvn and javac.
package minihdfs

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/freshet-go/freshet/internal/freeport"
	"github.com/freshet-go/freshet/internal/javaserver"
)

//go:embed testdata/java
var files embed.FS

// Sources returns what javaserver.Build makes the program of.
func Sources() fs.FS {
	sub, err := fs.Sub(files, "testdata/java")
	if err != nil {
		panic(err) // it is embedded
	}
	return sub
}

// A Cluster is an HDFS that runs. Its commands, for Do, are:
//
//	safemode enter | leave
//	stop-datanode, start-datanode
//	stop-namenode N, start-namenode N, active N     N is 0, or 1 for the one that stands by
//	leases MS                                       how long a writer may be silent before others may end its file; 60000 at first
//	owner USER DIR                                  makes a directory that is USER's, and nobody else's
type Cluster struct {
	*javaserver.Server
	RPC      []string // host:port of the NameNode, and of the one that stands by
	HTTP     []string // theirs for WebHDFS
	DataNode string   // that of the DataNode
}

// Settings are Hadoop's, by their names, and beside them those of the JVM, which begin with a "-".
type Settings map[string]string

// Pair is the setting of a cluster with a second NameNode, which stands by.
const Pair = "pair"

// Start starts a cluster that keeps its files in dir. Folder is where Build has put the program.
func Start(ctx context.Context, folder, dir string, settings Settings) (*Cluster, error) {
	names := 1
	if _, ok := settings[Pair]; ok {
		names = 2
	}
	ports, err := freeport.Find(2 * names)
	if err != nil {
		return nil, err
	}
	c := &Cluster{}
	args := []string{"-Xmx512m"}
	for i := range names {
		number := []string{"", "2"}[i]
		args = append(args, fmt.Sprint("-Drpc", number, "=", ports[2*i]), fmt.Sprint("-Dhttp", number, "=", ports[2*i+1]))
		c.RPC = append(c.RPC, fmt.Sprint("127.0.0.1:", ports[2*i]))
		c.HTTP = append(c.HTTP, fmt.Sprint("127.0.0.1:", ports[2*i+1]))
	}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if strings.HasPrefix(name, "-") {
			args = append(args, name+settings[name])
		} else if name != Pair {
			args = append(args, "-Dconf."+name+"="+settings[name])
		}
	}
	if c.Server, err = javaserver.Start(ctx, folder, "MiniHdfs", dir, args...); err != nil {
		return nil, err
	}
	c.DataNode = "127.0.0.1:" + strings.TrimPrefix(c.Ready, "READY ")
	return c, nil
}
