package local_test

import (
	"bufio"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// process is the operator's command, running a desk.
type process struct {
	cmd *exec.Cmd
	url string
}

func buildCommand(t testing.TB) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "ines")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", bin, "ines/infra/cmd/ines").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

func launch(t testing.TB, bin, dir string, more ...string) process {
	t.Helper()
	cmd := exec.Command(bin, append([]string{"run", "--addr", "127.0.0.1:0", "--data", dir, "--desk", deskFile}, more...)...)
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	url, ready := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if err != nil || !ready {
		_ = cmd.Process.Kill()
		t.Fatalf("the first line is %q, %v", line, err)
	}
	return process{cmd, url}
}

// Kill -9 in the middle of the load, again and again: whatever was acknowledged is
// filed exactly once, and every item has its outcome.
func TestKill9(t *testing.T) {
	if testing.Short() {
		kill9(t, 3, 150)
	} else {
		kill9(t, 5, 400)
	}
}

// kill9 runs the desk with these arguments more.
func kill9(t *testing.T, rounds int, perRound int64, more ...string) {
	const connections, people = 16, 40
	bin, dir := buildCommand(t), t.TempDir()
	begun := time.Now()
	var (
		mu       sync.Mutex
		acked    = map[string]bool{}
		doubtful []said // posted, and the answer never came
		number   atomic.Int64
	)
	next := func() said {
		mu.Lock()
		defer mu.Unlock()
		if n := len(doubtful); n > 0 && n%2 == 0 { // some are repeated as platforms do
			s := doubtful[n-1]
			doubtful = doubtful[:n-1]
			return s
		}
		n := int(number.Add(1))
		who := num(n % people)
		return said{"northline-app", "m" + num(n), "member-" + who, "chat-" + who, "sentence " + num(n) + ".", begun.Add(time.Duration(n) * time.Millisecond)}
	}
	for range rounds {
		p := launch(t, bin, dir, more...)
		d := talkTo(t, p.url)
		var got atomic.Int64
		var wg sync.WaitGroup
		for range connections {
			wg.Go(func() {
				for {
					s := next()
					status, err := d.post(t.Context(), d.deliveryOf(s))
					mu.Lock()
					if status == http.StatusOK { // the answer's first line is the acknowledgement
						acked[s.text] = true
					} else {
						doubtful = append(doubtful, s)
					}
					mu.Unlock()
					if err != nil || status != http.StatusOK {
						return
					}
					if got.Add(1) == perRound {
						if err := p.cmd.Process.Kill(); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		wg.Wait()
		d.http.CloseIdleConnections()
		_ = p.cmd.Wait() // killed
		if n := got.Load(); n < perRound {
			t.Fatalf("the desk stopped by itself after %d webhooks", n)
		}
	}

	p := launch(t, bin, dir, more...)
	d := talkTo(t, p.url)
	d.settle()
	o := d.balanced()
	if o.Outcomes["filed"]+o.Outcomes["duplicate"] != o.Items {
		t.Errorf("outcomes: %v", o.Outcomes)
	}
	filed := map[string]int{}
	cases := d.cases()
	for _, c := range cases {
		for _, text := range texts(d.timeline(c.ID)) {
			filed[text]++
		}
	}
	if len(cases) != people {
		t.Errorf("%d cases, want one for each of %d people", len(cases), people)
	}
	for text := range acked {
		if filed[text] != 1 {
			t.Errorf("%q was acknowledged and is filed %d times", text, filed[text])
		}
	}
	for text, n := range filed {
		if n != 1 {
			t.Errorf("%q is filed %d times", text, n)
		}
	}
	if len(filed) != o.Outcomes["filed"] {
		t.Errorf("%d messages are in timelines, %d are counted as filed", len(filed), o.Outcomes["filed"])
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("SIGTERM: %v, want a clean end", err)
	}
}

// One folder is one desk's: a second process is told who has it.
func TestSecondProcessIsRefused(t *testing.T) {
	bin, dir := buildCommand(t), t.TempDir()
	p := launch(t, bin, dir)
	out, err := exec.Command(bin, "run", "--addr", "127.0.0.1:0", "--data", dir, "--desk", deskFile).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "in use by another process") || !strings.Contains(string(out), num(p.cmd.Process.Pid)) {
		t.Errorf("%v: %s", err, out)
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Error(err)
	}
}
