package s3

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/archive"
	"ines/shared/archive/archivetest"
	"ines/shared/archive/dir"
	"ines/shared/archive/object"
	"ines/shared/archive/s3/s3fake"
	"ines/shared/aws"
	"ines/shared/aws/awstest"
)

func open(t testing.TB) (*Archive, *s3fake.Fake) {
	t.Helper()
	f := s3fake.New(t)
	a, err := Open(awstest.Config(t, f.URL), s3fake.Bucket)
	if err != nil {
		t.Fatal(err)
	}
	a.page = 3 // the suite's archives are small, and pages have to turn
	return a, f
}

func TestConformance(t *testing.T) {
	archivetest.Run(t, func(t testing.TB) archive.Archive {
		a, _ := open(t)
		return a
	})
}

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func record(id string, at time.Time) archive.Record {
	return archive.Record{ID: id, At: at, Data: fmt.Appendf(nil, `{"id":%q}`, id)}
}

func ids(t testing.TB, a archive.Archive, from, to time.Time) (got []string) {
	t.Helper()
	for r, err := range a.Read(t.Context(), from, to) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.ID)
	}
	return got
}

// TestSameFilesAsFolder: what the bucket holds is what the folder holds, byte for
// byte, so that either driver reads the other's.
func TestSameFilesAsFolder(t *testing.T) {
	a, f := open(t)
	root := t.TempDir()
	folder, err := dir.New(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []archive.Archive{a, folder} {
		for i := range 5 {
			if _, err := to.Append(t.Context(), record(fmt.Sprint(i), noon.Add(time.Duration(i)*time.Hour)), record(fmt.Sprint(i, "b"), noon.Add(time.Duration(i*2)*time.Hour))); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := to.Put(t.Context(), []byte("a body")); err != nil {
			t.Fatal(err)
		}
	}
	files := map[string][]byte{}
	err = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		key, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(key)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if objects := f.Objects(); !maps.EqualFunc(objects, files, slices.Equal) || len(files) != 6 {
		t.Errorf("objects %v\nfiles %v", slices.Sorted(maps.Keys(objects)), slices.Sorted(maps.Keys(files)))
	}
}

// TestFarApart: records that are weeks apart are found by any range.
func TestFarApart(t *testing.T) {
	a, f := open(t)
	var records []archive.Record
	for i := range 6 {
		records = append(records, record(fmt.Sprint(i), noon.AddDate(0, 0, 13*i)))
	}
	if _, err := a.Append(t.Context(), records...); err != nil {
		t.Fatal(err)
	}
	if n := len(f.Objects()); n != 3 {
		t.Errorf("%d objects, want 3", n)
	}
	for i, r := range records {
		if got := ids(t, a, r.At, r.At.Add(time.Second)); !slices.Equal(got, []string{fmt.Sprint(i)}) {
			t.Errorf("record %d: %v", i, got)
		}
	}
	// What lies before the range costs nothing.
	lists := f.Calls("ListObjectsV2")
	if got := ids(t, a, noon.AddDate(1, 0, 0), noon.AddDate(1, 0, 1)); got != nil || f.Calls("ListObjectsV2") != lists+1 {
		t.Errorf("%v in %d calls", got, f.Calls("ListObjectsV2")-lists)
	}
}

func TestFaults(t *testing.T) {
	for name, fault := range map[string]awstest.Fault{
		"slow down": {Status: 503, Code: "SlowDown"}, "broken": {Status: 500}, "denied": {Status: 403, Code: "AccessDenied"},
	} {
		a, f := open(t)
		key, err := a.Put(t.Context(), []byte("body"))
		if err != nil {
			t.Fatal(err)
		}
		f.Inject(fault)
		_, appending := a.Append(t.Context(), record("1", noon))
		_, putting := a.Put(t.Context(), []byte("other"))
		_, getting := a.Get(t.Context(), key)
		var reading error
		for _, reading = range a.Read(t.Context(), noon, noon.Add(time.Hour)) {
			break
		}
		for what, err := range map[string]error{"append": appending, "put": putting, "get": getting, "read": reading} {
			var refused *aws.Error
			if !errors.Is(err, archive.ErrUnavailable) || errors.As(err, &refused) {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
	}
}

// TestNoBucket: a bucket that is not there is no missing object.
func TestNoBucket(t *testing.T) {
	a, err := Open(awstest.Config(t, s3fake.New(t).URL), "elsewhere")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Get(t.Context(), object.BlobKey([]byte("body"))); !errors.Is(err, archive.ErrUnavailable) || !strings.Contains(err.Error(), "NoSuchBucket") {
		t.Errorf("got %v", err)
	}
}

func TestTemporary(t *testing.T) {
	a, f := open(t)
	f.Inject(awstest.Fault{Operation: "PutObject", Times: 2, Status: 503})
	f.Inject(awstest.Fault{Operation: "PutObject", Times: 1, Lost: true})
	f.Inject(awstest.Fault{Operation: "GetObject", Times: 3, Status: 500})
	if _, err := a.Append(t.Context(), record("1", noon), record("2", noon)); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, a, noon, noon.Add(time.Hour)); !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("%v, want both once", got)
	}
	key, err := a.Put(t.Context(), []byte(strings.Repeat("body ", 1000)))
	if err != nil {
		t.Fatal(err)
	}
	f.Cut(100, 2)
	if got, err := a.Get(t.Context(), key); err != nil || len(got) != 5000 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	f.Cut(10, 1)
	if got := ids(t, a, noon, noon.Add(time.Hour)); !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("%v, want both once", got)
	}
	f.Cut(100, 99)
	if _, err := a.Get(t.Context(), key); !errors.Is(err, archive.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestDamage(t *testing.T) {
	a, f := open(t)
	for i := range 3 {
		if _, err := a.Append(t.Context(), record(fmt.Sprint(i), noon.Add(time.Duration(i)*time.Minute))); err != nil {
			t.Fatal(err)
		}
	}
	keys := slices.Sorted(maps.Keys(f.Objects()))
	f.Set(keys[1], f.Objects()[keys[1]][:20])
	f.Set("2026/03/04/12/readme.md", []byte("foreign"))
	var got, problems []string
	for r, err := range a.Read(t.Context(), noon, noon.Add(time.Hour)) {
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		got = append(got, r.ID)
	}
	if !slices.Equal(got, []string{"0", "2"}) || len(problems) != 2 || !strings.Contains(problems[0], keys[1]) || !strings.Contains(problems[1], "readme.md") {
		t.Errorf("read %v, problems %q", got, problems)
	}
	key, err := a.Put(t.Context(), []byte("body"))
	if err != nil {
		t.Fatal(err)
	}
	f.Set(key, []byte("b0dy"))
	if _, err := a.Get(t.Context(), key); !errors.Is(err, archive.ErrUnavailable) {
		t.Errorf("got %v, want an error about the change", err)
	}
}

// TestFindReadsLittle: among many batches of the same hours it looks into one object,
// or some; among those of many days before it only when it has to.
func TestFindReadsLittle(t *testing.T) {
	a, f := open(t)
	a.page = 20
	for i := range 300 {
		at := noon.Add(time.Duration(i-200) * 10 * time.Second)
		if _, err := a.Append(t.Context(), record(fmt.Sprint(i), at), record(fmt.Sprint(i, "+"), at.Add(time.Second))); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 500 { // nobody looks into these
		f.Set(noon.Add(-time.Duration(i+100)*time.Hour/2).Format(object.Folders)+fmt.Sprintf("/0000.000-%032x.ndjson.gz", i), []byte("days before"))
	}
	for id, at := range map[string]time.Time{"0": noon.Add(-2000 * time.Second), "200": noon, "200+": noon.Add(time.Second), "299": noon.Add(990 * time.Second)} {
		gets, lists := -f.Calls("GetObject"), -f.Calls("ListObjectsV2")
		r, err := a.Find(t.Context(), id, at)
		if err != nil || r.ID != id {
			t.Errorf("%s: %+v, %v", id, r, err)
		}
		if gets, lists = gets+f.Calls("GetObject"), lists+f.Calls("ListObjectsV2"); gets > 2 || lists > 1 {
			t.Errorf("%s takes %d objects and %d pages of keys", id, gets, lists)
		}
	}
	// What is damaged is told when nothing is found, and not before.
	keys := slices.Sorted(maps.Keys(f.Objects()))
	last := keys[len(keys)-1]
	f.Set(last, f.Objects()[last][:20])
	if _, err := a.Find(t.Context(), "299", noon.Add(990*time.Second)); err == nil || errors.Is(err, archive.ErrNotFound) || !strings.Contains(err.Error(), last) {
		t.Errorf("what is in a damaged object: %v", err)
	}
	if r, err := a.Find(t.Context(), "298", noon.Add(980*time.Second)); err != nil || r.ID != "298" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestAddress(t *testing.T) {
	for bucket, want := range map[string]string{
		"ines-prod": "https://ines-prod.s3.eu-west-1.amazonaws.com/2026/a%2Bb", "ines.prod": "https://s3.eu-west-1.amazonaws.com/ines.prod/2026/a%2Bb",
	} {
		a, err := Open(aws.Config{Region: "eu-west-1"}, bucket)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.url("2026/a+b", nil); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if _, err := Open(aws.Config{}, ""); err == nil {
		t.Error("a bucket without a name was opened")
	}
}
