package local

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// In a storm whoever works behind the queues waits a moment, and only then.
func TestFrontDoor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f frontDoor
		took := time.Duration(0)
		waited := func(ctx context.Context) time.Duration {
			start := time.Now()
			f.stepAside(ctx, took)
			return time.Since(start)
		}
		for range crowd - 1 {
			f.enter()
		}
		if d := waited(t.Context()); d != 0 {
			t.Errorf("stepped aside for %v though there is no crowd", d)
		}
		f.enter()
		if d := waited(t.Context()); d != aside {
			t.Errorf("stepped aside for %v, want %v", d, aside)
		}
		took = 30 * time.Millisecond
		if d := waited(t.Context()); d != rests*took {
			t.Errorf("stepped aside for %v after a batch of %v, want %v", d, took, rests*took)
		}
		time.AfterFunc(70*time.Millisecond, f.leave)
		if d := waited(t.Context()); d != 3*aside {
			t.Errorf("went on after %v, the storm was over after 70ms", d)
		}
		f.enter()
		over, cancel := context.WithCancel(t.Context())
		cancel()
		if d := waited(over); d != 0 {
			t.Errorf("waited %v after being told to stop", d)
		}
		f.leave()
		if d := waited(t.Context()); d != 0 {
			t.Errorf("stepped aside for %v after the crowd had gone", d)
		}
	})
}

// A call that hangs is no activity; time travel shortens it, and it is activity
// again before anybody can see it end.
func TestHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := &activity{}
		hs := hangs{wall: time.Now, busy: busy}
		busy.begin()
		ended := make(chan error, 1)
		start := time.Now()
		go func() { ended <- hs.hang(t.Context(), time.Minute) }()
		synctest.Wait()
		if running, _, _ := busy.state(); running != 0 {
			t.Errorf("%d running while the call hangs", running)
		}
		hs.pass(20 * time.Second)
		if left, any := hs.next(); !any || left != 40*time.Second {
			t.Errorf("%v left, %v", left, any)
		}
		if err := <-ended; err == nil || time.Since(start) != 40*time.Second {
			t.Errorf("ended after %v with %v", time.Since(start), err)
		}
		if running, _, _ := busy.state(); running != 1 {
			t.Errorf("%d running after the call", running)
		}

		go func() { ended <- hs.hang(t.Context(), time.Hour) }()
		synctest.Wait()
		hs.pass(2 * time.Hour)
		if running, _, _ := busy.state(); running != 1 {
			t.Errorf("%d running right after time has passed", running)
		}
		if err := <-ended; err == nil {
			t.Error("a call that hung has an answer")
		}

		ctx, cancel := context.WithCancel(t.Context())
		go func() { ended <- hs.hang(ctx, time.Hour) }()
		synctest.Wait()
		cancel()
		if err := <-ended; err != context.Canceled {
			t.Errorf("gave up with %v", err)
		}
		if running, _, _ := busy.state(); running != 1 {
			t.Errorf("%d running after giving up", running)
		}
	})
}
