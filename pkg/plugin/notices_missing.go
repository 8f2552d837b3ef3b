package plugin

import (
	"github.com/dustin/go-humanize"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// noticeMissing tells that an answer is not whole, and of which time.
func (t *target) noticeMissing(answer *queryfrontend.Answer) {
	if m := answer.Missing; m != nil {
		t.notice(data.NoticeSeverityWarning,
			"This is only a part: %d of %d blocks could not be read, about %s of %s, with profiles of %s to %s. What is shown of that time is too little. Reason: %s",
			m.Blocks, m.Of, humanize.IBytes(m.Bytes), humanize.IBytes(m.OfBytes), formatTime(m.Start), formatTime(m.End), messageOf(m.Err))
	}
	if answer.Short {
		t.notice(data.NoticeSeverityWarning,
			"This may be too little: the query-backends fetched %s, less than the blocks that the metastore lists take to read. Some of them may not be in the object storage any more.",
			humanize.IBytes(answer.BytesFetched()))
	}
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
