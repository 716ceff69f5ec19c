// Flags by country code, as files of this server that are loaded when they are needed.
const files = import.meta.glob<string>("/node_modules/flag-icons/flags/4x3/[a-z][a-z].svg", {
  query: "?url",
  import: "default",
  eager: true,
});

const byCode = new Map(
  Object.entries(files).map(([path, url]) => [path.slice(-6, -4).toUpperCase(), url]),
);

/** Undefined: there is no such country, or none was given. */
export function flagUrl(country: string | undefined): string | undefined {
  return country === undefined ? undefined : byCode.get(country.toUpperCase());
}
