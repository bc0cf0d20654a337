package tcpsource_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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

func TestLogback(t *testing.T) {
	dir := filepath.Join(os.Getenv("FRESHET_JAVA"), "tcpsource")
	classpath, err := os.ReadFile(filepath.Join(dir, "classpath"))
	if err != nil {
		servertest.Missing(t, "logstash-logback-encoder", "source/tcpsource/testdata/java/build DIR/tcpsource; export FRESHET_JAVA=DIR")
	}
	const count = 20_000
	begun := time.Now()
	r := start(t, pushsource.Server{}, codec.JSON[Entry]())
	java := exec.Command(servertest.Program(t, "java", "apt-get install openjdk-17-jdk-headless"),
		"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m", "-Ddestination="+r.addr.String(),
		"-cp", filepath.Join(dir, "classes")+":"+strings.TrimSpace(string(classpath)), "Send", strconv.Itoa(count))
	servertest.Start(t, java).Wait(time.Minute)
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
