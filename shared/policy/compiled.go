package policy

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"ines/shared/rule"
)

// A compiled policy is what a function reads at its start: the policy after it was
// checked, with its defaults. The file: compiledMagic; the shape of the types that it
// was written from; a checksum of all that follows; the Hash of the policy's own
// file; the values, see writer.
const (
	compiledMagic    = "INESDESK"
	compiledPreamble = len(compiledMagic) + 8 + 4
)

// Errors of Open, beside those of reading files.
var (
	ErrNotCompiled = errors.New("it is no compiled desk policy")
	ErrDamaged     = errors.New("it is damaged")
	ErrOtherInes   = errors.New("another version of ines compiled it")
	ErrOtherPolicy = errors.New("it was compiled from another desk policy")
)

// Compiled writes the policy for Open, with the zones that it names as zoneData gives
// them (in the form of the IANA database): looking one up in Go's archive takes longer
// than reading the rest. Without zoneData whoever opens the policy has to know them. The
// same policy gives the same bytes.
func (d *Desk) Compiled(zoneData map[string][]byte) []byte {
	w := &writer{zones: zoneData, exported: map[reflect.Type][]int{}}
	w.text(d.hash)
	w.value(reflect.ValueOf(d).Elem())
	w.number(uint64(d.fallback))
	w.zone(d.zone)
	file := binary.LittleEndian.AppendUint64([]byte(compiledMagic), shape())
	file = binary.LittleEndian.AppendUint32(file, checksum(w.out))
	return append(file, w.out...)
}

// Zones are the names of the zones that the policy's hours and days are in, sorted.
func (d *Desk) Zones() []string {
	var names []string
	for _, c := range d.Communities {
		if c.Hours != nil {
			names = append(names, c.Hours.zone.String())
		}
	}
	if d.zone != nil {
		names = append(names, d.zone.String())
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Open reads what Compiled wrote of the policy whose file is at path. That file must
// be there, too, and be the one that was compiled: it is what people look at.
func Open(path, compiled string) (*Desk, error) {
	source, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("opening the desk policy (INES_DESK names it): %w", err)
	}
	file, err := os.ReadFile(compiled)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("the desk policy %s is not compiled: %w; `make build` lays both into the bundle", path, err)
	case err != nil:
		return nil, fmt.Errorf("the compiled desk policy: %w", err)
	}
	d, err := decode(string(file))
	if err == nil && d.hash != hashOf(source) {
		err = fmt.Errorf("%w than %s", ErrOtherPolicy, path)
	}
	if err != nil {
		return nil, fmt.Errorf("the compiled desk policy %s: %w; `make build` compiles the policy again (DESK= names it)", compiled, err)
	}
	d.dir = filepath.Dir(path)
	return d, nil
}

// checksum is the beginning of a SHA-256: the policy's hash is one, too, and a CRC
// would make tables first.
func checksum(b []byte) uint32 {
	sum := sha256.Sum256(b)
	return binary.LittleEndian.Uint32(sum[:])
}

func decode(file string) (*Desk, error) {
	if len(file) < compiledPreamble || !strings.HasPrefix(file, compiledMagic) {
		return nil, ErrNotCompiled
	}
	head, body := []byte(file[len(compiledMagic):compiledPreamble]), file[compiledPreamble:]
	if binary.LittleEndian.Uint32(head[8:]) != checksum([]byte(body)) {
		return nil, ErrDamaged
	}
	if binary.LittleEndian.Uint64(head) != shape() {
		return nil, ErrOtherInes
	}
	r := &decoder{rest: body, exported: map[reflect.Type][]int{}}
	d := &Desk{hash: r.text()}
	r.value(reflect.ValueOf(d).Elem())
	d.fallback = int(r.number())
	d.zone = r.zone()
	if r.failed || r.rest != "" || d.fallback < 0 || d.fallback >= len(d.Departments) {
		return nil, ErrDamaged
	}
	if r.err != nil {
		return nil, r.err
	}
	if err := d.settle(); err != nil {
		return nil, err
	}
	return d, nil
}

// settle makes what is not written: it follows from the rest.
func (d *Desk) settle() error {
	d.brands = places(len(d.Brands), func(i int) string { return d.Brands[i].ID })
	d.communities = places(len(d.Communities), func(i int) string { return d.Communities[i].ID })
	d.inboxes = places(len(d.Inboxes), func(i int) string { return d.Inboxes[i].ID })
	d.departments = places(len(d.Departments), func(i int) string { return d.Departments[i].ID })
	d.colleagues = places(len(d.Colleagues), func(i int) string { return d.Colleagues[i].ID })
	d.topics = places(len(d.Topics), func(i int) string { return d.Topics[i].ID })
	for i := range d.Brands {
		b := &d.Brands[i]
		b.Wording.tickets, b.Identity.references = patternsOf(b.Wording.Tickets), patternsOf(b.Identity.References)
	}
	var err error
	ready := func(r *Rule, facts *rule.Facts) {
		if e := r.ready(facts); e != nil && err == nil {
			err = fmt.Errorf("%w: %s: %w", ErrDamaged, r, e)
		}
	}
	for i := range d.Segments {
		ready(d.Segments[i].When, sortingFacts)
	}
	for i := range d.Service {
		ready(d.Service[i].When, sortedFacts)
	}
	for i := range d.Routing {
		ready(d.Routing[i].When, sortedFacts)
	}
	for i := range d.Automation {
		ready(d.Automation[i].When, sortedFacts)
	}
	for i := range d.Departments {
		ready(d.Departments[i].Wants, receivingFacts)
	}
	return err
}

func places(n int, id func(i int) string) map[string]int {
	index := make(map[string]int, n)
	for i := range n {
		index[id(i)] = i
	}
	return index
}

// ready makes a rule ready to run that was checked before.
func (r *Rule) ready(facts *rule.Facts) error {
	if r == nil {
		return nil
	}
	tree, err := rule.Parse(r.source)
	if err == nil {
		r.program, err = rule.Compile(tree, facts)
	}
	return err
}

// shape identifies the types that are written, field by field: a function must not
// read what was written from others.
func shape() uint64 {
	sum, seen := fnv.New64a(), map[reflect.Type]bool{}
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		sum.Write([]byte{byte(t.Kind())})
		switch t.Kind() {
		case reflect.Slice, reflect.Map:
			walk(t.Elem())
		case reflect.Struct:
			if seen[t] {
				return
			}
			seen[t] = true
			for i := range t.NumField() {
				if f := t.Field(i); f.IsExported() {
					sum.Write([]byte(f.Name))
					walk(f.Type)
				}
			}
			sum.Write([]byte{0xFF})
		}
	}
	walk(reflect.TypeFor[Desk]())
	return sum.Sum64()
}
