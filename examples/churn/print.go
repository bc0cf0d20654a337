package main

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/eval"
)

const day = "2 Jan 2006"

// printShop says what there is to learn from.
func printShop(w io.Writer, s *shop, t *mining.Table) {
	customers := map[int]bool{}
	for _, o := range s.orders {
		customers[o.Customer] = true
	}
	fmt.Fprintf(w, "%s\n\n%s orders of %s customers, from %s to %s.\n", s.name, count(len(s.orders)), count(len(customers)),
		s.orders[0].At.Format(day), s.last().Format(day))
	fmt.Fprintf(w, "On %s it knew %s customers. %.1f %% of them ordered again within 90 days.\n", s.cutoff.Format(day), count(t.Len()), 100*mean(t.Y))
}

// printModels compares the models.
func printModels(w io.Writer, all []*entry, learnt int, found *tuning) {
	fmt.Fprintf(w, "\nWho comes back? Learnt from %s customers, judged by %s others\n\n", count(learnt), count(len(all[0].heldBack.labels)))
	r := eval.Report{Columns: []string{"AUC", "log loss", "Brier", "log loss in parts"}}
	for _, e := range all {
		j, l := e.heldBack, e.heldBack.losses()
		r.Rows = append(r.Rows, eval.ReportRow{Name: e.name, Baseline: e.baseline, Values: []float64{j.auc(), l.LogLoss(), l.Brier(), e.inParts.logLoss()}})
	}
	fmt.Fprint(w, r.String())
	fmt.Fprintf(w, `
AUC: of two customers, how often the one who comes back is ranked first. Half is guessing; more is better.
Log loss, Brier: how far the chances were off; less is better.
In parts: the same of those learnt from, each judged by what the other four fifths say.
Tuned: the best of %d settings, in parts.
`, found.trials)
}

// printChosen says what the model that is chosen is worth.
func printChosen(w io.Writer, chosen, simplest *entry, test *mining.Table) error {
	fmt.Fprintf(w, "\nChosen: %s, ", chosen.name)
	if chosen == simplest {
		fmt.Fprint(w, "the simplest. No other was better in parts by more than chance.")
	} else {
		v := eval.Permutation(chosen.inParts.surprise(), simplest.inParts.surprise(), 10_000, 1)
		fmt.Fprintf(w, "better in parts than %s by more than chance (p = %.2g).", simplest.name, v.P)
	}
	calibrated, err := chosen.calibrated()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\n\nWhat it says, calibrated, and what they did\n\n")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "chance\tcustomers\tsaid\tcame back\t\n")
	c := eval.Calibrate(5, calibrated.labels, calibrated.chances, nil)
	for _, p := range c.Curve() {
		fmt.Fprintf(t, "%.0f to %.0f %%\t%.0f\t%.0f %%\t%.0f %%\t\n", 100*p.From, 100*p.To, p.Weight, 100*p.Predicted, 100*p.Observed)
	}
	t.Flush()
	before := eval.Calibrate(5, chosen.heldBack.labels, chosen.heldBack.chances, nil)
	fmt.Fprintf(w, "\nIt is off by %.1f points on average, and was by %.1f before it was calibrated.\n", 100*c.Error(), 100*before.Error())
	g := eval.Rank(calibrated.labels, calibrated.chances, nil).Gains(10)
	top, last := g[0], g[len(g)-1]
	fmt.Fprintf(w, "Of the tenth with the best chances %.0f %% came back, of the tenth with the worst %.0f %%, of all %.0f %%.\n",
		100*top.Rate, 100*last.Rate, 100*mean(calibrated.labels))

	fmt.Fprintf(w, "\nWhat it goes by: how much AUC is lost where a column is shuffled\n\n")
	for _, i := range eval.PermutationImportance(test, 20, 1, func(t *mining.Table) float64 { return judge(chosen.model, t).auc() }) {
		fmt.Fprintf(t, "%s\t%.3f\t\n", i.Name, i.Mean)
	}
	t.Flush()
	return nil
}

// printLive says how the year was for the stream.
func printLive(w io.Writer, l *lived) {
	fmt.Fprintf(w, "\nLive: asked at each order, answered 90 days later, then learnt.\n"+
		"What was asked before the first answers came is not judged, as nothing had been learnt.\n\n")
	baseline := map[string]month{}
	for _, p := range l.baseline.Values() {
		baseline[p.Start.String()] = p.Value
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "answered in\tanswers\tcame back\tsaid\tAUC\tlog loss\teverybody alike\t\n")
	var answers, loss, alike float64
	for _, p := range l.months.Values() {
		m, b := p.Value, baseline[p.Start.String()]
		if m.Answers == 0 {
			continue
		}
		fmt.Fprintf(t, "%s\t%s\t%.0f %%\t%.0f %%\t%s\t%s\t%s\t\n", p.Start.Format("Jan 2006"), count(int(m.Answers)), 100*m.Back, 100*m.Said,
			figure(m.AUC), figure(m.LogLoss), figure(b.LogLoss))
		answers, loss, alike = answers+m.Answers, loss+m.Answers*m.LogLoss, alike+b.Answers*b.LogLoss
	}
	fmt.Fprintf(t, "all\t%s\t\t\t\t%s\t%s\t\n", count(int(answers)), figure(loss/answers), figure(alike/answers))
	t.Flush()
	fmt.Fprintln(w)
	drifts := l.drifts.Events()
	for _, d := range drifts {
		fmt.Fprintf(w, "Drift: on %s the model was wrong more often than before, when it was in %.0f of 100 answers.\n", d.Time.Std().Format(day), 100*d.Value.Mean)
	}
	if len(drifts) == 0 {
		fmt.Fprintln(w, "No drift: it was not wrong more often than before.")
	}
}

func figure(v float64) string {
	if math.IsNaN(v) {
		return "-"
	}
	return fmt.Sprintf("%.4f", v)
}

// count writes a number with commas: "541,909".
func count(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", count(n/1000), n%1000)
}
