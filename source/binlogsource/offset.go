package binlogsource

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
)

// A place is where a run goes on.
type place struct {
	kind  string   // "mariadb", "mysql", "file"
	pos   position // nil where nothing has been read, or the log is lost; all transactions of it have been given
	since int64    // the server's clock when pos was asked for, in seconds since 1970; 0 in offsets of before December 2026
	// rows is how many rows of the next transaction have been given, by table. They are counted
	// by table so that one that is read no more, or from now on, does not shift the others'.
	rows   map[string]int64
	tables map[string]*progress
}

// A progress is how far the snapshot of a table is.
type progress struct {
	Done  bool      `json:"done,omitzero"`  // all rows have been given, and so are all changes
	After []keyPart `json:"after,omitzero"` // rows up to this key have been given, and changes of them are
	Key   []string  `json:"key,omitempty"`  // what the columns of After were; unknown in offsets of before December 2026
	Begun bool      `json:"begun,omitzero"` // some rows have been given of a table that is read as a whole
	Again bool      `json:"again,omitzero"` // it is to be said that the table begins again
}

// savedPlace is a place in JSON.
type savedPlace struct {
	Version int                  `json:"v"`
	Kind    string               `json:"kind,omitzero"`
	Pos     string               `json:"pos"`
	Since   int64                `json:"since,omitzero"`
	Rows    map[string]int64     `json:"rows,omitempty"`
	Tables  map[string]*progress `json:"tables"`
}

func (p *place) String() string {
	saved := savedPlace{Version: 1, Rows: p.rows, Tables: p.tables}
	switch {
	case p.pos != nil:
		saved.Kind, saved.Pos, saved.Since = p.kind, p.pos.String(), p.since
	case len(p.tables) == 0:
		return ""
	}
	b, err := json.Marshal(saved)
	if err != nil {
		panic(err) // it has nothing that could fail
	}
	return string(b)
}

var errOffset = errors.New("is no offset of this source")

func parsePlace(text string) (*place, error) {
	p := &place{rows: map[string]int64{}, tables: map[string]*progress{}}
	if text == "" {
		return p, nil
	}
	var saved savedPlace
	if err := json.Unmarshal([]byte(text), &saved); err != nil || saved.Version != 1 {
		return nil, fmt.Errorf("%q %w", text, errOffset)
	}
	if lost := saved.Kind == "" && saved.Pos == "" && len(saved.Tables) > 0; !lost {
		var err error
		if p.pos, err = parsePosition(saved.Kind, saved.Pos); err != nil {
			return nil, fmt.Errorf("%q %w: %w", text, errOffset, err)
		}
		p.kind, p.since = saved.Kind, saved.Since
	}
	maps.Copy(p.rows, saved.Rows)
	for name, progress := range saved.Tables {
		if progress != nil {
			p.tables[name] = progress
		}
	}
	return p, nil
}

// of returns the progress of a table.
func (p *place) of(table string) *progress {
	at := p.tables[table]
	if at == nil {
		at = &progress{}
		p.tables[table] = at
	}
	return at
}
