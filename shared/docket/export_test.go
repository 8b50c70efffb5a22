package docket

import (
	"strconv"

	"ines/shared/casework"
)

// The tests are in another package, because dockettest imports this one. These are
// the insides that they look at.
var (
	CasePartition = casePartition
	DecodeView    = decodeView
	SheetKey      = sheetKey
	CounterKey    = counterKey
	ViewKey       = viewKey
)

const (
	SnapPrefix   = snapPrefix
	MaxUnsettled = maxUnsettled
)

// Forget makes the register one of a process that has seen nothing yet.
func (d *Docket) Forget() {
	d.recent, d.filed, d.settled = newLately[*casework.Case](recentCases), newLately[*filed](filedCases), newLately[int64](settledCases)
}

// PlaceOf is a cursor of the filter's list that stands in any phase.
func PlaceOf(f Filter, p int) string { return place{Of: f.hash(), Phase: phase(p)}.String() }

// Shed gives a register memories of so many items each, oldest first, lets go of
// all but most, and returns what is left.
func (d *Docket) Shed(most int64, lens ...int64) (left []int64) {
	d.filed = newLately[*filed](filedCases)
	for i, n := range lens {
		f := &filed{}
		f.len.Store(n)
		d.filed.set(strconv.Itoa(i), f)
	}
	d.filed.shed(most, (*filed).items)
	for e := d.filed.used.Back(); e != nil; e = e.Prev() {
		left = append(left, e.Value.(*kept[*filed]).value.items())
	}
	return left
}
