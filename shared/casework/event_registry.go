package casework

import (
	"encoding/json"
	"reflect"
	"sync"
)

// events has every event there is, by the file that declares it.
var events = []any{
	// event_thread.go
	(*CaseOpened)(nil),
	(*ThreadJoined)(nil),
	(*CustomerChanged)(nil),
	(*BystanderSplit)(nil),
	(*ThreadTaken)(nil),
	(*FollowedUp)(nil),
	(*HandleLinked)(nil),

	// event_identity.go
	(*IdentityProposed)(nil),
	(*IdentityWithheld)(nil),
	(*IdentityDeclined)(nil),
	(*CustomersMerged)(nil),
	(*CustomersParted)(nil),

	// event_erase.go
	(*Erased)(nil),
	(*AuthorErased)(nil),

	// event_voice.go
	(*Praised)(nil),
	(*FeedbackGiven)(nil),
	(*Rated)(nil),
	(*RatingPlanned)(nil),
	(*RatingSpared)(nil),
	(*RatingAsked)(nil),

	// event_message.go
	(*MessageReceived)(nil),
	(*MessageEdited)(nil),
	(*MessageDeleted)(nil),

	// event_clock.go
	(*Assessed)(nil),
	(*ClockSet)(nil),
	(*ClockPaused)(nil),
	(*ClockMet)(nil),
	(*ClockMissed)(nil),

	// event_people.go
	(*Claimed)(nil),
	(*ClaimExpired)(nil),
	(*Released)(nil),
	(*TakenOver)(nil),
	(*Assigned)(nil),
	(*Transferred)(nil),
	(*NoteAdded)(nil),
	(*CallLogged)(nil),
	(*Snoozed)(nil),
	(*Corrected)(nil), // correct.go
	(*Woken)(nil),
	(*Resolved)(nil),
	(*Reopened)(nil),

	// event_routing.go
	(*Matched)(nil),
	(*Spreading)(nil),

	// event_reply.go
	(*ReplyRequested)(nil),
	(*ReplySent)(nil),
	(*ReplyDelivered)(nil),
	(*ReplyRead)(nil),
	(*ReplyDelayed)(nil),
	(*ReplyUnconfirmed)(nil),
	(*ReplyFailed)(nil),
	(*WentPrivate)(nil),

	// event_consent.go
	(*ConsentChanged)(nil),

	// event_interest.go
	(*Interested)(nil),

	// name.go
	(*AuthorNamed)(nil),

	// event_file.go
	(*AttachmentKept)(nil),
	(*AttachmentLost)(nil),

	// event_merge.go
	(*MergedInto)(nil),
	(*CaseAbsorbed)(nil),
	(*Unmerged)(nil),
	(*AbsorptionUndone)(nil),

	// event_promise.go
	(*PromiseProposed)(nil),
	(*ProposalDismissed)(nil),
	(*PromiseMade)(nil),
	(*PromiseKept)(nil),
	(*PromiseMoved)(nil),
	(*PromiseBroken)(nil),
	(*PromiseHandedOver)(nil),

	// event_ladder.go
	(*DeadlineNear)(nil),
	(*Escalated)(nil),

	// event_automation.go
	(*AutomaticAnswer)(nil),
	(*AnswerWithheld)(nil),
	(*PersonAskedFor)(nil),
	(*AutomationOutcome)(nil),

	// event_privacy.go
	(*InvitedPrivately)(nil),
	(*PersonalDataPublic)(nil),

	// event_authority.go
	(*ActionTaken)(nil),
	(*ApprovalRequested)(nil),
	(*ApprovalGranted)(nil),
	(*ApprovalDeclined)(nil),
	(*ApprovalOverdue)(nil),

	// event_incident.go
	(*LinkedToIncident)(nil),
	(*IncidentAnswered)(nil),

	// event_expert.go
	(*ExpertAsked)(nil),
	(*ExpertAnswered)(nil),
	(*ExpertOverdue)(nil),
	(*ExpertReleased)(nil),
}

// eventTypes maps a kind to the event of it. Decoders that are generic would be code for
// each event, a hundred kilobytes in all.
var eventTypes = sync.OnceValue(func() map[string]reflect.Type {
	m := make(map[string]reflect.Type, len(events))
	for _, e := range events {
		t := reflect.TypeOf(e).Elem()
		m[reflect.Zero(t).Interface().(Event).Kind()] = t
	}
	return m
})

// decodeEvent reads the JSON of an event of a type.
func decodeEvent(t reflect.Type, data []byte) (Event, error) {
	e := reflect.New(t)
	err := json.Unmarshal(data, e.Interface())
	return e.Elem().Interface().(Event), err
}
