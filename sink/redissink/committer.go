package redissink

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redisio"
)

// A committer sends the commands of a checkpoint, each once.
//
// A hash, the root, notes which checkpoint has begun to be sent last, and a token: a run that begins takes a
// higher one, and what an earlier run still wants to begin is refused. Beside the
// commands of each slot a marker notes how many of which checkpoint are done. Outside of a cluster
// there is one slot for all, and the root is its marker. Root and markers name the life of the root: where somebody deletes it, to
// begin anew, old markers mean nothing.
//
// A run that was taken for dead may still be sending, behind the root. What it sends is of a checkpoint that is
// durable: the new run sends the same, and who comes second finds the marker.
type committer struct {
	sender
	clustered bool
	name      string
	root      string
	tags      []string // by slot, in a cluster
	life      string   // of the root
	token     string   // "" until it was taken
	loaded    bool     // the servers have the script

	// readValue reads a value that was prepared for Divert.
	readValue func(kept []byte) (any, error)
}

// ErrTakenOver is the error of a run whose sink another run has taken over.
var ErrTakenOver = errors.New("redissink: another run of the pipeline has taken over")

// ErrMarkerGone is the error of a run whose notes have gone from the server.
var ErrMarkerGone = errors.New("redissink: the server has lost what was noted of commits, and perhaps results")

// Marker names where it is noted which checkpoint was committed last. Who deletes it begins anew.
func (m *committer) Marker() string { return "hash " + m.root }

// Committed returns the newest checkpoint that has begun to be sent.
func (m *committer) Committed(ctx context.Context) (int64, error) {
	var id int64
	err := m.retrying(ctx, "HGET", m.root, func() error {
		text, err := m.client.HGet(ctx, m.root, "checkpoint").Result()
		if err == redis.Nil {
			id = 0
			return nil
		}
		if err == nil {
			id, err = strconv.ParseInt(text, 10, 64)
		}
		return err
	})
	if err != nil {
		return 0, err // and id may still be written to, where ctx has ended
	}
	return id, nil
}

// Abort keeps runs from before from beginning another checkpoint. What they have prepared is nowhere but in checkpoints.
func (m *committer) Abort(ctx context.Context, _ int64) error { return m.take(ctx) }

func (m *committer) Close() error { return nil }

// retrying calls f until it succeeds, or fails for a reason that does not pass.
func (m *committer) retrying(ctx context.Context, command, key string, f func() error) error {
	err := redisio.Retry(ctx, m.retry, m.again, func() error { return redisio.Within(ctx, f) })
	if err != nil {
		return &WriteError{Sink: m.sender.name, Command: command, Key: key, Err: err}
	}
	return nil
}

// take takes a token, once a run.
func (m *committer) take(ctx context.Context) error {
	if m.token != "" {
		return nil
	}
	var got []any
	err := m.retrying(ctx, "EVAL", m.root, func() (err error) {
		got, err = takeScript.Run(ctx, m.client, []string{m.root}, rand.Text()).Slice()
		return err
	})
	if err == nil {
		m.life, m.token = fmt.Sprint(got[0]), fmt.Sprint(got[1])
	}
	return err
}

// Commit sends what was prepared for a checkpoint, but for what is done.
func (m *committer) Commit(ctx context.Context, id int64, prepared [][]byte) error {
	if err := m.take(ctx); err != nil {
		return err
	}
	_, err := m.confirm(ctx, id, prepared, failing)
	return err
}

// commit returns the parts, of which all is done.
func (m *committer) commit(ctx context.Context, id int64, prepared [][]byte, how manner) ([]*part, error) {
	parts, err := m.parts(prepared)
	if err != nil {
		return nil, &WriteError{Sink: m.sender.name, Err: err}
	}
	if err := m.begin(ctx, id); err != nil {
		return nil, err
	}
	for some := range slices.Chunk(parts, mostParts) {
		if err := m.send(ctx, id, some, how); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// mostParts is how many slots are sent to in one pipeline.
const mostParts = 256

// begin notes that a checkpoint begins to be sent.
func (m *committer) begin(ctx context.Context, id int64) error {
	var got string
	err := m.retrying(ctx, "EVAL", m.root, func() (err error) {
		got, err = beginScript.Run(ctx, m.client, []string{m.root}, m.token, id).Text()
		return err
	})
	if err == nil && got != "" {
		err = &WriteError{Sink: m.sender.name, Command: "EVAL", Key: m.root, Err: refusal(got)}
	}
	return err
}

// refusal is what scripts say who do nothing.
func refusal(said string) error {
	if said == "GONE" {
		return fmt.Errorf("%w; restart from a checkpoint, and see LostResultsError", ErrMarkerGone)
	}
	return ErrTakenOver
}

// A part is the commands for one slot.
type part struct {
	slot int
	*commands
	rows    []*preparedRow // of each command
	done    int            // how many are known to be
	skipped map[int]error  // why commands were left out, by their place
}

// parts deals the commands to their slots, always in the same order.
func (m *committer) parts(prepared [][]byte) (parts []*part, err error) {
	prepared = slices.Clone(prepared)
	slices.SortFunc(prepared, bytes.Compare)
	bySlot := map[int]*part{}
	for _, data := range prepared {
		c, rows, err := parsePrepared(data)
		if err != nil {
			return nil, err
		}
		for i, x := range c.list {
			slot := 0
			if m.clustered {
				slot = slotOf(c.arg(x.key))
			}
			p := bySlot[slot]
			if p == nil {
				p = &part{slot: slot, commands: new(commands)}
				bySlot[slot] = p
				parts = append(parts, p)
			}
			p.add(c, x)
			p.rows = append(p.rows, rows[i])
		}
	}
	return parts, nil
}

// add adds a command of others.
func (c *commands) add(of *commands, x command) {
	c.list = append(c.list, command{from: len(c.ends), key: len(c.ends) + x.key - x.from, joined: x.joined})
	for i := x.from; i < x.to; i++ {
		c.text = append(c.text, of.arg(i)...)
		c.done()
	}
}

// marker is the key that notes how far a slot has come.
func (m *committer) marker(p *part) string {
	if !m.clustered {
		return m.root
	}
	return "freshet:{" + m.tags[p.slot] + "}:" + m.name
}
