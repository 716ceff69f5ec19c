// Small choices that this browser remembers: devices, shortcuts. Never anything of a meeting.

export function kept(name: string): string | null {
  try {
    return localStorage.getItem(`parley:${name}`);
  } catch {
    return null; // storage is switched off
  }
}

export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`parley:${name}`, value);
  } catch {
    // Then the choice holds for this page only.
  }
}
