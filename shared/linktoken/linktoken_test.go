package linktoken

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestCheck(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	token := Mint("key-one", "5f3c9q", now, 30*day)
	for _, tc := range []struct {
		name  string
		keys  []string
		token string
		at    time.Time
		want  error
	}{
		{"as minted", []string{"key-one"}, token, now, nil},
		{"folded to upper case by a mail server", []string{"key-one"}, strings.ToUpper(token), now, nil},
		{"after a rotation", []string{"key-two", "key-one"}, token, now, nil},
		{"on its last day", []string{"key-one"}, token, now.Add(30 * day), nil},
		{"the day after", []string{"key-one"}, token, now.Add(31 * day), ErrExpired},
		{"another key", []string{"key-two"}, token, now, ErrInvalid},
		{"no key", []string{""}, token, now, ErrInvalid},
		{"another case", []string{"key-one"}, "6" + token[1:], now, ErrInvalid},
		{"a longer life", []string{"key-one"}, strings.Replace(token, ".", ".z", 1), now, ErrInvalid},
		{"cut short", []string{"key-one"}, token[:len(token)-1], now, ErrInvalid},
		{"empty", []string{"key-one"}, "", now, ErrInvalid},
		{"somebody's own plus-address", []string{"key-one"}, "newsletter", now, ErrInvalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := Check(tc.keys, tc.token, tc.at)
			if !errors.Is(err, tc.want) {
				t.Fatalf("error %v, want %v", err, tc.want)
			}
			if err == nil && got != "5f3c9q" {
				t.Fatalf("case %q", got)
			}
		})
	}
}

func FuzzCheck(f *testing.F) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	f.Add(Mint("key-one", "5f3c9q", now, day))
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, token string) {
		if id, err := Check([]string{"key-one"}, token, now); err == nil && Mint("key-one", id, now, day) == "" {
			t.Fatal("accepted")
		}
	})
}

func TestFind(t *testing.T) {
	token := Mint("k", "abcdefghjkmnpqrs", time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), 30*24*time.Hour)
	for _, text := range []string{token, "Hello " + token + " here I am", strings.ToUpper(token), "(" + strings.ReplaceAll(token, ".", "_") + ")"} {
		found := Find(text)
		if id, err := Check([]string{"k"}, found, time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)); err != nil || id != "abcdefghjkmnpqrs" {
			t.Errorf("%q: found %q, %v", text, found, err)
		}
	}
	for _, text := range []string{"", "my booking is NLK4TQ", "www.northline.example.and.so.on", token[:30], strings.Repeat("x", longestText) + " " + token} {
		if found := Find(text); found != "" {
			t.Errorf("%q: found %q", text, found)
		}
	}
}
