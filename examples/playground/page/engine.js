// Asks the engine whether a page can read a response, and why not. The engine is the playground's
// server or, where the page is only static files, a WebAssembly module. engine.json says which.

let engine; // a promise of a function from a question in JSON to an explanation in JSON

// ask explains a request under a policy. The policy is a text, and isFixed says that it was changed
// after the browser blocked the request. The request is {text} for a text that was pasted, or
// {origin, url, method, headers, credentials}.
export async function ask(policy, isFixed, request) {
  engine ??= open();
  let explanation;
  try {
    const explain = await engine;
    explanation = JSON.parse(await explain(JSON.stringify({ policy, fixed: isFixed, request })));
  } catch (error) {
    engine = undefined; // It did not open, or it has stopped. The next question opens it again.
    throw error;
  }
  if (explanation.error) {
    throw new Error(explanation.error);
  }
  return explanation;
}

async function open() {
  const { engine } = await (await get("engine.json")).json();
  return engine === "wasm" ? openModule() : askServer;
}

async function askServer(question) {
  const response = await fetch("explain", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: question,
  });
  if (!response.ok) {
    throw new Error(await response.text());
  }
  return response.text();
}

async function openModule() {
  await import("./wasm_exec.js"); // defines Go
  const go = new Go();
  const { instance } = await WebAssembly.instantiate(await unzip(await get("polycors.wasm.gz")), go.importObject);
  go.run(instance); // runs until the page is closed
  return globalThis.polycorsExplain;
}

// unzip returns the bytes of a compressed file. Some servers say that it is compressed, and then the
// browser has already decompressed it.
async function unzip(response) {
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) {
    return bytes;
  }
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

async function get(name) {
  const response = await fetch(new URL(name, import.meta.url));
  if (!response.ok) {
    throw new Error(`${name}: ${response.status} ${response.statusText}`);
  }
  return response;
}
