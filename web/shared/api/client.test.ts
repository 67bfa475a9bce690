import { afterEach, expect, test, vi } from "vitest";
import { ApiProblem, api, csrfToken, newKey, queryString } from ".";
import { fileName } from "./client";

afterEach(() => vi.unstubAllGlobals());

function answer(status: number, body: unknown, headers: Record<string, string> = {}) {
  const call = vi.fn(
    async (_url: string, _init: RequestInit) => new Response(JSON.stringify(body), { status, headers }),
  );
  vi.stubGlobal("fetch", call);
  return call;
}

test("it works", async () => {
  const call = answer(200, { items: [1] });
  expect(await api.get("/cases", { state: ["filed", "void"], q: "", limit: 50 })).toEqual({ items: [1] });
  expect(call.mock.calls[0]![0]).toBe("/api/v1/cases?state=filed&state=void&limit=50");
});

test("a change carries the CSRF token and its idempotency key", async () => {
  document.cookie = "csrftoken=abc";
  const call = answer(200, {});
  await api.put("/cases/1/file", { note: "x" }, { idempotencyKey: "k" });
  const headers = call.mock.calls[0]![1].headers as Record<string, string>;
  expect(headers["X-CSRFToken"]).toBe("abc");
  expect(headers["Idempotency-Key"]).toBe("k");
});

test("a refusal becomes a message with its fields", async () => {
  answer(422, {
    code: "invalid",
    message: "提交的内容有误",
    fields: [{ path: "limit", message: "太小" }],
    request_id: "r1",
  });
  const problem = await api.get("/x").catch((e: unknown) => e as ApiProblem);
  expect(problem).toBeInstanceOf(ApiProblem);
  expect((problem as ApiProblem).byField).toEqual({ limit: "太小" });
  expect((problem as ApiProblem).requestId).toBe("r1");
  expect((problem as ApiProblem).retryable).toBe(false);
});

test("no network is a problem of its own that may be tried again", async () => {
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("Failed to fetch");
  });
  const problem = (await api.get("/x").catch((e: unknown) => e)) as ApiProblem;
  expect([problem.status, problem.code, problem.retryable]).toEqual([0, "network", true]);
});

test("empty values are left out of the query", () => {
  expect(queryString({ a: null, b: undefined, c: "", d: 0, e: false })).toBe("?d=0&e=false");
});

test("keys are UUIDs, also where the browser makes none", () => {
  const whole = crypto;
  vi.stubGlobal("crypto", { getRandomValues: (b: Uint8Array) => whole.getRandomValues(b) });
  expect(newKey()).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});

test("the token is found among other cookies", () => {
  expect(csrfToken("a=1; csrftoken=xyz; b=2")).toBe("xyz");
  expect(csrfToken("a=1")).toBe("");
});

test("a file's Chinese name is read", () => {
  expect(fileName("attachment; filename*=utf-8''%E6%A1%88%E4%BB%B6.xlsx")).toBe("案件.xlsx");
  expect(fileName('attachment; filename="cases.xlsx"')).toBe("cases.xlsx");
});
