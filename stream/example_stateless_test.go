package stream_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

func ExampleStream_Filter() {
	p := stream.New("large orders")
	p.From(source.Slice(orders)).
		Filter(func(o Order) bool { return o.Cents >= 1000 }).
		To(sink.JSONLines[Order](os.Stdout))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"id":1,"shop":"oslo","customer":"ann","cents":1200,"paid_at":"2026-11-27T09:01:00Z"}
	// {"id":3,"shop":"oslo","customer":"cyd","cents":4500,"paid_at":"2026-11-27T09:03:00Z"}
}

func ExampleStream_Map() {
	p := stream.New("receipts")
	p.From(source.Slice(orders)).
		Map(func(o Order) string { return fmt.Sprintf("%s paid €%.2f", o.Customer, float64(o.Cents)/100) }).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// ann paid €12.00
	// bob paid €3.00
	// cyd paid €45.00
	// ann paid €7.00
	// bob paid €8.00
}

func ExampleStream_FlatMap() {
	searches := []string{"green tea", "tea pot"}

	p := stream.New("words")
	p.From(source.Slice(searches)).
		FlatMap(func(search string, emit func(string)) {
			for word := range strings.FieldsSeq(search) {
				emit(word)
			}
		}).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// green
	// tea
	// tea
	// pot
}

func ExampleStream_FilterMap() {
	p := stream.New("codes")
	p.From(source.Slice([]string{"12", "none", "7"})).
		FilterMap(func(text string) (int, bool) {
			code, err := strconv.Atoi(text)
			return code, err == nil
		}).
		Map(func(code int) string { return fmt.Sprintf("code %03d", code) }).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// code 012
	// code 007
}

func ExampleStream_Tap() {
	p := stream.New("watched")
	p.From(source.Slice(orders)).
		Tap(func(o Order) {
			if o.Cents > 4000 {
				fmt.Println("large order:", o.ID)
			}
		}).
		To(sink.Discard[Order]())
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output: large order: 3
}

// A stream that is used twice goes both ways: each use sees every order.
func ExampleStream() {
	p := stream.New("fan out")
	all := p.From(source.Slice(orders))

	oslo, lyon := sink.Collect[Order](), sink.Collect[Order]()
	all.Filter(func(o Order) bool { return o.Shop == "oslo" }).To(oslo)
	all.Filter(func(o Order) bool { return o.Shop == "lyon" }).To(lyon)
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	fmt.Println(len(oslo.Values()), "in Oslo,", len(lyon.Values()), "in Lyon")
	// Output: 3 in Oslo, 2 in Lyon
}

func ExampleStream_Split() {
	p := stream.New("vip")
	large, small := p.From(source.Slice(orders)).
		Split(func(o Order) bool { return o.Cents >= 1000 })

	ship, post := sink.Collect[int](), sink.Collect[int]()
	large.Map(Order.id).To(ship)
	small.Map(Order.id).To(post)
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	fmt.Println("by parcel service:", ship.Values())
	fmt.Println("by letter:", post.Values())
	// Output:
	// by parcel service: [1 3]
	// by letter: [2 4 5]
}

func ExampleStream_Merge() {
	web := []string{"web: tea", "web: salt"}
	phone := []string{"phone: rice"}

	p := stream.New("all channels")
	p.From(source.Slice(web)).
		Merge(p.From(source.Slice(phone))).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// web: tea
	// web: salt
	// phone: rice
}

func ExampleUnion() {
	p := stream.New("all shops")
	var shops []stream.Stream[string]
	for _, shop := range []string{"north", "south", "east"} {
		shops = append(shops, p.From(source.Slice([]string{shop + ": tea"})))
	}
	stream.Union(shops, stream.Name("all shops")).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// north: tea
	// south: tea
	// east: tea
}

func ExampleStream_Sample() {
	visits := source.Generate(10_000, func(i int64) int64 { return i })

	p := stream.New("a sample of the visits")
	kept := sink.Collect[int64]()
	p.From(visits).Sample(0.01).To(kept)
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	n := len(kept.Values())
	fmt.Println("about one in a hundred:", 50 < n && n < 150)
	// Output: about one in a hundred: true
}

// One file is read by one goroutine. Behind Rebalance, all shards work.
func ExampleStream_Rebalance() {
	p := stream.New("thumbnails")
	p.From(source.Slice([]string{"teapot.jpg", "cup.jpg", "bowl.jpg"})).
		Rebalance().
		Map(func(picture string) string { return "small-" + picture }). // what takes its time
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background(), stream.Shards(4)); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// small-teapot.jpg
	// small-cup.jpg
	// small-bowl.jpg
}

func ExampleStream_To() {
	p := stream.New("orders to the screen")
	p.From(source.Slice(orders[:2])).To(sink.Table[Order](os.Stdout))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// id  shop  customer  cents  paid_at
	//  1  oslo  ann        1200  2026-11-27 09:01:00
	//  2  lyon  bob         300  2026-11-27 09:04:00
}
