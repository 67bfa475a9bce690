/** Files in pieces: a broken connection goes on from the byte that has come, a hundred files from the one in hand. */
import { ApiProblem, api, type Schemas } from "@shared/api";

const KINDS = ["image", "document", "sheet"];
const TRIES = 5;

export interface Sent {
  token: string;
  name: string;
  size: number;
}

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Sends a file; `progress` is told the share that has come, 0 to 1. */
export async function send(file: File, progress: (share: number) => void = () => {}): Promise<Sent> {
  const begun = await api.post<Schemas["UploadOut"]>("/uploads", {
    name: file.name,
    size: file.size,
    kinds: KINDS,
  });
  let at = 0;
  for (let failed = 0; at < file.size; ) {
    try {
      const piece = file.slice(at, at + (begun.chunk ?? 1024 * 1024));
      const now = await api.patch<Schemas["UploadOut"]>(`/uploads/${begun.id}`, piece, {
        headers: { "Upload-Offset": String(at) },
      });
      at = now.offset;
      failed = 0;
      progress(at / file.size);
    } catch (error) {
      const again = error instanceof ApiProblem && (error.status === 0 || error.status === 409);
      if (!again || ++failed > TRIES) throw error;
      await wait(400 * 2 ** failed);
      at = (await api.get<Schemas["UploadOut"]>(`/uploads/${begun.id}`).catch(() => ({ offset: at }))).offset;
    }
  }
  const done = await api.post<Schemas["FileOut"]>(`/uploads/${begun.id}/finish`);
  return { token: done.token, name: file.name, size: file.size };
}
