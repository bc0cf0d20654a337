package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/freshet-go/freshet/examples/shop/service"
	"github.com/freshet-go/freshet/internal/javaserver"
	"github.com/freshet-go/freshet/internal/minihbase"
)

var hbase = service.Part{
	Name: "HBase",
	Does: "profiles of customers are kept in HBase: -hbase, or -hbase=http://host:port of a REST gateway without that table",

	Start: func(ctx context.Context, dir string) (addr string, stop func(), err error) {
		folder, err := javaserver.Find(ctx, "minihbase", minihbase.Sources())
		if err != nil {
			return "", nil, err
		}
		cluster, err := minihbase.Start(ctx, folder, dir)
		if err != nil {
			return "", nil, err
		}
		return cluster.URL, cluster.Kill, nil
	},

	Open: func(s *service.Shop, addr string) error {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxIdleConnsPerHost = 16 // as many as there may be under way
		s.Results = append(s.Results, &profiles{gateway: addr, client: &http.Client{Transport: transport}})
		return nil
	},
}

const tableName = "shop-profiles"

// profiles is a table with the families past, which a job of the night has written, and now, which is kept up to date.
type profiles struct {
	gateway string
	client  *http.Client
}

// create makes the table.
func (h *profiles) create(ctx context.Context) error {
	schema := fmt.Sprintf(`<TableSchema name=%q><ColumnSchema name="past"/><ColumnSchema name="now"/></TableSchema>`, tableName)
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, strings.TrimSuffix(h.gateway, "/")+"/"+tableName+"/schema", strings.NewReader(schema))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "text/xml")
	answer, err := h.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusCreated {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 1000)) // what there is of it
		return fmt.Errorf("table %s is not made: %s %s; it has to be a new one", tableName, answer.Status, text)
	}
	return nil
}

// Close lets the connections go.
func (h *profiles) Close() { h.client.CloseIdleConnections() }
