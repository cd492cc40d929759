/** What every answer has: nothing keeps it, nothing guesses its type, no other site's page embeds it. */
const HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** Makes an answer of any type. */
export const respond = (
  status: number,
  type: string,
  body: BodyInit | null,
  headers: Readonly<Record<string, string>> = {},
): Response =>
  new Response(body, { status, headers: { ...HEADERS, "content-type": type, ...headers } });

/** Makes an answer of JSON. */
export const respondJson = (
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response => respond(status, "application/json", JSON.stringify(value) + "\n", headers);

/** Makes an answer that is a page. */
export const respondPage = (page: string): Response =>
  respond(200, "text/html; charset=utf-8", page);

/** A request that can't be answered as it was meant, and the answer's status. */
export class RequestError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = "RequestError";
    this.status = status;
    this.headers = headers;
  }

  /** Makes the answer that says it. */
  respond(): Response {
    return respondJson(this.status, { error: this.message }, this.headers);
  }
}

/** What is answered at a path, by method. */
export type Routes = Readonly<
  Record<string, Readonly<Record<string, (request: Request) => Response | Promise<Response>>>>
>;

/** Answers a request by the path and the method; HEAD is answered as GET, without the body. */
export async function answerByRoutes(
  routes: Routes,
  request: Request,
  { pathname }: URL,
): Promise<Response> {
  const methods = Object.hasOwn(routes, pathname) ? routes[pathname]! : undefined;
  const answer = methods?.[request.method === "HEAD" ? "GET" : request.method];
  try {
    if (!methods) throw new RequestError(404, "Cannot answer as there is nothing at this path");
    if (answer) return await answer(request);
    const allowed = Object.keys(methods).flatMap((one) => one === "GET" ? [one, "HEAD"] : [one]);
    throw new RequestError(
      405,
      `Cannot answer as this path takes ${allowed.join(" and ")} only`,
      { allow: allowed.join(", ") },
    );
  } catch (error) {
    if (error instanceof RequestError) return error.respond();
    throw error;
  }
}
