package object

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"strconv"
	"time"

	"ines/shared/archive"
	"ines/shared/pattern"
)

// Folders is the layout of the folders' names, for package time.
const Folders = "2006/01/02/15"

// Blobs is the folder of the bodies.
const Blobs = "blobs"

// ErrForeign is about a file that is none of the archive's.
var ErrForeign = errors.New("not an object of the archive")

var objectName = pattern.Late{Expr: `^\d{4}\.\d{3}-[0-9a-f]{32}(?:\+(\d{1,7})h)?\.ndjson\.gz$`}

// Overlaps reports whether an object may have records with from <= At < to, by the
// hours that its key names.
func Overlaps(key string, from, to time.Time) (bool, error) {
	parts := objectName.FindStringSubmatch(path.Base(key))
	if parts == nil {
		return false, ErrForeign
	}
	hour, err := time.Parse(Folders, path.Dir(key))
	if err != nil {
		return false, err
	}
	span := 0
	if parts[1] != "" {
		if span, err = strconv.Atoi(parts[1]); err != nil {
			return false, err
		}
	}
	return hour.Before(to) && hour.Add(time.Duration(span+1)*time.Hour).After(from), nil
}

// Bound is above the keys of all objects that begin at a time or earlier, and below
// those of the milliseconds after it.
func Bound(at time.Time) string { return at.UTC().Format(Folders + "/0405.000~") }

// Pick is the record with an id among some of a moment. What is wrong with those is an
// error only if it is not among them, else there is archive.ErrNotFound.
func Pick(records iter.Seq2[archive.Record, error], id string, at time.Time) (archive.Record, error) {
	var wrong []error
	for r, err := range records {
		switch {
		case err != nil:
			wrong = append(wrong, err)
		case r.ID == id:
			return r, nil
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return archive.Record{}, err
	}
	return archive.Record{}, fmt.Errorf("%w: record %q of %s", archive.ErrNotFound, id, at.UTC().Format(time.RFC3339))
}

// Records yields the records of an object with from <= At < to, until yield has
// enough: on is false then. What is wrong with the object comes after the records
// before the damage.
func Records(packed io.Reader, from, to time.Time, yield func(archive.Record, error) bool) (on bool, err error) {
	zip, err := gzip.NewReader(bufio.NewReader(packed))
	if err != nil {
		return true, err
	}
	lines := bufio.NewReaderSize(zip, 64<<10)
	for n := 1; ; n++ {
		text, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(text) == 0 {
			return true, nil
		}
		if err != nil {
			return true, fmt.Errorf("line %d: %w", n, errors.Join(io.ErrUnexpectedEOF, err))
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return true, fmt.Errorf("line %d: %w", n, err)
		}
		if l.At.Before(from) || !l.At.Before(to) {
			continue
		}
		if !yield(archive.Record{ID: l.ID, At: l.At, Data: l.Data}, nil) {
			return false, nil
		}
	}
}

// Sift parts an object's records into those that stay and those with from <= At < to
// that are picked. A damaged object is an error: nothing of it may be lost.
func Sift(packed io.Reader, from, to time.Time, picked func(archive.Record) bool) (stay []archive.Record, dropped int, err error) {
	_, err = Records(packed, time.Time{}, endOfTime, func(r archive.Record, _ error) bool {
		if !r.At.Before(from) && r.At.Before(to) && picked(r) {
			dropped++
			return true
		}
		stay = append(stay, r)
		return true
	})
	return stay, dropped, err
}

// endOfTime is later than any record.
var endOfTime = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
