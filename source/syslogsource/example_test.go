package syslogsource_test

import (
	"bufio"
	"context"
	"fmt"
	"net"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/source/syslogsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// Access logs that nginx, Apache or rsyslog send: the text is decoded by the format that the web server was given.
func ExampleListen() {
	type Hit struct {
		Host   string // of the message
		Path   string `log:"request_uri"`
		Status int    `log:"status"`
	}
	lines := codec.Message(codec.NginxLog[Hit](`$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent`))

	server := pushsource.Server{Addr: "127.0.0.1:0", Bound: func(addr net.Addr) { // what a client would send
		c, _ := net.Dial("tcp", addr.String())
		defer c.Close()
		fmt.Fprintln(c, `<190>Nov 28 20:14:15 web1 nginx: 192.0.2.7 - - [28/Nov/2026:20:14:15 +0000] "GET /item/7 HTTP/1.1" 200 512`)
		fmt.Fprintln(c, `<190>Nov 28 20:14:16 web2 nginx: 192.0.2.8 - - [28/Nov/2026:20:14:16 +0000] "GET /cart HTTP/1.1" 404 17`)
	}}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	seen := 0

	p := stream.New("hits")
	p.From(syslogsource.Listen(server), stream.SkipFailures()).
		Filter(func(m syslogsource.Message) bool { return m.App == "nginx" }).
		TryMap(func(_ context.Context, m syslogsource.Message) (hit Hit, err error) {
			err = lines.Decode([]byte(m.Text), &hit)
			hit.Host = m.Host
			return hit, err
		}, stream.SkipFailures()).
		To(sink.Func(func(_ context.Context, e stream.Event[Hit]) error {
			fmt.Println(e.Value.Host, e.Value.Path, e.Value.Status)
			if seen++; seen == 2 {
				stop() // a server runs until its context ends
			}
			return nil
		}))
	_ = p.Run(ctx)
	// Output:
	// web1 /item/7 200
	// web2 /cart 404
}

// Messages of several lines, one a datagram.
func ExampleListenUDP() {
	server := pushsource.Server{Addr: "127.0.0.1:0", Bound: func(addr net.Addr) {
		c, _ := net.Dial("udp", addr.String())
		defer c.Close()
		fmt.Fprint(c, "<11>Nov 28 20:14:15 web1 shop[812]: panic\ngoroutine 1")
	}}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	p := stream.New("errors")
	p.From(syslogsource.ListenUDP(server), stream.SkipFailures()).
		Filter(func(m syslogsource.Message) bool { return m.Severity <= syslogsource.Error }).
		To(sink.Func(func(_ context.Context, e stream.Event[syslogsource.Message]) error {
			m := e.Value
			fmt.Printf("%s.%s %s %s %s %q\n", m.Facility, m.Severity, m.Host, m.App, m.ProcID, m.Text)
			stop()
			return nil
		}))
	_ = p.Run(ctx)
	// Output: user.err web1 shop 812 "panic\ngoroutine 1"
}

// A client of RELP, as rsyslog's omrelp is one, hears "200 OK" when the message is safe.
func ExampleListenRELP() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	server := pushsource.Server{Addr: "127.0.0.1:0", Bound: func(addr net.Addr) {
		go func() {
			defer stop()
			c, _ := net.Dial("tcp", addr.String())
			defer c.Close()
			fmt.Fprint(c, "1 open 30 relp_version=0\ncommands=syslog\n")
			fmt.Fprint(c, "2 syslog 32 <14>Nov 28 20:14:15 web1 a: safe\n")
			for in := bufio.NewScanner(c); in.Scan(); {
				fmt.Println(in.Text())
				if in.Text() == "2 rsp 6 200 OK" {
					return
				}
			}
		}()
	}}
	p := stream.New("safe")
	p.From(syslogsource.ListenRELP(server), stream.SkipFailures()).To(sink.Discard[syslogsource.Message]())
	_ = p.Run(ctx) // with stream.Checkpoints, where a message is to survive the process
	// Output:
	// 1 rsp 59 200 OK
	// relp_version=0
	// relp_software=freshet
	// commands=syslog
	// 2 rsp 6 200 OK
}

func ExampleStructuredData() {
	data := syslogsource.StructuredData(`[origin ip="192.0.2.7" ip="192.0.2.8"][shop@32473 item="\"7\""]`)
	item, ok := data.Get("shop@32473", "item")
	fmt.Println(item, ok)
	for id, param := range data.All() {
		fmt.Println(id, param.Name, param.Value)
	}
	// Output:
	// "7" true
	// origin ip 192.0.2.7
	// origin ip 192.0.2.8
	// shop@32473 item "7"
}

func ExampleMessage_AppendRFC5424() {
	m := syslogsource.Message{Facility: syslogsource.Local7, Severity: syslogsource.Info, Host: "web1", App: "shop", Text: "sold"}
	fmt.Printf("%s\n", m.AppendRFC5424(nil))
	// Output: <190>1 - web1 shop - - - sold
}
