package redisio

import (
	"fmt"
	"reflect"
	"strconv"
	"testing"
	"time"
	"unsafe"
)

type row struct {
	Key   string `redis:"@key"`
	ID    string `redis:"@id"`
	Name  string `redis:"name"`
	Bytes []byte `redis:"bytes"`
	Int   int8   `redis:"int"`
	Uint  uint16 `redis:"uint"`
	Bool  bool   `redis:"bool"`
	Float float64
	inner
	At   time.Time `redis:"at,unixmilli"`
	Wait *int      `redis:"wait"`
	Free float32   `redis:"free"`
}

type inner struct {
	Deep int64 `redis:"deep"`
}

// resp writes pairs as a server does.
func resp(pairs []Pair) []byte {
	b := fmt.Appendf(nil, "*%d\r\n", 2*len(pairs))
	for _, p := range pairs {
		b = fmt.Appendf(b, "$%d\r\n%s\r\n$%d\r\n%s\r\n", len(p.Name), p.Name, len(p.Value), p.Value)
	}
	return b
}

// byMap is Decode, as plainly as can be.
func byMap(pairs []Pair) (r row, ok bool) {
	m := map[string]string{}
	for _, p := range pairs {
		m[string(p.Name)] = string(p.Value)
	}
	ok = true
	check := func(err error) { ok = ok && err == nil }
	if s, has := m["name"]; has {
		r.Name = s
	}
	if s, has := m["bytes"]; has {
		r.Bytes = []byte(s)
	}
	if s, has := m["int"]; has {
		n, err := strconv.ParseInt(s, 10, 8)
		check(err)
		r.Int = int8(n)
	}
	if s, has := m["uint"]; has {
		n, err := strconv.ParseUint(s, 10, 16)
		check(err)
		r.Uint = uint16(n)
	}
	if s, has := m["bool"]; has {
		b, err := strconv.ParseBool(s)
		check(err)
		r.Bool = b
	}
	if s, has := m["deep"]; has {
		n, err := strconv.ParseInt(s, 10, 64)
		check(err)
		r.Deep = n
	}
	if s, has := m["at"]; has {
		n, err := strconv.ParseInt(s, 10, 64)
		check(err)
		r.At = time.UnixMilli(n).UTC()
	}
	if s, has := m["wait"]; has {
		n, err := strconv.Atoi(s)
		check(err)
		r.Wait = &n
	}
	if s, has := m["free"]; has {
		f, err := strconv.ParseFloat(s, 32)
		check(err)
		r.Free = float32(f)
	}
	return r, ok
}

func text(r row) string {
	s := fmt.Sprintf("%+v", struct {
		row
		Wait string
	}{func() row { r := r; r.Wait = nil; return r }(), fmt.Sprint(r.Wait != nil)})
	if r.Wait != nil {
		s += strconv.Itoa(*r.Wait)
	}
	return s
}

// FuzzFields: decoding by tags says what a map of the fields would, and what is written is read.
func FuzzFields(f *testing.F) {
	f.Add("name", "Ann", "int", "7", "at", "-1")
	f.Add("int", "128", "uint", "-1", "bool", "maybe")
	f.Add("wait", "0", "wait", "1", "", "")
	f.Add("deep", "-9223372036854775808", "free", "NaN", "bytes", "\x00\r\n")
	f.Add("deep", "+5", "int", "-0", "uint", "007")
	f.Add("deep", "1_000", "int", "", "bool", "1")
	fields, err := FieldsOf(reflect.TypeFor[row]())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, a, av, b, bv, c, cv string) {
		if a == b || b == c || a == c { // of two alike, a map checks the last alone
			return
		}
		given := []Pair{{[]byte(a), []byte(av)}, {[]byte(b), []byte(bv)}, {[]byte(c), []byte(cv)}}
		reply := NewReply(resp(given))
		pairs, found, err := reply.Pairs(nil)
		if err != nil || !found || len(reply.Rest()) > 0 {
			t.Fatalf("%q: %v", resp(given), err)
		}
		var got row
		err = fields.Decode(unsafe.Pointer(&got), pairs, Place{Key: "k", ID: ID{1, 2}})
		want, ok := byMap(given)
		if ok != (err == nil) {
			t.Fatalf("%q: %v, and by a map %v", given, err, ok)
		}
		if !ok {
			return
		}
		want.Key, want.ID = "k", "1-2"
		if text(got) != text(want) {
			t.Fatalf("%q: %s, want %s", given, text(got), text(want))
		}
		var again []Pair
		for i := range fields.Len() {
			value, present, err := fields.AppendValue(nil, unsafe.Pointer(&got), i)
			if err != nil {
				t.Fatal(err)
			}
			if present {
				again = append(again, Pair{[]byte(fields.Name(i)), value})
			}
		}
		var back row
		if err := fields.Decode(unsafe.Pointer(&back), again, Place{Key: "k", ID: ID{1, 2}}); err != nil {
			t.Fatalf("%q: %v", again, err)
		}
		if back.Bytes = got.Bytes; text(back) != text(got) {
			t.Fatalf("%s, and read again %s", text(got), text(back))
		}
	})
}

// FuzzReply: no reply does harm, whatever it says of its length.
func FuzzReply(f *testing.F) {
	for _, s := range []string{
		"*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-0\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n", "%1\r\n$1\r\ns\r\n*0\r\n", "*-1\r\n", "_\r\n", "$-1\r\n",
		"-ERR no\r\n", ":12\r\n", "*1000000000\r\n", "$1000000000\r\n", "=5\r\ntxt:a\r\n", "!3\r\nERR\r\n", ",1.5\r\n", "#t\r\n", "%9223372036854775807\r\n", "\r\n", "*2\r\n$", "$00\r",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := NewReply(raw)
		for len(r.Rest()) > 0 {
			if _, err := r.Next(); err != nil {
				break
			}
		}
		r = NewReply(raw)
		_ = r.Skip(1) // whether it can is not the question
		r = NewReply(raw)
		_, _, _ = r.Pairs(nil)
		if id, err := ParseID(raw); err == nil {
			if again, err := ParseID(id.String()); err != nil || again != id {
				t.Fatalf("%q is %v, and again %v", raw, id, again)
			}
		}
	})
}
