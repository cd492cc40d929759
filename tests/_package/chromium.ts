import { type Browser, type PageOptions, runPage } from "./run_page.ts";

/** Without a window, and without anything that a browser does by itself. */
export const FLAGS: readonly string[] = [
  "--headless",
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** How Chromium runs a page. */
export interface ChromiumOptions extends PageOptions {
  /** Whether the page has a WebGPU adapter, SwiftShader, which is software and comes with the browser; if not, it has none. */
  readonly webgpu?: boolean;
}

/** Describes Chromium as a browser that runs pages. */
export function describeChromium(command: string, webgpu: boolean): Browser {
  const graphics = webgpu
    ? ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"]
    : ["--disable-gpu"];
  return {
    command,
    prepare: (profile, url) => [...FLAGS, ...graphics, `--user-data-dir=${profile}`, url],
  };
}

/**
 * Runs a program as a page's module in Chromium.
 *
 * @param command The browser's command.
 * @param dir The folder with the program and what it imports.
 * @param program The program's file in it.
 * @param options How the page is served and run.
 * @returns What the page posted to `/results`.
 */
export async function runInChromium(
  command: string,
  dir: string,
  program: string,
  { webgpu = false, ...options }: ChromiumOptions = {},
): Promise<string> {
  return await runPage(describeChromium(command, webgpu), dir, program, options);
}
