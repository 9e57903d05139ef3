package referral

import "amana/internal/record"

// Services returns the GBVIMS service types that a referral can ask for.
func Services() []string { return record.Options("referral_service") }
