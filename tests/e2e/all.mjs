// The tests of this folder, or those named (`all.mjs meeting whip`; a group by its own name), one after the
// other in one process. `rooms` and `papers` may run side by side, as their browsers wait most of the time;
// `media` runs alone: it measures pictures and sounds in real time.
const groups = {
  media: [
    'meeting',
    'firefox',
    'codecs',
    'layers',
    'sealed',
    'encrypted',
    'tap',
    'removal',
    'malicious',
    'alone',
    'whip',
    'screen',
    'effects',
    'sync',
    'interpretation',
    'upgrade',
  ],
  rooms: [
    'chair',
    'view',
    'procedure',
    'demo',
    'council',
    'connection',
    'renewal',
    'through',
    'login',
    'passkeys',
    'captions',
  ],
  papers: [
    'french',
    'look',
    'pages',
    'prepare',
    'documents',
    'organiser',
    'circles',
    'record',
    'ledger',
    'minutes',
  ],
}
const named = process.argv.slice(2)
const all = named.length ? named : Object.keys(groups)
for (const name of all.flatMap((n) => groups[n] ?? n)) await import(`./${name}.test.mjs`)
