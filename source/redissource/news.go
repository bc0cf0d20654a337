package redissource

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redisio"
)

// news are the keys of which the server has told that they have changed. They are a hint: a key that is told of for nothing
// is looked at for nothing, and one that is missed is found by the next image.
type news struct {
	*opened
	pattern string
	woken   chan struct{} // has one element while there is something to take
	ctx     context.Context
	cancel  context.CancelFunc
	once    sync.Once
	wg      sync.WaitGroup

	mu   sync.Mutex
	keys map[string]struct{}
	all  bool // there were too many
}

// mostNews is how many keys wait to be looked at; beyond it everything is.
const mostNews = 1 << 16

func newNews(o *opened, pattern string) *news {
	n := &news{opened: o, pattern: pattern, woken: make(chan struct{}, 1), keys: map[string]struct{}{}}
	n.ctx, n.cancel = context.WithCancel(context.WithoutCancel(o.Context))
	return n
}

// begin subscribes at each master, once.
func (n *news) begin() {
	n.once.Do(func() { n.wg.Go(n.follow) })
}

// follow listens until close. Masters that come later are not heard of: images find what they have.
func (n *news) follow() {
	for n.ctx.Err() == nil {
		masters, err := mastersOf(n.ctx, n.client)
		if err == nil {
			for _, m := range masters {
				if s, ok := m.(subscriber); ok {
					n.wg.Go(func() { n.listen(s) })
				}
			}
			return
		}
		n.logger().Warn("the masters are not known, and only images show changes", "cause", err)
		if !redisio.Sleep(n.ctx, time.Second) {
			return
		}
	}
}

type subscriber interface {
	PSubscribe(ctx context.Context, channels ...string) *redis.PubSub
}

// listen takes in what one master tells.
func (n *news) listen(s subscriber) {
	sub := s.PSubscribe(n.ctx, "__keyspace@*__:"+n.pattern)
	defer sub.Close()
	for n.ctx.Err() == nil {
		x, err := sub.ReceiveTimeout(n.ctx, quiet)
		if err != nil {
			if n.ctx.Err() == nil && !isTimeout(err) && !redisio.Sleep(n.ctx, quiet) {
				return
			}
			continue // it subscribes again by itself
		}
		if m, ok := x.(*redis.Message); ok {
			if _, key, found := strings.Cut(m.Channel, "__:"); found {
				n.tell(key)
			}
		}
	}
}

func (n *news) tell(key string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.keys[key] = struct{}{}; len(n.keys) > mostNews {
		n.all = true
		clear(n.keys)
	}
	select {
	case n.woken <- struct{}{}:
	default:
	}
}

// take returns the keys to look at, or that all are to be.
func (n *news) take() (keys []string, all bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for key := range n.keys {
		keys = append(keys, key)
	}
	all = n.all
	n.all = false
	clear(n.keys)
	return keys, all
}

func (n *news) close() {
	n.cancel()
	n.wg.Wait()
}
