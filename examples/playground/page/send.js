// send makes one request and tells what its page could read of the answer. It runs in the page and in its frames.
export async function send({ url, method, headers, body, credentials, header }) {
  try {
    const response = await fetch(url, { method, headers, body, credentials, cache: "no-store", signal: AbortSignal.timeout(10_000) });
    const text = await response.text();
    return {
      outcome: "read",
      status: response.status,
      header: header ? (response.headers.get(header) ?? "") : "",
      name: nameIn(text),
    };
  } catch (error) {
    // A page is not told why: a refusal and a server that is down look alike, so the journal of the servers has to tell them apart.
    return { outcome: "refused", error: String(error) };
  }
}

// nameIn returns the name in the answer of /me.
function nameIn(text) {
  try {
    return JSON.parse(text)?.name ?? "";
  } catch {
    return "";
  }
}
