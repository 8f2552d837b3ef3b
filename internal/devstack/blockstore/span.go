package blockstore

import "github.com/pyrofront/pyrofront/pkg/profile"

// The sample labels that Pyroscope reads span and trace IDs from. profile_id
// is the name that older clients use for the span.
const (
	labelSpanID       = "span_id"
	labelSpanIDLegacy = "profile_id"
	labelTraceID      = "trace_id"
)

func isContextLabel(name string) bool {
	return name == labelSpanID || name == labelSpanIDLegacy || name == labelTraceID
}

// spanID reads a sample's span ID. What is not one counts as no span.
func spanID(labels map[string][]string) uint64 {
	for _, name := range []string{labelSpanID, labelSpanIDLegacy} {
		for _, value := range labels[name] {
			if id, err := profile.ParseSpanID(value); err == nil {
				return id
			}
		}
	}
	return 0
}

// traceID reads a sample's trace ID. What is not one counts as no trace.
func traceID(labels map[string][]string) [16]byte {
	for _, value := range labels[labelTraceID] {
		if id, err := profile.ParseTraceID(value); err == nil {
			return id
		}
	}
	return [16]byte{}
}
