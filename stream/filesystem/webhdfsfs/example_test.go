package webhdfsfs_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem/webhdfsfs"
)

// standIn answers as an HDFS with one file would, in place of your own.
func standIn() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		const status = `{"pathSuffix":"%s","type":"FILE","length":10,"fileId":16387}`
		switch r.FormValue("op") {
		case "LISTSTATUS_BATCH":
			fmt.Fprintf(w, `{"DirectoryListing":{"partialListing":{"FileStatuses":{"FileStatus":[`+status+`]}},"remainingEntries":0}}`, "names.txt")
		case "GETFILESTATUS":
			fmt.Fprintf(w, `{"FileStatus":`+status+`}`, "")
		case "OPEN":
			io.WriteString(w, "Ada\nGrace\n")
		}
	}))
}

func Example() {
	server := standIn() // http://namenode:9870
	defer server.Close()
	client := webhdfsfs.New([]string{server.URL}, webhdfsfs.User("shop"))

	p := stream.New("greetings")
	p.From(source.FilesIn(client.Dir("/people"), "*.txt", codec.Lines())).
		Map(func(name string) string { return "Hello " + name }).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		log.Fatal(err)
	}
	// Output:
	// Hello Ada
	// Hello Grace
}
