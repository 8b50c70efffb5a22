package lenient_test

import (
	"encoding/json"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/message"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{`"a"`: "a", `9007199254740993`: "9007199254740993", `-12`: "-12", ` null `: "", `"\u00e9"`: "é"} {
		var got lenient.Text
		if err := json.Unmarshal([]byte(in), &got); err != nil || string(got) != want {
			t.Errorf("%s is read as %q, %v", in, got, err)
		}
	}
	for _, in := range []string{`true`, `{}`, `[1]`} {
		var got lenient.Text
		if json.Unmarshal([]byte(in), &got) == nil {
			t.Errorf("%s is read as %q", in, got)
		}
	}
}

func TestTimes(t *testing.T) {
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	e := message.Envelope{ReceivedAt: noon}
	for in, want := range map[lenient.Text]time.Time{
		"1795168800": noon.Add(-2 * time.Hour), "": noon, "soon": noon, "-5": noon, "9223372036854775807": noon, "253402300800": noon,
		"1795176000": noon, "1795176600": noon.Add(channel.MaxAhead), "1795176601": noon,
	} {
		if got := in.Seconds(e); !got.Equal(want) {
			t.Errorf("%q s is %v, want %v", in, got, want)
		}
	}
	if got := lenient.Text("1795168800123").Millis(e); !got.Equal(noon.Add(-2*time.Hour + 123*time.Millisecond)) {
		t.Errorf("milliseconds: %v", got)
	}
	if got := lenient.Text("9223372036854775807").Millis(e); !got.Equal(noon) {
		t.Errorf("too many milliseconds: %v", got)
	}
}

func TestGeo(t *testing.T) {
	for in, want := range map[[2]lenient.Text]string{
		{"38.7742", "-9.1342"}: "geo:38.7742,-9.1342", {"0", "0"}: "geo:0,0", {"91", "0"}: "", {"0", "181"}: "", {"NaN", "0"}: "", {"", ""}: "", {"north", "1"}: "",
	} {
		if got := lenient.Geo(in[0], in[1]); got != want {
			t.Errorf("%v is %q, want %q", in, got, want)
		}
	}
}

func TestUTF16(t *testing.T) {
	for in, want := range map[string]int{"": 0, "abc": 3, "é": 1, "😟": 2, "👨‍👩‍👧": 8, "\xff": 1} {
		if got := lenient.UTF16(in); got != want {
			t.Errorf("%q counts %d, want %d", in, got, want)
		}
	}
}
