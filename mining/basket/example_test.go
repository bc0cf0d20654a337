package basket_test

import (
	"fmt"
	"time"

	"github.com/freshet-go/freshet/mining/basket"
)

func ExampleBaskets_Frequent() {
	var b basket.Baskets[string]
	b.Add("milk", "bread", "butter")
	b.Add("milk", "bread")
	b.Add("bread", "butter")
	b.Add("beer")
	sets, err := b.Frequent(basket.MinSupport(0.5))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range sets.Sets {
		fmt.Println(s.Items, s.Count, sets.Support(s))
	}
	// Output:
	// [bread] 3 0.75
	// [butter] 2 0.5
	// [milk] 2 0.5
	// [bread butter] 2 0.5
	// [bread milk] 2 0.5
}

func ExampleItemsets_Rules() {
	var b basket.Baskets[string]
	b.Add("milk", "bread", "butter")
	b.Add("milk", "bread")
	b.Add("bread", "butter")
	b.Add("beer")
	sets, err := b.Frequent(basket.MinCount(2))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range sets.Rules(0.8) {
		fmt.Println(r)
	}
	// Output:
	// butter -> bread (1, lift 1.33)
	// milk -> bread (1, lift 1.33)
}

func ExampleAlsoBought() {
	also := basket.NewAlsoBought[string](basket.HalfLife(30 * 24 * time.Hour))
	day := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	also.Add(day, "grill", "charcoal")
	also.Add(day, "grill", "charcoal", "tongs")
	also.Add(day, "lamp")
	for _, s := range also.Suggest(2, 1, "grill") {
		fmt.Printf("%s, because of %s: %.2f\n", s.Item, s.Because, s.Score)
	}
	// Output:
	// charcoal, because of grill: 1.00
	// tongs, because of grill: 0.71
}
