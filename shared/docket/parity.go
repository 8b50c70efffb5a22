package docket

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Parity is how long customers waited for a first answer on one channel, in
// seconds of plain time.
type Parity struct {
	Community string  `json:"community,omitempty"` // "": all of them
	Channel   string  `json:"channel"`
	Answered  int64   `json:"answered"`
	Mean      float64 `json:"mean"`
	Median    float64 `json:"median"`
	P90       float64 `json:"p90"`
}

// waits are what was counted of a channel.
type waits struct {
	seconds int64
	bands   map[int]int64
}

func (w *waits) add(o *waits) {
	w.seconds += o.seconds
	for b, n := range o.bands {
		w.bands[b] += n
	}
}

// ParityReport says how fast first answers were by channel: first over all
// communities, then for each. Median and 90th percentile are estimated within
// the class that they fall into.
func (d *Docket) ParityReport(ctx context.Context, p Period) (all, byCommunity []Parity, err error) {
	total := map[string]*waits{}
	for _, com := range d.policy.Communities {
		sum, err := d.perDay(ctx, metricFirst, p, "#"+com.ID)
		if err != nil {
			return nil, nil, err
		}
		here := map[string]*waits{}
		for field, n := range sum {
			channel, what, _ := strings.Cut(field, "/")
			if here[channel] == nil {
				here[channel] = &waits{bands: map[int]int64{}}
			}
			if what == "seconds" {
				here[channel].seconds += n
			} else if b, err := strconv.Atoi(what); err == nil {
				here[channel].bands[b] += n
			}
		}
		for _, channel := range sortedKeys(here) {
			if total[channel] == nil {
				total[channel] = &waits{bands: map[int]int64{}}
			}
			total[channel].add(here[channel])
			byCommunity = append(byCommunity, here[channel].parity(com.ID, channel))
		}
	}
	for _, channel := range sortedKeys(total) {
		all = append(all, total[channel].parity("", channel))
	}
	return all, byCommunity, nil
}

func (w *waits) parity(community, channel string) Parity {
	p := Parity{Community: community, Channel: channel}
	for _, n := range w.bands {
		p.Answered += n
	}
	if p.Answered > 0 {
		p.Mean = float64(w.seconds / p.Answered)
		p.Median, p.P90 = w.quantile(p.Answered, 0.5), w.quantile(p.Answered, 0.9)
	}
	return p
}

// quantile is where a share of the waits has ended, in seconds, as if those of a
// class lay evenly in it.
func (w *waits) quantile(of int64, share float64) float64 {
	want, seen := share*float64(of), 0.0
	for b := 0; b <= len(bands); b++ {
		n := float64(w.bands[b])
		if n == 0 || seen+n < want {
			seen += n
			continue
		}
		var low time.Duration
		if b > 0 {
			low = bands[b-1]
		}
		if b == len(bands) {
			return low.Seconds() // at least
		}
		return float64(int64(low.Seconds() + (bands[b]-low).Seconds()*(want-seen)/n))
	}
	return 0
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
