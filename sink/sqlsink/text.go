package sqlsink

import (
	"strings"
)

// isTableName reports whether s is a name, with or without one of a schema.
func isTableName(s string) bool {
	schema, table, two := strings.Cut(s, ".")
	return isIdentifier(schema) && (!two || isIdentifier(table))
}

func isIdentifier(s string) bool {
	return s != "" && (s[0] < '0' || s[0] > '9') && wordLen(s) == len(s)
}

// wordLen returns how many letters, digits and underscores s begins with.
func wordLen(s string) int {
	n := strings.IndexFunc(s, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
	if n < 0 {
		return len(s)
	}
	return n
}

// placeholders counts the arguments that a statement takes, as well as can be told without
// the database: ?, ?1, $1, and :name, @name and $name. It need only be right enough to see
// that one has come or gone.
func placeholders(statement string) int {
	named := map[string]bool{}
	n := 0
	for s := statement; s != ""; {
		part := s[:partLen(s)]
		s = s[len(part):]
		switch {
		case part == "?":
			n++
		case len(part) > 1 && strings.ContainsAny(part[:1], "?$:@") && part != "::" && part != "@@":
			named[part] = true
		}
	}
	return n + len(named)
}

// partLen returns the length of what s begins with: a text, a comment, a placeholder, or
// else one character. A doubled quote is two texts, one behind the other.
func partLen(s string) int {
	switch c := s[0]; {
	case c == '\'' || c == '"' || c == '`':
		if end := strings.IndexByte(s[1:], c); end >= 0 {
			return end + 2
		}
	case strings.HasPrefix(s, "--"):
		if end := strings.IndexByte(s, '\n'); end >= 0 {
			return end
		}
		return len(s)
	case strings.HasPrefix(s, "/*"):
		if end := strings.Index(s[2:], "*/"); end >= 0 {
			return end + 4
		}
	case strings.HasPrefix(s, "::"), strings.HasPrefix(s, "@@"):
		return 2
	case c == '?':
		return len(s) - len(strings.TrimLeft(s[1:], "0123456789"))
	case c == '$' || c == ':' || c == '@':
		return 1 + wordLen(s[1:])
	}
	return 1
}
