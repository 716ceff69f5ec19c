// Documents of an item: sent by the chair in the meeting, shown in the page of both browsers.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'

const SENTENCE = 'No foreign troops west of the river'

/** A PDF of one page with a sentence and a black bar. */
function pdf() {
  const drawn = `0 0 0 rg 60 500 480 60 re f BT /F1 24 Tf 60 700 Td (${SENTENCE}) Tj ET`
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${drawn.length} >>\nstream\n${drawn}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ]
  let file = '%PDF-1.4\n'
  const at = objects.map((object, i) => {
    const start = file.length
    file += `${i + 1} 0 obj\n${object}\nendobj\n`
    return start
  })
  const table = file.length
  const rows = at.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  return `${file}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`
}

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

const FOLDER = mkdtempSync(join(tmpdir(), 'parley-documents-'))
process.once('exit', () => rmSync(FOLDER, { recursive: true, force: true }))

function file(name, bytes) {
  const path = join(FOLDER, name)
  writeFileSync(path, bytes)
  return path
}

scene(
  'documents',
  async (s) => {
    s.meeting = await s.server.meeting(
      [
        { name: 'Anna Chair', role: 'chair' },
        { name: 'Fox', role: 'delegate', seat: 'NOR' },
      ],
      { floor: 'chaired', prepared: [{ act: 'put_item', item: 'briefing', title: 'Briefing' }] },
    )
    const { invitations } = s.meeting
    s.anna = await Person.chromium(invitations['Anna Chair'], 'red')
    s.fox = await Person.firefox(invitations.Fox)
    s.people = [s.anna, s.fox]
  },
  {
    'both come in': async ({ people }) => {
      for (const person of people) await person.join()
    },
    'the chair adds a PDF': async ({ anna }) => {
      await anna.tab('agenda')
      await anna.click('item-menu')
      await anna.click('item-documents')
      await anna.attach(file('brief.pdf', pdf()))
      await anna.lists(['brief.pdf'], true)
    },
    'it is drawn for both, with its hash compared': async ({ anna, fox }) => {
      await fox.tab('agenda')
      for (const person of [anna, fox]) {
        await person.openDocument('brief.pdf')
        await person.see('document-genuine', 20_000)
        await person.drawn(0.03, 0.3)
        await person.readsIn('pdf-text', new RegExp(SENTENCE))
      }
    },
    'what is no document is refused with a sentence': async ({ anna }) => {
      await anna.attach(file('notes.txt', 'notes'))
      await anna.readsIn('document-problem', /neither a PDF nor a picture/)
      await anna.attach(file('sham.png', pdf()))
      await anna.readsIn('document-problem', /is no PNG/)
    },
    'a picture is shown too': async ({ anna, fox }) => {
      await anna.attach(file('map.png', PNG))
      await fox.openDocument('map.png')
      await fox.see('document-image')
    },
    'taken away, it is gone': async ({ anna, fox }) => {
      await anna.click('document-drop')
      await anna.click('confirm-yes')
      await fox.lists(['map.png'], true)
    },
  },
)
