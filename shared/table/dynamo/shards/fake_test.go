package shards

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"ines/shared/aws"
	"ines/shared/table/dynamo/dynamolocal"
)

// fake is a stream that answers as DynamoDB Streams does, with what DynamoDB Local
// never has: shards that split and merge, iterators that expire, records that were
// trimmed. Records are sort keys; their numbers are their places over all shards.
type fake struct {
	t      *testing.T
	arn    string
	shards []*fakeShard
	refuse map[string]string // operation → code, once
	pages  int               // shards in a page of DescribeStream
}

type fakeShard struct {
	id, parent string
	records    []fakeRecord
	closed     bool
	trimmed    int // numbers up to it are gone
}

type fakeRecord struct {
	number int
	sort   string
}

func newFake(t *testing.T, shards ...*fakeShard) (*fake, aws.Config) {
	f := &fake{t: t, arn: "arn:aws:dynamodb:eu-west-1:0:table/ines/stream/1", shards: shards, refuse: map[string]string{}, pages: 2}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	cfg := dynamolocal.Config(server.URL)
	cfg.Attempts = 1
	return f, cfg
}

func (f *fake) shard(id string) *fakeShard {
	for _, s := range f.shards {
		if s.id == id {
			return s
		}
	}
	f.t.Errorf("there is no shard %q", id)
	return &fakeShard{}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ShardID  string `json:"ShardId"`
		Type     string `json:"ShardIteratorType"`
		Sequence string `json:"SequenceNumber"`
		Iterator string `json:"ShardIterator"`
		Limit    int
		After    string `json:"ExclusiveStartShardId"`
	}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &in)
	}
	if err != nil {
		f.t.Error(err)
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	if code := f.refuse[operation]; code != "" {
		delete(f.refuse, operation)
		refused(w, code)
		return
	}
	switch operation {
	case "DescribeTable":
		answer(w, map[string]any{"Table": map[string]any{"LatestStreamArn": f.arn}})
	case "DescribeStream":
		answer(w, map[string]any{"StreamDescription": f.describe(in.After)})
	case "GetShardIterator":
		place := f.shard(in.ShardID).trimmed
		if in.Type == "AFTER_SEQUENCE_NUMBER" {
			n, err := strconv.Atoi(in.Sequence)
			if err != nil || n < place {
				refused(w, "TrimmedDataAccessException")
				return
			}
			place = n
		}
		answer(w, map[string]any{"ShardIterator": fmt.Sprintf("%s/%d", in.ShardID, place)})
	case "GetRecords":
		f.records(w, in.Iterator, in.Limit)
	}
}

func (f *fake) describe(after string) map[string]any {
	var list []map[string]any
	out := map[string]any{"StreamArn": f.arn}
	seen := after == ""
	for _, s := range f.shards {
		if !seen {
			seen = s.id == after
			continue
		}
		if len(list) == f.pages {
			out["LastEvaluatedShardId"] = list[len(list)-1]["ShardId"]
			break
		}
		one := map[string]any{"ShardId": s.id}
		if s.parent != "" {
			one["ParentShardId"] = s.parent
		}
		list = append(list, one)
	}
	out["Shards"] = list
	return out
}

func (f *fake) records(w http.ResponseWriter, iterator string, limit int) {
	id, text, _ := strings.Cut(iterator, "/")
	place, err := strconv.Atoi(text)
	if err != nil {
		f.t.Error(err)
	}
	s := f.shard(id)
	var list []map[string]any
	for _, r := range s.records {
		if r.number <= place || len(list) == limit {
			continue
		}
		key := map[string]any{"pk": map[string]any{"S": "case#1"}, "sk": map[string]any{"S": r.sort}}
		list = append(list, map[string]any{"eventID": "e" + strconv.Itoa(r.number), "eventName": "INSERT", "eventSource": "aws:dynamodb",
			"awsRegion": "eu-west-1", "eventVersion": "1.1", "dynamodb": map[string]any{"Keys": key, "NewImage": key,
				"ApproximateCreationDateTime": 1700000000, "SequenceNumber": strconv.Itoa(r.number), "StreamViewType": "NEW_IMAGE", "SizeBytes": 12}})
		place = r.number
	}
	out := map[string]any{"Records": list}
	if left := len(s.records) > 0 && s.records[len(s.records)-1].number > place; left || !s.closed {
		out["NextShardIterator"] = fmt.Sprintf("%s/%d", id, place)
	}
	answer(w, out)
}

func answer(w http.ResponseWriter, body any) { _ = json.NewEncoder(w).Encode(body) }

func refused(w http.ResponseWriter, code string) {
	w.WriteHeader(http.StatusBadRequest)
	answer(w, map[string]any{"__type": "com.amazonaws.dynamodb.v20120810#" + code, "message": "made up"})
}
