import type { components } from "./schema";

export type { Options, Page, Query, QueryValue } from "./client";
export { API, api, csrfToken, newKey, queryString, saveBlob, sendLanguage, whenSignedOut } from "./client";
export type { FieldProblem } from "./problem";
export { ApiProblem } from "./problem";
export type { UploadedFile } from "./upload";
export { uploadFile } from "./upload";
/** Types of the API's bodies, generated from its OpenAPI. */
export type Schemas = components["schemas"];
