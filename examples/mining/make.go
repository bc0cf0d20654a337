package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/freshet-go/freshet/examples/internal/retail"
)

var opening = time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)

// shelves are the products of the made-up shop, with their prices in pence. Who buys from a shelf is likely to buy from it again.
var shelves = [][]product{
	{{"ASSAM", 620}, {"DARJEELING", 890}, {"EARL GREY", 540}, {"TEA STRAINER", 450}, {"HONEY", 580}, {"RUSK", 310}},
	{{"SENCHA", 980}, {"MATCHA", 1890}, {"GENMAICHA", 760}, {"BAMBOO WHISK", 1350}, {"MATCHA BOWL", 2400}, {"RICE CRACKERS", 290}},
	{{"PEPPERMINT", 390}, {"CAMOMILE", 420}, {"ROOIBOS", 480}, {"FENNEL", 370}, {"INFUSER", 690}, {"OAT BISCUITS", 330}},
	{{"TEAPOT", 3200}, {"CUP AND SAUCER", 1100}, {"TEA COSY", 1700}, {"TRAY", 1900}, {"SUGAR TONGS", 800}, {"MILK JUG", 1200}},
}

type product struct {
	name  string
	pence int64
}

// partners are what goes with a product, more often than not.
var partners = map[string]string{"MATCHA": "BAMBOO WHISK", "TEAPOT": "CUP AND SAUCER", "PEPPERMINT": "CAMOMILE", "ASSAM": "DARJEELING"}

// teaShop makes a year of lines. Customers have a shelf that they like, an interval at which they order, and leave at some time; the week has its shape, it
// is busy before Christmas, closed on Saturdays, and a television programme about matcha brought one day that nobody had foreseen.
func teaShop(seed uint64, customers int) (rows []retail.Row) {
	r := rand.New(rand.NewPCG(seed, 11))
	for c := range customers {
		likes, pause := r.IntN(len(shelves)), math.Exp(3.3+0.7*r.NormFloat64())
		year := 365.0
		for d := year * r.Float64() * r.Float64(); d < year; d += pause * r.ExpFloat64() {
			at := open(r, int(d))
			if at.Sub(opening) > 365*24*time.Hour {
				break
			}
			rows = append(rows, order(r, fmt.Sprint(12000+c), at, likes)...)
			if r.Float64() < 0.09 {
				break
			}
		}
	}
	programme := opening.AddDate(0, 5, 12).Add(20 * time.Hour)
	for range 220 { // guests, of whom nobody knows who they are
		rows = append(rows, order(r, "", programme.Add(time.Duration(r.IntN(3600))*time.Second), 1)...)
	}
	slices.SortStableFunc(rows, func(a, b retail.Row) int { return a.InvoiceDate.Compare(b.InvoiceDate) })
	for i, last, n := 0, "", 500_000; i < len(rows); i++ { // invoices are numbered as they come
		if rows[i].InvoiceNo != last {
			last = rows[i].InvoiceNo
			n++
		}
		rows[i].InvoiceNo = fmt.Sprint(n)
	}
	return rows
}

// open returns a time on a day on which the shop is open: the day itself, or the nearest busy one after it.
func open(r *rand.Rand, d int) time.Time {
	for {
		at := opening.AddDate(0, 0, d)
		busy := [...]float64{0.6, 0.7, 0.8, 0.9, 1, 0.8, 0}[at.Weekday()]
		if at.Month() >= time.November {
			busy *= 1.3
		}
		if 1.3*r.Float64() < busy {
			return at.Add(9*time.Hour + time.Duration(r.IntN(9*3600))*time.Second)
		}
		d++
	}
}

// order makes the lines of an order.
func order(r *rand.Rand, customer string, at time.Time, likes int) (rows []retail.Row) {
	invoice := fmt.Sprint(r.Uint64()) // until it has its number
	add := func(shelf int, p product) {
		sku := 10000 + 100*shelf + slices.Index(shelves[shelf], p)
		rows = append(rows, retail.Row{InvoiceNo: invoice, StockCode: fmt.Sprint(sku), Description: p.name, Quantity: 1 + int64(2*r.ExpFloat64()),
			InvoiceDate: at, UnitPrice: retail.Money(10 * p.pence), CustomerID: customer})
	}
	for range 1 + int(1.5*r.ExpFloat64()) {
		shelf := likes
		if r.Float64() < 0.3 {
			shelf = r.IntN(len(shelves))
		}
		p := shelves[shelf][int(float64(len(shelves[shelf]))*r.Float64()*r.Float64())]
		add(shelf, p)
		if with, ok := partners[p.name]; ok && r.Float64() < 0.7 {
			i := slices.IndexFunc(shelves[shelf], func(o product) bool { return o.name == with })
			add(shelf, shelves[shelf][i])
		}
	}
	return rows
}
