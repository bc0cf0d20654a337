package main

import (
	"bytes"
	"context"
	"encoding/json/v2"
	"strings"
	"testing"
	"time"

	"github.com/freshet-go/freshet/examples/internal/exampletest"
	"github.com/freshet-go/freshet/stream"
)

func TestMadeUpDay(t *testing.T) {
	var out bytes.Buffer
	if err := madeUpDay(t.Context(), &out, "", 1, 20_000); err != nil {
		t.Error(err)
	}
	// encoding/json/v2 words its errors in one of two ways, by chance.
	text := bytes.ReplaceAll(out.Bytes(), []byte("unable to unmarshal"), []byte("cannot unmarshal"))
	exampletest.Golden(t, "report.txt", text)
}

func TestOtherDays(t *testing.T) {
	for seed := range uint64(10) {
		var out bytes.Buffer
		if err := madeUpDay(t.Context(), &out, "", seed, 2_000, stream.Shards(3)); err != nil {
			t.Errorf("seed %d: %v\n%s", seed, err, out.String())
		}
	}
}

func TestWrongBooksFail(t *testing.T) {
	dir := t.TempDir()
	day := newDay(1, 1_000)
	files, err := day.write(dir)
	if err != nil {
		t.Fatal(err)
	}
	day.tills[0][0].Quantity++
	var out bytes.Buffer
	if err := report(t.Context(), &out, "", files, day); err == nil || !strings.Contains(out.String(), "DIFFER") {
		t.Errorf("a sale that is not in the books was not found: %v\n%s", err, out.String())
	}
}

func TestOnlineRetail(t *testing.T) {
	file := exampletest.Shared(t, "online_retail.csv.gz")
	var out bytes.Buffer
	if err := report(t.Context(), &out, "", []string{file}, nil); err != nil {
		t.Fatal(err)
	}
	// Computed by other programs from the same file.
	for _, figure := range []string{
		"541,909", "530,104", "10,666,684.54", "397,884", "8,911,407.90", "4,338 customers", "18,532 orders",
		"9,288", "305 trading days",
		"23843 80,995", "23166 78,033", "22197 56,921", "84077 55,047", "85099B 48,474",
	} {
		if !strings.Contains(strings.Join(strings.Fields(out.String()), " "), figure) {
			t.Errorf("the report lacks %s", figure)
		}
	}
	if t.Failed() {
		t.Log(out.String())
	}
}

func TestUnchanged(t *testing.T) {
	day := newDay(7, 3_000)
	exampletest.Unchanged(t, func(ctx context.Context, r exampletest.Replay) string {
		p := stream.New("sales")
		// The generator's delay and this one are within what the pipeline allows for.
		sent := p.From(r.Source(entry.PaidAt, 10*time.Second, day.tills[0], day.tills[1], day.tills[2])).Map(entry.line)
		orders, unreadable := stream.Try(sent, decode)
		found := pipeline(orders, unreadable)
		if err := p.Run(ctx, r.Options()...); err != nil {
			return err.Error()
		}
		sum := found.summary()
		sum.Letters = nil // which are the first depends on the order of arrival
		var out strings.Builder
		sum.print(&out)
		if err := day.check(&out, sum); err != nil {
			t.Error(err)
		}
		return out.String()
	})
}

func decode(_ context.Context, line []byte) (o Order, err error) {
	err = json.Unmarshal(line, &o)
	return o, err
}

func TestMoney(t *testing.T) {
	for text, want := range map[string]Money{
		"2.55": 2550, "0.001": 1, "-11062.06": -11062060, "27": 27000, "0": 0, "-0.5": -500, "1.": 1000,
	} {
		var m Money
		if err := m.UnmarshalText([]byte(text)); err != nil || m != want {
			t.Errorf("%q is %d, %v; want %d", text, m, err, want)
		}
		var again Money
		written, _ := m.MarshalText()
		if err := again.UnmarshalText(written); err != nil || again != m {
			t.Errorf("%q written as %q is %d, %v", text, written, again, err)
		}
	}
	for _, text := range []string{"", "-", ".5", "1,5", "1.2345", "--1", "1e3", " 1", "99999999999999999999", "1.-5", "+1"} {
		var m Money
		if err := m.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is %d; want an error", text, m)
		}
	}
	for m, want := range map[Money]string{0: "0.00", 5: "0.01", 4: "0.00", 10666684540: "10,666,684.54", -1234565: "-1,234.57", 999995: "1,000.00"} {
		if got := m.String(); got != want {
			t.Errorf("%d is %s; want %s", m, got, want)
		}
	}
}
