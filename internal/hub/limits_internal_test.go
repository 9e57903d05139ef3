package hub

import "amana"

// Queues says how many requests are in the place of those whose organisation is not known
// yet, and in that of strangers.
func (s *Server) Queues() (unseen, strange int) {
	s.limits.mu.Lock()
	defer s.limits.mu.Unlock()
	if q := s.limits.orgs[amana.OrgID{}]; q != nil {
		unseen = q.open
	}
	if q := s.limits.orgs[strangers]; q != nil {
		strange = q.open
	}
	return unseen, strange
}

// Fill takes all the room that an organisation has for bytes on their way.
func (s *Server) Fill(org amana.OrgID) (empty func(), err error) {
	t := &turn{l: s.limits, org: org, left: true}
	if err := t.count(); err != nil {
		return nil, err
	}
	give, err := t.reserve(mostBytes)
	return func() { give(); t.end() }, err
}
