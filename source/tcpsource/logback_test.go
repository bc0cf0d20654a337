package tcpsource_test

import (
	"fmt"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/javaserver"
	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream/codec"
)

// An Entry is what logback's LogstashEncoder writes.
type Entry struct {
	Time    time.Time `json:"@timestamp"`
	Version string    `json:"@version"`
	Message string    `json:"message"`
	Logger  string    `json:"logger_name"`
	Thread  string    `json:"thread_name"`
	Level   string    `json:"level"`
	Trace   string    `json:"stack_trace"`
	N       string    `json:"n"` // of the MDC
	Service string    `json:"service"`
}

// logback starts a program that logs so many events.
func logback(t *testing.T, addr string, count int) *servertest.Process {
	classpath, err := javaserver.Classpath(servertest.Java(t, "source/tcpsource/testdata/java"))
	require.NoError(t, err)
	return servertest.Start(t, exec.Command(servertest.Program(t, "java", "apt-get install openjdk-17-jdk-headless"),
		"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m", "-Ddestination="+addr,
		"-cp", classpath, "Send", strconv.Itoa(count)))
}

func TestLogback(t *testing.T) {
	const count = 20_000
	begun := time.Now()
	r := start(t, pushsource.Server{}, codec.JSON[Entry]())
	logback(t, r.addr.String(), count).Wait(time.Minute)
	r.until("all have come", func(s pushsource.Stats) bool { return s.Events == count && s.Clients == 0 })
	got := r.ends()
	require.Len(t, got, count)
	for n, e := range got {
		require.Equal(t, fmt.Sprintf("order %d – ü", n), e.Message)
		require.Equal(t, strconv.Itoa(n), e.N)
		require.Equal(t, []string{"1", "shop.cart", "main", "cart"}, []string{e.Version, e.Logger, e.Thread, e.Service})
		require.WithinRange(t, e.Time, begun.Truncate(time.Millisecond), time.Now())
		if n%100 == 99 {
			require.Equal(t, "ERROR", e.Level)
			require.Contains(t, e.Trace, "java.lang.IllegalStateException: out of stock\n\tat Send.main")
		} else {
			require.Equal(t, "INFO", e.Level)
			require.Empty(t, e.Trace)
		}
	}
	require.Zero(t, r.src.Stats().Rejected)
}

// The source is stopped and started again while logback sends. It connects again by itself,
// and has lost what was on the way: nobody told it. Nothing comes twice, and no half of a line.
func TestLogbackRestart(t *testing.T) {
	const count = 50_000
	r := start(t, pushsource.Server{}, codec.JSON[Entry]())
	java := logback(t, r.addr.String(), count)
	r.until("some have come", func(s pushsource.Stats) bool { return s.Events > count/10 })
	got := r.ends()
	rejected := r.src.Stats().Rejected

	r = start(t, pushsource.Server{Addr: r.addr.String()}, codec.JSON[Entry]())
	java.Wait(time.Minute)
	r.until("the client has gone", func(s pushsource.Stats) bool { return s.Accepted > 0 && s.Clients == 0 })
	last := int64(-1)
	require.Eventually(t, func() bool { // what was delivered queues for the pipeline
		n := r.src.Stats().Events
		quiet := n == last
		last = n
		return quiet
	}, 30*time.Second, 200*time.Millisecond)
	got = append(got, r.ends()...)
	seen := map[string]bool{}
	for _, e := range got {
		require.False(t, seen[e.N], "%s comes twice", e.N)
		seen[e.N] = true
		require.Equal(t, "order "+e.N+" – ü", e.Message)
	}
	require.True(t, seen["0"])
	require.True(t, seen[strconv.Itoa(count-1)])
	t.Logf("%d of %d events are lost, %d lines rejected", count-len(got), count, rejected+r.src.Stats().Rejected)
}
