// The countries that a seat may be chosen from, and those that French minutes know by name.
import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

import { COUNTRIES } from "../src/lib/countries";

it("are the same ones, by the same names, in the minutes", () => {
  const source = readFileSync(new URL("../../src/minutes/country.c", import.meta.url), "utf8");
  const named = [...source.matchAll(/^ {4}\{"([A-Z]{2})", "([^"]+)", "([^"]+)"\},$/gm)];
  expect(named.map(([, code, name]) => `${code} ${name}`)).toEqual(COUNTRIES.map(({ code, name }) => `${code} ${name}`).sort());
  expect(named.filter(([, , , french]) => /['\u2018]|  |^ | $/.test(french!))).toEqual([]);
  expect(new Set(named.map(([, , , french]) => french)).size).toBe(named.length);
});
