package syslogsource

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The collector is killed at random moments, under load, by a client that sends again what was not answered: everything
// comes, and what comes twice is what was sent again. SYSLOGSOURCE_KILLS sets how often, 8 by default.
func TestKilledUnderLoad(t *testing.T) {
	t.Parallel()
	kills := 8
	if s := os.Getenv("SYSLOGSOURCE_KILLS"); s != "" {
		var err error
		kills, err = strconv.Atoi(s)
		require.NoError(t, err)
	}
	c := newCollector(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	answered, sentAgain := 0, 0 // lines from 0 on
	for range kills {
		c.start()
		die := time.AfterFunc(20*time.Millisecond+time.Duration(rnd.Int64N(int64(100*time.Millisecond))), c.Kill)
		n, sent := pour(c.addr, answered, 1<<30)
		die.Stop()
		c.Kill()
		answered, sentAgain = answered+n, sentAgain+sent-n
	}
	c.start()
	total := answered + 1000
	n, _ := pour(c.addr, answered, total)
	require.Equal(t, total, answered+n)
	missing, again := compare(c.results(), total)
	t.Logf("killed %d times, %d lines: %d are missing, %d are there twice, of %d that were sent again", kills, total, missing, again, sentAgain)
	require.Zero(t, missing)
	require.LessOrEqual(t, again, sentAgain)
}

// pour sends the lines from first to end, 300 ahead of their answers, until the connection ends. It returns how many
// were answered, and how many were sent.
func pour(addr string, first, end int) (answered, sent int) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return 0, 0
	}
	defer conn.Close()
	in, out := bufio.NewReader(conn), bufio.NewWriter(conn)
	fmt.Fprint(out, command(1, "open", offer))
	const ahead = 300
	for skip := 4; first+answered < end; {
		for ; sent < answered+ahead && first+sent < end; sent++ {
			fmt.Fprint(out, command(sent+2, "syslog", fmt.Sprintf("<14>1 - - - - - - line %d", first+sent)))
		}
		if out.Flush() != nil {
			return answered, sent
		}
		line, err := in.ReadString('\n')
		switch {
		case err != nil:
			return answered, sent
		case skip > 0: // the answer of open has four lines
			skip--
		case line == fmt.Sprintf("%d rsp 6 200 OK\n", answered+2):
			answered++
		default:
			panic(line)
		}
	}
	return answered, sent
}
