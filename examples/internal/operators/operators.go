// Package operators shows how a program reads its CORS settings under names of its own, from the
// environment, with viper, with koanf and from a YAML file. The operator of the program reads
// errors and findings under the same names.
//
// docs/guides/environment.md has the same code in short.
package operators

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/knadh/koanf/v2"
	"github.com/spf13/viper"
	"gopkg.in/yaml.v3"

	"github.com/polycors/cors/core/settings"
)

// FromEnviron reads variables. lookup is [os.LookupEnv].
func FromEnviron(lookup func(name string) (value string, ok bool)) (settings.Settings, error) {
	value := func(key, name string) settings.Value {
		text, _ := lookup(name) // a variable that is empty counts as not set
		return settings.Value{Key: key, Name: name, Text: []string{text}}
	}
	return settings.FromValues([]settings.Value{
		value("allow_origins", "MYAPP_CORS_ORIGINS"),
		value("allow_credentials", "MYAPP_CORS_COOKIES"),
		value("max_age", "MYAPP_CORS_MAX_AGE"),
	}, settings.Options{})
}

// FromViper reads the keys under server.cors, which may come from a file, variables or flags.
func FromViper(v *viper.Viper) (settings.Settings, error) {
	value := func(key, name string) settings.Value {
		return settings.Value{Key: key, Name: name, Text: text(v.Get(name))}
	}
	return settings.FromValues([]settings.Value{
		value("allow_origins", "server.cors.origins"),
		value("allow_credentials", "server.cors.cookies"),
		value("max_age", "server.cors.max_age"),
		value("routes", "server.cors.routes"),
	}, settings.Options{})
}

// FromKoanf reads the keys under cors. Without origins, every website may read the responses.
func FromKoanf(k *koanf.Koanf) (settings.Settings, error) {
	value := func(key, name string) settings.Value {
		return settings.Value{Key: key, Name: name, Text: text(k.Get(name))}
	}
	return settings.FromValues([]settings.Value{
		value("allow_origins", "cors.origins"),
		value("allow_origin_regexes", "cors.origin_patterns"),
		value("allow_credentials", "cors.cookies"),
		value("max_age", "cors.max_age"),
	}, settings.Options{NoOrigins: []string{"*"}, DropCredentials: true})
}

// corsSection is a part of a YAML file. The values have any type, so that FromValues can say what
// is wrong with them.
type corsSection struct {
	Origins any `yaml:"origins"`
	Cookies any `yaml:"cookies"`
	MaxAge  any `yaml:"max_age"`
	Routes  any `yaml:"routes"`
}

// FromYAML reads a file that has settings under server.cors. It refuses unknown keys.
func FromYAML(data []byte) (settings.Settings, error) {
	var file struct {
		Server struct {
			CORS corsSection `yaml:"cors"`
		} `yaml:"server"`
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil {
		return settings.Settings{}, err
	}
	cors := file.Server.CORS
	return settings.FromValues([]settings.Value{
		{Key: "allow_origins", Name: "server.cors.origins", Text: text(cors.Origins)},
		{Key: "allow_credentials", Name: "server.cors.cookies", Text: text(cors.Cookies)},
		{Key: "max_age", Name: "server.cors.max_age", Text: text(cors.MaxAge)},
		{Key: "routes", Name: "server.cors.routes", Text: text(cors.Routes)},
	}, settings.Options{})
}

// text returns a value of a parsed file as the operator wrote it: the entries of a list of strings,
// JSON for other lists, such as routes, and everything else as one string. It returns nil for a
// value that is not set.
func text(value any) []string {
	list, ok := value.([]any)
	switch {
	case value == nil:
		return nil
	case !ok:
		return []string{fmt.Sprint(value)}
	}
	var entries []string
	for _, entry := range list {
		if s, ok := entry.(string); ok {
			entries = append(entries, s)
		}
	}
	if len(entries) == len(list) && len(list) > 0 {
		return entries
	}
	data, err := json.Marshal(list) // [] for a list that is empty
	if err != nil {
		return []string{fmt.Sprint(list)} // a key that is not a string, which FromValues refuses
	}
	return []string{string(data)}
}
