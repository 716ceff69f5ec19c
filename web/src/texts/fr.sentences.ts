// All sentences that are known by themselves, in French.
import { server } from "./fr.server";
import { encryption, record } from "./fr.verified";
import { sayer } from "./sentences";

export const said = sayer({ ...record, ...encryption, ...server });
