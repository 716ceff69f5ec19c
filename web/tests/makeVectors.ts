// See recordVectors.ts.
import { encode, vectors } from "./recordVectors";

process.stdout.write(encode(vectors()));
