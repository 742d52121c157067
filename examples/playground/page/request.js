// The request: a text that the visitor pastes, or fields to fill in. The fields show what was read
// from the text. If the visitor changes a field or empties the text, the fields count from then on,
// and the text does not.
import { element, find } from "./dom.js";

const pasted = find("#pasted");
const reading = find("#reading");
const fields = {
  origin: find("#origin"), method: find("#method"), url: find("#url"), headers: find("#headers"),
  credentials: find("#credentials"),
};

// A header line with a secret: the first group is its name.
const secret = /^(\s*[\w-]*(?:auth|cookie|key|secret|session|token)[\w-]*\s*:\s*).+$/gim;

export class RequestForm {
  #fromText = true; // whether the text counts, and not the fields
  #wasFilled = false; // whether the fields show what was read from a text
  #onInput;

  // onInput is called when the visitor changes something.
  constructor(onInput) {
    this.#onInput = onInput;
    pasted.addEventListener("input", () => this.#use(pasted.value.trim() !== ""));
    find("#fields").addEventListener("input", () => this.#use(false));
  }

  #use(fromText) {
    this.#fromText = fromText;
    this.#onInput();
  }

  get request() {
    return this.#fromText ? { text: pasted.value } : this.#filledIn();
  }

  #filledIn() {
    const { origin, url, method, headers, credentials } = fields;
    return {
      origin: origin.value.trim(), url: url.value.trim(), method: method.value.trim(), headers: headers.value,
      credentials: credentials.checked,
    };
  }

  // shareable is the request without the values of headers that look like secrets. A text that could
  // be read is left out, and what was read from it is there instead.
  get shareable() {
    if (this.#fromText && !this.#wasFilled) {
      return this.request;
    }
    const request = this.#filledIn();
    return { ...request, headers: request.headers.replace(secret, "$1…") };
  }

  set request(request) {
    this.#fromText = "text" in request;
    pasted.value = this.#fromText ? request.text : "";
    this.#fill(this.#fromText ? { origin: "", url: "", method: "", headers: "", credentials: false } : request);
    this.#wasFilled = false;
    reading.replaceChildren();
    find("#kind").textContent = "";
  }

  get isEmpty() {
    const { origin, url } = this.#filledIn();
    return this.#fromText ? pasted.value.trim() === "" : origin === "" && url === "";
  }

  // judge shows how the request was read.
  judge({ kind, origin, url, method, headers, credentials, notes, problem }) {
    const wasRead = this.#fromText && kind !== ""; // even if something is missing in it
    find("#kind").textContent = wasRead ? kind : "";
    pasted.setAttribute("aria-invalid", String(Boolean(problem) && this.#fromText && !wasRead));
    if (this.#fromText && !wasRead && this.#wasFilled) {
      this.#fill({}); // what another text had
    }
    this.#wasFilled = wasRead;
    if (wasRead) {
      const lines = (headers ?? []).map(([name, value]) => `${name}: ${value}`).join("\n");
      this.#fill({ origin, url, method, headers: lines, credentials });
    }
    fields.origin.setAttribute("aria-invalid", String(Boolean(problem) && (wasRead || !this.#fromText) && !origin));
    const parts = problem ? [element("p", { className: "trouble" }, problem)] : [];
    parts.push(...(notes ?? []).map((note) => element("p", {}, note)));
    if (!this.#fromText && pasted.value.trim()) {
      const again = element("button", { type: "button", className: "quiet" }, "Read it again");
      again.addEventListener("click", () => {
        this.#use(true);
        pasted.focus();
      });
      parts.push(element("p", {}, "You have changed the fields, so this text no longer counts. ", again));
    }
    reading.replaceChildren(...parts);
  }

  #fill({ origin, url, method, headers, credentials }) {
    fields.origin.value = origin ?? "";
    fields.url.value = url ?? "";
    fields.method.value = method ?? "";
    fields.headers.value = headers ?? "";
    fields.credentials.checked = credentials === true;
  }
}
