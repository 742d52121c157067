package settings_test

import (
	"fmt"
	"time"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/settings"
)

func ExampleFromEnv() {
	environ := []string{ // os.Environ()
		"CORS_ALLOWED_ORIGINS=https://app.example.com,https://admin.example.com",
		"CORS_ORIGIN_WHITELIST=https://old.example.com",
		"CORS_PREFLIGHT_MAX_AGE=600",
		"CSRF_TRUSTED_ORIGINS=https://admin.example.com",
	}
	s, err := settings.FromEnv("CORS_", environ)
	if err != nil {
		panic(err)
	}
	fmt.Println(s.CORS.AllowOrigins, s.CORS.MaxAge)
	fmt.Println(s.CSRF.TrustedOrigins)
	for _, finding := range s.Findings {
		fmt.Println(finding.Field + ": " + finding.Code)
	}
	// Output:
	// [https://app.example.com https://admin.example.com] 10m0s
	// [https://admin.example.com]
	// CORS_ORIGIN_WHITELIST: setting-without-effect
}

// Every problem is reported, each with the name of the variable and a fix.
func ExampleFromEnv_problems() {
	_, err := settings.FromEnv("CORS_", []string{"CORS_ALOW_ORIGINS=https://app.example.com", "CORS_DEBUG=maybe"})
	for problem := range core.Problems(err) {
		fmt.Println(problem.Field + ": " + problem.Fix)
	}
	// Output:
	// CORS_DEBUG: write true or false
	// CORS_ALOW_ORIGINS: write CORS_ALLOW_ORIGINS instead, or remove it
}

func ExampleFromJSON() {
	s, err := settings.FromJSON([]byte(`{
		"allow_origins": ["https://app.example.com"],
		"allow_credentials": true,
		"max_age": "10m",
		"routes": [{"path": "/public/", "allow_origins": ["*"]}]
	}`))
	if err != nil {
		panic(err)
	}
	fmt.Println(s.CORS.AllowOrigins, s.CORS.AllowCredentials, s.CORS.MaxAge, s.CORS.Routes[0].Path)
	// Output:
	// [https://app.example.com] true 10m0s /public/
}

// Every problem is reported, each with the place of the key and a fix.
func ExampleFromJSON_problems() {
	_, err := settings.FromJSON([]byte(`{
		"allow_origins": ["https://app.example.com/"],
		"routes": [{"path": "/public/", "alow_origins": ["*"]}]
	}`))
	for problem := range core.Problems(err) {
		fmt.Println(problem.Field, problem.Index, problem.Fix)
	}
	// Output:
	// routes[0].alow_origins -1 write "allow_origins" instead, or remove it
	// allow_origins 0 write "https://app.example.com"
}

// Problems have the names under which the operator knows the settings.
func ExampleFromValues() {
	origins := "https://app.example.com/, https://admin.example.com" // the value of a flag, a variable or a file
	values := []settings.Value{
		{Key: "allow_origins", Name: "--cors-origins", Text: []string{origins}},
		{Key: "allow_credentials", Name: "--cors-cookies", Text: []string{"true"}},
		{Key: "max_age", Name: "--cors-max-age", Text: nil}, // not set
	}
	if _, err := settings.FromValues(values, settings.Options{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// cors: --cors-origins[0]: "https://app.example.com/": an origin has no path; write "https://app.example.com"
}

func ExampleToJSON() {
	data, err := settings.ToJSON(settings.Settings{
		CORS: core.Config{AllowOrigins: []string{"https://app.example.com"}, MaxAge: 10 * time.Minute},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(string(data))
	// Output:
	// {
	//   "allow_origins": [
	//     "https://app.example.com"
	//   ],
	//   "max_age": "10m"
	// }
}
