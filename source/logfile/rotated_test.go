package logfile

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRotations(t *testing.T) {
	for name, log := range map[string]string{
		"access.log.1": "access.log", "access.log.12.gz": "access.log", "access.log.3.zst": "access.log", "access.1.log": "access.log",
		"access.1.log.gz": "access.log", "access.log-20261128": "access.log", "access.log-20261128.gz": "access.log",
		"access-20261128.log": "access.log", "access.log.2026-11-28": "access.log", "access-2026-11-28T10-00-00.000.log": "access.log",
		"access.2026-11-28.3.log": "access.log", "access.2026-11-28.3.log.gz": "access.log", "access.log-2026112810": "access.log",
		"access.log-20261128-1764288000": "access.log", "syslog.1": "syslog", "syslog-20261128.gz": "syslog", "a_20261128_101500.log": "a.log",
	} {
		_, ok := rotationOf(log, name)
		require.True(t, ok, name)
	}
	for name, log := range map[string]string{
		"access.log": "access.log", "access.log.gz": "access.log", "worker-2.log": "worker.log", "access.log.bak": "access.log",
		"access.log.1.tmp": "access.log", "access2.log": "access.log", "access.log1": "access.log", "other.log.1": "access.log", "worker_2.log": "worker.log",
	} {
		_, ok := rotationOf(log, name)
		require.False(t, ok, name)
	}
}

func TestInOrder(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 11, 28, 10, minute, 0, 0, time.UTC) }
	for name, names := range map[string][]string{ // the oldest first
		"numbers":     {"a.log.10", "a.log.9.gz", "a.log.2", "a.log.1"},
		"ascending":   {"a.log.1", "a.log.2", "a.log.9", "a.log.10"},
		"dates":       {"a.log-20251231", "a.log-20260101.gz", "a.log-20260102"},
		"dates times": {"a-2026-01-02T03-04-05.000.log", "a-2026-01-02T03-04-05.100.log", "a-2026-01-03T00-00-00.000.log"},
		"mixed":       {"a.log.2", "a.log-20260101", "a.log.1"},
		"day first":   {"a-20-11-2026-1.log", "a-15-12-2026-1.log", "a-01-02-2027-1.log"},
		"month first": {"a.log-12312026", "a.log-01012027"},
		"the year 20": {"a.log-20112026", "a.log-19122026"},
		"short years": {"a.log-311226", "a.log-010127"},
		"hours":       {"a.log-2026112809", "a.log-2026112810"},
		"weeks":       {"a-2026-52.log", "a-2027-01.log"},
	} {
		var files []*file
		for i, n := range names {
			r, ok := rotationOf("a.log", n)
			require.True(t, ok, n)
			files = append([]*file{{path: n, rotation: r, mtime: at(i)}}, files...)
		}
		if strings.HasPrefix(name, "hours") || strings.HasPrefix(name, "weeks") { // their names tell, whatever their times
			files[0].mtime, files[1].mtime = files[1].mtime, files[0].mtime
		}
		inOrder(files)
		var got []string
		for _, f := range files {
			got = append(got, f.path)
		}
		require.Equal(t, names, got, name)
	}
}
