/** The report being written, kept on the phone with each stroke: a call, a flat battery, a wrong swipe lose nothing. */
import { db } from "./db";
import type { NewPhoto } from "./outbox";
import type { Spot } from "./place";

export interface Draft {
  id: string;
  text: string;
  address: string;
  spot: Spot | null;
  categoryKey: string;
  categoryName: string;
  name: string;
  phone: string;
  sameAs: string;
  photos: NewPhoto[];
  /** absent in drafts of before there were recordings */
  voices?: NewPhoto[];
}

const KEY = "draft";

export async function saveDraft(draft: Draft): Promise<void> {
  const bytes = (list: NewPhoto[]) =>
    list.map(({ name, type, data, fileId, token }) => ({ name, type, data, fileId, token }));
  await db.copies.put({
    key: KEY,
    at: Date.now(),
    value: {
      ...JSON.parse(JSON.stringify({ ...draft, photos: [], voices: [] })),
      photos: bytes(draft.photos),
      voices: bytes(draft.voices ?? []),
    },
  });
}

export async function readDraft(): Promise<Draft | null> {
  return ((await db.copies.get(KEY))?.value as Draft | undefined) ?? null;
}

export async function dropDraft(): Promise<void> {
  await db.copies.delete(KEY);
}
