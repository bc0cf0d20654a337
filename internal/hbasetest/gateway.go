package hbasetest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/freshet-go/freshet/internal/hbaserest"
)

// A Gateway is a stand-in of HBase's REST gateway that lives in this process, with its tables in memory: for examples,
// and for faults that a real one does not show on demand. It knows what package hbaserest asks, and no filters.
type Gateway struct {
	URL string

	// Fault, if set, may answer a request in the place of the gateway.
	Fault func(w http.ResponseWriter, r *http.Request) bool
	// Lose, if set, says which requests are done and their answers lost, with their connections.
	Lose func(r *http.Request) bool
	// Seen, if set, is told of each request.
	Seen func(r *http.Request)

	server   *httptest.Server
	mu       sync.Mutex
	tables   map[string]*memory
	scanners map[string]*scanner
	made     int
}

type scanner struct {
	batch int
	cells []keyed // of what it was made for, as it was then
}

type keyed struct {
	key  string
	cell hbaserest.Cell
}

// NewGateway starts a gateway; Close ends it.
func NewGateway() *Gateway {
	g := &Gateway{tables: map[string]*memory{}, scanners: map[string]*scanner{}}
	g.server = httptest.NewServer(http.HandlerFunc(g.serve))
	g.URL = g.server.URL
	return g
}

// Close ends the gateway.
func (g *Gateway) Close() { g.server.Close() }

// Client returns a client of it.
func (g *Gateway) Client() *http.Client { return g.server.Client() }

// Create makes a table with families that keep three versions, split at keys.
func (g *Gateway) Create(table string, families []string, splits ...string) {
	t := &memory{families: map[string]int{}, splits: splits, rows: map[string][]stored{}, deleted: map[string][]gone{}, clock: 1_000_000}
	for _, f := range families {
		t.families[f] = 3
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tables[table] = t
}

// Forget forgets all scanners, as a gateway does that is restarted.
func (g *Gateway) Forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.scanners)
}

// Scanners returns how many scanners nobody has let go.
func (g *Gateway) Scanners() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.scanners)
}

func (g *Gateway) serve(w http.ResponseWriter, r *http.Request) {
	if g.Seen != nil {
		g.Seen(r)
	}
	if g.Fault != nil && g.Fault(w, r) {
		return
	}
	to := httptest.NewRecorder()
	g.answer(to, r)
	if g.Lose != nil && g.Lose(r) {
		panic(http.ErrAbortHandler)
	}
	for name, v := range to.Header() {
		w.Header()[name] = v
	}
	w.WriteHeader(to.Code)
	_, _ = w.Write(to.Body.Bytes()) // who does not wait for it loses it
}

func notFound(w http.ResponseWriter, cause string) {
	http.Error(w, "Not found\r\n"+cause, http.StatusNotFound)
}

func (g *Gateway) answer(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	name, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	t := g.tables[name]
	if t == nil {
		notFound(w, "org.apache.hadoop.hbase.TableNotFoundException: "+name)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	word, rest, _ := strings.Cut(path, "/")
	switch {
	case r.Method == http.MethodPut && word == "scanner":
		g.open(w, t, name, body)
	case word == "scanner":
		g.scan(w, rest, r.Method)
	case r.Method == http.MethodPut:
		putRows(w, t, body, r.URL.Query().Get("check") == "put")
	case r.Method == http.MethodDelete:
		deleteRow(w, t, path)
	case word == "regions":
		_, _ = w.Write(regions(t, name))
	case word == "schema":
		var s struct{ ColumnSchema []struct{ Name string } }
		for f := range t.families {
			s.ColumnSchema = append(s.ColumnSchema, struct{ Name string }{f})
		}
		_ = json.NewEncoder(w).Encode(s)
	case word == "multiget":
		getRows(w, t, rest, r)
	case word == "*":
		peek(w, t, r)
	default:
		notFound(w, "")
	}
}

func (g *Gateway) open(w http.ResponseWriter, t *memory, table string, body []byte) {
	s := &scanner{}
	var from, upto []byte
	var columns [][]byte
	versions, since := 1<<30, int64(0)
	for len(body) > 0 {
		number, kind, n := protowire.ConsumeTag(body)
		body = body[max(n, 0):]
		var v uint64
		var b []byte
		if kind == protowire.BytesType {
			b, n = protowire.ConsumeBytes(body)
		} else {
			v, n = protowire.ConsumeVarint(body)
		}
		if n < 0 {
			http.Error(w, "Bad request", http.StatusBadRequest)
			return
		}
		body = body[n:]
		switch number {
		case 1:
			from = b
		case 2:
			upto = b
		case 3:
			columns = append(columns, b)
		case 4:
			s.batch = int(v)
		case 5:
			since = int64(v)
		case 7:
			versions = int(v)
		}
	}
	for _, key := range t.between(from, upto) {
		for _, c := range t.read(key, columns, versions, since) {
			s.cells = append(s.cells, keyed{key, c})
		}
	}
	g.made++
	name := fmt.Sprintf("%d", g.made)
	g.scanners[name] = s
	w.Header().Set("Location", "http://inside.example:8080/"+table+"/scanner/"+name)
	w.WriteHeader(http.StatusCreated)
}

func (g *Gateway) scan(w http.ResponseWriter, name, method string) {
	s := g.scanners[name]
	switch {
	case s == nil:
		notFound(w, "")
	case method == http.MethodDelete:
		delete(g.scanners, name)
	case len(s.cells) == 0:
		w.WriteHeader(http.StatusNoContent)
	default:
		n := min(s.batch, len(s.cells))
		_, _ = w.Write(cellSet(s.cells[:n]))
		s.cells = s.cells[n:]
	}
}

func cellSet(all []keyed) (set []byte) {
	for i := 0; i < len(all); {
		var cells []hbaserest.Cell
		key := all[i].key
		for ; i < len(all) && all[i].key == key; i++ {
			cells = append(cells, all[i].cell)
		}
		set = hbaserest.AppendRow(set, []byte(key), cells)
	}
	return set
}

func regions(t *memory, name string) (info []byte) {
	info = protowire.AppendString(protowire.AppendTag(info, 1, protowire.BytesType), name)
	for i := range len(t.splits) + 1 {
		var region []byte
		bounds := append(append([]string{""}, t.splits...), "")
		for k, s := range []string{name + "," + strconv.Itoa(i), bounds[i], bounds[i+1]} {
			region = protowire.AppendString(protowire.AppendTag(region, protowire.Number(k+1), protowire.BytesType), s)
		}
		info = protowire.AppendBytes(protowire.AppendTag(info, 2, protowire.BytesType), region)
	}
	return info
}

// unescaped is a part of a path with e=b64.
func unescaped(s string) string {
	b, _ := base64.URLEncoding.DecodeString(s)
	return string(b)
}
