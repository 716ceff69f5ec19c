// Rules of decision to choose from by name.
import type { Rule } from "../gen/protocol";

export const PRESETS = {
  consensus: { procedure: "consensus" },
  silence: { procedure: "silence" },
  unanimity: { procedure: "unanimity" },
  simple: { procedure: "simple" },
  absolute: { procedure: "absolute" },
  two_thirds: { procedure: "qualified", base: "cast", seats_num: 2, seats_den: 3 },
  three_quarters: { procedure: "qualified", base: "members", seats_num: 3, seats_den: 4 },
  double: {
    procedure: "qualified",
    base: "members",
    seats_num: 55,
    seats_den: 100,
    weight_num: 65,
    weight_den: 100,
  },
  roll_call: { procedure: "roll_call" },
} as const satisfies Record<string, Rule>;

export type Preset = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as Preset[];

/** What a preset says; the rest of a rule goes with any of them. */
const FIELDS = ["procedure", "base", "seats_num", "seats_den", "weight_num", "weight_den"] as const;

/** Undefined: a rule of its own. */
export function presetOf(rule: Rule): Preset | undefined {
  return PRESET_NAMES.find((name) => {
    const preset: Rule = PRESETS[name];
    return FIELDS.every((field) => preset[field] === rule[field]);
  });
}

/** The rule of this preset, with what was said of abstentions and quorum before. */
export function withPreset(rule: Rule, preset: Preset): Rule {
  return {
    ...PRESETS[preset],
    ...(rule.abstentions_count !== undefined && { abstentions_count: rule.abstentions_count }),
    ...(rule.quorum !== undefined && { quorum: rule.quorum }),
  };
}
