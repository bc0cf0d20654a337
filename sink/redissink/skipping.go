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

// How a commit deals with a command that the server refuses.
type manner int

const (
	failing  manner = iota // that ends the run
	skipping               // the command is left out, and noted
)

// skipScript notes for checkpoint ARGV[3] that the next command, the ARGV[4]-th of its slot, is left out, and ARGV[5] in all with those
// that take effect together with it, because of ARGV[6], which is a line: of different ones 16 are noted. It returns how many are
// done, and why that could not be noted.
var skipScript = redis.NewScript(`
local m = redis.call('HMGET', KEYS[1], 'life', 'at', 'done', 'token', 'refused', 'causes')
if ARGV[1] ~= '' and m[4] ~= ARGV[1] then return {0, m[4] and 'TAKEN' or 'GONE'} end
if m[1] ~= ARGV[2] or m[2] ~= ARGV[3] then return {0, 'GONE'} end
if m[3] ~= ARGV[4] then return {tonumber(m[3]), ''} end
local done = tonumber(ARGV[4]) + tonumber(ARGV[5])
local place, causes, lines, known = ARGV[4], m[6] or '', 0, false
for line in string.gmatch(causes, '[^\n]+') do
  if not known then
    lines = lines + 1
    known = line == ARGV[6]
  end
end
if not known and lines < 16 then
  causes, lines, known = causes .. ARGV[6] .. '\n', lines + 1, true
end
if known then place = place .. ':' .. lines end
redis.call('HSET', KEYS[1], 'done', done, 'refused', (m[5] or '') .. ' ' .. place, 'causes', causes)
return {done, ''}`)

// errRefusedBefore is the cause where a commit is made again that had left out the command, and has not noted why.
var errRefusedBefore = errors.New("the server has refused it when the checkpoint was committed first")

// notOfRow are the beginnings of errors that have to do with a server or a program, and not with what is in a command.
var notOfRow = []string{"ERR unknown", "ERR Unknown", "ERR This Redis command is not allowed"}

// refusesRow reports whether a server refuses a command for what is in it, or for what is under its key.
func refusesRow(err error) bool {
	e, ok := errors.AsType[redis.Error](err)
	if !ok || redisio.Passes(err) {
		return false
	}
	text := e.Error()
	if slices.ContainsFunc(notOfRow, func(s string) bool { return strings.HasPrefix(text, s) }) {
		return false
	}
	return strings.HasPrefix(text, "WRONGTYPE") || strings.HasPrefix(text, "ERR ")
}

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
	for _, p := range parts {
		left, err := m.leftOut(ctx, id, p)
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

// skip leaves out the next command of a part, and what takes effect together with it.
func (m *committer) skip(ctx context.Context, id int64, p *part, why error) error {
	n := p.done
	token := m.token
	if m.clustered {
		token = ""
	}
	cmd := skipScript.Run(ctx, m.client, []string{m.marker(p)}, token, m.life, id, n, p.groupEnd(n)-n, causeLine(why))
	if cmd.Err() != nil {
		return cmd.Err()
	}
	if err := p.take(cmd); err != nil {
		return err
	}
	if p.skipped == nil {
		p.skipped = map[int]error{}
	}
	p.skipped[n] = why
	return nil
}

// mostCause bounds the bytes of a cause that is noted.
const mostCause = 200

// causeLine is an error of the server as one line that is not too long.
func causeLine(why error) string {
	line := strings.Join(strings.Fields(strings.ToValidUTF8(why.Error(), "?")), " ")
	if line == "" {
		line = "the server does not say why" // an empty one would not count
	}
	if len(line) > mostCause {
		line = strings.ToValidUTF8(line[:mostCause], "") + "..."
	}
	return line
}

// groupEnd is where the commands end that take effect together with the n-th.
func (p *part) groupEnd(n int) int {
	for n++; n < len(p.list) && p.list[n].joined; n++ {
	}
	return n
}

// leftOut returns the commands of a part that were left out, by this commit or by one before, which has noted why.
func (m *committer) leftOut(ctx context.Context, id int64, p *part) (places []int, err error) {
	var got []any
	key := m.marker(p)
	err = m.retrying(ctx, "HMGET", key, func() (err error) {
		got, err = m.client.HMGet(ctx, key, "at", "refused", "causes").Result()
		return err
	})
	if err != nil || got[0] != strconv.FormatInt(id, 10) || got[1] == nil { // a later checkpoint may have been sent
		return nil, err
	}
	noted, _ := got[2].(string) // nothing, if an earlier version has left them out
	causes := strings.Split(noted, "\n")
	for _, text := range strings.Fields(got[1].(string)) {
		place, line, _ := strings.Cut(text, ":")
		n, err := strconv.Atoi(place)
		if err != nil || n < 0 || n >= len(p.list) || slices.Contains(places, n) {
			return nil, &WriteError{Sink: m.sender.name, Command: "HMGET", Key: key, Err: fmt.Errorf("%q are no commands of checkpoint %d", got[1], id)}
		}
		places = append(places, n)
		if k, err := strconv.Atoi(line); err == nil && k > 0 && k < len(causes) && p.skipped[n] == nil {
			if p.skipped == nil {
				p.skipped = map[int]error{}
			}
			p.skipped[n] = redisio.ServerError(causes[k-1])
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
