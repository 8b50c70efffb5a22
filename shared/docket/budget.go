package docket

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"ines/shared/table"
)

// Uses are kept a while longer than the day they were of.
const useLife = 3 * 24 * time.Hour

// Use takes one of the uses that something has on a day (of UTC), and reports
// whether one was left. Never more than the given number are taken, by however many
// at a time; when nearly all are gone, it may find none although some are left. A
// use is an item of its own, so that who takes one needs no right to read.
func (d *Docket) Use(ctx context.Context, what string, perDay int, now time.Time) (bool, error) {
	const tries = 8
	day := now.UTC().Format(time.DateOnly)
	start, step := rand.IntN(max(perDay, 1)), max(perDay/tries, 1)
	for i := range min(tries, perDay) {
		err := d.table.Write(ctx, table.Write{When: table.Absent, Item: table.Item{
			Key: useKey(what, day, (start+i*step)%perDay), Value: []byte("{}"), Seq: 1, Expires: now.Add(useLife)}})
		if err == nil {
			return true, nil
		}
		if !table.Conflicted(err) {
			return false, fmt.Errorf("the budget of %s: %w", what, err)
		}
	}
	return false, nil
}

func useKey(what, day string, n int) table.Key {
	return table.Key{Partition: "budget#" + what + "#" + day, Sort: strconv.Itoa(n)}
}
