// A fake camera that gives an encoder all it can use: blocks of changing brightness, so that every
// layer reaches its bit rate.
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const WIDTH = 960 // the least of which Chromium makes three layers
const HEIGHT = 540
export const BEST_HEIGHT = HEIGHT
const RATE = 20
const FRAMES = 20
const BLOCK = 12

/** The path of the file, made once. */
export function busyCamera() {
  const path = join(tmpdir(), `parley-busy-${process.getuid()}-${WIDTH}x${HEIGHT}-${RATE}.y4m`)
  if (existsSync(path)) return path
  let seed = 1
  const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648
  const across = WIDTH / BLOCK
  const down = HEIGHT / BLOCK
  const blocks = Array.from({ length: across * down }, () => 60 + random() * 120)
  const parts = [Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${RATE}:1 Ip A1:1 C420mpeg2\n`)]
  for (let n = 0; n < FRAMES; n++) {
    for (let i = 0; i < blocks.length; i++) if (random() < 0.05) blocks[i] = 60 + random() * 120
    const luma = Buffer.alloc(WIDTH * HEIGHT)
    for (let y = 0; y < HEIGHT; y++)
      for (let x = 0; x < WIDTH; x++) luma[y * WIDTH + x] = blocks[Math.floor(y / BLOCK) * across + Math.floor(x / BLOCK)] + ((x + y) & 7)
    parts.push(Buffer.from('FRAME\n'), luma, Buffer.alloc((WIDTH * HEIGHT) / 2, 128))
  }
  writeFileSync(path + '.part', Buffer.concat(parts))
  renameSync(path + '.part', path)
  return path
}
