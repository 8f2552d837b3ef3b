package plugin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A query that comes without the front end, from a public dashboard or a provisioning
// file, is as somebody wrote it: a number may be text, a list a lone value, and a
// template variable may stand where the front end would have put its value.

// plainQuery makes numbers of text and lists of lone values, where the model has such,
// and refuses variables that nobody replaced: they would be looked for as they are,
// and the panel would be empty without a word.
func plainQuery(raw []byte) ([]byte, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return raw, nil // is told by whoever reads the model
	}
	if err := checkVariables(fields); err != nil {
		return raw, err
	}
	for _, name := range slices.Sorted(maps.Keys(plainFields)) {
		value, isSet := fields[name]
		if !isSet {
			continue
		}
		plain, err := plainFields[name](value)
		if err != nil {
			return raw, invalidQuery(name, err)
		}
		fields[name] = plain
	}
	return json.Marshal(fields)
}

// plainFields are the fields of which text is read.
var plainFields = map[string]func(json.RawMessage) (json.RawMessage, error){
	"limit":             wholeNumber,
	"maxNodes":          wholeNumber,
	"annotations":       truth,
	"includeExemplars":  truth,
	"groupBy":           list,
	"spanSelector":      list,
	"traceIdSelector":   list,
	"profileIdSelector": list,
	"callSite":          list,
}

// wholeNumber reads 10, 10.0, "10" and "" for none.
func wholeNumber(value json.RawMessage) (json.RawMessage, error) {
	text := strings.TrimSpace(string(value))
	if isText, unquoted := textOf(value); isText {
		text = strings.TrimSpace(unquoted)
	}
	if text == "" {
		return json.RawMessage("null"), nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return strconv.AppendInt(nil, n, 10), nil
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil && n == math.Trunc(n) && math.Abs(n) < 1<<53 {
		return strconv.AppendInt(nil, int64(n), 10), nil
	}
	if isText, _ := textOf(value); isText {
		return nil, fmt.Errorf("%q is not a whole number", text)
	}
	return value, nil
}

// truth reads true, "true" and "" for not set.
func truth(value json.RawMessage) (json.RawMessage, error) {
	isText, text := textOf(value)
	if !isText {
		return value, nil
	}
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true":
		return json.RawMessage("true"), nil
	case "false", "":
		return json.RawMessage("false"), nil
	}
	return nil, fmt.Errorf("%q is neither true nor false", text)
}

// list reads ["a"], "a", and "" for none.
func list(value json.RawMessage) (json.RawMessage, error) {
	isText, text := textOf(value)
	switch {
	case !isText:
		return value, nil
	case text == "":
		return json.RawMessage("[]"), nil
	}
	return bytes.Join([][]byte{[]byte("["), value, []byte("]")}, nil), nil
}

func textOf(value json.RawMessage) (isText bool, text string) {
	err := json.Unmarshal(value, &text)
	return err == nil && bytes.HasPrefix(bytes.TrimSpace(value), []byte(`"`)), text
}

// Variables as Grafana writes them: $name, ${name}, ${name:format}, [[name]]. In plain
// text, a $ behind a letter may be part of a name, such as Outer$Inner. In a regular
// expression it ends the text, and a letter behind it can match nothing, unless it is
// escaped or in a class of characters.
var (
	braced      = regexp.MustCompile(`\$\{\w[^{}]*\}|\[\[\w+(?::\w+)?\]\]`)
	inText      = regexp.MustCompile(`(?:^|[^A-Za-z0-9\\$])(\$\w*[A-Za-z_]\w*)`)
	inRegex     = regexp.MustCompile(`(?:^|[^\\$\[])(\$\w*[A-Za-z_]\w*)`)
	isVariable  = regexp.MustCompile(`^(\$\w*[A-Za-z_]\w*)$`)
	classes     = regexp.MustCompile(`\[[^\]]*\]`)
	idTemplates = regexp.MustCompile(`\$\{[^{}]*\}|\{\{.*?\}\}|^\$\w+`)
)

// ids are the fields that links and correlations fill in.
var ids = []string{"spanSelector", "traceIdSelector", "profileIdSelector"}

// checkVariables looks for variables in the fields that have them.
func checkVariables(fields map[string]json.RawMessage) error {
	for _, name := range ids {
		for _, id := range texts(fields[name]) {
			if idTemplates.MatchString(id) {
				return invalidQuery(name, fmt.Errorf("%q is the text of a template that nobody filled in: what links here, such as a trace's link or a correlation, knows no such id", id))
			}
		}
	}
	bare := map[string]*regexp.Regexp{
		"profileTypeId": inText, "groupBy": inText, "limit": inText, "maxNodes": inText,
		"aggregation": inText, "exemplars": inText, "queryType": inText,
		"functions": inRegex,
		"callSite":  isVariable, // names of functions, which have any $ in some languages
	}
	for _, name := range slices.Sorted(maps.Keys(bare)) {
		if err := unreplaced(name, bare[name], texts(fields[name])); err != nil {
			return err
		}
	}
	if err := unreplacedInSelector("labelSelector", texts(fields["labelSelector"])); err != nil {
		return err
	}
	var diff map[string]json.RawMessage
	if json.Unmarshal(fields["diff"], &diff) != nil {
		return nil
	}
	for _, name := range []string{"timeShift", "from", "to"} {
		if err := unreplaced("diff."+name, inText, texts(diff[name])); err != nil {
			return err
		}
	}
	return unreplacedInSelector("diff.labelSelector", texts(diff["labelSelector"]))
}

func unreplaced(field string, bare *regexp.Regexp, texts []string) error {
	for _, text := range texts {
		variable := braced.FindString(text)
		if bare == inRegex {
			text = classes.ReplaceAllString(text, "")
		}
		if found := bare.FindStringSubmatch(text); variable == "" && found != nil {
			variable = found[1]
		}
		if variable != "" {
			return invalidQuery(field, fmt.Errorf("nobody replaced the variable %s: there is none of this name, or there are no variables here, as in alert rules and public dashboards. Write a value in its place; in a regular expression, \\$ is a dollar", variable))
		}
	}
	return nil
}

// unreplacedInSelector looks into the names and values of selectors, or into what
// cannot be read as one.
func unreplacedInSelector(field string, selectors []string) error {
	for _, selector := range selectors {
		matchers, err := profile.ParseSelector(selector)
		if err != nil {
			if err := unreplaced(field, inText, []string{selector}); err != nil {
				return err
			}
		}
		for _, matcher := range matchers {
			pattern := inText
			if matcher.Type == labels.MatchRegexp || matcher.Type == labels.MatchNotRegexp {
				pattern = inRegex
			}
			if err := unreplaced(field, pattern, []string{matcher.Value}); err != nil {
				return err
			}
			if err := unreplaced(field, inText, []string{matcher.Name}); err != nil {
				return err
			}
		}
	}
	return nil
}

// texts are a text, or the texts of a list.
func texts(value json.RawMessage) []string {
	if isText, text := textOf(value); isText {
		return []string{text}
	}
	var all []any
	if json.Unmarshal(value, &all) != nil {
		return nil
	}
	var found []string
	for _, one := range all {
		if text, isText := one.(string); isText {
			found = append(found, text)
		}
	}
	return found
}
