/**
 * The one way to the server. Rooms call `api.get("/cases", {state: "filed"})` and give the answer's type from the
 * generated schema (`Schemas["CaseOut"]`). Nothing here knows a business rule.
 */
import { ApiProblem, problemFrom } from "./problem";

export const API = "/api/v1";

export type QueryValue = string | number | boolean | null | undefined | readonly (string | number)[];
export type Query = Record<string, QueryValue>;
export interface Page<T> {
  items: T[];
  next?: string | null;
}
export interface Options {
  signal?: AbortSignal;
  /** Same key, same effect: a repeated send is answered with the first result. */
  idempotencyKey?: string;
  headers?: Record<string, string>;
}

/** `{a: 1, b: ["x","y"], c: ""}` → `?a=1&b=x&b=y`; empty values are left out. */
export function queryString(query?: Query): string {
  const out = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value === null || value === undefined || value === "") continue;
    if (Array.isArray(value)) for (const one of value) out.append(key, String(one));
    else out.append(key, String(value));
  }
  const text = out.toString();
  return text ? `?${text}` : "";
}

export function csrfToken(cookie: string = document.cookie): string {
  return /(?:^|;\s*)csrftoken=([^;]+)/.exec(cookie)?.[1] ?? "";
}

/** A fresh idempotency key; kept by the caller over retries of the same act. */
export function newKey(): string {
  // randomUUID exists only on https and localhost; a city's intranet may be plain http
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6]! & 0x0f) | 0x40;
  b[8] = (b[8]! & 0x3f) | 0x80;
  const hex = [...b].map((x) => x.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

let onSignedOut: () => void = () => {
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
};
/** What to do when the session is over. The console goes to the login page, the phone keeps its outbox. */
export function whenSignedOut(action: () => void): void {
  onSignedOut = action;
}

/** Things the server wants done before anything else, on its own pages. */
const FIRST: Record<string, string> = {
  "orgs.must_change_password": "/account/password",
  "orgs.mfa_required": "/account/mfa/on",
};
function mustFirst(code: string): void {
  const page = FIRST[code];
  if (page) location.assign(`${page}?next=${encodeURIComponent(location.pathname + location.search)}`);
}

let language = () => document.documentElement.lang || "zh-CN";
export function sendLanguage(read: () => string): void {
  language = read;
}

async function send(
  method: string,
  path: string,
  query?: Query,
  body?: unknown,
  options: Options = {},
): Promise<Response> {
  const headers: Record<string, string> = {
    Accept: "application/json",
    "Accept-Language": language() === "en" ? "en" : "zh-hans",
    ...options.headers,
  };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (options.idempotencyKey) headers["Idempotency-Key"] = options.idempotencyKey;
  let payload: BodyInit | undefined;
  if (body instanceof FormData || body instanceof Blob) payload = body;
  else if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    payload = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch((path.startsWith("/") ? API : "") + path + queryString(query), {
      method,
      headers,
      body: payload,
      credentials: "same-origin",
      signal: options.signal,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiProblem(0, "network", "");
  }
  if (response.ok) return response;
  const problem = await problemFrom(response);
  if (problem.status === 401) onSignedOut();
  else if (problem.status === 403) mustFirst(problem.code);
  throw problem;
}

async function json<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

export const api = {
  get: async <T>(path: string, query?: Query, options?: Options): Promise<T> =>
    json<T>(await send("GET", path, query, undefined, options)),
  post: async <T>(path: string, body?: unknown, options?: Options): Promise<T> =>
    json<T>(await send("POST", path, undefined, body, options)),
  put: async <T>(path: string, body?: unknown, options?: Options): Promise<T> =>
    json<T>(await send("PUT", path, undefined, body, options)),
  patch: async <T>(path: string, body?: unknown, options?: Options): Promise<T> =>
    json<T>(await send("PATCH", path, undefined, body, options)),
  delete: async <T>(path: string, options?: Options): Promise<T> =>
    json<T>(await send("DELETE", path, undefined, undefined, options)),
  /** A file as a blob with the name the server gave it. */
  file: async (path: string, query?: Query, options?: Options): Promise<{ blob: Blob; name: string }> => {
    const response = await send("GET", path, query, undefined, options);
    return { blob: await response.blob(), name: fileName(response.headers.get("Content-Disposition") ?? "") };
  },
};

export function fileName(disposition: string): string {
  const utf8 = /filename\*=(?:utf-8|UTF-8)''([^;]+)/.exec(disposition)?.[1];
  if (utf8) return decodeURIComponent(utf8);
  return /filename="?([^";]+)"?/.exec(disposition)?.[1] ?? "";
}

/** Hands a blob to the browser's download list. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
