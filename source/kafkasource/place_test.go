package kafkasource

import "testing"

func FuzzPlace(f *testing.F) {
	f.Add(place{offset: 5, epoch: 3, id: [16]byte{1, 2}, token: "x"}.String())
	f.Add(place{epoch: -1}.String())
	f.Add("7")
	f.Add("-7\x00 0 0")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePlace(text)
		if err != nil {
			return
		}
		again, err := parsePlace(p.String())
		if err != nil || again != p {
			t.Errorf("%q is %+v, and then %+v, %v", text, p, again, err)
		}
	})
}
