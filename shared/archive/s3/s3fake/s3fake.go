// Package s3fake stands in for Amazon S3 in tests: putting, getting, deleting and listing
// objects of one bucket, addressed by path, in memory, and getting what lies in others. Tests of the S3 driver and of
// what is built on it import it.
package s3fake

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"ines/shared/aws/awstest"
)

// Bucket is the one that may be written to.
const Bucket = "archive"

// Fake is the service.
type Fake struct {
	awstest.Faults
	URL string

	mu      sync.Mutex
	objects map[string][]byte
	// Cut makes answers of GetObject break off after so many bytes, for the number
	// of times that it says.
	cutAt, cutTimes int
	// deposits are other buckets' objects, by bucket and key.
	deposits map[string]deposit
	owner    string // of all buckets; "" = nobody asks
}

type deposit struct {
	content []byte
	header  map[string]string
}

// New starts the service with an empty bucket.
func New(t testing.TB) *Fake {
	t.Helper()
	f := &Fake{objects: map[string][]byte{}}
	f.XML = true
	server := httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(server.Close)
	f.URL = server.URL
	return f
}

// Cut makes the next answers of GetObject break off after so many bytes.
func (f *Fake) Cut(at, times int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cutAt, f.cutTimes = at, times
}

// Set puts an object there, whatever it is.
func (f *Fake) Set(key string, content []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.objects[key] = content
}

// Deposit lays an object into a bucket of others, with headers that it is given out
// with.
func (f *Fake) Deposit(bucket, key string, content []byte, header map[string]string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.deposits == nil {
		f.deposits = map[string]deposit{}
	}
	f.deposits[bucket+"/"+key] = deposit{content, header}
}

// Own makes an account the buckets' owner: who expects another one is refused.
func (f *Fake) Own(account string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.owner = account
}

// Objects are all keys with their contents.
func (f *Fake) Objects() map[string][]byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := map[string][]byte{}
	for key, content := range f.objects {
		out[key] = slices.Clone(content)
	}
	return out
}

func (f *Fake) serve(w http.ResponseWriter, r *http.Request) {
	key, ours := strings.CutPrefix(r.URL.Path, "/"+Bucket+"/")
	if !ours {
		f.Serve(w, r, "GetObject", func(w http.ResponseWriter, _ []byte, _ awstest.Fault) { f.give(w, r) })
		return
	}
	operation := map[string]string{http.MethodPut: "PutObject", http.MethodGet: "GetObject", http.MethodDelete: "DeleteObject"}[r.Method]
	if key == "" && r.Method == http.MethodGet {
		operation = "ListObjectsV2"
	}
	f.Serve(w, r, operation, func(w http.ResponseWriter, body []byte, _ awstest.Fault) {
		sum := sha256.Sum256(body)
		if r.Header.Get("X-Amz-Content-Sha256") != hex.EncodeToString(sum[:]) {
			refuse(w, 400, "XAmzContentSHA256Mismatch")
			return
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		switch operation {
		case "PutObject":
			if r.Header.Get("X-Amz-Server-Side-Encryption") == "" {
				refuse(w, 403, "AccessDenied") // as a strict bucket policy does
				return
			}
			f.objects[key] = body
		case "GetObject":
			f.get(w, key)
		case "DeleteObject":
			delete(f.objects, key)
			w.WriteHeader(http.StatusNoContent)
		case "ListObjectsV2":
			f.list(w, r)
		default:
			refuse(w, 405, "MethodNotAllowed")
		}
	})
}

// give answers for the buckets of others.
func (f *Fake) give(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	there := false
	for at := range f.deposits {
		there = there || strings.HasPrefix(at, bucket+"/")
	}
	d, ok := f.deposits[bucket+"/"+key]
	switch expected := r.Header.Get("X-Amz-Expected-Bucket-Owner"); {
	case !there || r.Method != http.MethodGet:
		refuse(w, 404, "NoSuchBucket")
	case expected != "" && f.owner != "" && expected != f.owner:
		refuse(w, 403, "AccessDenied")
	case !ok:
		refuse(w, 404, "NoSuchKey")
	default:
		for name, v := range d.header {
			w.Header().Set(name, v)
		}
		f.write(w, d.content)
	}
}

func (f *Fake) get(w http.ResponseWriter, key string) {
	content, ok := f.objects[key]
	if !ok {
		refuse(w, 404, "NoSuchKey")
		return
	}
	f.write(w, content)
}

func (f *Fake) write(w http.ResponseWriter, content []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	if f.cutTimes > 0 && f.cutAt < len(content) {
		f.cutTimes--
		_, _ = w.Write(content[:f.cutAt])
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(content)
}

func (f *Fake) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	after, most := q.Get("start-after"), 1000
	if token := q.Get("continuation-token"); token != "" {
		after = strings.TrimPrefix(token, "after ")
	}
	if n, err := strconv.Atoi(q.Get("max-keys")); err == nil {
		most = n
	}
	type object struct{ Key string }
	var answer struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		IsTruncated           bool
		Contents              []object
		NextContinuationToken string `xml:",omitempty"`
	}
	var keys []string
	for key := range f.objects {
		if key > after {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		if len(answer.Contents) == most {
			answer.IsTruncated, answer.NextContinuationToken = true, "after "+answer.Contents[most-1].Key
			break
		}
		answer.Contents = append(answer.Contents, object{key})
	}
	text, err := xml.Marshal(answer)
	if err != nil {
		panic(err)
	}
	_, _ = w.Write(text)
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	_, _ = w.Write([]byte("<Error><Code>" + code + "</Code><Message>made up</Message></Error>"))
}
