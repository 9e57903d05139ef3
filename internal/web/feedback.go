package web

import (
	"net/http"
	"strings"

	"amana"
	"amana/internal/casework"
	forms "amana/internal/form"
)

// feedbackRoutes are the routes of what clients say.
func (s *Server) feedbackRoutes() map[string]handler {
	return map[string]handler{
		"GET /feedback":          s.showFeedback,
		"POST /feedback/hand":    s.handOver,
		"GET " + ownFeedback:     s.showOwnFeedback,
		"POST " + ownFeedback:    s.saveFeedback,
		"POST /feedback/own/ask": s.askFeedback,
		"GET /feedback/thanks":   s.showThanks,
	}
}

const ownFeedback = "/feedback/own"

// handedKey is where a session keeps for which team the device was handed to a
// client. While it is there, no other page of a member is to be had: the way back is
// the passphrase.
const handedKey = "feedback.handed"

// inHands reports whether the device is in a client's hands.
func inHands(s *session) bool { return !shelved[amana.TeamID](s, handedKey).IsZero() }

// handedWords is where a session keeps the brought language in which a client asked to
// have the page.
const handedWords = "feedback.words"

// inHerWords turns a visit to that language. It reports whether somebody has to say that
// nobody has read the translation through.
func (s *Server) inHerWords(v *visit) (unread bool) {
	lang, one, there := s.local(v, shelved[string](v.session, handedWords))
	if !there {
		return false
	}
	v.lang = lang
	return one.Pack.Review == nil
}

// handed reports whether the device is in a client's hands, and this page is not
// theirs.
func (v *visit) handed() bool {
	if !inHands(v.session) {
		return false
	}
	path := v.URL.Path
	return path != "/stay" && path != "/feedback/thanks" && path != ownFeedback && !strings.HasPrefix(path, ownFeedback+"/")
}

// feedbackView is what clients said, and the way to hand the device to one.
type feedbackView struct {
	Frame
	Form      form
	Teams     []choiceView
	Feedback  casework.Feedback
	Batch     int
	Questions []answeredView
	Share     string // of those who were satisfied, or "" where there are too few
	Words     []string
	Spoken    []languageChoice // languages that were brought
}

// answeredView is one question and how it was answered.
type answeredView struct {
	Text wording
	casework.FeedbackCount
}

var feedbackPage = page[feedbackView]{"feedback"}

// leastForShare is of how many people at least a share in a hundred is told.
const leastForShare = 20

func (s *Server) showFeedback(w http.ResponseWriter, v *visit) error {
	got, err := v.desk.ReadFeedback(v.Context())
	if err != nil {
		return err
	}
	f := v.form()
	view := feedbackView{Frame: s.frame(v, "settings", f), Form: f, Feedback: got, Batch: casework.FeedbackBatch}
	teams := v.workTeams()
	for _, t := range teams {
		view.Teams = append(view.Teams, choiceView{t.ID.String(), t.Name, len(teams) == 1 || f.Get("team") == t.ID.String()})
	}
	asked, _ := v.desk.Forms().Form(casework.FeedbackForm)
	for _, q := range got.Questions {
		text := wording{Text: q.Field}
		if asked != nil {
			if field, known := asked.Field(q.Field); known {
				text = textOf(v.lang, asked.Form, field.Item.Label)
			}
		}
		view.Questions = append(view.Questions, answeredView{text, q})
	}
	if got.Judged >= leastForShare {
		view.Share = v.lang.T("feedback.share", "percent", 100*got.Satisfied/got.Judged)
	}
	for _, words := range got.Words {
		view.Words = append(view.Words, words.Reveal())
	}
	for _, one := range v.desk.Words(s.catalogue) {
		view.Spoken = append(view.Spoken, languageChoice{one.Pack.Tag, one.Pack.Name, f.Get("words") == one.Pack.Tag})
	}
	return feedbackPage.render(s, w, v, http.StatusOK, view)
}

// handOver shuts every other page of this session until the passphrase is typed.
func (s *Server) handOver(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	team, err := amana.ParseID[amana.Team](f.Get("team"))
	if err != nil {
		f.wrong("team", "feedback.team.needed")
		return v.again(w, "/feedback", f)
	}
	v.session.put(handedKey, team)
	v.session.put(handedWords, f.Get("words"))
	return v.see(w, ownFeedback)
}

// ownFeedbackView is the form in the hands of a client: nothing of the work stands
// around it.
type ownFeedbackView struct {
	Frame
	Form   form
	Title  wording
	Nodes  []nodeView
	Ask    string
	Unread bool // nobody signed this translation
}

var ownFeedbackPage = page[ownFeedbackView]{"feedback_own"}

func (s *Server) feedbackAsking(v *visit, typed form) (*asking, error) {
	f, known := v.desk.Forms().Form(casework.FeedbackForm)
	if !known {
		return nil, amana.ErrNotFound
	}
	a := s.asking(v, f, typed, nil)
	a.again = ownFeedback + "/ask"
	if !a.comesBack() {
		a.before["client_feedback_date"] = monthOf(s.today())
	}
	a.evaluate(s)
	return a, nil
}

// bare is a frame without the menu and the member's name.
func (s *Server) bare(v *visit, f ...form) Frame {
	frame := s.frame(v, "", f...)
	frame.Member, frame.Admin, frame.Progress = nil, false, nil
	return frame
}

func (s *Server) showOwnFeedback(w http.ResponseWriter, v *visit) error {
	if shelved[amana.TeamID](v.session, handedKey).IsZero() {
		return v.see(w, "/feedback")
	}
	unread := s.inHerWords(v)
	typed := v.form()
	a, err := s.feedbackAsking(v, typed)
	if err != nil {
		return err
	}
	view := ownFeedbackView{Form: typed, Title: a.text(a.form.Title), Nodes: a.nodes(), Ask: ownFeedback + "/ask", Unread: unread}
	typed.named(view.Nodes)
	view.Frame = s.bare(v, typed)
	return ownFeedbackPage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) saveFeedback(w http.ResponseWriter, v *visit) error {
	team := shelved[amana.TeamID](v.session, handedKey)
	f, known := v.desk.Forms().Form(casework.FeedbackForm)
	if team.IsZero() || !known {
		return v.see(w, "/feedback")
	}
	s.inHerWords(v)
	typed := v.typed()
	if err := v.desk.SaveFeedback(v.Context(), team, f.Read(typed.Values, forms.Page{})); err != nil {
		return v.refuse(w, ownFeedback, typed, v.inWords(forms.Page{}, err, f))
	}
	return v.see(w, "/feedback/thanks")
}

func (s *Server) askFeedback(w http.ResponseWriter, v *visit) error {
	f, known := v.desk.Forms().Form(casework.FeedbackForm)
	if !known {
		return amana.ErrNotFound
	}
	s.inHerWords(v)
	return s.reask(w, v, ownFeedback, forms.Page{}, f)
}

type thanksView struct {
	Frame
	Unread bool
}

var thanksPage = page[thanksView]{"feedback_thanks"}

func (s *Server) showThanks(w http.ResponseWriter, v *visit) error {
	unread := s.inHerWords(v)
	return thanksPage.render(s, w, v, http.StatusOK, thanksView{s.bare(v), unread})
}
