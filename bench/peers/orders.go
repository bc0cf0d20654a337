package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/freshet-go/freshet/bench/peers/contest"
)

const (
	orderFiles = 8
	orderSeed  = 2026
)

var categories = []string{"bags", "books", "bread", "cheese", "coffee", "films", "flowers", "games", "garden", "gloves",
	"honey", "kitchen", "lamps", "music", "paper", "shoes", "soap", "tea", "tools", "toys"}

// An answer is what the generator knows of the orders that it wrote. Results are
// held against it.
type answer struct {
	Orders  int
	Bytes   int64
	Cents   int64
	Minutes contest.Result
}

func (a answer) sum() float64 { return float64(a.Cents) / 100 }

// writeOrders writes n orders to files of a folder, or finds them there. Order
// i is in file i modulo orderFiles and arrives i milliseconds after the first.
// It was paid up to 5 s before, and one in a hundred 10 s to 2 minutes before.
func writeOrders(dir string, n int) (answer, error) {
	known := filepath.Join(dir, "answer.json")
	if data, err := os.ReadFile(known); err == nil {
		var a answer
		if err := json.Unmarshal(data, &a); err == nil && a.Orders == n {
			return a, nil
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return answer{}, err
	}
	var (
		files = make([]*orderFile, orderFiles)
		group errgroup.Group
	)
	group.SetLimit(runtime.NumCPU())
	for i := range files {
		files[i] = &orderFile{first: i, revenue: map[contest.Cell]int64{}}
		group.Go(func() error { return files[i].write(filepath.Join(dir, fmt.Sprintf("orders-%d.jsonl", i)), n) })
	}
	if err := group.Wait(); err != nil {
		return answer{}, err
	}
	a := answer{Orders: n}
	revenue := map[contest.Cell]float64{}
	for _, f := range files {
		a.Bytes += f.bytes
		for c, cents := range f.revenue {
			a.Cents += cents
			revenue[c] += float64(cents) / 100
		}
	}
	a.Minutes = contest.Cells(revenue)
	data, err := json.Marshal(a)
	if err != nil {
		return a, err
	}
	return a, os.WriteFile(known, data, 0o644) // last, so that half a folder is written anew
}

// An orderFile is one that is being written, and what it comes to.
type orderFile struct {
	first   int
	bytes   int64
	revenue map[contest.Cell]int64 // in cents
}

var opening = time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)

func (o *orderFile) write(name string, n int) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	var (
		chance = rand.New(rand.NewPCG(orderSeed, uint64(o.first)))
		out    = bufio.NewWriterSize(f, 1<<20)
		line   []byte
	)
	for i := o.first; i < n; i += orderFiles {
		line = o.order(line[:0], i, chance)
		o.bytes += int64(len(line))
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// order appends an order of nine fields.
func (o *orderFile) order(b []byte, i int, chance *rand.Rand) []byte {
	category := categories[chance.IntN(len(categories))]
	behind := chance.IntN(5_000)
	if chance.IntN(100) == 0 {
		behind = 10_000 + chance.IntN(110_000)
	}
	paid := opening.Add(time.Duration(i-behind) * time.Millisecond)
	cents := 99 + chance.IntN(49_900)
	status := "paid"
	if chance.IntN(10) == 0 {
		status = "open"
	}
	o.revenue[contest.Cell{Minute: paid.Unix() / 60, Category: category}] += int64(cents)
	b = append(b, `{"id":"o-`...)
	b = padded(b, i, 9)
	b = append(b, `","shop":"shop-`...)
	b = padded(b, chance.IntN(50), 3)
	b = append(b, `","product":"`...)
	b = append(b, category...)
	b = append(b, '-')
	b = padded(b, chance.IntN(500), 4)
	b = append(b, `","category":"`...)
	b = append(b, category...)
	b = append(b, `","amount":`...)
	b = strconv.AppendInt(b, int64(cents/100), 10)
	b = append(b, '.')
	b = padded(b, cents%100, 2)
	b = append(b, `,"currency":"EUR","paid_at":"`...)
	b = paid.AppendFormat(b, "2006-01-02T15:04:05.000Z07:00")
	b = append(b, `","user":"user-`...)
	b = padded(b, chance.IntN(1_000_000), 7)
	b = append(b, `","status":"`...)
	b = append(b, status...)
	return append(b, "\"}\n"...)
}

// padded appends a number with zeros in front.
func padded(b []byte, n, width int) []byte {
	digits := strconv.Itoa(n)
	for range width - len(digits) {
		b = append(b, '0')
	}
	return append(b, digits...)
}

// warmed reads the orders once, so that they are in the system's cache for all.
func warmed(dir string) error {
	names, err := filepath.Glob(filepath.Join(dir, "orders-*.jsonl"))
	if err != nil {
		return err
	}
	buf := make([]byte, 4<<20)
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		for err == nil {
			_, err = f.Read(buf)
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}
