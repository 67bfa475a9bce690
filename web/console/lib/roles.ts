/** Role names of the API, so that a mistyped one is a compile error. */
export const CENTRE = ["acceptor", "dispatcher", "duty_chief", "evaluator", "leader"] as const;
export const UNIT = ["handler"] as const;
export const FIELD = ["collector", "checker"] as const;
export const ADMINS = ["system_admin", "security_admin", "audit_admin"] as const;
export type Role =
  | (typeof CENTRE)[number]
  | (typeof UNIT)[number]
  | (typeof FIELD)[number]
  | (typeof ADMINS)[number];
/** Everybody who works on cases. */
export const CASE_ROLES: readonly Role[] = [...CENTRE, ...UNIT, ...FIELD];
