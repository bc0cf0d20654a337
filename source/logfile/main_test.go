package logfile_test

import (
	"flag"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

var kills = flag.Int("kills", 15, "how often the process is killed that follows logs")

func notify(stop chan os.Signal) { signal.Notify(stop, syscall.SIGTERM) }

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func childStore(dir string) checkpoint.Store {
	return checkpoint.Dir(filepath.Join(dir, "checkpoints"))
}
