package conform

import (
	"strconv"
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

func TestConformance(t *testing.T) {
	engine := dynamolocal.Start(t)
	for name, c := range map[string]dynamo.Config{"plain": {}, "small pages": {PageSize: 3}} {
		t.Run(name, func(t *testing.T) {
			c.Table = fresh(t, engine)
			tbl := open(t, engine, c)
			tabletest.Run(t, tabletest.Harness{Open: func(testing.TB) table.Table { return tbl }})
		})
	}
}
