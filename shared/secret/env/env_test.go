package env_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ines/shared/secret"
	"ines/shared/secret/env"
	"ines/shared/secret/secrettest"
)

func lookup(vars map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		v, ok := vars[name]
		return v, ok
	}
}

// variables puts the suite's secrets where an operator would.
func variables(t testing.TB, set secret.Static) map[string]string {
	vars := map[string]string{}
	for name, values := range set {
		use, inbox, _ := strings.Cut(name, "/")
		variable := env.Variable(secret.Use(use), inbox)
		if variable == "" {
			t.Fatalf("no variable for %s", name)
		}
		vars[variable] = strings.Join(values, ",")
	}
	return vars
}

func TestConformance(t *testing.T) {
	t.Run("environment", func(t *testing.T) {
		secrettest.Run(t, func(t testing.TB, set secret.Static) secret.Source {
			s, err := env.New(lookup(variables(t, set)), "")
			if err != nil {
				t.Fatal(err)
			}
			return s
		})
	})
	t.Run("file", func(t *testing.T) {
		secrettest.Run(t, func(t testing.TB, set secret.Static) secret.Source {
			var text strings.Builder
			for name, value := range variables(t, set) {
				text.WriteString(name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(value) + "\"\n")
			}
			s, err := env.New(lookup(nil), write(t, text.String()))
			if err != nil {
				t.Fatal(err)
			}
			return s
		})
	})
}

func write(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "secrets.env")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestVariable(t *testing.T) {
	for _, tt := range []struct {
		use         secret.Use
		inbox, want string
	}{
		{secret.Sign, "northline-x", "INES_SECRET_NORTHLINE_X"},
		{secret.Token, "Northline.Mail2", "INES_TOKEN_NORTHLINE_MAIL2"},
		{secret.Verify, "é-1", "INES_VERIFY___1"},
		{secret.Link, "", "INES_LINK_KEY"},
		{secret.Sign, "", ""},
		{"other", "northline-x", ""},
	} {
		if got := env.Variable(tt.use, tt.inbox); got != tt.want {
			t.Errorf("%s of %q: %s, want %s", tt.use, tt.inbox, got, tt.want)
		}
	}
}

func TestFileAndEnvironment(t *testing.T) {
	file := write(t, strings.Join([]string{
		"# secrets of the sample desk", "", "  # indented",
		"INES_SECRET_A = plain value # kept ",
		"INES_SECRET_B='single, \"quoted\" \\n'\r",
		`INES_SECRET_C="-----BEGIN X-----\nab\\cd\"\n-----END X-----"`,
		"INES_SECRET_D=from the file",
		"INES_SECRET_E=from the file",
		"INES_SECRET_F= , ,",
		"INES_TOKEN_A=AC1:to,ken",
		"INES_LINK_KEY=new, old,",
		"OTHER=",
		"INES_SECRET_G=no=line=feed",
	}, "\n"))
	s, err := env.New(lookup(map[string]string{"INES_SECRET_D": "from the environment", "INES_SECRET_E": "  "}), file)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		use   secret.Use
		inbox string
		want  []string
	}{
		{secret.Sign, "a", []string{"plain value # kept"}},
		{secret.Sign, "b", []string{"single", `"quoted" \n`}},
		{secret.Sign, "c", []string{"-----BEGIN X-----\nab\\cd\"\n-----END X-----"}},
		{secret.Sign, "d", []string{"from the environment"}},
		{secret.Sign, "e", []string{"from the file"}},
		{secret.Sign, "f", nil},
		{secret.Sign, "g", []string{"no=line=feed"}},
		{secret.Token, "a", []string{"AC1:to,ken"}},
		{secret.Link, "", []string{"new", "old"}},
	} {
		got, err := s.Values(t.Context(), tt.use, tt.inbox)
		if !slices.Equal(got, tt.want) || (len(tt.want) == 0) != errors.Is(err, secret.ErrMissing) {
			t.Errorf("%s of %s: %q, %v; want %q", tt.use, tt.inbox, got, err, tt.want)
		}
	}
	_, err = s.Values(t.Context(), secret.Token, "shop-x")
	if err == nil || !strings.Contains(err.Error(), "INES_TOKEN_SHOP_X") || !strings.Contains(err.Error(), file) {
		t.Errorf("got %v, want the variable and the file named", err)
	}
}

func TestMalformedFile(t *testing.T) {
	for name, text := range map[string]string{
		"no equals sign":  "A=1\nhunter2\n",
		"a bad name":      "A=1\nhunter2-x=hunter2",
		"no name":         "A=1\n=hunter2",
		"an open quote":   "A=1\nB=\"hunter2",
		"a lone quote":    "A=1\nB='",
		"a bad escape":    "A=1\nB=\"hunter2\\t\"",
		"an inner quote":  "A=1\nB=\"hunter2\"hunter2\"",
		"a trailing \\":   "A=1\nB=\"hunter2\\\"",
		"the second time": "A=1\nA=hunter2",
	} {
		file := write(t, text)
		_, err := env.New(lookup(nil), file)
		if err == nil || !strings.Contains(err.Error(), file+":2: ") {
			t.Errorf("%s: got %v, want an error at line 2", name, err)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error shows the value: %v", name, err)
		}
	}
	if _, err := env.New(lookup(nil), filepath.Join(t.TempDir(), "absent")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

func FuzzFile(f *testing.F) {
	for _, seed := range []string{"A=1", "A='x'\n#\n\nB=\"\\n\"", "=", "A", "A=\"", "\xff=\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file := write(t, text)
		s, err := env.New(lookup(nil), file)
		if (s == nil) == (err == nil) {
			t.Fatalf("source %v, error %v", s, err)
		}
		if err != nil && !strings.Contains(err.Error(), file+":") {
			t.Errorf("%v does not say where", err)
		}
	})
}
