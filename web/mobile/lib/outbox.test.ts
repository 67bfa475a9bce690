// @vitest-environment node
import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PhoneDb } from "./db";
import { backoff, type NewPhoto, Outbox } from "./outbox";

/** A server in memory with the manners of ours: idempotent by key, uploads that go on at an offset. */
class Server {
  online = true;
  reports = new Map<string, { body: Record<string, unknown>; number: string }>();
  uploads = new Map<string, { size: number; data: number[] }>();
  requests: string[] = [];
  /** called before each request; may throw (network gone) or give an answer */
  before: (url: string, init: RequestInit) => Response | undefined = () => undefined;
  /** called after the work is done, before the answer goes out; may throw (answer lost) */
  after: (url: string, init: RequestInit) => void = () => undefined;
  csrf = "one";

  fetch = async (url: string, init: RequestInit): Promise<Response> => {
    this.requests.push(`${init.method} ${url}`);
    if (!this.online) throw new TypeError("Failed to fetch");
    const early = this.before(url, init);
    if (early) return early;
    const answer = this.answer(url, init);
    this.after(url, init);
    return answer;
  };

  private answer(url: string, init: RequestInit): Response {
    const json = (body: unknown, status = 200) => Response.json(body as object, { status });
    const upload = /^\/api\/v1\/uploads\/([^/]+)(\/finish)?$/.exec(url);
    if (url === "/api/v1/uploads") {
      const id = `u${this.uploads.size + 1}`;
      this.uploads.set(id, { size: JSON.parse(init.body as string).size, data: [] });
      return json({ id, offset: 0 }, 201);
    }
    if (upload) {
      const u = this.uploads.get(upload[1]!);
      if (!u) return json({ code: "upload.not_found", message: "没有这个上传" }, 404);
      if (upload[2]) return json({ file_id: 7, token: `sha-${u.data.join("")}` });
      if (init.method === "PATCH") {
        const offset = Number((init.headers as Record<string, string>)["Upload-Offset"]);
        if (offset !== u.data.length) return json({ code: "upload.offset", message: "位置不符" }, 409);
        u.data.push(...new Uint8Array(init.body as ArrayBuffer));
      }
      return json({ id: upload[1], offset: u.data.length });
    }
    const said = JSON.parse(init.body as string) as Record<string, unknown>;
    const key = (init.headers as Record<string, string>)["Idempotency-Key"] ?? String(said.client_id);
    const had = this.reports.get(key);
    if (had) return json({ number: had.number, code: "C", created: false });
    const number = `N${this.reports.size + 1}`;
    this.reports.set(key, { body: said, number });
    return json({ number, code: "C", created: true }, 201);
  }
}

const photo = (n: number, size = 10): NewPhoto => ({
  name: `${n}.jpg`,
  type: "image/jpeg",
  data: new Uint8Array(size).fill(n).buffer,
});
let ids = 0;
const report = (text: string) => ({
  kind: "report" as const,
  url: "/api/v1/public/reports",
  method: "POST" as const,
  body: { text, client_id: `id-${++ids}` },
  title: text,
});

let names = 0;
let db: PhoneDb;
let server: Server;
let clock: number;
let box: Outbox;
const make = () => new Outbox({ db, fetch: server.fetch, now: () => clock, chunk: 4 });

beforeEach(() => {
  db = new PhoneDb(`test-${++names}`);
  server = new Server();
  clock = 1_000_000;
  box = make();
});
afterEach(() => {
  box.stop();
  db.close();
});

describe("outbox", () => {
  it("works: a report with two photos goes out once and is followed", async () => {
    await box.add(report("井盖坏了"), [photo(1), photo(2)]);
    await box.flush();
    expect(server.reports.size).toBe(1);
    const [sent] = [...server.reports.values()];
    expect(sent!.body).toMatchObject({ text: "井盖坏了", files: ["sha-1111111111", "sha-2222222222"] });
    expect(await box.count()).toBe(0);
    expect(await db.photos.count()).toBe(0);
    expect(await db.follows.toArray()).toMatchObject([{ number: "N1", code: "C", title: "井盖坏了" }]);
  });

  it("keeps what is written offline and sends it when the network is back", async () => {
    server.online = false;
    for (const text of ["一", "二", "三"]) await box.add(report(text), [photo(1)]);
    await box.flush();
    expect(await box.count()).toBe(3);
    expect(server.reports.size).toBe(0);
    server.online = true;
    await box.retryAll();
    expect(await box.count()).toBe(0);
    expect([...server.reports.values()].map((r) => r.body.text)).toEqual(["一", "二", "三"]);
  });

  it("does not double a report whose answer was lost", async () => {
    await box.add(report("灯不亮"));
    server.after = (url) => {
      if (url.endsWith("/reports")) throw new TypeError("connection reset");
    };
    await box.flush();
    expect(server.reports.size).toBe(1);
    expect(await box.count()).toBe(1);
    server.after = () => undefined;
    await box.retryAll();
    expect(server.reports.size).toBe(1);
    expect(await box.count()).toBe(0);
    expect((await db.follows.toArray())[0]!.number).toBe("N1");
  });

  it("goes on with a half-sent photo at the server's offset after being killed", async () => {
    await box.add(report("路面破损"), [photo(5, 10)]);
    let patches = 0;
    server.before = (_url, init) => {
      if (init.method === "PATCH" && ++patches === 2) throw new TypeError("gone");
      return undefined;
    };
    await box.flush();
    expect(server.uploads.get("u1")!.data.length).toBe(4);
    box.stop();
    // a new process: only the database is left
    box = make();
    server.before = () => undefined;
    clock += 600_000;
    await box.flush();
    expect(server.uploads.size).toBe(1);
    expect(server.uploads.get("u1")!.data.length).toBe(10);
    expect(server.reports.size).toBe(1);
    expect(await box.count()).toBe(0);
  });

  it("begins an upload anew when the server has forgotten it", async () => {
    await box.add(report("垃圾"), [photo(3, 6)]);
    server.before = (_url, init) => {
      if (init.method === "PATCH") throw new TypeError("gone");
      return undefined;
    };
    await box.flush();
    server.uploads.clear();
    server.before = () => undefined;
    await box.retryAll();
    expect(await box.count()).toBe(0);
    expect([...server.reports.values()][0]!.body.files).toEqual(["sha-333333"]);
  });

  it("sends a photo once more when its mark has expired", async () => {
    await box.add(report("一周后"), [photo(2, 4)]);
    let refused = 0;
    server.before = (url) =>
      url.endsWith("/reports") && refused++ === 0
        ? Response.json({ code: "file.token", message: "附件标记无效" }, { status: 422 })
        : undefined;
    await box.flush();
    expect(server.uploads.size).toBe(2);
    expect(server.reports.size).toBe(1);
    expect(await box.count()).toBe(0);
  });

  it("survives being killed at every single request", async () => {
    // run with a network that dies before or after the n-th request, for every n, then heal
    for (let n = 1; n <= 12; n++) {
      for (const side of ["before", "after"] as const) {
        db.close();
        db = new PhoneDb(`test-kill-${n}-${side}`);
        server = new Server();
        box = make();
        await box.add(report("丢不了"), [photo(1, 9), photo(2, 3)]);
        let seen = 0;
        const die = () => {
          if (++seen >= n) throw new TypeError("killed");
          return undefined;
        };
        if (side === "before") server.before = die;
        else server.after = die;
        await box.flush();
        box.stop();
        box = make();
        server.before = () => undefined;
        server.after = () => undefined;
        clock += 3_600_000;
        await box.flush();
        expect(server.reports.size, `${side} ${n}`).toBe(1);
        expect([...server.reports.values()][0]!.body.files).toEqual(["sha-111111111", "sha-222"]);
        expect(await box.count()).toBe(0);
        expect(await db.photos.count()).toBe(0);
        box.stop();
      }
    }
  });

  it("is one item when the same form is sent twice", async () => {
    await box.add({ ...report("两次"), id: "same" }, [photo(1)]);
    await box.add({ ...report("两次"), id: "same" }, [photo(1)]);
    expect(await box.count()).toBe(1);
  });

  it("sends one at a time although flushed from many sides", async () => {
    await box.add(report("并发"), [photo(1)]);
    await Promise.all([box.flush(), box.flush(), box.flush(), box.retryAll()]);
    expect(server.reports.size).toBe(1);
    expect(server.uploads.size).toBe(1);
  });

  it("waits as long as the server asks", async () => {
    await box.add(report("太快了"));
    server.before = () =>
      Response.json(
        { code: "too_many", message: "请 3 分钟后再试" },
        { status: 429, headers: { "Retry-After": "180" } },
      );
    await box.flush();
    const [item] = await box.list();
    expect(item).toMatchObject({ state: "waiting", error: "请 3 分钟后再试", nextAt: clock + 180_000 });
    server.before = () => undefined;
    await box.flush();
    expect(server.reports.size).toBe(0);
    clock += 180_000;
    await box.flush();
    expect(server.reports.size).toBe(1);
  });

  it("keeps what the server refuses, with the reason, until a person decides", async () => {
    await box.add(report(""));
    server.before = () => Response.json({ code: "invalid", message: "请写明问题" }, { status: 422 });
    await box.flush();
    await box.retryAll();
    const [item] = await box.list();
    expect(item).toMatchObject({ state: "refused", error: "请写明问题" });
    expect(server.requests.length).toBe(1);
    server.before = () => undefined;
    await box.retry(item!.id);
    expect(await box.count()).toBe(0);
  });

  it("takes a gate page for no answer at all", async () => {
    await box.add(report("酒店网络"));
    server.before = () => new Response("<html>请登录网络</html>", { status: 403 });
    await box.flush();
    expect((await box.list())[0]!.state).toBe("waiting");
  });

  it("waits for a sign-in and goes on after it", async () => {
    await box.add({ ...report("处置"), kind: "verb", url: "/api/v1/cases/1/hand-back", method: "PUT" });
    server.before = () => Response.json({ code: "unauthenticated", message: "请先登录" }, { status: 401 });
    await box.flush();
    expect((await box.list())[0]!.state).toBe("signin");
    server.before = () => undefined;
    await box.retryAll();
    expect(await box.count()).toBe(0);
  });

  it("renews a stale CSRF token once and sends again", async () => {
    let token = "old";
    box = new Outbox({
      db,
      fetch: server.fetch,
      now: () => clock,
      headers: () => ({ "X-CSRFToken": token }),
      renew: async () => {
        token = "new";
      },
    });
    server.before = (_u, init) =>
      (init.headers as Record<string, string>)["X-CSRFToken"] === "new"
        ? undefined
        : Response.json({ code: "csrf", message: "页面已过期" }, { status: 403 });
    await box.add(report("x"));
    await box.flush();
    expect(server.reports.size).toBe(1);
  });

  it("keeps the order within a case and lets others pass", async () => {
    const verb = (name: string, group: string) => ({
      ...report(name),
      kind: "verb" as const,
      url: `/api/v1/cases/${group}/${name}`,
      method: "PUT" as const,
      group,
    });
    await box.add(verb("start", "1"));
    await box.add(verb("hand-back", "1"));
    await box.add(verb("start", "2"));
    server.before = (url) => {
      if (url.includes("/1/start")) throw new TypeError("gone");
      return undefined;
    };
    await box.flush();
    expect((await box.list()).map((i) => i.title)).toEqual(["start", "hand-back"]);
    server.before = () => undefined;
    await box.retryAll();
    expect([...server.reports.values()].map((r) => r.body.text)).toEqual(["start", "start", "hand-back"]);
  });

  it("sends a recording while the form is filled in, and the report brings its mark only", async () => {
    const voice: NewPhoto = {
      name: "voice.webm",
      type: "audio/webm",
      data: new Uint8Array(6).fill(9).buffer,
    };
    expect(await box.early(voice)).toBe(true);
    expect(voice.token).toBe("sha-999999");
    const before = server.requests.length;
    await box.add(report("x"), [voice, photo(1, 4)]);
    await box.flush();
    const [sent] = [...server.reports.values()];
    expect(sent!.body.files).toEqual(["sha-999999", "sha-1111"]);
    expect(server.requests.slice(before).filter((r) => r.endsWith("/uploads"))).toHaveLength(1);
  });

  it("sends a recording with the report where there was no network for it", async () => {
    const voice: NewPhoto = {
      name: "voice.webm",
      type: "audio/webm",
      data: new Uint8Array(3).fill(5).buffer,
    };
    server.online = false;
    expect(await box.early(voice)).toBe(false);
    expect(voice.token).toBeUndefined();
    server.online = true;
    await box.add(report("x"), [voice]);
    await box.flush();
    expect([...server.reports.values()][0]!.body.files).toEqual(["sha-555"]);
  });

  it("says what it sends: a recording, or a picture", async () => {
    const kinds: string[] = [];
    server.before = (url, init) => {
      if (url === "/api/v1/uploads") kinds.push(JSON.parse(init.body as string).kinds[0]);
      return undefined;
    };
    await box.early({ name: "a", type: "audio/mp4", data: new ArrayBuffer(2) });
    await box.early(photo(1, 2));
    expect(kinds).toEqual(["audio", "image"]);
  });

  it("backs off further with each failure, up to ten minutes", () => {
    expect(backoff(1, 0.5)).toBe(4000);
    expect(backoff(4, 0.5)).toBe(32_000);
    expect(backoff(50, 0.5)).toBe(600_000);
  });
});
