// Package minikafka runs a real Kafka broker, which is its own controller (KRaft), for tests and examples.
// It is built by package javaserver, which needs mvn and javac.
package minikafka

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

// A Broker is one that runs. Its command, for Do, is stop: it ends properly.
type Broker struct {
	*javaserver.Server
	Addr string // host:port
}

// Start starts a broker that keeps its data in dir. Folder is where Build has put the program.
func Start(ctx context.Context, folder, dir string) (*Broker, error) {
	addr, err := FreeAddr()
	if err == nil {
		err = Configure(dir, []string{"PLAINTEXT://" + addr})
	}
	if err != nil {
		return nil, err
	}
	server, err := Run(ctx, folder, dir)
	if err != nil {
		return nil, err
	}
	return &Broker{server, addr}, nil
}

// Configure writes the server.properties of a broker with listeners such as "PLAINTEXT://127.0.0.1:9092", of which clients are told. More properties are
// lines like "transaction.max.timeout.ms=5000".
func Configure(dir string, listeners []string, properties ...string) error {
	controller, err := FreeAddr()
	if err != nil {
		return err
	}
	return ConfigureOne(dir, 0, []string{controller}, listeners, properties...)
}

// ConfigureOne is Configure for one of several brokers, each of which is a controller, too: the one whose address among those of the
// controllers is at an index. Topics have as many replicas as there are brokers, and all but one have to have what is acknowledged.
func ConfigureOne(dir string, index int, controllers, listeners []string, properties ...string) error {
	protocols := "CONTROLLER:PLAINTEXT"
	for _, l := range listeners {
		name, _, _ := strings.Cut(l, "://")
		protocols += "," + name + ":" + name
	}
	var voters []string
	for i, c := range controllers {
		voters = append(voters, fmt.Sprintf("%d@%s", i+1, c))
	}
	all, replicas := strings.Join(listeners, ","), len(controllers)
	insync := max(1, replicas-1)
	lines := append([]string{
		"process.roles=broker,controller", fmt.Sprint("node.id=", index+1),
		"controller.quorum.voters=" + strings.Join(voters, ","), "controller.listener.names=CONTROLLER",
		"listeners=" + all + ",CONTROLLER://" + controllers[index], "advertised.listeners=" + all,
		"listener.security.protocol.map=" + protocols,
		"log.dirs=" + filepath.Join(dir, "data"),
		"num.partitions=1", "auto.create.topics.enable=false",
		fmt.Sprint("default.replication.factor=", replicas), fmt.Sprint("min.insync.replicas=", insync),
		"offsets.topic.num.partitions=1", fmt.Sprint("offsets.topic.replication.factor=", replicas),
		"transaction.state.log.num.partitions=1", fmt.Sprint("transaction.state.log.replication.factor=", replicas), fmt.Sprint("transaction.state.log.min.isr=", insync),
		"broker.session.timeout.ms=3000", "broker.heartbeat.interval.ms=500", // a killed one comes back when its session is over
		"share.coordinator.state.topic.replication.factor=1", "share.coordinator.state.topic.min.isr=1",
		"group.initial.rebalance.delay.ms=0", "group.min.session.timeout.ms=1000",
		"log.cleaner.dedupe.buffer.size=4194304",
		"num.network.threads=1", "num.io.threads=2", "num.recovery.threads.per.data.dir=1",
		"transaction.abort.timed.out.transaction.cleanup.interval.ms=200",
	}, properties...)
	return os.WriteFile(filepath.Join(dir, "server.properties"), []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}

// Run starts the broker that dir is configured for, for the first time or again, with what it had.
func Run(ctx context.Context, folder, dir string) (*javaserver.Server, error) {
	return javaserver.Start(ctx, folder, "Broker", dir, "-Xmx384m")
}

// FreeAddr returns an address that nobody listens on.
func FreeAddr() (string, error) {
	ports, err := freeport.Find(1)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("127.0.0.1:%d", ports[0]), nil
}
