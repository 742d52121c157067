// send makes one request and returns what its page could read of the response. It runs in the page
// and in its frames.
export async function send({ url, method, headers, body, credentials, header }) {
  try {
    const signal = AbortSignal.timeout(10_000);
    const response = await fetch(url, { method, headers, body, credentials, cache: "no-store", signal });
    const text = await response.text();
    return {
      outcome: "read",
      status: response.status,
      header: header ? (response.headers.get(header) ?? "") : "",
      name: nameIn(text),
    };
  } catch (error) {
    // A page does not learn why. A refusal looks like a server that is down, so the page asks the
    // servers what they have received.
    return { outcome: "refused", error: String(error) };
  }
}

// nameIn returns the name in a response of /me.
function nameIn(text) {
  try {
    return JSON.parse(text)?.name ?? "";
  } catch {
    return "";
  }
}
