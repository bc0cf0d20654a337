package online_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/online"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
)

// childDir names, in a process that is to be killed, where it works.
const childDir = "FRESHET_ONLINE_KILL_DIR"

func TestMain(m *testing.M) {
	dir := os.Getenv(childDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	if err := runKilled(context.Background(), dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// runKilled scores and learns, and writes each score and each drift to files, exactly once.
func runKilled(ctx context.Context, dir string) error {
	all := hits(7, 20_000, 50)
	p := stream.New("killed")
	scored := p.From(source.Slice(all[:10_000], all[10_000:]), stream.Name("in")).EventTime(hit.at, stream.Disorder(time.Minute)).
		KeyBy(hit.key).Apply(online.Regress(newTally, hit.features, hit.y, online.MaxKeys(200)).PerKey, stream.InOrder(), stream.Name("model"))
	line := func(s online.Scored[hit]) string {
		return fmt.Sprint(s.Value.Key, " ", s.Value.At.Unix(), " ", s.Value.X, " ", s.Prediction, " ", s.Learnt)
	}
	scored.Map(line, stream.Name("line")).To(sink.Files(dir, "drifts-scores-*.txt", codec.Lines()), stream.Name("scores"))
	scored.KeyBy(online.All).Apply(online.Watch(newAlarm, online.Scored[hit].Missed).PerKey, stream.InOrder(), stream.Name("watch")).
		Map(func(d online.Drift[online.Scored[hit]]) string {
			return fmt.Sprint("drift ", d.Number, " ", d.Seen, " ", line(d.Value))
		}, stream.Name("drift line")).
		To(sink.Files(dir, "drifts-*.log", codec.Lines()), stream.Name("drifts"))
	return p.Run(ctx, stream.Shards(2), stream.Checkpoints(checkpoint.Dir(dir+"/checkpoints"), 2*time.Millisecond))
}

// A process that is killed (SIGKILL) again and again, and begun anew, shows the scores of one that was not, each once, to the last
// bit.
func TestKilled(t *testing.T) {
	whole := t.TempDir()
	require.NoError(t, runKilled(t.Context(), whole))
	want := lines(t, whole)
	require.Greater(t, len(want), 20_000)

	dir, kills := t.TempDir(), 0
	random := rand.New(rand.NewPCG(1, 9))
	for {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), childDir+"="+dir)
		c.Stderr = os.Stderr
		require.NoError(t, c.Start())
		dead := time.AfterFunc(time.Duration(20+random.IntN(150))*time.Millisecond, func() { _ = c.Process.Kill() })
		if kills == 20 { // at the latest
			dead.Stop()
		}
		err := c.Wait()
		if dead.Stop(); err == nil {
			break
		}
		require.ErrorContains(t, err, "killed")
		kills++
	}
	t.Logf("killed %d times", kills)
	require.Equal(t, want, lines(t, dir))
}
