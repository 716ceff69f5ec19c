// Waiting for what must become true, with what was seen instead when it does not.

/** Calls `look` until it gives {ok: true, …}; after `ms` it fails, telling the last `saw`. */
export async function until(what, ms, look) {
  const end = Date.now() + ms
  for (;;) {
    const { ok, saw } = await look()
    if (ok) return
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}; saw ${JSON.stringify(saw)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
