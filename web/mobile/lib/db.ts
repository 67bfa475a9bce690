/** What the phone keeps: unsent writes with their pictures, followed reports, a copy of the tasks. */
import Dexie, { type Table } from "dexie";

/** A write that has not reached the server. It stays until the server has answered for good. */
export interface OutboxItem {
  seq?: number;
  /** made here; the server takes the same one twice as once */
  id: string;
  kind: "report" | "verb" | "public";
  url: string;
  method: "POST" | "PUT";
  body: Record<string, unknown>;
  /** where in the body the uploaded files go, and as what */
  filesField: string;
  /** `token` at the public door, `id` for signed-in staff */
  filesAs: "token" | "id";
  /** items of one group go in order: a hand-back never overtakes its start */
  group: string;
  title: string;
  createdAt: number;
  tries: number;
  nextAt: number;
  /** waiting: goes by itself; signin: after signing in; refused: a person must mend or delete it */
  state: "waiting" | "signin" | "refused";
  error: string;
}

/** A picture of an unsent write. Bytes, not a Blob: older iPhones lose Blobs kept in a database. */
export interface OutboxPhoto {
  id: string;
  item: string;
  order: number;
  name: string;
  type: string;
  data: ArrayBuffer;
  uploadId: string;
  /** set once the server has the whole file */
  fileId: number;
  token: string;
}

/** A report of this phone, with what is needed to follow it. */
export interface Follow {
  number: string;
  code: string;
  title: string;
  createdAt: number;
  /** last known state, shown while there is no network */
  last: unknown;
  seenStage: string;
}

/** The last good answer of a list or page, for reading without a network. */
export interface Copy {
  key: string;
  at: number;
  value: unknown;
}

export class PhoneDb extends Dexie {
  outbox!: Table<OutboxItem, number>;
  photos!: Table<OutboxPhoto, string>;
  follows!: Table<Follow, string>;
  copies!: Table<Copy, string>;

  constructor(name = "lifang") {
    super(name);
    this.version(1).stores({
      outbox: "++seq, &id, group, state",
      photos: "&id, item",
      follows: "&number, createdAt",
      copies: "&key",
    });
  }
}

export const db = new PhoneDb();
