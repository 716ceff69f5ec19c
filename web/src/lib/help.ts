// Which page of the documentation is whose (docs/, shown by the server at /docs).
import type { Role } from "../gen/protocol";

export function guideOf(role: Role | undefined): string {
  return role === "chair" || role === "secretary" || role === "interpreter" || role === "captioner" ? `/docs/${role}` : "/docs/delegate";
}
