// A question is a policy and a request:
//
//	{ policy: "text", request: { text } or { origin, url, method, headers, credentials } }
//
// A link has one in its fragment. The browser's storage has the one that the visitor is working on.

const prefix = "#q=";
const key = "polycors-playground";

// toFragment returns the fragment of a link to the question: base64url of JSON.
export function toFragment(question) {
  const bytes = new TextEncoder().encode(JSON.stringify(question));
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return prefix + base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

// fromFragment returns the question in a fragment, or null if there is none that can be read.
export function fromFragment(fragment) {
  if (!fragment.startsWith(prefix)) {
    return null;
  }
  try {
    const binary = atob(fragment.slice(prefix.length).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
    return checked(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch {
    return null;
  }
}

// load returns { question, own } as they were saved, or null.
export function load() {
  try {
    const { question, own } = JSON.parse(localStorage.getItem(key));
    return { question: checked(question), own: own ? checked(own) : null };
  } catch {
    return null;
  }
}

// save keeps the question that is shown, and the one that the visitor wrote, until the next visit.
export function save(question, own) {
  try {
    localStorage.setItem(key, JSON.stringify({ question, own }));
  } catch {
    // The storage is full or switched off. The page works without it.
  }
}

// checked returns a question that has all properties and no others.
function checked({ policy, request }) {
  const text = (value) => {
    if (typeof value !== "string") {
      throw new TypeError("want a string");
    }
    return value;
  };
  if ("text" in request) {
    return { policy: text(policy), request: { text: text(request.text) } };
  }
  const { origin, url, method, headers, credentials } = request;
  return {
    policy: text(policy),
    request: {
      origin: text(origin), url: text(url), method: text(method), headers: text(headers),
      credentials: credentials === true,
    },
  };
}
