package binlogsource_test

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/binlogsource"
	"github.com/freshet-go/freshet/stream"
)

var (
	kills = flag.Int("kills", 10, "how often the source is killed")
	seed  = flag.Uint64("seed", 1, "of what the writers do")
)

// A source that is killed anywhere, and a server that is restarted, while writers write: what the changes
// lead to is what is in the tables, and each change came once.
func TestKilled(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"exact", "window", "mysql"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			killed(t, mode, (*kills+2)/3)
		})
	}
}

func killed(t *testing.T, mode string, kills int) {
	start := startMariaDB
	if mode == "mysql" {
		start = startMySQL
	}
	s := start(t, "--innodb-flush-log-at-trx-commit=2")
	rng := rand.New(rand.NewPCG(*seed, 7))
	total, lives, events, restarts := 0, 0, 0, 0
	var kinds [8]int
	for round := 0; total < kills; round++ {
		seedTables(t, s, mode)
		w := &writers{s: s, mode: mode}
		w.start(t, *seed+uint64(round)*100)
		dir := t.TempDir()
		for n := 0; n < 10 && total < kills; n++ {
			live(t, s, dir, mode, 60*time.Millisecond+time.Duration(rng.Int64N(int64(500*time.Millisecond))))
			total++
			lives++
			if rng.IntN(5) == 0 {
				w.restart(t, rng.IntN(2) == 0)
				restarts++
			}
		}
		w.stop()
		s.exec(t, "INSERT INTO shop.marks VALUES (1, 1, '')")
		all := last(t, s, dir, mode)
		lives++
		events += len(all)
		for _, e := range all {
			if e.Kind == binlogsource.Row {
				kinds[e.Change]++
			}
		}
		same(t, s, mode, replay(t, all))
	}
	t.Logf("%d kills in %d lives and %d restarts of the server: %d events (%d inserts, %d updates, %d deletes, %d reads), each once, and the tables equal",
		total, lives, restarts, events, kinds[stream.Insert], kinds[stream.Update], kinds[stream.Delete], kinds[stream.Read])
}

// command starts a child, and waits until its pipeline begins.
func command(t *testing.T, s *database, dir, mode string) (*exec.Cmd, *bytes.Buffer) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "FRESHET_BINLOG_CHILD="+dir, fmt.Sprintf("FRESHET_BINLOG_PORT=%d", s.port))
	if mode == "window" {
		cmd.Env = append(cmd.Env, "FRESHET_BINLOG_WINDOW=1")
	}
	var out bytes.Buffer
	cmd.Stderr = &out
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	begun, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err, "%s", &out)
	require.Equal(t, "begun\n", begun)
	return cmd, &out
}

// live runs a child and kills it after a while.
func live(t *testing.T, s *database, dir, mode string, wait time.Duration) {
	cmd, out := command(t, s, dir, mode)
	kill := time.AfterFunc(wait, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	err := cmd.Wait()
	require.ErrorContains(t, err, "killed", "%s", out)
}

// last runs a child until it has told of the mark, and returns all that has been told.
func last(t *testing.T, s *database, dir, mode string) (all []told) {
	cmd, out := command(t, s, dir, mode)
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	results, err := sql.Open("sqlite", filepath.Join(dir, "results.db")+"?_pragma=busy_timeout(5000)")
	require.NoError(t, err)
	defer results.Close()
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var n int
		if err := results.QueryRow("SELECT COUNT(*) FROM told WHERE event LIKE '%shop.marks%' AND event LIKE '%\"is\":\"1\"%'").Scan(&n); err == nil && n > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the mark does not come:\n%s", out)
		}
	}
	rows, err := results.Query("SELECT event FROM told ORDER BY n")
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var text string
		var e told
		require.NoError(t, rows.Scan(&text))
		require.NoError(t, json.Unmarshal([]byte(text), &e))
		all = append(all, e)
	}
	require.NoError(t, rows.Err())
	return all
}
