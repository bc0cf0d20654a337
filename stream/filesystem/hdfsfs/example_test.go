package hdfsfs_test

import (
	"context"
	"fmt"
	"log"
	"time"

	krb "github.com/jcmturner/gokrb5/v8/client"
	"github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/keytab"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem/hdfsfs"
)

// Lines are copied from one directory of HDFS to another, each once, also across a kill.
func Example_copy() {
	client := hdfsfs.New([]string{"namenode1:8020", "namenode2:8020"})
	defer client.Close()

	p := stream.New("copy")
	p.From(source.FilesIn(client.Dir("/orders"), "2026/*.jsonl", codec.Lines())).
		To(sink.FilesIn(client.Dir("/copies"), "orders-*.jsonl", codec.Lines(), sink.RollSize(256<<20)))
	if err := p.Run(context.Background(), stream.Checkpoints(checkpoint.Dir("checkpoints"), 10*time.Second)); err != nil {
		log.Fatal(err)
	}
}

// Who is to be known by a ticket logs in with a keytab.
func ExampleKerberos() {
	conf, err := config.Load("/etc/krb5.conf")
	if err != nil {
		log.Fatal(err)
	}
	keys, err := keytab.Load("/etc/security/shop.keytab")
	if err != nil {
		log.Fatal(err)
	}
	login := krb.NewWithKeytab("shop", "EXAMPLE.COM", keys, conf)
	defer login.Destroy()

	client := hdfsfs.New([]string{"namenode:8020"}, hdfsfs.Kerberos(login, "nn/_HOST", hdfsfs.Authentication))
	defer client.Close()
}

// A directory has an address, which messages show.
func ExampleClient_Dir() {
	client := hdfsfs.New([]string{"namenode:8020"})
	defer client.Close()
	fmt.Println(client.Dir("/orders/"))
	// Output:
	// hdfs://namenode:8020/orders
}
