package casework

// What became of the files that came with a message: Index counts the message's
// attachments from 0.
type (
	// AttachmentKept says that we have a copy.
	AttachmentKept struct {
		Thread  string `json:"thread"`
		Message string `json:"message"`
		Index   int    `json:"index"`
		Key     string `json:"archived"` // in the archive
		MIME    string `json:"mime"`
		Size    int64  `json:"size"`   // bytes
		SHA256  string `json:"sha256"` // hex
	}
	// AttachmentLost says that there will be none.
	AttachmentLost struct {
		Thread  string `json:"thread"`
		Message string `json:"message"`
		Index   int    `json:"index"`
		Why     string `json:"why"`
	}
)

func (AttachmentKept) Kind() string { return "attachment_kept" }
func (AttachmentLost) Kind() string { return "attachment_lost" }
