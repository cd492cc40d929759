import { type Browser, type PageOptions, runPage } from "./run_page.ts";

/** What the browser would do by itself, and ask people. */
const SETTINGS: Readonly<Record<string, boolean | number | string>> = {
  "app.normandy.enabled": false,
  "app.update.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "datareporting.policy.dataSubmissionEnabled": false,
  "dom.max_script_run_time": 0,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "",
  "toolkit.telemetry.reportingpolicy.firstRun": false,
};

/** Describes Firefox as a browser that runs pages. */
export function describeFirefox(command: string): Browser {
  const prepare = async (profile: string, url: string) => {
    const lines = Object.entries(SETTINGS).map(([name, value]) =>
      `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`
    );
    await Deno.writeTextFile(`${profile}/user.js`, lines.join(""));
    return ["-headless", "-no-remote", "-profile", profile, url];
  };
  return { command, prepare };
}

/**
 * Runs a program as a page's module in Firefox.
 *
 * @param command The browser's command.
 * @param dir The folder with the program and what it imports.
 * @param program The program's file in it.
 * @param options How the page is served and run.
 * @returns What the page posted to `/results`.
 */
export async function runInFirefox(
  command: string,
  dir: string,
  program: string,
  options: PageOptions = {},
): Promise<string> {
  return await runPage(describeFirefox(command), dir, program, options);
}
