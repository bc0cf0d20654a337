package hbasetest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/freshet-go/freshet/internal/hbaserest"
)

// putRows puts what is good of a batch, as HBase does, and says what is not.
func putRows(w http.ResponseWriter, t *memory, body []byte, check bool) {
	rows := map[string][]hbaserest.Cell{}
	var keys []string
	err := hbaserest.ParseCells(body, func(key []byte, c hbaserest.Cell) error {
		if !slices.Contains(keys, string(key)) {
			keys = append(keys, string(key))
		}
		rows[string(key)] = append(rows[string(key)], c)
		return nil
	})
	if err != nil || len(keys) == 0 {
		http.Error(w, "Bad request\r\n", http.StatusBadRequest)
		return
	}
	for _, cells := range rows {
		for _, c := range cells {
			if len(c.Value) > 10<<20 {
				http.Error(w, "Bad request\r\njava.lang.IllegalArgumentException: KeyValue size too large\n\tat org.apache.hadoop", http.StatusBadRequest)
				return // of none of them anything is put
			}
		}
	}
	if check {
		key := keys[0]
		cells := rows[key]
		last := cells[len(cells)-1]
		now := t.read(key, [][]byte{last.Column}, 1, 0)
		if len(last.Value) == 0 && len(now) > 0 || len(last.Value) > 0 && (len(now) == 0 || string(now[0].Value) != string(last.Value)) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		rows[key] = cells[:len(cells)-1]
	}
	bad := ""
	for _, key := range keys {
		ok := true
		for _, c := range rows[key] {
			if f := family(string(c.Column)); t.families[f] == 0 {
				bad, ok = f, false
			}
		}
		if ok {
			t.put(key, rows[key])
		}
	}
	if bad != "" {
		notFound(w, "org.apache.hadoop.hbase.regionserver.NoSuchColumnFamilyException: Column family "+bad+" does not exist in region")
	}
}

// deleteRow deletes key/columns/time, of which all but the time is base64.
func deleteRow(w http.ResponseWriter, t *memory, path string) {
	parts := strings.Split(path, "/")
	var columns []string
	for c := range strings.SplitSeq(parts[1], ",") {
		columns = append(columns, unescaped(c))
	}
	upto := int64(-1)
	if len(parts) > 2 {
		upto, _ = strconv.ParseInt(parts[2], 10, 64)
	}
	for _, c := range columns {
		if t.families[family(c)] == 0 {
			notFound(w, "org.apache.hadoop.hbase.regionserver.NoSuchColumnFamilyException: Column family "+family(c)+" does not exist in region")
			return
		}
	}
	t.delete(unescaped(parts[0]), columns, upto)
}

func getRows(w http.ResponseWriter, t *memory, path string, r *http.Request) {
	var columns [][]byte
	if path != "" {
		for c := range strings.SplitSeq(path, ",") {
			columns = append(columns, []byte(c))
		}
	}
	versions, _ := strconv.Atoi(r.URL.Query().Get("v"))
	var all []keyed
	for _, row := range r.URL.Query()["row"] {
		key := unescaped(row)
		for _, c := range t.read(key, columns, versions, 0) {
			all = append(all, keyed{key, c})
		}
	}
	if len(all) == 0 {
		notFound(w, "")
		return
	}
	_, _ = w.Write(cellSet(all))
}

// peek is the stateless scan with a limit of one row.
func peek(w http.ResponseWriter, t *memory, r *http.Request) {
	q := r.URL.Query()
	var columns [][]byte
	for _, c := range q["column"] {
		columns = append(columns, []byte(c))
	}
	since, _ := strconv.ParseInt(q.Get("starttime"), 10, 64)
	var set struct{ Row []struct{ Key []byte } }
	for _, key := range t.between([]byte(q.Get("startrow")), []byte(q.Get("endrow"))) {
		if len(t.read(key, columns, 1, since)) > 0 {
			set.Row = append(set.Row, struct{ Key []byte }{[]byte(key)})
			break
		}
	}
	_ = json.NewEncoder(w).Encode(set)
}
