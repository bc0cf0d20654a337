package main

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/freshet-go/freshet/examples/internal/exampletest"
	"github.com/freshet-go/freshet/examples/shop/service"
	"github.com/freshet-go/freshet/internal/minihbase"
	"github.com/freshet-go/freshet/internal/minikafka"
	"github.com/freshet-go/freshet/internal/servertest"
)

// What the program starts is this program.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "-serve" || os.Args[1] == "-pack") {
		main()
		return
	}
	os.Exit(m.Run())
}

// The day is the same by Kafka and with profiles in HBase, on servers of the program's own.
func TestOwn(t *testing.T) {
	servertest.Java(t, "internal/minikafka/testdata/java")
	servertest.Java(t, "internal/minihbase/testdata/java")
	report(t, "report.txt", false, service.Own, service.Own)
}

var long = flag.Bool("long", false, "HBase alone, too")

// One of the two may be left out, and each may be one that is there.
func TestGiven(t *testing.T) {
	t.Run("Kafka", func(t *testing.T) {
		broker, err := minikafka.Start(t.Context(), servertest.Java(t, "internal/minikafka/testdata/java"), t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(broker.Kill)
		report(t, "kafka.txt", true, broker.Addr, "")
	})
	if !*long {
		return
	}
	t.Run("HBase", func(t *testing.T) {
		cluster, err := minihbase.Start(t.Context(), servertest.Java(t, "internal/minihbase/testdata/java"), t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(cluster.Kill)
		report(t, "hbase.txt", false, "", cluster.URL)
	})
}

var chance = regexp.MustCompile(`(?m)^(on |service [12]|packer ).*\n`)

// report compares what is printed with a file, but for what it runs on and the moments at which processes are killed.
func report(t *testing.T, file string, servers bool, kafkaAt, hbaseAt string) {
	var out bytes.Buffer
	err := service.Show(t.Context(), &out, !servers, service.Day{Seed: 1, Orders: 300, Over: 1500 * time.Millisecond},
		kafka.At(kafkaAt), hbase.At(hbaseAt))
	if err != nil {
		t.Errorf("%v\n%s", err, &out)
	}
	kills := 2
	if kafkaAt != "" {
		kills = 3
		if !regexp.MustCompile(`packer 1 is killed: packer 1 has packed [\d,]+, packer 2 has packed [\d,]+\n`).MatchString(out.String()) {
			t.Errorf("the packers have not shared the orders:\n%s", &out)
		}
	}
	if got := strings.Count(out.String(), "is killed"); got != kills {
		t.Errorf("%d processes are killed, and not %d:\n%s", got, kills, &out)
	}
	exampletest.Golden(t, file, chance.ReplaceAll(out.Bytes(), nil))
}
