package redissink

import (
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// How a commit deals with a command that the server refuses. The script has the numbers, too.
type manner int

const (
	failing  manner = iota // that ends the run
	skipping               // the command is left out, and noted
)

// notOfRow are the beginnings of errors that have to do with a server, a program or its rights, and not with what is in a command.
// Those of redisio.Passes that begin with ERR are among them.
var notOfRow = []string{
	"ERR unknown", "ERR Unknown", "ERR This Redis command is not allowed", "ERR The user executing the script can't run", "ERR max number of clients",
}

// sendScript executes commands, of which the first is the ARGV[4]-th of its slot in checkpoint ARGV[3], but for those that
// the marker KEYS[1] says are done; and notes in it how many are. The other KEYS are what they write. Each command is its
// number of arguments, which is negative where it is joined to the one before, and these. It returns how many are done, and what keeps it from the next.
//
// A script that fails halfway is not undone. So a command that is refused does not fail it: what came before is noted.
// Where ARGV[5] is 1, it is left out, with those that are joined behind it, if it is refused for what is in it or under its key.
// That is noted, in "refused" its place and the number of its cause, and in "causes" up to 16 different ones, each a line. What
// was left out stands behind the rest of the reply, place and cause in turn: so any number of them costs no round trip.
//
// A command that is too long for Lua is refused, too: checkpoints of earlier versions may have one.
var sendScript = redis.NewScript(fmt.Sprintf(`
local m = redis.call('HMGET', KEYS[1], 'life', 'at', 'done', 'token', 'refused', 'causes')
if ARGV[1] ~= '' and m[4] ~= ARGV[1] then return {0, m[4] and 'TAKEN' or 'GONE'} end
local id, n, done, same = tonumber(ARGV[3]), tonumber(ARGV[4]), 0, false
if m[2] and (ARGV[1] ~= '' or m[1] == ARGV[2]) then
  local at = tonumber(m[2])
  if at > id then return {-1, ''} end
  if at == id then done, same = tonumber(m[3]), true end
end
if n > done then return {done, ''} end

local function ofRow(err)
  for _, s in ipairs({%s}) do
    if string.sub(err, 1, #s) == s then return false end
  end
  return string.sub(err, 1, 9) == 'WRONGTYPE' or string.sub(err, 1, 4) == 'ERR '
end
%s
local causes, lines, known = same and m[6] or '', 0, {}
for line in string.gmatch(causes, '[^\n]+') do
  lines = lines + 1
  known[line] = lines
end
local places, reply = {}, {0, ''}
local function leave(n, err)
  local line = causeLine(err)
  if not known[line] and lines < 16 then
    lines = lines + 1
    known[line], causes = lines, causes .. line .. '\n'
  end
  places[#places + 1] = known[line] and n .. ':' .. known[line] or n
  reply[#reply + 1] = n
  reply[#reply + 1] = err
end

local i, leaving = 6, false
while i <= #ARGV do
  local argc = tonumber(ARGV[i])
  leaving = leaving and argc < 0
  argc = math.abs(argc)
  if n >= done and not leaving then
    local r
    if argc > %d then
      r = {err = 'ERR a command of ' .. argc .. ' arguments, of which a script can execute %d'}
    else
      r = redis.pcall(unpack(ARGV, i + 1, i + argc))
    end
    if type(r) == 'table' and r.err then
      local err = string.gsub(r.err, '^%%-', '')
      if ARGV[5] ~= '1' or not ofRow(err) then
        reply[2] = err
        break
      end
      leave(n, err)
      leaving = true
    end
  end
  n = n + 1
  done = math.max(done, n)
  i = i + argc + 1
end
if not same then redis.call('HDEL', KEYS[1], 'refused', 'causes') end
redis.call('HSET', KEYS[1], 'at', ARGV[3], 'done', done)
if #places > 0 then
  redis.call('HSET', KEYS[1], 'refused', (same and m[5] or '') .. ' ' .. table.concat(places, ' '), 'causes', causes)
end
if ARGV[1] == '' then redis.call('HSET', KEYS[1], 'life', ARGV[2]) end
reply[1] = done
return reply`, luaStrings(notOfRow), causeLine, mostArgs, mostArgs))

// mostCause bounds the bytes of a cause that is noted.
const mostCause = 200

// causeLine makes one line of an error of the server, of at most so many bytes and three dots.
var causeLine = fmt.Sprintf(`local function causeLine(err)
  local line = string.match(string.gsub(err, '%%s+', ' '), '^ ?(.-) ?$')
  if #line > %d then line = string.sub(line, 1, %d) .. '...' end
  return line
end`, mostCause, mostCause)

// luaStrings are the elements of a table of Lua.
func luaStrings(all []string) string {
	quoted := make([]string, len(all))
	for i, s := range all {
		quoted[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(quoted, ", ")
}
