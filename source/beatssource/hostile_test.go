package beatssource_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	lumber "github.com/elastic/go-lumber/client/v2"

	"github.com/freshet-go/freshet/internal/hostiletest"
	"github.com/freshet-go/freshet/source/beatssource"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream/codec"
)

func compressedFrame(frames string) string {
	var b bytes.Buffer
	w, _ := zlib.NewWriterLevel(&b, 9)
	_, _ = io.WriteString(w, frames)
	w.Close()
	return string(binary.BigEndian.AppendUint32([]byte("2C"), uint32(b.Len()))) + b.String()
}

func hostiles() []hostiletest.Client {
	spaces := strings.Repeat(" ", 8<<20)
	bomb := compressedFrame(frame(1, spaces))
	noise := make([]byte, 4<<10)
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(rnd.Uint32())
	}
	half := frame(1, spaces)
	return []hostiletest.Client{
		hostiletest.Says(""),                                                                           // say nothing
		hostiletest.Says("2W\xff\xff\xff\xff"),                                                         // announce 2^32 events
		hostiletest.Says(window(1) + "2J\x00\x00\x00\x01\xff\xff\xff\xff"),                             // announce an event of 2^32 bytes
		hostiletest.Says(window(1) + "2C\xff\xff\xff\xff"),                                             // announce a frame of 2^32 bytes
		hostiletest.Says(window(1) + frameOf(1, 0)[:50]),                                               // send half an event
		hostiletest.Says(window(1) + half[:1<<20]),                                                     // send half an event of 8 MiB
		hostiletest.Says(window(1) + bomb[:len(bomb)/2]),                                               // send half a compressed frame
		hostiletest.Says(window(1) + bomb),                                                             // send a bomb
		hostiletest.Says(window(1) + compressedFrame(bomb)),                                            // send a bomb in a bomb
		hostiletest.Says(window(1) + compressedFrame(compressedFrame(compressedFrame(frameOf(1, 0))))), // nest frames
		hostiletest.Repeats(string(noise), 10*time.Millisecond),                                        // send noise
		hostiletest.Says(window(1) + "2C\x00\x00\x10\x00" + string(noise)),                             // send noise in a window
		hostiletest.Repeats("2", 20*time.Millisecond),                                                  // send a byte now and then
		hostiletest.Repeats(window(2)+frameOf(1, 0)+frameOf(2, 1), 50*time.Millisecond),                // flood it with events, and read no acknowledgement
		hostiletest.Repeats(strings.Repeat(window(0), 100), 50*time.Millisecond),                       // flood it with windows of none
		hostiletest.Says("1W\x00\x00\x00\x01"),                                                         // speak version 1
	}
}

// hostileSuite has a client of Elastic's beside the hostile ones. A connection has 64 KiB, and 96 KiB to decompress.
func hostileSuite() *hostiletest.Suite {
	return &hostiletest.Suite{
		Name: "beats",
		Serve: hostiletest.Serve(func(s pushsource.Server) *pushsource.Source[Event] {
			return beatssource.Listen(s, codec.Message(codec.JSON[Event]()))
		}, func(e Event) hostiletest.Kind {
			switch {
			case e.Fields.N < firstGood:
				return hostiletest.Hostile
			case e.Fields.N == lastGood:
				return hostiletest.Last
			}
			return hostiletest.Good
		}),
		Clients: hostiles(),
		Good: func(addr string, more func() bool) (events int, err error) {
			good, err := lumber.SyncDial(addr, lumber.CompressionLevel(3), lumber.Timeout(30*time.Second))
			if err != nil {
				return 0, err
			}
			defer good.Close()
			for windows := 0; windows < 5 || more(); windows++ {
				n, err := good.Send(payloads(firstGood, firstGood+100))
				if events += n; err != nil {
					return events, err
				}
			}
			_, err = good.Send(payloads(lastGood, lastGood+1))
			return events, err
		},
		PerClient: 160 << 10,
	}
}

const firstGood, lastGood = 1000, 5000

func TestMain(m *testing.M) {
	if hostiletest.Served(hostileSuite()) {
		return
	}
	if args := os.Getenv("FRESHET_BEATS_SENDER"); args != "" {
		sendForBench(strings.Fields(args))
		return
	}
	os.Exit(m.Run())
}

// A thousand hostile clients cost no more memory than is stated, and others go on.
func TestHostile(t *testing.T) { hostileSuite().Run(t) }
