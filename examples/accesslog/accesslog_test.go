package main

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/freshet-go/freshet/examples/internal/exampletest"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

func TestMadeUpLog(t *testing.T) {
	var out bytes.Buffer
	if err := madeUpLog(t.Context(), &out, "", 1, 2_000); err != nil {
		t.Error(err)
	}
	exampletest.Golden(t, "report.txt", out.Bytes())
}

func TestOtherLogs(t *testing.T) {
	for seed := range uint64(10) {
		var out bytes.Buffer
		if err := madeUpLog(t.Context(), &out, "", seed, 500, stream.Shards(3)); err != nil {
			t.Errorf("seed %d: %v\n%s", seed, err, out.String())
		}
	}
}

func TestWebLog(t *testing.T) {
	file := exampletest.Shared(t, "apache_logs_10k.log.gz")
	var out bytes.Buffer
	if err := report(t.Context(), &out, "", []string{file}, nil); err != nil {
		t.Fatal(err)
	}
	// Computed by other programs from the same file.
	for _, figure := range []string{
		"requests 10,000", "unreadable lines 0", "bytes 2,747,282,740", "clients 1,753", "late lines 9,448 by 59s at most",
		"200 9,126", "304 445", "404 213", "301 164", "206 45", "500 3", "403 2", "416 2",
		"GET 9,952", "HEAD 42", "POST 5", "OPTIONS 1",
		"/favicon.ico 807", "/style2.css 546", "/reset.css 538",
		"sessions 3,052", "of one request 1,607", "requests in each 3.2765", "seconds in each 16.1258",
	} {
		if !strings.Contains(strings.Join(strings.Fields(out.String()), " "), figure) {
			t.Errorf("the report lacks %s", figure)
		}
	}
	if address := regexp.MustCompile(`\d+\.\d+\.\d+\.\d+`).FindString(out.String()); address != "" {
		t.Error("the report holds a client's address")
	}
}

func TestUnchanged(t *testing.T) {
	log := newLog(5, 1_000)
	exampletest.Unchanged(t, func(ctx context.Context, r exampletest.Replay) string {
		p := stream.New("accesslog")
		// The generator's delay and this one are within what the pipeline allows for.
		sent := p.From(r.Source(entry.at, disorder-answerTime, log.lines)).TryMap(text)
		found := pipeline(stream.Try(sent, decode))
		if err := p.Run(ctx, r.Options()...); err != nil {
			return err.Error()
		}
		// What is late is a matter of the order of arrival, and so is what came first.
		found.letters.now.First = nil
		var out strings.Builder
		found.print(&out)
		return regexp.MustCompile(`late lines.*`).ReplaceAllString(out.String(), "late lines")
	})
}

func (e entry) at() time.Time { return e.Time }

func text(_ context.Context, e entry) ([]byte, error) { return e.text() }

func decode(_ context.Context, line []byte) (record codec.AccessRecord, err error) {
	err = codec.Access().NewDecoder().Decode(bytes.TrimSuffix(line, []byte("\n")), &record)
	return record, err
}
