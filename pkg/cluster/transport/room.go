package transport

import "time"

// room is how many calls at once a busy endpoint takes of this client. It is learnt: what it runs when it turns another
// one away is what it takes. The calls above wait here and not in the network: asked again and again, a cluster that has
// too much to do would have more to do. Now and then one more is tried.
type room struct {
	limit   int // 0: not known to be limited
	answers int // since the limit changed
	changed time.Time
}

// One more call is tried after so many answers, or so long, whichever comes first: few of them are turned away.
const (
	roomAnswers = 20
	roomTime    = 2 * time.Minute
)

func (r *room) full(inFlight int) bool { return r.limit > 0 && inFlight >= r.limit }

// refused is told of a call that was turned away, and how many are still under way.
func (r *room) refused(inFlight int, now time.Time) {
	r.limit, r.answers, r.changed = max(1, inFlight), 0, now
}

func (r *room) answered(now time.Time) {
	if r.limit == 0 {
		return
	}
	if r.answers++; r.answers >= roomAnswers || now.Sub(r.changed) >= roomTime {
		r.limit, r.answers, r.changed = r.limit+1, 0, now
	}
}
