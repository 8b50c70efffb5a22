package docket_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"ines/shared/docket"
	"ines/shared/docket/dockettest"
)

// BenchmarkFileNewCases is the cost of a message that opens a case, with 16 at a
// time sharing the file's commits.
func BenchmarkFileNewCases(b *testing.B) {
	bench := newBench(b, docket.DefaultSettings)
	var n atomic.Int64
	b.ReportAllocs()
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			m := dockettest.DM(fmt.Sprint(i), fmt.Sprint("customer-", i), "nobody answers your phone", morning)
			if err := bench.File(bench.ctx(), dockettest.Incoming(fmt.Sprint("e", i), m, complaint, morning)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "cases/s")
}

// BenchmarkFileLongCase is the cost of one more message in a case that has many:
// with snapshots it does not grow with the log.
func BenchmarkFileLongCase(b *testing.B) {
	for _, length := range []int{10, 1000} {
		b.Run(fmt.Sprint(length), func(b *testing.B) {
			bench := newBench(b, docket.DefaultSettings)
			file := func(i int) {
				at := morning.Add(time.Duration(i) * time.Second)
				bench.MustFile(bench.Deliver(dockettest.DM(fmt.Sprint(i), "leo", "again", at), complaint, at))
			}
			for i := range length {
				file(i)
			}
			b.ReportAllocs()
			i := length
			for b.Loop() {
				file(i)
				i++
			}
		})
	}
}
