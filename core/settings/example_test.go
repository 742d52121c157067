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
	fmt.Println(s.CORS.AllowOrigins, s.CORS.MaxAge, err)
	fmt.Println(s.CSRF.TrustedOrigins)
	for _, f := range s.Findings {
		fmt.Println(f.Field+":", f.Message)
	}

	_, err = settings.FromEnv("CORS_", []string{"CORS_ALOW_ORIGINS=https://app.example.com", "CORS_DEBUG=maybe"})
	fmt.Println(err)
	// Output:
	// [https://app.example.com https://admin.example.com] 10m0s <nil>
	// [https://admin.example.com]
	// CORS_ORIGIN_WHITELIST: CORS_ALLOWED_ORIGINS says the same and wins, so this has no effect; remove it.
	// cors: CORS_DEBUG: "maybe": this is no boolean; write true or false
	// cors: CORS_ALOW_ORIGINS: no setting has this name; write CORS_ALLOW_ORIGINS, the nearest one, or remove it
}

func ExampleFromJSON() {
	s, err := settings.FromJSON([]byte(`{
		"allow_origins": ["https://app.example.com"],
		"allow_credentials": true,
		"max_age": "10m",
		"routes": [{"path": "/public/", "allow_origins": ["*"]}]
	}`))
	fmt.Println(s.CORS.AllowOrigins, s.CORS.AllowCredentials, s.CORS.MaxAge, s.CORS.Routes[0].Path, err)

	_, err = settings.FromJSON([]byte(`{"allow_origins": ["https://app.example.com/"], "routes": [{"path": "/public/", "alow_origins": ["*"]}]}`))
	fmt.Println(err)
	// Output:
	// [https://app.example.com] true 10m0s /public/ <nil>
	// cors: routes[0].alow_origins: no setting has this key; write "allow_origins", the nearest one, or remove it
	// cors: allow_origins[0]: "https://app.example.com/": an origin has no path; write "https://app.example.com"
}

func ExampleToJSON() {
	data, err := settings.ToJSON(settings.Settings{CORS: core.Config{AllowOrigins: []string{"https://app.example.com"}, MaxAge: 10 * time.Minute}})
	fmt.Println(string(data), err)
	// Output:
	// {
	//   "allow_origins": [
	//     "https://app.example.com"
	//   ],
	//   "max_age": "10m"
	// } <nil>
}
