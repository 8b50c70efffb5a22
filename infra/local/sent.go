package local

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"ines/shared/channel"
	"ines/shared/sqlitefile"
)

// sentCall is one entry of GET /local/sent. Status is 0 where no answer came.
type sentCall struct {
	At      time.Time         `json:"at"`
	Channel string            `json:"channel"`
	Inbox   string            `json:"inbox"`
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	Status  int               `json:"status"`
}

// record keeps the calls that were made of platforms, in order.
type record struct {
	db     *sqlitefile.DB
	erased atomic.Int64 // how often somebody was taken out of it
}

var recordSchema = []string{`CREATE TABLE sent (
	n INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, channel TEXT NOT NULL, inbox TEXT NOT NULL,
	method TEXT NOT NULL, url TEXT NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL, status INTEGER NOT NULL,
	accepted INTEGER NOT NULL, answer BLOB NOT NULL)`,
	`ALTER TABLE sent ADD COLUMN asked INTEGER NOT NULL DEFAULT 0`}

func openRecord(ctx context.Context, db *sqlitefile.DB) (*record, error) {
	return &record{db: db}, db.Schema(ctx, "sent", recordSchema...)
}

// add keeps a call durably. accepted marks those that the emulated platform will
// remember. Of one that asks who somebody is the answer, a name, is not kept. began is
// what erased was when the call was made: if somebody was erased while it was under
// way, it may be about him, and only that it was made is kept.
func (r *record) add(ctx context.Context, name string, call channel.Call, accepted bool, began int64) error {
	asked := channel.IsAsking(ctx)
	if asked {
		call.Answer.Body = nil
	}
	headers, err := json.Marshal(masked(call.Header))
	if err != nil {
		return fmt.Errorf("record of a call: %w", err)
	}
	return r.db.Write(ctx, func(conn *sqlitefile.Conn) error {
		if r.erased.Load() != began {
			call.URL, headers, call.Body, call.Answer.Body = hostOf(call.URL), []byte("{}"), nil, nil
		}
		return sqlitefile.Exec(conn, `INSERT INTO sent (at, channel, inbox, method, url, headers, body, status, accepted, answer, asked)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, call.At.UnixMilli(), name, call.Inbox, call.Method, call.URL, string(headers),
			nonNil(call.Body), call.Answer.Status, accepted, nonNil(call.Answer.Body), asked)
	})
}

// hostOf is an address without what it says of anybody.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host + "/"
}

func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// all lists every call, oldest first: those that replies made, or those that asked for
// names.
func (r *record) all(ctx context.Context, asked bool) ([]sentCall, error) {
	list := []sentCall{}
	err := r.db.Read(ctx, func(conn *sqlitefile.Conn) error {
		return sqlitefile.Each(conn, "SELECT at, channel, inbox, method, url, headers, body, status FROM sent WHERE asked = ? ORDER BY n", func(row *sqlitefile.Stmt) error {
			c := sentCall{At: time.UnixMilli(row.ColumnInt64(0)).UTC(), Channel: row.ColumnText(1), Inbox: row.ColumnText(2), Method: row.ColumnText(3),
				URL: row.ColumnText(4), Body: row.ColumnText(6), Status: row.ColumnInt(7)}
			if err := json.Unmarshal([]byte(row.ColumnText(5)), &c.Headers); err != nil {
				return fmt.Errorf("headers of a recorded call: %w", err)
			}
			list = append(list, c)
			return nil
		}, asked)
	})
	return list, err
}

// accepted lists what an inbox's platform took, oldest first.
func (r *record) accepted(ctx context.Context, inbox string) ([]channel.Call, error) {
	var list []channel.Call
	err := r.db.Read(ctx, func(conn *sqlitefile.Conn) error {
		return sqlitefile.Each(conn, "SELECT at, method, url, body, status, answer FROM sent WHERE accepted AND inbox = ? ORDER BY n", func(row *sqlitefile.Stmt) error {
			list = append(list, channel.Call{At: time.UnixMilli(row.ColumnInt64(0)).UTC(), Inbox: inbox, Method: row.ColumnText(1), URL: row.ColumnText(2),
				Header: http.Header{}, Body: sqlitefile.Bytes(row, 3), Answer: channel.CallAnswer{Status: row.ColumnInt(4), Body: sqlitefile.Bytes(row, 5)}})
			return nil
		}, inbox)
	})
	return list, err
}

// masked are the headers without what opens anything; of an Authorization its
// scheme stays.
func masked(h http.Header) map[string]string {
	out := make(map[string]string, len(h))
	for name, values := range h {
		v := strings.Join(values, ", ")
		low := strings.ToLower(name)
		switch {
		case strings.HasSuffix(low, "authorization"):
			scheme, _, _ := strings.Cut(v, " ")
			v = scheme + " ***"
		case strings.Contains(low, "token"), strings.Contains(low, "api-key"), strings.Contains(low, "secret"), low == "cookie":
			v = "***"
		}
		out[name] = v
	}
	return out
}
