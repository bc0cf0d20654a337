package jsonplan

// A names has the names of one kind of object that were seen lately, and which of them followed which. Objects
// nearly always have theirs in the order of the object before, or leave one out, so that a name is looked for where it is expected:
// with its quotes, colon and white space it is compared as two words.
type names struct {
	of    *field
	all   []*name
	first name // stands before each object, and has no text
}

type name struct {
	head, mask uint64 // the first eight bytes of the text, and which of them there are
	tail       uint64 // the last eight, if there are more
	text       []byte // from behind the brace or comma to the value, and padding
	size       int    // of the text
	bit        uint64 // one of its own
	place      *field // nil if nobody wants the value
	next, then *name  // which are expected to follow
	name       string
}

// nothing is what no text begins with.
var nothing = &name{head: 1}

func newNames(of *field) names {
	return names{of: of, first: name{next: nothing, then: nothing}}
}

// at reports whether the text of n stands at i.
func (n *name) at(b []byte, i int) bool {
	if load(b, i)&n.mask != n.head {
		return false
	}
	return n.size <= 8 || i+n.size <= len(b) && load(b, i+n.size-8) == n.tail && (n.size <= 16 || string(b[i+8:i+n.size-8]) == string(n.text[8:n.size-8]))
}

// find reads the name that follows prev at i, notes that it did, and returns it, or nil, and where its value begins.
func (l *names) find(b []byte, i int, prev *name) (n *name, value int) {
	from := i
	if i = skipSpace(b, i); b[i] != '"' {
		return nil, 0
	}
	i++
	end, escaped := scanString(b, i)
	if end < 0 || escaped || end-i > longestName {
		return nil, 0
	}
	text := b[i:end]
	if i = skipSpace(b, end+1); b[i] != ':' {
		return nil, 0
	}
	i = skipSpace(b, i+1)
	if n = l.named(text); n == nil {
		return nil, 0
	}
	if i-from <= 2*longestName {
		n.expect(b[from:i])
	}
	prev.next, prev.then = n, prev.next
	return n, i
}

// named returns the name with a text, a new one where there is none, or nil where there are too many.
func (l *names) named(text []byte) *name {
	for _, n := range l.all {
		if n.name == string(text) {
			return n
		}
	}
	if len(l.all) == mostNames { // names that are data: it starts anew with the next record
		*l = newNames(l.of)
		return nil
	}
	n := &name{name: string(text), head: 1, bit: 1 << len(l.all), next: nothing, then: nothing}
	for k := range l.of.fields {
		if f := &l.of.fields[k]; f.name == n.name {
			n.place = f
		}
	}
	l.all = append(l.all, n)
	return n
}

// expect has n come with this text around it from now on.
func (n *name) expect(text []byte) {
	n.text, n.size = append(append(n.text[:0], text...), padding...), len(text)
	n.head, n.mask = load(n.text, 0), 1<<min(64, 8*n.size)-1
	n.head &= n.mask
	if n.size > 8 {
		n.tail = load(n.text, n.size-8)
	}
}
