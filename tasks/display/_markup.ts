/** The attributes of an element. One that is `undefined` is left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/**
 * Writes an element of SVG or HTML.
 *
 * @param name The element's name.
 * @param attributes Its attributes, which are escaped.
 * @param children What is in it: elements, and text by {@linkcode escapeText}.
 */
export function writeElement(
  name: string,
  attributes: Attributes,
  ...children: readonly string[]
): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeText(formatValue(value!))}"`);
  const start = `<${name}${written.join("")}`;
  return children.length === 0 ? `${start}/>` : `${start}>${children.join("")}</${name}>`;
}

/** Coordinates have two digits, which is less than one sees. */
const formatValue = (value: string | number): string =>
  typeof value === "number" ? String(Math.round(value * 100) / 100) : value;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes text for elements and for attributes in quotes. */
export const escapeText = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (found) => ENTITIES[found]!);
