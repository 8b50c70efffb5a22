package stream

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/aws/aws-lambda-go/events"
)

// Packed (B) stands for Value in an item that would take more than one write unit:
// a byte that says how, and the value deflated. What fits a unit stays readable in
// AWS's console.
const Packed = "z"

// Unit is what one write unit pays for, in bytes.
const Unit = 1 << 10

// packing is the first byte of what Pack makes. Another dictionary is another
// packing: the old one must stay readable for as long as there are such items.
const packing = 1

// dictionary is text that commits and views are full of, the most frequent last.
// It is part of the format.
const dictionary = `"follows_up":"","linked_from":"","merged_into":"","resolved_at":"T","kind":"rated","kind":"snoozed","kind":"transferred","kind":"escalated"` +
	`"kind":"reply_failed","kind":"reply_sent","platform_id":"","kind":"reply_requested","reply":{"id":"","text":"","signature":"^` +
	`"promises":[{"id":"","text":"","due":"","by":"","to":"","kind":"promise_made","kind":"promise_broken","kind":"claimed","owner":"","since":"` +
	`"attachments":[{"type":"image","mime":"image/jpeg","name":"","size":,"url":"https://"email","facebook","instagram","whatsapp","telegram","slack","sms","voice"` +
	`"visibility":"public","parent":"","refs":["","reach":,"verified":true,"extra":{"summoned":"true"}"urgency":"high","kind":"complaint","kind":"praise","kind":"request","tone":"angry"` +
	`"why":[{"decision":"segment","outcome":"none","rule":"default","text":"The message belongs to no segment: no rule of segments holds."},` +
	`{"decision":"service","outcome":"1h / 2h / 24h","rule":"service[0]","text":"A first answer is owed within 1h of opening time, each next answer within 2h and a resolution within 24h: service[3] holds for every message that comes to it."},` +
	`{"decision":"department","outcome":"","rule":"routing[0]","facts":{"topic":""},"text":"The case goes to : routing[0] holds, as topic is \"\"."}]},` +
	`{"kind":"assessed","about":{"language":"en","topic":"","tone":"neutral","kind":"question","urgency":"normal"},"department":"","targets":{"first_answer":3600000000000,"next_answer":7200000000000,"resolution":86400000000000},` +
	`{"kind":"clock_set","clock":"first_answer","started":"2026-","due":"2026-","why":"first answer within 1h of opening hours"},{"kind":"clock_set","clock":"resolution","started":"2026-","due":"2026-","why":"resolution within 24h of opening hours"}]}` +
	`{"id":"","version":,"status":"open","brand":"","community":"","department":"","owner":"","customer":{"id":"","handle":{"channel":"","scope":"","id":""},"name":""},"about":{"language":"en","topic":"","tone":"neutral","kind":"question","urgency":"normal"},"segment":"",` +
	`"threads":[{"id":"t1","channel":"","inbox":"","key":"","visibility":"private","with":{"channel":"","scope":"","id":""},"last_inbound":"","last_id":"","refs":["",""]}],"bystanders":0,"messages":1,"opened_at":"","last_wrote":"","last_text":"","waiting_for":"us","waiting_since":"","due_at":"","due_for":"first_answer","timer":"","why":"The message belongs to no segment: no rule of segments holds. ` +
	`{"case":"","seq":1,"at":"2026-","cause":{"kind":"delivery","id":"#0","outcome":"filed","items":1},"events":[{"kind":"case_opened","brand":"","community":"","customer":{"id":"","handle":{"channel":"","scope":"","id":""},"name":""},"message":"","why":"first message of  here"},` +
	`{"kind":"thread_joined","thread":{"id":"t1","channel":"","inbox":"","key":"","visibility":"private"},"via":"opened"},{"kind":"message_received","thread":"t1","role":"customer","message":{"channel":"","inbox":"","id":"","thread":"","author":{"handle":{"channel":"","scope":"","id":""},"name":""},"visibility":"private","sent_at":"2026-","text":"","language":"en"},"about":{"language":"en","topic":"","tone":"neutral","kind":"question","urgency":"normal"},"item":"#0"},`

// Size is what an item with these attributes weighs for DynamoDB, in bytes. The
// rule: "Item sizes and formats" in its Developer Guide.
func Size(a Attributes) int {
	size := 0
	for name, v := range a {
		size += len(name)
		switch v.DataType() {
		case events.DataTypeString:
			size += len(v.String())
		case events.DataTypeBinary:
			size += len(v.Binary())
		case events.DataTypeNumber:
			size += (len(v.Number())+1)/2 + 1
		}
	}
	return size
}

// Units is how many write units a put of an item costs outside a transaction.
func Units(a Attributes) int { return max(1, (Size(a)+Unit-1)/Unit) }

// Pack makes an item's attributes take fewer write units if packing the value does
// that, and leaves them as they are if not. It changes a.
func Pack(a Attributes) error {
	if Units(a) == 1 {
		return nil
	}
	value, has := a[Value]
	if !has {
		return nil
	}
	packed, err := deflate(value.String())
	if err != nil {
		return err
	}
	before := Units(a)
	delete(a, Value)
	a[Packed] = events.NewBinaryAttribute(packed)
	if Units(a) == before {
		delete(a, Packed)
		a[Value] = value
	}
	return nil
}

// Both are large, and what they are reset to is the dictionary.
var (
	writers = sync.Pool{New: func() any {
		w, err := flate.NewWriterDict(io.Discard, flate.DefaultCompression, []byte(dictionary))
		if err != nil {
			panic(err) // the level is one of flate's
		}
		return w
	}}
	readers = sync.Pool{New: func() any { return flate.NewReaderDict(bytes.NewReader(nil), []byte(dictionary)) }}
)

func deflate(text string) ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte(packing)
	w := writers.Get().(*flate.Writer)
	defer writers.Put(w)
	w.Reset(&out)
	if _, err := io.WriteString(w, text); err != nil {
		return nil, fmt.Errorf("pack a value: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("pack a value: %w", err)
	}
	return out.Bytes(), nil
}

// most bounds what is unpacked: no item was ever larger.
const most = 1 << 20

func inflate(packed []byte) ([]byte, error) {
	if len(packed) == 0 || packed[0] != packing {
		return nil, errors.New("a newer version of this program packed it")
	}
	r := readers.Get().(io.ReadCloser)
	defer readers.Put(r)
	if err := r.(flate.Resetter).Reset(bytes.NewReader(packed[1:]), []byte(dictionary)); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > most:
		return nil, fmt.Errorf("it holds more than %d bytes", most)
	}
	return text, nil
}
