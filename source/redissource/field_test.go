package redissource_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/source/redissource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// One field is decoded by a codec, of entries and of hashes; where it is missing, or no such document, the entry is rejected.
func TestField(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client()
	type item struct{ Name string }
	for i, values := range [][]any{
		{"doc", `{"Name":"a"}`, "other", "{"},
		{"other", `{"Name":"no"}`},
		{"doc", `{`},
		{"other", "1", "doc", `{"Name":"b"}`},
		{"doc", ""}, // which is nothing, for the codec
	} {
		c.XAdd(t.Context(), &redis.XAddArgs{Stream: "items", ID: fmt.Sprint(i+1, "-0"), Values: values})
	}
	as := redissource.Field("doc", codec.JSON[item]())
	for name, src := range map[string]stream.Source[item]{
		"streams": redissource.Streams(c, []string{"items"}, as, redissource.Bounded()),
		"group":   redissource.Group(c, "g", "one", []string{"items"}, as, redissource.Bounded()),
	} {
		r, good, bad := opened(t, src, nil), []string{}, []string{}
		for {
			in := stream.NewIntake[item](512)
			err := r.Read(t.Context(), in)
			for _, v := range in.Batch().All() {
				good = append(good, v.Name)
			}
			for _, x := range in.Rejected() {
				bad = append(bad, fmt.Sprintf("%s: %v", r.(stream.Locator).Locate(x.Position), x.Err))
			}
			if err != nil {
				break
			}
		}
		if fmt.Sprint(good) != "[a b]" || len(bad) != 2 || !strings.Contains(bad[0], `entry 2-0: redissource: there is no field "doc"`) ||
			!strings.Contains(bad[1], "entry 3-0: ") {
			t.Errorf("%s: %v; rejected are %v", name, good, bad)
		}
	}

	// Of a hash only a change of that field is one.
	c.HSet(t.Context(), "item:1", "doc", `{"Name":"a"}`, "other", "1")
	hashes := func(offsets map[string]string) (all []stream.Change[item], offset string) {
		r := opened(t, redissource.Hashes(c, "item:*", as, redissource.Bounded()), offsets)
		all, _ = read(t, r, 10)
		return all, r.Offset()
	}
	all, offset := hashes(nil)
	if len(all) != 1 || all[0].After.Name != "a" {
		t.Errorf("%+v", all)
	}
	c.HSet(t.Context(), "item:1", "other", "2")
	if all, offset = hashes(map[string]string{"item:*": offset}); len(all) != 0 {
		t.Errorf("of another field: %+v", all)
	}
	c.HSet(t.Context(), "item:1", "doc", `{"Name":"b"}`)
	if all, _ = hashes(map[string]string{"item:*": offset}); len(all) != 1 || all[0].Before.Name != "a" || all[0].After.Name != "b" {
		t.Errorf("%+v", all)
	}
	for name, f := range map[string]func(){
		"a header":          func() { redissource.Field("doc", codec.CSV[item]()) },
		"the Format is nil": func() { redissource.Field[item]("doc", nil) },
	} {
		func() {
			defer func() {
				if text := fmt.Sprint(recover()); !strings.Contains(text, name) {
					t.Errorf("it panics with %s, want %s", text, name)
				}
			}()
			f()
		}()
	}
}
