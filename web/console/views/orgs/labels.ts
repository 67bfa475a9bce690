/** Options of the organisation's enumerations; the texts are in the locale files. */
import type { FormOption } from "../../lib/form";

export const KINDS = [
  "office",
  "centre",
  "district",
  "department",
  "street",
  "community",
  "enterprise",
  "other",
] as const;
export const kindOptions: FormOption[] = KINDS.map((k) => ({ value: k, label: `orgs.kind.${k}` }));
export const ROLES = [
  "collector",
  "acceptor",
  "dispatcher",
  "duty_chief",
  "handler",
  "checker",
  "evaluator",
  "leader",
] as const;
export const ADMIN_ROLES = ["system_admin", "security_admin", "audit_admin"] as const;
export const roleOptions = (names: readonly string[]): { value: string; label: string }[] =>
  names.map((r) => ({ value: r, label: `common.role.${r}` }));
