// What stands in the memory of a process, as a debugger would find it: all that it could read itself.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'

const PIECE_BYTES = 4 << 20

/** How often each of `needles` ({name: Buffer}) stands there, by their names. */
export function searchMemory(pid, needles) {
  const longest = Math.max(...Object.values(needles).map((n) => n.length))
  const found = Object.fromEntries(Object.keys(needles).map((name) => [name, 0]))
  const buffer = Buffer.alloc(PIECE_BYTES + longest)
  const mem = openSync(`/proc/${pid}/mem`, 'r')
  let read = 0
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').trim().split('\n')) {
      const [range, rights, , , , path = ''] = line.split(/\s+/)
      if (!rights.startsWith('r') || path.startsWith('[v')) continue
      const [start, end] = range.split('-').map((text) => BigInt(`0x${text}`))
      for (let at = start; at < end; at += BigInt(PIECE_BYTES)) {
        const left = Number(end - at)
        const n = readPart(mem, buffer, Math.min(left, PIECE_BYTES + longest), at)
        read += Math.min(n, PIECE_BYTES)
        for (const [name, needle] of Object.entries(needles)) {
          // What begins in the piece: the rest of the buffer is the next one's.
          for (let i = buffer.indexOf(needle); i >= 0 && i < PIECE_BYTES && i + needle.length <= n; i = buffer.indexOf(needle, i + 1))
            found[name]++
        }
      }
    }
  } finally {
    closeSync(mem)
  }
  return { found, read }
}

function readPart(fd, buffer, length, at) {
  try {
    return readSync(fd, buffer, 0, length, at)
  } catch {
    return 0 // it was unmapped meanwhile, or is a device's
  }
}
