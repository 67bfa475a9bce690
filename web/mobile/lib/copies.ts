/** The last good answer of each page, so that it opens in a cellar too. */
import { type Ref, ref } from "vue";
import { type Copy, db } from "./db";

export async function keep(key: string, value: unknown): Promise<void> {
  // a plain copy: reactive proxies cannot be stored
  await db.copies.put({ key, at: Date.now(), value: JSON.parse(JSON.stringify(value)) });
}

export async function kept<T>(key: string): Promise<(Copy & { value: T }) | undefined> {
  return (await db.copies.get(key)) as (Copy & { value: T }) | undefined;
}

/** Forget one copy, or all whose keys begin with `key` where it ends in a colon. */
export async function forget(key: string): Promise<void> {
  if (key.endsWith(":")) await db.copies.where("key").startsWith(key).delete();
  else await db.copies.delete(key);
}

export interface Fresh<T> {
  value: Ref<T | null>;
  /** when the shown value was fetched */
  at: Ref<number>;
  loading: Ref<boolean>;
  /** why the newest value could not be had; the kept one is shown all the same */
  problem: Ref<Error | null>;
  load: () => Promise<void>;
}

/** A value that is shown at once from the phone and then from the server. */
export function fresh<T>(key: () => string, fetchIt: () => Promise<T>): Fresh<T> {
  const value = ref(null) as Ref<T | null>;
  const at = ref(0);
  const loading = ref(false);
  const problem = ref<Error | null>(null);
  async function load(): Promise<void> {
    loading.value = true;
    problem.value = null;
    if (value.value === null) {
      const old = await kept<T>(key());
      if (old && value.value === null) {
        value.value = old.value;
        at.value = old.at;
      }
    }
    try {
      value.value = await fetchIt();
      at.value = Date.now();
      await keep(key(), value.value);
    } catch (error) {
      problem.value = error as Error;
    } finally {
      loading.value = false;
    }
  }
  return { value, at, loading, problem, load };
}
