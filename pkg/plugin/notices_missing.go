package plugin

import (
	"github.com/dustin/go-humanize"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// noticeMissing tells that answers are not whole, and of which time. What is asked in many
// steps is told of in one notice.
func (t *target) noticeMissing() {
	var lacking []*queryfrontend.Missing
	steps, fetched, short := 0, uint64(0), false
	for answer := range t.answers() {
		steps++
		fetched, short = fetched+answer.BytesFetched(), short || answer.Short
		if answer.Missing != nil {
			lacking = append(lacking, answer.Missing)
		}
	}
	if t.stepped && len(lacking) > 1 {
		t.noticeMissingSteps(lacking, steps)
		lacking = nil
	}
	for _, m := range lacking {
		t.notice(data.NoticeSeverityWarning,
			"This is only a part: %d of %d blocks could not be read, about %s of %s, with profiles of %s to %s. What is shown of that time is too little. Reason: %s",
			m.Blocks, m.Of, humanize.IBytes(m.Bytes), humanize.IBytes(m.OfBytes), formatTime(m.Start), formatTime(m.End), messageOf(m.Err))
	}
	if short {
		t.notice(data.NoticeSeverityWarning,
			"This may be too little: the query-backends fetched %s, less than the blocks that the metastore lists take to read. Some of them may not be in the object storage any more.",
			humanize.IBytes(fetched))
	}
}

// noticeMissingSteps is the notice where several answers lack something. They may lack the
// same blocks.
func (t *target) noticeMissingSteps(lacking []*queryfrontend.Missing, steps int) {
	start, end, bytes := lacking[0].Start, lacking[0].End, uint64(0)
	for _, m := range lacking {
		start, end, bytes = min(start, m.Start), max(end, m.End), bytes+m.Bytes
	}
	t.notice(data.NoticeSeverityWarning,
		"This is only a part: for %d of %d steps there are blocks that could not be read, about %s, with profiles of %s to %s. What is shown of that time is too little. Reason: %s",
		len(lacking), steps, humanize.IBytes(bytes), formatTime(start), formatTime(end), messageOf(lacking[0].Err))
}

// nothingRead is why none of the answers has anything, where that is so: a step may lack all
// of its blocks, but not each step.
func (t *target) nothingRead() (err error) {
	for answer := range t.answers() {
		m := answer.Missing
		if m == nil && answer.Summary.Blocks+answer.Summary.ReusedBlocks > 0 || m != nil && m.Blocks < m.Of {
			return nil
		}
		if m != nil {
			err = m.Err
		}
	}
	return err
}

// missing is what one of the target's answers lacks, nil where they are whole.
func (t *target) missing() *queryfrontend.Missing {
	for answer := range t.answers() {
		if answer.Missing != nil {
			return answer.Missing
		}
	}
	return nil
}
