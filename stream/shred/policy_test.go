package shred_test

import (
	"encoding/base64"
	"encoding/json/v2"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/shred"
)

type address struct {
	Street string `shred:"sealed"`
	City   string
}

type item struct {
	For  string `shred:"person"`
	Note string `shred:"sealed"`
}

type base struct {
	Customer string `shred:"person"`
}

type order struct {
	base
	Name  string               `shred:"sealed=name"`
	Phone string               `shred:"sealed=phone"`
	Photo []byte               `shred:"sealed"`
	Born  shred.Box[time.Time] `shred:"sealed"`
	Home  *address
	Other []address
	Two   [2]address
	Items []item
	Any   any `shred:"clear"`
	Cents int64
}

var born = time.Date(1815, 12, 10, 0, 0, 0, 0, time.UTC)

func adas() order {
	return order{
		base: base{"c-17"}, Name: "Ada Lovelace", Phone: "555-0117", Photo: []byte("JPEG of Ada"), Born: shred.BoxOf(born),
		Home: &address{"12 Mill Lane", "London"}, Other: []address{{"7 Hill Road", "Bath"}}, Two: [2]address{{}, {"1 Sea View", "Hove"}},
		Items: []item{{"c-18", "for Grace"}, {"c-17", "for Ada"}}, Any: 1, Cents: 1200,
	}
}

var secrets = []string{"Lovelace", "555-0117", "JPEG of", "1815-12", "12 Mill", "7 Hill", "1 Sea", "for Grace", "for Ada", base64.StdEncoding.EncodeToString([]byte("JPEG of Ada"))[:8]}

func printed(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b) + fmt.Sprintf("%+v", v)
}

// What is sealed shows nothing, is opened to what it was, and what the value points to stays what it was.
func TestSealAndOpen(t *testing.T) {
	p := policyOf[order](t, persons(t))
	v := adas()
	closed, err := p.Seal(t.Context(), v)
	require.NoError(t, err)
	require.Equal(t, adas(), v)
	for _, secret := range secrets {
		require.NotContains(t, printed(t, closed), secret)
	}
	require.Equal(t, "London", closed.Home.City)
	require.Empty(t, closed.Two[0].Street, "what is empty stays so")
	require.EqualValues(t, 1200, closed.Cents)
	open, err := p.Open(t.Context(), closed)
	require.NoError(t, err)
	require.Equal(t, adas(), open)
	again, err := p.Seal(t.Context(), v)
	require.NoError(t, err)
	require.NotEqual(t, closed.Name, again.Name, "equal values do not show that they are")

	var stored order // as a checkpoint or a file has it
	text, err := json.Marshal(closed)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &stored))
	stored.base, stored.Any = closed.base, closed.Any // which JSON does not write
	open, err = p.Open(t.Context(), stored)
	require.NoError(t, err)
	require.Equal(t, adas(), open)

	stripped := p.Strip(v)
	for _, secret := range secrets {
		require.NotContains(t, printed(t, stripped), secret)
	}
	require.Equal(t, "c-17", stripped.Customer)
	require.Equal(t, adas(), v)

	empty, err := p.Seal(t.Context(), order{})
	require.ErrorIs(t, err, shred.ErrNobody, "a Box has a value, if only the zero one")
	require.Equal(t, order{}, empty)
	none := policyOf[letter](t, persons(t))
	l, err := none.Seal(t.Context(), letter{Pages: 1})
	require.NoError(t, err)
	require.Equal(t, letter{Pages: 1}, l)
}

// What is sealed in one place is opened in no other one, and not when it was changed.
func TestTampered(t *testing.T) {
	all := persons(t)
	p := policyOf[order](t, all)
	closed, err := p.Seal(t.Context(), adas())
	require.NoError(t, err)
	graces := adas()
	graces.Customer, graces.Name = "c-18", "Grace Hopper"
	other, err := p.Seal(t.Context(), graces)
	require.NoError(t, err)
	refused := func(what string, is error, change func(*order)) {
		t.Helper()
		bad := closed
		bad.Other = append([]address{}, closed.Other...)
		change(&bad)
		got, err := p.Open(t.Context(), bad)
		require.ErrorIs(t, err, is, what)
		for _, secret := range secrets {
			require.NotContains(t, printed(t, got), secret, what)
			require.NotContains(t, err.Error(), secret, what)
		}
		require.NotContains(t, err.Error(), "c-1", "an error names nobody")
	}
	refused("another label", shred.ErrDamaged, func(o *order) { o.Name = o.Phone })
	refused("another person's", shred.ErrDamaged, func(o *order) { o.Name = other.Name })
	refused("another person", shred.ErrDamaged, func(o *order) { o.Customer = "c-18" })
	refused("a person who is not known", shred.ErrUnknown, func(o *order) { o.Customer = "c-19" })
	refused("nobody", shred.ErrNobody, func(o *order) { o.Customer = "" })
	refused("in the clear", shred.ErrPlain, func(o *order) { o.Name = "Ada" })
	refused("bytes in the clear", shred.ErrPlain, func(o *order) { o.Photo = []byte("JPEG") })
	refused("a Box in the clear", shred.ErrPlain, func(o *order) { o.Born = shred.BoxOf(born) })
	refused("no base64", shred.ErrDamaged, func(o *order) { o.Name = "shred1.*" })
	refused("nothing", shred.ErrDamaged, func(o *order) { o.Name = "shred1." })
	refused("a Box of another", shred.ErrDamaged, func(o *order) { o.Born = other.Born })
	refused("an element", shred.ErrDamaged, func(o *order) { o.Other[0].Street = closed.Name })
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(closed.Name, "shred1."))
	require.NoError(t, err)
	for i := range raw {
		for bit := range 8 {
			raw[i] ^= 1 << bit
			refused(fmt.Sprint("byte ", i), shred.ErrDamaged, func(o *order) { o.Name = "shred1." + base64.RawURLEncoding.EncodeToString(raw) })
			raw[i] ^= 1 << bit
		}
	}
	for n := range raw {
		refused(fmt.Sprint("cut to ", n), shred.ErrDamaged, func(o *order) { o.Name = "shred1." + base64.RawURLEncoding.EncodeToString(raw[:n]) })
	}

	lax := policyOf[order](t, all, shred.AllowPlain())
	bad := closed
	bad.Name, bad.Photo = "Ada", []byte("JPEG")
	got, err := lax.Open(t.Context(), bad)
	require.NoError(t, err)
	require.Equal(t, "Ada", got.Name)
	require.Equal(t, "JPEG", string(got.Photo))
	require.Equal(t, "555-0117", got.Phone)
	bad.Name = other.Name
	_, err = lax.Open(t.Context(), bad)
	require.ErrorIs(t, err, shred.ErrDamaged)
	twice, err := p.Seal(t.Context(), closed) // a Box, too
	require.NoError(t, err)
	once, err := p.Open(t.Context(), twice)
	require.NoError(t, err)
	require.Equal(t, closed, once)
	// A text that looks sealed is sealed all the same.
	v := adas()
	v.Name = "shred1.AAAA"
	closed, err = p.Seal(t.Context(), v)
	require.NoError(t, err)
	require.NotEqual(t, v.Name, closed.Name)
	open, err := p.Open(t.Context(), closed)
	require.NoError(t, err)
	require.Equal(t, v, open)
}

// Who is forgotten is so in everything, and others are not, in one value either.
func TestForget(t *testing.T) {
	all := persons(t)
	p := policyOf[order](t, all)
	closed, err := p.Seal(t.Context(), adas())
	require.NoError(t, err)
	require.NoError(t, all.Forget(t.Context(), "c-17", "c-99"))
	got, err := p.Open(t.Context(), closed)
	require.ErrorIs(t, err, shred.ErrForgotten)
	require.Equal(t, []item{{"c-18", "for Grace"}, {"c-17", ""}}, got.Items)
	require.Empty(t, got.Name)
	require.Empty(t, got.Home.Street)
	require.True(t, got.Born.Value.IsZero())
	require.EqualValues(t, 1200, got.Cents)
	again, err := p.Seal(t.Context(), adas()) // who comes again gets no new key
	require.ErrorIs(t, err, shred.ErrForgotten)
	for _, secret := range secrets {
		require.NotContains(t, printed(t, again), secret)
	}
	require.NotEmpty(t, again.Items[0].Note)
	_, err = p.Seal(t.Context(), order{base: base{"c-99"}, Name: "never seen"})
	require.ErrorIs(t, err, shred.ErrForgotten)
	require.NoError(t, all.Forget(t.Context(), "c-17"), "twice does no harm")
	require.ErrorIs(t, all.Forget(t.Context(), ""), shred.ErrNobody)
}

// What cannot be sealed is an error that names the field, and never passed over.
func TestFor(t *testing.T) {
	all := persons(t)
	refused := func(part string, err error) {
		t.Helper()
		require.ErrorContains(t, err, part)
	}
	_, err := shred.For[struct{ Name string }](all)
	refused("no field has a tag", err)
	_, err = shred.For[struct {
		Name string `shred:"sealed"`
	}](all)
	refused(".Name: no field of this struct, or of one around it, says whose it is", err)
	_, err = shred.For[struct {
		A    string `shred:"person"`
		B    string `shred:"person"`
		Name string `shred:"sealed"`
	}](all)
	refused(".B: a second person in one struct", err)
	_, err = shred.For[struct {
		A    float64 `shred:"person"`
		Name string  `shred:"sealed"`
		Age  int     `shred:"sealed"`
		Bad  string  `shred:"seal"`
		More any
	}](all)
	for _, part := range []string{".A: a person is a text or an integer, and no float64", ".Age: a int has no room for ciphertext", `.Bad: there is no way "seal"`, ".More: a interface {} may hold anything"} {
		refused(part, err)
	}
	_, err = shred.For[struct {
		A  string `shred:"person"`
		By map[string]address
	}](all)
	refused(".By: marked fields in a map", err)
	_, err = shred.For[struct {
		A    string `shred:"person"`
		Name string `shred:"sealed"`
		Mail string `Shred:"sealed"`
	}](all)
	refused(".Mail: the tag", err)
	type list struct {
		A    string `shred:"person"`
		Name string `shred:"sealed"`
		Next *list
	}
	_, err = shred.For[list](all)
	refused("holds itself", err)
	policy, err := shred.For[struct {
		A    string `shred:"person"`
		Name string `shred:"sealed=name"`
	}](all)
	require.NoError(t, err)
	require.Regexp(t, `^shred struct .*\.A person, struct .*\.Name sealed=name$`, policy.String())
	require.Panics(t, func() { _, _ = shred.For[order](nil) })
	require.Panics(t, func() { _, _ = shred.For[order](all, nil) })
	require.Panics(t, func() { shred.New(nil) })
	require.Panics(t, func() { shred.New(newMoody(), nil) })
	require.Panics(t, func() { shred.CacheSize(1) })
	require.Panics(t, func() { shred.CacheTime(0) })
	require.Panics(t, func() { shred.Patience(-1) })
}

// A Box whose value JSON cannot have says so without it.
func TestBoxThatIsNone(t *testing.T) {
	type odd struct {
		Who string                    `shred:"person"`
		F   shred.Box[func()]         `shred:"sealed"`
		G   shred.Box[map[string]any] `shred:"sealed"`
	}
	p := policyOf[odd](t, persons(t))
	v, err := p.Seal(t.Context(), odd{Who: "a", F: shred.BoxOf(func() {}), G: shred.BoxOf(map[string]any{"secret": "s3cret"})})
	require.ErrorContains(t, err, "none that JSON can have")
	require.NotContains(t, err.Error(), "s3cret")
	require.Nil(t, v.G.Value)
	require.Empty(t, v.G.Sealed, "with an error all is empty")
}

func BenchmarkSeal(b *testing.B) {
	p := policyOf[letter](b, persons(b))
	v := letter{17, "Ada Lovelace", 3}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Seal(b.Context(), v); err != nil {
			b.Fatal(err)
		}
	}
}
