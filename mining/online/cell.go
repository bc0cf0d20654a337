package online

import (
	"bytes"
	"fmt"
)

// A cell is a model as an operator holds it.
type cell struct {
	model   model
	version uint64
	learnt  uint64
	used    uint64 // when it was used last, in events of its instance; see recent
	saved   []byte // of a cell that was restored and is not open yet, the model
	shared  *shared
}

// open makes the model of a cell that was restored.
func (c *cell) open(build func() model) error {
	if c.model != nil {
		return nil
	}
	m := build()
	if err := m.UnmarshalBinary(c.saved); err != nil {
		return err
	}
	c.model, c.saved = m, nil
	return nil
}

// become makes a release the model of a cell.
func (c *cell) become(r *Release, build func() model) error {
	m := build()
	if err := m.UnmarshalBinary(r.Saved); err != nil {
		return fmt.Errorf("online: version %d: %w", r.Version, err)
	}
	c.model, c.version, c.learnt, c.saved = m, r.Version, 0, nil
	if c.shared != nil {
		*c.shared = shared{count: c.shared.count}
		if c.shared.count != 1 {
			c.shared.base, c.shared.since = bytes.Clone(r.Saved), build()
		}
	}
	return nil
}

// AppendBinary appends the cell with its model.
func (c *cell) AppendBinary(b []byte) ([]byte, error) {
	if c.shared != nil {
		return c.appendShared(b)
	}
	b = appendCounts(b, c.version, c.learnt, c.used)
	if c.model == nil {
		return append(b, c.saved...), nil
	}
	return c.model.AppendBinary(b)
}

// UnmarshalBinary reads what AppendBinary appended, all but the model: see open.
func (c *cell) UnmarshalBinary(data []byte) error {
	if len(data) > 0 && data[0] == sharedFormat {
		return c.readShared(data)
	}
	var read cell
	rest, err := readCounts(data, &read.version, &read.learnt, &read.used)
	if err != nil {
		return err
	}
	read.saved = bytes.Clone(rest)
	*c = read
	return nil
}

// richer returns the cell that knows more: of the later version, or of the same the one that has learnt
// from more events.
func richer(a, b cell) cell {
	if b.version > a.version || b.version == a.version && b.learnt > a.learnt {
		return b
	}
	return a
}
