import { type Html, html, trustHtml } from "./html.ts";
import { BASE_STYLE } from "./style.ts";

/** A page: whole in one file, unless its script is beside it. */
export interface Page {
  readonly title: string;
  readonly body: Html;
  /** Style behind what all pages have. */
  readonly style?: string;
  /** The text of a module that runs once the page is there. */
  readonly script?: string;
  /**
   * The relative address of a module beside the page, in the place of `script`. It may import what is beside it, fetch it, compile it
   * where it is WebAssembly, and start it as a worker.
   */
  readonly scriptUrl?: string;
  /** Data for the script, as elements that it finds: made by `encodeScriptJson`. */
  readonly data?: Readonly<Record<string, string>>;
  /** The sources that the page may connect to, none by default. */
  readonly connect?: "'self'" | "'none'";
}

/**
 * Renders a page that loads nothing but the module that it names, if it does: style, scripts and pictures stand in it. Its policy lets
 * run only the scripts and styles that it was made with, by their hashes, and pictures that are in it.
 */
export async function renderPage(
  { title, body, style = "", script, scriptUrl, data = {}, connect = "'none'" }: Page,
): Promise<string> {
  const css = BASE_STYLE + style;
  const scripts = [
    ...script === undefined ? [] : [`'${await hash(script)}'`],
    ...scriptUrl === undefined ? [] : ["'self' 'wasm-unsafe-eval'"],
  ];
  const policy = [
    "default-src 'none'",
    `style-src '${await hash(css)}'`,
    `style-src-attr 'unsafe-inline'`,
    "img-src data: blob:",
    `connect-src ${scriptUrl === undefined ? connect : "'self'"}`,
    ...scriptUrl === undefined ? [] : ["worker-src 'self'"],
    `script-src ${scripts.join(" ") || "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const blocks = Object.entries(data).map(([id, json]) =>
    html`<script type="application/json" id="${id}">${trustHtml(json)}</script>`
  );
  return String(html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="${policy}">
        <title>${title}</title>
        <link rel="icon" href="data:,">
        <style>${trustHtml(css)}</style>
      </head>
      <body>
    ${body}
    ${blocks}
    ${script !== undefined && html`<script type="module">${trustHtml(script)}</script>`}
    ${scriptUrl !== undefined && html`<script type="module" src="${scriptUrl}"></script>`}
      </body>
    </html>
  `);
}

/** Gives the hash by which a policy names text of a script or a style. */
async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `sha256-${new Uint8Array(digest).toBase64()}`;
}
