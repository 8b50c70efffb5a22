// Package object says what the archive's files are named and what is in them, for
// a folder and a bucket alike, so that every tool reads both. The archive's drivers
// import it; it imports archive.
//
// An object is YYYY/MM/DD/HH/MMSS.mmm-<hash>.ndjson.gz, placed and ordered by its
// earliest record (UTC); "+<n>h" before the extension says that its latest record
// is n hours further on, so that it is found for a range that begins later. Each
// line is {"id":…,"at":…,"data":…}. Bodies lie in blobs/<aa>/<sha256>.
package object

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"ines/shared/archive"
	"ines/shared/pattern"
)

// Pack gives the records' object. The same records in the same order have the same
// key.
func Pack(records []archive.Record) (key string, packed []byte, err error) {
	lines, first, last, err := encode(records)
	if err != nil {
		return "", nil, err
	}
	key = objectKey(first, last, sha256.Sum256(lines))
	var b bytes.Buffer
	zip := zips.Get().(*gzip.Writer)
	defer zips.Put(zip)
	zip.Reset(&b)
	if _, err := zip.Write(lines); err != nil {
		return "", nil, fmt.Errorf("pack %s: %w", key, err)
	}
	if err := zip.Close(); err != nil {
		return "", nil, fmt.Errorf("pack %s: %w", key, err)
	}
	return key, b.Bytes(), nil
}

var zips = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}}

// line is a record in an object.
type line struct {
	ID   string          `json:"id"`
	At   time.Time       `json:"at"`
	Data json.RawMessage `json:"data"`
}

// encode writes the data as it is: encoding/json would reformat it.
func encode(records []archive.Record) (lines []byte, first, last time.Time, err error) {
	if len(records) == 0 {
		return nil, first, last, errors.New("no records")
	}
	for i, r := range records {
		switch {
		case r.At.Year() < 1970 || r.At.Year() > 9999:
			return nil, first, last, fmt.Errorf("record %q came at %v", r.ID, r.At)
		case bytes.IndexByte(r.Data, '\n') >= 0:
			return nil, first, last, fmt.Errorf("the data of record %q has line feeds", r.ID)
		case !json.Valid(r.Data):
			return nil, first, last, fmt.Errorf("the data of record %q is not JSON", r.ID)
		}
		if i == 0 || r.At.Before(first) {
			first = r.At
		}
		if i == 0 || r.At.After(last) {
			last = r.At
		}
		head, err := json.Marshal(struct {
			ID string    `json:"id"`
			At time.Time `json:"at"`
		}{r.ID, r.At.UTC()})
		if err != nil {
			return nil, first, last, fmt.Errorf("record %q: %w", r.ID, err)
		}
		lines = append(lines, head[:len(head)-1]...)
		lines = append(lines, `,"data":`...)
		lines = append(lines, r.Data...)
		lines = append(lines, '}', '\n')
	}
	return lines, first.UTC(), last.UTC(), nil
}

func objectKey(first, last time.Time, hash [sha256.Size]byte) string {
	span := ""
	if hours := last.Truncate(time.Hour).Sub(first.Truncate(time.Hour)) / time.Hour; hours > 0 {
		span = fmt.Sprintf("+%dh", hours)
	}
	return first.Format(Folders+"/0405.000-") + hex.EncodeToString(hash[:16]) + span + ".ndjson.gz"
}

// BlobKey is where a body lies.
func BlobKey(body []byte) string {
	sum := sha256.Sum256(body)
	name := hex.EncodeToString(sum[:])
	return "blobs/" + name[:2] + "/" + name
}

var blobName = pattern.Late{Expr: `^blobs/[0-9a-f]{2}/[0-9a-f]{64}$`}

// IsBlob reports whether a key is a body's: nothing else may be asked for as one.
func IsBlob(key string) bool { return blobName.MatchString(key) }
