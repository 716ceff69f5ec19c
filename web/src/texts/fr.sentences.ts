// All sentences that are known by themselves, in French.
import { fields } from "./fr.fields";
import { server } from "./fr.server";
import { encryption, record } from "./fr.verified";
import { sayer, sentenceOf } from "./sentences";

const ofFields = Object.fromEntries(Object.entries(fields).map(([words, french]) => [sentenceOf(words), french]));

export const said = sayer({ ...ofFields, ...record, ...encryption, ...server });
