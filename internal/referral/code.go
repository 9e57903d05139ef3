package referral

// BSeR returns the business status by which HL7's Bidirectional Services
// eReferral names where a referral stands, or "" before there is anything to tell.
func (c Course) BSeR() string {
	_, received := c.Reached(ServiceReceived)
	_, declined := c.Reached(Declined)
	_, accepted := c.Reached(Accepted)
	_, missed := c.Reached(NotReceived)
	_, withdrawn := c.Reached(Withdrawn)
	switch {
	case !c.Left():
		return ""
	case received:
		return "7.0"
	case declined:
		return "4.0"
	case withdrawn && c.State == Withdrawn:
		return "5.4" // asked for; 6.0 once the partner's work on it has ended too
	case withdrawn, missed, c.State == Expired, c.State == Closed:
		return "6.0"
	case accepted, c.State == FirstContact:
		return "3.0"
	}
	return "2.0"
}

// Outcome returns the outcome by which the GBVIMS counts a referral, or "" while
// there is none. Whatever was sent was "referred", unless it turned out that the
// service is not to be had, that she had it already, or that she did not want it.
func (c Course) Outcome() string {
	if s, ok := c.Reached(Declined); ok {
		switch s.Reason {
		case "not_their_service", "not_eligible":
			return "service_not_applicable"
		case "not_safe", "other":
			return "referred"
		}
		return "service_unavailable"
	}
	if s, ok := c.Reached(NotReceived); ok {
		switch s.Reason {
		case "received_elsewhere":
			return "services_already_received_from_another_agency"
		case "closed", "out_of_stock", "turned_away":
			return "service_unavailable"
		}
		return "referred"
	}
	if s, ok := c.Reached(Withdrawn); ok {
		switch s.Reason {
		case "she_decided":
			return "referral_declined_by_survivor"
		case "received_elsewhere":
			return "services_already_received_from_another_agency"
		case "not_needed":
			return "service_not_applicable"
		}
	}
	if c.Left() {
		return "referred"
	}
	return ""
}
