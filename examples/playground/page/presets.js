// The examples: questions that people ask about CORS.

const page = "https://app.example.com";
const api = "https://api.example.com";

export const presets = [
  {
    name: "Typo in the origin",
    policy: `{
  "allow_origins": ["https://app.exmaple.com"],
  "allow_credentials": true
}`,
    request: {
      text: `Access to fetch at '${api}/items' from origin '${page}' has been blocked by CORS policy: ` +
        "No 'Access-Control-Allow-Origin' header is present on the requested resource.",
    },
  },
  {
    name: "http, not https",
    policy: `{
  "allow_origins": ["http://app.example.com"]
}`,
    request: { origin: page, url: `${api}/items`, method: "GET", headers: "", credentials: false },
  },
  {
    name: "PUT is not allowed",
    policy: `corsgin.Config{
	AllowOrigins: []string{"${page}"},
	AllowMethods: []string{"GET", "POST"},
}`,
    request: {
      text: `PUT /items/1 HTTP/1.1
Host: api.example.com
Origin: ${page}
Content-Type: application/json`,
    },
  },
  {
    name: "Custom header",
    policy: `CORS_ALLOW_ORIGINS=${page}
CORS_ALLOW_HEADERS=authorization,content-type
`,
    request: {
      text: `curl ${api}/items \\
  -H 'Origin: ${page}' \\
  -H 'X-Request-Id: 7f3a'`,
    },
  },
  {
    name: "Cookies and *",
    policy: `{
  "allow_origins": ["*"]
}`,
    request: { origin: page, url: `${api}/me`, method: "GET", headers: "", credentials: true },
  },
  {
    name: "Preview deployment",
    policy: `corshttp.Config{
	AllowOrigins: []string{
		"${page}",
		"https://pr-*.example.com",
	},
	AllowCredentials: true,
}`,
    request: {
      origin: "https://preview-42.example.com", url: `${api}/items`, method: "GET", headers: "", credentials: true,
    },
  },
  {
    name: "Public path",
    policy: `{
  "allow_origins": ["${page}"],
  "allow_credentials": true,
  "routes": [
    {"path": "/public/", "allow_origins": ["*"]}
  ]
}`,
    request: {
      origin: "https://news.example.org", url: `${api}/public/prices`, method: "GET", headers: "", credentials: false,
    },
  },
  {
    name: "Unsafe policy",
    policy: `{
  "allow_origins": ["*"],
  "allow_credentials": true
}`,
    request: { origin: page, url: `${api}/me`, method: "GET", headers: "", credentials: true },
  },
];
