// Drawings draws the pictures of the guide, as SVG. What they show of windows, panes,
// watermarks and joins is what pipelines of the library give for the events in them.
//
//	go run ./docs/guide/drawings    # from the top of the repository
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

//go:generate go run . ../img

// A drawing is a picture and the name of its file.
type drawing struct {
	name string
	draw func() (*picture, error)
}

var all = []drawing{
	{"watermark", watermark},
	{"partitions", partitions},
	{"tumbling", tumbling},
	{"sliding", sliding},
	{"cumulating", cumulating},
	{"session", session},
	{"count", count},
	{"global", global},
	{"calendar", calendar},
	{"panes", panes},
	{"interval-join", intervalJoin},
	{"asof-join", asOfJoin},
	{"window-join", windowJoin},
	{"barriers", barriers},
}

func main() {
	folder := filepath.Join("docs", "guide", "img")
	if len(os.Args) > 1 {
		folder = os.Args[1]
	}
	for _, d := range all {
		p, err := d.draw()
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, d.name+".svg"), p.svg(), 0o644)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "drawings:", d.name+":", err)
			os.Exit(1)
		}
	}
}
