package redissource

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redisio"
	"github.com/freshet-go/freshet/stream/codec"
)

// ErrMissing is the error of a lookup for which there is no key.
var ErrMissing = fmt.Errorf("redissource: %w: there is no such key", redis.Nil)

// LookupHash returns a function for [stream.Keyed.Lookup] that reads the hash with the key that key makes of a lookup's key.
//
//	products := redissource.LookupHash(client, func(id string) string { return "product:" + id }, redissource.Tags[Product]())
//	orders.KeyBy(Order.Product).Lookup(products, Order.With, stream.CacheResults(10_000, time.Minute))
//
// A key that is not there is ErrMissing. The cache of [stream.CacheResults] is bounded, and forgets by time. A client with a
// [redis.Options].ClientSideCacheConfig keeps replies by itself, within the bound set there, and drops them when the server
// tells that they have changed (Redis 6 and later, RESP3): then a change is seen within a fraction of a second.
//
// It panics if client or key is nil.
func LookupHash[K comparable, V any](client redis.UniversalClient, key func(K) string, as Decoding[V]) func(context.Context, K) (V, error) {
	lookingUp("LookupHash", client, key)
	return func(ctx context.Context, k K) (v V, err error) {
		name := key(k)
		var fields map[string]string
		err = redisio.Within(ctx, func() (err error) {
			fields, err = client.HGetAll(ctx, name).Result()
			return err
		})
		if err != nil {
			return v, &ReadError{"hash " + name, err}
		}
		if len(fields) == 0 {
			return v, &ReadError{"hash " + name, ErrMissing}
		}
		pairs := make([]redisio.Pair, 0, len(fields))
		for field, value := range fields {
			pairs = append(pairs, redisio.Pair{Name: []byte(field), Value: []byte(value)})
		}
		if err = as.newDecoder().decode(&v, pairs, redisio.Place{Key: name}); err != nil {
			return v, &ReadError{"hash " + name, err}
		}
		return v, nil
	}
}

// LookupString is LookupHash for strings, which a codec decodes: JSON documents, say. It panics if client, key or
// format is nil, or the format has a header.
func LookupString[K comparable, V any](client redis.UniversalClient, key func(K) string, format codec.Format[V]) func(context.Context, K) (V, error) {
	lookingUp("LookupString", client, key)
	headless("LookupString", format)
	return func(ctx context.Context, k K) (v V, err error) {
		name := key(k)
		var value []byte
		err = redisio.Within(ctx, func() (err error) {
			value, err = client.Get(ctx, name).Bytes()
			return err
		})
		if err == redis.Nil {
			err = ErrMissing
		}
		if err == nil {
			err = format.NewDecoder().Decode(value, &v)
		}
		if err != nil {
			return v, &ReadError{"string " + name, err}
		}
		return v, nil
	}
}

func lookingUp[K any](what string, client redis.UniversalClient, key func(K) string) {
	if client == nil || key == nil {
		panic("redissource: " + what + ": the client or the function key is nil")
	}
}
