package statehttp_test

import (
	"fmt"
	"regexp"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/statehttp"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// As of a checkpoint answers stay what they were, while the run goes on and when it has ended.
func TestCheckpoints(t *testing.T) {
	var v stream.View[string, int64]
	store := checkpoint.Memory()
	p := stream.New("count")
	in := streamtest.NewInput[string]()
	p.From(in).KeyBy(func(k string) string { return k }).Running(window.Count[string](), stream.Expose(&v)).To(sink.Discard[stream.KeyValue[string, int64]]())
	h := statehttp.Handler(&v, statehttp.Checkpoints(store))
	code, body := asked(t, h, "GET", "/?checkpoint=latest")
	require.Equal(t, 404, code, body)
	d := streamtest.Start(t, p, streamtest.Shards(3), streamtest.Checkpoints(store))
	ids := make([]int64, 2)
	for i := range ids {
		in.Push("tea", "bowl", "tea")
		d.Settle()
		d.Checkpoint()
		kept, err := checkpoint.Inspect(store)
		require.NoError(t, err)
		ids[i] = kept[0].ID
	}
	in.Push("tea", "cup")
	d.Settle()
	taken := regexp.MustCompile(`,"taken":"20[^"]+Z"`)
	check := func() {
		for target, want := range map[string]string{
			fmt.Sprint("/?key=tea&checkpoint=", ids[0]): fmt.Sprintf(`200 {"key":"tea","value":2,"checkpoint":%d}`, ids[0]),
			fmt.Sprint("/?key=tea&checkpoint=", ids[1]): fmt.Sprintf(`200 {"key":"tea","value":4,"checkpoint":%d}`, ids[1]),
			"/?key=cup&checkpoint=latest":               `404 {"error":"nothing is held for this key"}`,
			"/?checkpoint=latest":                       fmt.Sprintf(`200 {"items":[{"key":"bowl","value":2},{"key":"tea","value":4}],"more":false,"checkpoint":%d}`, ids[1]),
			fmt.Sprint("/?from=c&checkpoint=", ids[0]):  fmt.Sprintf(`200 {"items":[{"key":"tea","value":2}],"more":false,"checkpoint":%d}`, ids[0]),
			"/?checkpoint=x":                            `400 {"error":"checkpoint: \"x\" is neither an id nor latest"}`,
			"/?checkpoint=-1":                           `400 {"error":"checkpoint: \"-1\" is neither an id nor latest"}`,
		} {
			code, body := asked(t, h, "GET", target)
			require.Equal(t, want, fmt.Sprint(code, " ", taken.ReplaceAllString(body, "")), target)
			if code == 200 {
				require.Regexp(t, taken, body)
			}
		}
		code, _ := asked(t, h, "GET", "/?checkpoint=99")
		require.Equal(t, 404, code)
	}
	check()
	code, body = asked(t, h, "GET", "/?key=tea")
	require.Equal(t, `200 {"key":"tea","value":5}`, fmt.Sprint(code, " ", body))
	d.Kill()
	check()
	var all sync.WaitGroup
	for range 8 {
		all.Go(check)
	}
	all.Wait()
	code, body = asked(t, statehttp.Handler(&v), "GET", "/?checkpoint=latest")
	require.Equal(t, `400 {"error":"checkpoint: no answers are given from any"}`, fmt.Sprint(code, " ", body))
	require.Panics(t, func() { statehttp.Checkpoints(nil) })
}
