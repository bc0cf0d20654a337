package hostiletest

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
)

// variable names the Suite that a process serves.
const variable = "FRESHET_HOSTILE_SUITE"

// Served serves one of the suites and reports true, in a process that Run has started: TestMain has to
// return then.
func Served(suites ...*Suite) bool {
	name := os.Getenv(variable)
	if name == "" {
		return false
	}
	for _, s := range suites {
		if s.Name == name {
			s.Serve(s.server())
			return true
		}
	}
	panic("hostiletest: there is no suite " + name)
}

// A Kind is what an event is to a Suite.
type Kind int

const (
	Hostile Kind = iota // of whomever
	Good                // of the good client
	Last                // the good client's last
)

// Serve runs a source until the process is told to stop, and prints what Run reads. KindOf has to tell the
// good client's events from those of others.
func Serve[T any](listen func(pushsource.Server) *pushsource.Source[T], kindOf func(T) Kind) func(pushsource.Server) {
	return func(server pushsource.Server) {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		server.Bound = func(a net.Addr) { fmt.Printf("listens on %s\n", a) }
		src := listen(server)
		good := 0
		p := stream.New("hostile")
		p.From(src, stream.SkipFailures()).Tap(func(v T) {
			switch kindOf(v) {
			case Good:
				good++
			case Last:
				fmt.Println(lastHasCome)
			}
		}).To(sink.Discard[T]())
		err := p.Run(ctx, stream.Shards(1))
		stats, _ := json.Marshal(src.Stats())
		fmt.Printf("ended: %v\ngood: %d\nstats: %s\n", err, good, stats)
	}
}

const lastHasCome = "the last has come"
