// What the join page asks the server over HTTP, and why it may be refused.
import type { Encryption, Floor, RemovedReason, Role } from "../gen/protocol";
import type { Invitation } from "./link";

export interface InvitationInfo {
  meeting: {
    id: string;
    title: string;
    marking?: string;
    floor: Floor;
    encryption: Encryption;
    in_session: boolean;
  };
  you: {
    name: string;
    role: Role;
    seat?: string;
    seat_name?: string;
    country?: string;
    /** One link for many: each gives a name. */
    shared: boolean;
  };
}

/** Why there is no way in. Each has a text of its own. */
export type ProblemKind =
  | RemovedReason
  | "no_link"
  | "incomplete_link"
  | "too_many"
  | "unreachable"
  | "unsupported"
  | "cannot_encrypt"
  | "cannot_verify"
  | "no_keys"
  | "not_encrypted"
  | "not_signed"
  | "not_listed"
  | "bad_list"
  | "refused";

export class Problem extends Error {
  constructor(
    readonly kind: ProblemKind,
    /** The server's own sentence, where the kind says too little. */
    readonly detail?: string,
    /** After how many seconds to try again, where that is known. */
    readonly retryAfter?: number,
  ) {
    super(detail ?? kind);
  }
}

const BY_STATUS: Record<number, ProblemKind> = {
  401: "unknown_token",
  404: "unknown_meeting",
  429: "too_many",
};

function problemOf(response: Response, code: string, message: string): Problem {
  const retryAfter = Number(response.headers.get("Retry-After")) || undefined;
  if (response.status >= 500) return new Problem("unreachable", message, retryAfter);
  if (code === "expired" || code === "revoked") return new Problem(code, message);
  return new Problem(BY_STATUS[response.status] ?? "refused", message, retryAfter);
}

/** Throws a Problem. */
export async function fetchInvitation(link: Invitation): Promise<InvitationInfo> {
  if (!link.token) throw new Problem("incomplete_link");
  let response: Response;
  try {
    response = await fetch(`/api/meetings/${encodeURIComponent(link.meeting)}/invitation`, {
      headers: { Authorization: `Bearer ${link.token}` },
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(10_000),
    });
  } catch {
    throw new Problem("unreachable");
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && body) return body as InvitationInfo;
  const error = (body as { error?: { code?: string; message?: string } } | undefined)?.error;
  throw problemOf(response, error?.code ?? "", error?.message ?? "");
}
