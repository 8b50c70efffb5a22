// Package sqsfake stands in for Amazon SQS in tests: its JSON protocol, its limits,
// groups, deduplication and batches of which a part fails, in memory. Tests of the
// SQS driver and of what is built on it import it.
package sqsfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ines/shared/aws/awstest"
)

// Message is one in a queue.
type Message struct {
	Body, Group, Dedupe string
	Delay               int // seconds
	ID, Receipt         string
	Taken               bool
	Visibility          int // what the last ChangeMessageVisibility said, -1: none did
}

// Fake is the service.
type Fake struct {
	awstest.Faults
	URL string // the service's address

	mu     sync.Mutex
	queues map[string][]*Message
	known  map[string]time.Time // dedupe ids
	number int
	now    func() time.Time
}

// New starts a service that has queues of these names.
func New(t testing.TB, names ...string) *Fake {
	t.Helper()
	f := &Fake{queues: map[string][]*Message{}, known: map[string]time.Time{}, now: time.Now}
	for _, name := range names {
		f.queues[name] = nil
	}
	server := httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(server.Close)
	f.URL = server.URL
	return f
}

// Queue is a queue's URL.
func (f *Fake) Queue(name string) string { return f.URL + "/000000000000/" + name }

// URLs are those of all queues.
func (f *Fake) URLs() map[string]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	urls := map[string]string{}
	for name := range f.queues {
		urls[name] = f.Queue(name)
	}
	return urls
}

// Put adds a message to a queue.
func (f *Fake) Put(name string, m Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.add(name, m)
}

// Take empties a queue.
func (f *Fake) Take(name string) []Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []Message
	for _, m := range f.queues[name] {
		out = append(out, *m)
	}
	f.queues[name] = nil
	return out
}

// Messages looks into a queue.
func (f *Fake) Messages(name string) []Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []Message
	for _, m := range f.queues[name] {
		out = append(out, *m)
	}
	return out
}

func (f *Fake) add(name string, m Message) string {
	f.number++
	m.ID, m.Receipt, m.Visibility = fmt.Sprintf("m-%d", f.number), fmt.Sprintf("receipt-%d", f.number), -1
	f.queues[name] = append(f.queues[name], &m)
	return m.ID
}

type entry struct {
	Id, MessageBody, MessageGroupId, MessageDeduplicationId, ReceiptHandle string
	DelaySeconds                                                           int
}

type request struct {
	QueueUrl, QueueName, ReceiptHandle     string
	Entries                                []entry
	VisibilityTimeout, MaxNumberOfMessages int
	WaitTimeSeconds                        int
}

type failed struct {
	Id, Code, Message string
	SenderFault       bool
}

func (f *Fake) serve(w http.ResponseWriter, r *http.Request) {
	operation, ours := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS.")
	if !ours || r.Header.Get("Content-Type") != "application/x-amz-json-1.0" {
		awstest.Refuse(w, 400, "InvalidAction", "no such protocol")
		return
	}
	f.Serve(w, r, operation, func(w http.ResponseWriter, body []byte, fault awstest.Fault) {
		var in request
		if err := json.Unmarshal(body, &in); err != nil {
			awstest.Refuse(w, 400, "SerializationException", err.Error())
			return
		}
		name := in.QueueUrl[strings.LastIndexByte(in.QueueUrl, '/')+1:]
		if operation == "GetQueueUrl" {
			name = in.QueueName
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if _, ok := f.queues[name]; !ok {
			awstest.Refuse(w, 400, "QueueDoesNotExist", "The specified queue does not exist.")
			return
		}
		switch operation {
		case "GetQueueUrl":
			awstest.JSON(w, map[string]string{"QueueUrl": f.Queue(name)})
		case "SendMessageBatch":
			f.send(w, name, in, fault)
		case "ReceiveMessage":
			f.receive(w, name, in)
		case "DeleteMessageBatch":
			f.delete(w, name, in)
		case "ChangeMessageVisibility":
			f.change(w, name, in)
		case "GetQueueAttributes":
			f.count(w, name)
		default:
			awstest.Refuse(w, 400, "InvalidAction", operation)
		}
	})
}

func (f *Fake) send(w http.ResponseWriter, name string, in request, fault awstest.Fault) {
	fifo := strings.HasSuffix(name, ".fifo")
	size := 0
	for _, e := range in.Entries {
		size += len(e.MessageBody)
	}
	switch {
	case len(in.Entries) == 0 || len(in.Entries) > 10:
		awstest.Refuse(w, 400, "TooManyEntriesInBatchRequest", fmt.Sprint(len(in.Entries)))
		return
	case size > 1<<20:
		awstest.Refuse(w, 400, "BatchRequestTooLong", fmt.Sprint(size))
		return
	}
	var answer struct {
		Successful []map[string]string
		Failed     []failed
	}
	for _, e := range in.Entries {
		if bad := wrong(e, fifo); bad != "" {
			answer.Failed = append(answer.Failed, failed{e.Id, "InvalidParameterValue", bad, true})
			continue
		}
		if slices.Contains(fault.Entries, e.MessageBody) {
			code := "InternalError"
			if fault.Sender {
				code = "InvalidMessageContents"
			}
			answer.Failed = append(answer.Failed, failed{e.Id, code, "injected", fault.Sender})
			continue
		}
		id := "m-0"
		known := name + " " + e.MessageGroupId + " " + e.MessageDeduplicationId
		if at, ok := f.known[known]; !fifo || !ok || f.now().Sub(at) > 5*time.Minute {
			f.known[known] = f.now()
			id = f.add(name, Message{Body: e.MessageBody, Group: e.MessageGroupId, Dedupe: e.MessageDeduplicationId, Delay: e.DelaySeconds})
		}
		answer.Successful = append(answer.Successful, map[string]string{"Id": e.Id, "MessageId": id})
	}
	awstest.JSON(w, answer)
}

// wrong is what SQS finds wrong with an entry.
func wrong(e entry, fifo bool) string {
	id := func(s string) bool {
		return len(s) <= 128 && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
	}
	switch {
	case e.MessageBody == "":
		return "the body is empty"
	case strings.ContainsFunc(e.MessageBody, func(r rune) bool {
		return r < ' ' && !strings.ContainsRune("\t\n\r", r) || r == 0xFFFE || r == 0xFFFF
	}):
		return "invalid characters"
	case !id(e.MessageGroupId) || !id(e.MessageDeduplicationId):
		return "a group or deduplication id"
	case fifo && (e.MessageGroupId == "" || e.MessageDeduplicationId == "" || e.DelaySeconds != 0):
		return "a FIFO queue's message needs group and deduplication id and no delay"
	case !fifo && e.MessageDeduplicationId != "":
		return "a standard queue has no deduplication ids"
	case e.DelaySeconds < 0 || e.DelaySeconds > 900:
		return "the delay"
	}
	return ""
}

func (f *Fake) receive(w http.ResponseWriter, name string, in request) {
	type received struct {
		MessageId, ReceiptHandle, Body string
		Attributes                     map[string]string
	}
	var answer struct{ Messages []received }
	for _, m := range f.queues[name] {
		// Who doesn't wait asks some servers only: here those that have nothing.
		if m.Taken || len(answer.Messages) == in.MaxNumberOfMessages || in.WaitTimeSeconds == 0 {
			continue
		}
		m.Taken = true
		a := map[string]string{"ApproximateReceiveCount": "1", "SentTimestamp": strconv.FormatInt(f.now().UnixMilli(), 10), "SequenceNumber": m.ID}
		if m.Group != "" {
			a["MessageGroupId"] = m.Group
		}
		if m.Dedupe != "" {
			a["MessageDeduplicationId"] = m.Dedupe
		}
		answer.Messages = append(answer.Messages, received{m.ID, m.Receipt, m.Body, a})
	}
	awstest.JSON(w, answer)
}

func (f *Fake) delete(w http.ResponseWriter, name string, in request) {
	var answer struct {
		Successful []map[string]string
		Failed     []failed
	}
	for _, e := range in.Entries {
		before := len(f.queues[name])
		f.queues[name] = slices.DeleteFunc(f.queues[name], func(m *Message) bool { return m.Receipt == e.ReceiptHandle })
		if len(f.queues[name]) == before {
			answer.Failed = append(answer.Failed, failed{e.Id, "ReceiptHandleIsInvalid", "", true})
			continue
		}
		answer.Successful = append(answer.Successful, map[string]string{"Id": e.Id})
	}
	awstest.JSON(w, answer)
}

func (f *Fake) change(w http.ResponseWriter, name string, in request) {
	for _, m := range f.queues[name] {
		if m.Receipt == in.ReceiptHandle {
			m.Visibility = in.VisibilityTimeout
			awstest.JSON(w, struct{}{})
			return
		}
	}
	awstest.Refuse(w, 400, "MessageNotInflight", "")
}

func (f *Fake) count(w http.ResponseWriter, name string) {
	visible, hidden := 0, 0
	for _, m := range f.queues[name] {
		if m.Taken {
			hidden++
		} else {
			visible++
		}
	}
	awstest.JSON(w, map[string]any{"Attributes": map[string]string{"ApproximateNumberOfMessages": strconv.Itoa(visible),
		"ApproximateNumberOfMessagesNotVisible": strconv.Itoa(hidden), "ApproximateNumberOfMessagesDelayed": "0"}})
}
