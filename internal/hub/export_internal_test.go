package hub

// Waiting is how many devices wait for news.
func (s *Server) Waiting() int { return s.watch.waiting() }

// Active is how many devices are being answered.
func (s *Server) Active() int {
	s.active.mu.Lock()
	defer s.active.mu.Unlock()
	return len(s.active.who)
}
