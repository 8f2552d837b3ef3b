package debuginfod

import (
	"errors"
	"strings"
)

// maxBuildID is the longest build id that is asked for, in digits.
const maxBuildID = 128

// ErrBuildID says that a build id is none: it must be hexadecimal, in pairs.
var ErrBuildID = errors.New("a build id is 2 to 128 hexadecimal digits, an even number of them")

// BuildID is a build id as servers want it: in lower case.
func BuildID(id string) (string, error) {
	if len(id) < 2 || len(id) > maxBuildID || len(id)%2 != 0 {
		return "", ErrBuildID
	}
	id = strings.ToLower(id)
	for i := range len(id) {
		if c := id[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return "", ErrBuildID
		}
	}
	return id, nil
}
