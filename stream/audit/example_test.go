package audit_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/audit"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A run is entered, the log is verified, and that its end was cut off is found by the head.
func ExampleLog_Run() {
	dir, err := os.MkdirTemp("", "audit")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "orders.audit")
	public, private, _ := ed25519.GenerateKey(nil)
	ctx := context.Background()

	log, err := audit.Open(ctx, audit.File(path), private, audit.By("ada"))
	if err != nil {
		fmt.Println(err)
		return
	}
	p := stream.New("orders")
	p.From(source.Slice([]int{1, 2, 3})).To(sink.Discard[int]())
	if err := log.Run(ctx, p, stream.Shards(1), stream.Checkpoints(checkpoint.Memory(), time.Hour)); err != nil {
		fmt.Println(err)
	}
	head := log.Head() // kept elsewhere: see audit.Heads
	if err := log.Close(); err != nil {
		fmt.Println(err)
	}

	keys := []ed25519.PublicKey{public}
	_, err = audit.Verify(ctx, audit.File(path), keys, audit.Against(head), audit.Each(func(e audit.Entry) { fmt.Printf("%d %s\n", e.Seq, e.What) }))
	fmt.Println(err)

	info, _ := os.Stat(path)
	if err := os.Truncate(path, info.Size()/2); err != nil {
		fmt.Println(err)
	}
	_, err = audit.Verify(ctx, audit.File(path), keys, audit.Against(head))
	fmt.Println(errors.Is(err, audit.ErrTampered))
	// Output:
	// 1 log begins
	// 2 plan
	// 3 run begins
	// 4 run settings
	// 5 restored
	// 6 checkpoint
	// 7 run ended
	// <nil>
	// true
}
