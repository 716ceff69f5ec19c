// Bytes as the vectors of RFCs have them.

export const hex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));
export const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
