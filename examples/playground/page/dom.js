// Small helpers for the page's elements.

// element makes an element. Names with "-" and "role" are set as attributes, other names as
// properties. Children are elements or text; null and "" are left out.
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined) {
      continue;
    }
    if (key.includes("-") || key === "role") {
      made.setAttribute(key, value);
    } else {
      made[key] = value;
    }
  }
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}

export const find = (selector) => document.querySelector(selector);

// say announces a text to people who use a screen reader.
export function say(text) {
  find("#say").textContent = text;
}

// copyOnClick copies text() when the button is clicked, and says so. If text() is "", there is
// nothing to copy.
export function copyOnClick(button, text, done = "Copied") {
  const label = button.textContent;
  let timer = 0;
  button.addEventListener("click", async () => {
    const value = text();
    if (!value) {
      button.textContent = "Not possible";
      say("There is nothing to copy, because the policy has problems or cannot be written this way.");
    } else if (await copy(value)) {
      button.textContent = done;
      say(`${done}.`);
    } else {
      button.textContent = "Not allowed";
      say("The browser did not allow the page to copy.");
    }
    clearTimeout(timer);
    timer = setTimeout(() => { button.textContent = label; }, 2_000);
  });
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

// listHeaders returns a block of header lines. Those that matter to CORS stand out.
export function listHeaders(caption, first, lines) {
  const text = element("pre", { className: "lines", tabIndex: 0, "aria-label": caption, role: "region" },
    element("b", {}, first));
  for (const [name, value] of lines) {
    text.append(element("span", { className: matters.test(name) ? "matters" : "" }, `${name}: ${value}`));
  }
  return text;
}

// commandBlock returns a block with a command. If it is longer than a line, it is broken between
// arguments. An option stays with its value.
export function commandBlock(command) {
  const parts = command.match(/-\w+ (?:'[^']*'|\\'|[^\s'])+|(?:'[^']*'|\\'|[^\s'])+|\s+/g) ?? [];
  const isWhole = parts.join("") === command;
  const children = isWhole ? parts.map((part) => (part.trim() ? element("span", {}, part) : part)) : [command];
  return element("pre", { className: "command", tabIndex: 0, role: "region", "aria-label": "curl command" }, ...children);
}

const matters = new RegExp("^(origin|host|access-control-.*|sec-fetch-(site|mode)|vary|polycors-reason|location|" +
  "cookie|set-cookie|authorization|content-type)$", "i");
