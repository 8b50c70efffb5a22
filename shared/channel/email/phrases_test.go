package email

import (
	"testing"

	"ines/shared/pattern"
)

// A phrase is compiled at its first use; a broken one must be found before that.
func TestEveryPhraseCompiles(t *testing.T) {
	all := append([]*pattern.Late{&attributionStart, &dated, &timed, &addressed, &openAddress, &blockFrom, &blockSent, &blockDate, &blockTo, &blockSubj,
		&separator, &sentFrom, &forwardSubject, &forwardMark, &aboveThis}, attributions...)
	for _, p := range all {
		if p.MatchString("a line that says nothing of the kind") {
			t.Errorf("%.60s… matches anything", p.Expr)
		}
	}
}
