import { respondJson } from "./respond.ts";

/** The names under which a program on this machine knows it. A name that DNS gives may be anybody's. */
const LOOPBACK_NAMES: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Refuses a request that another site's page has sent, though it came from this machine: one under a name that isn't this machine's
 * own, as a page's whose name has been bound to the loopback address (DNS rebinding), and one that a page of another origin sends.
 * The port isn't compared with the server's: an SSH tunnel may have another.
 *
 * @returns The answer that refuses it; undefined where it may pass.
 */
export function guardRequest({ headers }: Pick<Request, "headers">): Response | undefined {
  const host = headers.get("host") ?? "";
  const name = host.replace(/:\d+$/, "").toLowerCase();
  if (!LOOPBACK_NAMES.includes(name)) {
    return respondJson(403, {
      error: "Cannot answer as the request is for another host: ask for 127.0.0.1 or localhost",
    });
  }
  const origin = headers.get("origin");
  if (origin !== null && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    return respondJson(403, { error: "Cannot answer as another site's page asks" });
  }
  return undefined;
}
