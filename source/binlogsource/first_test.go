package binlogsource_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"context"
	"github.com/freshet-go/freshet/source/binlogsource"
	"github.com/freshet-go/freshet/stream"
	"log/slog"
)

type order struct {
	ID    int64   `sql:"id"`
	Item  string  `sql:"item"`
	Price float64 `sql:"price"`
	Note  *string `sql:"note"`
}

func TestFirst(t *testing.T) {
	b := time.Now()
	s := startMariaDB(t)
	t.Log(time.Since(b))
	s.exec(t, "CREATE TABLE shop.orders (id BIGINT PRIMARY KEY, item VARCHAR(50) NOT NULL, price DECIMAL(10,2) NOT NULL, note TEXT)",
		"INSERT INTO shop.orders VALUES (1,'a',1.5,NULL),(2,'b',-2.25,'x'),(3,'ü',0,'')")
	src := binlogsource.New(s.server(t), binlogsource.Table[order]("shop.orders"), binlogsource.Chunk(2))
	rs, err := src.Open(&stream.SourceContext{Context: t.Context(), Logger: slog.Default()})
	require.NoError(t, err)
	r := rs[0]
	defer r.Close()
	read := func(n int) {
		ctx, c := context.WithTimeout(t.Context(), 5*time.Second)
		defer c()
		for n > 0 {
			in := stream.NewIntake[binlogsource.Event[order]](10)
			err := r.Read(ctx, in)
			for _, e := range in.Batch().All() {
				fmt.Printf("%+v\n", e)
				n--
			}
			require.NoError(t, err)
			fmt.Println(r.Offset())
		}
	}
	read(3)
	s.exec(t, "BEGIN; INSERT INTO shop.orders VALUES (4,'d',1e5,NULL); UPDATE shop.orders SET price=price+1; DELETE FROM shop.orders WHERE id=2; COMMIT", "TRUNCATE shop.orders", "ALTER TABLE shop.orders ADD COLUMN more INT", "INSERT INTO shop.orders VALUES (9,'z',9,'9',9)")
	read(9)
}
