package tune

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
)

// A header is the first line of a journal: what it is of.
type header struct {
	Format   int    `json:"format"`
	Space    string `json:"space"`
	Strategy string `json:"strategy"`
	Seed     uint64 `json:"seed"`
	Ahead    int    `json:"ahead"`
	Maximize bool   `json:"maximize"`
	Prune    string `json:"prune"`
}

// A line is a result. JSON knows neither NaN nor infinities: they are null here, and steps that are such are told apart by words.
type line struct {
	Trial    int        `json:"trial"`
	Settings string     `json:"settings"`
	At       []*float64 `json:"at"`
	Value    *float64   `json:"value,omitempty"`
	Failed   string     `json:"failed,omitempty"`
	Pruned   bool       `json:"pruned,omitempty"`
	Budget   float64    `json:"budget,omitempty"`
	Parent   int        `json:"parent"`
	Steps    []stepLine `json:"steps,omitempty"`
}

type stepLine struct {
	At    int    `json:"at"`
	Value string `json:"value"`
}

type journal struct {
	file    *os.File
	results map[int]Result
}

// openJournal reads what a journal holds, and opens it to be written on. A last line without an end is one that was
// cut off by a kill, and is dropped.
func openJournal(path string, of header) (*journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("tune: journal: %w", err)
	}
	j := &journal{f, make(map[int]Result)}
	end, err := j.read(of)
	if err == nil {
		err = f.Truncate(end)
	}
	if err == nil {
		_, err = f.Seek(end, io.SeekStart)
	}
	if err == nil && end == 0 {
		err = j.put(of)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("tune: journal %s: %w", path, err)
	}
	return j, nil
}

func (j *journal) read(of header) (end int64, err error) {
	r := bufio.NewReader(j.file)
	for n := 1; ; n++ {
		b, err := r.ReadBytes('\n')
		if err == io.EOF {
			return end, nil
		}
		if err != nil {
			return 0, err
		}
		if n == 1 {
			var h header
			if err := json.Unmarshal(b, &h); err != nil {
				return 0, fmt.Errorf("line 1: it is no journal: %w", err)
			}
			if h != of {
				return 0, fmt.Errorf("line 1: it is of another search: %s", bytes.TrimSpace(b))
			}
		} else {
			var l line
			if err := json.Unmarshal(b, &l); err != nil {
				return 0, fmt.Errorf("line %d: %w", n, err)
			}
			if j.results[l.Trial], err = l.result(); err != nil {
				return 0, fmt.Errorf("line %d: %w", n, err)
			}
		}
		end += int64(len(b))
	}
}

func (j *journal) write(r Result) error {
	l := line{Trial: r.Number, Settings: r.Settings, Failed: r.Failed, Pruned: r.Pruned, Budget: r.Budget, Parent: r.Parent}
	for _, v := range r.settings {
		l.At = append(l.At, known(v))
	}
	l.Value = known(r.Value)
	for _, s := range r.Steps {
		l.Steps = append(l.Steps, stepLine{s.At, fmt.Sprint(s.Value)})
	}
	if err := j.put(l); err != nil {
		return fmt.Errorf("tune: journal: %w", err)
	}
	return nil
}

func known(v float64) *float64 {
	if v-v != 0 {
		return nil
	}
	return &v
}

func (l line) result() (Result, error) {
	r := Result{Number: l.Trial, Settings: l.Settings, Failed: l.Failed, Pruned: l.Pruned, Budget: l.Budget, Parent: l.Parent, Value: math.NaN()}
	if l.Value != nil {
		r.Value = *l.Value
	}
	for _, v := range l.At {
		if v == nil {
			r.settings = append(r.settings, math.NaN())
		} else {
			r.settings = append(r.settings, *v)
		}
	}
	for _, s := range l.Steps {
		var v float64
		if _, err := fmt.Sscan(s.Value, &v); err != nil {
			return r, fmt.Errorf("a step of the value %q", s.Value)
		}
		r.Steps = append(r.Steps, Step{s.At, v})
	}
	if r.OK() && l.Value == nil {
		return r, fmt.Errorf("trial %d has no value, and did not fail", l.Trial)
	}
	return r, nil
}

func (j *journal) put(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(append(b, '\n')); err != nil {
		return err
	}
	return j.file.Sync()
}

func (j *journal) close() { j.file.Close() }

// fits reports whether a result of a journal is that of a trial.
func fits(known, proposed Result) bool {
	if len(known.settings) != len(proposed.settings) || known.Budget != proposed.Budget || known.Parent != proposed.Parent {
		return false
	}
	for i, v := range known.settings {
		if w := proposed.settings[i]; v != w && !(math.IsNaN(v) && math.IsNaN(w)) {
			return false
		}
	}
	return true
}
