package casework

// Quiet reports whether an event tells people nothing that a decision of theirs
// rests on: our own reply went its way, a clock stood still over it, a file was
// fetched, a name was found. A page that was drawn before it still says what matters.
func Quiet(e Event) bool {
	switch e.(type) {
	case ReplySent, ReplyDelivered, ReplyRead, ReplyDelayed, ClockMet, ClockPaused, AttachmentKept, AttachmentLost, AuthorNamed:
		return true
	}
	return false
}

// Quiet reports whether all of a commit's events are.
func (cm Commit) Quiet() bool {
	for _, e := range cm.Events {
		if !Quiet(e) {
			return false
		}
	}
	return true
}
