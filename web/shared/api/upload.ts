import { api, newKey } from "./client";

export interface UploadedFile {
  file_id: number;
  token: string;
  thumb_url?: string;
  view_url?: string;
  [key: string]: unknown;
}

/** One picture or document in one request; the phone's outbox uses chunks instead (web/mobile). */
export function uploadFile(file: Blob, name: string, key: string = newKey()): Promise<UploadedFile> {
  const form = new FormData();
  form.append("file", file, name);
  return api.post<UploadedFile>("/files", form, { idempotencyKey: key });
}
