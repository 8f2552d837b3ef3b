package legacyapi

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A leap day, so that months and years of fixed length show.
var testNow = time.Date(2024, time.February, 29, 12, 0, 0, 123_000_000, time.UTC)

func TestParseTime(t *testing.T) {
	ago := func(d time.Duration) time.Time { return testNow.Add(-d) }
	const day = 24 * time.Hour
	for text, want := range map[string]time.Time{
		"now":                 testNow,
		" now ":               testNow,
		"now-30s":             ago(30 * time.Second),
		"now-90sec":           ago(90 * time.Second),
		"now-1m":              ago(time.Minute),
		"now-1min":            ago(time.Minute),
		"now-1M":              ago(30 * day),
		"now-1mon":            ago(30 * day),
		"now-12h":             ago(12 * time.Hour),
		"now - 1 hour":        ago(time.Hour),
		"now-2d":              ago(2 * day),
		"now-1w":              ago(7 * day),
		"now-1y":              ago(365 * day),
		"now-1h30min":         ago(90 * time.Minute),
		"now+5min":            testNow.Add(5 * time.Minute),
		"-1h":                 ago(time.Hour),
		"20240131":            time.Date(2024, time.January, 31, 0, 0, 0, 0, time.UTC),
		"2024_01_31":          time.Date(2024, time.January, 31, 0, 0, 0, 0, time.UTC),
		"1709208000":          time.Unix(1709208000, 0),
		"1,709,208,000":       time.Unix(1709208000, 0),
		"1709208000123":       time.UnixMilli(1709208000123),
		"1709208000123456":    time.UnixMicro(1709208000123456),
		"1709208000123456789": time.Unix(0, 1709208000123456789),
		"0":                   time.Unix(0, 0),
		"20241331":            time.Unix(20241331, 0), // no day: seconds
	} {
		t.Run(text, func(t *testing.T) {
			got, err := parseTime(text, testNow)
			require.NoError(t, err)
			require.True(t, got.Equal(want), "%s, not %s", got.UTC(), want.UTC())
		})
	}
}

func TestParseTimeRefuses(t *testing.T) {
	for text, message := range map[string]string{
		"":                               "is not a time: it must be like now",
		"yesterday":                      "it must be like now",
		"now-":                           "it must be like now",
		"now-1":                          "it must be like now",
		"now-h":                          "it must be like now",
		"now-1parsec":                    "it must be like now",
		"now-1h-1h":                      "it must be like now",
		"2024-01-31T00:00:00Z":           "it must be like now",
		"1709208000.5":                   "it must be like now",
		"99999999999999999999":           "it must be like now",
		"123456789012":                   "it must be like now",
		"now-101y":                       "more than 100 years",
		"now-99y99y":                     "more than 100 years",
		"now-9999999999999999999y":       "it must be like now",
		"now-999999999999999999y":        "more than 100 years",
		string(make([]byte, 65)) + "now": "a time of 68 characters",
	} {
		t.Run(text, func(t *testing.T) {
			_, err := parseTime(text, testNow)
			require.ErrorContains(t, err, message)
		})
	}
}

// Whatever is read lies within what Unix milliseconds can say.
func FuzzParseTime(f *testing.F) {
	for _, seed := range []string{"now", "now-1h30min", "20240131", "1709208000123", "-1M", "now+9y"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, err := parseTime(text, testNow)
		if err == nil && (at.Year() < 1800 || at.Year() > 6000) {
			t.Errorf("%q is %s", text, at)
		}
	})
}

// misread are times that Pyroscope takes for another one without a word.
var misread = map[string]string{
	"now-1h30min":          "the half hour is dropped",
	"now-1":                "now",
	"now-1H":               "now",
	"now-1parsec":          "now",
	"yesterday":            "now",
	"2026-11-27T12:00:00Z": "now",
}

// Times are understood as a real Pyroscope understands them; see testdata.
func TestRecordedNotations(t *testing.T) {
	raw, err := os.ReadFile("testdata/notations.json")
	require.NoError(t, err)
	var cases []struct {
		From           string
		Now, StartTime int64
	}
	require.NoError(t, json.Unmarshal(raw, &cases))
	require.Greater(t, len(cases), 15)
	for _, c := range cases {
		at, err := parseTime(c.From, time.UnixMilli(c.Now))
		same := err == nil && at.Unix()-at.Unix()%15 == c.StartTime
		_, differs := misread[c.From]
		require.NotEqual(t, differs, same, "%s is %s (%v), recorded: %s", c.From, at.UTC(), err, time.Unix(c.StartTime, 0).UTC())
	}
}
