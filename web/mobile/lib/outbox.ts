/**
 * The outbox: every write is on the phone's disk first and goes out from there.
 *
 * Nothing is lost: an item leaves the database in the same transaction that records the server's answer.
 * Nothing is doubled: the item's id travels with it, and the server answers a second time as the first.
 * Nothing needs repair after a kill: "being sent" is never stored, half-sent pictures go on at the server's offset.
 */
import { newKey } from "@shared/api/client";
import type { Follow, OutboxItem, OutboxPhoto, PhoneDb } from "./db";

/** A picture or recording; with `token` set it is on the server already, sent while the form was filled in. */
export interface NewPhoto {
  name: string;
  type: string;
  data: ArrayBuffer;
  fileId?: number;
  token?: string;
}

/** What an upload needs to know, and remembers between two tries. */
type Piece = Pick<OutboxPhoto, "name" | "type" | "data" | "uploadId" | "fileId" | "token">;

export type NewItem = Pick<OutboxItem, "kind" | "url" | "method" | "body" | "title"> &
  Partial<Pick<OutboxItem, "filesField" | "filesAs" | "group" | "id">>;

export interface Sent {
  item: OutboxItem;
  answer: unknown;
}

export interface OutboxOptions {
  db: PhoneDb;
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  now?: () => number;
  /** extra headers, read at the moment of sending (CSRF token) */
  headers?: () => Record<string, string>;
  /** fetch a new CSRF token after the server refused the old one */
  renew?: () => Promise<void>;
  onChange?: () => void;
  onSent?: (sent: Sent) => void;
  onBusy?: (busy: boolean) => void;
  chunk?: number;
}

const MINUTE = 60_000;
const LONGEST = 10 * MINUTE;

/** Milliseconds to wait after the n-th failure: 4 s, 8 s, 16 s … 10 min, with a little spread. */
export function backoff(tries: number, random = Math.random()): number {
  return Math.round(Math.min(2000 * 2 ** tries, LONGEST) * (0.8 + 0.4 * random));
}

class Later extends Error {
  constructor(
    message: string,
    readonly after = 0,
  ) {
    super(message);
  }
}
class SignIn extends Error {}
class Refused extends Error {
  constructor(
    message: string,
    readonly code = "",
  ) {
    super(message);
  }
}

export class Outbox {
  private running: Promise<void> | null = null;
  private again = false;
  private stopped = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly o: OutboxOptions) {}

  private now(): number {
    return this.o.now?.() ?? Date.now();
  }

  /** Put a write on disk. When this resolves, it will be sent, whatever happens to the app. */
  async add(item: NewItem, photos: NewPhoto[] = []): Promise<string> {
    const id = item.id ?? newKey();
    const row: OutboxItem = {
      filesField: "files",
      filesAs: "token",
      group: id,
      ...item,
      id,
      createdAt: this.now(),
      tries: 0,
      nextAt: 0,
      state: "waiting",
      error: "",
    };
    const { db } = this.o;
    await db.transaction("rw", db.outbox, db.photos, async () => {
      // the same form sent twice by an impatient finger is one item
      if (await db.outbox.where("id").equals(id).count()) return;
      await db.outbox.add(row);
      await db.photos.bulkAdd(
        photos.map((p, order) => ({
          ...p,
          id: `${id}/${order}`,
          item: id,
          order,
          uploadId: "",
          fileId: p.fileId ?? 0,
          token: p.token ?? "",
        })),
      );
    });
    this.o.onChange?.();
    return id;
  }

  list(): Promise<OutboxItem[]> {
    return this.o.db.outbox.orderBy("seq").toArray();
  }

  count(): Promise<number> {
    return this.o.db.outbox.count();
  }

  async remove(id: string): Promise<void> {
    const { db } = this.o;
    await db.transaction("rw", db.outbox, db.photos, async () => {
      await db.outbox.where("id").equals(id).delete();
      await db.photos.where("item").equals(id).delete();
    });
    this.o.onChange?.();
  }

  /** Make everything due now: the button, the network's return, a sign-in. */
  async retryAll(): Promise<void> {
    const { db } = this.o;
    await db.outbox.toCollection().modify((i) => {
      i.nextAt = 0;
      if (i.state === "signin") i.state = "waiting";
    });
    await this.flush();
  }

  /** Give a refused item another try, after its cause was mended. */
  async retry(id: string): Promise<void> {
    await this.o.db.outbox.where("id").equals(id).modify({ state: "waiting", nextAt: 0, error: "" });
    await this.flush();
  }

  /** Send what is due. One at a time in all tabs; a call meanwhile asks for another round. */
  flush(): Promise<void> {
    if (this.running) {
      this.again = true;
      return this.running;
    }
    this.o.onBusy?.(true);
    this.running = this.locked(() => this.rounds()).finally(() => {
      this.running = null;
      this.o.onBusy?.(false);
      // without a database (closed by a newer version in another tab) there is nothing to plan
      this.plan().catch(() => undefined);
    });
    return this.running;
  }

  private async locked(work: () => Promise<void>): Promise<void> {
    const locks = (globalThis.navigator as Navigator | undefined)?.locks;
    if (!locks) return work();
    await locks.request(`lifang-outbox-${this.o.db.name}`, work);
  }

  private async rounds(): Promise<void> {
    do {
      this.again = false;
      const held = new Set<string>();
      for (const item of await this.list()) {
        if (held.has(item.group)) continue;
        const due = item.state === "waiting" && item.nextAt <= this.now();
        if (!due || !(await this.send(item))) held.add(item.group);
      }
    } while (this.again);
  }

  /** Whether the item is done with. */
  private async send(item: OutboxItem, anew = false): Promise<boolean> {
    try {
      const files = await this.upload(item);
      const answer = await this.call(item.url, {
        method: item.method,
        body: JSON.stringify({
          ...item.body,
          ...(files.length ? { [item.filesField]: files } : {}),
        }),
        // a report carries its id inside, which also holds after a change of network
        headers: {
          "Content-Type": "application/json",
          ...(item.kind === "report" ? {} : { "Idempotency-Key": item.id }),
        },
      });
      await this.done(item, await answer.json().catch(() => null));
      return true;
    } catch (e) {
      // the marks of uploaded files live a week; after longer in the pocket they are sent once more
      if (e instanceof Refused && e.code === "file.token" && !anew) {
        await this.o.db.photos.where("item").equals(item.id).modify({ uploadId: "", fileId: 0, token: "" });
        return this.send(item, true);
      }
      await this.failed(item, e as Error);
      return false;
    }
  }

  private async done(item: OutboxItem, answer: unknown): Promise<void> {
    const { db } = this.o;
    const given = answer as { number?: string; code?: string } | null;
    await db.transaction("rw", db.outbox, db.photos, db.follows, async () => {
      await db.outbox.where("id").equals(item.id).delete();
      await db.photos.where("item").equals(item.id).delete();
      if (item.kind === "report" && given?.number && given.code) {
        const follow: Follow = {
          number: given.number,
          code: given.code,
          title: item.title,
          createdAt: item.createdAt,
          last: null,
          seenStage: "",
        };
        await db.follows.put(follow);
      }
    });
    this.o.onChange?.();
    this.o.onSent?.({ item, answer });
  }

  private async failed(item: OutboxItem, e: Error): Promise<void> {
    const { db } = this.o;
    const tries = item.tries + 1;
    const change: Partial<OutboxItem> = { tries, error: e.message };
    if (e instanceof Refused) change.state = "refused";
    else if (e instanceof SignIn) change.state = "signin";
    else change.nextAt = this.now() + (e instanceof Later && e.after ? e.after : backoff(tries));
    await db.outbox.where("id").equals(item.id).modify(change);
    this.o.onChange?.();
  }

  /** Bring the item's pictures to the server; each goes on where it was broken off. */
  private async upload(item: OutboxItem): Promise<(string | number)[]> {
    const photos = await this.o.db.photos.where("item").equals(item.id).sortBy("order");
    for (const photo of photos)
      if (!photo.fileId) await this.bring(photo, (change) => this.o.db.photos.update(photo.id, change));
    return photos.map((p) => (item.filesAs === "id" ? p.fileId : p.token));
  }

  /**
   * Send a file of a form that is not handed in yet; `fileId` and `token` are set when it is there.
   * Whatever goes wrong is no matter: the form's item brings it along.
   */
  async early(photo: NewPhoto): Promise<boolean> {
    const piece: Piece = { ...photo, uploadId: "", fileId: 0, token: "" };
    try {
      await this.bring(piece, async () => undefined);
    } catch {
      return false;
    }
    photo.fileId = piece.fileId;
    photo.token = piece.token;
    return true;
  }

  private async bring(photo: Piece, keep: (change: Partial<OutboxPhoto>) => Promise<unknown>): Promise<void> {
    const json = { "Content-Type": "application/json" };
    let offset = 0;
    if (photo.uploadId) {
      const at = await this.call(`/api/v1/uploads/${photo.uploadId}`, { method: "GET" }, [404, 410]);
      // the server forgets an unfinished upload after some days: begin anew
      if (at.ok) offset = ((await at.json()) as { offset: number }).offset;
      else photo.uploadId = "";
    }
    if (!photo.uploadId) {
      const made = await this.call("/api/v1/uploads", {
        method: "POST",
        headers: json,
        body: JSON.stringify({
          name: photo.name,
          size: photo.data.byteLength,
          kinds: [photo.type.startsWith("audio/") ? "audio" : "image"],
        }),
      });
      photo.uploadId = ((await made.json()) as { id: string }).id;
      await keep({ uploadId: photo.uploadId });
    }
    const chunk = this.o.chunk ?? 256 * 1024;
    while (offset < photo.data.byteLength) {
      const part = photo.data.slice(offset, offset + chunk);
      const answer = await this.call(`/api/v1/uploads/${photo.uploadId}`, {
        method: "PATCH",
        headers: { "Content-Type": "application/octet-stream", "Upload-Offset": String(offset) },
        body: part,
      });
      const next = ((await answer.json()) as { offset: number }).offset;
      if (next <= offset) throw new Later("upload stuck");
      offset = next;
    }
    const end = await this.call(`/api/v1/uploads/${photo.uploadId}/finish`, {
      method: "POST",
      headers: json,
      body: "{}",
    });
    const file = (await end.json()) as { file_id: number; token: string };
    photo.fileId = file.file_id;
    photo.token = file.token;
    await keep({ fileId: photo.fileId, token: photo.token });
  }

  /** A request whose failure is sorted: later, after signing in, or never. */
  private async call(
    url: string,
    init: RequestInit,
    pass: number[] = [],
    renewed = false,
  ): Promise<Response> {
    let answer: Response;
    try {
      answer = await this.o.fetch(url, {
        credentials: "same-origin",
        ...init,
        headers: {
          Accept: "application/json",
          ...this.o.headers?.(),
          ...(init.headers as Record<string, string>),
        },
      });
    } catch {
      throw new Later("network");
    }
    if (answer.ok || pass.includes(answer.status)) return answer;
    const body = (await answer.json().catch(() => null)) as { code?: string; message?: string } | null;
    const message = body?.message ?? `HTTP ${answer.status}`;
    if (answer.status === 403 && body?.code === "csrf" && !renewed && this.o.renew) {
      await this.o.renew();
      return this.call(url, init, pass, true);
    }
    if (answer.status === 401) throw new SignIn(message);
    const wait = Number(answer.headers.get("Retry-After") ?? 0) * 1000;
    // the first try is still at work
    if (body?.code === "idempotency.busy") throw new Later(message, wait);
    if (answer.status >= 500 || [408, 425, 429].includes(answer.status)) throw new Later(message, wait);
    // answered, but not by our server: a hotel's or company's gate page
    if (body === null) throw new Later(message);
    throw new Refused(message, body.code);
  }

  /** Set the alarm for the next item that waits. */
  private async plan(): Promise<void> {
    clearTimeout(this.timer);
    if (this.stopped) return;
    const waiting = (await this.list()).filter((i) => i.state === "waiting");
    if (!waiting.length || this.stopped) return;
    const next = Math.min(...waiting.map((i) => i.nextAt));
    this.timer = setTimeout(() => void this.flush(), Math.max(next - this.now(), 1000));
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Flush at the start, when the network returns, and when the app comes back to the front. */
  listen(): void {
    window.addEventListener("online", () => void this.retryAll());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") void this.flush();
    });
    void this.flush();
  }
}
