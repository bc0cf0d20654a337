package redissink

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redisio"
)

// takeScript returns the life of the root and the next token.
var takeScript = redis.NewScript(`
redis.call('HSETNX', KEYS[1], 'life', ARGV[1])
return {redis.call('HGET', KEYS[1], 'life'), tostring(redis.call('HINCRBY', KEYS[1], 'token', 1))}`)

// beginScript notes the checkpoint ARGV[2] for the token ARGV[1]. It returns why it does not, or nothing.
var beginScript = redis.NewScript(`
local m = redis.call('HMGET', KEYS[1], 'token', 'checkpoint')
if not m[1] then return 'GONE' end
if m[1] ~= ARGV[1] then return 'TAKEN' end
if tonumber(m[2] or '0') < tonumber(ARGV[2]) then redis.call('HSET', KEYS[1], 'checkpoint', ARGV[2]) end
return ''`)

// sendScript executes commands, of which the first is the ARGV[4]-th of its slot in checkpoint ARGV[3], but for those that
// the marker KEYS[1] says are done; and notes in it how many are. The other KEYS are what they write. Each command is its
// number of arguments and these. It returns how many are done, and what keeps it from the next.
//
// A command that is too long for Lua is refused, too: checkpoints of earlier versions may have one.
//
// A script that fails halfway is not undone. So a command that is refused does not fail it: what came before is noted.
var sendScript = redis.NewScript(`
local m = redis.call('HMGET', KEYS[1], 'life', 'at', 'done', 'token')
if ARGV[1] ~= '' and m[4] ~= ARGV[1] then return {0, m[4] and 'TAKEN' or 'GONE'} end
local id, n, done, same = tonumber(ARGV[3]), tonumber(ARGV[4]), 0, false
if m[2] and (ARGV[1] ~= '' or m[1] == ARGV[2]) then
  local at = tonumber(m[2])
  if at > id then return {-1, ''} end
  if at == id then done, same = tonumber(m[3]), true end
end
if n > done then return {done, ''} end
local i, refused = 5, ''
while i <= #ARGV do
  local argc = tonumber(ARGV[i])
  if n >= done then
    local r
    if argc > 7000 then
      r = {err = 'ERR a command of ' .. argc .. ' arguments, of which a script can execute 7000'}
    else
      r = redis.pcall(unpack(ARGV, i + 1, i + argc))
    end
    if type(r) == 'table' and r.err then
      refused = r.err
      break
    end
    done = n + 1
  end
  n = n + 1
  i = i + argc + 1
end
if not same then redis.call('HDEL', KEYS[1], 'refused', 'causes') end
redis.call('HSET', KEYS[1], 'at', ARGV[3], 'done', done)
if ARGV[1] == '' then redis.call('HSET', KEYS[1], 'life', ARGV[2]) end
return {done, refused}`)

// send sends parts, each to its slot, until all are done.
func (m *committer) send(ctx context.Context, id int64, parts []*part, how manner) error {
	var wrong error
	err := redisio.Retry(ctx, m.retry, m.again, func() error {
		for len(parts) > 0 {
			cmds := make([]*redis.Cmd, len(parts))
			err := redisio.Within(ctx, func() error { return m.round(ctx, id, parts, cmds) })
			if ctx.Err() != nil {
				return ctx.Err()
			}
			var left []*part
			for i, p := range parts {
				if cmds[i].Err() != nil {
					left = append(left, p)
					if err = cmds[i].Err(); !redisio.Passes(err) {
						wrong = m.refused(p, err)
						return err
					}
					continue
				}
				err := p.take(cmds[i])
				if err != nil && how == skipping && refusesRow(err) {
					err = m.skip(ctx, id, p, err)
				}
				if err != nil {
					if redisio.Passes(err) {
						return err
					}
					wrong = m.refused(p, err)
					return err
				}
				if p.done < len(p.list) {
					left = append(left, p)
				}
			}
			parts = left
			if err != nil {
				return err
			}
		}
		return nil
	})
	if wrong != nil {
		return wrong
	}
	if err != nil {
		return &WriteError{Sink: m.sender.name, Err: err}
	}
	return nil
}

// round sends the next commands of each part in one pipeline.
func (m *committer) round(ctx context.Context, id int64, parts []*part, cmds []*redis.Cmd) error {
	if err := m.load(ctx); err != nil {
		for i := range cmds {
			cmds[i] = redis.NewCmd(ctx)
			cmds[i].SetErr(err)
		}
		return err
	}
	pipe := m.client.Pipeline()
	for i, p := range parts {
		cmds[i] = sendScript.EvalSha(ctx, pipe, p.keys(m), p.args(m, id)...)
	}
	_, err := pipe.Exec(ctx)
	for _, cmd := range cmds {
		m.loaded = m.loaded && !redis.HasErrorPrefix(cmd.Err(), "NOSCRIPT")
	}
	return err
}

// load has the servers know the script. Those that are made anew forget it.
func (m *committer) load(ctx context.Context) error {
	if m.loaded {
		return nil
	}
	err := sendScript.Load(ctx, m.client).Err()
	m.loaded = err == nil
	return err
}

// refused is the error of the next command of a part.
func (m *committer) refused(p *part, err error) error {
	e := &WriteError{Sink: m.sender.name, Err: err}
	if p.done >= 0 && p.done < len(p.list) {
		x := p.list[p.done]
		e.Command, e.Key = string(p.arg(x.from)), string(p.arg(x.key))
	}
	return e
}

// take takes in what a script has returned.
func (p *part) take(cmd *redis.Cmd) error {
	got, err := cmd.Slice()
	if err != nil || len(got) != 2 {
		return fmt.Errorf("redissink: the script returned %v: %w", cmd.Val(), err)
	}
	done, _ := got[0].(int64)
	said, _ := got[1].(string)
	if done < 0 {
		done = int64(len(p.list)) // a later checkpoint has been sent
	}
	p.done = int(done)
	switch {
	case said == "TAKEN" || said == "GONE":
		return refusal(said)
	case said != "":
		return redisio.ServerError(strings.TrimPrefix(said, "-"))
	}
	return nil
}

// end returns how far the commands of one script go. What is joined stays together.
func (p *part) end(batch int) int {
	text := 0
	for i := p.done; i < len(p.list); i++ {
		x := p.list[i]
		if i > p.done && !x.joined && (i-p.done >= batch || text > mostText) {
			return i
		}
		for k := x.from; k < x.to; k++ {
			text += len(p.arg(k))
		}
	}
	return len(p.list)
}

// keys returns the marker and what the commands of the next script write.
func (p *part) keys(m *committer) []string {
	keys := []string{m.marker(p)}
	if !m.clustered {
		return keys // which only a cluster has to know
	}
	seen := map[string]bool{}
	for _, x := range p.list[p.done:p.end(m.batch)] {
		if key := string(p.arg(x.key)); !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	return keys
}

// args returns the arguments of the next script.
func (p *part) args(m *committer, id int64) []any {
	token := m.token
	if m.clustered {
		token = "" // it is noted with the root alone
	}
	args := []any{token, m.life, id, p.done}
	for _, x := range p.list[p.done:p.end(m.batch)] {
		args = append(args, x.to-x.from)
		for k := x.from; k < x.to; k++ {
			args = append(args, p.arg(k))
		}
	}
	return args
}
