// The rows of the grid. Each step is a request, and says what must come of it on the page of the first origin with the policy that the playground starts
// with. Where the last step is to be refused, the one before is the same without what is refused: a server that is down does not pass for a policy.
//
// A step has: from (who sends it: the page, its "twin" on the other origin, a "sandbox"), method, path, headers, body, credentials, header
// (the response header that the page looks at), name (it looks at the name in the body), and want. A step with shut reloads the policy instead.

const json = { "Content-Type": "application/json" };
const item = JSON.stringify({ name: "milk" });
const get = { path: "/items", want: "read 200" };

export const scenarios = [
  { id: "get", name: "Simple GET", about: "No preflight: the answer says who may read.", steps: [get] },
  {
    id: "twin", name: "Another origin", about: "The same page under its other name asks.",
    steps: [get, { ...get, from: "twin", want: "refused, origin-not-allowed" }],
  },
  {
    id: "post-text", name: "POST text/plain", about: "A form could send this: no preflight.",
    steps: [{ method: "POST", path: "/items", headers: { "Content-Type": "text/plain" }, body: "milk", want: "read 200" }],
  },
  {
    id: "post-json", name: "POST JSON", about: "No form could: the browser asks first.",
    steps: [{ method: "POST", path: "/items", headers: json, body: item, want: "read 200" }],
  },
  { id: "put", name: "PUT", about: "The preflight asks for the method.", steps: [{ method: "PUT", path: "/items/1", headers: json, body: item, want: "read 200" }] },
  {
    id: "refused-method", name: "Refused method", about: "PURGE is not an allowed method.",
    steps: [get, { method: "PURGE", path: "/items/1", want: "refused, method-not-allowed" }],
  },
  { id: "patch", name: "PATCH", about: "The preflight asks, and case counts.", steps: [{ method: "PATCH", path: "/items/1", headers: json, body: item, want: "read 200" }] },
  { id: "delete", name: "DELETE", about: "The preflight asks for this one, too.", steps: [{ method: "DELETE", path: "/items/1", want: "read 200" }] },
  {
    id: "custom-header", name: "Custom header", about: "X-Playground is an allowed header.",
    steps: [{ path: "/items", headers: { "X-Playground": "1" }, want: "read 200" }],
  },
  {
    id: "refused-header", name: "Refused header", about: "X-Unlisted is not an allowed header.",
    steps: [get, { path: "/items", headers: { "X-Unlisted": "1" }, want: "refused, header-not-allowed" }],
  },
  {
    id: "cookie", name: "Cookie", about: "Logs in, then sends the cookie along (credentials: include).",
    steps: [
      { method: "POST", path: "/session", credentials: "include", want: "read 200" },
      { path: "/me", credentials: "include", name: true, want: "read 200, ada, by cookie" },
    ],
  },
  {
    id: "authorization", name: "Authorization", about: "A token in a header, which needs a preflight.",
    steps: [{ path: "/me", headers: { Authorization: "Bearer playground" }, name: true, want: "read 200, ada, by token" }],
  },
  {
    id: "exposed", name: "Exposed header", about: "The page reads X-Total-Count of the answer.",
    steps: [{ path: "/items", header: "X-Total-Count", want: "read 200, X-Total-Count: 2" }],
  },
  {
    id: "hidden", name: "Hidden header", about: "X-Internal is sent too, but not exposed.",
    steps: [{ path: "/items", header: "X-Internal", want: "read 200, X-Internal hidden" }],
  },
  { id: "error", name: "Error 500", about: "An error must be readable, or the page reports the wrong one.", steps: [{ path: "/fail", want: "read 500" }] },
  { id: "panic", name: "Panic", about: "What is left of a panic must be readable, too.", steps: [{ path: "/panic", want: "read 500" }] },
  { id: "not-found", name: "Not found", about: "What the router answers by itself.", steps: [{ path: "/nowhere", want: "read 404" }] },
  { id: "redirect", name: "Redirect", about: "Within the server. Both answers are checked.", steps: [{ path: "/redirect", want: "read 200" }] },
  {
    id: "away", name: "Redirect elsewhere", about: "To the next framework's port: the browser then sends Origin: null.",
    steps: [get, { path: "/away", want: "refused, origin-not-allowed" }],
  },
  {
    id: "null", name: "Origin null", about: "The request of a sandboxed frame.",
    steps: [get, { ...get, from: "sandbox", want: "refused, origin-not-allowed" }],
  },
  {
    id: "route", name: "Path with its own policy", about: "The other origin may read /public/, but nothing else.",
    steps: [{ ...get, from: "twin", want: "refused, origin-not-allowed" }, { path: "/public/items", from: "twin", want: "read 200" }],
  },
  {
    id: "off", name: "CORS off", about: "Under /off/ nobody answers CORS.",
    steps: [get, { path: "/off/items", want: "refused, no-policy" }],
  },
  {
    id: "ambiguous", name: "Ambiguous path", about: "/%70ublic/items: to some routers that is /public/items, and to others it is not.",
    steps: [get, { path: "/%70ublic/items", want: "refused, path-ambiguous" }],
  },
  {
    id: "reload", name: "Policy reloaded", about: "Read, then refused, then read again, while the page is open.",
    steps: [
      { path: "/reload/:id", want: "read 200" },
      { shut: true }, { path: "/reload/:id", want: "refused, origin-not-allowed" },
      { shut: false }, { path: "/reload/:id", want: "read 200" },
    ],
  },
];
