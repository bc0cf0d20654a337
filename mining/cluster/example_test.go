package cluster_test

import (
	"fmt"
	"time"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/cluster"
)

func ExampleKMeans() {
	table := &mining.Table{Names: []string{"orders", "days since the last"}}
	for _, c := range [][2]float64{{1, 200}, {2, 180}, {1, 220}, {9, 3}, {8, 10}} {
		table.Add(mining.Dense(c[0], c[1]), 0)
	}
	m := cluster.NewKMeans(2, 2)
	if err := m.Fit(table); err != nil {
		fmt.Println(err)
		return
	}
	var of []int
	for _, x := range table.X {
		of = append(of, m.Assign(x))
	}
	for _, s := range cluster.Describe(table, of) {
		fmt.Println(s)
	}
	// Output:
	// 3 events (60 %): days since the last high (200, of all 122.6); orders low (1.333, of all 4.2)
	// 2 events (40 %): days since the last low (6.5, of all 122.6); orders high (8.5, of all 4.2)
}

func ExampleStreaming() {
	m := cluster.NewStreaming(2, 1, cluster.HalfLife(1000))
	for i := range 1000 {
		m.Learn(mining.Dense(float64(10*(i%2) + i%3)))
	}
	fmt.Printf("%.0f\n", m.Centers())
	// Output: [[1] [11]]
}

func ExampleDBSCAN() {
	table := new(mining.Table)
	for _, v := range []float64{1, 2, 3, 20, 21, 22, 50} {
		table.Add(mining.Dense(v), 0)
	}
	of, groups, err := cluster.DBSCAN(table, 1.5, 2)
	fmt.Println(of, groups, err)
	// Output: [0 0 0 1 1 1 -1] 2 <nil>
}

func ExampleScores() {
	day := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	var often, once cluster.Purchases
	for i := range 5 {
		often.Add(day.AddDate(0, 0, -10*i), 50)
	}
	once.Add(day.AddDate(-1, 0, 0), 20)
	for _, s := range cluster.Scores([]cluster.RFM{often.RFM(day), once.RFM(day)}) {
		fmt.Println(s, s.Name())
	}
	// Output:
	// {3 3 3} promising
	// {1 1 1} asleep
}
