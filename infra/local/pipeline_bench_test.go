package local_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"sync"
	"syscall"
	"testing"
	"time"

	"ines/infra/local"
)

// BenchmarkPipeline posts signed webhooks, each the start of a case, over 16
// connections to a desk on a real disk, and waits until all are filed: acked/s is
// how fast they were made durable, filed/s how fast they became cases, both while
// everything else was going on. cpu-µs/case is the processor's time that each took in
// all, the load's own included: on a machine that others use too it says more than the
// clock. The load comes from the same two cores.
func BenchmarkPipeline(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(local.GCPercent)) // as ines run does
	const connections, each = 16, 4000
	begun := time.Now()
	policy, secrets := sampleDesk(b)
	host, err := local.Open(local.Config{Data: b.TempDir(), Desk: policy, Secrets: secrets})
	if err != nil {
		b.Fatal(err)
	}
	opened := time.Since(begun)
	if err := host.Close(); err != nil {
		b.Fatal(err)
	}
	d, _ := serve(b, b.TempDir())
	target, err := url.Parse(d.url)
	if err != nil {
		b.Fatal(err)
	}
	var acking, filing, worked time.Duration
	total := 0
	for b.Loop() {
		b.StopTimer()
		requests := make([][]byte, each)
		for i := range requests {
			n := num(total + i)
			requests[i] = wire(target.Host, d.deliveryOf(said{"northline-app", "m" + n, "member-" + n, "chat-" + n,
				"My suitcase " + n + " did not come out at Lisbon, and the desk in the arrivals hall was closed. Where do I report it?", time.Now()}))
		}
		total += each
		b.StartTimer()
		start, before := time.Now(), processor(b)
		blast(b, target.Host, connections, requests)
		acking += time.Since(start)
		d.settle()
		filing += time.Since(start)
		worked += processor(b) - before
	}
	if o := d.balanced(); o.Outcomes["filed"] != total {
		b.Errorf("%d were acknowledged: %+v", total, o)
	}
	b.ReportMetric(float64(total)/acking.Seconds(), "acked/s")
	b.ReportMetric(float64(total)/filing.Seconds(), "filed/s")
	b.ReportMetric(float64(worked.Microseconds())/float64(total), "cpu-µs/case")
	b.ReportMetric(float64(opened.Microseconds())/1000, "open-ms")
	b.ReportMetric(0, "ns/op")
}

// processor is the time that this process has had of it.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// wire is a request as it goes over the connection: the load should cost as little
// as it can.
func wire(host string, w delivery) []byte {
	var buf bytes.Buffer
	fmt.Fprintf(&buf, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", w.path, host, len(w.body))
	for name, v := range w.header {
		fmt.Fprintf(&buf, "%s: %s\r\n", name, v)
	}
	buf.WriteString("\r\n")
	buf.Write(w.body)
	return buf.Bytes()
}

func blast(b *testing.B, host string, connections int, requests [][]byte) {
	b.Helper()
	work := make(chan []byte, len(requests))
	for _, r := range requests {
		work <- r
	}
	close(work)
	var wg sync.WaitGroup
	for range connections {
		wg.Go(func() {
			conn, err := net.Dial("tcp", host)
			if err != nil {
				b.Error(err)
				return
			}
			defer conn.Close()
			answers := bufio.NewReader(conn)
			for r := range work {
				if _, err := conn.Write(r); err != nil {
					b.Error(err)
					return
				}
				resp, err := http.ReadResponse(answers, nil)
				if err != nil || resp.StatusCode != http.StatusOK {
					b.Errorf("%v %+v", err, resp)
					return
				}
				if _, err := io.Copy(io.Discard, resp.Body); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}
