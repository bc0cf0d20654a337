package main

import (
	"context"
	"encoding/binary"
	"sync/atomic"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/gochannel"
)

// github.com/ThreeDotsLabs/watermill, with its gochannel
var watermillPeer = peer{
	Name:   "watermill",
	Cannot: "keys, windows, event time, state, joins: it carries messages to handlers, and what they keep is theirs.",
	most:   map[string]int{"filter-map-filter": 100_000},
	can:    map[string]doing{"filter-map-filter": watermillFilters},
}

// watermillFilters has a handler between two topics. Messages are bytes, as
// watermill has no others. Their order is lost.
func watermillFilters(n int) func() (total, error) {
	all := sales(n)
	return func() (sum total, err error) {
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		pubsub := gochannel.NewGoChannel(gochannel.Config{OutputChannelBuffer: 1024}, watermill.NopLogger{})
		router, err := message.NewRouter(message.RouterConfig{}, watermill.NopLogger{})
		if err != nil {
			return sum, err
		}
		var over atomic.Int64 // sales that were left out or have come through
		ended := make(chan struct{})
		done := func() {
			if over.Add(1) == int64(n) {
				close(ended)
			}
		}
		router.AddHandler("filters", "sales", pubsub, "large", pubsub, func(m *message.Message) ([]*message.Message, error) {
			s := saleOf(m.Payload)
			if s.paid() {
				if s = s.gross(); s.large() {
					return message.Messages{message.NewMessage(m.UUID, s.bytes())}, nil
				}
			}
			done()
			return nil, nil
		})
		large, err := pubsub.Subscribe(ctx, "large")
		if err != nil {
			return sum, err
		}
		go router.Run(ctx)
		<-router.Running()
		added := make(chan struct{})
		go func() {
			defer close(added)
			for {
				select {
				case m := <-large:
					sum.add(0, 0, saleOf(m.Payload).Cents)
					m.Ack()
					done()
				case <-ended:
					return
				}
			}
		}()
		for _, s := range all {
			if err := pubsub.Publish("sales", message.NewMessage(watermill.NewUUID(), s.bytes())); err != nil {
				return sum, err
			}
		}
		<-added
		if err := router.Close(); err != nil {
			return sum, err
		}
		return sum, pubsub.Close()
	}
}

func (s sale) bytes() []byte {
	b := make([]byte, 0, 24)
	b = binary.LittleEndian.AppendUint64(b, uint64(s.Shop))
	b = binary.LittleEndian.AppendUint64(b, uint64(s.Cents))
	return binary.LittleEndian.AppendUint64(b, uint64(s.At))
}

func saleOf(b []byte) sale {
	return sale{int64(binary.LittleEndian.Uint64(b)), int64(binary.LittleEndian.Uint64(b[8:])), int64(binary.LittleEndian.Uint64(b[16:]))}
}
