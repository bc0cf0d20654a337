package kafkasource

import (
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A pause and a resume that meet leave the client doing what the partition says of itself.
func TestPauseMeetsResume(t *testing.T) {
	c, err := kgo.NewClient(kgo.SeedBrokers("127.0.0.1:1")) // of which nothing is asked
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	const buffer = 4
	l := &link{subject: &subject{config: config{buffer: buffer}}, drained: make(chan struct{}, 1), consumer: c, parts: map[string]*partition{}}
	p := l.newPartition("orders", 0, place{})
	l.enter(p)
	push := func() { p.push([]*kgo.Record{{}, {}, {}, {}}, 0) }
	clients := func() bool { return len(c.PauseFetchPartitions(nil)["orders"]) > 0 }
	for i := range 20_000 {
		push()
		l.pause(c, p)
		if !p.paused || !clients() {
			t.Fatal("a full partition is not paused")
		}
		var both sync.WaitGroup
		both.Go(func() { p.pop() }) // makes room
		both.Go(func() {
			push() // takes it
			l.pause(c, p)
		})
		both.Wait()
		if p.paused != clients() {
			t.Fatalf("turn %d: with %d records waiting, paused is %t, and to the client %t", i, p.records, p.paused, clients())
		}
		for ok := true; ok; {
			_, ok, _ = p.pop()
		}
		if p.paused || clients() {
			t.Fatal("an empty partition is paused")
		}
	}
}
