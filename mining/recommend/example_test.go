package recommend_test

import (
	"context"
	"fmt"
	"time"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/recommend"
)

func ExampleItemItem() {
	m := recommend.NewItemItem[string, string]()
	for _, b := range [][2]string{{"ann", "grill"}, {"ann", "charcoal"}, {"bob", "grill"}, {"bob", "charcoal"}, {"bob", "tongs"}, {"eve", "grill"}} {
		m.Add(b[0], b[1])
	}
	inStock := func(item string) bool { return item != "tongs" }
	for _, r := range m.Recommend("eve", inStock, 3) {
		fmt.Printf("%s, because of %v: %.2f\n", r.Item, r.Because, r.Score)
	}
	// Output: charcoal, because of [grill]: 0.82
}

func ExamplePopular() {
	p := recommend.NewPopular[string](30 * 24 * time.Hour)
	day := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	p.Add(day.AddDate(0, -6, 0), "sunscreen")
	p.Add(day.AddDate(0, -6, 0), "sunscreen")
	p.Add(day, "scarf")
	fmt.Println(p.Recommend(nil, nil, 1)[0].Item)
	// Output: scarf
}

func ExampleFitALS() {
	h := new(recommend.History[string, string])
	for _, b := range [][2]string{{"ann", "tea"}, {"ann", "cup"}, {"bob", "tea"}, {"bob", "cup"}, {"eve", "tea"}, {"max", "drill"}, {"max", "saw"}} {
		h.Add(b[0], b[1], 1)
	}
	m, err := recommend.FitALS(context.Background(), h, recommend.FactorCount(2), recommend.L2(0.1))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Recommend("eve", nil, 1)[0].Item)
	// Output: cup
}

func ExampleFitBPR() {
	h := new(recommend.History[string, string])
	for _, b := range [][2]string{{"ann", "tea"}, {"ann", "cup"}, {"bob", "tea"}, {"bob", "cup"}, {"eve", "tea"}, {"max", "drill"}, {"max", "saw"}} {
		h.Add(b[0], b[1], 1)
	}
	m, err := recommend.FitBPR(context.Background(), h, recommend.FactorCount(4))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Recommend("eve", nil, 1)[0].Item)
	// Output: cup
}

func ExampleFactors() {
	m := recommend.NewFactors[string, string]()
	for range 200 {
		m.Learn("ann", "tea", 5)
		m.Learn("ann", "coffee", 1)
		m.Learn("bob", "tea", 4)
	}
	fmt.Printf("%.0f %.0f\n", m.Predict("ann", "tea"), m.Predict("ann", "coffee"))
	// Output: 5 1
}

func ExampleThompson() {
	m := recommend.NewThompson(2, 0, 1)
	for range 1000 {
		banner := m.Choose(nil)
		m.Learn(banner, float64(banner)) // the second one is always clicked
	}
	fmt.Println(m.Choose(nil))
	// Output: 1
}

func ExampleLinUCB() {
	m := recommend.NewLinUCB(2, 2, 1)
	for i := range 100 {
		x := mining.Dense(1, float64(i%2)) // 1: on a phone
		banner := m.Choose(x, nil)
		reward := 0.0
		if banner == i%2 { // the second banner is for phones
			reward = 1
		}
		m.Learn(banner, x, reward)
	}
	fmt.Println(m.Choose(mining.Dense(1, 0), nil), m.Choose(mining.Dense(1, 1), nil))
	// Output: 0 1
}

func ExampleEvaluate() {
	log := []recommend.Logged{ // both banners were shown as often; the new policy shows the second one only
		{Arm: 0, Chance: 0.5, Reward: 0, New: 0}, {Arm: 1, Chance: 0.5, Reward: 1, New: 1},
		{Arm: 1, Chance: 0.5, Reward: 0, New: 1}, {Arm: 0, Chance: 0.5, Reward: 1, New: 0},
	}
	fmt.Println(recommend.Evaluate(log, recommend.SelfNormalized).Mean)
	// Output: 0.5
}
