// The tests of this folder, or those named (`all.mjs meeting whip`), one after the other in one
// process: they measure pictures and sounds in real time, so they must not run side by side.
const named = process.argv.slice(2)
const all = [
  'meeting',
  'chair',
  'view',
  'look',
  'interpretation',
  'procedure',
  'firefox',
  'codecs',
  'sealed',
  'encrypted',
  'tap',
  'removal',
  'malicious',
  'demo',
  'council',
  'alone',
  'whip',
  'connection',
  'renewal',
  'pages',
  'through',
  'layers',
  'screen',
  'sync',
  'prepare',
  'documents',
  'circles',
  'record',
]
for (const name of named.length ? named : all) await import(`./${name}.test.mjs`)
