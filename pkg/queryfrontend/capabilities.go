package queryfrontend

import (
	"mime"
	"net/http"
	"strings"
)

// acceptsUTF8LabelNames tells whether a client reads label names that are not of
// the classic form. Pyroscope's clients say so with a parameter of the Accept
// header: `*/*; allow-utf8-labelnames=true`.
func acceptsUTF8LabelNames(header http.Header) bool {
	for _, value := range header.Values("Accept") {
		for accept := range strings.SplitSeq(value, ",") {
			if _, parameters, err := mime.ParseMediaType(accept); err == nil && parameters["allow-utf8-labelnames"] == "true" {
				return true
			}
		}
	}
	return false
}
