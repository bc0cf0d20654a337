// Package minihbase runs a real HBase in one process, with ZooKeeper, a master, two region servers and the REST gateway,
// for tests and examples. It is built by package javaserver, which needs mvn and javac.
package minihbase

import (
	"context"
	"embed"
	"io/fs"
	"strings"

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

// A Cluster is an HBase that runs. Its commands, for Do, are in MiniHBase.java.
type Cluster struct {
	*javaserver.Server
	URL string // of its REST gateway
}

// opened are the packages of Java's own into which HBase looks.
var opened = []string{"java.lang", "java.nio", "sun.nio.ch", "java.util", "java.util.concurrent", "java.lang.reflect", "jdk.internal.ref"}

// Start starts an HBase that keeps its files in dir. Folder is where Build has put the program.
func Start(ctx context.Context, folder, dir string) (*Cluster, error) {
	args := []string{"-Xmx768m", "--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED"}
	for _, p := range opened {
		args = append(args, "--add-opens", "java.base/"+p+"=ALL-UNNAMED")
	}
	s, err := javaserver.Start(ctx, folder, "MiniHBase", dir, args...)
	if err != nil {
		return nil, err
	}
	return &Cluster{s, strings.TrimPrefix(s.Ready, "READY ")}, nil
}
