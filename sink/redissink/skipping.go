package redissink

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redisio"
	"github.com/freshet-go/freshet/stream"
)

// errRefusedBefore is the cause where a commit is made again that had left out the command, and has not noted why.
var errRefusedBefore = errors.New("the server has refused it when the checkpoint was committed first")

// CommitSkipping is Commit, but that commands which the server refuses for what is in them, or for what is under their keys, are left
// out. What takes effect together with one is left out, too; other commands of the same event are not. Where values are kept, there is one
// refusal for each event, however many of its commands are left out.
func (m *committer) CommitSkipping(ctx context.Context, id int64, prepared [][]byte) (refused []stream.Refusal, err error) {
	if err := m.take(ctx); err != nil {
		return nil, err
	}
	parts, err := m.confirm(ctx, id, prepared, skipping)
	if err != nil {
		return nil, err
	}
	var events []*leftOutEvent
	byRow := map[*preparedRow]*leftOutEvent{}
	noted, err := m.notes(ctx, parts)
	if err != nil {
		return nil, err
	}
	for i, p := range parts {
		left, err := m.leftOut(id, p, noted[i])
		if err != nil {
			return nil, err
		}
		for _, n := range left {
			row := p.rows[n]
			e := byRow[row]
			if e == nil {
				e = &leftOutEvent{row: row, commands: new(commands)}
				events = append(events, e)
			}
			if row.hasValue() { // else all commands have the same row, and nobody knows which event one is of
				byRow[row] = e
			}
			e.add(p, n, m.cause(p, n))
		}
	}
	for _, e := range events {
		r, err := m.refusal(e)
		if err != nil {
			return nil, &WriteError{Sink: m.sender.name, Err: err}
		}
		refused = append(refused, r)
	}
	return refused, nil
}

// groupEnd is where the commands end that take effect together with the n-th.
func (p *part) groupEnd(n int) int {
	for n++; n < len(p.list) && p.list[n].joined; n++ {
	}
	return n
}

// takeSkipped takes in what a script has left out: places, each with its cause.
func (p *part) takeSkipped(got []any) error {
	for ; len(got) > 1; got = got[2:] {
		n, ok := got[0].(int64)
		why, text := got[1].(string)
		if !ok || !text || n < 0 || n >= int64(len(p.list)) {
			return fmt.Errorf("redissink: the script has left out %v", got[:2])
		}
		if p.skipped == nil {
			p.skipped = map[int]error{}
		}
		p.skipped[int(n)] = redisio.ServerError(strings.ToValidUTF8(why, "?"))
	}
	return nil
}

// notes reads what was noted of parts: the checkpoint, which commands were left out, and why.
func (m *committer) notes(ctx context.Context, parts []*part) (noted [][]any, err error) {
	for some := range slices.Chunk(parts, mostParts) {
		cmds := make([]*redis.SliceCmd, len(some))
		err := m.retrying(ctx, "HMGET", m.marker(some[0]), func() error {
			pipe := m.client.Pipeline()
			for i, p := range some {
				cmds[i] = pipe.HMGet(ctx, m.marker(p), "at", "refused", "causes")
			}
			_, err := pipe.Exec(ctx)
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, cmd := range cmds {
			noted = append(noted, cmd.Val())
		}
	}
	return noted, nil
}

// leftOut returns the commands of a part that were left out, by this commit or by one before, which has noted why.
func (m *committer) leftOut(id int64, p *part, noted []any) (places []int, err error) {
	at, _ := noted[0].(string)
	refused, _ := noted[1].(string)
	if at != strconv.FormatInt(id, 10) { // a later checkpoint has been sent
		return nil, nil
	}
	text, _ := noted[2].(string) // nothing, if an earlier version has left them out
	causes := strings.Split(text, "\n")
	seen := make(map[int]bool, len(p.skipped))
	for place := range strings.FieldsSeq(refused) {
		number, line, _ := strings.Cut(place, ":")
		n, err := strconv.Atoi(number)
		if err != nil || n < 0 || n >= len(p.list) || seen[n] {
			return nil, &WriteError{Sink: m.sender.name, Command: "HMGET", Key: m.marker(p), Err: fmt.Errorf("%q are no commands of checkpoint %d", refused, id)}
		}
		seen[n] = true
		places = append(places, n)
		if k, err := strconv.Atoi(line); err == nil && k > 0 && k < len(causes) && p.skipped[n] == nil {
			if p.skipped == nil {
				p.skipped = map[int]error{}
			}
			p.skipped[n] = redisio.ServerError(strings.ToValidUTF8(causes[k-1], "?"))
		}
	}
	return places, nil
}

// A leftOutEvent is the commands of one event that were left out: one, and what takes effect together with it, where
// values are not kept.
type leftOutEvent struct {
	row      *preparedRow
	commands *commands
	causes   []error
}

// add adds the n-th command of a part, and what takes effect together with it.
func (e *leftOutEvent) add(p *part, n int, cause error) {
	first := len(e.commands.list)
	for _, x := range p.list[n:p.groupEnd(n)] {
		e.commands.add(p.commands, x)
	}
	e.commands.list[first].joined = false // what it was joined to has taken effect
	e.causes = append(e.causes, cause)
}

// cause is why a command was left out.
func (m *committer) cause(p *part, n int) error {
	x := p.list[n]
	cause := &WriteError{Sink: m.sender.name, Command: string(p.arg(x.from)), Key: string(p.arg(x.key)), Err: p.skipped[n]}
	if cause.Err == nil {
		cause.Err = errRefusedBefore
	}
	return cause
}

// refusal is what is reported of an event.
func (m *committer) refusal(e *leftOutEvent) (r stream.Refusal, err error) {
	if r.Err = e.causes[0]; len(e.causes) > 1 {
		r.Err = errors.Join(e.causes...)
	}
	row := e.row
	r.Row = append(r.Row, row.head[:]...)
	if row.hasValue() {
		if r.Value, err = m.readValue(row.value); err != nil {
			return r, err
		}
		r.Time = stream.Time(row.at)
		r.Row = appendRows(r.Row, appendPreparedRow(nil, len(e.commands.list), row.at, row.value))
	}
	r.Row = e.commands.append(r.Row)
	return r, nil
}
