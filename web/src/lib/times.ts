// Times as fields of a form write them: local, to the minute.

function two(n: number): string {
  return String(n).padStart(2, "0");
}

/** "2026-08-20T14:30", for `<input type="datetime-local">`. */
export function toLocal(at: number): string {
  const d = new Date(at);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`;
}

/** Undefined: this is no date and time. */
export function fromLocal(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text)) return undefined;
  const at = new Date(text).getTime();
  return Number.isNaN(at) ? undefined : at;
}
