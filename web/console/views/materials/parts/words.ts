/** Words and colours of filed documents. */
import { api, type Schemas } from "@shared/api";
import { number } from "@shared/ui/format";
import { ref } from "vue";
import { translate } from "../../../lib/i18n";

export type Filing = Schemas["FilingOut"];
export type FilingRow = Schemas["FilingRow"];
export type FileOut = Schemas["MaterialFileOut"];
export type Check = Schemas["FileCheckOut"];
export type RoundOut = Schemas["MaterialRoundOut"];

export const STATUSES = ["asked", "draft", "submitted", "first", "returned", "accepted"] as const;
export const KNOWN = ["upload", "reuse", "proposal", "again"] as const;
type Tone = "info" | "primary" | "warning" | "danger" | "success";
/** Green, amber and red are lights: settled, returned. What only waits is grey or blue. */
export const TONES: Record<string, Tone> = {
  asked: "info",
  draft: "info",
  submitted: "primary",
  first: "primary",
  returned: "danger",
  accepted: "success",
};

export function gradeWord(grade: string): string {
  return grade === "missing" || grade === "na" ? translate(`materials.grade.${grade}`) : grade;
}

export function bytes(size: number): string {
  if (size < 1024 * 1024) return `${number(Math.max(1, size / 1024))} KB`;
  if (size < 1024 ** 3) return `${number(size / 1024 / 1024, 1)} MB`;
  return `${number(size / 1024 ** 3, 2)} GB`;
}

/** Rounds with filings; the one in hand is the newest that runs. */
export function useRounds() {
  const rounds = ref<RoundOut[]>([]);
  async function load(): Promise<RoundOut | undefined> {
    rounds.value = await api.get<RoundOut[]>("/materials/rounds");
    return (
      rounds.value.find((r) => r.status === "open" && r.filings > 0) ??
      rounds.value.find((r) => r.status === "open") ??
      rounds.value[0]
    );
  }
  return { rounds, load };
}
