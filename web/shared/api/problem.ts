/** The server's one error shape: a sentence for the person, and which field is wrong. */
export interface FieldProblem {
  path: string;
  message: string;
}

export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: FieldProblem[] = [],
    readonly requestId = "",
  ) {
    super(message);
    this.name = "ApiProblem";
  }

  /** `{limit: "太小，下限 1"}`, for a form that shows each error beside its field. */
  get byField(): Record<string, string> {
    return Object.fromEntries(this.fields.map((f) => [f.path, f.message]));
  }

  /** The request did not arrive, or the answer did not: worth sending again as it is. */
  get retryable(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

export async function problemFrom(response: Response): Promise<ApiProblem> {
  const id = response.headers.get("X-Request-Id") ?? "";
  try {
    const body = (await response.json()) as {
      code?: string;
      message?: string;
      fields?: FieldProblem[];
      request_id?: string;
    };
    return new ApiProblem(
      response.status,
      body.code ?? "unknown",
      body.message ?? "",
      body.fields ?? [],
      body.request_id || id,
    );
  } catch {
    return new ApiProblem(response.status, "unreadable", "", [], id);
  }
}
