package shred_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/sealed"
	"github.com/freshet-go/freshet/stream/shred"
)

type letter struct {
	To    int    `shred:"person"`
	Name  string `shred:"sealed"`
	Pages int
}

func Example() {
	dir, err := os.MkdirTemp("", "persons")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ring, err := sealed.NewRing(sealed.Key{ID: "2026-11", Secret: bytes.Repeat([]byte{1}, 32)}) // or sealed.ParseRing of a file
	if err != nil {
		fmt.Println(err)
		return
	}
	keeper, err := shred.OpenFile(filepath.Join(dir, "persons"), ring)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer keeper.Close()
	persons := shred.New(keeper)
	policy, err := shred.For[letter](persons)
	if err != nil {
		fmt.Println(err)
		return
	}

	// Two letters are sealed, and stored.
	stored := sink.Collect[letter]()
	p := stream.New("letters")
	letters, _ := shred.Seal(p.From(source.Slice([]letter{{17, "Ada Lovelace", 3}, {18, "Grace Hopper", 5}})), policy)
	letters.To(stored)
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(stored.Values()[0].Name[:7], stored.Values()[0].Pages)

	// One of the two asks to be forgotten. What was stored stays where it is.
	if err := persons.Forget(context.Background(), "17"); err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range stored.Values() {
		l, err := policy.Open(context.Background(), l)
		fmt.Printf("%q %d, forgotten: %v\n", l.Name, l.Pages, errors.Is(err, shred.ErrForgotten))
	}
	// Output:
	// shred1. 3
	// "" 3, forgotten: true
	// "Grace Hopper" 5, forgotten: false
}
