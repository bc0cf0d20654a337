package recovery_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	kills = flag.Int("kills", 12, "how often the shop is killed")
	busy  = flag.Int("busy", 0, "how many processors others keep busy beside the shop")
)

// points are the places to die at.
var points = []string{
	"file created", "file written", "state synced", "state renamed", "manifest synced", "manifest renamed",
	"a writer prepared", "states gathered", "checkpoint durable", "a sink committed", "checkpoint committed",
	"restoring an operator", "committing again", "aborting",
}

// A process that is killed anywhere, any number of times, and started again
// with another number of shards ends with the rows of one that was not.
func TestKilled(t *testing.T) {
	t.Parallel()
	program := ownPath(t)
	call := func(args ...string) {
		out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	for range *busy { // processors are kept busy by others
		burn := exec.Command(program, "burn")
		require.NoError(t, burn.Start())
		defer func() { _ = burn.Process.Kill(); _ = burn.Wait() }()
	}
	at := map[string]int{} // kills, by place
	total, lives, whole := 0, 0, 0
	for seed := uint64(1); total < *kills; seed++ {
		rng := rand.New(rand.NewPCG(seed, 3))
		dir := t.TempDir()
		for _, sub := range []string{"in", "out", "plain"} {
			require.NoError(t, os.Mkdir(filepath.Join(dir, sub), 0o755))
		}
		if seed%2 == 0 { // its checkpoints are sealed; each life adds a key, so that each has one of its own
			addKey(t, dir, rng)
		}
		call("write", filepath.Join(dir, "in"), strconv.FormatUint(seed, 10), "5000")
		call("plain", filepath.Join(dir, "in"), filepath.Join(dir, "plain"))
		want := results(t, filepath.Join(dir, "plain"))
		var told []string
		for life := 0; ; life++ {
			require.Less(t, life, 400, "seed %d: it comes no further", seed)
			lives++
			place, done, log := live(t, program, dir, lives, rng)
			if done {
				break
			}
			require.NotEmpty(t, place, "seed %d: it failed by itself:\n%s", seed, log)
			if seed%2 == 0 {
				addKey(t, dir, rng)
			}
			at[place]++
			told = append(told, place)
			total++
		}
		whole++
		got := results(t, filepath.Join(dir, "out"))
		if !slices.Equal(want, got) {
			t.Fatalf("seed %d, killed %q: %d rows, want %d: %s", seed, told, len(got), len(want), difference(want, got))
		}
		left, err := filepath.Glob(filepath.Join(dir, "out", "*.tmp"))
		require.NoError(t, err)
		require.Empty(t, left)
	}
	t.Logf("%d kills in %d lives, %d inputs read to their ends, each with the rows of an undisturbed run", total, lives, whole)
	for _, place := range slices.Sorted(maps.Keys(at)) {
		t.Logf("%6d %s", at[place], place)
	}
}

// addKey puts a new key in front of those that seal the checkpoints in a folder.
func addKey(t *testing.T, dir string, rng *rand.Rand) {
	t.Helper()
	path := filepath.Join(dir, "keys")
	before, err := os.ReadFile(path)
	require.True(t, err == nil || errors.Is(err, os.ErrNotExist), err)
	secret := make([]byte, 32)
	for i := range secret {
		secret[i] = byte(rng.Uint32())
	}
	line := fmt.Sprintf("key-%d %s\n", bytes.Count(before, []byte("\n")), base64.StdEncoding.EncodeToString(secret))
	require.NoError(t, os.WriteFile(path, append([]byte(line), before...), 0o600))
}

// live runs the shop once and kills it at a random moment, and every second
// time at the next of the places. It
// returns where it was killed, or that it came to its end.
func live(t *testing.T, program, dir string, turn int, rng *rand.Rand) (place string, done bool, log string) {
	args := []string{"run", dir, strconv.Itoa(1 + rng.IntN(4))}
	place = "at a random moment"
	wait := time.Minute
	if n := turn - 1; turn%2 == 0 {
		place = points[n/2%len(points)]
		args = append(args, fmt.Sprintf("%s#%d", place, 1+rng.IntN(4)))
	} else {
		wait = 20*time.Millisecond + time.Duration(rng.Int64N(int64(400*time.Millisecond)))
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	var out bytes.Buffer
	cmd.Stderr = &out
	require.NoError(t, cmd.Start())
	kill := time.AfterFunc(wait, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	kill.Stop()
	if err == nil {
		return "", true, ""
	}
	var exit *exec.ExitError
	require.True(t, errors.As(err, &exit), "%v", err)
	if status := exit.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGKILL {
		return "", false, out.String()
	}
	return place, false, ""
}

// difference says which rows two sorted lists do not share.
func difference(want, got []string) string {
	count := map[string]int{}
	for _, x := range want {
		count[x]++
	}
	for _, x := range got {
		count[x]--
	}
	var missing, extra []string
	for _, x := range slices.Sorted(maps.Keys(count)) {
		switch n := count[x]; {
		case n > 0:
			missing = append(missing, x)
		case n < 0:
			extra = append(extra, x)
		}
	}
	return fmt.Sprintf("%d missing, as %q, %d too many, as %q", len(missing), missing[:min(len(missing), 5)], len(extra), extra[:min(len(extra), 5)])
}
