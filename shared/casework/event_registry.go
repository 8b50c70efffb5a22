package casework

import "encoding/json"

// newEvent maps a kind to its decoder: every event there is, by the file that
// declares it.
var newEvent = func() map[string]func([]byte) (Event, error) {
	m := map[string]func([]byte) (Event, error){}

	// event_thread.go
	register[CaseOpened](m)
	register[ThreadJoined](m)
	register[CustomerChanged](m)
	register[BystanderSplit](m)
	register[ThreadTaken](m)
	register[FollowedUp](m)
	register[HandleLinked](m)

	// event_identity.go
	register[IdentityProposed](m)
	register[IdentityWithheld](m)
	register[IdentityDeclined](m)
	register[CustomersMerged](m)
	register[CustomersParted](m)

	// event_erase.go
	register[Erased](m)
	register[AuthorErased](m)

	// event_voice.go
	register[Praised](m)
	register[FeedbackGiven](m)
	register[Rated](m)
	register[RatingPlanned](m)
	register[RatingSpared](m)
	register[RatingAsked](m)

	// event_message.go
	register[MessageReceived](m)
	register[MessageEdited](m)
	register[MessageDeleted](m)

	// event_clock.go
	register[Assessed](m)
	register[ClockSet](m)
	register[ClockPaused](m)
	register[ClockMet](m)
	register[ClockMissed](m)

	// event_people.go
	register[Claimed](m)
	register[ClaimExpired](m)
	register[Released](m)
	register[TakenOver](m)
	register[Assigned](m)
	register[Transferred](m)
	register[NoteAdded](m)
	register[CallLogged](m)
	register[Snoozed](m)
	register[Corrected](m) // correct.go
	register[Woken](m)
	register[Resolved](m)
	register[Reopened](m)

	// event_routing.go
	register[Matched](m)
	register[Spreading](m)

	// event_reply.go
	register[ReplyRequested](m)
	register[ReplySent](m)
	register[ReplyDelivered](m)
	register[ReplyRead](m)
	register[ReplyDelayed](m)
	register[ReplyUnconfirmed](m)
	register[ReplyFailed](m)
	register[WentPrivate](m)

	// event_consent.go
	register[ConsentChanged](m)

	// event_interest.go
	register[Interested](m)

	// event_file.go
	register[AttachmentKept](m)
	register[AttachmentLost](m)

	// event_merge.go
	register[MergedInto](m)
	register[CaseAbsorbed](m)
	register[Unmerged](m)
	register[AbsorptionUndone](m)

	// event_promise.go
	register[PromiseProposed](m)
	register[ProposalDismissed](m)
	register[PromiseMade](m)
	register[PromiseKept](m)
	register[PromiseMoved](m)
	register[PromiseBroken](m)
	register[PromiseHandedOver](m)

	// event_ladder.go
	register[DeadlineNear](m)
	register[Escalated](m)

	// event_automation.go
	register[AutomaticAnswer](m)
	register[AnswerWithheld](m)
	register[PersonAskedFor](m)
	register[AutomationOutcome](m)

	// event_privacy.go
	register[InvitedPrivately](m)
	register[PersonalDataPublic](m)

	// event_authority.go
	register[ActionTaken](m)
	register[ApprovalRequested](m)
	register[ApprovalGranted](m)
	register[ApprovalDeclined](m)
	register[ApprovalOverdue](m)

	// event_incident.go
	register[LinkedToIncident](m)
	register[IncidentAnswered](m)

	// event_expert.go
	register[ExpertAsked](m)
	register[ExpertAnswered](m)
	register[ExpertOverdue](m)
	register[ExpertReleased](m)
	return m
}()

func register[E Event](m map[string]func([]byte) (Event, error)) {
	var zero E
	m[zero.Kind()] = func(data []byte) (Event, error) {
		var e E
		err := json.Unmarshal(data, &e)
		return e, err
	}
}
