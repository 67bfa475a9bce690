// Placeholder until `make types` has run for the first time.
export interface components {
  // biome-ignore lint/suspicious/noExplicitAny: replaced by the generated file
  schemas: Record<string, any>;
}
