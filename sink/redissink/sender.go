package redissink

import (
	"context"
	"log/slog"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redisio"
	"github.com/freshet-go/freshet/stream"
)

// A sender sends commands in one pipeline, and those again that fail for a reason which passes.
type sender struct {
	config
	client redis.UniversalClient
	name   string // of the operator
	logger *slog.Logger
	names  map[string]any // commands' names, as go-redis wants them
}

func newSender(client redis.UniversalClient, c *stream.SinkContext, config config) sender {
	s := sender{config: config, client: client, name: c.Name, logger: c.Logger, names: map[string]any{}}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	return s
}

// again logs that something is tried again.
func (s *sender) again(err error) {
	s.logger.Warn("the server cannot be written to, and it is tried again", "sink", s.name, "for", s.retry, "cause", err)
}

// send sends the commands of c, and returns when the server has taken all.
func (s *sender) send(ctx context.Context, c *commands) error {
	cmds := s.build(ctx, c)
	return redisio.Retry(ctx, s.retry, s.again, func() error {
		if err := s.exec(ctx, cmds); err != nil && ctx.Err() != nil {
			return err // cmds may still be written to
		}
		var err error
		if cmds, err = s.rest(ctx, cmds); err != nil && !redisio.Passes(err) {
			return s.failed(cmds[0], err)
		}
		return err
	})
}

func (s *sender) exec(ctx context.Context, cmds []redis.Cmder) error {
	return redisio.Within(ctx, func() error {
		pipe := s.client.Pipeline()
		for _, cmd := range cmds {
			_ = pipe.Process(ctx, cmd) // it only keeps it
		}
		_, err := pipe.Exec(ctx)
		for _, cmd := range cmds {
			if name, said := refusedIn(cmd); name != "" && cmd.Err() == nil {
				cmd.SetErr(redisio.ServerError(strings.TrimPrefix(said, "-")))
			}
		}
		return err
	})
}

// refusedIn returns which command of a script the server has refused, and why; or nothing.
func refusedIn(cmd redis.Cmder) (name, said string) {
	c, ok := cmd.(*redis.Cmd)
	if !ok || c.Args()[0] != any("EVAL") {
		return "", ""
	}
	got, _ := c.Val().([]any)
	if len(got) == 2 {
		name, _ = got[0].(string)
		said, _ = got[1].(string)
	}
	return name, said
}

// rest returns the commands to be sent again: those that failed, and what came after them for the same
// key, as its order counts. The error is that of the first, or the first that does not pass, which is alone then.
func (s *sender) rest(ctx context.Context, cmds []redis.Cmder) (again []redis.Cmder, err error) {
	var failed map[string]bool
	for _, cmd := range cmds {
		bad := cmd.Err()
		if bad == redis.Nil {
			bad = nil
		}
		if bad == nil && (failed == nil || !failed[keyOf(cmd)]) {
			continue
		}
		if failed == nil {
			failed = map[string]bool{}
		}
		failed[keyOf(cmd)] = true
		if bad != nil && !redisio.Passes(bad) {
			return []redis.Cmder{cmd}, bad
		}
		if err == nil {
			err = bad
		}
		again = append(again, newCmd(ctx, cmd.Args()))
	}
	return again, err
}

// keyOf returns the key of a command that build has made.
func keyOf(cmd redis.Cmder) string {
	args := cmd.Args()
	if args[0] == any("EVAL") {
		return args[3].(string)
	}
	return args[1].(string)
}

// failed is the error of a command.
func (s *sender) failed(cmd redis.Cmder, err error) error {
	name, _ := refusedIn(cmd)
	if name == "" {
		name = cmd.Args()[0].(string)
	}
	return &WriteError{Sink: s.name, Command: name, Key: keyOf(cmd), Err: err}
}

// together executes commands as one. Each is its number of arguments and these. It returns the name of one that
// is refused, and why; what comes behind it is not executed.
const together = `local i = 1
while i <= #ARGV do
  local n = tonumber(ARGV[i])
  local r = redis.pcall(unpack(ARGV, i + 1, i + n))
  if type(r) == 'table' and r.err then return {ARGV[i + 1], r.err} end
  i = i + n + 1
end
return 1`

// build makes go-redis's commands. Commands that are joined become a script.
func (s *sender) build(ctx context.Context, c *commands) []redis.Cmder {
	all := string(c.text)
	parts := make([]string, len(c.ends))
	from := 0
	for i, end := range c.ends {
		parts[i] = all[from:end]
		from = end
	}
	args := make([]any, 0, len(parts)) // a pointer to a part is not boxed
	cmds := make([]redis.Cmder, 0, len(c.list))
	for i := 0; i < len(c.list); {
		n := 1
		for i+n < len(c.list) && c.list[i+n].joined {
			n++
		}
		if n > 1 {
			cmds = append(cmds, redis.NewCmd(ctx, s.joined(parts, c.list[i:i+n])...))
		} else {
			x := c.list[i]
			at := len(args)
			args = append(args, s.named(parts[x.from]), parts[x.key])
			for k := x.key + 1; k < x.to; k++ {
				args = append(args, &parts[k])
			}
			cmds = append(cmds, newCmd(ctx, args[at:len(args):len(args)]))
		}
		i += n
	}
	return cmds
}

// newCmd returns the kind of command that costs least for the reply.
func newCmd(ctx context.Context, args []any) redis.Cmder {
	switch args[0].(string) {
	case "XADD":
		return redis.NewStringCmd(ctx, args...)
	case "HSET", "HDEL", "DEL", "PUBLISH", "RPUSH", "PEXPIRE", "HINCRBY", "INCRBY":
		return redis.NewIntCmd(ctx, args...)
	case "SET", "LTRIM":
		return redis.NewStatusCmd(ctx, args...)
	}
	return redis.NewCmd(ctx, args...)
}

// joined returns the arguments of a script that executes a list.
func (s *sender) joined(parts []string, list []command) []any {
	args := []any{"EVAL", together, "1", parts[list[0].key]}
	for _, x := range list {
		args = append(args, x.to-x.from)
		for k := x.from; k < x.to; k++ {
			args = append(args, &parts[k])
		}
	}
	return args
}

// named returns the name of a command in the memory that all with the name share.
func (s *sender) named(name string) any {
	if x, ok := s.names[name]; ok {
		return x
	}
	if len(s.names) > 256 {
		return name
	}
	s.names[name] = name
	return s.names[name]
}
