// What of the machine somebody takes.
import { readdirSync, readFileSync } from 'node:fs'

/** Of every process that there is: its parent, its name, and the seconds of a processor that it used up. */
function processes() {
  const all = new Map()
  for (const name of readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
    let stat
    try {
      stat = readFileSync(`/proc/${name}/stat`, 'utf8')
    } catch {
      continue // it ended
    }
    const end = stat.lastIndexOf(')')
    const fields = stat.slice(end + 2).split(' ')
    all.set(Number(name), {
      name: stat.slice(stat.indexOf('(') + 1, end),
      parent: Number(fields[1]),
      seconds: (Number(fields[11]) + Number(fields[12])) / 100,
    })
  }
  return all
}

/** Seconds of a processor that a process and what it started used up. */
export function used(root) {
  const all = processes()
  const children = [...all].filter(([, p]) => p.parent === root)
  return children.reduce((sum, [pid]) => sum + used(pid), all.get(root)?.seconds ?? 0)
}

/** The process of this name (its first 15 characters) that another one started; undefined: there is none. */
export function childOf(root, name) {
  return [...processes()].find(([, p]) => p.parent === root && p.name === name.slice(0, 15))?.[0]
}
