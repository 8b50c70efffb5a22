package local

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"ines/shared/channel"
)

// fault is what goes wrong with the next calls of one channel.
type fault struct {
	Channel string `json:"channel"`
	Times   *int   `json:"times"` // calls; left out: 1
	// Exactly one of these.
	Status int    `json:"status"` // the platform refuses
	Hang   string `json:"hang"`   // no answer for so long, then the connection closes; not taken
	Drop   bool   `json:"drop_after_accept"`
	// RetryAfter goes with Status.
	RetryAfter string `json:"retry_after"`
	// Names: it hits what asks for people's names, in place of what is sent.
	Names bool `json:"names"`

	wait time.Duration // Hang or RetryAfter
}

// check makes sense of a fault that somebody asked for.
func (f *fault) check(known func(string) bool) error {
	if f.Times == nil {
		one := 1
		f.Times = &one
	}
	kinds := 0
	for _, given := range []bool{f.Status != 0, f.Hang != "", f.Drop} {
		if given {
			kinds++
		}
	}
	switch {
	case f.Channel == "":
		return errors.New("channel is missing")
	case !known(f.Channel):
		return fmt.Errorf("channel %q is none of this desk's", f.Channel)
	case *f.Times < 1:
		return fmt.Errorf("times is %d, must be 1 or more", *f.Times)
	case kinds != 1:
		return errors.New("name exactly one of status, hang and drop_after_accept")
	case f.Status != 0 && (f.Status < 400 || f.Status > 599):
		return fmt.Errorf("status is %d, must be 400 to 599", f.Status)
	case f.RetryAfter != "" && f.Status == 0:
		return errors.New("retry_after goes with status")
	}
	for name, text := range map[string]string{"hang": f.Hang, "retry_after": f.RetryAfter} {
		if text == "" {
			continue
		}
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 || d > time.Hour {
			return fmt.Errorf("%s is %q, must be a duration such as 2s, at most 1h", name, text)
		}
		f.wait = d
	}
	return nil
}

// faults are those that wait to happen, in the order they were asked for.
type faults struct {
	mu   sync.Mutex
	list []*fault
}

func (fs *faults) add(f *fault) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.list = append(fs.list, f)
}

// next is the fault of a call, if it is to have one: only calls that send do, or
// where that is wanted those that ask for names.
func (fs *faults) next(name, method string, asking bool) (fault, bool) {
	if method != http.MethodPost && !asking {
		return fault{}, false
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	i := slices.IndexFunc(fs.list, func(f *fault) bool { return f.Channel == name && f.Names == asking })
	if i < 0 {
		return fault{}, false
	}
	f := *fs.list[i]
	if *fs.list[i].Times--; *fs.list[i].Times == 0 {
		fs.list = slices.Delete(fs.list, i, i+1)
	}
	return f, true
}

// answer is the refusal, with the headers by which the platform says how long.
func (f fault) answer(at time.Time) channel.CallAnswer {
	at = at.UTC().Truncate(time.Second)
	header := http.Header{"Content-Type": {"application/json"}, "Date": {at.Format(http.TimeFormat)}}
	if f.wait > 0 {
		seconds := int64(math.Ceil(f.wait.Seconds()))
		if f.Channel == "x" {
			header.Set("X-Rate-Limit-Remaining", "0")
			header.Set("X-Rate-Limit-Reset", strconv.FormatInt(at.Unix()+seconds, 10))
		} else {
			header.Set("Retry-After", strconv.FormatInt(seconds, 10))
		}
	}
	body := fmt.Sprintf(`{"title":%q,"status":%d,"detail":"a fault that was asked for at /local/faults"}`, http.StatusText(f.Status), f.Status)
	return channel.CallAnswer{Status: f.Status, Header: header, Body: []byte(body)}
}
