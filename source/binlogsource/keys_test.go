package binlogsource_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/binlogsource"
)

// A table whose key is altered while a snapshot is read is read again, in a run that goes on as well.
func testKeyAltered(t *testing.T, s *database) {
	for _, alter := range []string{
		"DROP PRIMARY KEY, ADD PRIMARY KEY (seq)", "DROP PRIMARY KEY, ADD PRIMARY KEY (id, seq)", "MODIFY id BIGINT UNSIGNED NOT NULL",
		"DROP PRIMARY KEY, ADD COLUMN more INT NOT NULL AUTO_INCREMENT, ADD PRIMARY KEY (more)",
	} {
		for _, resumed := range []string{"", "in another run", "of an older version"} {
			if resumed == "of an older version" && (strings.HasSuffix(alter, "(seq)") || strings.HasSuffix(alter, "(more)")) {
				continue // which had not said what the key was
			}
			t.Run(alter+" "+resumed, func(t *testing.T) {
				s.exec(t, "DROP TABLE IF EXISTS shop.keyed", "CREATE TABLE shop.keyed (id INT PRIMARY KEY, v VARCHAR(100) NOT NULL, seq INT NOT NULL)",
					"INSERT INTO shop.keyed SELECT seq, 'old', 100-seq FROM shop.seq_1_to_23")
				src := binlogsource.New(s.server(t), binlogsource.Table[pair]("shop.keyed"), binlogsource.Chunk(4))
				r := read(t, src, "")
				events := r.next(6)
				offset := r.reader.Offset()
				if resumed == "of an older version" {
					require.Contains(t, offset, `"key":["id`)
					offset = regexp.MustCompile(`,"key":\[[^]]*\]`).ReplaceAllString(offset, "")
				}
				if resumed != "" {
					r.close()
				}
				s.exec(t, "ALTER TABLE shop.keyed "+alter, "UPDATE shop.keyed SET v = 'new' WHERE id IN (3, 20)", "DELETE FROM shop.keyed WHERE id IN (2, 19)")
				if resumed != "" {
					r = read(t, src, offset)
				}
				events = append(events, whole(t, r)...)
				assert.Contains(t, kindsOf(events), binlogsource.Restarted)
				s.exec(t, "INSERT INTO shop.keyed (id, v, seq) VALUES (50, 'last', 200)")
				for events[len(events)-1].Change.After.ID != 50 {
					events = append(events, r.next(1)...)
				}
				want := map[int]string{50: "last"}
				for id := 1; id <= 23; id++ {
					want[id] = "old"
				}
				want[3], want[20] = "new", "new"
				delete(want, 2)
				delete(want, 19)
				assert.Equal(t, want, books(t, events))
			})
		}
	}
}

// Rows from before a key was made of another column are read where the table is known whole.
func testKeyAlteredLater(t *testing.T, s *database) {
	s.exec(t, "DROP TABLE IF EXISTS shop.keyed", "CREATE TABLE shop.keyed (id INT PRIMARY KEY, v VARCHAR(100) NOT NULL)", "INSERT INTO shop.keyed VALUES (1, 'a')")
	src := binlogsource.New(s.server(t), binlogsource.Table[pair]("shop.keyed"))
	r := read(t, src, "")
	whole(t, r)
	offset := r.reader.Offset()
	r.close()
	s.exec(t, "INSERT INTO shop.keyed VALUES (2, 'b')", "ALTER TABLE shop.keyed DROP PRIMARY KEY, ADD COLUMN more INT NOT NULL AUTO_INCREMENT PRIMARY KEY", "INSERT INTO shop.keyed (id, v) VALUES (3, 'c')")
	r = read(t, src, offset)
	events := r.next(3)
	assert.Equal(t, map[int]string{2: "b", 3: "c"}, books(t, events))
}

// Keys of text in each charset whose order is known are gone by, chunk after chunk.
func testTextKeys(t *testing.T, s *database) {
	type named struct {
		Name string `sql:"name"`
	}
	for _, of := range []string{"ascii COLLATE ascii_bin", "utf8 COLLATE utf8_bin", "utf8mb4 COLLATE utf8mb4_bin"} {
		want := []string{"0192e4a0-7c3b-7f12-8abc-000000000001", "0192e4a0-7c3b-7f12-8abc-000000000002", "A", "a", "it's", "z"}
		if !strings.HasPrefix(of, "ascii") {
			want = append(want, "ü", "日本")
		}
		s.exec(t, "DROP TABLE IF EXISTS shop.named", "CREATE TABLE shop.named (name CHAR(36) CHARACTER SET "+of+" PRIMARY KEY)")
		for _, name := range slices.Backward(want) {
			s.exec(t, "INSERT INTO shop.named VALUES ('"+strings.ReplaceAll(name, "'", "''")+"')")
		}
		src := binlogsource.New(s.server(t), binlogsource.Table[named]("shop.named"), binlogsource.Chunk(2))
		for cut := range want {
			r := read(t, src, "")
			got := r.next(cut)
			offset := r.reader.Offset()
			r.close()
			r = read(t, src, offset)
			got = append(got, r.next(len(want)-cut)...)
			r.close()
			var names []string
			for _, e := range got {
				names = append(names, e.Change.After.Name)
			}
			require.Equal(t, want, names, "%s, cut after %d", of, cut)
		}
	}
}
