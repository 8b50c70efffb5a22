package casework

// One cause of many cases.
type (
	// LinkedToIncident says that the case is one of many with one cause.
	LinkedToIncident struct {
		Incident string `json:"incident"`
		Topic    string `json:"topic"`
		Why      string `json:"why"`
	}
	// IncidentAnswered says that the incident's answer goes out here, as Reply; or,
	// if Held is not "", why it can't.
	IncidentAnswered struct {
		Incident string `json:"incident"`
		Number   int    `json:"number"`
		Reply    string `json:"reply,omitempty"`
		Held     string `json:"held,omitempty"`
	}
)

func (LinkedToIncident) Kind() string { return "linked_to_incident" }
func (IncidentAnswered) Kind() string { return "incident_answered" }
