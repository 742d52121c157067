package diagnose

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/settings"
)

// Write returns the policy in the given notation, which may differ from the notation that it was
// read from. Comments and findings are omitted. In Go, the result is a composite literal of the
// type in the original text, or of core.Config if that text had no type. Write returns an error if
// the policy contains a func or another value that the notation cannot express.
func (p Policy) Write(n Notation) (string, error) {
	switch n {
	case JSON:
		return writeJSON(p.Config)
	case Environment:
		return writeEnvironment(p.prefix, p.Config)
	case Go:
		return writeGo(p.goType, p.Config)
	}
	return "", errors.New("cors: there is no notation " + strconv.Quote(string(n)))
}

func writeJSON(cfg core.Config) (string, error) {
	text, err := settings.ToJSON(settings.Settings{CORS: cfg})
	if err != nil {
		return "", err
	}
	return string(text) + "\n", nil
}

// refuseFuncs returns an error if a Config contains a func.
func refuseFuncs(cfg core.Config) error {
	isFunc := cfg.AllowOriginFunc != nil || cfg.OnDecision != nil
	for _, r := range cfg.Routes {
		isFunc = isFunc || r.Config.AllowOriginFunc != nil || r.Config.OnDecision != nil
	}
	if isFunc {
		return errors.New("cors: a func cannot be written")
	}
	return nil
}

// writeEnvironment returns a Config as variables. Their names and values are those of the keys in
// JSON.
func writeEnvironment(prefix string, cfg core.Config) (string, error) {
	if err := refuseFuncs(cfg); err != nil {
		return "", err
	}
	prefix = cmp.Or(prefix, "CORS_")
	// Some entries look like something else in a list with commas, so the result is read again.
	for _, list := range []func(entries []string) string{joinEntries, jsonList} {
		written, err := environmentOf(prefix, cfg, list)
		if err != nil {
			return "", err
		}
		got, err := ReadPolicy(written)
		if err == nil && got.Notation == Environment && reflect.DeepEqual(got.Config, normal(cfg)) {
			return written, nil
		}
	}
	return "", errors.New("cors: this policy cannot be written as environment variables")
}

func environmentOf(prefix string, cfg core.Config, list func(entries []string) string) (string, error) {
	var b strings.Builder
	v := reflect.ValueOf(cfg)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			continue
		}
		written := ""
		switch v := v.Field(i).Interface().(type) {
		case []string:
			written = list(v)
		case []core.Route:
			text, err := writeJSON(core.Config{Routes: v})
			if err != nil {
				return "", err
			}
			routes := parseJSON(text).values[0]
			written = compact(text[routes.start:routes.end])
		case time.Duration:
			written = environmentAge(v)
		default:
			written = fmt.Sprint(v)
		}
		quoted, _ := variable{}.write(written, "")
		b.WriteString(prefix + strings.ToUpper(keyByField[v.Type().Field(i).Name]) + "=" + quoted + "\n")
	}
	return b.String(), nil
}

// environmentAge returns a MaxAge as the value of a variable: in seconds, if it has no fraction.
func environmentAge(age time.Duration) string {
	switch {
	case age < 0:
		return "0"
	case age%time.Second == 0:
		return strconv.Itoa(int(age / time.Second))
	}
	return age.String()
}

// compact returns JSON on one line.
func compact(text string) string {
	var b bytes.Buffer
	_ = json.Compact(&b, []byte(text)) // never fails for valid JSON
	return b.String()
}

// normal returns a Config as it is read back. Every negative MaxAge has the same meaning.
func normal(cfg core.Config) core.Config {
	cfg.MaxAge = max(cfg.MaxAge, -1)
	cfg.Routes = slices.Clone(cfg.Routes)
	for i := range cfg.Routes {
		cfg.Routes[i].Config.MaxAge = max(cfg.Routes[i].Config.MaxAge, -1)
	}
	return cfg
}
