package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/infra/plan"
	"ines/shared/queue"
	"ines/shared/table/stream"
)

// TestTemplatesAgreeWithThePlan: what the plan says is in the templates, and what is
// in the templates is in the plan.
func TestTemplatesAgreeWithThePlan(t *testing.T) {
	for name, s := range stages {
		for _, region := range s.Regions {
			data, main := pair(t, name, region)
			for _, problem := range disagreements(planned(name), s, data, main) {
				t.Errorf("%s: %s", main.stack, problem)
			}
		}
	}
}

// silent are the parts of a plan that no template shows.
var silent = []string{"Why"}

// TestAnyOtherPlanDisagrees changes everything in the plan, one thing at a time:
// each change must be noticed. The stage has no settings that replace the plan's.
func TestAnyOtherPlanDisagrees(t *testing.T) {
	s := stages["full"]
	data, main := pair(t, "full", s.Regions[0])
	n := 0
	for _, m := range mutations(reflect.ValueOf(planned("full")), "plan", nil) {
		p := clone(t, planned("full"))
		m.change(reflect.ValueOf(&p).Elem())
		n++
		if len(disagreements(p, s, data, main)) == 0 {
			t.Errorf("nobody notices: %s", m.what)
		}
	}
	if n < 150 {
		t.Errorf("only %d mutations", n)
	}
}

func clone(t *testing.T, p plan.Plan) (c plan.Plan) {
	t.Helper()
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

type mutation struct {
	what   string
	change func(reflect.Value)
}

// mutations are all that can change below v: each number, text and switch, each
// element of a list left out, and one more in it.
func mutations(v reflect.Value, what string, path []int) (all []mutation) {
	at := func(root reflect.Value) reflect.Value {
		for _, i := range path {
			if root.Kind() == reflect.Struct {
				root = root.Field(i)
			} else {
				root = root.Index(i)
			}
		}
		return root
	}
	add := func(how string, change func(reflect.Value)) {
		all = append(all, mutation{what + " " + how, func(root reflect.Value) { change(at(root)) }})
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; !slices.Contains(silent, name) {
				all = append(all, mutations(v.Field(i), what+"."+name, append(slices.Clone(path), i))...)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			add(fmt.Sprintf("without %d", i), func(v reflect.Value) {
				v.Set(reflect.AppendSlice(v.Slice(0, i), v.Slice(i+1, v.Len())))
			})
			all = append(all, mutations(v.Index(i), fmt.Sprintf("%s[%d]", what, i), append(slices.Clone(path), i))...)
		}
		add("with one more", func(v reflect.Value) { v.Set(reflect.Append(v, another(v.Type().Elem()))) })
	case reflect.String:
		add("with another text", func(v reflect.Value) { v.SetString(v.String() + "z") })
	case reflect.Bool:
		add("the other way round", func(v reflect.Value) { v.SetBool(!v.Bool()) })
	case reflect.Int, reflect.Int64:
		add("with another number", func(v reflect.Value) {
			if v.Type() == reflect.TypeFor[time.Duration]() {
				v.SetInt(v.Int() + int64(time.Hour))
			} else {
				v.SetInt(v.Int() + 1)
			}
		})
	default:
		panic("what is a " + v.Kind().String() + " in a plan?")
	}
	return all
}

// another is a thing that no plan has.
func another(t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if t.Field(i).Type.Kind() == reflect.String {
				v.Field(i).SetString("another")
			}
		}
	case reflect.String:
		v.SetString("another")
	}
	return v
}

// disagreements are where templates and plan say different things.
func disagreements(p plan.Plan, s Stage, data, main *template) (all []string) {
	c := comparison{Plan: p, stage: s, data: data, main: main, name: func(name string) string { return "ines-" + s.Name + "-" + name }}
	c.queues()
	c.table()
	c.bus()
	c.functions()
	return c.found
}

type comparison struct {
	plan.Plan
	stage      Stage
	data, main *template
	name       func(string) string
	found      []string
}

// same notes what differs.
func (c *comparison) same(what string, have, want any) {
	if h, w := fmt.Sprint(have), fmt.Sprint(want); h != w {
		c.found = append(c.found, fmt.Sprintf("%s: the template has %s, the plan %s", what, h, w))
	}
}

// names notes what is in one list and not in the other.
func (c *comparison) names(what string, have, want []string) {
	slices.Sort(have)
	slices.Sort(want)
	c.same(what, have, want)
}

func seconds(d time.Duration) string { return fmt.Sprint(d.Seconds()) }

// over is the threshold of the alarm on a metric of something.
func (c *comparison) over(metric, of string) string {
	for _, a := range c.main.of("AWS::CloudWatch::Alarm") {
		if a.text("MetricName") == metric && a.text("Dimensions", 0, "Value") == of {
			return a.text("Threshold")
		}
	}
	return "no alarm"
}

func (c *comparison) queues() {
	var want, have []string
	for _, q := range c.Queues {
		want = append(want, c.name(q.Name), c.name(queue.Dead(q.Name)))
		r := c.main.find("AWS::SQS::Queue", "QueueName", c.name(q.Name))
		dead := c.main.find("AWS::SQS::Queue", "QueueName", c.name(queue.Dead(q.Name)))
		if r == nil || dead == nil {
			c.found = append(c.found, "there is no queue "+q.Name+" with dead letters")
			continue
		}
		fifo := map[bool]string{true: "true messageGroup perMessageGroupId", false: "  "}[q.FIFO]
		for _, one := range []*resource{r, dead} {
			c.same(one.ID+" is FIFO", one.text("FifoQueue")+" "+one.text("DeduplicationScope")+" "+one.text("FifoThroughputLimit"), fifo)
		}
		c.same(q.Name+" hides messages for", r.text("VisibilityTimeout"), seconds(q.Visibility))
		c.same(q.Name+" keeps messages for", r.text("MessageRetentionPeriod"), seconds(q.Retention))
		c.same(q.Name+" delivers", r.text("RedrivePolicy", "maxReceiveCount"), q.MaxReceives)
		c.same(q.Name+" gives up to", r.text("RedrivePolicy", "deadLetterTargetArn"), dead.name("Arn"))
		c.same(q.Name+" is late", c.over("ApproximateAgeOfOldestMessage", c.name(q.Name)), seconds(q.Late))
	}
	for _, f := range c.Functions {
		if f.Trigger.Schedule > 0 {
			want = append(want, c.name(queue.Dead(f.Name)))
		}
	}
	if len(c.stage.Forward) > 0 {
		want = append(want, c.name(queue.Dead(c.Bus.Name)))
	}
	for _, q := range c.main.of("AWS::SQS::Queue") {
		have = append(have, q.text("QueueName"))
	}
	c.names("queues", have, want)
}

func (c *comparison) table() {
	tables := c.data.of("AWS::DynamoDB::GlobalTable")
	if len(tables) != 1 {
		c.found = append(c.found, fmt.Sprintf("there are %d tables", len(tables)))
		return
	}
	table := tables[0]
	keys := func(path ...any) string {
		return table.text(append(path, "KeySchema", 0, "AttributeName")...) + " " + table.text(append(path, "KeySchema", 1, "AttributeName")...)
	}
	c.same("the table's key", keys(), stream.Partition+" "+stream.Sort)
	c.same("what expires items", table.text("TimeToLiveSpecification", "AttributeName"), c.Table.TTL)
	c.same("the driver's attribute for it", stream.Expires, c.Table.TTL)
	c.same("the stream", table.text("StreamSpecification", "StreamViewType"), "NEW_IMAGE")
	c.same("billing", table.text("BillingMode"), "PAY_PER_REQUEST")
	var have, want []string
	indexes, _ := table.get("GlobalSecondaryIndexes").([]any)
	for i := range indexes {
		have = append(have, table.text("GlobalSecondaryIndexes", i, "IndexName")+" by "+keys("GlobalSecondaryIndexes", i)+
			" "+table.text("GlobalSecondaryIndexes", i, "Projection", "ProjectionType"))
	}
	for _, name := range c.Table.Indexes {
		// Keys only: what an index holds besides is paid for at each write.
		want = append(want, name+" by "+stream.IndexPartition(name)+" "+stream.IndexSort(name)+" KEYS_ONLY")
	}
	c.names("indexes", have, want)
}

func (c *comparison) bus() {
	bus := c.main.find("AWS::Events::EventBus", "Name", c.name(c.Bus.Name))
	if bus == nil {
		c.found = append(c.found, "there is no bus "+c.Bus.Name)
		return
	}
	for _, a := range c.main.of("AWS::Events::Archive") {
		c.same("the archive's bus", a.text("SourceArn"), bus.name("Arn"))
		c.same("the archive keeps events", a.text("RetentionDays"), c.Bus.Kept.Hours()/24)
		c.same("the archive keeps events of", a.list("EventPattern", "source"), []string{c.Bus.Source})
	}
	c.same("archives of the bus", len(c.main.of("AWS::Events::Archive")), 1)
	var have []string
	for _, r := range c.main.of("AWS::Events::Rule") {
		department := strings.TrimPrefix(r.text("Name"), c.name("for-"))
		have = append(have, department)
		c.same("the rule for "+department, r.text("EventPattern"), fmt.Sprintf(`{"detail":{%q:[%q]},"source":[%q]}`, c.Bus.Field, department, c.Bus.Source))
		c.same("the target for "+department, r.text("Targets", 0, "Arn"), c.stage.Forward[department])
	}
	c.names("rules", have, slices.Sorted(maps.Keys(c.stage.Forward)))
}
