package binlogsource

import "strings"

// words are those of a statement, without its comments.
type words struct {
	text     string
	database string // of names without one
	before   string // text before the last word
}

// next returns the next word, in capitals unless it is quoted, or "" at the end.
func (w *words) next() string {
	word, isQuoted := w.word()
	if isQuoted {
		return "`" + word
	}
	return strings.ToUpper(word)
}

// back takes the last word back.
func (w *words) back() { w.text = w.before }

// skip skips words, as far as they are there.
func (w *words) skip(optional ...string) {
	for _, word := range optional {
		if w.next() != word {
			w.back()
		}
	}
}

// name reads the name of a table and returns it with its database.
func (w *words) name() string {
	name, _ := w.word()
	database := w.database
	if w.next() == "." {
		database = name
		name, _ = w.word()
	} else {
		w.back()
	}
	return database + "." + name
}

// word cuts off the next word: a name, in quotes or not, a text, or one other character.
func (w *words) word() (word string, isQuoted bool) {
	w.before = w.text
	w.space()
	if w.text == "" {
		return "", false
	}
	switch c := w.text[0]; c {
	case '`', '"', '\'':
		return w.quotedWord(c), true
	}
	n := 0
	for n < len(w.text) && isNameByte(w.text[n]) {
		n++
	}
	n = max(n, 1)
	word, w.text = w.text[:n], w.text[n:]
	return word, false
}

func isNameByte(c byte) bool {
	return c|0x20-'a' < 26 || c-'0' < 10 || c == '_' || c == '$' || c >= 0x80
}

// quotedWord reads up to the quote that is not doubled, and not behind a backslash in a text.
func (w *words) quotedWord(quote byte) string {
	var b strings.Builder
	i := 1
	for ; i < len(w.text); i++ {
		switch c := w.text[i]; {
		case c == '\\' && quote != '`' && i+1 < len(w.text):
			i++
			b.WriteByte(w.text[i])
		case c != quote:
			b.WriteByte(c)
		case i+1 < len(w.text) && w.text[i+1] == quote:
			b.WriteByte(c)
			i++
		default:
			w.text = w.text[i+1:]
			return b.String()
		}
	}
	w.text = ""
	return b.String()
}

// space skips white space and comments. What stands in /*! */ is no comment.
func (w *words) space() {
	for {
		w.text = strings.TrimLeft(w.text, " \t\r\n\f\v;")
		switch {
		case strings.HasPrefix(w.text, "/*!"), strings.HasPrefix(w.text, "/*M!"):
			_, w.text, _ = strings.Cut(w.text, "!")
			w.text = strings.TrimLeft(w.text, "0123456789")
		case strings.HasPrefix(w.text, "*/"):
			w.text = w.text[2:]
		case strings.HasPrefix(w.text, "/*"):
			_, w.text, _ = strings.Cut(w.text, "*/")
		case strings.HasPrefix(w.text, "-- "), strings.HasPrefix(w.text, "#"):
			_, w.text, _ = strings.Cut(w.text, "\n")
		default:
			return
		}
	}
}
