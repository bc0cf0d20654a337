// Package minihbase runs a real HBase in one process, with ZooKeeper, a master, two region servers and the REST gateway,
// for tests and examples. It is built by package javaserver, which needs mvn and javac.
package minihbase

import (
	"context"
	"embed"
	"io/fs"
	"os"
	"path/filepath"
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

	zookeeper string // its port
}

// opened are the packages of Java's own into which HBase looks.
var opened = []string{"java.lang", "java.nio", "sun.nio.ch", "java.util", "java.util.concurrent", "java.lang.reflect", "jdk.internal.ref"}

// Start starts an HBase that keeps its files in dir. Folder is where Build has put the program.
func Start(ctx context.Context, folder, dir string) (*Cluster, error) {
	s, err := javaserver.Start(ctx, folder, "MiniHBase", dir, flags()...)
	if err != nil {
		return nil, err
	}
	url, zookeeper, _ := strings.Cut(strings.TrimPrefix(s.Ready, "READY "), " ")
	return &Cluster{s, url, zookeeper}, nil
}

func flags() []string {
	all := []string{"-Xmx768m", "--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED"}
	for _, p := range opened {
		all = append(all, "--add-opens", "java.base/"+p+"=ALL-UNNAMED")
	}
	return all
}

// StartSecureGateway starts a REST gateway to the cluster that asks for tickets of Kerberos, at address, host:port. Dir is where krb5.conf and
// server.keytab are, see package kerberostest, with keys of hbase/localhost and HTTP/localhost.
func (c *Cluster) StartSecureGateway(ctx context.Context, folder, dir, realm, address string) (*javaserver.Server, error) {
	if err := os.WriteFile(filepath.Join(dir, "signature"), []byte("a secret of cookies"), 0o600); err != nil {
		return nil, err
	}
	_, port, _ := strings.Cut(address, ":")
	return javaserver.Start(ctx, folder, "SecureGateway", dir, append(flags(),
		"--add-exports", "java.security.jgss/sun.security.krb5=ALL-UNNAMED", // in which Hadoop looks for the realm
		"-Djava.security.krb5.conf="+filepath.Join(dir, "krb5.conf"),
		"-Dkeytab="+filepath.Join(dir, "server.keytab"), "-Drealm="+realm, "-Dzookeeper="+c.zookeeper, "-Dport="+port)...)
}
