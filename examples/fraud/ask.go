package main

import (
	"context"
	"encoding/json/v2"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
)

// asked asks for each card of the books, and for some that nothing is to be said of, whether to decline it.
func (s *service) asked(ctx context.Context, w io.Writer, b books) error {
	want := b.decisions()
	for _, honest := range []string{"card-0001", "card-0002", "nobody's"} {
		want[honest] = Decision{}
	}
	for i, card := range slices.Sorted(maps.Keys(want)) {
		got, err := s.ask(ctx, card)
		if err != nil {
			return err
		}
		if got.Decline != want[card].Decline || !slices.Equal(got.Because, want[card].Because) {
			return fmt.Errorf("the decision on %s is %v, and by the books %v", card, got, want[card])
		}
		if i == 0 {
			fmt.Fprintf(w, "       GET /decisions?key=%s  decline: %v, because: %q\n", card, got.Decline, got.Because)
		}
	}
	fmt.Fprintf(w, "       all %d decisions that were asked for are those of the books\n", len(want))
	return nil
}

// decisions are those that have to be taken by the end of the day.
func (b books) decisions() map[string]Decision {
	all := map[string]Decision{}
	for _, a := range b {
		a.suspect(func(s suspicion) {
			all[s.Card] = all[s.Card].and(s.decision())
		})
	}
	return all
}

// ask asks for a decision as any other program would.
func (s *service) ask(ctx context.Context, card string) (d Decision, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.addr+"/decisions?key="+url.QueryEscape(card), nil)
	if err != nil {
		return d, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return d, err
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusNotFound: // nothing is known of the card
		return d, nil
	case http.StatusOK:
		var held struct{ Value Decision }
		err = json.UnmarshalRead(answer.Body, &held, json.MatchCaseInsensitiveNames(true))
		return held.Value, err
	}
	return d, fmt.Errorf("the service answers %s", answer.Status)
}
