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

// send sends parts, each to its slot, until all are done.
func (m *committer) send(ctx context.Context, id int64, parts []*part, how manner) error {
	var wrong error
	err := redisio.Retry(ctx, m.retry, m.again, func() error {
		for len(parts) > 0 {
			cmds := make([]*redis.Cmd, len(parts))
			err := redisio.Within(ctx, func() error { return m.round(ctx, id, parts, how, cmds) })
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
func (m *committer) round(ctx context.Context, id int64, parts []*part, how manner, cmds []*redis.Cmd) error {
	if err := m.load(ctx); err != nil {
		for i := range cmds {
			cmds[i] = redis.NewCmd(ctx)
			cmds[i].SetErr(err)
		}
		return err
	}
	pipe := m.client.Pipeline()
	for i, p := range parts {
		cmds[i] = sendScript.EvalSha(ctx, pipe, p.keys(m), p.args(m, id, how)...)
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
	if err != nil || len(got) < 2 {
		return fmt.Errorf("redissink: the script returned %v: %w", cmd.Val(), err)
	}
	done, _ := got[0].(int64)
	said, _ := got[1].(string)
	if done < 0 {
		done = int64(len(p.list)) // a later checkpoint has been sent
	}
	p.done = int(done)
	if err := p.takeSkipped(got[2:]); err != nil {
		return err
	}
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
func (p *part) args(m *committer, id int64, how manner) []any {
	token := m.token
	if m.clustered {
		token = "" // it is noted with the root alone
	}
	args := []any{token, m.life, id, p.done, int(how)}
	for _, x := range p.list[p.done:p.end(m.batch)] {
		n := x.to - x.from
		if x.joined {
			n = -n
		}
		args = append(args, n)
		for k := x.from; k < x.to; k++ {
			args = append(args, p.arg(k))
		}
	}
	return args
}
