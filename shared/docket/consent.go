package docket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"ines/shared/casework"
	"ines/shared/message"
	"ines/shared/table"
)

// What becomes of an item that says whether somebody may be written to. It opens
// no case and is not answered.
const (
	OutcomeOptOut = OutcomeIgnored + ":opt_out"
	OutcomeOptIn  = OutcomeIgnored + ":opt_in"
)

// fileConsent keeps somebody's word on being written to beside his handle, where
// every case and the reply function find it, and tells the case that is in
// conversation with him.
func (d *Docket) fileConsent(ctx context.Context, in Incoming) error {
	s := *in.Item.Consent
	for range retries {
		err := d.hearConsent(ctx, in, s)
		switch {
		case table.Conflicted(err, receiptKey(in.ID())):
			return nil // this very item was filed before
		case table.Conflicted(err):
			continue
		}
		return err
	}
	return fmt.Errorf("consent of %s: %w: lost to concurrent commands %d times", s.Author.Handle.Key(), table.ErrUnavailable, retries)
}

func (d *Docket) hearConsent(ctx context.Context, in Incoming, s message.Consent) error {
	receipt := Receipt{Incoming: in, Outcome: OutcomeOptIn}
	if s.Refused {
		receipt.Outcome = OutcomeOptOut
	}
	key, tk, ok := consentKey(s.Inbox, s.Author.Handle), threadKey(s.Channel, s.Inbox, s.Thread), openKey("", "")
	if brand, found := d.policy.InboxBrand(s.Inbox); found {
		ok = openKey(casework.CustomerID(s.Author.Handle), brand.ID)
	}
	have, err := d.table.Get(ctx, key, tk, ok)
	if err != nil {
		return fmt.Errorf("consent of %s: %w", s.Author.Handle.Key(), err)
	}
	said, item, err := readConsent(have, key)
	if err != nil {
		return err
	}
	if said == nil || !s.At.Before(said.At) {
		receipt.With = []table.Write{writeConsent(key, s, item)}
	}
	l, err := d.leads(ctx, have, tk, s.Channel, s.Inbox, s.Thread)
	if err != nil {
		return err
	}
	open, _, _, err := readPointer(have, ok)
	if err != nil {
		return err
	}
	hear := Order{Cause: casework.Cause{Kind: "delivery", ID: in.ID()}, Now: in.At, Command: casework.HearConsent{Consent: s}}
	if l.id == "" {
		l.id = open.Case
	} else if open.Case != "" && open.Case != l.id {
		// His open case goes by what it remembers.
		hear.Case = open.Case
		if _, _, err := d.Do(ctx, hear); err != nil && !errors.Is(err, ErrNoCase) {
			return err
		}
	}
	if l.id != "" {
		hear.Case = l.id
		hear.With = func(*casework.Case, []casework.Event) ([]table.Write, error) { return d.receiptWrites(receipt), nil }
		_, _, err := d.Do(ctx, hear)
		if !errors.Is(err, ErrNoCase) {
			return err
		}
	}
	return d.table.Write(ctx, d.receiptWrites(receipt)...)
}

func readConsent(items map[table.Key]table.Item, k table.Key) (*message.Consent, table.Item, error) {
	item, ok := items[k]
	if !ok {
		return nil, item, nil
	}
	var s message.Consent
	if err := json.Unmarshal(item.Value, &s); err != nil {
		return nil, item, fmt.Errorf("consent %s: %w", k, err)
	}
	return &s, item, nil
}

func writeConsent(k table.Key, s message.Consent, old table.Item) table.Write {
	value, err := json.Marshal(s)
	if err != nil {
		panic("a consent is plain data: " + err.Error())
	}
	return replace(table.Item{Key: k, Value: value}, old.Seq)
}

// Refused is what somebody said when he refused to be written to in an inbox, nil
// if he did not or allowed it again.
func (d *Docket) Refused(ctx context.Context, inbox string, h message.Handle) (*message.Consent, error) {
	k := consentKey(inbox, h)
	have, err := d.table.Get(ctx, k)
	if err != nil {
		return nil, fmt.Errorf("consent of %s: %w", h.Key(), err)
	}
	s, _, err := readConsent(have, k)
	if err == nil && s == nil {
		if refused, err := d.refusedBefore(ctx, inbox, h); err != nil || refused {
			return &message.Consent{Inbox: inbox, Author: message.Author{Handle: h}, Refused: true, Why: "refused before what was known of them was erased"}, err
		}
	}
	if err != nil || s == nil || !s.Refused {
		return nil, err
	}
	return s, nil
}

// NoteRefusal keeps what a platform said when it would not deliver to somebody who
// refused us there, unless he has said something since.
func (d *Docket) NoteRefusal(ctx context.Context, s message.Consent) error {
	k := consentKey(s.Inbox, s.Author.Handle)
	have, err := d.table.Get(ctx, k)
	if err != nil {
		return fmt.Errorf("consent of %s: %w", s.Author.Handle.Key(), err)
	}
	said, item, err := readConsent(have, k)
	if err != nil || said != nil && (said.Refused || s.At.Before(said.At)) {
		return err
	}
	if err := d.table.Write(ctx, writeConsent(k, s, item)); err != nil && !table.Conflicted(err) {
		return fmt.Errorf("consent of %s: %w", s.Author.Handle.Key(), err)
	}
	return nil
}
