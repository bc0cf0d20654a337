package syslogsource

// parse3164 parses what follows the priority: "Nov 28 20:14:15 host tag[pid]: text", or what is left of that.
//
// RFC 3164 describes what was seen in 2001 and leaves the rest to guessing. A message
// without a time has neither host nor tag. A first word that ends as a tag does means that there is no host, as in
// nginx's messages with "nohostname" and in those that programs write to their own machine.
func (p *parser) parse3164(b []byte, m *Message) {
	t, n := p.time3164(b)
	if n == 0 {
		m.Text = string(b)
		return
	}
	m.Time = t
	for b = b[n:]; len(b) > 0 && b[0] == ' '; {
		b = b[1:] // nginx has no host before its workers run, and a space where it would stand
	}
	if _, _, n := tag(b); n == 0 {
		if host := word(b); len(host) < len(b) && b[len(host)] == ' ' && isHost(host) {
			m.Host = p.name(host)
			b = b[len(host)+1:]
		}
	}
	if app, pid, n := tag(b); n > 0 {
		m.App, m.ProcID = p.name(app), p.name(pid)
		if b = b[n:]; len(b) > 0 && b[0] == ' ' {
			b = b[1:]
		}
	}
	m.Text = string(b)
}

// isHost reports whether a word may be a host's name or address. What else stands there, such as
// the beginning of JSON, is text.
func isHost(b []byte) bool {
	if len(b) == 0 || !letter(b[0]) && b[0] != ':' {
		return false
	}
	for _, c := range b {
		if !letter(c) && c != '.' && c != '-' && c != ':' && c != '/' && c != '@' && c != '%' {
			return false
		}
	}
	return true
}

func letter(c byte) bool { return digit(c) || c|0x20-'a' < 26 || c == '_' }

// tag finds "app:", "app[pid]:" or "app[pid]" in front of a space or the end, and returns its length.
func tag(b []byte) (app, pid []byte, n int) {
	for i, c := range b {
		switch {
		case c == ':' && i > 0 && (i+1 == len(b) || b[i+1] == ' '):
			return b[:i], nil, i + 1
		case c == '[' && i > 0:
			for j := i + 1; j < len(b) && graphic(b[j]); j++ {
				if b[j] != ']' {
					continue
				}
				pid, n = b[i+1:j], j+1
				if n < len(b) && b[n] == ':' {
					return b[:i], pid, n + 1
				}
				if n == len(b) || b[n] == ' ' {
					return b[:i], pid, n
				}
				break
			}
			return nil, nil, 0
		case !graphic(c), c == '"', c == '{', c == '}', c == '[', c == ']', c == '=', c == ',', c == ';', c == '<', c == '>':
			return nil, nil, 0
		}
	}
	return nil, nil, 0
}
