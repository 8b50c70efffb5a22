package plan

// The metrics that functions print (shared/metric), which alarms watch. Each has
// the dimensions stage and inbox.
const (
	MetricNamespace = "Ines"
	DimensionStage  = "Stage"
	DimensionInbox  = "Inbox"
	// MetricReceived counts webhooks that were verified, stored and archived: an
	// inbox that stops having any is silent.
	MetricReceived = "Received"
	// MetricInboxBlocked counts replies that a platform refused in a way that no
	// retry mends: a credential that was revoked, an account that was suspended.
	MetricInboxBlocked = "InboxBlocked"
)
