// element makes an element. Properties are set as such, attributes with a "-" in their names and "role" as attributes; children are elements or text.
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "role") {
      made.setAttribute(key, value);
    } else if (value !== undefined) {
      made[key] = value;
    }
  }
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}
