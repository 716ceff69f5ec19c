// Every test of this folder, one after the other in one process: they measure pictures and sounds
// in real time, so they must not run side by side.
import './meeting.test.mjs'
import './firefox.test.mjs'
import './alone.test.mjs'
import './whip.test.mjs'
