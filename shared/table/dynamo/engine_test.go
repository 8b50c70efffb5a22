//go:build !onlygo

// The tests of this file and those with the same build constraint need DynamoDB
// Local, and so Java; `make check` leaves them out by the tag. Of these, make race
// runs the port's suite and the stream.

package dynamo_test

import (
	"bufio"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"ines/shared/table"
	"ines/shared/table/dynamo"
	"ines/shared/table/dynamo/dynamolocal"
	"ines/shared/table/tabletest"
)

var tables atomic.Int64

// fresh makes a table that nothing else uses.
func fresh(t testing.TB, endpoint string) string {
	t.Helper()
	name := "ines-" + strconv.FormatInt(tables.Add(1), 10)
	made, err := dynamo.Create(t.Context(), dynamolocal.Config(endpoint), dynamo.Config{Table: name, Indexes: tabletest.Indexes})
	if err != nil || !made {
		t.Fatalf("made %t, %v", made, err)
	}
	return name
}

func open(t testing.TB, endpoint string, c dynamo.Config) *dynamo.Table {
	t.Helper()
	c.Indexes = tabletest.Indexes
	tbl, err := dynamo.Open(dynamolocal.Config(endpoint), c)
	if err != nil {
		t.Fatal(err)
	}
	return tbl
}

// TestConformance reads small pages; TestConformanceInTrouble has the default's.
func TestConformance(t *testing.T) {
	engine := dynamolocal.Start(t)
	tbl := open(t, engine, dynamo.Config{Table: fresh(t, engine), PageSize: 3})
	tabletest.Run(t, tabletest.Harness{Open: func(testing.TB) table.Table { return tbl }})
}

// TestFits: what Create makes fits, and no table that lacks something of it.
func TestFits(t *testing.T) {
	engine := dynamolocal.Start(t)
	d, err := dynamo.Describe(t.Context(), dynamolocal.Config(engine), fresh(t, engine))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Fits(tabletest.Indexes); err != nil {
		t.Errorf("what was made: %v", err)
	}
	first := tabletest.Indexes[0]
	for want, change := range map[string]func(d *dynamo.Description){
		"its key is [id]": func(d *dynamo.Description) { d.Keys = []string{"id"} },
		"it has no index": func(d *dynamo.Description) { d.Indexes = nil },
		"the key of its index": func(d *dynamo.Description) {
			d.Indexes = maps.Clone(d.Indexes)
			d.Indexes[first] = []string{"pk", "sk"}
		},
		"it has no stream":              func(d *dynamo.Description) { d.Stream = "" },
		"it has no index \"elsewhere\"": nil,
	} {
		other, indexes := d, tabletest.Indexes
		if change == nil {
			indexes = append(slices.Clone(indexes), "elsewhere")
		} else {
			change(&other)
		}
		if err := other.Fits(indexes); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want …%s", err, want)
		}
	}
}

const childVariable = "INES_TEST_STARTS_ENGINE"

// TestTheEngineEndsWithItsTest kills a test binary and wants its engine gone.
func TestTheEngineEndsWithItsTest(t *testing.T) {
	if os.Getenv(childVariable) != "" {
		fmt.Println(dynamolocal.Start(t))
		<-t.Context().Done() // until killed
		return
	}
	child := exec.Command(os.Args[0], "-test.run=^TestTheEngineEndsWithItsTest$")
	child.Env = append(os.Environ(), childVariable+"=1")
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	said, err := bufio.NewReader(out).ReadString('\n')
	endpoint := strings.TrimSpace(said)
	if err != nil || !strings.HasPrefix(endpoint, "http://") {
		t.Fatalf("the child says %q, %v", said, err)
	}
	if !answers(t, endpoint) {
		t.Error("the child's engine gives no answer")
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // killed
	for answers(t, endpoint) {
		runtime.Gosched() // the test's deadline bounds it
	}
}

func answers(t *testing.T, endpoint string) bool {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, endpoint, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	return answer.Body.Close() == nil
}
