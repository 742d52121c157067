// The rows of the grid. Each step of a scenario is a request. Where a policy usually refuses the
// last step, an allowed request comes first, because a server that is down looks like a refusal.
//
// A step has: from (who sends it: this page, its "twin" on the other origin, or a "sandbox"),
// method, path, headers, body, credentials, header (the response header that the page reads), and
// name (the page reads the name in the body). A step with shut changes the policy instead: a path
// of this page is then refused, or allowed again.

const json = { "Content-Type": "application/json" };
const item = JSON.stringify({ name: "milk" });
const get = { path: "/items" };

export const scenarios = [
  { id: "get", name: "GET", about: "A simple request, so there is no preflight.", steps: [get] },
  {
    id: "twin", name: "GET from another origin", about: "This page sends it under its other name.",
    steps: [get, { ...get, from: "twin" }],
  },
  {
    id: "post-text", name: "POST text/plain", about: "A form could send this, so there is no preflight.",
    steps: [{ method: "POST", path: "/items", headers: { "Content-Type": "text/plain" }, body: "milk" }],
  },
  {
    id: "post-json", name: "POST JSON", about: "No form could send this, so the browser asks first.",
    steps: [{ method: "POST", path: "/items", headers: json, body: item }],
  },
  {
    id: "put", name: "PUT", about: "The preflight asks for the method.",
    steps: [{ method: "PUT", path: "/items/1", headers: json, body: item }],
  },
  {
    id: "patch", name: "PATCH", about: "Another method that the preflight asks for. Its case matters.",
    steps: [{ method: "PATCH", path: "/items/1", headers: json, body: item }],
  },
  { id: "delete", name: "DELETE", about: "A method without a body.", steps: [{ method: "DELETE", path: "/items/1" }] },
  {
    id: "purge", name: "PURGE", about: "A method that few policies list.",
    steps: [get, { method: "PURGE", path: "/items/1" }],
  },
  {
    id: "custom-header", name: "X-Playground: 1", about: "A request header that the starting policy lists.",
    steps: [{ path: "/items", headers: { "X-Playground": "1" } }],
  },
  {
    id: "unlisted-header", name: "X-Unlisted: 1", about: "A request header that the starting policy does not list.",
    steps: [get, { path: "/items", headers: { "X-Unlisted": "1" } }],
  },
  {
    id: "cookie", name: "Cookie", about: "Logs in, then sends the cookie.",
    steps: [
      { method: "POST", path: "/session", credentials: "include" },
      { path: "/me", credentials: "include", name: true },
    ],
  },
  {
    id: "authorization", name: "Authorization", about: "A token in a header, which needs a preflight.",
    steps: [{ path: "/me", headers: { Authorization: "Bearer playground" }, name: true }],
  },
  {
    id: "total-count", name: "Reads X-Total-Count", about: "Scripts see this header only if the policy exposes it.",
    steps: [{ path: "/items", header: "X-Total-Count" }],
  },
  {
    id: "internal", name: "Reads X-Internal", about: "The server sends this header, too.",
    steps: [{ path: "/items", header: "X-Internal" }],
  },
  {
    id: "error", name: "Error 500", about: "A page can handle an error only if it can read it.",
    steps: [{ path: "/fail" }],
  },
  { id: "panic", name: "Panic", about: "The handler panics.", steps: [{ path: "/panic" }] },
  { id: "not-found", name: "Not found", about: "The router responds by itself.", steps: [{ path: "/nowhere" }] },
  {
    id: "redirect", name: "Redirect", about: "Within the server. The browser checks both responses.",
    steps: [{ path: "/redirect" }],
  },
  {
    id: "away", name: "Redirect to another server", about: "The browser then sends Origin: null.",
    steps: [get, { path: "/away" }],
  },
  {
    id: "null", name: "GET from origin null", about: "A sandboxed frame sends it.",
    steps: [get, { ...get, from: "sandbox" }],
  },
  {
    id: "route", name: "/public/ from another origin", about: "The starting policy has a route for this path.",
    steps: [{ ...get, from: "twin" }, { path: "/public/items", from: "twin" }],
  },
  {
    id: "off", name: "/off/", about: "The starting policy disables CORS for this path.",
    steps: [get, { path: "/off/items" }],
  },
  {
    id: "ambiguous", name: "/%70ublic/items", about: "Some routers read this as /public/items, and others do not.",
    steps: [get, { path: "/%70ublic/items" }],
  },
  {
    id: "reload", name: "Policy changed meanwhile", about: "One path is refused for a moment, while this page is open.",
    steps: [
      { path: "/reload/:id" },
      { shut: true }, { path: "/reload/:id" },
      { shut: false }, { path: "/reload/:id" },
    ],
  },
];
