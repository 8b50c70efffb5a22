//go:build !onlygo

package bootstraptest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// runtime is a Lambda Runtime API for one process.
type runtime struct {
	server  *httptest.Server
	events  chan invocation
	answers chan answer
	asked   chan struct{} // closed when the first event is asked for
	once    sync.Once
	quit    chan struct{}
	number  int
}

type invocation struct {
	id    string
	event []byte
}

// answer is what a function says about an invocation; kind is response or error.
type answer struct {
	id, kind string
	body     []byte
}

// patience bounds every wait for a process, so that a dead one fails its test; a slow
// machine has enough of it.
const patience = 5 * time.Minute

func newRuntime(t testing.TB) *runtime {
	t.Helper()
	r := &runtime{events: make(chan invocation), answers: make(chan answer, 10), asked: make(chan struct{}), quit: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", r.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/{kind}", func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(http.StatusAccepted)
		r.answers <- answer{req.PathValue("id"), req.PathValue("kind"), body}
	})
	mux.HandleFunc("POST /2020-01-01/extension/register", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Lambda-Extension-Identifier", "extension-1")
	})
	mux.HandleFunc("GET /2020-01-01/extension/event/next", func(_ http.ResponseWriter, req *http.Request) {
		select {
		case <-req.Context().Done():
		case <-r.quit:
		}
	})
	r.server = httptest.NewServer(mux)
	t.Cleanup(func() {
		close(r.quit)
		r.server.Close()
	})
	return r
}

func (r *runtime) next(w http.ResponseWriter, req *http.Request) {
	r.once.Do(func() { close(r.asked) })
	select {
	case in := <-r.events:
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", in.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(patience).UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-1:123456789012:function:ines-test")
		_, _ = w.Write(in.event)
	case <-req.Context().Done():
	case <-r.quit:
	}
}

// process is a bootstrap at work.
type process struct {
	*runtime
	name string
	cmd  *exec.Cmd
	log  *lines
	done chan struct{} // closed when it has ended
	took time.Duration // from exec to asking for the first event
}

// start runs a bootstrap until it asks for its first event.
func start(t testing.TB, binary, name string, env map[string]string) *process {
	t.Helper()
	p := launch(t, binary, name, env)
	begun := time.Now()
	select {
	case <-p.asked:
		p.took = time.Since(begun)
	case <-p.done:
		t.Fatalf("%s ended before it asked for an event:\n%s", name, p.log)
	case <-time.After(patience):
		t.Fatalf("%s did not ask for an event:\n%s", name, p.log)
	}
	return p
}

func launch(t testing.TB, binary, name string, env map[string]string) *process {
	t.Helper()
	p := &process{runtime: newRuntime(t), name: name, log: &lines{}, done: make(chan struct{})}
	p.cmd = exec.Command(binary)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	p.cmd.Env = []string{"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(p.server.URL, "http://")}
	for name, v := range env {
		p.cmd.Env = append(p.cmd.Env, name+"="+v)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // its exit code is looked at by end
		close(p.done)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // most have ended
		<-p.done
	})
	return p
}

// invoke gives the process an event and returns its answer.
func (p *process) invoke(t testing.TB, event []byte) answer {
	t.Helper()
	p.number++
	id := fmt.Sprintf("request-%d", p.number)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	select {
	case p.events <- invocation{id, event}:
	case <-p.done:
		t.Fatalf("%s has ended:\n%s", p.name, p.log)
	case <-ctx.Done():
		t.Fatalf("%s does not ask for events:\n%s", p.name, p.log)
	}
	select {
	case a := <-p.answers:
		if a.id != id {
			t.Fatalf("%s answered %s, was asked %s", p.name, a.id, id)
		}
		return a
	case <-p.done:
		t.Fatalf("%s ended at work:\n%s", p.name, p.log)
	case <-ctx.Done():
		t.Fatalf("%s did not answer:\n%s", p.name, p.log)
	}
	panic("not reached")
}

// call is invoke with the response decoded.
func (p *process) call(t testing.TB, event any, response any) {
	t.Helper()
	raw, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	a := p.invoke(t, raw)
	if a.kind != "response" {
		t.Fatalf("%s answered with an %s: %s\n%s", p.name, a.kind, a.body, p.log)
	}
	if err := json.Unmarshal(a.body, response); err != nil {
		t.Fatalf("%s answered %s: %v", p.name, a.body, err)
	}
}

// end tells the process to and returns its exit code.
func (p *process) end(t testing.TB) int {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	return p.wait(t)
}

func (p *process) wait(t testing.TB) int {
	t.Helper()
	select {
	case <-p.done:
	case <-time.After(patience):
		t.Fatalf("%s goes on after SIGTERM:\n%s", p.name, p.log)
	}
	return p.cmd.ProcessState.ExitCode()
}

// lines is a process's output.
type lines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// json are the lines that are JSON objects.
func (l *lines) json() (found []map[string]any) {
	for s := bufio.NewScanner(strings.NewReader(l.String())); s.Scan(); {
		var line map[string]any
		if json.Unmarshal(s.Bytes(), &line) == nil {
			found = append(found, line)
		}
	}
	return found
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
