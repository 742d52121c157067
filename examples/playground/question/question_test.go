package question_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/polycors/cors/examples/playground/question"
)

func ask(t *testing.T, policy string, request map[string]any) string {
	t.Helper()
	data, err := json.Marshal(map[string]any{"policy": policy, "request": request})
	if err != nil {
		t.Fatal(err)
	}
	return string(question.Explain(t.Context(), data))
}

// TestExplain compares whole explanations with those in testdata, because they are the contract
// with the page.
func TestExplain(t *testing.T) {
	for _, tt := range []struct {
		file    string
		policy  string
		request map[string]any
	}{
		{"fix.json", "{\n  \"allow_origins\": [\"https://app.example.com\"],\n  \"allow_headers\": []\n}",
			map[string]any{
				"origin": "https://app.example.com", "url": "https://api.example.com/items", "method": "GET",
				"headers": "X-A: 1\n",
			}},
		{"enable.json", "CORS_ALLOW_ORIGINS=https://app.example.com # ours\n", map[string]any{
			"text": `Access to fetch at 'https://api.example.com/items' from origin 'https://app.example.com' has been ` +
				`blocked by CORS policy: The value of the 'Access-Control-Allow-Credentials' header in the response is '' ` +
				`which must be 'true' when the request's credentials mode is 'include'.`,
		}},
		{"problems.json", "corsgin.Config{\n\tAllowOrigins: []string{\"https://a.example/\", origin},\n}",
			map[string]any{"text": "not a request"}},
		{"findings.json", "CORS_ALLOW_ORIGINS=*\n", map[string]any{"origin": "https://a.example", "url": "/x?y"}},
		{"header.json", "CORS_ALLOW_ORIGINS=[]\n", map[string]any{"headers": "x"}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			want, err := os.ReadFile(filepath.Join("testdata", tt.file))
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			if err := json.Indent(&got, []byte(ask(t, tt.policy, tt.request)), "", "  "); err != nil {
				t.Fatal(err)
			}
			if got.String()+"\n" != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got.String(), want)
			}
		})
	}
}

func TestExplainErrors(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "no JSON": "policy", "a list": "[]", "wrong type": `{"policy": 1}`,
		"too long": `{"policy": "` + strings.Repeat(" ", question.MaxSize) + `"}`,
	} {
		var got map[string]string
		data := question.Explain(t.Context(), []byte(text))
		if err := json.Unmarshal(data, &got); err != nil || len(got) != 1 || got["error"] == "" {
			t.Errorf("%s: got %s, want an error", name, data)
		}
	}
}
