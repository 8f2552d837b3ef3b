package queryplan

import (
	"fmt"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
)

// Text is the explanation as indented lines, a node a line.
func (e *Explanation) Text() string {
	var b strings.Builder
	s := e.Summary
	fmt.Fprintf(&b, "%s for %s of %s, %s to %s\n", strings.Join(e.Queries, ", "), e.Selector, strings.Join(e.Tenants, ", "),
		time.UnixMilli(e.Start).UTC().Format(time.RFC3339), time.UnixMilli(e.End).UTC().Format(time.RFC3339))
	for _, selector := range e.Metadata {
		fmt.Fprintf(&b, "metadata: %s\n", selector)
	}
	fmt.Fprintf(&b, "listed: %s\n", english.Plural(s.Listed, "dataset", ""))
	for _, d := range s.Dropped {
		fmt.Fprintf(&b, "  dropped by %s: %s %s\n", d.Rule, english.Plural(d.Datasets, "dataset", ""), d.Are)
	}
	if len(e.Nodes) == 0 {
		b.WriteString("nothing to read\n")
		return b.String()
	}
	fmt.Fprintf(&b, "plan: %s, %s, %s in %s, %s\n", humanize.IBytes(s.Bytes), english.Plural(s.Blocks, "block", ""),
		english.Plural(s.Leaves, "leaf", "leaves"), english.Plural(s.Depth, "level", ""), english.Plural(s.Merges, "merge", ""))
	for i := range e.Nodes {
		e.Nodes[i].writeText(&b)
	}
	return b.String()
}

func (n *ExplainedNode) writeText(b *strings.Builder) {
	b.WriteString(strings.Repeat("  ", n.Depth))
	fmt.Fprintf(b, "%s: %s, %s, %s", n.Title, english.Plural(n.Blocks, "block", ""), english.Plural(n.Datasets, "dataset", ""), humanize.IBytes(n.EstimatedBytes))
	for i, level := range n.Levels {
		if i == 0 {
			b.WriteString(", levels")
		}
		fmt.Fprintf(b, " %d×L%d", level.Blocks, level.Level)
	}
	if x := n.Execution; x != nil {
		fmt.Fprintf(b, " | fetched %s in %s on %s", humanize.IBytes(x.FetchedBytes), x.Duration.Round(time.Microsecond), x.Executor)
		if x.Error != "" {
			fmt.Fprintf(b, ", failed: %s", x.Error)
		}
	}
	b.WriteByte('\n')
}

// listServices names a leaf's services, the first few of many.
func listServices(n ExplainedNode) string {
	const few = 3
	var parts []string
	parts = append(parts, n.Services[:min(few, len(n.Services))]...)
	if more := len(n.Services) - few; more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	if n.Indexed > 0 {
		parts = append(parts, "what the index finds")
	}
	return strings.Join(parts, ", ")
}
