package pushsource

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"
)

// A Server says where a source listens, and what it allows its clients. A field that is
// zero has its default.
type Server struct {
	// Addr is "host:port", ":port", or "unix:/run/shop.sock" for a socket in the file
	// system, which has mode 0600: Bound is where another one is set. One whose name begins with @ is of Linux and in no file system: whoever is on the
	// machine may connect. Port 0 is any free one, which Bound is told.
	Addr string

	// TLS, if set, is what connections are secured with. Client certificates are asked
	// for by its ClientAuth and ClientCAs, and looked at by its VerifyConnection; package certs makes one of files. TLS 1.2 is the least
	// that is spoken: a lower MinVersion is a mistake, and New panics.
	TLS *tls.Config

	// Networks, if set, are whose addresses are let in. Others are hung up on before a byte is read, and their datagrams
	// are not looked at. A client of a unix socket has no address: the mode of the file says who may.
	Networks []netip.Prefix

	// Listen, if set, makes the listener, instead of [net.ListenConfig].
	Listen func(ctx context.Context, network, addr string) (net.Listener, error)

	// Bound, if set, is called with the address, each time that the source listens.
	Bound func(net.Addr)

	MaxClients   int           // connections at once; 1000 by default. One more is closed at once
	MaxPerAddr   int           // connections at once from one address, for IPv6 from one /64; MaxClients by default
	Handshake    time.Duration // until a client has shown who it is, TLS included; 10 s by default
	IdleTimeout  time.Duration // without a byte between two messages; 5 min by default
	FrameTimeout time.Duration // from the first byte of a message to its last; 1 min by default
	MaxMessage   int           // bytes of a message, behind decompression; 16 MiB by default
	Memory       int64         // bytes of all messages that are received or wait for the pipeline, beside 64 KiB a client; 128 MiB by default
	Unacked      int           // parcels of one client that wait to be acknowledged; 1024 by default. More are not read
	Remember     int           // ids of parcels that are kept, for those that come again; 4096 by default

	// PacketBuffer is how many bytes of datagrams, with what the kernel needs for each, wait in the kernel while the
	// pipeline is full. The default is the system's, and so is the most: net.core.rmem_default and rmem_max.
	PacketBuffer int

	// AckWithin is how long after a parcel was read the source asks for a checkpoint,
	// so that it is acknowledged. In a run without checkpoints, where it asks
	// for the sinks to be flushed, it is 100 ms by default. In one with checkpoints the
	// default is to wait for the next that is due.
	AckWithin time.Duration
}

// complete returns s with its defaults. It panics where a limit is negative.
func (s Server) complete(protocol string) Server {
	for name, negative := range map[string]bool{
		"MaxClients": s.MaxClients < 0, "Handshake": s.Handshake < 0, "IdleTimeout": s.IdleTimeout < 0,
		"FrameTimeout": s.FrameTimeout < 0, "MaxPerAddr": s.MaxPerAddr < 0, "MaxMessage": s.MaxMessage < 0, "Memory": s.Memory < 0,
		"Unacked": s.Unacked < 0, "Remember": s.Remember < 0, "AckWithin": s.AckWithin < 0, "PacketBuffer": s.PacketBuffer < 0,
	} {
		if negative {
			panic(fmt.Sprintf("pushsource: %s: Server.%s is negative", protocol, name))
		}
	}
	if s.TLS != nil && s.TLS.MinVersion != 0 && s.TLS.MinVersion < tls.VersionTLS12 {
		panic(fmt.Sprintf("pushsource: %s: Server.TLS has MinVersion %s: TLS 1.2 is the least", protocol, tls.VersionName(s.TLS.MinVersion)))
	}
	for _, n := range s.Networks {
		if !n.IsValid() {
			panic(fmt.Sprintf("pushsource: %s: Server.Networks has one that is none", protocol))
		}
	}
	s.MaxClients = cmp.Or(s.MaxClients, 1000)
	s.MaxPerAddr = cmp.Or(s.MaxPerAddr, s.MaxClients)
	s.Handshake = cmp.Or(s.Handshake, 10*time.Second)
	s.IdleTimeout = cmp.Or(s.IdleTimeout, 5*time.Minute)
	s.FrameTimeout = cmp.Or(s.FrameTimeout, time.Minute)
	s.MaxMessage = cmp.Or(s.MaxMessage, 16<<20)
	s.Memory = cmp.Or(s.Memory, 128<<20)
	s.Unacked = cmp.Or(s.Unacked, 1024)
	s.Remember = cmp.Or(s.Remember, 4096)
	return s
}

// listen listens for connections.
func (s Server) listen(ctx context.Context) (net.Listener, error) {
	network, addr := "tcp", s.Addr
	if path, ok := strings.CutPrefix(addr, "unix:"); ok {
		network, addr = "unix", path
	}
	listen := s.Listen
	if listen == nil {
		listen = new(net.ListenConfig).Listen
	}
	l, err := listen(ctx, network, addr)
	if err != nil && network == "unix" && abandoned(addr) {
		if e := os.Remove(addr); e != nil {
			return nil, errors.Join(err, e)
		}
		l, err = listen(ctx, network, addr)
	}
	if err == nil && network == "unix" && s.Listen == nil && !strings.HasPrefix(addr, "@") {
		if e := os.Chmod(addr, 0o600); e != nil {
			return nil, errors.Join(e, l.Close())
		}
	}
	return l, err
}

// abandoned reports whether a socket is left from a process that is dead.
func abandoned(path string) bool {
	info, err := os.Stat(path)
	if err != nil || info.Mode()&os.ModeSocket == 0 {
		return false
	}
	c, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		c.Close()
	}
	return err != nil
}

// listenPacket listens for datagrams at the address of l, or at Addr if l is nil.
func (s Server) listenPacket(ctx context.Context, l net.Listener) (*net.UDPConn, error) {
	addr := s.Addr
	if l != nil {
		addr = l.Addr().String()
	}
	c, err := new(net.ListenConfig).ListenPacket(ctx, "udp", addr)
	if err != nil {
		return nil, err
	}
	u := c.(*net.UDPConn)
	if s.PacketBuffer > 0 {
		err = u.SetReadBuffer(s.PacketBuffer)
	}
	if err := errors.Join(err, countLost(u)); err != nil {
		u.Close()
		return nil, err
	}
	return u, nil
}
