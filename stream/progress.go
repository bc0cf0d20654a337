package stream

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
)

// Progress shows on w how far a run has come: how many events its sources
// have given and at which rate, the watermark, and how far it lies behind the
// clock. On a terminal one line is kept up to date, and wiped at the end;
// elsewhere there is a line every ten seconds. The default is to show nothing. It panics if w is nil.
func Progress(w io.Writer) RunOption {
	if w == nil {
		panic("stream: Progress: the Writer is nil")
	}
	p := &progressLine{w: w, every: 10 * time.Second}
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			p.terminal, p.every = true, 200*time.Millisecond
		}
	}
	return func(r *runOptions) { r.shown = p }
}

type progressLine struct {
	w        io.Writer
	terminal bool
	every    time.Duration
}

// begin shows progress until the function that it returns is called.
func (p *progressLine) begin(of *Pipeline, log *slog.Logger) (end func()) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(p.every)
		defer ticker.Stop()
		var before int64
		last := time.Now()
		for {
			select {
			case now := <-ticker.C:
				line, events := describeProgress(of.Stats(), before, now.Sub(last))
				before, last = events, now
				err := engine.Apart(func() error {
					p.show(line)
					return nil
				})
				if err != nil { // its writer has panicked
					log.Warn("progress is shown no more", "pipeline", of.Name(), "cause", err)
					<-stop
					return
				}
			case <-stop:
				if p.terminal {
					fmt.Fprint(p.w, "\r\x1b[K")
				}
				return
			}
		}
	}()
	return func() {
		close(stop)
		<-stopped
	}
}

// show writes a line. That it cannot be written is no reason to stop a run.
func (p *progressLine) show(line string) {
	if p.terminal {
		fmt.Fprint(p.w, "\r\x1b[K", line)
		return
	}
	fmt.Fprintln(p.w, line)
}

// describeProgress returns the line, and the number of events that it shows.
func describeProgress(s Stats, before int64, since time.Duration) (line string, events int64) {
	var watermark time.Time
	var failed, dropped int64
	for _, o := range s.Operators {
		sum, _ := s.Operator(o.Name)
		failed, dropped = failed+sum.Failed, dropped+sum.TooLate-sum.Kept
		switch o.Kind {
		case "source":
			events += sum.Out
		case "sink":
			if watermark.IsZero() || !sum.Watermark.IsZero() && sum.Watermark.Before(watermark) {
				watermark = sum.Watermark
			}
		}
	}
	rate := float64(events-before) / max(since.Seconds(), 1e-9)
	line = fmt.Sprintf("%s  %v  %s events  %s/s", s.Pipeline, s.Elapsed.Truncate(time.Second/10), grouped(events), grouped(int64(rate)))
	if !watermark.IsZero() {
		line += "  watermark " + watermark.Format(time.DateTime) + "  lag " + lagText(s, watermark)
	}
	if failed > 0 {
		line += "  failed " + grouped(failed)
	}
	if dropped > 0 {
		line += "  dropped " + grouped(dropped)
	}
	return line, events
}

func lagText(s Stats, watermark time.Time) string {
	for _, o := range s.Operators {
		for _, i := range o.Instances {
			if i.Watermark.Equal(watermark) {
				return i.Lag.Truncate(time.Millisecond).String()
			}
		}
	}
	return "-"
}

// grouped writes a number with commas between its thousands.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, text = "-", text[1:]
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return sign + text
}
